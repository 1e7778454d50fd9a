//! The registries that the repositories of an account live at, and which of them are asked for.

use std::sync::Arc;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::msg::RequestId;
use crate::domain::error::ErrorReport;
use crate::domain::registry::RegistryId;
use crate::domain::repository::{Group, GroupFilter};

const NAME: usize = 0;
const HOST: usize = 1;
const UUID: usize = 2;
const OFFICIAL: usize = 3;
const ASK: usize = 4;
const ALL: usize = 5;

#[derive(Clone, Debug)]
pub struct Groups {
    pub registry: RegistryId,
    /// What came; nothing while it is asked for.
    pub found: Option<Result<Vec<Arc<Group>>, ErrorReport>>,
    pub waiting: Option<RequestId>,
    /// Of `found`; the row before them is all registries.
    pub cursor: usize,
    pub filter: GroupFilter,
    /// Open while the filter is written.
    pub form: Option<Form>,
    /// The one whose details are open, as the system has it now.
    pub details: Option<Details>,
}

#[derive(Clone, Debug)]
pub struct Details {
    pub key: String,
    pub waiting: Option<RequestId>,
    pub read: Option<Result<Arc<Group>, ErrorReport>>,
}

impl Details {
    pub fn fail(&mut self, report: ErrorReport) {
        (self.waiting, self.read) = (None, Some(Err(report)));
    }
}

impl Groups {
    pub fn new(registry: RegistryId) -> Self {
        Self {
            registry,
            found: None,
            waiting: None,
            cursor: 0,
            filter: GroupFilter::default(),
            form: None,
            details: None,
        }
    }

    pub fn rows(&self) -> &[Arc<Group>] {
        match &self.found {
            Some(Ok(rows)) => rows,
            _ => &[],
        }
    }

    /// The registry under the cursor; none on the row of all of them.
    pub fn selected(&self) -> Option<&Arc<Group>> {
        self.rows().get(self.cursor.checked_sub(1)?)
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        if let Some(form) = &mut self.form {
            match form.key(key) {
                Done::Nothing => {}
                Done::Cancelled => self.form = None,
                Done::Pressed(ASK) => {
                    self.filter = read(form);
                    return self.again();
                }
                Done::Pressed(ALL) => {
                    self.filter = GroupFilter::default();
                    return self.again();
                }
                Done::Pressed(_) => self.form = None,
            }
            return Outcome::Stay;
        }
        let last = self.rows().len();
        match key.code {
            Code::Esc | Code::Char('q') => return Outcome::Close,
            Code::Down | Code::Char('j') => self.go(self.cursor + 1),
            Code::Up | Code::Char('k') => self.go(self.cursor.saturating_sub(1)),
            Code::Char('g') | Code::Home => self.go(0),
            Code::Char('G') | Code::End => self.go(last),
            Code::Char('/') => self.form = Some(form(&self.filter)),
            Code::Char('r') => return self.again(),
            Code::Char(' ' | 'i') if self.details.is_some() => self.details = None,
            Code::Char(' ' | 'i') => {
                if let Some(group) = self.selected() {
                    return Outcome::Act(Then::AskGroup(Box::new(self.clone()), group.key.clone()));
                }
            }
            Code::Enter if matches!(self.found, Some(Ok(_))) => {
                let group = self.selected().map(|group| group.heading());
                return Outcome::Act(Then::ShowGroup(self.registry, group));
            }
            Code::Enter if self.found.is_some() => return self.again(),
            _ => {}
        }
        Outcome::Stay
    }

    fn go(&mut self, to: usize) {
        self.cursor = to.min(self.rows().len());
        self.details = None;
    }

    fn again(&mut self) -> Outcome {
        self.form = None;
        Outcome::Act(Then::AskGroups(Box::new(self.clone())))
    }
}

fn form(filter: &GroupFilter) -> Form {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut official = Control::choice("Docker's own", &["either", "yes", "no"]);
    if let Control::Choice { picked, .. } = &mut official {
        *picked = match filter.official {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        };
    }
    Form::new(vec![
        Control::text("Name", &text(&filter.name)),
        Control::text("Host", &text(&filter.host)),
        Control::text("UUID", &text(&filter.uuid)),
        official,
        Control::Button { label: "Ask" },
        Control::Button { label: "All" },
        Control::Button { label: "Cancel" },
    ])
}

fn read(form: &Form) -> GroupFilter {
    let text = |at| Some(form.text(at).trim().to_owned()).filter(|text| !text.is_empty());
    let official = [None, Some(true), Some(false)];
    GroupFilter {
        uuid: text(UUID),
        name: text(NAME),
        host: text(HOST),
        official: official.get(form.picked(OFFICIAL)).copied().flatten(),
    }
}
