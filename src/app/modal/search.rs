//! A term that the registry itself searches for.

use super::{Outcome, Then, form};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug)]
pub struct Search {
    pub registry: RegistryId,
    pub text: Field,
    /// Why it opened by itself.
    pub why: Option<Clean>,
    /// Position in the terms of this run while Up and Down walk them.
    pub recalled: Option<usize>,
}

impl Search {
    pub fn new(registry: RegistryId, text: &str, why: Option<Clean>) -> Self {
        Self { registry, text: Field::new(text.to_owned()), why, recalled: None }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match key.code {
            Code::Esc => Outcome::Close,
            Code::Enter => match self.text.value().trim() {
                "" => Outcome::Stay,
                term => Outcome::Act(Then::Search(self.registry, term.to_owned())),
            },
            Code::Up | Code::Down => {
                self.recall(key.code == Code::Up, &state.sought);
                Outcome::Stay
            }
            _ => {
                if form::edit(&mut self.text, key) {
                    self.recalled = None;
                }
                Outcome::Stay
            }
        }
    }

    fn recall(&mut self, older: bool, terms: &[String]) {
        let Some(last) = terms.len().checked_sub(1) else { return };
        self.recalled = match (self.recalled, older) {
            (None, true) => Some(last),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) if at < last => Some(at + 1),
            _ => None,
        };
        self.text = Field::new(self.recalled.map_or_else(String::new, |at| terms[at].clone()));
    }
}
