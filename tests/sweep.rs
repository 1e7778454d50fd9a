//! Whole repositories deleted, on every system that can: what is reported deleted is deleted, what is not is not, and
//! nothing else changed, whatever goes wrong.

mod broken;
mod screens;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::outcome::Outcome::{self, Changed, Done, Failed, Gone, Refused, Skipped, Unknown};
use tagboat::domain::reference::RepoName;
use tagboat::domain::registry::BackendKind;
use tagboat::domain::sweep::{Choices, Sweep, plan};
use tagboat::runtime::batch::{Event, Phase, Report, Stop};
use tagboat::runtime::sweep::{About, Shield, Sweeping, gather};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::{Journals, State};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::support::cleanup::stopping;
use crate::support::sweeps::{KINDS, Server, Site};

struct Run {
    site: Site,
    backend: Arc<dyn Backend>,
    home: TempDir,
    before: BTreeMap<String, String>,
    repos: Vec<RepoName>,
}

async fn planned(backend: &dyn Backend, site: &Site, repos: &[RepoName]) -> Sweep {
    let repos = repos.iter().map(|repo| (repo.clone(), Shield::default())).collect();
    let about = About { profile: site.profile(), repos };
    let snapshot = gather(backend, about, &watch::Sender::new((0, 0))).await.expect("facts");
    plan(&snapshot, &Choices::default())
}

impl Run {
    async fn new(kind: BackendKind) -> Self {
        let site = Site::start(kind).await;
        let settings = Settings { timeout: Some(Duration::from_secs(5)), ..Settings::default() };
        let backend = site.backend(settings);
        let (repos, before) = (site.three(), site.holds());
        Self { site, backend, home: tempfile::tempdir().expect("a directory"), before, repos }
    }

    fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    fn sweeping(&self, sweep: Sweep, events: mpsc::Sender<Event>, stop: CancellationToken) -> Sweeping {
        let (backend, origin) = (Arc::clone(&self.backend), self.site.profile().origin());
        Sweeping { backend, origin, account: None, sweep: Arc::new(sweep), journals: self.journals(), events, stop }
    }

    async fn run(&self, sweep: Sweep) -> (Report, Vec<Event>) {
        let (events, mut told) = mpsc::channel(4);
        let drain = async {
            let mut all = Vec::new();
            while let Some(event) = told.recv().await {
                all.push(event);
            }
            all
        };
        tokio::join!(self.sweeping(sweep, events, CancellationToken::new()).run(), drain)
    }

    /// What is there is what the report says. `touched`: what somebody else changed.
    fn agree(&self, case: &str, report: &Report, touched: &[&RepoName]) {
        let after = self.site.holds();
        for (repo, ended) in self.repos.iter().zip(&report.items) {
            let there = after.contains_key(repo.as_str());
            match ended.outcome {
                Done | Gone => assert!(!there, "{case}: {repo} is said to be gone"),
                Unknown => {}
                outcome => assert!(there, "{case}: {repo} is gone, and reported as {outcome:?}"),
            }
            assert!(ended.outcome == Done || ended.why.is_some(), "{case}: {ended:?}");
        }
        let going = |name: &str| self.repos.iter().any(|repo| repo.as_str() == name);
        for (name, was) in &self.before {
            let changed = touched.iter().any(|repo| repo.as_str() == name);
            match after.get(name) {
                Some(now) if !changed => assert_eq!(now, was, "{case}: {name} is not as it was"),
                Some(_) => {}
                None => assert!(going(name), "{case}: {name} is gone as well"),
            }
        }
        assert!(after.keys().all(|name| self.before.contains_key(name)), "{case}: something is new");
    }

