//! A plan being made of what was read and what was chosen: at once, or on another thread where the list is long.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::{Row, rows};
use crate::domain::cleanup::{Ask, Choices, Confirm, Item, Marks, Plan, Role, Snapshot, TagFact, plan};
use crate::domain::reference::Digest;

/// Tags and manifests of which a plan is made within the message that asks for it: a millisecond or two.
const AT_ONCE: usize = 3_000;

/// Everything a plan depends on.
#[derive(Clone, Debug)]
pub struct Making {
    pub snapshot: Arc<Snapshot>,
    pub marks: Marks,
    pub choices: Choices,
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
        let mut choices = self.choices.clone();
        let mut made = plan(snapshot, &self.marks, &choices);
        // Another try is about what failed and nothing else.
        while let Some(only) = &self.only {
            let bare = made.items.iter().filter(|item| item.role == Role::Untagged).filter_map(Item::deletes);
            let more: Vec<Digest> = bare.filter(|digest| !only.contains(*digest)).cloned().collect();
            if more.is_empty() {
                break;
            }
            choices.spared.extend(more);
            made = plan(snapshot, &self.marks, &choices);
        }
        let ask = made.ask(&self.confirm, self.production);
        let rows = rows::rows(&made, &self.choices.spared, self.only.as_ref());
        let unread = if snapshot.deep { 0 } else { digests(&snapshot.tags).len() };
        Made { plan: Arc::new(made), ask, rows, unread, snapshot: self.snapshot }
    }
}

fn digests(tags: &[TagFact]) -> HashSet<&Digest> {
    tags.iter().filter_map(|tag| tag.target.digest()).collect()
}
