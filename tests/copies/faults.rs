//! What goes wrong on the way: no tag is ever set on half an image, and what is said is what happened.

use std::time::Duration;

use serde_json::json;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::Digest;
use tagboat::runtime::batch::Event;

use super::{Pair, is_done, plan, same_tree, writes};
use crate::support::cleanup::REPO;
use crate::support::listener::{Listener, answer};

const NEW: &str = "mirror/app";

fn no_tag(pair: &Pair) {
    assert_eq!(pair.to.store().resolve(NEW, "1"), None);
}

#[tokio::test]
async fn a_refusal_ends_it_and_is_told() {
    let denied = br#"{"errors":[{"code":"DENIED","message":"quota exceeded for mirror"}]}"#.to_vec();
    for (path, method) in [("/blobs/uploads/", "POST"), ("/blobs/uploads/", "PUT"), ("/manifests/", "PUT")] {
        let pair = Pair::new().await;
        let fault = Fault::Answer { status: 403, headers: Vec::new(), body: denied.clone() };
        pair.to.faults().add(Rule::on(path, fault).method(method).after(1));
        let finished = pair.across("i", "1").await;
        let error = finished.error.expect("a refusal");
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
        assert!(error.what.as_str().contains("quota exceeded"), "{error}");
        let totals = finished.report.totals;
        assert!(totals.refused == 1 && totals.skipped > 0 && totals.done > 0, "{method} {path}: {totals:?}");
        no_tag(&pair);
    }
}

#[tokio::test]
async fn an_interrupted_blob_is_begun_anew() {
    for fault in [Fault::status(503), Fault::LostAnswer] {
        for method in ["POST", "PUT"] {
            let pair = Pair::new().await;
            pair.to.faults().add(Rule::on("/blobs/uploads/", fault.clone()).method(method).times(1));
            let (from, to) = (pair.source(), pair.target());
            let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
            let (finished, events) = pair.run(&from, &to, transfer).await;
            is_done(&finished);
            assert!(events.iter().any(|event| matches!(event, Event::Waiting { at: 0, .. })), "{method}: {events:?}");
            same_tree(&pair.from, (REPO, "i"), &pair.to, (NEW, "1"));
        }
    }
}

#[tokio::test]
async fn a_source_that_breaks_off_is_read_on() {
    let pair = Pair::new().await;
    pair.from.faults().add(Rule::on("/blobs/", Fault::Truncate(5)).method("GET").times(2));
    is_done(&pair.across("i", "1").await);
    same_tree(&pair.from, (REPO, "i"), &pair.to, (NEW, "1"));
}

#[tokio::test]
async fn a_registry_that_asks_for_a_pause_gets_it() {
    let pair = Pair::new().await;
    let limited = || Fault::too_many_requests("1");
    pair.to.faults().add(Rule::on("/blobs/uploads/", limited()).method("POST").times(1));
    pair.to.faults().add(Rule::on("/manifests/1", limited()).method("PUT").times(1));
    let (from, to) = (pair.source(), pair.target());
    let transfer = plan(&from, "b", &to, "1", false).await.expect("a transfer");
    let (finished, events) = pair.run(&from, &to, transfer).await;
    is_done(&finished);
    let waits =
        events.iter().filter(|event| matches!(event, Event::Waiting { wait, .. } if *wait == Duration::from_secs(1)));
    assert_eq!(waits.count(), 2);
}

#[tokio::test]
async fn a_wrong_digest_on_arrival_is_no_arrival() {
    let pair = Pair::new().await;
    pair.to.faults().add(Rule::on("/blobs/uploads/", Fault::WrongDigest).method("PUT"));
    let finished = pair.across("b", "1").await;
    assert_eq!(finished.error.map(|error| error.kind), Some(ErrorKind::BadAnswer));
    no_tag(&pair);
    // It is taken, and something else is there afterwards.
    let pair = Pair::new().await;
    pair.to.faults().add(Rule::on("/manifests/1", Fault::WrongDigest).method("HEAD").after(2));
    let finished = pair.across("b", "1").await;
    assert!(finished.report.stopped.is_some() && finished.report.totals.done < finished.report.items.len());
    assert_eq!(
        finished.report.items.last().map(|ended| ended.outcome),
        Some(Outcome::Changed),
        "{:?}",
        finished.report
    );
}

