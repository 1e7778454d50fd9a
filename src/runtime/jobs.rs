//! What deletions need from outside: their plans, run; their stops.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Event as Ran, Phase, Report};
use super::changes;
use super::copy::Copy;
use super::copying::End;
use super::recolour::Recolour;
use super::registries::Connection;
use super::sweep::Sweeping;
use super::undo::{self, Restore};
use crate::app::history::Keeps;
use crate::app::job::{JobEvent, JobId, PutBack, Settling, Step};
use crate::app::msg::Msg;
use crate::backend::{self, Backend};
use crate::domain::change::{Change as Sent, Changed};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Plan;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::recorded::Recolouring;
use crate::domain::sweep::Sweep;
use crate::domain::transfer::Transfer;
use crate::store::config::HistorySettings;
use crate::store::journal::Journals;

/// Events on their way; more than an item of a plan has.
const EVENTS: usize = 64;

pub struct Jobs {
    /// Where operations are recorded; without it nothing is deleted.
    journals: Option<Journals>,
    /// Made for this run, and removed with it.
    own: Option<PathBuf>,
    running: HashMap<JobId, Running>,
    /// Changes under way: each answers, or is dropped, at its end.
    changes: Vec<oneshot::Receiver<()>>,
}

struct Running {
    stop: CancellationToken,
    /// Answers, or is dropped, when nothing of the job is under way any more.
    ended: oneshot::Receiver<()>,
}

impl Jobs {
    pub fn new(state_dir: Option<PathBuf>, history: HistorySettings) -> Self {
        let journals = state_dir.map(|dir| Journals::new(&dir, history));
        Self { journals, own: None, running: HashMap::new(), changes: Vec::new() }
    }

    /// For the demo, whose registries end with the run: so does what is recorded of them.
    pub fn for_this_run() -> Self {
        let dir = std::env::temp_dir().join(format!("tagboat-demo-{}", std::process::id()));
        let journals = Journals::new(&dir, HistorySettings::default());
        Self { journals: Some(journals), own: Some(dir), running: HashMap::new(), changes: Vec::new() }
    }

    pub fn journals(&self) -> Option<Journals> {
        self.journals.clone()
    }

    pub fn keeps(&self) -> Keeps {
        match &self.journals {
            None => Keeps::Nowhere,
            Some(journals) if !journals.keeps() => Keeps::Off,
            Some(_) => Keeps::Yes,
        }
    }

    pub fn stop(&self, job: JobId) {
        if let Some(running) = self.running.get(&job) {
            running.stop.cancel();
        }
    }

    /// Stops everything, and waits until no request is under way, so that what it did is recorded; but not for ever.
    pub async fn finish(&mut self, longest: Duration) {
        let running: Vec<Running> = self.running.drain().map(|(_, running)| running).collect();
        running.iter().for_each(|running| running.stop.cancel());
        let ends = running.into_iter().map(|running| running.ended).chain(self.changes.drain(..));
        let ends = join_all(ends.collect::<Vec<_>>());
        // Whatever is not done by then is in the journal, unfinished, and looked at by the next run.
        let _ = timeout(longest, ends).await;
    }

    /// One change, sent once; the end of the program waits for its answer.
    pub fn change(
        &mut self,
        there: End,
        change: Arc<Sent>,
    ) -> impl Future<Output = Result<Changed, ErrorReport>> + Send + 'static {
        let (done, ended) = oneshot::channel();
        self.changes.retain_mut(|one| one.try_recv() == Err(TryRecvError::Empty));
        self.changes.push(ended);
        let journals = self.journals.clone();
        async move {
            let work = changes::perform(there, change, journals);
            let answer = AssertUnwindSafe(work).catch_unwind().await;
            drop(done);
            answer.map_or_else(|_| Err(broken()), |answer| answer.map_err(|error| error.report()))
        }
    }

    /// Runs from here on, until what is returned second is dropped.
    pub(super) fn enter(&mut self, job: JobId) -> (CancellationToken, oneshot::Sender<()>) {
        let stop = CancellationToken::new();
        let (done, ended) = oneshot::channel();
        self.running.insert(job, Running { stop: stop.clone(), ended });
        (stop, done)
    }

    /// Does what was confirmed; what happens is told as messages.
    pub fn start(
        &mut self,
        job: JobId,
        there: End,
        change: Change,
        items: usize,
        channel: mpsc::Sender<Msg>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (stop, done) = self.enter(job);
        let journals = self.journals.clone();
        async move {
            let tell = |event| tell(&channel, job, event);
            let (events, mut told) = mpsc::channel(EVENTS);
            let pump = async {
                while let Some(event) = told.recv().await {
                    tell(translated(event)).await;
                }
            };
            let (last, ()) = tokio::join!(change.run(there, journals, events, stop), pump);
            for event in last.unwrap_or_else(|why| vec![nothing(items, why)]) {
                tell(event).await;
            }
            drop(done);
        }
    }
}

