//! Tags that were set go back to where they were, or away again, and nothing else changes.

use tagboat::backend::Backend;
use tagboat::demo::{Fault, Profile, Rule};
use tagboat::domain::outcome::Outcome::{self, Changed, Done, Failed, Refused};
use tagboat::runtime::batch::Report;
use tagboat::runtime::batch::{Event, Phase};
use tagboat::runtime::undo::{Now, Removal, Restore, TagBack, examine, prospect, repair};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{End, Pair, is_done, outcomes, plan, writes};
use crate::support::cleanup::{REPO, drained};

async fn retag(pair: &Pair, end: &End, name: &str, new: &str) -> String {
    let transfer = plan(end, name, end, new, false).await.expect("a transfer");
    let (finished, _) = pair.run(end, end, transfer).await;
    is_done(&finished);
    finished.report.journal.expect("an id")
}

async fn undo(pair: &Pair, end: &End, id: &str) -> Report {
    let prospect = prospect(&*end.backend, &pair.journals(), id, true).await.expect("a prospect");
    let (events, receiver) = mpsc::channel(16);
    let restore = Restore {
        backend: end.backend.clone(),
        origin: end.spot.origin.clone(),
        account: None,
        journals: pair.journals(),
        prospect,
        overwrite: Default::default(),
        events,
        stop: CancellationToken::new(),
    };
    drained(restore.run(), receiver).await.0
}

fn last(report: &Report) -> Option<Outcome> {
    outcomes(report).last().copied()
}

#[tokio::test]
async fn a_moved_tag_goes_back_and_a_new_one_goes_away() {
    let pair = Pair::of(crate::support::cleanup::store(), three(), three()).await;
    let end = pair.source();
    let before = pair.from.store().repositories[REPO].tags.clone();
    let moved = retag(&pair, &end, "b", "c").await;
    let new = retag(&pair, &end, "b", "fresh").await;
    assert_ne!(pair.from.store().repositories[REPO].tags, before);
    for id in [&moved, &new] {
        let told = pair.journals().read(id).expect("a journal");
        assert!(told.restorable(0) && told.ended.is_some());
        assert_eq!(last(&undo(&pair, &end, id).await), Some(Done));
    }
    assert_eq!(pair.from.store().repositories[REPO].tags, before);
    // A second time there is nothing to do.
    pair.from.clear_log();
    for id in [&moved, &new] {
        assert_eq!(last(&undo(&pair, &end, id).await), Some(Done));
    }
    assert_eq!(writes(&pair.from), Vec::<String>::new());
}

fn three() -> tagboat::demo::OciOptions {
    tagboat::demo::OciOptions { profile: Profile::Distribution3, ..Default::default() }
}

#[tokio::test]
async fn a_new_tag_stays_where_only_manifests_are_deleted_and_its_image_too() {
    let pair = Pair::new().await;
    let end = pair.source();
    let id = retag(&pair, &end, "b", "fresh").await;
    let before = pair.from.store().repositories[REPO].clone();
    // Known before anything is sent that could change something, and asked once.
    let weighed = |asks| {
        let (pair, end, id) = (&pair, &end, &id);
        async move { prospect(&*end.backend, &pair.journals(), id, asks).await.expect("one").tags[0].2.clone() }
    };
    pair.from.clear_log();
    assert_eq!(weighed(false).await, TagBack::New(Removal::Unasked));
    assert_eq!(writes(&pair.from), Vec::<String>::new());
    assert_eq!(weighed(true).await, TagBack::New(Removal::Refused));
    assert_eq!(writes(&pair.from).len(), 1);
    pair.from.clear_log();
    assert_eq!(weighed(false).await, TagBack::New(Removal::Refused), "that was learnt");
    let report = undo(&pair, &end, &id).await;
    assert_eq!(last(&report), Some(Refused), "{report:?}");
    assert_eq!(writes(&pair.from), Vec::<String>::new());
    let after = pair.from.store().repositories[REPO].clone();
    assert_eq!((after.tags, after.manifests.len()), (before.tags, before.manifests.len()));
}

