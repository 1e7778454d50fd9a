//! Waits, panics and refusals with a registry that is a map, and a clock that stands still.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::time::Instant;

use super::*;
use crate::backend::{Delivery, Error, Resolved, Result, Sent};
use crate::domain::capability::Capabilities;
use crate::domain::cleanup::{Bytes, Choices, Item, Left, Method, Role};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::Outcome::{self, Done, Failed, Skipped, Unknown};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::BackendKind;
use crate::store::config::HistorySettings;
use crate::store::journal::State;

/// What a DELETE of a tag meets, in turn; then they all succeed.
enum Turn {
    Fail(Error),
    Panic,
    /// Accepted, and it stays for this long.
    Late(Duration),
}

#[derive(Default)]
struct FakeBackend {
    tags: Mutex<BTreeMap<TagName, Digest>>,
    turns: Mutex<VecDeque<Turn>>,
    sent: Mutex<Vec<TagName>>,
    late: Mutex<Vec<(TagName, Instant)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Backend for FakeBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Oci
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn connect(&self) -> Result<Capabilities> {
        Ok(Capabilities::default())
    }

    async fn resolve(&self, _: &RepoName, reference: &Reference) -> Result<Resolved> {
        lock(&self.late).retain(|(tag, until)| {
            if Instant::now() < *until {
                return true;
            }
            lock(&self.tags).remove(tag);
            false
        });
        let missing = || Error::new(ErrorKind::NotFound, "not there").delivery(Delivery::Answered);
        let Reference::Tag(tag) = reference else { return Err(missing()) };
        let digest = lock(&self.tags).get(tag).cloned().ok_or_else(missing)?;
        Ok(Resolved { digest, media_type: "a/b".into(), size: None })
    }

    async fn delete_tag(&self, _: &RepoName, tag: &TagName) -> Result<Sent> {
        lock(&self.sent).push(tag.clone());
        let turn = lock(&self.turns).pop_front();
        match turn {
            Some(Turn::Fail(error)) => return Err(error),
            Some(Turn::Panic) => panic!("asked for by a test"),
            Some(Turn::Late(wait)) => lock(&self.late).push((tag.clone(), Instant::now() + wait)),
            None => drop(lock(&self.tags).remove(tag)),
        }
        Ok(Sent::Done)
    }
}

struct World {
    backend: Arc<FakeBackend>,
    plan: Plan,
    home: TempDir,
}

fn tag(n: usize) -> TagName {
    TagName::parse(&format!("1.{n}")).unwrap()
}

/// A plan that takes so many tags away, each from a digest of its own.
fn world(count: usize, turns: Vec<Turn>) -> World {
    let item = |n: usize| Item {
        tag: Some(tag(n)),
        digest: Some(Digest::of(&[n as u8])),
        method: Method::Untag,
        role: Role::Marked,
        media_type: None,
        tags: [tag(n)].into(),
        children: [].into(),
        referrers: [].into(),
        indexes: [].into(),
        after: Vec::new(),
        protected: false,
        warnings: Vec::new(),
        frees: 0,
    };
    let plan = Plan {
        registry: "test".into(),
        origin: "https://r.example".into(),
        kind: BackendKind::Oci,
        repo: RepoName::parse("team/app").unwrap(),
        created: Timestamp::now(),
        choices: Choices::default(),
        items: (0..count).map(item).collect(),
        kept: Vec::new(),
        left: Left::default(),
        reclaimable: Bytes::default(),
        tags_before: count,
        unsure: None,
        refused: None,
    };
    let tags = (0..count).map(|n| (tag(n), Digest::of(&[n as u8]))).collect();
    let backend = FakeBackend { tags: Mutex::new(tags), turns: Mutex::new(turns.into()), ..FakeBackend::default() };
    World { backend: Arc::new(backend), plan, home: tempfile::tempdir().unwrap() }
}

impl World {
    fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    fn batch(&self, events: mpsc::Sender<Event>) -> Batch {
        Batch {
            backend: self.backend.clone(),
            origin: self.plan.origin.clone(),
            account: None,
            plan: Arc::new(self.plan.clone()),
            journals: self.journals(),
            events,
            stop: CancellationToken::new(),
        }
    }

    async fn run(&self) -> (Report, Vec<Event>) {
        let (events, mut receiver) = mpsc::channel(8);
        let mut all = Vec::new();
        let gather = async {
            while let Some(event) = receiver.recv().await {
                all.push(event);
            }
        };
        let (report, ()) = tokio::join!(self.batch(events).run(), gather);
        (report, all)
    }

