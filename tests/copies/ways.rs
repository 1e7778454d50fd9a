//! Within a repository, a registry, and from one to another.

use tagboat::demo::{Fault, OciOptions, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::outcome::Outcome;
use tagboat::domain::transfer::Way;
use tagboat::runtime::batch::Event;
use tagboat::runtime::copy::LINKED;
use tokio::sync::mpsc;

use super::{End, Pair, is_done, outcomes, plan, same_tree, writes};
use crate::support::cleanup::{REPO, drained, stopping, store};

#[tokio::test]
async fn an_index_goes_to_another_registry_whole_and_a_second_time_nothing_is_sent() {
    let pair = Pair::new().await;
    is_done(&pair.across("i", "1").await);
    same_tree(&pair.from, (REPO, "i"), &pair.to, ("mirror/app", "1"));
    assert!(writes(&pair.from).is_empty(), "the source is only read");
    let order: Vec<String> = writes(&pair.to).into_iter().filter(|line| line.contains("/manifests/")).collect();
    assert_eq!(order.len(), 3, "two entries, then the index: {order:?}");
    assert!(order[2].contains("/manifests/1?"), "the tag is the last: {order:?}");
    pair.to.clear_log();
    is_done(&pair.across("i", "1").await);
    assert_eq!(writes(&pair.to), Vec::<String>::new());
}

#[tokio::test]
async fn what_two_images_share_is_brought_once() {
    let pair = Pair::new().await;
    is_done(&pair.across("b", "b").await);
    let before = pair.to.store().blobs.len();
    is_done(&pair.across("c", "c").await);
    let new = pair.to.store().blobs.len() - before;
    assert_eq!(new, 2, "its own layer and config; the base was there");
}

#[tokio::test]
async fn within_a_registry_blobs_are_linked() {
    let pair = Pair::new().await;
    let (from, to) = (pair.source(), End::new(&pair.from.url, "mirror/app"));
    let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
    assert_eq!(transfer.way, Way::Mount);
    let blobs = transfer.blobs.len();
    let (finished, _) = pair.run(&from, &to, transfer).await;
    is_done(&finished);
    let linked =
        finished.report.items.iter().filter_map(|ended| ended.why.as_ref()).filter(|why| why.as_str() == LINKED);
    assert_eq!(linked.count(), blobs);
    assert!(
        !writes(&pair.from).iter().any(|line| line.starts_with("PUT") && line.contains("/blobs/")),
        "none was sent"
    );
    same_tree(&pair.from, (REPO, "i"), &pair.from, ("mirror/app", "1"));
}

#[tokio::test]
async fn where_nothing_is_linked_blobs_are_sent_and_it_is_not_asked_again() {
    for status in [202, 405, 404] {
        let pair = Pair::new().await;
        let headers = vec![("location".to_owned(), "/v2/mirror/app/blobs/uploads/none".to_owned())];
        let refusal = Fault::Answer { status, headers, body: Vec::new() };
        pair.from.faults().add(Rule::on("mount=", refusal).method("POST"));
        let (from, to) = (pair.source(), End::new(&pair.from.url, "mirror/app"));
        let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
        is_done(&pair.run(&from, &to, transfer).await.0);
        same_tree(&pair.from, (REPO, "i"), &pair.from, ("mirror/app", "1"));
        let asked = writes(&pair.from).iter().filter(|line| line.contains("mount=")).count();
        assert_eq!(asked, 1, "{status}");
    }
}

#[tokio::test]
async fn in_the_same_repository_only_the_tag_is_set() {
    let pair = Pair::new().await;
    let (from, to) = (pair.source(), pair.source());
    let transfer = plan(&from, "i", &to, "new", true).await.expect("a transfer");
    assert_eq!((transfer.way, transfer.steps().count()), (Way::Tag, 1));
    is_done(&pair.run(&from, &to, transfer).await.0);
    assert_eq!(writes(&pair.from), [format!("PUT /v2/{REPO}/manifests/new?")]);
    same_tree(&pair.from, (REPO, "i"), &pair.from, (REPO, "new"));
}

#[tokio::test]
async fn stopped_in_the_middle_no_tag_is_set_and_the_rest_comes_later() {
    let pair = Pair::new().await;
    let (from, to) = (pair.source(), pair.target());
    let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
    let (events, receiver) = mpsc::channel(64);
    let copy = pair.copy(&from, &to, transfer, events);
    let watching = stopping(copy.stop.clone(), receiver, |event| matches!(event, Event::Ended { at: 1, .. }));
    let (finished, ()) = tokio::join!(copy.run(), watching);
    let brought = outcomes(&finished.report).iter().filter(|outcome| **outcome == Outcome::Done).count();
    assert!(brought >= 2 && finished.report.totals.skipped > 0, "{finished:?}", finished = finished.report);
    assert_eq!(pair.to.store().resolve("mirror/app", "1"), None);
    let again = pair.across("i", "1").await;
    is_done(&again);
    let there = again.report.items.iter().filter(|ended| ended.why.is_some()).count();
    assert!(there >= brought, "what was brought is not brought again: {:?}", again.report);
    same_tree(&pair.from, (REPO, "i"), &pair.to, ("mirror/app", "1"));
}

#[tokio::test]
async fn nobody_watching_ends_it_and_an_old_address_begins_nothing() {
    let pair = Pair::new().await;
    let (from, to) = (pair.source(), pair.target());
    let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
    let (events, receiver) = mpsc::channel(64);
    drop(receiver);
    let report = pair.copy(&from, &to, transfer.clone(), events).run().await.report;
    assert_eq!(report.totals.skipped, report.items.len());
    let (events, receiver) = mpsc::channel(64);
    let mut copy = pair.copy(&from, &to, transfer, events);
    copy.origins.1 = "https://elsewhere.example".to_owned();
    let (finished, _) = drained(copy.run(), receiver).await;
    assert!(finished.report.journal.is_none() && finished.report.stopped.is_some());
    assert_eq!(writes(&pair.to), Vec::<String>::new());
}

#[tokio::test]
async fn an_image_that_is_not_whole_is_not_begun() {
    let pair = Pair::new().await;
    let entry = {
        let mut store = pair.from.store();
        let index = store.resolve(REPO, "i").expect("a tag");
        let repository = store.repository(REPO);
        let entry = repository.manifests[&index].json()["manifests"][0]["digest"].as_str().expect("one").to_owned();
        repository.manifests.retain(|digest, _| digest.to_string() != entry);
        entry
    };
    let error = plan(&pair.source(), "i", &pair.target(), "1", false).await.expect_err("an entry is missing");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.what.as_str().contains(&entry[7..19]), "{error}");
    assert!(plan(&pair.source(), "none", &pair.target(), "1", false).await.is_err_and(|error| error.is_not_found()));
    assert_eq!(writes(&pair.to), Vec::<String>::new());
}

#[tokio::test]
async fn a_read_only_registry_takes_nothing() {
    let options = OciOptions { read_only: true, ..OciOptions::default() };
    let pair = Pair::of(store(), OciOptions::default(), options).await;
    let finished = pair.across("b", "1").await;
    assert_eq!(finished.error.map(|error| error.kind), Some(ErrorKind::Unsupported));
    assert!(pair.to.store().repositories.is_empty());
}
