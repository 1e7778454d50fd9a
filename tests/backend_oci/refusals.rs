//! Registries that say no.

use tagboat::demo::{Fault, OciOptions, Profile, start_oci};
use tagboat::domain::capability::Support;
use tagboat::domain::error::ErrorKind;

use super::{APP, Pair};
use crate::support::client::{repo, tag};
use crate::support::walk::{anonymous, by_tag, repositories, tags};

#[tokio::test]
async fn a_refused_catalogue_leaves_the_rest() {
    for (status, kind) in [
        (401, ErrorKind::SignIn),
        (403, ErrorKind::Denied),
        (404, ErrorKind::Unsupported),
        (405, ErrorKind::Unsupported),
        (501, ErrorKind::Unsupported),
    ] {
        let pair = Pair::start().await;
        pair.fault("_catalog", Fault::status(status));
        let error = repositories(&*pair.backend).await.expect_err("refused");
        assert_eq!(error.kind, kind, "{status}: {error}");
        assert!(!error.report().hint.is_empty());
        let known = pair.backend.capabilities();
        assert_eq!(known.listing, Support::No, "{status}");
        assert!(known.listing_note.is_some(), "{status}");
        assert_eq!(pair.asked("_catalog"), 1, "{status}");
        pair.still_works().await;
        repositories(&*pair.backend).await.expect("the next try may work");
        assert_eq!(pair.backend.capabilities().listing, Support::Yes);
    }
}

#[tokio::test]
async fn a_catalogue_out_of_order_is_not_a_missing_one() {
    let pair = Pair::start().await;
    pair.fault("_catalog", Fault::status(500));
    let error = repositories(&*pair.backend).await.expect_err("broken");
    pair.is_clear(&error, ErrorKind::Server, &["500"]);
    assert_eq!(pair.backend.capabilities().listing, Support::Unknown);
}

#[tokio::test]
async fn a_registry_without_a_catalogue_says_what_to_do() {
    let options = OciOptions { profile: Profile::Ghcr, ..OciOptions::default() };
    let server = start_oci(super::one_image(), options).await.expect("loopback has a free port");
    let backend = anonymous(&server.url);
    let error = repositories(&*backend).await.expect_err("none");
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.report().hint.as_str().contains("Type a repository"), "{error:?}");
    assert_eq!(tags(&*backend, APP).await.expect("tags").names, ["v1"]);
}

#[tokio::test]
async fn what_is_not_there_may_be_hidden() {
    let pair = Pair::start().await;
    let error = pair.backend.tag_info(&repo(APP), &tag("absent")).await.expect_err("no such tag");
    pair.is_clear(&error, ErrorKind::NotFound, &["404", "MANIFEST_UNKNOWN"]);
    assert!(error.report().hint.as_str().contains("may not see"), "{error:?}");
    let error = tags(&*pair.backend, "no/such").await.expect_err("no such repository");
    pair.is_clear(&error, ErrorKind::NotFound, &["404", "NAME_UNKNOWN"]);
    assert_eq!(pair.server.log().len(), 2);
}

#[tokio::test]
async fn a_dangling_tag_fails_alone() {
    let pair = Pair::start().await;
    let gone = super::push(&mut pair.server.store(), "gone");
    pair.server.store().repository(APP).manifests.remove(&gone.digest);
    assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names, ["gone", "v1"]);
    let error = pair.backend.tag_info(&repo(APP), &tag("gone")).await.expect_err("dangling");
    pair.is_clear(&error, ErrorKind::NotFound, &["404"]);
    pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("the other one");
}

#[tokio::test]
async fn a_blob_that_is_gone_leaves_the_manifest() {
    let pair = Pair::start().await;
    pair.fault("/blobs/", Fault::status(404));
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image");
    assert!(image.config.is_none() && image.manifest.layers.len() == 1);
}

#[tokio::test]
async fn a_ping_that_is_no_registrys_says_so() {
    for (status, kind, word) in [
        (404, ErrorKind::BadAnswer, "no registry"),
        (403, ErrorKind::Denied, "403"),
        (503, ErrorKind::Server, "503"),
        (511, ErrorKind::Network, "sign in to the network"),
    ] {
        let pair = Pair::start().await;
        pair.fault("/v2/", Fault::status(status));
        let error = pair.backend.connect().await.expect_err("no registry");
        pair.is_clear(&error, kind, &[word]);
        pair.still_works().await;
    }
}

#[tokio::test]
async fn registries_that_list_the_world_are_not_asked() {
    for host in ["ghcr.io", "docker.io", "registry-1.docker.io", "index.docker.io"] {
        let backend = anonymous(&format!("https://{host}"));
        // An answer at once: no request could leave this machine.
        let error = repositories(&*backend).await.expect_err("none");
        assert_eq!(error.kind, ErrorKind::Unsupported, "{host}");
    }
}

#[tokio::test]
async fn a_registry_that_denies_one_repository_serves_the_others() {
    let mut store = super::one_image();
    store.repository("closed/app");
    let pair = Pair::with(store, Default::default()).await;
    let denied = br#"{"errors":[{"code":"DENIED","message":"requested access is denied"}]}"#;
    pair.fault("closed/app", Fault::Answer { status: 403, headers: Vec::new(), body: denied.to_vec() });
    let error = tags(&*pair.backend, "closed/app").await.expect_err("denied");
    pair.is_clear(&error, ErrorKind::Denied, &["403", "DENIED"]);
    assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names, ["v1"]);
    assert_eq!(pair.asked("closed/app"), 1);
}
