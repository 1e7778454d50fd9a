//! The copy menu: what of the row, or of all marks, goes to the terminal's clipboard.

use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Reference,
    DigestReference,
    PullCommand,
    Name,
    Json,
}

impl What {
    pub const ALL: [(char, Self, &'static str); 5] = [
        ('y', Self::Reference, "reference"),
        ('d', Self::DigestReference, "reference by digest"),
        ('p', Self::PullCommand, "pull command"),
        ('t', Self::Name, "name"),
        ('j', Self::Json, "JSON"),
    ];
}

#[derive(Clone, Debug, Default)]
pub struct CopyMenu {
    pub cursor: usize,
    /// How many rows would be copied.
    pub rows: usize,
}

impl CopyMenu {
    pub fn key(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc | Code::Char('q') => Outcome::Close,
            Code::Down => {
                self.cursor = (self.cursor + 1).min(What::ALL.len() - 1);
                Outcome::Stay
            }
            Code::Up => {
                self.cursor = self.cursor.saturating_sub(1);
                Outcome::Stay
            }
            Code::Enter => Outcome::Act(Then::Copy(What::ALL[self.cursor].1)),
            Code::Char(c) => match What::ALL.iter().find(|(letter, _, _)| *letter == c) {
                Some((_, what, _)) => Outcome::Act(Then::Copy(*what)),
                None => Outcome::Stay,
            },
            _ => Outcome::Stay,
        }
    }
}
