//! What was changed in registries, as it is shown: read from the journals elsewhere, a line an operation, its items when
//! somebody looks at them.

use jiff::Timestamp;

use crate::domain::clean::Clean;
use crate::domain::cleanup::Method;
use crate::domain::outcome::Outcome;
use crate::domain::recorded::What;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;

/// Whether operations are kept once they have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeps {
    #[default]
    Yes,
    /// Switched off in the config.
    Off,
    /// There is no place for them, and nothing is changed without one.
    Nowhere,
}

#[derive(Clone, Debug, Default)]
pub struct History {
    pub keeps: Keeps,
    /// The newest first.
    pub rows: Vec<Operation>,
    /// They were read at least once.
    pub read: bool,
    pub reading: bool,
    /// Something was recorded since it was asked for.
    pub stale: bool,
    /// Operations that broke off and that nobody has settled.
    pub unfinished: usize,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub id: String,
    /// `Err`: it is there, and cannot be read here; why.
    pub told: Result<Box<Told>, Clean>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// A tagboat is at it.
    Running,
    /// It broke off.
    Unfinished,
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub time: Timestamp,
    pub stand: Stand,
    /// As it was named then.
    pub registry: String,
    pub origin: String,
    pub account: Option<String>,
    pub kind: BackendKind,
    pub repo: RepoName,
    /// It put tags somewhere, and deleted none.
    pub sets: bool,
    /// It changed something by the system's own interface, and deleted nothing.
    pub changed: Option<What>,
    /// The operation that this one takes back.
    pub undoes: Option<String>,
    /// Operations that took this one back, the newest first.
    pub undone: Vec<String>,
    /// Tags it is about, and manifests that are no tag's item.
    pub tags: usize,
    pub manifests: usize,
    pub counts: Counts,
    /// Items that are gone, and whose manifests are kept.
    pub restorable: usize,
    /// Something in the middle of the journal cannot be read.
    pub damaged: bool,
    /// Everything a filter looks at.
    pub words: String,
}

/// How many items ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Outcome::ALL.len()]);

impl Counts {
    pub fn add(&mut self, outcome: Outcome) {
        if let Some(at) = Outcome::ALL.iter().position(|one| *one == outcome) {
            self.0[at] += 1;
        }
    }

    pub fn of(&self, outcome: Outcome) -> usize {
        Outcome::ALL.iter().position(|one| *one == outcome).map_or(0, |at| self.0[at])
    }

    /// Those that are not none.
    pub fn each(&self) -> impl Iterator<Item = (Outcome, usize)> {
        Outcome::ALL.into_iter().zip(self.0).filter(|(_, n)| *n > 0)
    }
}

impl Told {
    /// Whether it can be taken back, in a few words; `Err` says why not.
    pub fn way_back(&self) -> Result<&'static str, &'static str> {
        match (self.stand, self.undone.is_empty()) {
            (Stand::Running, _) => Err("still running"),
            (Stand::Unfinished, _) => Err("NOT FINISHED"),
            _ if self.undoes.is_some() => Err("it put back"),
            // Colours go back in their list, the rest by another change.
            _ if self.changed.is_some() => Err("not from here"),
            (Stand::Ended, false) => Err("was put back"),
            (Stand::Ended, true) if self.restorable > 0 => Ok("can be put back"),
            _ if self.counts.of(Outcome::Done) + self.counts.of(Outcome::Unknown) == 0 => Err("nothing went"),
            _ if !self.kind.words().restores => Err("there is none"),
            _ => Err("nothing was kept"),
        }
    }
}

impl Operation {
    pub fn time(&self) -> Option<Timestamp> {
        self.told.as_ref().ok().map(|told| told.time)
    }

    pub fn is_unfinished(&self) -> bool {
        self.told.as_ref().is_ok_and(|told| told.stand == Stand::Unfinished)
    }
}

/// All of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub told: Told,
    pub items: Vec<Item>,
    /// Manifests kept for undo, and those there was no room for.
    pub kept: usize,
    pub omitted: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub tag: Option<TagName>,
    /// It was on the digest of this one, and went with it.
    pub with: Option<TagName>,
    pub digest: Option<Digest>,
    pub method: Option<Method>,
    pub state: State,
    pub why: Option<Clean>,
    pub restorable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    NotBegun,
    /// What became of it is not recorded.
    Sent,
    Ended(Outcome),
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::NotBegun => "not begun",
            Self::Sent => "sent",
            Self::Ended(outcome) => outcome.word(),
        }
    }
}

impl Details {
    /// Tags that were to go and did not: for a new plan.
    pub fn rest(&self) -> Vec<TagName> {
        let open = |item: &&Item| {
            matches!(item.state, State::Ended(Outcome::Failed | Outcome::Skipped | Outcome::Refused | Outcome::Unknown))
        };
        if self.told.sets
            || self.told.changed.is_some()
            || self.told.undoes.is_some()
            || self.told.stand != Stand::Ended
        {
            return Vec::new();
        }
        self.items.iter().filter(open).filter_map(|item| item.tag.clone()).collect()
    }
}

/// One item of an operation that broke off, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub tag: Option<TagName>,
    pub digest: Option<Digest>,
    pub now: crate::domain::undo::Now,
}
