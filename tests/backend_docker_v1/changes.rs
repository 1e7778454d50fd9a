//! Tags set and deleted, repositories made and deleted, and what that does at the server.

use tagboat::backend::{Delivery, Sent};
use tagboat::demo::docker_v1::{DockerV1Options, IndexRules};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::capability::Support;
use tagboat::domain::change::{Change, Changed, Doomed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference, RepoName};
use tagboat::domain::secret::Credential;

use super::{Pair, REPO, id, image, index, is_clear, repo, settings, small, with_password};
use crate::support::client::{tag, try_connect};
use crate::support::walk::by_tag;

fn set(name: &str, on: Digest) -> Change {
    Change::SetTag { repo: repo(REPO), tag: tag(name), image: on, colour: None }
}

fn ways() -> [DockerV1Options; 4] {
    let once = IndexRules { single_use: true, cookie: true, ..IndexRules::default() };
    [DockerV1Options::reference(), with_password(), index(IndexRules::default()), index(once)]
}

#[tokio::test]
async fn a_tag_is_set_and_moved() {
    for options in ways() {
        let pair = Pair::start(options).await;
        for (name, on) in [("2.0", 'b'), ("latest", 'a')] {
            assert_eq!(pair.backend.change(&set(name, image(on))).await.expect("set"), Changed::Confirmed);
        }
        let pairs = [("1.0", 'c'), ("2.0", 'b'), ("latest", 'a')];
        assert_eq!(pair.tags(), pairs.map(|(name, on)| (name.to_owned(), id(on))));
        let other = set("3.0", image('d'));
        let error = pair.backend.change(&other).await.expect_err("no such image");
        assert_eq!((error.kind, pair.asked("PUT", "/tags/3.0")), (ErrorKind::NotFound, 0));
    }
}

/// What an undo has is the document of the image that a tag was on.
#[tokio::test]
async fn a_tag_comes_back_by_the_document_of_its_image() {
    for options in ways() {
        let pair = Pair::start(options).await;
        let image = pair.backend.manifest(&repo(REPO), &by_tag("1.0")).await.expect("an image");
        pair.server.store().repository(REPO).tags.remove("1.0");
        let (name, bytes) = (repo(REPO), bytes::Bytes::copy_from_slice(&image.raw));
        let put = async |reference: Reference| {
            pair.backend.put_manifest(&name, &reference, &image.media_type, bytes.clone()).await
        };
        assert_eq!(put(by_tag("1.0")).await.expect("back"), image.digest);
        assert_eq!(pair.tags()[0], ("1.0".to_owned(), id('c')));
        let error = put(Reference::Digest(image.digest.clone())).await.expect_err("no way");
        assert_eq!(error.kind, ErrorKind::Unsupported);
        let nothing = pair.backend.put_manifest(&name, &by_tag("x"), "", "{}".into()).await.expect_err("no id");
        assert_eq!(nothing.kind, ErrorKind::Refused);
    }
}

/// The server would take it, and the tag could not be pulled.
#[tokio::test]
async fn no_tag_is_set_on_half_an_image() {
    let mut store = small();
    store.images.get_mut(&id('b')).expect("an image").unfinished = true;
    let pair = Pair::of(store, DockerV1Options::reference(), Credential::Anonymous).await;
    let error = pair.backend.change(&set("2.0", image('b'))).await.expect_err("half");
    is_clear(&error, &["has not finished"]);
    assert_eq!((error.kind, pair.asked("PUT", "/")), (ErrorKind::Refused, 0));
}

#[tokio::test]
async fn a_tag_is_deleted_and_its_image_stays() {
    for options in [DockerV1Options::reference(), with_password()] {
        let pair = Pair::start(options).await;
        assert_eq!(pair.backend.delete_tag(&repo(REPO), &tag("1.0")).await.expect("deleted"), Sent::Done);
        assert_eq!(pair.backend.delete_tag(&repo(REPO), &tag("1.0")).await.expect("gone"), Sent::Gone);
        assert_eq!(pair.tags(), [("latest".to_owned(), id('c'))]);
        assert!(pair.server.store().images.contains_key(&id('c')));
        // And back again.
        assert_eq!(pair.backend.change(&set("1.0", image('c'))).await.expect("set"), Changed::Confirmed);
        assert_eq!(pair.tags().len(), 2);
        let doomed = Doomed::Tags(repo(REPO), vec![tag("1.0"), tag("none")]);
        assert_eq!(pair.backend.delete(&doomed).await.expect("deleted"), [Sent::Done, Sent::Gone]);
        assert_eq!(pair.backend.deletes(&repo(REPO)).tag.support, Support::Yes);
    }
}

/// The index's only token for deleting comes with the beginning of the repository's deletion, so nothing is sent.
#[tokio::test]
async fn behind_an_index_no_single_tag_is_deleted() {
    let pair = Pair::start(index(IndexRules::default())).await;
    pair.backend.connect().await.expect("a registry");
    let error = pair.backend.delete_tag(&repo(REPO), &tag("1.0")).await.expect_err("no way");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Unsupported, Delivery::NotSent));
    is_clear(&error, &["whole repository"]);
    assert_eq!((pair.asked("DELETE", "/"), pair.tags().len()), (0, 2));
    let known = pair.backend.capabilities();
    assert_eq!((known.tag_delete, known.auth), (Support::No, Some("token")));
    assert_eq!(pair.backend.deletes(&repo(REPO)).tag.support, Support::No);
}