#[tokio::test]
async fn what_was_moved_again_since_is_left_alone() {
    let pair = Pair::of(crate::support::cleanup::store(), three(), three()).await;
    let end = pair.source();
    let (moved, new) = (retag(&pair, &end, "b", "c").await, retag(&pair, &end, "b", "fresh").await);
    let other = pair.from.store().resolve(REPO, "d").expect("a tag");
    for name in ["c", "fresh"] {
        pair.from.store().tag(REPO, name, &other);
    }
    let state = |id: String| {
        let (pair, end) = (&pair, &end);
        async move { prospect(&*end.backend, &pair.journals(), &id, true).await.expect("one").tags[0].2.clone() }
    };
    assert_eq!(state(moved.clone()).await, TagBack::InUse(other.clone()));
    assert!(matches!(state(new.clone()).await, TagBack::Unknown(_)));
    assert_eq!(last(&undo(&pair, &end, &new).await), Some(Failed));
    for name in ["c", "fresh"] {
        assert_eq!(pair.from.store().resolve(REPO, name), Some(other.clone()));
    }
}

#[tokio::test]
async fn a_removal_looks_right_before_and_right_after() {
    let pair = Pair::of(crate::support::cleanup::store(), three(), three()).await;
    let end = pair.source();
    let id = retag(&pair, &end, "b", "fresh").await;
    let other = pair.from.store().resolve(REPO, "d").expect("a tag");
    // The first look is for the prospect; then somebody moves it.
    let moves = Fault::Move { repository: REPO.to_owned(), tag: "fresh".to_owned(), to: other };
    pair.from.faults().add(Rule::on("/manifests/fresh", moves).method("HEAD").times(1));
    assert_eq!(last(&undo(&pair, &end, &id).await), Some(Changed));
    let id = retag(&pair, &end, "b", "later").await;
    pair.from.faults().add(Rule::on("/manifests/later", Fault::LostAnswer).method("DELETE").times(1));
    assert_eq!(last(&undo(&pair, &end, &id).await), Some(Done), "it is gone, whatever was heard");
    let id = retag(&pair, &end, "b", "stays").await;
    pair.from.faults().add(Rule::on("/manifests/stays", Fault::status(502)).method("DELETE").times(1));
    assert_eq!(last(&undo(&pair, &end, &id).await), Some(Failed));
}

/// The program ends between the request and its answer.
#[tokio::test]
async fn a_copy_that_broke_off_is_looked_up() {
    for (fault, want) in [(Fault::Hang, Now::NotDone), (Fault::Silence, Now::Done)] {
        for name in ["c", "fresh"] {
            let pair = Pair::new().await;
            let end = pair.source();
            pair.from.faults().add(Rule::on(&format!("/manifests/{name}"), fault.clone()).method("PUT").times(1));
            let transfer = plan(&end, "b", &end, name, false).await.expect("a transfer");
            let (events, mut receiver) = mpsc::channel(64);
            let running = tokio::spawn(pair.copy(&end, &end, transfer, events).run());
            // Its last words, and then the request is at the server.
            while receiver.recv().await.expect("an event") != (Event::Item { at: 0, phase: Phase::Sending }) {}
            while !writes(&pair.from).iter().any(|line| line.starts_with("PUT")) {
                tokio::task::yield_now().await;
            }
            running.abort();
            assert!(running.await.is_err(), "it had not ended");
            let unfinished = pair.journals().unfinished().journals;
            let told = unfinished.first().expect("an unfinished journal");
            let fresh: &dyn Backend = &*crate::support::walk::anonymous(&pair.from.url);
            assert_eq!(examine(fresh, told).await[0].now, want, "{name}");
            repair(fresh, &pair.journals(), &told.id).await.expect("settled");
            assert!(pair.journals().unfinished().journals.is_empty());
        }
    }
}
