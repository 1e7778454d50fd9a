//! The plan of a deletion: what would go, what stays and why, what each choice adds; and the question whether to do it.
//! Nothing is sent from here. What is confirmed is the plan as it stands on the screen, captured.

mod key;
mod rows;
#[cfg(test)]
pub mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::app::list::Field;
use crate::app::msg::RequestId;
use crate::app::protection::Cleanup;
use crate::domain::cleanup::{Ask, Choices, Item, Keeper, Marks, Plan, Role, Siblings, Snapshot, Tier, plan};
use crate::domain::error::ErrorReport;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::RegistryId;

pub use rows::Row;

/// Keys that came before a plan was on screen, or so soon after, were not meant for it.
pub const GUARD: SignedDuration = SignedDuration::from_millis(250);
/// A plan is as old as its facts, and these change (safety.md F3): an older one is made again before it runs.
pub const LIFE: SignedDuration = SignedDuration::from_mins(5);

#[derive(Clone, Debug)]
pub struct PlanDialog {
    pub registry: RegistryId,
    pub repo: RepoName,
    pub marks: Marks,
    /// Protected tags that may go, lifted one by one.
    pub lifted: BTreeSet<TagName>,
    /// For another try: of what has no tag, nothing but these.
    pub only: Option<BTreeSet<Digest>>,
    /// Choices from before the facts were read again.
    pub choices: Choices,
    /// Marked tags that were taken out of this plan.
    pub dropped: BTreeSet<TagName>,
    pub stage: Stage,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Reading { id: RequestId, progress: Reading },
    Failed(ErrorReport),
    Ready(Box<Ready>),
}

/// How far the facts are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub what: &'static str,
    pub done: usize,
    /// As far as it is known.
    pub of: usize,
}

#[derive(Clone, Debug)]
pub struct Ready {
    pub snapshot: Arc<Snapshot>,
    pub plan: Arc<Plan>,
    pub rows: Vec<Row>,
    pub ask: Ask,
    pub focus: Focus,
    pub typed: Field,
    pub cursor: usize,
    /// The row under the cursor is explained.
    pub detail: bool,
    /// When it was drawn.
    shown: Option<Timestamp>,
    /// When the focus came to where it is.
    focused: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Cancel,
    List,
    Typed,
    Start,
}

/// What keys 1 to 4 choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Siblings,
    Children,
    Referrers,
    /// Where a tag can go alone: manifests that lose their last tag, too.
    Manifests,
    /// Where it cannot: the way around.
    Placeholder,
}

impl PlanDialog {
    pub fn new(registry: RegistryId, repo: RepoName, marks: Marks, id: RequestId) -> Self {
        Self {
            registry,
            repo,
            marks,
            lifted: BTreeSet::new(),
            only: None,
            choices: Choices::default(),
            dropped: BTreeSet::new(),
            stage: Stage::Reading { id, progress: Reading::default() },
        }
    }

    /// The facts are here.
    pub fn read(&mut self, snapshot: Snapshot, cleanup: &Cleanup, production: bool, now: Timestamp) {
        let snapshot = Arc::new(snapshot);
        let (plan, ask) = self.make(&snapshot, cleanup, production);
        self.stage = Stage::Ready(Box::new(Ready {
            rows: rows::rows(&plan, &self.dropped, &self.choices.spared, self.only.as_ref()),
            snapshot,
            plan: Arc::new(plan),
            ask,
            focus: Focus::Cancel,
            typed: Field::default(),
            cursor: 0,
            detail: false,
            shown: None,
            focused: now,
        }));
    }

    /// Other choices, the same facts. What was typed was typed for another plan.
    fn remake(&mut self, cleanup: &Cleanup, production: bool) {
        let Stage::Ready(ready) = &self.stage else { return };
        let (plan, ask) = self.make(&ready.snapshot.clone(), cleanup, production);
        let rows = rows::rows(&plan, &self.dropped, &self.choices.spared, self.only.as_ref());
        let Stage::Ready(ready) = &mut self.stage else { return };
        ready.cursor = ready.cursor.min(rows.len().saturating_sub(1));
        (ready.plan, ready.ask, ready.rows) = (Arc::new(plan), ask, rows);
        ready.typed = Field::default();
        ready.shown = None;
        if ready.focus == Focus::Typed && !ready.types() {
            ready.focus = Focus::Cancel;
        }
    }

