//! What the client of OCI registries keeps with each of their kinds.

use std::sync::Arc;

use tagboat::backend::{Backend, BlobRef, Delivery, Error, Settings};
use tagboat::demo::{Auth, Fault, Image, OciOptions, OciServer, Profile, Push, Rule, Store, start_oci};
use tagboat::domain::capability::Support;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::Digest;

use crate::support::client::{basic, profile, repo, tag, try_connect};
use crate::support::walk::{by_tag, repositories, tags};

const MARKER: &str = "s3cr3t-contract";
/// Every character a name may have, and as deep as people go.
const NAMES: [&str; 5] = ["a", "a.b/c_d/e__f/g-h/i--j", "team/app", "0/1/2/3/4/5/6/7/8/9", "x/tags/list/manifests/y"];
const TAGS: [&str; 4] = ["latest", "_1.2-3", "V1.0_x", "sha256-abc.sig"];

struct One {
    name: &'static str,
    server: OciServer,
    backend: Arc<dyn Backend>,
}

fn store() -> Store {
    let mut store = Store::new();
    for name in NAMES {
        let mut push = Push::to(&mut store, name);
        let made = push.image(&Image {
            created: "2026-03-04T05:06:07Z".to_owned(),
            platform: "linux/amd64".to_owned(),
            layers: vec![("one".to_owned(), 1)],
            labels: Vec::new(),
            docker: false,
        });
        push.tag(&TAGS, &made);
    }
    store
}

/// A client of each kind, signed in with a secret that must be seen nowhere.
async fn all() -> Vec<One> {
    let mut all = Vec::new();
    for (name, profile_of_server) in [
        ("oci, 2.8", Profile::Reference),
        ("oci, 3", Profile::Distribution3),
        ("oci, quay", Profile::Quay),
        ("oci, gcr", Profile::Gcr),
    ] {
        let auth = Auth::Basic { user: "tester".to_owned(), password: MARKER.to_owned() };
        let options = OciOptions { profile: profile_of_server, auth, ..OciOptions::default() };
        let server = start_oci(store(), options).await.expect("loopback has a free port");
        let settings = Settings { timeout: Some(std::time::Duration::from_secs(5)), ..Settings::default() };
        let backend = try_connect(&profile(&server.url), basic("tester", MARKER), settings).expect("a client");
        all.push(One { name, server, backend });
    }
    all
}

/// Every read there is, by name.
async fn reads(backend: &dyn Backend) -> Vec<(&'static str, Result<(), Error>)> {
    let app = repo("team/app");
    vec![
        ("connect", backend.connect().await.map(drop)),
        ("repositories", repositories(backend).await.map(drop)),
        ("tags", tags(backend, "team/app").await.map(drop)),
        ("resolve", backend.resolve(&app, &by_tag("latest")).await.map(drop)),
        ("tag_info", backend.tag_info(&app, &tag("latest")).await.map(drop)),
        ("manifest", backend.manifest(&app, &by_tag("latest")).await.map(drop)),
        ("image", backend.image(&app, &by_tag("latest"), None).await.map(drop)),
    ]
}

/// Every write there is, by name; each to something that is not there.
async fn writes(backend: &dyn Backend) -> Vec<(&'static str, Result<(), Error>)> {
    let (app, nothing) = (repo("team/app"), Digest::of(b"nothing"));
    let (out, source) = tokio::sync::mpsc::channel(1);
    drop(out);
    let blob = BlobRef { digest: nothing.clone(), size: 1 };
    vec![
        ("delete_tag", backend.delete_tag(&app, &tag("none")).await.map(drop)),
        ("delete_manifest", backend.delete_manifest(&app, &nothing).await.map(drop)),
        ("put_manifest", backend.put_manifest(&app, &by_tag("none"), "a/b", "{}".into()).await.map(drop)),
        ("put_blob", backend.put_blob(&app, "blob".into()).await.map(drop)),
        ("mount_blob", backend.mount_blob(&app, &nothing, &repo("a")).await.map(drop)),
        ("write_blob", backend.write_blob(&app, &blob, source).await),
    ]
}

#[tokio::test]
async fn a_write_that_is_refused_is_answered_and_one_without_an_answer_is_not() {
    for (fault, delivery) in [
        (Fault::status(403), Delivery::Answered),
        (Fault::status(429), Delivery::Answered),
        (Fault::status(500), Delivery::Answered),
        (Fault::LostAnswer, Delivery::Unanswered),
    ] {
        for one in all().await {
            // Signed in by then: what is lost is the answer to the write.
            one.backend.connect().await.expect(one.name);
            one.server.faults().add(Rule::on("/v2/", fault.clone()));
            one.server.clear_log();
            for (write, result) in writes(&*one.backend).await {
                let error = result.expect_err(write);
                assert_eq!(error.delivery, delivery, "{} {write} {fault:?}: {error:?}", one.name);
                assert_eq!(error.status.is_some(), delivery == Delivery::Answered, "{} {write}", one.name);
            }
            // One request each, whatever came of it.
            assert_eq!(one.server.log().len(), 6, "{}: {:?}", one.name, one.server.log());
        }
    }
}

