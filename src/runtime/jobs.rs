//! What deletions need from outside: their facts, read; their plans, run; their stops.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Event as Ran, Phase, Report};
use super::executor::Out;
use super::registries::Connection;
use super::survey::{self, Place, Progress, Wanted};
use crate::app::job::{JobEvent, JobId, Step, Work};
use crate::app::modal::plan::Reading;
use crate::app::msg::{Event, Msg};
use crate::backend;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Marks, Protection};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryProfile;
use crate::store::config::HistorySettings;
use crate::store::journal::Journals;

/// Events of a batch on their way; more than an item has.
const EVENTS: usize = 64;
/// How often the progress of a reading is told.
const RHYTHM: Duration = Duration::from_millis(100);

pub struct Jobs {
    /// Where operations are recorded; without it nothing is deleted.
    journals: Option<Journals>,
    /// Made for this run, and removed with it.
    own: Option<PathBuf>,
    running: HashMap<JobId, Running>,
}

struct Running {
    stop: CancellationToken,
    /// Answers, or is dropped, when nothing of the job is under way any more.
    ended: oneshot::Receiver<()>,
}

impl Jobs {
    pub fn new(state_dir: Option<PathBuf>, history: HistorySettings) -> Self {
        let journals = state_dir.map(|dir| Journals::new(&dir, history));
        Self { journals, own: None, running: HashMap::new() }
    }

    /// For the demo, whose registries end with the run: so does what is recorded of them.
    pub fn for_this_run() -> Self {
        let dir = std::env::temp_dir().join(format!("tagboat-demo-{}", std::process::id()));
        let history = HistorySettings { enabled: false, ..HistorySettings::default() };
        Self { journals: Some(Journals::new(&dir, history)), own: Some(dir), running: HashMap::new() }
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
        let ends = join_all(running.into_iter().map(|running| running.ended));
        // Whatever is not done by then is in the journal, unfinished, and looked at by the next run.
        let _ = timeout(longest, ends).await;
    }

    /// Does what was confirmed; what happens is told as messages.
    pub fn start(
        &mut self,
        job: JobId,
        connection: backend::Result<Connection>,
        origin: String,
        work: Work,
        channel: mpsc::Sender<Msg>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let stop = CancellationToken::new();
        let (done, ended) = oneshot::channel();
        self.running.insert(job, Running { stop: stop.clone(), ended });
        let journals = self.journals.clone();
        async move {
            let tell = |event| {
                let channel = channel.clone();
                // The loop is gone at the end of the program; then nobody waits for this.
                async move { drop(channel.send(Msg::Job { job, event }).await) }
            };
            let ready = connection.map_err(|error| error.report().what).and_then(|connection| {
                let journals = journals.ok_or(Clean::fixed("there is no directory to record deletions in"))?;
                Ok((connection, journals))
            });
            let (connection, journals) = match ready {
                Ok(ready) => ready,
                Err(why) => return tell(nothing(&work, why)).await,
            };
            let (events, mut told) = mpsc::channel(EVENTS);
            let account = connection.account.account_now();
            let Work::Delete(plan) = work;
            let batch = Batch { backend: connection.backend, origin, account, plan, journals, events, stop };
            let pump = async {
                while let Some(event) = told.recv().await {
                    tell(translated(event)).await;
                }
            };
            let (report, ()) = tokio::join!(batch.run(), pump);
            for event in closing(report) {
                tell(event).await;
            }
            drop(done);
        }
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

fn nothing(work: &Work, why: Clean) -> JobEvent {
    let items = vec![Ended::because(Outcome::Skipped, why.clone()); work.len()];
    JobEvent::Finished { items, stopped: Some(why) }
}

fn translated(event: Ran) -> JobEvent {
    match event {
        Ran::Began { journal } => JobEvent::Began { journal },
        Ran::Item { at, phase } => JobEvent::Item { at, step: step(phase) },
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

/// What a plan is about.
pub struct Survey {
    pub profile: RegistryProfile,
    pub repo: RepoName,
    pub protection: Protection,
    pub marks: Marks,
    pub read_only: bool,
}

/// Reads the facts for a plan of these marks, with whatever its choices may need, so that each can be shown at once.
pub async fn read(connection: backend::Result<Connection>, about: Survey, out: Out) {
    let Survey { profile, repo, protection, marks, read_only } = about;
    let connection = match connection {
        Ok(connection) => connection,
        Err(error) => return out.send(Event::Surveyed(Err(error.report()))).await,
    };
    let wanted =
        Wanted { details: protection.needs_details(), manifests: true, referrers_of: marks.tags, probe: !read_only };
    let place = Place { registry: profile.name, origin: profile.url, repo, protection };
    let (progress, mut seen) = watch::channel(Progress::default());
    let work = survey::survey(&*connection.backend, &place, &wanted, &progress);
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => {
                let result = result.map(Box::new).map_err(|error| error.report());
                return out.send(Event::Surveyed(result)).await;
            }
            () = tokio::time::sleep(RHYTHM) => {
                if seen.has_changed().unwrap_or(false) {
                    let now = *seen.borrow_and_update();
                    out.send(Event::Surveying(reading(now))).await;
                }
            }
        }
    }
}

fn reading(progress: Progress) -> Reading {
    let what = match progress.step {
        survey::Step::Listing => "the list of tags",
        survey::Step::Tags => "what tags point at",
        survey::Step::Manifests => "manifests",
        survey::Step::Referrers => "what refers to them",
    };
    Reading { what, done: progress.done, of: progress.of }
}
