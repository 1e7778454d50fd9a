//! Everything that was said in this run, the newest last.

use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};

#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// Messages below the last one that is shown.
    pub below: usize,
}

const PAGE: usize = 10;

impl Messages {
    /// `count`: how many messages there are.
    pub fn key(&mut self, key: Key, count: usize) -> Outcome {
        let last = count.saturating_sub(1);
        match key.code {
            Code::Esc | Code::Enter | Code::Char('q') => return Outcome::Close,
            Code::Char('y') if count > 0 => return Outcome::Act(Then::CopyMessages),
            Code::Up | Code::Char('k') => self.below += 1,
            Code::Down | Code::Char('j') => self.below = self.below.saturating_sub(1),
            Code::PageUp => self.below += PAGE,
            Code::PageDown => self.below = self.below.saturating_sub(PAGE),
            Code::Home | Code::Char('g') => self.below = last,
            Code::End | Code::Char('G') => self.below = 0,
            _ => {}
        }
        self.below = self.below.min(last);
        Outcome::Stay
    }
}
