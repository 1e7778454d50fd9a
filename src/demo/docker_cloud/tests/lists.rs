use super::{REGISTRIES, REPOSITORIES, get, keys, options, server};
use crate::demo::docker_cloud::{DockerCloudStore, start_docker_cloud};
use crate::demo::tests::client::with;

#[tokio::test]
async fn sixty_one_repositories_are_three_pages() {
    let server = server(options()).await;
    let mut path = REPOSITORIES.to_owned();
    let (mut seen, mut pages) = (Vec::new(), Vec::new());
    loop {
        let got = get(&server, &path).await;
        assert_eq!(got.status, 200);
        seen.extend(keys(&got, "name"));
        let meta = got.json()["meta"].clone();
        pages.push((meta["offset"].as_u64(), meta["total_count"].as_u64(), meta["limit"].as_u64()));
        let Some(next) = meta["next"].as_str() else { break };
        assert!(next.starts_with("/api/"), "{next}");
        path = next.to_owned();
    }
    assert_eq!(pages, [0, 25, 50].map(|at| (Some(at), Some(61), Some(25))));
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
    assert!(seen.iter().any(|name| name.split('/').count() == 6));
    assert!(seen.iter().any(|name| name.starts_with("hub.northwind.example:8443/")));

    let back = get(&server, &path).await.json()["meta"]["previous"].clone();
    assert_eq!(back, "/api/repo/v1/repository/?limit=25&offset=25");
    let past = get(&server, &format!("{REPOSITORIES}?offset=61")).await;
    assert_eq!((keys(&past, "name").len(), past.json()["meta"]["next"].is_null()), (0, true));
    let all = get(&server, &format!("{REPOSITORIES}?limit=5000")).await;
    assert_eq!((keys(&all, "name").len(), all.json()["meta"]["limit"].as_u64()), (61, Some(1000)));
    assert_eq!(get(&server, &format!("{REPOSITORIES}?limit=many")).await.status, 400);
}

#[tokio::test]
async fn filters_stay_in_the_address_of_the_next_page() {
    let server = server(options()).await;
    let query = "?registry=%2Fapi%2Frepo%2Fv1%2Fregistry%2Fquay.io%2F&limit=10";
    let first = get(&server, &format!("{REPOSITORIES}{query}")).await;
    let next = first.json()["meta"]["next"].as_str().expect("a second page").to_owned();
    assert!(next.contains("registry=%2Fapi%2Frepo%2Fv1%2Fregistry%2Fquay.io%2F"), "{next}");
    let mut names = keys(&first, "name");
    names.extend(keys(&get(&server, &next).await, "name"));
    assert_eq!(names.len(), 16);
    assert!(names.iter().all(|name| name.starts_with("quay.io/")));

    let one = get(&server, &format!("{REPOSITORIES}?name=quay.io%2Ftutum%2Fubuntu")).await;
    assert_eq!(keys(&one, "name"), ["quay.io/tutum/ubuntu"]);
    let part = get(&server, &format!("{REPOSITORIES}?name=tutum")).await;
    assert_eq!(part.json()["meta"]["total_count"], 0);
}

#[tokio::test]
async fn registries_are_filtered_and_shown() {
    let server = server(options()).await;
    let hosts = async |query: &str| keys(&get(&server, &format!("{REGISTRIES}?{query}")).await, "host");
    assert_eq!(hosts("").await.len(), 8);
    assert_eq!(hosts("is_docker_registry=true").await, ["registry-1.docker.io"]);
    assert_eq!(hosts("is_docker_registry=false").await.len(), 7);
    assert_eq!(hosts("host=quay.io").await, ["quay.io"]);
    assert_eq!(hosts("name=Quay").await, ["quay.io"]);
    let uuid = server.store().namespaces["annika"].registries["gcr.io"].uuid.clone();
    assert_eq!(hosts(&format!("uuid={uuid}")).await, ["gcr.io"]);

    let one = get(&server, "/api/repo/v1/registry/hub.northwind.example/").await.json();
    assert_eq!((&one["port"], &one["is_ssl"]), (&8443.into(), &true.into()));
    assert_eq!(one["resource_uri"], "/api/repo/v1/registry/hub.northwind.example/");
    assert!(one.get("uuid").is_none(), "{one}");
    assert!(get(&server, "/api/repo/v1/registry/gcr.io/").await.json()["port"].is_null());
    // One that came with its first repository.
    let grown = get(&server, "/api/repo/v1/registry/123456789012.dkr.ecr.eu-west-1.amazonaws.com/").await;
    assert_eq!(grown.status, 200);
    assert_eq!(get(&server, "/api/repo/v1/registry/nowhere.example/").await.status, 404);
    assert_eq!(super::ask(&server, "POST", REGISTRIES, "{}").await.status, 405);
}

