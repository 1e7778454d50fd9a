//! Jobs: plans that run, or have run since the program started.

mod work;

use jiff::{SignedDuration, Timestamp};

use crate::domain::clean::Clean;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;

pub use work::{PutBack, Settling, Work};

/// Unique within a run; shown as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What a running plan tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEvent {
    /// It is recorded from here on, under this id.
    Began {
        journal: String,
    },
    Item {
        at: usize,
        step: Step,
    },
    Ended {
        at: usize,
        ended: Ended,
    },
    /// So many bytes of an item have gone.
    Moved {
        at: usize,
        bytes: u64,
    },
    /// The registry wants a pause.
    Waiting {
        at: usize,
        wait: SignedDuration,
        why: Clean,
    },
    /// Something to know about the whole.
    Said(Clean),
    /// Something else than planned is gone.
    Alarm(Clean),
    /// Nothing more happens. One outcome for each item of the plan.
    Finished {
        items: Vec<Ended>,
        stopped: Option<Clean>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Checking,
    Sending,
    Verifying,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Now(Step),
    Ended(Ended),
}

#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub registry: RegistryId,
    pub work: Work,
    /// One for each item of the work.
    pub stages: Vec<Stage>,
    pub began: Timestamp,
    pub finished: Option<Timestamp>,
    /// What `history` and `undo` know it by.
    pub journal: Option<String>,
    /// Why the rest was not tried.
    pub stopped: Option<Clean>,
    /// It was asked to stop.
    pub stopping: bool,
    /// Until when the registry wants nothing to be sent, and why.
    pub pause: Option<(Timestamp, Clean)>,
    pub said: Vec<Clean>,
    pub alarm: Option<Clean>,
    /// The item whose bytes are on their way, and how many have gone.
    moved: Option<(usize, u64)>,
}

/// How many items ended how; together always as many as there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    ended: [usize; Outcome::ALL.len()],
    pub under_way: usize,
    pub waiting: usize,
}

impl Totals {
    pub fn of(&self, outcome: Outcome) -> usize {
        Outcome::ALL.iter().position(|one| *one == outcome).map_or(0, |at| self.ended[at])
    }

    pub fn ended(&self) -> usize {
        self.ended.iter().sum()
    }

    /// Those that were begun, whatever came of it.
    pub fn tried(&self) -> usize {
        self.ended() - self.of(Outcome::Skipped)
    }

    pub fn all(&self) -> usize {
        self.ended() + self.under_way + self.waiting
    }
}

impl Job {
    pub fn new(id: JobId, registry: RegistryId, work: Work, now: Timestamp) -> Self {
        let stages = vec![Stage::Waiting; work.len()];
        Self {
            id,
            registry,
            work,
            stages,
            began: now,
            finished: None,
            journal: None,
            stopped: None,
            stopping: false,
            pause: None,
            said: Vec::new(),
            alarm: None,
            moved: None,
        }
    }

