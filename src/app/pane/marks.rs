//! What is marked, and what it takes to undo that.

use std::collections::BTreeMap;

use super::Pane;
use crate::app::list::Sort;
use crate::domain::clean::Clean;
use crate::domain::label::{self, Favourite};
use crate::domain::recorded::Recolouring;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;

/// Changes that can be taken back.
const KEPT: usize = 50;

/// One change of the marks. It holds what is different, not all marks: there may be a million.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub added: Vec<TagName>,
    pub removed: Vec<TagName>,
    /// Repositories that were marked and unmarked.
    pub repos: (Vec<RepoName>, Vec<RepoName>),
    /// What held before, where that changed.
    untagged: Option<bool>,
    spared: Option<BTreeMap<TagName, Clean>>,
    /// It was none of the marks.
    back: Option<Back>,
}

/// What takes a change back that was none of the marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    Labels(Vec<label::Change>),
    /// What came from a file at once: how labels were, and the favourites that are new.
    Import {
        labels: Vec<label::Change>,
        favourites: Vec<Favourite>,
    },
    /// Turned round.
    Favourite {
        registry: RegistryId,
        repository: Option<RepoName>,
    },
    /// Colours that the system keeps.
    Recolour(Box<Recolouring>),
    /// As it was sorted.
    Sort(Sort),
    /// Whether the tag was protected by hand, and whether its protection was lifted.
    Protection {
        tag: TagName,
        guarded: bool,
        lifted: bool,
    },
    /// A registry that left the list.
    Forgotten(RegistryId),
}

impl Pane {
    /// Marks these and unmarks those; what is so already does not count. Returns how many changed.
    pub fn mark(&mut self, added: impl IntoIterator<Item = TagName>, removed: Vec<TagName>) -> usize {
        let removed: Vec<TagName> = removed.into_iter().filter(|name| self.marks.remove(name)).collect();
        let added: Vec<TagName> = added.into_iter().filter(|name| self.marks.insert(name.clone())).collect();
        let changed = added.len() + removed.len();
        if changed > 0 {
            self.remember(Change { added, removed, ..Change::default() });
        }
        changed
    }

    /// The same for repositories.
    pub fn mark_repos(&mut self, added: Vec<RepoName>, removed: Vec<RepoName>) -> usize {
        let removed: Vec<RepoName> = removed.into_iter().filter(|name| self.repos.remove(name)).collect();
        let added: Vec<RepoName> = added.into_iter().filter(|name| self.repos.insert(name.clone())).collect();
        let changed = added.len() + removed.len();
        if changed > 0 {
            self.remember(Change { repos: (added, removed), ..Change::default() });
        }
        changed
    }

    /// What a rule says beside the tags it marks; part of the last change.
    pub fn rule_said(&mut self, untagged: bool, spared: Vec<(TagName, Clean)>, changed: usize) {
        let before = (self.untagged, self.spared.clone());
        self.untagged |= untagged;
        self.spared.extend(spared);
        if before == (self.untagged, self.spared.clone()) {
            return;
        }
        if changed == 0 {
            self.remember(Change::default());
        }
        if let Some(change) = self.changes.last_mut() {
            (change.untagged, change.spared) = (Some(before.0), Some(before.1));
        }
    }

    /// Takes all marks away.
    pub fn clear_marks(&mut self) {
        let removed: Vec<TagName> = std::mem::take(&mut self.marks).into_iter().collect();
        let repos = (Vec::new(), std::mem::take(&mut self.repos).into_iter().collect());
        let untagged = Some(std::mem::take(&mut self.untagged));
        let spared = Some(std::mem::take(&mut self.spared));
        self.remember(Change { removed, repos, untagged, spared, ..Change::default() });
    }

    /// Takes the last change back. Returns how many marks it was about.
    pub fn undo_marks(&mut self) -> Option<usize> {
        let change = self.changes.pop()?;
        for name in &change.added {
            self.marks.remove(name);
        }
        let (marked, unmarked) = change.repos;
        self.repos.retain(|name| !marked.contains(name));
        let count = change.added.len() + change.removed.len() + marked.len() + unmarked.len();
        self.marks.extend(change.removed);
        self.repos.extend(unmarked);
        self.untagged = change.untagged.unwrap_or(self.untagged);
        if let Some(spared) = change.spared {
            self.spared = spared;
        }
        self.marked.take();
        Some(count)
    }

    /// Something else than marks was changed; this takes it back.
    pub fn changed(&mut self, back: Back) {
        self.remember(Change { back: Some(back), ..Change::default() });
    }

    /// What takes the last change back, if it was none of the marks.
    pub fn take_back(&mut self) -> Option<Back> {
        self.changes.pop_if(|change| change.back.is_some())?.back
    }

    /// What was to be taken back so was refused: the last such change of this view never was.
    pub fn never_was(&mut self, back: &Back) {
        if let Some(at) = self.changes.iter().rposition(|change| change.back.as_ref() == Some(back)) {
            self.changes.remove(at);
        }
    }

    fn remember(&mut self, change: Change) {
        self.marked.take();
        self.changes.push(change);
        if self.changes.len() > KEPT {
            self.changes.remove(0);
        }
    }
}
