//! A plan being made of what was read and what was chosen: at once, or on another thread where the list is long.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::{Row, rows};
use crate::domain::cleanup::{Ask, Choices, Confirm, Item, Marks, Plan, Role, Siblings, Snapshot, TagFact, plan};
use crate::domain::reference::{Digest, TagName};

/// Tags and manifests of which a plan is made within the message that asks for it: a millisecond or two.
const AT_ONCE: usize = 3_000;

/// Everything a plan depends on.
#[derive(Clone, Debug)]
pub struct Making {
    pub snapshot: Arc<Snapshot>,
    pub marks: Marks,
    pub choices: Choices,
    /// Marked tags that were taken out by hand.
    pub dropped: BTreeSet<TagName>,
    /// For another try: of what has no tag, nothing but these.
    pub only: Option<BTreeSet<Digest>>,
    pub confirm: Confirm,
    pub production: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub snapshot: Arc<Snapshot>,
    pub plan: Arc<Plan>,
    pub ask: Ask,
    pub rows: Vec<Row>,
    /// Manifests that would have to be read for choices that go further.
    pub unread: usize,
}

impl Making {
    pub fn is_long(&self) -> bool {
        self.snapshot.tags.len() + self.snapshot.manifests.len() > AT_ONCE
    }

    pub fn run(self) -> Made {
        let snapshot = &self.snapshot;
        let mut marks = self.marks;
        marks.tags.retain(|tag| !self.dropped.contains(tag));
        let mut choices = self.choices.clone();
        if choices.siblings == Siblings::All && !self.dropped.is_empty() {
            choices.siblings = Siblings::Named(siblings(snapshot, &marks, &self.dropped));
        }
        let mut made = plan(snapshot, &marks, &choices);
        // Another try is about what failed and nothing else.
        while let Some(only) = &self.only {
            let bare = made.items.iter().filter(|item| item.role == Role::Untagged).filter_map(Item::deletes);
            let more: Vec<Digest> = bare.filter(|digest| !only.contains(*digest)).cloned().collect();
            if more.is_empty() {
                break;
            }
            choices.spared.extend(more);
            made = plan(snapshot, &marks, &choices);
        }
        let ask = made.ask(&self.confirm, self.production);
        let rows = rows::rows(&made, &self.dropped, &self.choices.spared, self.only.as_ref());
        let unread = if snapshot.deep { 0 } else { digests(&snapshot.tags).len() };
        Made { plan: Arc::new(made), ask, rows, unread, snapshot: self.snapshot }
    }
}

fn digests(tags: &[TagFact]) -> HashSet<&Digest> {
    tags.iter().filter_map(|tag| tag.target.digest()).collect()
}

/// All tags on the digests of marked ones, without those taken out.
fn siblings(snapshot: &Snapshot, marks: &Marks, dropped: &BTreeSet<TagName>) -> BTreeSet<TagName> {
    let marked: HashSet<&TagName> = marks.tags.iter().collect();
    let going = snapshot.tags.iter().filter(|tag| marked.contains(&tag.name));
    let digests: HashSet<&Digest> = going.filter_map(|tag| tag.target.digest()).collect();
    let shares = |tag: &&TagFact| tag.target.digest().is_some_and(|digest| digests.contains(digest));
    let all = snapshot.tags.iter().filter(shares).map(|tag| &tag.name);
    all.filter(|tag| !marked.contains(tag) && !dropped.contains(*tag)).cloned().collect()
}
