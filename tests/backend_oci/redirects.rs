//! Redirects through whole reads: followed within bounds, and what comes from elsewhere is checked all the same.

use tagboat::demo::{Auth, Fault, OciOptions, OciServer, Rule, Store, start_oci};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::secret::Credential;

use super::{APP, Pair, one_image};
use crate::support::client::{connect, profile, repo};
use crate::support::walk::{by_tag, repositories, tags};

async fn elsewhere(store: Store) -> OciServer {
    start_oci(store, OciOptions::default()).await.expect("loopback has a free port")
}

fn to(server: &OciServer, path: &str) -> Fault {
    Fault::Redirect { status: 307, to: format!("{}{path}?X-Signature=s3cr3t-sig", server.url) }
}

#[tokio::test]
async fn content_from_elsewhere_is_verified() {
    let storage = elsewhere(Store::new()).await;
    let pair = Pair::start().await;
    let made = pair.server.store().resolve(APP, "v1").expect("pushed");
    let manifest = pair.server.store().repositories[APP].manifests[&made].clone();
    pair.fault("/manifests/", to(&storage, "/v2/m"));
    pair.fault("/blobs/", to(&storage, "/v2/b"));
    let config = manifest.json()["config"]["digest"].as_str().expect("a config").to_owned();
    let config = tagboat::domain::reference::Digest::parse(&config).expect("a digest");
    let Some(tagboat::demo::Blob::Bytes(bytes)) = pair.server.store().blob(APP, &config).cloned() else {
        panic!("a config is bytes");
    };
    let good = super::typed(&manifest.media_type, &manifest.bytes);
    storage.faults().add(Rule::on("/v2/m", good.clone()));
    storage.faults().add(Rule::on("/v2/b", super::body(&bytes)));
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image");
    assert_eq!(image.manifest.digest, made);
    assert!(image.config.is_some());
    for seen in storage.log() {
        for name in ["authorization", "cookie", "referer"] {
            assert_eq!(seen.header(name), None, "{seen:?}");
        }
    }

    let fresh = Pair::start().await;
    fresh.fault("/manifests/", to(&storage, "/v2/m"));
    fresh.fault("/blobs/", to(&storage, "/v2/b"));
    storage.faults().clear();
    storage.faults().add(Rule::on("/v2/m", good));
    storage.faults().add(Rule::on("/v2/b", super::body("{\"author\":\"somebody else\"}")));
    let image = fresh.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("the manifest");
    assert!(image.config.is_none(), "a config with another digest is not shown");
    storage.faults().clear();
    let changed = super::typed(&manifest.media_type, [&manifest.bytes[..], b"\n"].concat());
    storage.faults().add(Rule::on("/v2/m", changed));
    let reference = tagboat::domain::reference::Reference::Digest(made);
    let fresh = Pair::start().await;
    fresh.fault("/manifests/", to(&storage, "/v2/m"));
    let error = fresh.backend.manifest(&repo(APP), &reference).await.expect_err("a byte too many");
    fresh.is_clear(&error, ErrorKind::BadAnswer, &["does not match its digest"]);
    assert!(!format!("{error:?}").contains("s3cr3t-sig"), "{error:?}");
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let storage = elsewhere(one_image()).await;
    let auth = Auth::Basic { user: "tester".to_owned(), password: "s3cr3t-1".to_owned() };
    let server = start_oci(one_image(), OciOptions { auth, ..OciOptions::default() }).await.expect("a free port");
    let credential = Credential::Basic { username: "tester".to_owned(), password: "s3cr3t-1".into() };
    let backend = connect(&profile(&server.url), credential);
    backend.connect().await.expect("signed in");
    for part in ["_catalog", "tags/list", "/manifests/", "/blobs/"] {
        let path = match part {
            "_catalog" => "/v2/_catalog".to_owned(),
            other => format!("/v2/{APP}/{}v1", other.trim_start_matches('/')).replace("tags/listv1", "tags/list"),
        };
        server.faults().add(Rule::on(part, to(&storage, &path)));
    }
    repositories(&*backend).await.expect("a catalogue from elsewhere");
    tags(&*backend, APP).await.expect("tags from elsewhere");
    backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image from elsewhere");
    assert!(storage.log().len() >= 3);
    assert!(storage.log().iter().all(|seen| seen.header("authorization").is_none()), "{:?}", storage.log());
    // Asked for credentials there, nobody answers.
    storage.faults().add(Rule::on("/v2/", Fault::status(401)));
    storage.clear_log();
    let error = tags(&*backend, APP).await.expect_err("401 of another server");
    assert_eq!(error.status, Some(401), "{error}");
    assert!(storage.log().iter().all(|seen| seen.header("authorization").is_none()), "{:?}", storage.log());
    assert_eq!(storage.log().len(), 1);
}

#[tokio::test]
async fn loops_end() {
    for what in ["_catalog", "tags/list", "/manifests/"] {
        let pair = Pair::start().await;
        pair.fault(what, Fault::Redirect { status: 302, to: format!("/v2/{APP}/{}", what.trim_matches('/')) });
        pair.fault(APP, Fault::Redirect { status: 302, to: format!("/v2/{APP}/x") });
        let error = match what {
            "_catalog" => repositories(&*pair.backend).await.map(drop),
            "tags/list" => tags(&*pair.backend, APP).await.map(drop),
            _ => pair.backend.manifest(&repo(APP), &by_tag("v1")).await.map(drop),
        }
        .expect_err("a loop");
        pair.is_clear(&error, ErrorKind::Forbidden, &["redirects without end"]);
        assert_eq!(pair.server.log().len(), 6, "{what}");
        pair.still_works().await;
    }
}

#[tokio::test]
async fn bad_places_are_not_gone_to() {
    for target in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data",
        "http://user:pass@127.0.0.1/x",
        "",
    ] {
        let pair = Pair::start().await;
        pair.fault("tags/list", Fault::Redirect { status: 302, to: target.to_owned() });
        let error = tags(&*pair.backend, APP).await.expect_err(target);
        if target.is_empty() {
            // An empty reference is the page itself.
            pair.is_clear(&error, ErrorKind::Forbidden, &["redirects without end"]);
        } else {
            pair.is_clear(&error, ErrorKind::Forbidden, &["redirects"]);
            assert_eq!(pair.server.log().len(), 1, "{target}");
        }
        pair.still_works().await;
    }
}

#[tokio::test]
async fn a_redirect_to_a_login_page_is_no_registry() {
    let pair = Pair::start().await;
    pair.fault("/login", Fault::Html);
    pair.fault("/v2/", Fault::Redirect { status: 302, to: "/login".to_owned() });
    let error = pair.backend.connect().await.expect_err("a page");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["web page"]);
    let error = tags(&*pair.backend, APP).await.expect_err("a page");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["web page"]);
    pair.still_works().await;
}
