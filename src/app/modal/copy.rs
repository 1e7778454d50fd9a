//! The copy menu: what of the row, or of all marks, goes to the terminal's clipboard. Each entry shows its text, too, so
//! that it can be selected by hand where the terminal has no such clipboard.

use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: char,
    pub word: &'static str,
    pub text: String,
    pub lines: usize,
    /// Rows whose digest is not known, so that they are not in it.
    pub missing: usize,
}

#[derive(Clone, Debug, Default)]
pub struct CopyMenu {
    pub cursor: usize,
    /// How many rows it is about.
    pub rows: usize,
    pub entries: Vec<Entry>,
}

impl CopyMenu {
    pub fn key(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc | Code::Char('q') => return Outcome::Close,
            Code::Down => self.cursor = (self.cursor + 1).min(self.entries.len().saturating_sub(1)),
            Code::Up => self.cursor = self.cursor.saturating_sub(1),
            Code::Enter => return self.pick(self.cursor),
            // A letter of the menu wins over the movement keys.
            Code::Char(c) => {
                if let Some(at) = self.entries.iter().position(|entry| entry.key == c) {
                    return self.pick(at);
                }
                match c {
                    'j' => self.cursor = (self.cursor + 1).min(self.entries.len().saturating_sub(1)),
                    'k' => self.cursor = self.cursor.saturating_sub(1),
                    _ => {}
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn pick(&self, at: usize) -> Outcome {
        self.entries.get(at).map_or(Outcome::Stay, |entry| Outcome::Act(Then::Copy(Box::new(entry.clone()))))
    }
}
