//! The prompt of `/`: what is typed filters while it is typed.

use super::key::{Key, KeyCode as Code};
use super::list::Field;
use super::modal::form;
use crate::domain::filter::{Filter, FilterError, Of};

/// Filters that Up and Down bring back.
const HISTORY: usize = 50;

#[derive(Clone, Debug, Default)]
pub struct FilterBox {
    /// What was typed last and could be read as a filter.
    pub filter: Option<Filter>,
    pub text: String,
    /// Open while the user types.
    pub input: Option<Field>,
    /// Why the text being typed is no filter (yet).
    pub error: Option<String>,
    pub history: Vec<String>,
    /// Position in the history while Up and Down walk it.
    pub recalled: Option<usize>,
    /// What is filtered.
    pub of: Of,
}

impl FilterBox {
    pub fn open(&mut self) {
        self.input = Some(Field::new(self.text.clone()));
        self.recalled = None;
    }

    /// Everything is shown again.
    pub fn clear(&mut self) {
        let history = std::mem::take(&mut self.history);
        *self = Self { history, of: self.of, ..Self::default() };
    }

    /// A key while the prompt is open. Returns whether other rows are to be shown.
    pub fn key(&mut self, key: Key) -> bool {
        let Some(input) = &mut self.input else { return false };
        let cancelled = key.code == Code::Esc || (key.ctrl && key.code == Code::Char('c'));
        if cancelled {
            // Back to the filter that held before the typing.
            (self.input, self.error) = (None, None);
            self.filter = self.read(&self.text).ok().filter(|_| !self.text.trim().is_empty());
            return true;
        }
        if key.code == Code::Enter {
            self.enter();
            return false;
        }
        if matches!(key.code, Code::Up | Code::Down) && !self.history.is_empty() {
            let last = self.history.len() - 1;
            let at = match (self.recalled, key.code) {
                (None, Code::Up) => Some(last),
                (Some(n), Code::Up) => Some(n.saturating_sub(1)),
                (Some(n), _) if n < last => Some(n + 1),
                _ => None,
            };
            self.recalled = at;
            *input = Field::new(at.map_or_else(String::new, |n| self.history[n].clone()));
            self.follow();
            return true;
        }
        let changed = form::edit(input, key);
        if changed {
            self.recalled = None;
            self.follow();
        }
        changed
    }

    pub fn paste(&mut self, text: &str) {
        if let Some(input) = &mut self.input {
            form::insert(input, text);
            self.follow();
        }
    }

    fn read(&self, text: &str) -> Result<Filter, FilterError> {
        Filter::of(self.of, text)
    }

    /// What was typed is kept, unless it is no filter.
    fn enter(&mut self) {
        if self.error.is_some() {
            return;
        }
        let Some(input) = self.input.take() else { return };
        let text = input.value().to_owned();
        if !text.trim().is_empty() && self.history.last() != Some(&text) {
            self.history.push(text.clone());
            let extra = self.history.len().saturating_sub(HISTORY);
            self.history.drain(..extra);
        }
        self.text = text;
    }

    /// The filter follows the typing; what cannot be read yet leaves the last good one in place.
    fn follow(&mut self) {
        let Some(input) = &self.input else { return };
        let text = input.value();
        match self.read(text) {
            Ok(filter) => {
                self.error = None;
                self.filter = (!text.trim().is_empty()).then_some(filter);
            }
            Err(error) => self.error = Some(error.message),
        }
    }
}