#[tokio::test]
async fn what_was_taken_and_is_not_there_is_noticed_before_the_tag() {
    for (path, names) in [("/blobs/sha256:", "blob"), ("/manifests/sha256:", "manifest")] {
        let pair = Pair::new().await;
        let (from, to) = (pair.source(), pair.target());
        let transfer = plan(&from, "i", &to, "1", false).await.expect("a transfer");
        // Every one is looked for before it is sent; a manifest once more after that.
        let looks = if names == "blob" { transfer.blobs.len() } else { transfer.by_digest.len() * 2 };
        pair.to.faults().add(Rule::on(path, Fault::status(404)).method("HEAD").after(looks));
        let (finished, _) = pair.run(&from, &to, transfer).await;
        let why = finished.report.stopped.expect("a stop").why();
        assert!(why.as_str().contains(names) && why.as_str().contains("does not have it"), "{why}");
        no_tag(&pair);
        assert!(!writes(&pair.to).iter().any(|line| line.contains("/manifests/1?")), "the tag was not even sent");
    }
}

#[tokio::test]
async fn a_tag_that_moved_meanwhile_is_left_alone() {
    let pair = Pair::new().await;
    is_done(&pair.across("b", "1").await);
    is_done(&pair.across("d", "other").await);
    let (from, to) = (pair.source(), pair.target());
    let transfer = plan(&from, "c", &to, "1", false).await.expect("a transfer");
    let other = pair.to.store().resolve(NEW, "other").expect("a tag");
    pair.to.store().tag(NEW, "1", &other);
    let (finished, _) = pair.run(&from, &to, transfer).await;
    assert_eq!(finished.report.items.last().map(|ended| ended.outcome), Some(Outcome::Changed));
    assert_eq!(pair.to.store().resolve(NEW, "1"), Some(other));
}

#[tokio::test]
async fn a_lost_answer_to_the_tag_is_looked_up() {
    let pair = Pair::new().await;
    pair.to.faults().add(Rule::on("/manifests/1", Fault::LostAnswer).method("PUT"));
    is_done(&pair.across("b", "1").await);
    let sent = writes(&pair.to).iter().filter(|line| line.contains("/manifests/1?")).count();
    assert_eq!(sent, 1, "sent once");
    // Not done, and no answer.
    let pair = Pair::new().await;
    pair.to.faults().add(Rule::on("/manifests/1", Fault::status(502)).method("PUT"));
    let finished = pair.across("b", "1").await;
    assert_eq!(finished.report.items.last().map(|ended| ended.outcome), Some(Outcome::Failed));
    no_tag(&pair);
}

/// Layers that are elsewhere are not fetched, and no secret goes where a redirect points.
#[tokio::test]
async fn foreign_layers_are_left_where_they_are() {
    let elsewhere = Listener::start(|_| answer(200, &[], "never"));
    let pair = Pair::new().await;
    {
        let mut store = pair.from.store();
        let config = store.add_blob("win", "{}".as_bytes().to_vec());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": config.to_string(), "size": 2},
            "layers": [{
                "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                "digest": Digest::of(b"elsewhere").to_string(), "size": 9, "urls": [format!("http://{}/layer", elsewhere.address)],
            }],
        });
        let media_type = "application/vnd.docker.distribution.manifest.v2+json";
        let digest = store.add_manifest("win", media_type, manifest.to_string().into_bytes());
        store.tag("win", "1", &digest);
    }
    let (from, to) = (super::End::new(&pair.from.url, "win"), pair.target());
    let transfer = plan(&from, "1", &to, "1", false).await.expect("a transfer");
    assert_eq!((transfer.blobs.len(), transfer.warnings.len()), (1, 1), "{:?}", transfer.warnings);
    is_done(&pair.run(&from, &to, transfer).await.0);
    assert_eq!(elsewhere.seen().len(), 0);
}
