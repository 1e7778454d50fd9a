//! The `:` palette: every action with its key, and why it is not available here when it is not.

pub mod typed;

use super::{Outcome, Then, form};
use crate::app::action::Action;
use crate::app::fuzzy::fuzzy;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::app::state::State;
use crate::app::update::availability;
pub use typed::Typed;

#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub query: Field,
    pub cursor: usize,
}

impl Palette {
    /// The actions that match what was typed, the best first; those that work here before those that do not.
    pub fn matches(&self, state: &State) -> Vec<(Action, Option<&'static str>)> {
        let titles: Vec<_> = Action::ALL.iter().map(|a| format!("{} {}", a.title(), a.name())).collect();
        let mut found: Vec<_> = fuzzy(self.query.value(), titles.iter().map(String::as_str))
            .into_iter()
            .map(|at| (Action::ALL[at], availability(state, Action::ALL[at]).err()))
            .collect();
        found.sort_by_key(|(_, why)| why.is_some());
        found
    }

    /// Commands that are typed with what they are about; they stand before the others.
    pub fn typed(&self, state: &State) -> Vec<Typed> {
        typed::typed(self.query.value(), state)
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let typed = self.typed(state);
        match key.code {
            Code::Esc => return Outcome::Close,
            Code::Down => {
                let last = (typed.len() + self.matches(state).len()).saturating_sub(1);
                self.cursor = (self.cursor + 1).min(last);
            }
            Code::Up => self.cursor = self.cursor.saturating_sub(1),
            Code::Tab => {
                if let Some(typed) = typed.into_iter().nth(self.cursor) {
                    self.query = Field::new(typed.words);
                    self.cursor = 0;
                }
            }
            Code::Enter => {
                let Some(at) = self.cursor.checked_sub(typed.len()) else {
                    return Outcome::Act(typed[self.cursor].then.clone());
                };
                return match self.matches(state).get(at) {
                    Some((action, None)) => Outcome::Act(Then::Action(*action)),
                    _ => Outcome::Stay,
                };
            }
            _ => {
                if form::edit(&mut self.query, key) {
                    self.cursor = 0;
                }
            }
        }
        Outcome::Stay
    }
}
