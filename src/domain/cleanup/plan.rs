//! A plan: what would be sent, in order, what stays and why, what it frees.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::item::{Item, Role};
use super::rule::Marked;
use super::snapshot::Deletes;
use crate::domain::clean::Clean;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;

/// What a clean-up is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Marks {
    pub tags: Vec<TagName>,
    /// Manifests that nothing reaches from a tag, too.
    pub untagged: bool,
    /// What rules spared, with the reason; part of the plan, so that it tells the whole story.
    pub kept: Vec<(TagName, Clean)>,
}

impl From<Marked> for Marks {
    fn from(marked: Marked) -> Self {
        let unread = Clean::fixed("what a rule asks of it was not read");
        let unknown = marked.unknown.into_iter().map(|tag| (tag, unread.clone()));
        Self { tags: marked.tags, untagged: marked.untagged, kept: marked.kept.into_iter().chain(unknown).collect() }
    }
}

/// How far a plan may go. The default takes tags away and nothing else, where the registry can do that.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Choices {
    /// Manifests that lose their last tag. `children` and `referrers` mean these as well.
    pub manifests: bool,
    /// Entries of deleted indexes that nothing else uses.
    pub children: bool,
    /// What refers to deleted manifests: signatures, SBOMs, their tags.
    pub referrers: bool,
    /// Tags that were not marked, but may go along.
    pub siblings: Siblings,
    /// Where only digests can be deleted: take the tag away by a placeholder, rather than hold it back.
    pub placeholder: bool,
    /// Protected tags that may go all the same, each named.
    pub lifted: BTreeSet<TagName>,
    /// Tags that were taken out of the plan by hand, and manifests.
    pub kept: BTreeSet<TagName>,
    pub spared: BTreeSet<Digest>,
}

impl Choices {
    pub fn deletes_manifests(&self) -> bool {
        self.manifests || self.children || self.referrers
    }

    /// Takes an item out of the plan: its tags, or the manifest of one that takes none.
    pub fn keep(&mut self, item: &Item) {
        match (item.takes(), item.deletes()) {
            ([], Some(digest)) => drop(self.spared.insert(digest.clone())),
            (tags, _) => self.kept.extend(tags.iter().cloned()),
        }
    }

    /// Whether a plan of these marks may delete something by its digest, and so has to know who uses it.
    pub fn needs_manifests(&self, marks: &Marks, deletes: &Deletes) -> bool {
        self.deletes_manifests() || self.placeholder || marks.untagged || !deletes.can_untag()
    }
}

/// Which tags on the digests of marked ones count as marked. Never protected ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Siblings {
    Named(BTreeSet<TagName>),
    All,
}

impl Default for Siblings {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub registry: String,
    /// The address it was made for; it runs nowhere else.
    pub origin: String,
    /// Whose words its texts are in.
    pub kind: BackendKind,
    pub repo: RepoName,
    /// When its facts were read.
    pub created: Timestamp,
    pub choices: Choices,
    /// In running order.
    pub items: Vec<Item>,
    /// Tags that were marked, or would have been, and stay.
    pub kept: Vec<Kept>,
    pub left: Left,
    pub reclaimable: Bytes,
    /// Tags the repository had.
    pub tags_before: usize,
    /// Why the use of what the plan touches cannot be told for certain: nothing is deleted by its digest then. A plan
    /// that takes tags alone away touches no manifest, and asks only what its tags share their digests with.
    pub unsure: Option<Clean>,
    /// Why nothing at all can be deleted.
    pub refused: Option<Clean>,
}

/// A tag that stays.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub tag: TagName,
    pub digest: Option<Digest>,
    pub by: Keeper,
    /// The tags on its digest that were not marked, where they are the reason.
    pub others: Arc<[TagName]>,
    pub why: Clean,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// A rule excludes it or counts it among the newest.
    Rule,
    Protection,
    /// Deleting it would take something along that was not marked.
    Held,
    /// Nothing can be planned for it.
    Skipped,
    /// It was taken out of the plan by hand.
    Hand,
}

/// Manifests that stay on the server with nothing left that leads to them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Left {
    /// They lose their last tag.
    pub untagged: Vec<Digest>,
    /// Entries of deleted indexes that no other index lists and no tag is on.
    pub children: Vec<Digest>,
    /// They refer to what is deleted.
    pub referrers: Vec<Digest>,
}

/// What the repository's next garbage collection can free because of the plan, counted from the tags of this repository:
/// no registry tells which blobs other repositories hold, or manifests it does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Bytes {
    /// What the deleted manifests alone held.
    pub at_least: u64,
    /// With what is left without a tag, if the registry collects such; `None` where a size is not known.
    pub at_most: Option<u64>,
    /// Everything was read, and both are the same.
    pub exact: bool,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Every tag that would be gone.
    pub fn lost_tags(&self) -> impl Iterator<Item = &TagName> {
        self.items.iter().flat_map(Item::takes)
    }

    /// Every manifest that would be gone.
    pub fn lost_manifests(&self) -> impl Iterator<Item = &Digest> {
        self.items.iter().filter_map(Item::deletes)
    }

    /// What a person confirms: the tags that go, and marked manifests that have none. Children and referrers go with
    /// them and are not counted.
    pub fn count(&self) -> usize {
        self.lost_tags().count() + self.items.iter().filter(|item| item.role == Role::Untagged).count()
    }

    /// Every tag goes, and there were several.
    pub fn is_whole_repository(&self) -> bool {
        self.tags_before > 1 && self.lost_tags().count() >= self.tags_before
    }

    /// Something of the plan is used elsewhere, or may be.
    pub fn touches_shared(&self) -> bool {
        self.unsure.is_some()
            || self.items.iter().any(|item| item.siblings().next().is_some() || !item.indexes.is_empty())
    }

    /// Tags on the item's digest that must still be there, on that digest, when the plan is done.
    pub fn survivors<'a>(&'a self, item: &'a Item, lost: &'a HashSet<&TagName>) -> impl Iterator<Item = &'a TagName> {
        item.siblings().filter(|tag| !lost.contains(tag))
    }
}
