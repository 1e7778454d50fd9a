use super::client::{get, send, with};
use super::server;
use crate::demo::OciOptions;
use crate::domain::reference::Digest;

#[tokio::test]
async fn blobs_come_whole_and_in_ranges() {
    let (server, _) = server(OciOptions::default()).await;
    let digest = server.store().add_blob("demo/app", "0123456789");
    let path = format!("/v2/demo/app/blobs/{digest}");
    assert_eq!(get(&server.url, &path).await.body, b"0123456789");
    let head = with(&server.url, "HEAD", &path, &[]).await;
    assert_eq!((head.header("content-length"), head.body.len()), ("10", 0));
    for (range, status, content, body) in [
        ("bytes=2-4", 206, "bytes 2-4/10", "234"),
        ("bytes=7-", 206, "bytes 7-9/10", "789"),
        ("bytes=-2", 206, "bytes 8-9/10", "89"),
        ("bytes=8-99", 206, "bytes 8-9/10", "89"),
        ("bytes=", 200, "", "0123456789"),
    ] {
        let got = with(&server.url, "GET", &path, &[("range", range)]).await;
        assert_eq!((got.status, got.header("content-range")), (status, content), "{range}");
        assert_eq!(got.body, body.as_bytes(), "{range}");
    }
    let past = with(&server.url, "GET", &path, &[("range", "bytes=10-")]).await;
    assert_eq!((past.status, past.header("content-range")), (416, "bytes */10"));
    assert_eq!(get(&server.url, &format!("/v2/other/blobs/{digest}")).await.code(), "BLOB_UNKNOWN");
}

#[tokio::test]
async fn layers_are_what_they_say_without_being_stored() {
    let (server, _) = server(OciOptions::default()).await;
    let layer = server.store().add_layer("demo/app", "big", 3_000_001);
    let path = format!("/v2/demo/app/blobs/{}", layer.digest);
    let got = get(&server.url, &path).await;
    assert_eq!((got.body.len() as u64, layer.digest.matches(&got.body)), (layer.size, Some(true)));
    let part = with(&server.url, "GET", &path, &[("range", "bytes=262700-262739")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &got.body[262_700..262_740]));
}

#[tokio::test]
async fn uploads_go_in_parts_and_mounts_in_one() {
    let (server, _) = server(OciOptions::default()).await;
    let started = with(&server.url, "POST", "/v2/new/repo/blobs/uploads/", &[]).await;
    assert_eq!(started.status, 202);
    let location = started.header("location").strip_prefix(&server.url).expect("absolute, this host").to_owned();
    assert!(location.contains("?_state="));
    let part = send(&server.url, "PATCH", &location, &[], b"hello ").await.expect("an answer");
    assert_eq!((part.status, part.header("range")), (202, "0-5"));
    let digest = Digest::of(b"hello world");
    let finish = format!("{location}&digest={}", digest.to_string().replace(':', "%3A"));
    let done = send(&server.url, "PUT", &finish, &[], b"world").await.expect("an answer");
    assert_eq!((done.status, done.header("docker-content-digest")), (201, digest.to_string().as_str()));

    let mount = format!("/v2/third/blobs/uploads/?mount={digest}&from=new%2Frepo");
    assert_eq!(with(&server.url, "POST", &mount, &[]).await.status, 201);
    assert_eq!(get(&server.url, &format!("/v2/third/blobs/{digest}")).await.body, b"hello world");
    let absent = format!("/v2/third/blobs/uploads/?mount={}&from=new/repo", Digest::of(b"absent"));
    let instead = with(&server.url, "POST", &absent, &[]).await;
    assert_eq!(instead.status, 202);
    let location = instead.header("location").strip_prefix(&server.url).expect("this host").to_owned();
    assert_eq!(with(&server.url, "DELETE", &location, &[]).await.status, 204);
    assert_eq!(with(&server.url, "DELETE", &location, &[]).await.code(), "BLOB_UPLOAD_UNKNOWN");
}
