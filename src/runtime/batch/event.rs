//! What a running plan, copy or undo tells, and what became of it. `at` is a position in what was planned.

use std::time::Duration;

use crate::domain::clean::Clean;
use crate::domain::cleanup::Plan;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is recorded from here on, under this id.
    Began {
        journal: String,
    },
    Item {
        at: usize,
        phase: Phase,
    },
    /// So many bytes of this blob have been handed on. Of copies only.
    Moved {
        at: usize,
        bytes: u64,
    },
    Ended {
        at: usize,
        ended: Ended,
        totals: Totals,
    },
    /// The registry wants a pause, or something broke off and is begun anew after one; nothing is sent before it is over.
    Waiting {
        at: usize,
        wait: Duration,
        why: Clean,
    },
    /// There is no room left to keep this manifest: undo will not bring it back.
    NotKept {
        digest: Digest,
    },
    /// Something else than what was to be deleted is gone. The batch has stopped.
    Alarm(Clean),
}

/// Where the item is that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Checking,
    Sending,
    Verifying,
}

/// How many items ended how. With those to come they are always as many as the plan has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    pub done: usize,
    pub gone: usize,
    pub changed: usize,
    pub refused: usize,
    pub failed: usize,
    pub unknown: usize,
    pub skipped: usize,
    /// Not ended yet.
    pub left: usize,
}

impl Totals {
    pub fn new(items: usize) -> Self {
        Self { left: items, ..Self::default() }
    }

    pub fn count(&mut self, outcome: Outcome) {
        self.left -= 1;
        *match outcome {
            Outcome::Done => &mut self.done,
            Outcome::Gone => &mut self.gone,
            Outcome::Changed => &mut self.changed,
            Outcome::Refused => &mut self.refused,
            Outcome::Failed => &mut self.failed,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
    }
}

/// Why the rest was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it, or nobody is watching any more.
    Cancelled,
    /// The plan itself cannot be run: too old, for another registry.
    Plan(Clean),
    /// The registry refuses, or fails again and again.
    Registry(Clean),
    /// Something was lost that was not part of the plan.
    Damage(Clean),
    /// What cannot be recorded is not done.
    Journal(Clean),
    /// Our own fault.
    Fault(Clean),
}

impl Stop {
    pub fn why(&self) -> Clean {
        match self {
            Self::Cancelled => Clean::fixed("stopped before its turn"),
            Self::Plan(why) | Self::Registry(why) | Self::Damage(why) | Self::Journal(why) | Self::Fault(why) => {
                why.clone()
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One for each item of the plan.
    pub items: Vec<Ended>,
    pub totals: Totals,
    pub stopped: Option<Stop>,
    /// Where it is recorded; `None` where nothing was begun.
    pub journal: Option<String>,
    /// Manifests that are not kept for undo.
    pub not_kept: Vec<Digest>,
    /// What else is to be said, each once.
    pub said: Vec<Clean>,
}

impl Report {
    /// Of a plan of which nothing was begun.
    pub(super) fn nothing(plan: &Plan, stop: Stop) -> Self {
        let ended = Ended::because(Outcome::Skipped, stop.why());
        let mut totals = Totals::new(plan.items.len());
        plan.items.iter().for_each(|_| totals.count(Outcome::Skipped));
        Self {
            items: vec![ended; plan.items.len()],
            totals,
            stopped: Some(stop),
            journal: None,
            not_kept: Vec::new(),
            said: Vec::new(),
        }
    }
}