    fn make(&mut self, snapshot: &Snapshot, cleanup: &Cleanup, production: bool) -> (Plan, Ask) {
        let mut marks = self.marks.clone();
        marks.tags.retain(|tag| !self.dropped.contains(tag));
        self.choices.lifted = self.lifted.clone();
        let mut choices = self.choices.clone();
        if choices.siblings == Siblings::All && !self.dropped.is_empty() {
            choices.siblings = Siblings::Named(self.siblings(snapshot, &marks));
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
        let ask = made.ask(&cleanup.confirm, production);
        (made, ask)
    }

    /// All tags on the digests of marked ones, without those taken out.
    fn siblings(&self, snapshot: &Snapshot, marks: &Marks) -> BTreeSet<TagName> {
        let marked: BTreeSet<&TagName> = marks.tags.iter().collect();
        let at = |tag: &&crate::domain::cleanup::TagFact| marked.contains(&tag.name);
        let digests: BTreeSet<&Digest> =
            snapshot.tags.iter().filter(at).filter_map(|tag| tag.target.digest()).collect();
        let shares =
            |tag: &&crate::domain::cleanup::TagFact| tag.target.digest().is_some_and(|digest| digests.contains(digest));
        let all = snapshot.tags.iter().filter(shares).map(|tag| &tag.name);
        all.filter(|tag| !marked.contains(tag) && !self.dropped.contains(*tag)).cloned().collect()
    }

    /// What the numbers choose here.
    pub fn choice(&self, number: u32) -> Option<Choice> {
        let Stage::Ready(ready) = &self.stage else { return None };
        let deletes = ready.snapshot.deletes;
        Some(match number {
            1 => Choice::Siblings,
            2 => Choice::Children,
            3 => Choice::Referrers,
            4 if deletes.can_untag() => Choice::Manifests,
            4 => Choice::Placeholder,
            _ => return None,
        })
    }

    pub fn chosen(&self, choice: Choice) -> bool {
        match choice {
            Choice::Siblings => self.choices.siblings == Siblings::All,
            Choice::Children => self.choices.children,
            Choice::Referrers => self.choices.referrers,
            Choice::Manifests => self.choices.deletes_manifests(),
            Choice::Placeholder => self.choices.placeholder,
        }
    }

    fn choose(&mut self, choice: Choice) {
        let choices = &mut self.choices;
        match choice {
            Choice::Siblings if choices.siblings == Siblings::All => choices.siblings = Siblings::default(),
            Choice::Siblings => choices.siblings = Siblings::All,
            Choice::Children => choices.children = !choices.children,
            Choice::Referrers => choices.referrers = !choices.referrers,
            Choice::Manifests => {
                let on = choices.deletes_manifests();
                choices.manifests = !on;
                if on {
                    choices.children = false;
                    choices.referrers = false;
                }
            }
            Choice::Placeholder => choices.placeholder = !choices.placeholder,
        }
    }

    /// It was drawn: what is typed from now on, and not at once, is meant.
    pub fn shown(&mut self, now: Timestamp) {
        if let Stage::Ready(ready) = &mut self.stage {
            ready.shown.get_or_insert(now);
        }
    }

    pub fn waits_to_be_shown(&self) -> bool {
        matches!(&self.stage, Stage::Ready(ready) if ready.shown.is_none())
    }

    /// A text field has the focus.
    pub fn typing(&self) -> bool {
        matches!(&self.stage, Stage::Ready(ready) if ready.focus == Focus::Typed)
    }
}

impl Ready {
    /// The plan asks for something to be typed.
    pub fn types(&self) -> bool {
        matches!(self.ask.tier, Tier::Count | Tier::Name)
    }

    /// What was typed is what was asked for.
    pub fn matches(&self) -> bool {
        self.ask.tier == Tier::Yes || self.ask.accepts(self.typed.value())
    }

    /// It has been on screen long enough to have been seen.
    pub fn seen(&self, now: Timestamp) -> bool {
        self.shown.is_some_and(|shown| now.duration_since(shown) >= GUARD)
    }

    /// Tags that stay because of something, and the tags that were not marked but would go with them.
    pub fn kept(&self, by: Keeper) -> (usize, usize) {
        let kept = self.plan.kept.iter().filter(|kept| kept.by == by);
        let mut others = BTreeSet::new();
        let count = kept.inspect(|kept| others.extend(kept.others.iter())).count();
        (count, others.len())
    }
}
