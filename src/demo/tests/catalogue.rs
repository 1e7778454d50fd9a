use super::client::{get, with};
use super::{ACCEPT, server};
use crate::demo::{DemoOptions, OciOptions, OciServer, Profile, catalogue, start, start_oci};
use crate::domain::reference::{RepoName, TagName};

async fn full(profile: Profile) -> OciServer {
    start_oci(catalogue(), OciOptions { profile, ..OciOptions::default() }).await.unwrap()
}

#[tokio::test]
async fn the_demo_says_how_to_reach_it() {
    let running = start(DemoOptions::default()).await.unwrap();
    let line = serde_json::to_value(&running.endpoints[0]).unwrap();
    assert_eq!((&line["name"], &line["kind"]), (&"demo-oci".into(), &"oci".into()));
    assert!(line["username"].is_null() && line["workspace"].is_null());
    assert_eq!(get(&running.endpoints[0].url, "/v2/").await.body, b"{}");
    let empty = start(DemoOptions { empty: true, ..DemoOptions::default() }).await.unwrap();
    assert!(get(&empty.endpoints[0].url, "/v2/_catalog").await.names("repositories").is_empty());
}

#[test]
fn the_catalogue_is_as_large_as_life_and_every_name_is_valid() {
    let store = catalogue();
    assert!(store.repositories.len() >= 40, "{}", store.repositories.len());
    assert_eq!(store.repositories["ci/monorepo"].tags.len(), 10_000);
    assert!(store.repositories.keys().any(|name| name.len() > 240));
    for (name, repository) in &store.repositories {
        assert!(RepoName::parse(name).is_ok(), "{name}");
        assert!(repository.tags.keys().all(|tag| TagName::parse(tag).is_ok()), "{name}");
        for (digest, document) in &repository.manifests {
            let signed = name.starts_with("legacy/");
            assert!(signed || digest.matches(&document.bytes) == Some(true), "{name} {digest}");
        }
    }
}

#[tokio::test]
async fn the_catalogue_is_paged_in_path_order() {
    let server = full(Profile::Reference).await;
    let mut path = "/v2/_catalog?n=20".to_owned();
    let mut all = Vec::new();
    loop {
        let got = get(&server.url, &path).await;
        all.extend(got.names("repositories"));
        let link = got.header("link");
        let Some((next, _)) = link.strip_prefix('<').and_then(|rest| rest.split_once(">; rel=\"next\"")) else { break };
        path = next.to_owned();
    }
    assert_eq!(all.len(), server.store().repositories.len());
    let order: Vec<&str> = all.iter().filter_map(|name| name.strip_prefix("order/")).collect();
    assert_eq!(order, ["a", "a/b", "a-b", "a.b", "a__b", "a_b"]);
    let too_many = get(&server.url, "/v2/_catalog?n=1001").await;
    assert_eq!((too_many.status, too_many.code().as_str()), (400, "PAGINATION_NUMBER_INVALID"));
}

#[tokio::test]
async fn tags_come_at_once_from_2_8_and_in_pages_from_3() {
    let old = full(Profile::Reference).await;
    let got = get(&old.url, "/v2/ci/monorepo/tags/list?n=10&last=z").await;
    let tags = got.names("tags");
    assert_eq!(tags.len(), 10_000);
    assert!(!tags.is_sorted());

    let new = full(Profile::Distribution3).await;
    let got = get(&new.url, "/v2/ci/monorepo/tags/list?n=100").await;
    let tags = got.names("tags");
    assert_eq!(tags.len(), 100);
    assert!(tags.is_sorted());
    let link = format!("</v2/ci/monorepo/tags/list?last={}&n=100>; rel=\"next\"", tags[99]);
    assert_eq!(got.header("link"), link);
    assert_eq!(get(&new.url, "/v2/ci/monorepo/tags/list?n=1001").await.status, 400);
    let (small, _) = server(OciOptions { profile: Profile::Distribution3, ..OciOptions::default() }).await;
    let exact = get(&small.url, "/v2/demo/app/tags/list?n=4").await;
    assert!(!exact.header("link").is_empty(), "a full page links to an empty one");
    assert!(get(&small.url, "/v2/demo/app/tags/list?n=4&last=v1.0").await.json()["tags"].is_null());
}

#[tokio::test]
async fn the_corners_of_real_registries_are_there() {
    let server = full(Profile::Reference).await;
    let head = async |path: &str| with(&server.url, "HEAD", path, &[("accept", ACCEPT)]).await.status;
    let emptied = get(&server.url, "/v2/archive/emptied/tags/list").await;
    assert!(emptied.status == 200 && emptied.json()["tags"].is_null());
    assert_eq!(get(&server.url, "/v2/archive/never-tagged/tags/list").await.code(), "NAME_UNKNOWN");
    assert_eq!(head("/v2/lab/dangling/manifests/gone").await, 404);
    assert_eq!(head("/v2/lab/dangling/manifests/good").await, 200);
    let legacy = get(&server.url, "/v2/legacy/schema1-billing/manifests/2016-02").await.json();
    assert_eq!((&legacy["schemaVersion"], legacy["signatures"].is_array()), (&1.into(), true));
    let index = with(&server.url, "GET", "/v2/lab/missing-child/manifests/v1", &[("accept", ACCEPT)]).await.json();
    let mut found = Vec::new();
    for child in index["manifests"].as_array().unwrap() {
        found.push(head(&format!("/v2/lab/missing-child/manifests/{}", child["digest"].as_str().unwrap())).await);
    }
    assert_eq!(found, [200, 404]);
}

#[tokio::test]
async fn referrers_are_found_by_tag_and_where_it_exists_by_the_api() {
    for (referrers, status) in [(Some(false), 404), (Some(true), 200)] {
        let options = OciOptions { referrers, ..OciOptions::default() };
        let server = start_oci(catalogue(), options).await.unwrap();
        let digest = server.store().resolve("security/signed/app", "v2.4.0").unwrap();
        let path = format!("/v2/security/signed/app/referrers/{digest}");
        let got = get(&server.url, &path).await;
        assert_eq!(got.status, status);
        let tag = digest.to_string().replace(':', "-");
        let fall_back = format!("/v2/security/signed/app/manifests/{tag}");
        let listed = with(&server.url, "GET", &fall_back, &[("accept", ACCEPT)]).await.json();
        assert_eq!(listed["manifests"].as_array().map(Vec::len), Some(2));
        if status == 200 {
            assert_eq!(got.json()["manifests"].as_array().map(Vec::len), Some(2));
            let filtered = get(&server.url, &format!("{path}?artifactType=application%2Fspdx%2Bjson")).await;
            assert_eq!(filtered.header("oci-filters-applied"), "artifactType");
            assert_eq!(filtered.json()["manifests"].as_array().map(Vec::len), Some(1));
        } else {
            assert_eq!(got.body, b"404 page not found\n");
        }
    }
}
