use super::client::{get, send, with};
use super::{ACCEPT, server};
use crate::demo::{DOCKER_LIST, OCI_MANIFEST, OciOptions, Profile, SCHEMA_1};
use crate::domain::reference::Digest;

fn profile(name: &str) -> OciOptions {
    OciOptions { profile: Profile::from_name(name).expect("a profile"), ..OciOptions::default() }
}

#[tokio::test]
async fn the_accept_header_decides_what_2_8_answers() {
    let (server, [list, amd, oci]) = server(OciOptions::default()).await;
    let full = with(&server.url, "HEAD", "/v2/demo/app/manifests/v1", &[("accept", ACCEPT)]).await;
    assert_eq!((full.status, full.header("content-type")), (200, DOCKER_LIST));
    assert_eq!(full.header("docker-content-digest"), list.to_string());
    assert_eq!(full.header("etag"), format!("\"{list}\""));
    assert_ne!(full.header("content-length"), "0");

    let image = [("accept", "application/vnd.docker.distribution.manifest.v2+json")];
    let child = with(&server.url, "GET", "/v2/demo/app/manifests/v1", &image).await;
    assert_eq!(child.header("docker-content-digest"), amd.to_string());

    let old = get(&server.url, "/v2/demo/app/manifests/v1").await;
    assert_eq!(old.header("content-type"), SCHEMA_1);
    let nowhere = format!("/v2/demo/app/manifests/{}", old.header("docker-content-digest"));
    assert_eq!(get(&server.url, &nowhere).await.status, 404);

    let hidden = get(&server.url, &format!("/v2/demo/app/manifests/{oci}")).await;
    assert_eq!((hidden.status, hidden.code().as_str()), (404, "MANIFEST_UNKNOWN"));
    assert!(String::from_utf8_lossy(&hidden.body).contains("accept header does not support OCI manifests"));
}

#[tokio::test]
async fn a_known_digest_is_not_sent_again() {
    let (server, [list, ..]) = server(OciOptions::default()).await;
    let known = format!("\"{list}\"");
    let headers = [("accept", ACCEPT), ("if-none-match", known.as_str())];
    let got = with(&server.url, "GET", "/v2/demo/app/manifests/latest", &headers).await;
    assert_eq!((got.status, got.body.len()), (304, 0));
}

#[tokio::test]
async fn deleting_by_digest_takes_every_tag_along() {
    for name in ["reference", "distribution-3", "quay"] {
        let (server, [list, amd, _]) = server(profile(name)).await;
        let got = with(&server.url, "DELETE", &format!("/v2/demo/app/manifests/{list}"), &[]).await;
        assert_eq!(got.status, 202, "{name}");
        assert_eq!(get(&server.url, "/v2/demo/app/tags/list").await.names("tags"), ["oci"], "{name}");
        let child = with(&server.url, "HEAD", &format!("/v2/demo/app/manifests/{amd}"), &[("accept", ACCEPT)]).await;
        assert_eq!(child.status, 200, "children stay: {name}");
    }
}

#[tokio::test]
async fn a_tag_is_deleted_as_the_profile_says() {
    let cases = [
        ("reference", 400, "DIGEST_INVALID", 4),
        ("distribution-3", 202, "", 3),
        ("go-containerregistry", 202, "", 3),
        ("harbor", 400, "UNSUPPORTED", 4),
        ("ghcr", 405, "UNSUPPORTED", 4),
    ];
    for (name, status, code, left) in cases {
        let (server, _) = server(profile(name)).await;
        let got = with(&server.url, "DELETE", "/v2/demo/app/manifests/v1", &[]).await;
        assert_eq!((got.status, got.code().as_str()), (status, code), "{name}");
        assert_eq!(server.store().repositories["demo/app"].tags.len(), left, "{name}");
    }
    let (server, _) = server(profile("distribution-3")).await;
    assert_eq!(with(&server.url, "DELETE", "/v2/demo/app/manifests/absent", &[]).await.status, 404);
}

#[tokio::test]
async fn digests_that_are_needed_are_refused_where_the_profile_refuses() {
    let cases = [
        ("zot", 405, "DENIED"),
        ("harbor", 412, "PRECONDITION"),
        ("gcr", 400, "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE"),
        ("quay", 404, "MANIFEST_UNKNOWN"),
        ("reference", 202, ""),
    ];
    for (name, status, code) in cases {
        let (server, [_, amd, _]) = server(profile(name)).await;
        let got = with(&server.url, "DELETE", &format!("/v2/demo/app/manifests/{amd}"), &[]).await;
        assert_eq!((got.status, got.code().as_str()), (status, code), "{name}");
    }
    let (gcr, [list, ..]) = server(profile("gcr")).await;
    let got = with(&gcr.url, "DELETE", &format!("/v2/demo/app/manifests/{list}"), &[]).await;
    assert_eq!(got.code(), "GOOGLE_MANIFEST_DANGLING_TAG");
}

#[tokio::test]
async fn deletion_can_be_off_and_the_whole_registry_read_only() {
    let (off, _) = server(OciOptions { deletes: false, ..OciOptions::default() }).await;
    let absent = format!("/v2/demo/app/manifests/sha256:{}", "0".repeat(64));
    let got = with(&off.url, "DELETE", &absent, &[]).await;
    assert_eq!((got.status, got.code().as_str()), (405, "UNSUPPORTED"));
    let allowed = with(&off.url, "OPTIONS", &absent, &[]).await;
    assert_eq!((allowed.status, allowed.header("allow")), (200, "DELETE, GET, HEAD, PUT"));

    let (frozen, _) = server(OciOptions { read_only: true, ..OciOptions::default() }).await;
    let got = with(&frozen.url, "DELETE", &absent, &[]).await;
    assert_eq!((got.status, got.header("allow")), (405, "GET, HEAD"));
    assert_eq!(got.body, b"Method not allowed\n");
}

#[tokio::test]
async fn a_retag_needs_the_right_type_and_known_content() {
    let (server, [_, _, oci]) = server(OciOptions::default()).await;
    let bytes = server.store().repositories["demo/app"].manifests[&oci].bytes.clone();
    let put = async |path: &str, media_type: &str, body: &[u8]| {
        send(&server.url, "PUT", path, &[("content-type", media_type)], body).await.expect("an answer")
    };
    let got = put("/v2/demo/app/manifests/copy", OCI_MANIFEST, &bytes).await;
    assert_eq!((got.status, got.header("docker-content-digest")), (201, oci.to_string().as_str()));
    assert_eq!(server.store().resolve("demo/app", "copy"), Some(oci.clone()));

    let got = put("/v2/demo/app/manifests/copy", "application/json", &bytes).await;
    assert_eq!((got.status, got.code().as_str()), (400, "MANIFEST_INVALID"));
    let other = Digest::of(b"other");
    let got = put(&format!("/v2/demo/app/manifests/{other}"), OCI_MANIFEST, &bytes).await;
    assert_eq!((got.status, got.code().as_str()), (400, "DIGEST_INVALID"));
    let got = put("/v2/elsewhere/manifests/copy", OCI_MANIFEST, &bytes).await;
    assert_eq!((got.status, got.code().as_str()), (400, "MANIFEST_BLOB_UNKNOWN"));
    let got = put("/v2/demo/app/manifests/.bad", OCI_MANIFEST, &bytes).await;
    assert_eq!((got.status, got.body.as_slice()), (404, b"404 page not found\n".as_slice()));
}