    fn sent(&self) -> usize {
        lock(&self.backend.sent).len()
    }
}

fn limited(seconds: u64) -> Turn {
    let error = Error::new(ErrorKind::RateLimited, "too many requests").delivery(Delivery::Answered);
    Turn::Fail(Error { status: Some(429), retry_after: Some(Duration::from_secs(seconds)), ..error })
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.items.iter().map(|ended| ended.outcome).collect()
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_as_long_as_asked_for_and_bounded_in_number() {
    let world = world(2, vec![limited(7), limited(30)]);
    let begun = Instant::now();
    let (report, events) = world.run().await;
    assert_eq!((outcomes(&report), begun.elapsed().as_secs()), (vec![Done, Done], 37));
    let waits: Vec<u64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Waiting { wait, .. } => Some(wait.as_secs()),
            _ => None,
        })
        .collect();
    assert_eq!((waits, world.sent()), (vec![7, 30], 4));

    let world = self::world(2, (0..9).map(|_| limited(60)).collect());
    let (report, _) = world.run().await;
    assert_eq!((outcomes(&report), world.sent()), (vec![Failed, Skipped], 6), "{report:?}");
    assert!(matches!(report.stopped, Some(Stop::Registry(_))));
}

#[tokio::test(start_paused = true)]
async fn stopping_does_not_sit_a_wait_out() {
    let world = world(2, vec![limited(60)]);
    let (events, mut receiver) = mpsc::channel(8);
    let batch = world.batch(events);
    let stop = batch.stop.clone();
    let begun = Instant::now();
    let watch = async {
        while let Some(event) = receiver.recv().await {
            if matches!(event, Event::Waiting { .. }) {
                stop.cancel();
            }
        }
    };
    let (report, ()) = tokio::join!(batch.run(), watch);
    assert_eq!((outcomes(&report), report.stopped), (vec![Skipped, Skipped], Some(Stop::Cancelled)));
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(lock(&world.backend.tags).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_goes_behind_the_answer_is_waited_for_a_little() {
    let world = world(2, vec![Turn::Late(Duration::from_millis(900)), Turn::Late(Duration::from_secs(60))]);
    let (report, _) = world.run().await;
    assert_eq!(outcomes(&report), [Done, Unknown]);
    assert!(report.items[1].why.as_ref().is_some_and(|why| why.as_str().starts_with("accepted, not yet gone")));
}

#[tokio::test]
async fn a_panic_is_an_outcome_and_an_end() {
    let world = world(3, vec![Turn::Panic]);
    let (report, events) = world.run().await;
    assert_eq!(outcomes(&report), [Unknown, Skipped, Skipped]);
    assert!(matches!(report.stopped, Some(Stop::Fault(_))));
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Ended { .. })).count(), 3);
    let told = world.journals().history().journals.remove(0);
    assert_eq!(told.items[0].state, State::Ended(Unknown));
}

#[tokio::test]
async fn old_plans_and_those_for_other_registries_are_not_run() {
    let fresh = world(1, Vec::new());
    let later = Timestamp::now();
    let ago = |minutes| later - SignedDuration::from_mins(minutes);
    for plan in [
        Plan { created: ago(6), ..fresh.plan.clone() },
        Plan { created: ago(-6), ..fresh.plan.clone() },
        Plan { refused: Some(Clean::fixed("no")), ..fresh.plan.clone() },
    ] {
        let world = World { plan, ..world(1, Vec::new()) };
        let (report, _) = world.run().await;
        assert!(matches!(report.stopped, Some(Stop::Plan(_))), "{report:?}");
        assert_eq!((outcomes(&report), world.sent(), report.journal), (vec![Skipped], 0, None));
    }
    let (events, _receiver) = mpsc::channel(8);
    let batch = Batch { origin: "https://other.example".into(), ..fresh.batch(events) };
    let report = batch.run().await;
    assert!(matches!(report.stopped, Some(Stop::Plan(_))) && fresh.sent() == 0, "{report:?}");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let mut world = world(1, Vec::new());
    let place = world.home.path().join("journal");
    std::fs::write(&place, "a file where the directory should be").unwrap();
    world.plan.created = Timestamp::now();
    let (report, _) = world.run().await;
    assert!(matches!(report.stopped, Some(Stop::Journal(_))), "{report:?}");
    assert_eq!((outcomes(&report), world.sent()), (vec![Skipped], 0));
}
