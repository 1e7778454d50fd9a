//! The plan of a deletion of whole repositories: what each holds, what would go, what stays and why; and the question.
//! Nothing is sent from here. What is confirmed is the plan as it stands on the screen, captured.

mod key;
#[cfg(test)]
pub mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use super::confirm::Confirm;
use super::plan::Reading;
use crate::app::msg::RequestId;
use crate::domain::error::ErrorReport;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::sweep::{Choices, Fact, Kept, Snapshot, Sweep, plan};

#[derive(Clone, Debug)]
pub struct SweepDialog {
    pub registry: RegistryId,
    /// Those that were marked, by name: neither a sort nor a reload makes others of them.
    pub repos: Vec<RepoName>,
    /// From before the facts were read again, too.
    pub choices: Choices,
    pub stage: Stage,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Reading { id: RequestId, progress: Reading },
    Failed(ErrorReport),
    Ready(Box<Ready>),
}

#[derive(Clone, Debug)]
pub struct Ready {
    pub snapshot: Arc<Snapshot>,
    pub plan: Arc<Sweep>,
    pub question: Confirm,
    /// It was said yes once, and is asked a second time about what is in use.
    pub again: bool,
    pub cursor: usize,
    /// The row under the cursor is explained.
    pub detail: bool,
}

/// A row of the list.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    Goes(&'a Fact),
    Stays(&'a Kept),
}

impl Row<'_> {
    pub fn repo(&self) -> &RepoName {
        match self {
            Self::Goes(fact) => &fact.repo,
            Self::Stays(kept) => &kept.repo,
        }
    }
}

impl SweepDialog {
    pub fn new(registry: RegistryId, repos: Vec<RepoName>) -> Self {
        let stage = Stage::Reading { id: RequestId(0), progress: Reading::default() };
        Self { registry, repos, choices: Choices::default(), stage }
    }

    /// The facts are there.
    pub fn take(&mut self, snapshot: Snapshot, production: bool, now: Timestamp) {
        let snapshot = Arc::new(snapshot);
        let plan = Arc::new(plan(&snapshot, &self.choices));
        let question = Confirm::below_a_list(plan.ask(production), now);
        self.stage = Stage::Ready(Box::new(Ready { snapshot, plan, question, again: false, cursor: 0, detail: false }));
    }

    /// Something else was chosen. What was typed and said was typed and said of another plan.
    fn remake(&mut self, production: bool, now: Timestamp) {
        let Stage::Ready(ready) = &mut self.stage else { return };
        ready.plan = Arc::new(plan(&ready.snapshot, &self.choices));
        let ask = ready.plan.ask(production);
        match std::mem::take(&mut ready.again) {
            true => ready.question = Confirm::below_a_list(ask, now),
            false => ready.question.asks(ask),
        }
        ready.cursor = ready.cursor.min(ready.rows().saturating_sub(1));
    }

    pub fn question(&self) -> Option<&Confirm> {
        let Stage::Ready(ready) = &self.stage else { return None };
        Some(&ready.question)
    }

    pub fn question_mut(&mut self) -> Option<&mut Confirm> {
        let Stage::Ready(ready) = &mut self.stage else { return None };
        Some(&mut ready.question)
    }
}

impl Ready {
    pub fn rows(&self) -> usize {
        self.plan.items.len() + self.plan.kept.len()
    }

    /// What goes, then what stays.
    pub fn row(&self, at: usize) -> Option<Row<'_>> {
        let goes = self.plan.items.get(at).map(Row::Goes);
        goes.or_else(|| self.plan.kept.get(at.checked_sub(self.plan.items.len())?).map(Row::Stays))
    }
}
