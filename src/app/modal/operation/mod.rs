//! One operation of the history: its items with what became of them. From here it is taken back, or settled where it
//! broke off: first somebody looks what the registry says, then it is shown what would be done, then it is asked.

mod key;

use std::sync::Arc;

use super::confirm::Confirm;
use crate::app::history::{Details, Standing};
use crate::app::msg::RequestId;
use crate::domain::clean::Clean;
use crate::domain::cleanup::{Ask, Confirm as Limits, Tier};
use crate::domain::error::ErrorReport;
use crate::domain::registry::RegistryId;
use crate::domain::undo::{Now, Prospect};

#[derive(Clone, Debug)]
pub struct OperationDialog {
    pub id: String,
    /// `None` while it is read from disk.
    pub details: Option<Result<Box<Details>, Clean>>,
    pub look: Look,
    pub cursor: usize,
    /// To be weighed or examined as soon as it is read.
    pub goes_on: bool,
}

/// What the registry is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Undo,
    Settle,
}

/// What the registry says of it.
#[derive(Clone, Debug)]
pub enum Look {
    None,
    Asking { registry: RegistryId, about: About, id: RequestId },
    Failed { registry: RegistryId, about: About, report: ErrorReport },
    Found(Box<Found>),
}

#[derive(Clone, Debug)]
pub struct Found {
    pub registry: RegistryId,
    pub what: What,
    /// Tags that are in use by something else are moved back, too.
    pub overwrite: bool,
    pub confirm: Confirm,
}

#[derive(Clone, Debug)]
pub enum What {
    Undo(Arc<Prospect>),
    Settle(Arc<Vec<Standing>>),
}

/// What a key of the dialog asks for; the dialog stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    Look(About),
    SignIn,
    Start,
    /// What is left of it is planned again.
    PlanRest,
}

impl OperationDialog {
    pub fn new(id: String, goes_on: bool) -> Self {
        Self { id, details: None, look: Look::None, cursor: 0, goes_on }
    }

    pub fn told(&self) -> Option<&Details> {
        self.details.as_ref()?.as_ref().ok().map(|details| &**details)
    }

    /// Rows of the list: what was found, or what is recorded.
    pub fn rows(&self) -> usize {
        match &self.look {
            Look::Found(found) => found.what.len(),
            _ => self.told().map_or(0, |details| details.items.len()),
        }
    }

    pub fn question(&self) -> Option<&Confirm> {
        let Look::Found(found) = &self.look else { return None };
        Some(&found.confirm)
    }

    pub fn question_mut(&mut self) -> Option<&mut Confirm> {
        let Look::Found(found) = &mut self.look else { return None };
        Some(&mut found.confirm)
    }
}

impl What {
    pub fn len(&self) -> usize {
        match self {
            Self::Undo(prospect) => prospect.manifests.len() + prospect.tags.len(),
            Self::Settle(standing) => standing.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How hard it is asked. Settling writes down what is so; it sends something only where a tag was left on a
    /// placeholder.
    pub fn ask(&self, overwrite: bool, limits: &Limits, production: bool, repo: &str) -> Ask {
        match self {
            Self::Undo(prospect) => prospect.ask(overwrite, limits, production),
            Self::Settle(_) if production && self.left_on_placeholder() > 0 => {
                Ask { tier: Tier::Name, typed: repo.to_owned(), why: Some("a PROD registry") }
            }
            Self::Settle(_) => Ask { tier: Tier::Yes, typed: String::new(), why: None },
        }
    }

    /// Tags that settling puts back.
    pub fn left_on_placeholder(&self) -> usize {
        match self {
            Self::Undo(_) => 0,
            Self::Settle(all) => all.iter().filter(|one| matches!(one.now, Now::OnPlaceholder(_))).count(),
        }
    }
}
