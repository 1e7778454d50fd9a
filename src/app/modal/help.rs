//! The `?` overlay: every key of the current view, this view first; typing narrows it down.

use super::{Outcome, form};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;

#[derive(Clone, Debug, Default)]
pub struct Help {
    pub query: Field,
    pub scroll: usize,
}

impl Help {
    pub fn key(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc | Code::Enter => return Outcome::Close,
            Code::Char('?') if self.query.value().is_empty() => return Outcome::Close,
            Code::Down => self.scroll += 1,
            Code::Up => self.scroll = self.scroll.saturating_sub(1),
            Code::PageDown => self.scroll += 10,
            Code::PageUp => self.scroll = self.scroll.saturating_sub(10),
            _ => {
                if form::edit(&mut self.query, key) {
                    self.scroll = 0;
                }
            }
        }
        Outcome::Stay
    }
}
