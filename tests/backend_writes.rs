//! Writes against the demo's registries: what each profile answers, and what the client makes of it.

use std::sync::Arc;

use bytes::Bytes;
use tagboat::backend::{Backend, BlobRef, Copied, DeleteProbe, Delivery, Mounted, Place, Sent, Settings, copy_blob};
use tagboat::demo::{Auth, Fault, Image, OciOptions, OciServer, Profile, Push, Rule, Store, start_oci};
use tagboat::domain::capability::{DeleteSemantics, Support};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::registry::{Mode, RegistryProfile};

use crate::support::client::{basic, profile, repo, tag, try_connect};

mod kept_alive;
mod uploads;

const USER: &str = "tester";
const PASSWORD: &str = "s3cr3t-writes";

fn store() -> Store {
    let mut store = Store::new();
    let mut push = Push::to(&mut store, "app");
    let image = |name: &str| Image {
        created: "2026-03-04T05:06:07Z".to_owned(),
        platform: "linux/amd64".to_owned(),
        layers: vec![(name.to_owned(), 1)],
        labels: Vec::new(),
        docker: false,
    };
    let made = push.image(&image("one"));
    push.tag(&["1", "latest"], &made);
    let made = push.image(&image("two"));
    push.tag(&["2"], &made);
    store
}

async fn server(profile: Profile, auth: Auth) -> OciServer {
    let options = OciOptions { profile, auth, ..OciOptions::default() };
    start_oci(store(), options).await.expect("loopback has a free port")
}

fn bearer() -> Auth {
    Auth::Bearer { user: USER.to_owned(), password: PASSWORD.to_owned() }
}

fn client_of(server: &OciServer) -> Arc<dyn Backend> {
    try_connect(&profile(&server.url), basic(USER, PASSWORD), Settings::default()).expect("a client")
}

fn digest(server: &OciServer, tag: &str) -> Digest {
    server.store().resolve("app", tag).expect("a tag")
}

fn deletes(server: &OciServer) -> usize {
    server.log().iter().filter(|seen| seen.method == "DELETE").count()
}

#[tokio::test]
async fn what_each_registry_answers_to_the_delete_of_a_tag() {
    for name in Profile::names() {
        let server = server(Profile::from_name(name).expect("a profile"), Auth::Open).await;
        let backend = client_of(&server);
        let result = backend.delete_tag(&repo("app"), &tag("1")).await;
        let learnt = backend.deletes(&repo("app")).tag;
        let untags = !["reference", "hostile", "harbor", "ghcr"].contains(&name);
        if untags {
            assert_eq!(result.expect(name), Sent::Done, "{name}");
            assert!(server.store().resolve("app", "1").is_none(), "{name}");
            assert_eq!(learnt.support, Support::Yes, "{name}");
            assert_eq!(backend.delete_tag(&repo("app"), &tag("1")).await.expect(name), Sent::Gone, "{name}");
        } else {
            let error = result.expect_err(name);
            assert_eq!((error.kind, error.delivery), (ErrorKind::Unsupported, Delivery::Answered), "{name}: {error:?}");
            assert_eq!(learnt.support, Support::No, "{name}");
            assert!(learnt.by.is_some_and(|by| by.as_str().contains("400") || by.as_str().contains("405")), "{name}");
        }
        assert_eq!(backend.capabilities().tag_delete, learnt.support, "{name}");
        // Its neighbour on the same digest stays, whatever happened.
        assert!(server.store().resolve("app", "latest").is_some(), "{name}");
        assert_eq!(deletes(&server), if untags { 2 } else { 1 }, "{name}");
    }
}

#[tokio::test]
async fn what_each_registry_answers_to_the_delete_of_a_manifest() {
    for name in Profile::names() {
        let server = server(Profile::from_name(name).expect("a profile"), Auth::Open).await;
        let backend = client_of(&server);
        let on = digest(&server, "2");
        let probe = backend.probe_delete(&repo("app")).await.expect(name);
        assert_eq!(probe == DeleteProbe::On, name != "ghcr", "{name}: {probe:?}");
        let result = backend.delete_manifest(&repo("app"), &on).await;
        let learnt = backend.deletes(&repo("app")).manifest.support;
        match name {
            "ghcr" => {
                let error = result.expect_err(name);
                assert_eq!((error.kind, error.status), (ErrorKind::Unsupported, Some(405)), "{error:?}");
                assert_eq!(learnt, Support::No);
                assert!(matches!(probe, DeleteProbe::Off(why) if why.as_str().contains("405")));
            }
            "gcr" => {
                let error = result.expect_err(name);
                assert_eq!(error.code.map(|code| code.to_string()).as_deref(), Some("GOOGLE_MANIFEST_DANGLING_TAG"));
                assert_eq!(learnt, Support::Yes, "that one has tags says nothing about the rest");
            }
            _ => {
                assert_eq!(result.expect(name), Sent::Done, "{name}");
                assert_eq!(server.store().resolve("app", "2").is_none(), name != "go-containerregistry", "{name}");
                assert_eq!(learnt, Support::Yes, "{name}");
            }
        }
        if ["reference", "harbor"].contains(&name) {
            backend.delete_tag(&repo("app"), &tag("1")).await.expect_err(name);
            assert_eq!(backend.capabilities().delete, DeleteSemantics::ManifestAndAllItsTags, "{name}");
        }
    }
}