#[tokio::test]
async fn a_namespace_is_in_the_path_and_in_what_comes_back() {
    let server = server(options()).await;
    let got = get(&server, "/api/repo/v1/harbourline/repository/?limit=2").await;
    let body = got.json();
    assert_eq!(body["meta"]["total_count"], 6);
    assert_eq!(body["meta"]["next"], "/api/repo/v1/harbourline/repository/?limit=2&offset=2");
    let object = &body["objects"][0];
    assert_eq!(object["registry"], "/api/repo/v1/harbourline/registry/127.0.0.1/");
    let uri = object["resource_uri"].as_str().expect("a path");
    assert!(uri.starts_with("/api/repo/v1/harbourline/repository/127.0.0.1:5001/"), "{uri}");
    assert_eq!(get(&server, uri).await.json(), *object);
    let own = get(&server, "/api/repo/v1/annika/repository/").await.json();
    assert_eq!(own["meta"]["total_count"], 61);
    let none = get(&server, "/api/repo/v1/playground/repository/").await.json();
    assert_eq!((&none["meta"]["total_count"], &none["meta"]["next"]), (&0.into(), &().into()));
    assert_eq!(get(&server, "/api/repo/v1/strangers/repository/").await.status, 403);
}

#[tokio::test]
async fn slashes_in_a_name_come_plain_or_escaped() {
    let server = server(options()).await;
    let plain = get(&server, "/api/repo/v1/repository/quay.io/tutum/ubuntu/").await;
    assert_eq!((plain.status, plain.json()["name"].as_str()), (200, Some("quay.io/tutum/ubuntu")));
    for path in ["quay.io%2Ftutum%2Fubuntu/", "quay.io/tutum%2fubuntu/", "quay.io%2Ftutum%2Fubuntu%2F"] {
        assert_eq!(get(&server, &format!("{REPOSITORIES}{path}")).await.json(), plain.json(), "{path}");
    }
    for path in ["quay.io/tutum/ubuntu", "quay.io/tutum/ubuntu//", "quay.io//tutum/ubuntu/", "quay.io/tutum/"] {
        assert_eq!(get(&server, &format!("{REPOSITORIES}{path}")).await.status, 404, "{path}");
    }
    let port = get(&server, "/api/repo/v1/repository/hub.northwind.example:8443/tracking/api/").await.json();
    assert_eq!(port["registry"], "/api/repo/v1/registry/hub.northwind.example/");
    // Of Docker Hub, although no host is in its name.
    let hub = get(&server, "/api/repo/v1/repository/harbourline/hubot/").await.json();
    assert_eq!(hub["registry"], "/api/repo/v1/registry/registry-1.docker.io/");
}

#[tokio::test]
async fn nobody_gets_in_without_the_key_or_the_role() {
    let server = server(options()).await;
    let wrong = [None, Some("Basic YW5uaWthOndyb25n"), Some("Bearer k3y"), Some("Role x")];
    for value in wrong {
        let headers: Vec<(&str, &str)> = value.iter().map(|value| ("authorization", *value)).collect();
        let got = with(&server.url, "GET", REPOSITORIES, &headers).await;
        assert_eq!(got.status, 401);
        assert!(got.json()["error"].is_string());
    }
    let role = [("authorization", "Role bm90aGluZw==")];
    assert_eq!(with(&server.url, "GET", REPOSITORIES, &role).await.status, 200);
}

#[tokio::test]
async fn an_empty_one_has_its_users_list() {
    let server = start_docker_cloud(DockerCloudStore::default(), options()).await.expect("a port");
    for path in [REPOSITORIES, REGISTRIES] {
        let got = get(&server, path).await;
        assert_eq!((got.status, got.json()["meta"]["total_count"].as_u64()), (200, Some(0)));
    }
}