#[tokio::test]
async fn what_is_said_to_delete_deletes() {
    for one in all().await {
        let app = repo("team/app");
        let first = one.backend.delete_tag(&app, &tag("latest")).await;
        let known = one.backend.deletes(&app);
        assert_eq!(known.tag.support == Support::Yes, first.is_ok(), "{}: {first:?}", one.name);
        assert_eq!(known.tag.support == Support::No, first.is_err(), "{}: {first:?}", one.name);
        let digest = one.server.store().resolve("team/app", TAGS[1]).expect("pushed");
        if one.name.ends_with("gcr") {
            // Tags have to go first (oci-distribution.md §11.1).
            let refused = one.backend.delete_manifest(&app, &digest).await.expect_err(one.name);
            assert_eq!(refused.kind, ErrorKind::Refused);
            for other in &TAGS[1..] {
                one.backend.delete_tag(&app, &tag(other)).await.expect(one.name);
            }
        }
        one.backend.delete_manifest(&app, &digest).await.expect(one.name);
        assert_eq!(one.backend.deletes(&app).manifest.support, Support::Yes, "{}", one.name);
        assert!(one.server.store().resolve("team/app", TAGS[1]).is_none(), "{}", one.name);
    }
}

#[tokio::test]
async fn what_is_said_to_work_works() {
    for one in all().await {
        for (read, result) in reads(&*one.backend).await {
            assert!(result.is_ok(), "{} {read}: {result:?}", one.name);
        }
        let known = one.backend.capabilities();
        assert_eq!(known.listing, Support::Yes, "{}", one.name);
        let digest = one.server.store().resolve("team/app", "latest").expect("pushed");
        let referrers = one.backend.referrers(&repo("team/app"), &digest).await.expect("an answer");
        let by_api = one.backend.capabilities().referrers;
        assert_eq!(by_api == Support::Yes, !referrers.by_tag, "{}", one.name);
        assert_ne!(by_api, Support::Unknown, "{}", one.name);
    }
}

#[tokio::test]
async fn names_survive_the_way_there_and_back() {
    for one in all().await {
        let mut listed = repositories(&*one.backend).await.expect("a catalogue").names;
        listed.sort();
        let mut want = NAMES.map(str::to_owned).to_vec();
        want.sort();
        assert_eq!(listed, want, "{}", one.name);
        for name in NAMES {
            let mut want = TAGS.map(str::to_owned).to_vec();
            want.sort();
            assert_eq!(tags(&*one.backend, name).await.expect("tags").names, want, "{} {name}", one.name);
            for text in TAGS {
                let info = one.backend.tag_info(&repo(name), &tag(text)).await.expect("a tag");
                assert_eq!(
                    Some(info.digest.clone()),
                    one.server.store().resolve(name, text),
                    "{} {name}:{text}",
                    one.name
                );
            }
        }
    }
}

#[tokio::test]
async fn the_same_refusal_is_the_same_kind_everywhere() {
    for (status, kinds) in [
        (401, &[ErrorKind::SignIn][..]),
        (403, &[ErrorKind::Denied]),
        // A greeting that is not known means that this is no registry.
        (404, &[ErrorKind::NotFound, ErrorKind::Unsupported, ErrorKind::BadAnswer]),
        (429, &[ErrorKind::RateLimited]),
        (500, &[ErrorKind::Server]),
    ] {
        for one in all().await {
            let headers = vec![("retry-after".to_owned(), "3600".to_owned())];
            let body = format!("{{\"errors\":[{{\"code\":\"X\",\"message\":\"{}\"}}]}}", "told").into_bytes();
            one.server.faults().add(Rule::on("/v2/", Fault::Answer { status, headers, body }));
            for (read, result) in reads(&*one.backend).await {
                let error = result.expect_err(read);
                assert!(kinds.contains(&error.kind), "{} {read} {status}: {error:?}", one.name);
                assert!(!error.report().hint.is_empty(), "{} {read} {status}", one.name);
            }
        }
    }
}

#[tokio::test]
async fn no_secret_is_printed() {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("tester:{MARKER}"));
    for one in all().await {
        let mut printed = String::new();
        for fault in [Fault::status(401), Fault::status(403), Fault::status(500), Fault::Html, Fault::LostAnswer] {
            one.server.faults().clear();
            one.server.faults().add(Rule::on("/v2/", fault));
            for (_, result) in reads(&*one.backend).await {
                if let Err(error) = result {
                    printed += &format!("{error} {error:?} {:?}\n", error.report());
                }
            }
        }
        printed += &format!("{:?} {:?}", one.backend.capabilities(), one.backend.notices());
        assert!(!printed.is_empty());
        for secret in [MARKER, encoded.as_str()] {
            assert!(!printed.contains(secret), "{}: {printed}", one.name);
        }
    }
}

#[tokio::test]
async fn what_is_said_beside_an_answer_is_handed_over_once() {
    for one in all().await {
        let text = "299 - \"this registry moves to r2.example\"".to_owned();
        one.server.faults().add(Rule::on("/tags/list", Fault::Header("warning".to_owned(), Some(text))));
        for _ in 0..3 {
            tags(&*one.backend, "team/app").await.expect("tags");
        }
        let told: Vec<String> = one.backend.notices().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{}: {told:?}", one.name);
        assert!(told[0].contains("moves to r2.example") && told[0].contains("127.0.0.1"), "{told:?}");
        assert!(one.backend.notices().is_empty(), "{}", one.name);
    }
}