#[tokio::test]
async fn deletion_off_and_maintenance_are_told() {
    for options in [
        OciOptions { deletes: false, ..OciOptions::default() },
        OciOptions { read_only: true, ..OciOptions::default() },
    ] {
        let server = start_oci(store(), options).await.expect("loopback has a free port");
        let backend = client_of(&server);
        let probe = backend.probe_delete(&repo("app")).await.expect("an answer");
        assert!(matches!(probe, DeleteProbe::Off(_)), "{probe:?}");
        let error = backend.delete_manifest(&repo("app"), &digest(&server, "1")).await.expect_err("off");
        assert_eq!((error.kind, error.status), (ErrorKind::Unsupported, Some(405)), "{error:?}");
        assert_eq!(backend.deletes(&repo("app")).manifest.support, Support::No);
    }
}

#[tokio::test]
async fn the_scope_of_a_challenge_is_asked_for_and_then_known() {
    let server = server(Profile::Distribution3, bearer()).await;
    let backend = client_of(&server);
    backend.delete_tag(&repo("app"), &tag("1")).await.expect("202");
    let tokens = server.tokens_issued();
    assert_eq!(deletes(&server), 2, "the first was refused with a challenge");
    let scopes: Vec<_> =
        server.log().iter().filter(|seen| seen.path == "/token").map(|seen| seen.query.clone()).collect();
    assert!(scopes.iter().any(|query| query.contains("repository%3Aapp%3Adelete")), "{scopes:?}");
    backend.delete_tag(&repo("app"), &tag("latest")).await.expect("202");
    assert_eq!((deletes(&server), server.tokens_issued()), (3, tokens), "the second went out with its token at once");
    // A token that died meanwhile: refused once, not done, and sent again with a new one.
    server.forget_tokens();
    assert_eq!(backend.delete_tag(&repo("app"), &tag("2")).await.expect("202"), Sent::Done);
    assert_eq!(deletes(&server), 5);
}

#[tokio::test]
async fn a_right_that_is_not_there_is_named_and_nothing_is_done() {
    let options = OciOptions { auth: bearer(), grants: vec!["pull"], ..OciOptions::default() };
    let server = start_oci(store(), options).await.expect("loopback has a free port");
    let backend = client_of(&server);
    let error = backend.delete_manifest(&repo("app"), &digest(&server, "1")).await.expect_err("no right");
    assert_eq!(
        (error.kind, error.status, error.delivery),
        (ErrorKind::Denied, Some(401), Delivery::Answered),
        "{error:?}"
    );
    assert!(error.what.as_str().contains("repository:app:delete"), "{error}");
    assert!(matches!(backend.probe_delete(&repo("app")).await, Ok(DeleteProbe::Denied(_))));
    assert!(server.store().resolve("app", "1").is_some());
}

#[tokio::test]
async fn an_answer_that_got_lost_is_unknown_and_sent_once() {
    let server = server(Profile::Distribution3, Auth::Open).await;
    let backend = client_of(&server);
    server.faults().add(Rule::on("/manifests/", Fault::LostAnswer).method("DELETE"));
    let error = backend.delete_tag(&repo("app"), &tag("1")).await.expect_err("no answer");
    assert!(error.outcome_unknown(), "{error:?}");
    assert!(server.store().resolve("app", "1").is_none(), "it was done all the same");
    assert_eq!(deletes(&server), 1);
}

