//! Layers whole, in parts, from elsewhere, and broken.

use serde_json::json;

use super::{call, get, id, layer, small, start};
use crate::demo::docker_v1::{Archive, DockerV1Options, Entry, Ranges, Store};
use crate::demo::tests::client::{Got, send};
use crate::demo::{Fault, Rule};

async fn range(server: &super::DockerV1Server, letter: char, range: &str) -> Got {
    call(server, "GET", &format!("/v1/images/{}/layer", id(letter)), &[("range", range)], "").await
}

#[tokio::test]
async fn parts_make_the_whole() {
    let server = start(small(), DockerV1Options::default()).await;
    let whole = get(&server, &format!("/v1/images/{}/layer", id('b'))).await;
    let size = whole.body.len();
    assert_eq!((whole.status, whole.header("accept-ranges")), (200, "bytes"));
    assert_eq!(whole.header("content-type"), "application/octet-stream");
    assert_eq!(size, 512 + 100_000 + 352 + 1024);
    let sum = Archive::uploaded(whole.body.clone().into()).checksum(&server.store().images[&id('b')].json);
    assert_eq!(server.store().images[&id('b')].checksum(), Some(sum), "kept or made, it is the same layer");
    for (from, to) in
        [(0, 0), (5, 5), (0, 511), (500, 70_000), (65_536, size - 1), (100_511, 100_513), (size - 1, size + 9)]
    {
        let got = range(&server, 'b', &format!("bytes={from}-{to}")).await;
        let last = to.min(size - 1);
        assert_eq!((got.status, &got.body[..]), (206, &whole.body[from..=last]), "{from}-{to}");
        assert_eq!(got.header("content-range"), format!("bytes {from}-{last}/{size}"));
    }
    let open = range(&server, 'b', "bytes=70000-").await;
    assert_eq!(open.body, whole.body[70_000..]);
    let beyond = range(&server, 'b', &format!("bytes={size}-")).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, format!("bytes */{size}").as_str()));
    assert_eq!(range(&server, 'b', "bytes=9-3").await.status, 200);
    let head = call(&server, "HEAD", &format!("/v1/images/{}/layer", id('b')), &[], "").await;
    assert_eq!((head.header("content-length"), head.body.len()), (size.to_string().as_str(), 0));
}

/// What docker-registry 0.9.1 makes of ranges.
#[tokio::test]
async fn ranges_are_odd_where_they_were() {
    let options = DockerV1Options { ranges: Ranges::Odd, ..DockerV1Options::default() };
    let mut store = small();
    store.add_image(&json!({"id": id('c')}), Archive::default());
    let server = start(store, options).await;
    let size = layer().to_vec().len();
    let got = range(&server, 'a', "bytes=0-99").await;
    assert_eq!((got.status, got.body.len(), got.header("content-range")), (206, 100, format!("0-99/{size}").as_str()));
    let open = range(&server, 'a', "bytes=1000-").await;
    let announced: usize = open.header("content-length").parse().expect("a number");
    assert_eq!((open.body.len(), announced), (size - 1000, size - 1000 + 1), "one byte that never comes");
    for one in ["bytes=5-5", "bytes=0-0"] {
        assert_eq!(range(&server, 'a', one).await.status, 416, "{one}");
    }
    for ignored in ["bytes=a-b", "lines=1-2", "bytes=-5", "bytes=1-2,3-4"] {
        let got = range(&server, 'a', ignored).await;
        assert_eq!((got.status, got.body.len()), (200, size), "{ignored}");
    }
    assert_eq!(get(&server, &format!("/v1/images/{}/layer", id('c'))).await.status, 416, "empty");
    let server = start(small(), DockerV1Options::default()).await;
    server.store().add_image(&json!({"id": id('c')}), Archive::default());
    let got = get(&server, &format!("/v1/images/{}/layer", id('c'))).await;
    assert_eq!((got.status, got.body.len()), (200, 0));
}

#[tokio::test]
async fn the_storage_takes_no_credentials_of_the_registry() {
    let options = DockerV1Options { redirects_layers: true, ..DockerV1Options::default() };
    let server = start(small(), options).await;
    let got = get(&server, &format!("/v1/images/{}/layer", id('a'))).await;
    assert_eq!(got.status, 302);
    let (origin, path) = {
        let to = got.header("location").to_owned();
        let at = to[7..].find('/').expect("a path") + 7;
        (to[..at].to_owned(), to[at..].to_owned())
    };
    assert_ne!(origin, server.url);
    let leaking = send(&origin, "GET", &path, &[("authorization", "Basic YTpi")], b"").await.expect("an answer");
    assert_eq!(leaking.status, 400);
    let bare = send(&origin, "GET", path.split('?').next().unwrap_or(""), &[], b"").await.expect("an answer");
    assert_eq!(bare.status, 403, "the link carries the right to follow it");
    let got = send(&origin, "GET", &path, &[("range", "bytes=512-600")], b"").await.expect("an answer");
    assert_eq!((got.status, &got.body[..]), (206, &layer().to_vec()[512..=600]));
    let log = server.storage().expect("a storage").log();
    assert_eq!(log.iter().filter(|request| request.header("authorization").is_some()).count(), 1);
}

#[tokio::test]
async fn a_layer_breaks_off_where_it_is_told_to() {
    let server = start(small(), DockerV1Options::default()).await;
    server.faults().add(Rule::on("/layer", Fault::Truncate(70_000)).times(1));
    let path = format!("/v1/images/{}/layer", id('b'));
    let (cut, whole) = (get(&server, &path).await, get(&server, &path).await);
    assert_eq!((cut.status, &cut.body[..]), (200, &whole.body[..70_000]));
}

/// With a worker the server tells what a layer changes; a layer in gzip is looked into like any other.
#[tokio::test]
async fn differences_follow_from_the_layers_below() {
    let mut store = Store::new();
    let below = [Entry::File("./kept", "1"), Entry::File("./old", "1"), Entry::File("./gone", "1")];
    store.add_image(&json!({"id": id('a')}), Archive::tar(&below));
    let above = [Entry::File("./old", "22"), Entry::Gone("./gone"), Entry::File("./new", "3"), Entry::Gone("./.wh.x")];
    store.add_image(&json!({"id": id('b'), "parent": id('a')}), Archive::gzip(&above));
    let server = start(store, DockerV1Options { diffs: true, ..DockerV1Options::default() }).await;
    let diff = get(&server, &format!("/v1/images/{}/diff", id('b'))).await.json();
    let names = |kind: &str| -> Vec<String> {
        diff[kind].as_object().into_iter().flat_map(|map| map.keys().cloned()).collect()
    };
    assert_eq!(
        (names("deleted"), names("changed"), names("created")),
        (vec!["/gone".into()], vec!["/old".into()], vec!["/new".into()])
    );
    assert_eq!(diff["changed"]["/old"], json!(["f", false, 2, 1_425_901_200, 420, 0, 0]));
}