#[tokio::test]
async fn a_repository_is_deleted_in_each_way() {
    for options in ways() {
        let pair = Pair::start(options).await;
        let doomed = Doomed::Repositories(vec![repo(REPO)]);
        assert_eq!(pair.backend.delete(&doomed).await.expect("deleted"), [Sent::Done]);
        assert!(pair.server.store().repositories.is_empty());
        assert_eq!(pair.server.store().images.len(), 3, "the images stay");
        assert_eq!(pair.backend.delete(&doomed).await.expect("gone"), [Sent::Gone]);
    }
}

/// A damaged tag stops the server in the middle, with the words for a repository that is not there.
#[tokio::test]
async fn a_deletion_that_stopped_half_way_says_so() {
    let mut store = small();
    store.tag(REPO, "a b", &id('a'), super::no_value());
    let pair = Pair::of(store, DockerV1Options::reference(), Credential::Anonymous).await;
    let error = pair.backend.delete(&Doomed::Repositories(vec![repo(REPO)])).await.expect_err("half");
    assert!(error.outcome_unknown(), "some of it was done");
    is_clear(&error, &["half way", "Reload"]);
    assert_eq!(pair.tags().len(), 2, "1.0 went before the damaged one");
}

#[tokio::test]
async fn images_are_never_deleted() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let doomed = Doomed::Images(repo(REPO), vec![image('a')]);
    let error = pair.backend.delete(&doomed).await.expect_err("no call does it");
    assert_eq!((error.kind, pair.server.log().len()), (ErrorKind::Unsupported, 0));
    assert_eq!(
        pair.backend.delete_manifest(&repo(REPO), &image('a')).await.map_err(|e| e.kind),
        Err(ErrorKind::Unsupported)
    );
}

#[tokio::test]
async fn a_repository_is_made_and_hidden() {
    for options in [DockerV1Options::reference(), with_password()] {
        let pair = Pair::start(options).await;
        let name = RepoName::loose("acme/new").expect("a name");
        let form = Form { public: Some(false), ..Form::new(name.clone()) };
        let made = pair.backend.change(&Change::Create(Box::new(form.clone()))).await.expect("made");
        assert_eq!(made, Changed::Confirmed);
        assert!(pair.server.store().repositories["acme/new"].private);
        let again = pair.backend.change(&Change::Create(Box::new(form))).await.expect_err("there");
        is_clear(&again, &["already"]);
        let open = Form { public: Some(true), ..Form::new(name) };
        assert_eq!(pair.backend.change(&Change::Edit(Box::new(open))).await.expect("opened"), Changed::Confirmed);
        assert!(!pair.server.store().repositories["acme/new"].private);
    }
}

/// Whatever becomes of a change, it is sent once.
#[tokio::test]
async fn a_change_is_sent_once() {
    for (fault, kind, delivery) in [
        (Fault::status(500), ErrorKind::Server, Delivery::Answered),
        (Fault::status(503), ErrorKind::Server, Delivery::Answered),
        (Fault::status(429), ErrorKind::RateLimited, Delivery::Answered),
        (Fault::status(403), ErrorKind::Denied, Delivery::Answered),
        (Fault::status(405), ErrorKind::Unsupported, Delivery::Answered),
        (Fault::LostAnswer, ErrorKind::Network, Delivery::Unanswered),
    ] {
        for method in ["PUT", "DELETE"] {
            let pair = Pair::start(DockerV1Options::default()).await;
            pair.server.faults().add(Rule::on("/tags/1.0", fault.clone()).method(method));
            let error = match method {
                "PUT" => pair.backend.change(&set("1.0", image('a'))).await.map(drop),
                _ => pair.backend.delete_tag(&repo(REPO), &tag("1.0")).await.map(drop),
            };
            let error = error.expect_err("a fault");
            assert_eq!((error.kind, error.delivery), (kind, delivery), "{method} {fault:?}: {error}");
            is_clear(&error, &["127.0.0.1"]);
            assert_eq!(pair.asked(method, "/tags/1.0"), 1, "{method} {fault:?}");
        }
    }
}

/// A success with a page for a body is a success; what it did is looked at.
#[tokio::test]
async fn a_page_after_a_change_does_not_hide_what_was_done() {
    let pair = Pair::start(DockerV1Options::default()).await;
    pair.server.faults().add(Rule::on("/tags/9.9", Fault::Html).method("PUT"));
    let changed = pair.backend.change(&set("9.9", image('a'))).await.expect("taken");
    assert_eq!((changed, pair.tags().len()), (Changed::NotConfirmed, 2));
}

#[tokio::test]
async fn nothing_is_changed_in_read_only_mode() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let settings = tagboat::backend::Settings { read_only: true, ..settings() };
    let backend = try_connect(&super::profile(&pair.server.url), Credential::Anonymous, settings).expect("a client");
    let form = Box::new(Form::new(repo("acme/new")));
    let results = [
        backend.change(&set("1.0", image('a'))).await.map(drop),
        backend.change(&Change::Create(form)).await.map(drop),
        backend.delete_tag(&repo(REPO), &tag("1.0")).await.map(drop),
        backend.delete(&Doomed::Repositories(vec![repo(REPO)])).await.map(drop),
    ];
    for result in results {
        assert_eq!(result.expect_err("stopped").kind, ErrorKind::Forbidden);
    }
    assert!(pair.server.log().iter().all(|request| request.method == "GET"));
}