#[tokio::test]
async fn refusals_are_told_and_not_waited_out() {
    for (fault, kind, wait) in [
        (Fault::too_many_requests("7"), ErrorKind::RateLimited, Some(7)),
        (Fault::status(500), ErrorKind::Server, None),
        (Fault::status(503), ErrorKind::Server, None),
        (Fault::status(403), ErrorKind::Denied, None),
        (Fault::Redirect { status: 307, to: "/v2/other/manifests/1".to_owned() }, ErrorKind::Refused, None),
    ] {
        let server = server(Profile::Distribution3, Auth::Open).await;
        let backend = client_of(&server);
        server.faults().add(Rule::on("/manifests/", fault).method("DELETE"));
        let error = backend.delete_tag(&repo("app"), &tag("1")).await.expect_err("refused");
        assert_eq!((error.kind, error.delivery), (kind, Delivery::Answered), "{error:?}");
        assert!(error.status.is_some());
        assert_eq!(error.retry_after.map(|wait| wait.as_secs()), wait, "{error:?}");
        assert_eq!(server.log().len(), 1, "{:?}", server.log());
    }
}

#[tokio::test]
async fn one_write_at_a_time_in_a_repository() {
    let server = server(Profile::Distribution3, Auth::Open).await;
    let backend = client_of(&server);
    server.faults().add(Rule::on("/v2/app/", Fault::Delay(std::time::Duration::from_millis(30))));
    let delete = |name: &'static str| {
        let backend = Arc::clone(&backend);
        async move { backend.delete_tag(&repo("app"), &tag(name)).await.expect("202") }
    };
    tokio::join!(delete("1"), delete("2"), delete("latest"));
    assert_eq!(server.peak(), 1);
}

#[tokio::test]
async fn in_read_only_mode_no_write_reaches_anybody() {
    let server = server(Profile::Distribution3, bearer()).await;
    let ours = profile(&server.url);
    let read_only = Settings { read_only: true, ..Settings::default() };
    let by_profile = RegistryProfile { mode: Mode::ReadOnly, ..ours.clone() };
    for (profile, settings) in [(ours, read_only), (by_profile, Settings::default())] {
        let backend = try_connect(&profile, basic(USER, PASSWORD), settings).expect("a client");
        for (what, result) in every_write(&*backend, &digest(&server, "1")).await {
            let error = result.expect_err(what);
            assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent), "{what}: {error:?}");
            assert!(error.what.as_str().contains("read-only"), "{what}: {error}");
        }
    }
    assert!(server.log().is_empty(), "not even a token was asked for: {:?}", server.log());
}

async fn every_write(backend: &dyn Backend, digest: &Digest) -> Vec<(&'static str, tagboat::backend::Result<()>)> {
    let app = repo("app");
    let (out, source) = tokio::sync::mpsc::channel(1);
    drop(out);
    let blob = BlobRef { digest: digest.clone(), size: 1 };
    vec![
        ("delete_tag", backend.delete_tag(&app, &tag("1")).await.map(drop)),
        ("delete_manifest", backend.delete_manifest(&app, digest).await.map(drop)),
        ("probe_delete", backend.probe_delete(&app).await.map(drop)),
        ("put_manifest", backend.put_manifest(&app, &Reference::Tag(tag("1")), "a/b", "{}".into()).await.map(drop)),
        ("put_blob", backend.put_blob(&app, Bytes::from_static(b"x")).await.map(drop)),
        ("mount_blob", backend.mount_blob(&app, digest, &repo("other")).await.map(drop)),
        ("write_blob", backend.write_blob(&app, &blob, source).await),
    ]
}

#[tokio::test]
async fn a_tag_is_moved_with_the_same_bytes() {
    let server = server(Profile::Reference, bearer()).await;
    let backend = client_of(&server);
    let manifest = backend.manifest(&repo("app"), &Reference::Tag(tag("1"))).await.expect("a manifest");
    let to = Reference::Tag(tag("new"));
    let media_type = format!("{}; charset=utf-8", manifest.media_type);
    let raw = Bytes::copy_from_slice(&manifest.raw);
    let put = backend.put_manifest(&repo("app"), &to, &media_type, raw.clone()).await.expect("201");
    assert_eq!((put, server.store().resolve("app", "new")), (manifest.digest.clone(), Some(manifest.digest.clone())));
    // By a digest that the bytes do not have it does not even leave.
    server.clear_log();
    let wrong = Reference::Digest(Digest::of(b"else"));
    let error = backend.put_manifest(&repo("app"), &wrong, &manifest.media_type, raw.clone()).await.expect_err("wrong");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent), "{error:?}");
    assert!(server.log().is_empty());
    // And a registry that says it took something else is not believed.
    server.faults().add(Rule::on("/manifests/", Fault::WrongDigest).method("PUT"));
    let error = backend.put_manifest(&repo("app"), &to, &manifest.media_type, raw).await.expect_err("another digest");
    assert_eq!((error.kind, error.delivery), (ErrorKind::BadAnswer, Delivery::Unanswered), "{error:?}");
}
