//! The plan of a deletion: what would go, what stays and why, what each choice adds; and the question whether to do it.
//! Nothing is sent from here. What is confirmed is the plan as it stands on the screen, captured.

mod filter;
mod key;
mod making;
mod rows;
#[cfg(test)]
pub mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::confirm;
use crate::app::arrange::Ticket;
use crate::app::filter_box::FilterBox;
use crate::app::msg::RequestId;
use crate::domain::cleanup::{Choices, Confirm, Keeper, Marks, Siblings, Snapshot};
use crate::domain::error::ErrorReport;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::RegistryId;

pub use making::{Made, Making};
pub use rows::Row;

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
    /// When the oldest of what tags point at was read.
    pub since: Timestamp,
    pub stage: Stage,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Reading {
        id: RequestId,
        progress: Reading,
        /// What is on screen again if this is given up: more is being read for a choice.
        before: Option<Box<Before>>,
    },
    Failed(ErrorReport),
    /// Everything is read, and the plan is being made on another thread.
    Making {
        ticket: Ticket,
        before: Option<Box<Ready>>,
    },
    Ready(Box<Ready>),
}

/// A plan, and what was chosen for it.
#[derive(Clone, Debug)]
pub struct Before {
    pub ready: Ready,
    pub choices: Choices,
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
    pub made: Made,
    pub question: confirm::Confirm,
    /// What is on the screen, as positions in `rows`. What goes is the whole plan.
    pub shown: Vec<usize>,
    pub filter: FilterBox,
    /// A position in `shown`.
    pub cursor: usize,
    /// The row under the cursor is explained.
    pub detail: bool,
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
            since: Timestamp::UNIX_EPOCH,
            stage: Stage::Reading { id, progress: Reading::default(), before: None },
        }
    }

    /// The plan that is asked for now.
    pub fn making(&self, snapshot: Arc<Snapshot>, confirm: Confirm, production: bool) -> Making {
        let choices = Choices { lifted: self.lifted.clone(), ..self.choices.clone() };
        let (marks, only) = (self.marks.clone(), self.only.clone());
        Making { snapshot, marks, choices, only, confirm, production }
    }

    /// What was chosen goes further than what was read.
    pub fn wants_more(&self) -> bool {
        let Stage::Ready(ready) = &self.stage else { return false };
        !ready.made.snapshot.deep && self.choices.needs_manifests(&self.marks, &ready.made.snapshot.deletes)
    }

    /// The plan is made. `before`: it is the one that was on screen, made anew.
    pub fn take(&mut self, made: Made, before: Option<Ready>, now: Timestamp) {
        let mut ready = match before {
            Some(mut before) => {
                before.question.asks(made.ask.clone());
                Ready { made, ..before }
            }
            None => {
                let question = confirm::Confirm::below_a_list(made.ask.clone(), now);
                Ready { made, question, shown: Vec::new(), filter: FilterBox::default(), cursor: 0, detail: false }
            }
        };
        ready.arrange();
        self.stage = Stage::Ready(Box::new(ready));
    }

    /// What the numbers choose here.
    pub fn choice(&self, number: u32) -> Option<Choice> {
        let Stage::Ready(ready) = &self.stage else { return None };
        let (deletes, words) = (ready.made.snapshot.deletes, ready.made.snapshot.kind.words());
        Some(match number {
            1 => Choice::Siblings,
            2 if words.nests => Choice::Children,
            3 if words.nests => Choice::Referrers,
            4 if !words.nests && !deletes.can_delete_manifests() => return None,
            4 if deletes.can_untag() => Choice::Manifests,
            4 if words.nests => Choice::Placeholder,
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

    pub fn question(&self) -> Option<&confirm::Confirm> {
        let Stage::Ready(ready) = &self.stage else { return None };
        Some(&ready.question)
    }

    pub fn question_mut(&mut self) -> Option<&mut confirm::Confirm> {
        let Stage::Ready(ready) = &mut self.stage else { return None };
        Some(&mut ready.question)
    }

    /// Not all of it is on the screen.
    pub fn is_filtered(&self) -> bool {
        matches!(&self.stage, Stage::Ready(ready) if ready.filter.filter.is_some())
    }

    /// The prompt of `/` is open.
    pub fn filters(&self) -> bool {
        matches!(&self.stage, Stage::Ready(ready) if ready.filter.input.is_some())
    }

    /// A confirmation is typed, never pasted; a filter may be.
    pub fn paste(&mut self, text: &str) {
        if let Stage::Ready(ready) = &mut self.stage {
            ready.filter.paste(text);
            ready.arrange();
        }
    }
}

impl std::ops::Deref for Ready {
    type Target = Made;

    fn deref(&self) -> &Made {
        &self.made
    }
}

impl Ready {
    /// The row under the cursor.
    pub fn row(&self) -> Option<&Row> {
        self.made.rows.get(*self.shown.get(self.cursor)?)
    }

    /// Rows came, or others are to be shown.
    fn arrange(&mut self) {
        self.shown = filter::shown(&self.made, self.filter.filter.as_ref());
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
    }

    /// Tags that stay because of something, and the tags that were not marked but would go with them. Those that were
    /// taken out by hand are told of as that.
    pub fn kept(&self, by: Keeper) -> (usize, usize) {
        let kept = self.plan.kept.iter().filter(|kept| kept.by == by);
        let mut others = BTreeSet::new();
        let count = kept
            .inspect(|kept| others.extend(kept.others.iter().filter(|tag| !self.plan.choices.kept.contains(*tag))))
            .count();
        (count, others.len())
    }
}