    pub fn runs(&self) -> bool {
        self.finished.is_none()
    }

    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for stage in &self.stages {
            match stage {
                Stage::Waiting => totals.waiting += 1,
                Stage::Now(_) => totals.under_way += 1,
                Stage::Ended(ended) => {
                    let at = Outcome::ALL.iter().position(|one| *one == ended.outcome);
                    totals.ended[at.unwrap_or_default()] += 1;
                }
            }
        }
        totals
    }

    /// Bytes so far and in all, where bytes are what it is about.
    pub fn bytes(&self) -> Option<(u64, u64)> {
        let order = match &self.work {
            Work::Copy(order) => order,
            Work::Layer(order) => return self.bytes_of(order.size?),
            Work::Delete(_) | Work::Sweep(_) | Work::Recolour(_) | Work::Undo(_) | Work::Settle(_) => return None,
        };
        let blobs = order.transfer.blobs.iter().zip(&self.stages).enumerate();
        let so_far = blobs.map(|(at, (blob, stage))| match (stage, self.moved) {
            (Stage::Ended(ended), _) if ended.outcome == Outcome::Done => blob.size,
            (Stage::Now(_), Some((moving, bytes))) if moving == at => bytes.min(blob.size),
            _ => 0,
        });
        Some((so_far.sum(), order.transfer.bytes())).filter(|(_, all)| *all > 0)
    }

    /// Of a job that is about one thing with so many.
    fn bytes_of(&self, size: u64) -> Option<(u64, u64)> {
        let so_far = match (self.stages.first(), self.moved) {
            (Some(Stage::Ended(ended)), _) if ended.outcome == Outcome::Done => size,
            (_, Some((_, bytes))) => bytes.min(size),
            _ => 0,
        };
        Some((so_far, size)).filter(|(_, all)| *all > 0)
    }

    /// In hundredths. What was never begun is not done, though nothing more comes of it.
    pub fn part(&self) -> usize {
        if let Some((so_far, all)) = self.bytes().filter(|_| self.runs()) {
            return usize::try_from(u128::from(so_far) * 100 / u128::from(all)).unwrap_or(100);
        }
        let totals = self.totals();
        totals.tried() * 100 / totals.all().max(1)
    }

    pub fn take(&mut self, event: JobEvent, now: Timestamp) {
        match event {
            JobEvent::Began { journal } => self.journal = Some(journal),
            JobEvent::Item { at, step } => {
                self.pause = None;
                self.set(at, Stage::Now(step));
            }
            JobEvent::Ended { at, ended } => {
                self.pause = None;
                self.set(at, Stage::Ended(ended));
            }
            JobEvent::Moved { at, bytes } => self.moved = Some((at, bytes)),
            JobEvent::Waiting { at, wait, why } => {
                self.set(at, Stage::Waiting);
                self.pause = now.checked_add(wait).ok().map(|until| (until, why));
            }
            JobEvent::Said(text) => self.said.push(text),
            JobEvent::Alarm(text) => self.alarm = Some(text),
            JobEvent::Finished { items, stopped } => {
                for (at, ended) in items.into_iter().enumerate() {
                    self.set(at, Stage::Ended(ended));
                }
                self.pause = None;
                self.stopped = stopped;
                self.finished = Some(now);
            }
        }
    }

    fn set(&mut self, at: usize, stage: Stage) {
        if let Some(slot) = self.stages.get_mut(at) {
            *slot = stage;
        }
    }

    /// Items that ended one of these ways.
    fn ended(&self, which: impl Fn(Outcome) -> bool) -> impl Iterator<Item = usize> {
        let ended = move |stage: &Stage| matches!(stage, Stage::Ended(ended) if which(ended.outcome));
        self.stages.iter().enumerate().filter(move |(_, stage)| ended(stage)).map(|(at, _)| at)
    }

    /// Tags that are gone, whoever was first.
    pub fn lost_tags(&self) -> impl Iterator<Item = &TagName> {
        self.ended(Outcome::is_settled).flat_map(|at| match &self.work {
            Work::Delete(_) => self.work.tags(at),
            Work::Sweep(_) | Work::Copy(_) | Work::Recolour(_) | Work::Undo(_) | Work::Settle(_) | Work::Layer(_) => {
                &[]
            }
        })
    }

    /// Repositories that are gone as a whole, whoever was first; and those of which that is not so, or not known.
    pub fn lost_repos(&self) -> (Vec<RepoName>, Vec<RepoName>) {
        let wholes = (0..self.stages.len()).filter_map(|at| Some((at, self.work.whole(at)?.clone())));
        let gone = |at: usize| matches!(&self.stages[at], Stage::Ended(ended) if ended.outcome.is_settled());
        let (gone, there): (Vec<_>, Vec<_>) = wholes.partition(|(at, _)| gone(*at));
        let names = |all: Vec<(usize, RepoName)>| all.into_iter().map(|(_, name)| name).collect();
        (names(gone), names(there))
    }

    /// What undo knows it by: it deleted something, and has ended.
    pub fn undoable(&self) -> Option<&str> {
        let deletes = matches!(&self.work, Work::Delete(plan) if plan.kind.words().restores) && !self.runs();
        self.journal.as_deref().filter(|_| deletes && self.lost_tags().next().is_some())
    }

    /// What is worth another try. What points elsewhere by now is not: it is not what was marked.
    pub fn to_retry(&self) -> impl Iterator<Item = usize> {
        self.ended(|outcome| {
            matches!(outcome, Outcome::Failed | Outcome::Refused | Outcome::Unknown | Outcome::Skipped)
        })
    }

    /// Items a second, as far as it can be told.
    pub fn rate(&self, now: Timestamp) -> Option<f64> {
        let ended = self.totals().ended();
        let seconds = self.finished.unwrap_or(now).duration_since(self.began).as_secs_f64();
        (ended > 0 && seconds > 0.2).then(|| ended as f64 / seconds)
    }
}
