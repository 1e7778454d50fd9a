//! The jobs of this run, the newest last.

use super::progress::Progress;
use super::{Modal, Outcome};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::state::State;

#[derive(Clone, Debug)]
pub struct Jobs {
    pub cursor: usize,
}

impl Jobs {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let last = state.jobs.len().saturating_sub(1);
        match key.code {
            Code::Esc | Code::Char('q' | 'h') | Code::Left => return Outcome::Close,
            Code::Down | Code::Char('j') => self.cursor = (self.cursor + 1).min(last),
            Code::Up | Code::Char('k') => self.cursor = self.cursor.saturating_sub(1),
            Code::Home | Code::Char('g') => self.cursor = 0,
            Code::End | Code::Char('G') => self.cursor = last,
            Code::Enter | Code::Right | Code::Char('l') => {
                if let Some(job) = state.jobs.get(self.cursor) {
                    return Outcome::Push(Box::new(Modal::Progress(Progress::new(job.id))));
                }
            }
            _ => {}
        }
        Outcome::Stay
    }
}
