//! Keys of the plan. Enter does what the focus says, and the focus begins on Cancel.

use super::{Ready, Row, Stage, SweepDialog};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::modal::confirm::{Answer, Confirm, walked};
use crate::app::modal::{Outcome, Then};
use crate::app::state::State;
use crate::domain::sweep::Keeper;

impl SweepDialog {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let Stage::Ready(ready) = &mut self.stage else {
            return match key.code {
                Code::Esc | Code::Enter | Code::Char('q') => Outcome::Close,
                Code::Char('r') if matches!(self.stage, Stage::Failed(_)) => self.read_again(),
                _ => Outcome::Stay,
            };
        };
        match ready.question.key(key, state.now) {
            Answer::None => return Outcome::Stay,
            Answer::No => return Outcome::Close,
            Answer::Yes => {
                let more = ready.plan.asks_again().filter(|_| !ready.again);
                let Some(more) = more else { return Outcome::Act(Then::StartSweep(Box::new(self.clone()))) };
                // A question of its own: the focus is on Cancel, and keys from before do not count.
                (ready.question, ready.again) = (Confirm::below_a_list(more, state.now), true);
                return Outcome::Stay;
            }
            Answer::Other => {}
        }
        if ready.walk(key) {
            return Outcome::Stay;
        }
        let production = state.is_production(self.registry);
        match key.code {
            Code::Enter => ready.detail = !ready.detail,
            Code::Char('r') => return self.read_again(),
            Code::Char('1') if ready.holds_protected() => {
                self.choices.protected = !self.choices.protected;
                self.remake(production, state.now);
            }
            Code::Char('K' | ' ') => {
                let repo = match ready.row(ready.cursor) {
                    Some(Row::Stays(kept)) if kept.by != Keeper::Hand => return Outcome::Stay,
                    Some(row) => row.repo().clone(),
                    None => return Outcome::Stay,
                };
                if !self.choices.kept.remove(&repo) {
                    self.choices.kept.insert(repo);
                }
                self.remake(production, state.now);
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn read_again(&self) -> Outcome {
        Outcome::Act(Then::SweepAgain(Box::new(self.clone())))
    }
}

impl Ready {
    /// There is something for `1` to choose.
    pub fn holds_protected(&self) -> bool {
        self.plan.protected() > 0 || self.plan.kept.iter().any(|kept| kept.by == Keeper::Protection)
    }

    /// Keys that move the cursor. Returns whether it was one.
    fn walk(&mut self, key: Key) -> bool {
        let Some(to) = walked(key, self.cursor, self.rows()) else { return false };
        self.cursor = to;
        true
    }
}
