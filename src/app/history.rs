//! What was changed in registries, as it is shown: read from the journals elsewhere, a line an operation, its items when
//! somebody looks at them.

use jiff::Timestamp;

use crate::domain::capability::Takes;
use crate::domain::clean::Clean;
use crate::domain::cleanup::Method;
use crate::domain::outcome::Outcome;
use crate::domain::recorded::What;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;
use crate::domain::sweep;

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
    /// Repositories it is about as a whole, and what of them went.
    pub repos: usize,
    pub takes: Takes,
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
            _ if self.repos > 0 && self.counts.of(Outcome::Done) > 0 => Err("no way back"),
            _ if self.undoes.is_some() => Err("it put back"),
            _ if self.changed.is_some_and(|what| what.no_way_back().is_some()) => Err("no way back"),
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

impl Told {
    /// The repository, or how many.
    pub fn place(&self) -> String {
        match self.repos {
            0 | 1 => self.repo.to_string(),
            n => sweep::repositories(self.takes, n),
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
    /// It is about this repository as a whole.
    pub repo: Option<RepoName>,
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
    /// Repositories that were to go as a whole and did not.
    pub fn rest_of_repos(&self) -> Vec<RepoName> {
        self.open().filter_map(|item| item.repo.clone()).collect()
    }

    /// Tags that were to go and did not: for a new plan.
    pub fn rest(&self) -> Vec<TagName> {
        self.open().filter_map(|item| item.tag.clone()).collect()
    }

    fn open(&self) -> impl Iterator<Item = &Item> {
        let told = &self.told;
        let deleted = !told.sets && told.changed.is_none() && told.undoes.is_none() && told.stand == Stand::Ended;
        let open = |item: &&Item| {
            matches!(item.state, State::Ended(Outcome::Failed | Outcome::Skipped | Outcome::Refused | Outcome::Unknown))
        };
        self.items.iter().filter(move |_| deleted).filter(open)
    }
}

/// One item of an operation that broke off, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub tag: Option<TagName>,
    /// It is about this repository as a whole.
    pub repo: Option<RepoName>,
    pub digest: Option<Digest>,
    pub now: crate::domain::undo::Now,
}
