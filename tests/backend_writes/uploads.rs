//! Blobs: uploaded, mounted, copied; where an upload is sent to, and what it leaves behind.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::support::listener::{Listener, Seen, answer};

/// A registry below a prefix that begins uploads where `location` says.
fn begins_at(location: impl Fn(&Seen) -> String + Send + Sync + 'static) -> Listener {
    Listener::start(move |seen| match seen.line.split(' ').next() {
        _ if seen.header("authorization").is_none() => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
        Some("POST") => answer(202, &[("location", &location(seen))], ""),
        Some("PUT") => answer(201, &[], ""),
        _ => answer(204, &[], ""),
    })
}

fn lines(server: &Listener, method: &str) -> Vec<String> {
    let of = |seen: &Seen| seen.line.strip_prefix(method).and_then(|rest| rest.split(' ').nth(1)).map(str::to_owned);
    server.seen().iter().filter(|seen| seen.header("authorization").is_some()).filter_map(of).collect()
}

fn uploads_to(url: &str) -> Arc<dyn Backend> {
    try_connect(&profile(url), basic("me", "s3cr3t-1"), Settings::default()).expect("a client")
}

const BYTES: &[u8] = b"content";

#[tokio::test]
async fn a_blob_is_uploaded_and_found() {
    for auth in [Auth::Open, bearer()] {
        let server = server(Profile::Reference, auth).await;
        let backend = client_of(&server);
        let digest = backend.put_blob(&repo("app"), Bytes::from_static(BYTES)).await.expect("201");
        assert_eq!(digest, Digest::of(BYTES));
        assert!(server.store().blob("app", &digest).is_some() && server.store().uploads.is_empty());
        assert!(backend.has_blob(&repo("app"), &digest).await.expect("an answer"));
        assert!(!backend.has_blob(&repo("app"), &Digest::of(b"else")).await.expect("an answer"));
        // Mounting needs no bytes; what is not there has to be uploaded, and no upload stays open for it.
        assert_eq!(backend.mount_blob(&repo("new"), &digest, &repo("app")).await.expect("201"), Mounted::Done);
        let other = Digest::of(b"else");
        assert_eq!(backend.mount_blob(&repo("new"), &other, &repo("app")).await.expect("202"), Mounted::No);
        assert!(server.store().blob("new", &digest).is_some() && server.store().uploads.is_empty());
    }
}

#[tokio::test]
async fn an_upload_goes_on_where_the_registry_says() {
    let digest = Digest::of(BYTES).to_string().replace(':', "%3A");
    let rest = format!("/v2/app/blobs/uploads/7?_state=a%2Fb&digest={digest}");
    for (url_path, location, want) in [
        ("", "/v2/app/blobs/uploads/7?_state=a%2Fb", rest.clone()),
        ("", "7?_state=a%2Fb", rest.clone()),
        // distribution leaves its own prefix out.
        ("/prefix", "/v2/app/blobs/uploads/7?_state=a%2Fb", format!("/prefix{rest}")),
        ("/prefix", "/prefix/v2/app/blobs/uploads/7?_state=a%2Fb", format!("/prefix{rest}")),
        // A proxy that does not say how it was reached.
        ("", "https://127.0.0.1:1/v2/app/blobs/uploads/7?_state=a%2Fb", rest.clone()),
        ("", "/somewhere", format!("/somewhere?digest={digest}")),
    ] {
        let server = begins_at(move |_| location.to_owned());
        let backend = uploads_to(&format!("{}{url_path}", server.url()));
        backend
            .put_blob(&repo("app"), Bytes::from_static(BYTES))
            .await
            .unwrap_or_else(|why| panic!("{location}: {why}"));
        assert_eq!(lines(&server, "PUT"), [want], "{location}");
        let told = backend.notices();
        assert_eq!(told.len(), usize::from(location.starts_with("https")), "{told:?}");
        let length = server
            .seen()
            .iter()
            .find(|seen| seen.line.starts_with("POST"))
            .and_then(|seen| seen.header("content-length").map(str::to_owned));
        assert_eq!(length.as_deref(), Some("0"));
    }
}

#[tokio::test]
async fn another_origin_gets_the_bytes_and_nothing_else() {
    let other = Listener::start(|_| answer(201, &[], ""));
    let place = format!("{}/bucket?signature=x", other.url_by_name());
    let server = begins_at(move |_| place.clone());
    let backend = uploads_to(&server.url());
    backend.put_blob(&repo("app"), Bytes::from_static(BYTES)).await.expect("201");
    let seen = &other.seen()[0];
    assert_eq!(seen.body.as_bytes(), BYTES);
    for (name, value) in &seen.headers {
        let harmless = ["host", "user-agent", "accept", "accept-encoding", "content-type", "content-length"];
        assert!(harmless.contains(&name.as_str()) && !value.contains("s3cr3t"), "{name}: {value}");
    }
    // It asks for a password and gets none.
    let other = Listener::start(|_| answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""));
    let place = format!("{}/bucket", other.url());
    let server = begins_at(move |_| place.clone());
    let error = uploads_to(&server.url()).put_blob(&repo("app"), Bytes::from_static(BYTES)).await.expect_err("401");
    assert_eq!(error.status, Some(401));
    assert!(other.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn unsafe_places_are_not_gone_to() {
    for place in ["ftp://127.0.0.1/x", "http://me:s3cr3t-2@127.0.0.1/x", "http://169.254.169.254/x", "", "javascript:0"]
    {
        let server = Listener::start(move |seen| match seen.line.starts_with("POST") {
            true if place.is_empty() => answer(202, &[], ""),
            true => answer(202, &[("location", place)], ""),
            false => answer(201, &[], ""),
        });
        let error = uploads_to(&server.url()).put_blob(&repo("app"), Bytes::from_static(BYTES)).await.expect_err(place);
        assert!(matches!(error.kind, ErrorKind::Forbidden | ErrorKind::BadAnswer), "{place}: {error:?}");
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
        assert_eq!(server.seen().len(), 1, "{place}");
    }
}

#[tokio::test]
async fn an_upload_that_fails_is_given_up() {
    let server = server(Profile::Reference, Auth::Open).await;
    let backend = client_of(&server);
    server.faults().add(Rule::on("/blobs/uploads/", Fault::status(500)).method("PUT"));
    let error = backend.put_blob(&repo("app"), Bytes::from_static(BYTES)).await.expect_err("500");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Server, Delivery::Answered));
    assert!(server.store().uploads.is_empty(), "nothing stays");
    let methods: Vec<_> = server.log().iter().map(|seen| seen.method.clone()).collect();
    assert_eq!(methods, ["POST", "PUT", "DELETE"]);
}