    /// The case runs, everything agrees, and the history says the same.
    async fn case(kind: BackendKind, case: &str, arm: impl FnOnce(&Self)) -> (Self, Vec<Outcome>, Report, Vec<Event>) {
        let run = Self::new(kind).await;
        let sweep = planned(&*run.backend, &run.site, &run.repos).await;
        assert_eq!(sweep.items.len(), 3, "{kind:?}: {:?}", sweep.kept);
        arm(&run);
        let case = format!("{case}, {kind:?}");
        let (report, events) = run.run(sweep).await;
        let touched: Vec<&RepoName> =
            run.repos.iter().zip(&report.items).filter(|(_, ended)| ended.outcome == Changed).map(|(r, _)| r).collect();
        run.agree(&case, &report, &touched);
        let ended = events.iter().filter(|event| matches!(event, Event::Ended { .. })).count();
        assert_eq!(ended, 3, "{case}: each is told once");
        let recorded = run.journals().history().journals.remove(0);
        assert!(recorded.sweep.is_some() && !recorded.damaged && recorded.ended.is_some(), "{case}");
        let states: Vec<State> = recorded.items.iter().map(|item| item.state).collect();
        let outcomes: Vec<Outcome> = report.items.iter().map(|ended| ended.outcome).collect();
        assert_eq!(states, outcomes.iter().map(|one| State::Ended(*one)).collect::<Vec<_>>(), "{case}");
        let named: Vec<_> = recorded.header.items.iter().filter_map(|item| item.repo.clone()).collect();
        assert_eq!(named, run.repos, "{case}");
        (run, outcomes, report, events)
    }

    fn on_delete(&self, fault: Fault) -> Rule {
        Rule::on("/", fault).method("DELETE")
    }
}

