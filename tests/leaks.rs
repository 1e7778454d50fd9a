//! Where secrets go: for every kind of request the client can make, a second server looks on and must see nothing of
//! ours.

use std::sync::Arc;

use tagboat::backend::http::Op;
use tagboat::backend::{Backend, BlobRef, Error, Settings};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::secret::Credential;

use crate::support::client::{self, basic, profile, repo, repositories, tag, tags};
use crate::support::images::{Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::listener::{Listener, Seen, answer};

mod realms;
mod sent_on;

/// All a server that is not the registry may learn of us.
const HARMLESS: [&str; 5] = ["host", "user-agent", "accept", "accept-encoding", "range"];

/// Every kind of request. A new `Op` has no place here until it has one below, in `next`, `asked_by` and `send`.
fn ops() -> impl Iterator<Item = Op> {
    std::iter::successors(Some(Op::Ping), |op| match op {
        Op::Ping => Some(Op::Catalog),
        Op::Catalog => Some(Op::Tags),
        Op::Tags => Some(Op::Manifest),
        Op::Manifest => Some(Op::Referrers),
        Op::Referrers => Some(Op::Blob),
        Op::Blob => Some(Op::Layer),
        Op::Layer => Some(Op::HasBlob),
        Op::HasBlob => Some(Op::DeleteTag),
        Op::DeleteTag => Some(Op::DeleteManifest),
        Op::DeleteManifest => Some(Op::ProbeDelete),
        Op::ProbeDelete => Some(Op::ProbeUntag),
        Op::ProbeUntag => Some(Op::PutManifest),
        Op::PutManifest => Some(Op::Mount),
        Op::Mount => Some(Op::BeginUpload),
        Op::BeginUpload => Some(Op::Upload),
        Op::Upload => Some(Op::CancelUpload),
        Op::CancelUpload => None,
        // Of the systems that are not OCI: their own tests have them.
        Op::List(_) | Op::Read(_) | Op::Change(_) | Op::SignIn => None,
    })
}

fn reads() -> impl Iterator<Item = Op> {
    ops().filter(|op| !op.writes())
}

fn writes() -> impl Iterator<Item = Op> {
    ops().filter(|op| op.writes())
}

/// Whether this request is one of that kind.
fn asked_by(op: Op, seen: &Seen) -> bool {
    let path = seen.line.split(['?', ' ']).nth(1).unwrap_or_default();
    let method = seen.line.split(' ').next().unwrap_or_default();
    let manifest = path.starts_with("/v2/app/manifests/");
    let place = path.starts_with("/v2/app/blobs/uploads/");
    match op {
        Op::DeleteTag => method == "DELETE" && manifest && path.ends_with("/1"),
        Op::DeleteManifest => method == "DELETE" && path.ends_with(&image().digest()),
        Op::ProbeDelete => method == "DELETE" && path.contains("sha256:") && !path.ends_with(&image().digest()),
        Op::ProbeUntag => method == "DELETE" && path.starts_with("/v2/app/manifests/tagboat-probe-"),
        Op::PutManifest => method == "PUT" && manifest,
        Op::Mount => method == "POST" && place && seen.line.contains("mount="),
        Op::BeginUpload => method == "POST" && place && !seen.line.contains("mount="),
        Op::Upload => method == "PUT" && place,
        Op::CancelUpload => method == "DELETE" && place,
        _ if !["GET", "HEAD"].contains(&method) => false,
        Op::Ping => path == "/v2/",
        Op::Catalog => path == "/v2/_catalog",
        Op::Tags => path == "/v2/app/tags/list",
        Op::Manifest => manifest,
        Op::Referrers => path.starts_with("/v2/app/referrers/"),
        Op::HasBlob => method == "HEAD" && path.starts_with("/v2/app/blobs/"),
        Op::Blob | Op::Layer => method == "GET" && path.starts_with("/v2/app/blobs/"),
        Op::List(_) | Op::Read(_) | Op::Change(_) | Op::SignIn => false,
    }
}

/// Makes the client send it.
async fn send(op: Op, backend: &dyn Backend) -> Result<(), Error> {
    let image = image();
    let digest = Digest::parse(&image.digest()).expect("a digest");
    let reference = Reference::Tag(tag("1"));
    match op {
        Op::Ping => backend.connect().await.map(drop),
        Op::Catalog => repositories(backend).await.map(|found| assert_eq!(found, ["app"])),
        Op::Tags => tags(backend, "app").await.map(|found| assert_eq!(found, ["1"])),
        Op::Manifest => backend.manifest(&repo("app"), &reference).await.map(drop),
        Op::Referrers => backend.referrers(&repo("app"), &digest).await.map(drop),
        Op::Blob => backend.image(&repo("app"), &reference, None).await.map(drop),
        Op::Layer => {
            let blob = BlobRef { digest: Digest::of(&image.blobs[0]), size: image.blobs[0].len() as u64 };
            let (out, mut pieces) = tokio::sync::mpsc::channel(1);
            let reading = async { while pieces.recv().await.is_some() {} };
            let app = repo("app");
            tokio::join!(backend.read_blob(&app, &blob, out), reading).0
        }
        Op::HasBlob => backend.has_blob(&repo("app"), &digest).await.map(drop),
        Op::DeleteTag => backend.delete_tag(&repo("app"), &tag("1")).await.map(drop),
        Op::DeleteManifest => backend.delete_manifest(&repo("app"), &digest).await.map(drop),
        // Whom the registry sends on was told no, which is an answer to this question.
        Op::ProbeDelete => backend.probe_delete(&repo("app")).await.map(drop),
        Op::ProbeUntag => backend.probe_untag(&repo("app")).await.map(drop),
        Op::PutManifest => {
            backend.put_manifest(&repo("app"), &reference, OCI_MANIFEST, image.manifest.into()).await.map(drop)
        }
        Op::Mount => backend.mount_blob(&repo("app"), &digest, &repo("from")).await.map(drop),
        Op::BeginUpload | Op::Upload => backend.put_blob(&repo("app"), "blob".into()).await.map(drop),
        // What begins an upload instead of mounting has to be told that nobody goes on with it.
        Op::CancelUpload => backend.mount_blob(&repo("app"), &digest, &repo("from")).await.map(drop),
        Op::List(_) | Op::Read(_) | Op::Change(_) | Op::SignIn => unreachable!("not in the list"),
    }
}

fn image() -> Image {
    Image::new(OCI_MANIFEST, "leak", "amd64")
}

/// What a registry with one tag of one image answers.
fn content(seen: &Seen) -> Vec<u8> {
    let image = image();
    let json = |text: &str| answer(200, &[("content-type", "application/json")], text);
    let last = seen.line.split(['?', ' ']).nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    match ops().find(|op| asked_by(*op, seen)) {
        Some(Op::Ping) => json("{}"),
        Some(Op::Catalog) => json(r#"{"repositories":["app"]}"#),
        Some(Op::Tags) => json(r#"{"name":"app","tags":["1"]}"#),
        Some(Op::Manifest) => answer(200, &[("content-type", OCI_MANIFEST)], &image.manifest),
        Some(Op::Referrers) => answer(200, &[("content-type", OCI_INDEX)], r#"{"schemaVersion":2,"manifests":[]}"#),
        Some(Op::Blob | Op::Layer) => {
            let blob = image.blobs.iter().find(|blob| Digest::of(blob).to_string() == last).expect("a blob");
            answer(200, &[("content-type", "application/octet-stream")], blob)
        }
        Some(Op::HasBlob) => answer(200, &[], ""),
        Some(Op::DeleteTag | Op::DeleteManifest | Op::ProbeDelete | Op::ProbeUntag) => answer(202, &[], ""),
        Some(Op::PutManifest | Op::Upload) => answer(201, &[], ""),
        Some(Op::Mount | Op::BeginUpload) => answer(202, &[("location", "/v2/app/blobs/uploads/7?_state=x")], ""),
        Some(Op::CancelUpload) => answer(204, &[], ""),
        Some(Op::List(_) | Op::Read(_) | Op::Change(_) | Op::SignIn) | None => answer(404, &[], ""),
    }
}

#[derive(Clone, Copy, Debug)]
enum SignIn {
    Basic,
    Bearer,
}

/// A registry that wants a sign-in first, and then answers what `then` says.
fn registry(sign_in: SignIn, then: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Listener {
    Listener::start(move |seen| match (sign_in, seen.header("authorization")) {
        (SignIn::Bearer, _) if seen.is_for("/token") => answer(200, &[], r#"{"token":"s3cr3t-token"}"#),
        (SignIn::Basic, Some("Basic bWU6czNjcjN0LTE=")) | (SignIn::Bearer, Some("Bearer s3cr3t-token")) => then(seen),
        (SignIn::Basic, _) => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
        (SignIn::Bearer, _) => {
            answer(401, &[("www-authenticate", "Bearer realm=\"/token\",scope=\"repository:app:pull\"")], "")
        }
    })
}

fn mine() -> Credential {
    basic("me", "s3cr3t-1")
}

fn connect(url: &str) -> Arc<dyn Backend> {
    client::connect(&profile(url), mine())
}

#[track_caller]
fn nothing_of_ours(seen: &Seen, what: &str) {
    for (name, value) in &seen.headers {
        assert!(HARMLESS.contains(&name.as_str()), "{what}: {name}: {value}");
        assert!(!value.contains("s3cr3t"), "{what}: {name}: {value}");
    }
    assert!(seen.body.is_empty() && !seen.line.contains("s3cr3t"), "{what}: {seen:?}");
}

#[track_caller]
fn no_cookie_came_back(server: &Listener, what: &str) {
    assert!(server.seen().iter().all(|seen| seen.header("cookie").is_none()), "{what}");
}

#[tokio::test]
async fn a_redirect_takes_nothing_to_another_origin() {
    for op in reads() {
        for sign_in in [SignIn::Basic, SignIn::Bearer] {
            for (status, by_name) in [(301, false), (302, true), (303, false), (307, true), (308, false)] {
                let what = format!("{op:?} {sign_in:?} {status}");
                let other = Listener::start(content);
                let target = if by_name { other.url_by_name() } else { other.url() };
                let first = registry(sign_in, move |seen| {
                    if !asked_by(op, seen) {
                        return content(seen);
                    }
                    let path = seen.line.split(' ').nth(1).unwrap_or_default();
                    answer(status, &[("location", &format!("{target}{path}"))], "")
                });
                send(op, &*connect(&first.url())).await.unwrap_or_else(|error| panic!("{what}: {error}"));
                assert!(first.seen().iter().any(|seen| seen.header("authorization").is_some()), "{what}");
                assert!(!other.seen().is_empty(), "{what}");
                other.seen().iter().for_each(|seen| nothing_of_ours(seen, &what));
                no_cookie_came_back(&first, &what);
            }
        }
    }
}

#[tokio::test]
async fn coming_back_to_the_registry_brings_no_credentials_back() {
    for op in reads() {
        let back = Arc::new(std::sync::OnceLock::<String>::new());
        let home = Arc::clone(&back);
        let other = Listener::start(move |_| {
            let home = home.get().expect("the registry's address");
            answer(307, &[("location", &format!("{home}/back"))], "")
        });
        let away = format!("{}/away", other.url());
        let first = registry(SignIn::Basic, move |seen| {
            if asked_by(op, seen) { answer(307, &[("location", &away)], "") } else { content(seen) }
        });
        back.set(first.url()).expect("set once");
        let error = send(op, &*connect(&first.url())).await.expect_err("the way back is without credentials");
        assert_eq!(error.status, Some(401), "{op:?}: {error}");
        let came: Vec<_> = first.seen().into_iter().filter(|seen| seen.is_for("/back")).collect();
        assert!(!came.is_empty(), "{op:?}");
        came.iter().chain(&other.seen()).for_each(|seen| nothing_of_ours(seen, &format!("{op:?}")));
    }
}

#[tokio::test]
async fn a_401_elsewhere_is_no_reason_to_sign_in_there() {
    for op in reads() {
        for challenge in ["Basic realm=\"r\"", "Bearer realm=\"/token\""] {
            let other = Listener::start(move |_| answer(401, &[("www-authenticate", challenge)], ""));
            let away = format!("{}/away", other.url());
            let first = registry(SignIn::Basic, move |seen| {
                if asked_by(op, seen) { answer(307, &[("location", &away)], "") } else { content(seen) }
            });
            let error = send(op, &*connect(&first.url())).await.expect_err("refused");
            assert_eq!(error.status, Some(401), "{op:?}: {error}");
            other.seen().iter().for_each(|seen| nothing_of_ours(seen, &format!("{op:?}")));
            assert!(other.seen().iter().all(|seen| seen.is_for("/away")), "{op:?}: {:?}", other.seen());
        }
    }
}

#[tokio::test]
async fn redirects_end_after_five() {
    for op in reads() {
        let first = registry(SignIn::Basic, move |seen| {
            if asked_by(op, seen) || seen.is_for("/again") {
                answer(307, &[("location", "/again")], "")
            } else {
                content(seen)
            }
        });
        let error = send(op, &*connect(&first.url())).await.expect_err("no end");
        assert_eq!(error.kind, ErrorKind::Forbidden, "{op:?}: {error}");
        assert_eq!(first.seen().iter().filter(|seen| seen.is_for("/again")).count(), 5, "{op:?}");
    }
}

#[tokio::test]
async fn a_link_to_another_server_is_not_followed_there() {
    for (op, first_page, second_page) in [
        (Op::Catalog, r#"{"repositories":["a"]}"#, r#"{"repositories":["app"]}"#),
        (Op::Tags, r#"{"tags":["0"]}"#, r#"{"tags":["1"]}"#),
        (Op::Referrers, r#"{"schemaVersion":2,"manifests":[]}"#, r#"{"schemaVersion":2,"manifests":[]}"#),
    ] {
        for scheme in ["http://", "https://", "//"] {
            let other = Listener::start(|_| answer(200, &[], "{}"));
            let link = format!("<{scheme}{}/v2/elsewhere?last=x>; rel=\"next\"", other.address);
            let first = registry(SignIn::Basic, move |seen| {
                let json = ("content-type", if op == Op::Referrers { OCI_INDEX } else { "application/json" });
                match (asked_by(op, seen), seen.line.contains("last=x")) {
                    (true, true) => answer(200, &[json], second_page),
                    (true, false) => answer(200, &[json, ("link", &link)], first_page),
                    _ => content(seen),
                }
            });
            let backend = connect(&first.url());
            match op {
                Op::Catalog => assert_eq!(repositories(&*backend).await.expect("both pages"), ["a", "app"]),
                Op::Tags => assert_eq!(tags(&*backend, "app").await.expect("both pages"), ["0", "1"]),
                _ => send(op, &*backend).await.expect("both pages"),
            }
            assert!(first.seen().iter().any(|seen| asked_by(op, seen) && seen.line.contains("last=x")), "{op:?}");
            assert!(other.seen().is_empty(), "{op:?}: {:?}", other.seen());
        }
    }
}

#[tokio::test]
async fn the_addresses_of_foreign_layers_are_never_asked() {
    let other = Listener::start(|_| answer(200, &[], "layer"));
    let mut foreign: serde_json::Value = serde_json::from_slice(&image().manifest).expect("JSON");
    for layer in foreign["layers"].as_array_mut().expect("layers") {
        layer["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip".into();
        layer["urls"] = serde_json::json!([format!("{}/layer", other.url())]);
    }
    foreign["config"]["urls"] = serde_json::json!([format!("{}/config", other.url())]);
    let foreign = serde_json::to_vec(&foreign).expect("JSON");
    let first = registry(SignIn::Basic, move |seen| match asked_by(Op::Manifest, seen) {
        true => answer(200, &[("content-type", OCI_MANIFEST)], &foreign),
        false => content(seen),
    });
    let backend = connect(&first.url());
    let image = backend.image(&repo("app"), &Reference::Tag(tag("1")), None).await.expect("an image");
    assert_eq!((image.layers.len(), image.config.is_some()), (2, true));
    backend.tag_info(&repo("app"), &tag("1")).await.expect("a row");
    assert!(other.seen().is_empty(), "{:?}", other.seen());
}

#[tokio::test]
async fn in_read_only_mode_everything_still_reads() {
    for sign_in in [SignIn::Basic, SignIn::Bearer] {
        let first = registry(sign_in, content);
        let settings = Settings { read_only: true, ..Settings::default() };
        let backend = client::try_connect(&profile(&first.url()), mine(), settings).expect("a client");
        for op in reads() {
            send(op, &*backend).await.unwrap_or_else(|error| panic!("{op:?}: {error}"));
        }
        let reads = |seen: &Seen| seen.line.starts_with("GET ") || seen.line.starts_with("HEAD ");
        assert!(first.seen().iter().all(reads), "{:?}", first.seen());
    }
}
