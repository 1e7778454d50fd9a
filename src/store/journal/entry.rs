//! What a journal tells.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::clean::Clean;
use crate::domain::cleanup::{self, Method};
use crate::domain::outcome::Outcome;
use crate::domain::recorded::Recorded;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::sweep::Sweep;
use crate::domain::transfer::Tagging;

/// What an operation is about. Written once, before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub time: Timestamp,
    /// As named in the config, or the host where it has no name.
    pub registry: String,
    /// `RegistryProfile::url`. With the repository, tag and digest it is what an item stands for (safety.md F6).
    pub origin: String,
    pub account: Option<String>,
    /// Of an operation on several repositories the first; its items name theirs.
    pub repo: RepoName,
    /// The operation that this one takes back.
    pub undoes: Option<String>,
    /// In running order; `item` everywhere below is a position in it.
    pub items: Vec<Item>,
    /// What was to be done, as JSON: a plan, a `Tagging`, a `Recorded` or a `Sweep`.
    pub plan: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// `None` for a manifest without a tag.
    pub tag: Option<TagName>,
    /// `None` for a tag that dangles.
    pub digest: Option<Digest>,
    /// How it is taken away; `None` where it is put somewhere.
    pub method: Option<Method>,
    /// Other tags on the digest, which go with it.
    pub along: Vec<TagName>,
    /// It is about this repository as a whole.
    pub repo: Option<RepoName>,
}

impl From<&cleanup::Item> for Item {
    fn from(planned: &cleanup::Item) -> Self {
        let tag = planned.tag.clone();
        let along = planned.takes().iter().filter(|other| Some(*other) != tag.as_ref()).cloned().collect();
        Self { tag, digest: planned.digest.clone(), method: Some(planned.method), along, repo: None }
    }
}

impl Item {
    pub fn whole(repo: RepoName) -> Self {
        Self { repo: Some(repo), ..Self::default() }
    }

    /// The tags it is about, its own first.
    pub fn tags(&self) -> impl Iterator<Item = &TagName> {
        self.tag.iter().chain(&self.along)
    }
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum State {
    #[default]
    Planned,
    /// Its request went out or was about to. In an unfinished journal: unknown until somebody looks.
    Sending,
    Ended(Outcome),
}

/// The steps of the placeholder way (oci-distribution.md §11.4). Each is written before what it names is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceholderStep {
    /// The placeholder's blobs go up. The tag is untouched.
    Uploading,
    /// The tag is moved to the placeholder.
    Moving,
    /// The placeholder is deleted, and the tag with it.
    Deleting,
    /// The tag is put back to where it was.
    Restoring,
    /// The tag is gone, or back.
    Settled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    pub step: PlaceholderStep,
    /// The digest of the placeholder's manifest.
    pub digest: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    pub state: State,
    pub why: Option<Clean>,
    pub placeholder: Option<Placeholder>,
}

/// A manifest that can be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptManifest {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// A journal as it was read, without the bytes of its manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub id: String,
    pub header: Header,
    /// The tags it set, where it did that instead of deleting some.
    pub tagging: Option<Tagging>,
    /// What it changed by the system's own interface, where it did that.
    pub change: Option<Recorded>,
    /// The repositories it deleted, where it did that.
    pub sweep: Option<Sweep>,
    /// One for each item of the header.
    pub items: Vec<Progress>,
    /// Manifests kept for undo, and their sizes.
    pub kept: BTreeMap<Digest, u64>,
    /// Manifests there was no room for: undo is partial.
    pub omitted: Vec<Digest>,
    pub ended: Option<Timestamp>,
    /// Whole lines of the file cannot be read: an item may have ended without its end being told.
    pub damaged: bool,
}

impl Told {
    /// What can be tried: it was deleted, and its manifest is kept; or it is a tag that was set, and what it was on before
    /// is kept, or was nothing.
    pub fn restorable(&self, item: usize) -> bool {
        let done = self.items.get(item).is_some_and(|item| item.state == State::Ended(Outcome::Done));
        let Some(item) = self.header.items.get(item).filter(|_| done && self.change.is_none()) else { return false };
        match (&self.tagging, &item.tag) {
            (Some(tagging), Some(tag)) => tagging.of_tag(tag).is_some_and(|one| match &one.before {
                Some(before) => *before != one.digest && (tagging.call.is_some() || self.kept.contains_key(before)),
                None => true,
            }),
            (Some(_), None) => false,
            (None, _) => item.digest.as_ref().is_some_and(|digest| self.kept.contains_key(digest)),
        }
    }

    /// The operation that this one took back; not where it could change nothing.
    pub fn took_back(&self) -> Option<&String> {
        let changed = |item: &Progress| item.state == State::Ended(Outcome::Done) && item.why.is_none();
        let nothing_left = self.items.iter().all(|item| item.state == State::Ended(Outcome::Done));
        let took = self.ended.is_some() && (nothing_left || self.items.iter().any(changed));
        self.header.undoes.as_ref().filter(|_| took)
    }

    /// What to take for the end of an item. What was being sent when the journal broke off is unknown, and what had
    /// not begun is skipped; unless that it began may stand in a line that cannot be read.
    pub fn outcome(&self, item: &Progress) -> Outcome {
        match item.state {
            State::Ended(ended) => ended,
            State::Planned if !self.damaged => Outcome::Skipped,
            State::Planned | State::Sending => Outcome::Unknown,
        }
    }

    /// Items that ended this way.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.items.iter().filter(|item| self.outcome(item) == outcome).count()
    }
}
