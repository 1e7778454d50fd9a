//! A push in its three steps, and everything that can be wrong with them.

use super::{call, get, id, layer, reference, text};
use crate::demo::docker_v1::Archive;
use crate::demo::tests::client::send;

#[tokio::test]
async fn an_image_is_unreadable_until_its_checksum_came() {
    let server = reference().await;
    let path = |what: &str| format!("/v1/images/{}/{what}", id('a'));
    let document = format!("{{ \"id\": \"{}\" }}", id('a'));
    assert_eq!(text(&call(&server, "PUT", &path("layer"), &[], "x").await), r#"{"error": "Image not found"}"#);
    assert_eq!(text(&call(&server, "PUT", &path("json"), &[], &document).await), "true");
    for what in ["json", "layer", "ancestry", "files"] {
        let got = get(&server, &path(what)).await;
        let want = r#"{"error": "Image is being uploaded, retry later"}"#;
        assert_eq!((got.status, text(&got)), (400, want), "{what}");
    }
    let sent = layer().to_vec();
    let put = || send(&server.url, "PUT", "/v1/images/x/layer", &[], b"");
    assert_eq!(put().await.map(|got| got.status), Some(404), "no image id");
    let got = send(&server.url, "PUT", &path("layer"), &[], &sent).await.expect("an answer");
    assert_eq!(text(&got), "true");
    let sum = layer().checksum(document.as_bytes());
    let header = |value: &str| [("x-docker-checksum-payload".to_owned(), value.to_owned())];
    for (value, status, want) in [
        (None, 412, "X-Docker-Checksum-Payload not set."),
        (Some("sha256:00"), 400, "Checksum mismatch"),
        (Some(sum.as_str()), 200, "true"),
        (Some(sum.as_str()), 409, "Cannot set this image checksum"),
    ] {
        let pairs = value.map(header).into_iter().flatten().collect::<Vec<_>>();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let got = call(&server, "PUT", &path("checksum"), &pairs, "").await;
        assert_eq!(got.status, status, "{value:?}");
        assert!(text(&got).contains(want), "{value:?}: {}", text(&got));
    }
    let got = get(&server, &path("json")).await;
    assert_eq!((got.status, text(&got)), (200, document.as_str()), "byte for byte");
    assert_eq!(got.header("x-docker-size"), sent.len().to_string());
    assert_eq!(got.header("x-docker-checksum-payload"), sum);
    assert_eq!(got.header("cache-control"), "public, max-age=31536000");
    assert_eq!(got.header("last-modified"), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert!(got.header("expires").ends_with(" GMT"));
    for what in ["json", "layer"] {
        let got = call(&server, "PUT", &path(what), &[], &document).await;
        assert_eq!((got.status, text(&got)), (409, r#"{"error": "Image already exists"}"#), "{what}");
    }
    let files = get(&server, &path("files")).await;
    let want =
        r#"[["/srv", "d", false, 0, 1425901200, 493, 0, 0], ["/srv/motd", "f", false, 6, 1425901200, 420, 0, 0]]"#;
    assert_eq!(text(&files), want);
    assert_eq!(text(&get(&server, &path("diff")).await), r#"{"error": "Diff queue is disabled"}"#);
}

#[tokio::test]
async fn documents_are_looked_at_before_they_are_taken() {
    let server = reference().await;
    let path = format!("/v1/images/{}/json", id('b'));
    for (body, want) in [
        ("", "Invalid JSON"),
        ("[]", "Invalid JSON"),
        ("{}", "Invalid JSON"),
        (r#"{"a": 1}"#, "Missing key `id' in JSON"),
        (r#"{"id": "other"}"#, "JSON data contains invalid id"),
        (&format!(r#"{{"id": "{}", "parent": "{}"}}"#, id('b'), id('a')), "Image depends on a non existing parent"),
    ] {
        let got = call(&server, "PUT", &path, &[], body).await;
        assert_eq!((got.status, text(&got)), (400, format!("{{\"error\": \"{want}\"}}").as_str()), "{body}");
    }
    assert!(server.store().images.is_empty());
}

/// A push that broke off is done again from its document on, and the parent's chain is taken over.
#[tokio::test]
async fn a_broken_push_is_repeated() {
    let server = reference().await;
    for (letter, parent) in [('a', None), ('b', Some('a'))] {
        let path = |what: &str| format!("/v1/images/{}/{what}", id(letter));
        let parent = parent.map_or(String::new(), |parent| format!(r#", "parent": "{}""#, id(parent)));
        let document = format!(r#"{{"id": "{}"{parent}}}"#, id(letter));
        let no_layer = [("x-docker-checksum-payload", "sha256:1")];
        for attempt in 0..2 {
            assert_eq!(call(&server, "PUT", &path("json"), &[], &document).await.status, 200, "{attempt}");
            let early = call(&server, "PUT", &path("checksum"), &no_layer, "").await;
            assert_eq!((early.status, early.header("content-type")), (500, "text/html"), "nothing to compare with");
            assert_eq!(call(&server, "PUT", &path("layer"), &[], "a layer").await.status, 200, "{attempt}");
        }
        let sum = Archive::uploaded("a layer".into()).checksum(document.as_bytes());
        let header = [("x-docker-checksum-payload", sum.as_str())];
        assert_eq!(call(&server, "PUT", &path("checksum"), &header, "").await.status, 200);
        let unreadable = get(&server, &path("files")).await;
        assert_eq!(text(&unreadable), r#"{"error": "Layer format not supported"}"#);
    }
    let got = get(&server, &format!("/v1/images/{}/ancestry", id('b'))).await;
    assert_eq!(text(&got), format!(r#"["{}", "{}"]"#, id('b'), id('a')), "child first");
}