/// A source with one large blob, and a target without it.
async fn pair() -> (OciServer, OciServer, BlobRef) {
    let mut store = Store::new();
    let layer = store.add_layer("app", "large", 3 << 20);
    let blob = BlobRef { digest: layer.digest.clone(), size: store.blob("app", &layer.digest).expect("made").size() };
    let from = start_oci(store, OciOptions::default()).await.expect("loopback has a free port");
    let to = server(Profile::Distribution3, bearer()).await;
    (from, to, blob)
}

async fn copy(from: &OciServer, to: &OciServer, blob: &BlobRef, moved: &AtomicU64) -> tagboat::backend::Result<Copied> {
    let (source, target) = (client_of(from), client_of(to));
    let (app, new) = (repo("app"), repo("new"));
    let from = Place { backend: &*source, repo: &app };
    let to = Place { backend: &*target, repo: &new };
    copy_blob(from, to, blob, &|bytes| {
        moved.store(bytes, Ordering::Relaxed);
        true
    })
    .await
}

#[tokio::test]
async fn a_blob_is_copied_and_not_copied_twice() {
    let (from, to, blob) = pair().await;
    let moved = AtomicU64::new(0);
    assert_eq!(copy(&from, &to, &blob, &moved).await.expect("copied"), Copied::Moved);
    assert_eq!(moved.load(Ordering::Relaxed), blob.size);
    assert!(to.store().blob("new", &blob.digest).is_some_and(|found| found.size() == blob.size));
    from.clear_log();
    assert_eq!(copy(&from, &to, &blob, &moved).await.expect("there"), Copied::Present);
    assert!(from.log().is_empty());
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let (from, to, blob) = pair().await;
    from.faults().add(Rule::on("/blobs/", Fault::Truncate(1 << 20)).method("GET").times(2));
    let moved = AtomicU64::new(0);
    copy(&from, &to, &blob, &moved).await.expect("copied");
    assert!(to.store().blob("new", &blob.digest).is_some());
    let ranges: Vec<_> = from.log().iter().map(|seen| seen.header("range").map(str::to_owned)).collect();
    let at = |mib: u64| Some(format!("bytes={}-", mib << 20));
    assert_eq!(ranges, [None, at(1), at(2)]);
}

#[tokio::test]
async fn a_server_without_ranges_begins_again_and_nothing_comes_twice() {
    let bytes: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    let blob = BlobRef { digest: Digest::of(&bytes), size: bytes.len() as u64 };
    let tries = AtomicU64::new(0);
    let from = Listener::start(move |_| {
        let mut whole = answer(200, &[("content-type", "application/octet-stream")], &bytes);
        if tries.fetch_add(1, Ordering::Relaxed) < 2 {
            whole.truncate(300_000);
        }
        whole
    });
    let to = server(Profile::Distribution3, Auth::Open).await;
    let (source, target) = (uploads_to(&from.url()), client_of(&to));
    let app = repo("app");
    let [from_place, to_place] = [&source, &target].map(|backend| Place { backend: &**backend, repo: &app });
    copy_blob(from_place, to_place, &blob, &|_| true).await.expect("copied");
    assert!(to.store().blob("app", &blob.digest).is_some());
    assert_eq!(from.seen().len(), 3, "{:?}", from.seen());
}

#[tokio::test]
async fn what_is_not_what_it_should_be_does_not_arrive() {
    for (size_off, digest_off) in [(1i64, false), (-1, false), (0, true)] {
        let (from, to, mut blob) = pair().await;
        blob.size = blob.size.saturating_add_signed(size_off);
        let right = blob.digest.clone();
        if digest_off {
            // The source has other bytes under this digest.
            let wrong = Digest::of(b"another");
            let mut store = from.store();
            let layer = store.blobs[&right].clone();
            store.blobs.insert(wrong.clone(), layer);
            store.repository("app").blobs.insert(wrong.clone());
            blob.digest = wrong;
        }
        let error = copy(&from, &to, &blob, &AtomicU64::new(0)).await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::BadAnswer, "{size_off} {digest_off}: {error:?}");
        assert!(to.store().blob("new", &blob.digest).is_none() && to.store().blob("new", &right).is_none());
    }
}

#[tokio::test]
async fn a_target_that_refuses_ends_the_copy_with_its_reason() {
    let (from, to, blob) = pair().await;
    to.faults().add(Rule::on("/blobs/uploads/", Fault::status(403)).method("POST"));
    let error = copy(&from, &to, &blob, &AtomicU64::new(0)).await.expect_err("refused");
    assert_eq!((error.kind, error.status), (ErrorKind::Denied, Some(403)), "{error:?}");
}