/// What is done to a registry.
pub enum Change {
    Delete(Arc<Plan>),
    Sweep(Arc<Sweep>),
    /// Sets a tag, with whatever has to be brought for it from the first.
    Copy(Box<End>, Arc<Transfer>),
    Recolour(Arc<Recolouring>),
    Undo(Arc<PutBack>),
    Settle(Arc<Settling>),
}

impl Change {
    /// What is to be told last, or why nothing was begun.
    async fn run(
        self,
        there: End,
        journals: Option<Journals>,
        events: mpsc::Sender<Ran>,
        stop: CancellationToken,
    ) -> Result<Vec<JobEvent>, Clean> {
        let connected = |end: backend::Result<Connection>| end.map_err(|error| error.report().what);
        let origin = there.profile.origin();
        let connection = connected(there.connection)?;
        let journals = journals.ok_or(Clean::fixed("there is no directory to record it in"))?;
        let account = connection.account.account_now();
        let backend = connection.backend;
        Ok(match self {
            Self::Delete(plan) => closing(Batch { backend, origin, account, plan, journals, events, stop }.run().await),
            Self::Sweep(sweep) => {
                closing(Sweeping { backend, origin, account, sweep, journals, events, stop }.run().await)
            }
            Self::Copy(from, transfer) => {
                let origins = (from.profile.origin(), origin);
                let from = connected(from.connection)?.backend;
                let copy = Copy { from, to: backend, origins, account, transfer, journals, events, stop };
                closing(copy.run().await.report)
            }
            Self::Recolour(work) => {
                closing(Recolour { backend, origin, account, journals, work, events, stop }.run().await)
            }
            Self::Undo(back) => {
                let PutBack { prospect, overwrite } = (*back).clone();
                let restore = Restore { backend, origin, account, journals, prospect, overwrite, events, stop };
                closing(restore.run().await)
            }
            Self::Settle(settling) => {
                drop(events);
                settle(&*backend, &journals, &settling).await
            }
        })
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        if let Some(dir) = &self.own {
            // Nothing in it is of use to anybody.
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

/// What a change came to whose task broke: nobody heard the answer.
fn broken() -> ErrorReport {
    let what = Clean::fixed("This change broke off by a fault in tagboat, and may have been done");
    let hint = Clean::fixed("Look again with r; the log has more.");
    ErrorReport { unsure: true, ..ErrorReport::new(ErrorKind::Internal, what, hint) }
}

/// The loop is gone at the end of the program; then nobody waits for this.
fn tell(channel: &mpsc::Sender<Msg>, job: JobId, event: JobEvent) -> impl Future<Output = ()> + Send + use<> {
    let channel = channel.clone();
    async move { drop(channel.send(Msg::Job { job, event }).await) }
}

fn nothing(items: usize, why: Clean) -> JobEvent {
    let items = vec![Ended::because(Outcome::Skipped, why.clone()); items];
    JobEvent::Finished { items, stopped: Some(why) }
}

/// Writes down what became of an operation that broke off.
async fn settle(backend: &dyn Backend, journals: &Journals, settling: &Settling) -> Vec<JobEvent> {
    let began = JobEvent::Began { journal: settling.id.clone() };
    let ended = match undo::repair(backend, journals, &settling.id).await {
        Ok(now) => {
            let items = now.iter().map(|one| undo::counts_as(&one.now)).collect();
            JobEvent::Finished { items, stopped: None }
        }
        // As it was found: what could not be put right is there for another try.
        Err(why) => {
            let items = settling.standing.iter().map(|one| undo::counts_as(&one.now)).collect();
            JobEvent::Finished { items, stopped: Some(why) }
        }
    };
    vec![began, ended]
}

fn translated(event: Ran) -> JobEvent {
    match event {
        Ran::Began { journal } => JobEvent::Began { journal },
        Ran::Item { at, phase } => JobEvent::Item { at, step: step(phase) },
        Ran::Moved { at, bytes } => JobEvent::Moved { at, bytes },
        Ran::Ended { at, ended, .. } => JobEvent::Ended { at, ended },
        Ran::Waiting { at, wait, why } => {
            JobEvent::Waiting { at, wait: SignedDuration::try_from(wait).unwrap_or_default(), why }
        }
        Ran::NotKept { digest } => {
            let text = format!("There was no room to keep {}: undo will not bring it back.", digest.short());
            JobEvent::Said(clean::line(&text))
        }
        Ran::Alarm(why) => JobEvent::Alarm(why),
    }
}

fn step(phase: Phase) -> Step {
    match phase {
        Phase::Checking => Step::Checking,
        Phase::Sending => Step::Sending,
        Phase::Verifying => Step::Verifying,
    }
}

fn closing(report: Report) -> Vec<JobEvent> {
    let stopped = report.stopped.map(|stop| stop.why());
    let mut events: Vec<JobEvent> = report.said.into_iter().map(JobEvent::Said).collect();
    events.push(JobEvent::Finished { items: report.items, stopped });
    events
}