#[tokio::test]
async fn without_faults_all_go_and_nothing_else() {
    for kind in KINDS {
        let (run, outcomes, report, _) = Run::case(kind, "none", |_| {}).await;
        assert_eq!((outcomes, report.stopped), (vec![Done; 3], None), "{kind:?}");
        assert_eq!(run.site.deletes(), if run.site.batches() { 1 } else { 3 }, "{kind:?}: each once");
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_a_look_and_nothing_is_sent_twice() {
    for kind in KINDS {
        let (run, outcomes, report, _) =
            Run::case(kind, "lost", |run| run.site.faults().add(run.on_delete(Fault::LostAnswer).times(1))).await;
        assert_eq!((outcomes, report.stopped), (vec![Done; 3], None), "{kind:?}");
        let why = report.items[0].why.as_ref().expect("a reason");
        assert!(why.as_str().contains("gone all the same"), "{kind:?}: {why}");
        assert_eq!(run.site.deletes(), if run.site.batches() { 1 } else { 3 }, "{kind:?}");
    }
}

#[tokio::test]
async fn a_system_that_does_not_want_us_is_left_alone() {
    for status in [403, 405] {
        for kind in KINDS {
            let (run, outcomes, report, _) = Run::case(kind, "refused", |run| {
                run.site.faults().add(run.on_delete(Fault::status(status)));
            })
            .await;
            let rest = if run.site.batches() { Refused } else { Skipped };
            assert_eq!(outcomes, [Refused, rest, rest], "{status} {kind:?}");
            assert!(matches!(report.stopped, Some(Stop::Registry(_))), "{status} {kind:?}");
            assert_eq!(run.site.deletes(), 1, "{status} {kind:?}: nothing after the refusal");
        }
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_out_and_everything_is_looked_at_again() {
    for kind in KINDS {
        let (run, outcomes, _, events) = Run::case(kind, "429", |run| {
            run.site.faults().add(run.on_delete(Fault::too_many_requests("1")).times(1));
        })
        .await;
        assert_eq!(outcomes, [Done; 3], "{kind:?}");
        assert!(events.iter().any(|event| matches!(event, Event::Waiting { .. })), "{kind:?}");
        assert_eq!(run.site.deletes(), if run.site.batches() { 2 } else { 4 }, "{kind:?}: the refused one again");
    }
}

#[tokio::test]
async fn a_server_error_is_settled_by_a_look() {
    for kind in KINDS {
        for fault in [Fault::status(500), Fault::html_error(502)] {
            let (run, outcomes, ..) =
                Run::case(kind, "500", |run| run.site.faults().add(run.on_delete(fault).times(1))).await;
            let rest = if run.site.batches() { Failed } else { Done };
            assert_eq!(outcomes, [Failed, rest, rest], "{kind:?}");
            assert_eq!(run.site.deletes(), if run.site.batches() { 1 } else { 3 }, "{kind:?}: none twice");
        }
    }
}

#[tokio::test]
async fn a_page_in_the_place_of_an_answer_is_no_deletion() {
    for kind in KINDS {
        let (_, outcomes, ..) = Run::case(kind, "page", |run| run.site.faults().add(run.on_delete(Fault::Html))).await;
        assert!(outcomes.iter().all(|one| !one.is_settled()), "{kind:?}: {outcomes:?}");
    }
}

#[tokio::test]
async fn what_moved_since_the_plan_stays_and_what_somebody_took_is_gone() {
    for kind in KINDS {
        let (run, outcomes, report, _) = Run::case(kind, "moved", |run| {
            run.site.change(&run.repos[0]);
            run.site.remove(&run.repos[1]);
        })
        .await;
        assert_eq!((outcomes, report.stopped), (vec![Changed, Gone, Done], None), "{kind:?}");
        assert_eq!(run.site.deletes(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn three_errors_in_a_row_are_the_end() {
    for kind in KINDS.into_iter().filter(|kind| *kind != BackendKind::MlSpace) {
        let (run, outcomes, report, _) =
            Run::case(kind, "always 500", |run| run.site.faults().add(run.on_delete(Fault::status(500)))).await;
        assert_eq!(outcomes, [Failed; 3], "{kind:?}");
        assert!(matches!(report.stopped, Some(Stop::Registry(_))), "{kind:?}");
        assert_eq!(run.site.deletes(), 3, "{kind:?}");
    }
}

#[tokio::test]
async fn of_a_batch_that_stops_in_the_middle_each_has_its_own_outcome() {
    let (run, outcomes, report, _) = Run::case(BackendKind::MlSpace, "partial", |run| {
        let Server::Ml(server) = &run.site.server else { panic!("another one") };
        server.switches().batch_stops_after = Some(2);
    })
    .await;
    assert_eq!(outcomes.iter().filter(|one| **one == Done).count(), 2, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|one| **one == Refused).count(), 1, "{outcomes:?}");
    assert!(report.said.iter().any(|said| said.as_str().contains("2 of 3")), "{:?}", report.said);
    assert_eq!(run.site.deletes(), 1);
}

#[tokio::test]
async fn what_is_accepted_and_not_done_is_not_called_done() {
    let (_, outcomes, ..) = Run::case(BackendKind::MlSpace, "forgotten", |run| {
        let Server::Ml(server) = &run.site.server else { panic!("another one") };
        server.switches().forgets_writes = true;
    })
    .await;
    assert_eq!(outcomes, [Unknown; 3]);
}

#[tokio::test]
async fn read_only_sends_nothing() {
    for kind in KINDS {
        let mut run = Run::new(kind).await;
        run.backend = run.site.backend(Settings { read_only: true, ..Settings::default() });
        let sweep = planned(&*run.backend, &run.site, &run.repos).await;
        assert_eq!(sweep.items.len(), 3, "{kind:?}: looking is allowed");
        let (report, _) = run.run(sweep).await;
        assert!(report.items.iter().all(|ended| matches!(ended.outcome, Failed | Skipped)), "{kind:?}: {report:?}");
        assert_eq!(run.site.deletes(), 0, "{kind:?}");
        assert_eq!(run.site.holds(), run.before, "{kind:?}");
    }
}

#[tokio::test]
async fn stopped_between_two_requests_nothing_more_goes_out() {
    for kind in KINDS.into_iter().filter(|kind| *kind != BackendKind::MlSpace) {
        let run = Run::new(kind).await;
        let sweep = planned(&*run.backend, &run.site, &run.repos).await;
        let (stop, (events, told)) = (CancellationToken::new(), mpsc::channel(1));
        let watch = stopping(stop.clone(), told, |event| matches!(event, Event::Item { at: 0, phase: Phase::Sending }));
        let (report, ()) = tokio::join!(run.sweeping(sweep, events, stop.clone()).run(), watch);
        let outcomes: Vec<Outcome> = report.items.iter().map(|ended| ended.outcome).collect();
        assert_eq!(
            (outcomes, report.stopped.clone()),
            (vec![Done, Skipped, Skipped], Some(Stop::Cancelled)),
            "{kind:?}"
        );
        run.agree("stopped", &report, &[]);
        assert_eq!(run.site.deletes(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_plan_for_another_place_or_of_long_ago_is_not_run() {
    let run = Run::new(BackendKind::Alauda).await;
    let sweep = planned(&*run.backend, &run.site, &run.repos).await;
    let old = sweep.created - jiff::SignedDuration::from_mins(6);
    for wrong in [Sweep { origin: "http://other.example".to_owned(), ..sweep.clone() }, Sweep { created: old, ..sweep }]
    {
        let (report, _) = run.run(wrong).await;
        assert!(matches!(report.stopped, Some(Stop::Plan(_))), "{report:?}");
        assert_eq!((run.site.deletes(), report.totals.skipped), (0, 3));
    }
    assert!(run.journals().history().journals.is_empty());
}
