//! Keys of the plan. Enter does what the focus says, and the focus begins on Cancel.

use super::{PlanDialog, Ready, Row, Stage};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::modal::confirm::{Answer, Focus, walked};
use crate::app::modal::{Outcome, Then};
use crate::app::state::State;
use crate::domain::cleanup::Keeper;

impl PlanDialog {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let ready = match &mut self.stage {
            Stage::Ready(ready) => ready,
            // The plan before is still on the screen; what closes it is Esc alone.
            Stage::Making { before: Some(before), .. } => {
                return match key.code {
                    Code::Esc => Outcome::Close,
                    _ if before.question.focus == Focus::Typed || before.walk(key) => Outcome::Stay,
                    Code::Char('K' | ' ') => self.keep_row(),
                    _ => Outcome::Stay,
                };
            }
            Stage::Reading { .. } | Stage::Making { .. } | Stage::Failed(_) => return self.key_unread(key),
        };
        if ready.filter.input.is_some() {
            if ready.filter.key(key) {
                ready.arrange();
            }
            return Outcome::Stay;
        }
        if key.code == Code::Esc && ready.filter.filter.is_some() {
            ready.filter.clear();
            ready.arrange();
            return Outcome::Stay;
        }
        match ready.question.key(key, state.now) {
            Answer::None => return Outcome::Stay,
            Answer::No => return Outcome::Close,
            Answer::Yes => return self.start(),
            Answer::Other => {}
        }
        if ready.walk(key) {
            return Outcome::Stay;
        }
        match key.code {
            Code::Enter => ready.detail = !ready.detail,
            Code::Char('/') => {
                ready.filter.open();
                ready.question.leave_to_list(state.now);
            }
            Code::Char('o') => return Outcome::Act(Then::SavePlan(Box::new(self.clone()))),
            Code::Char('r') => return self.read_again(),
            Code::Char('K' | ' ') => return self.keep_row(),
            Code::Char(c) => {
                if let Some(choice) = c.to_digit(10).and_then(|n| self.choice(n)) {
                    self.choose(choice);
                    return self.remake();
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    /// There is no plan yet.
    fn key_unread(&self, key: Key) -> Outcome {
        match key.code {
            Code::Esc if matches!(self.stage, Stage::Reading { before: Some(_), .. }) => {
                Outcome::Act(Then::PlanBack(Box::new(self.clone())))
            }
            Code::Esc | Code::Enter | Code::Char('q') => Outcome::Close,
            Code::Char('r') if matches!(self.stage, Stage::Failed(_)) => self.read_again(),
            _ => Outcome::Stay,
        }
    }

    fn start(&self) -> Outcome {
        Outcome::Act(Then::StartPlan(Box::new(self.clone())))
    }

    fn read_again(&self) -> Outcome {
        Outcome::Act(Then::PlanAgain(Box::new(self.clone())))
    }

    /// `K`: takes the row out of the plan, or puts it back.
    fn keep_row(&mut self) -> Outcome {
        let (Stage::Ready(ready) | Stage::Making { before: Some(ready), .. }) = &self.stage else {
            return Outcome::Stay;
        };
        let choices = &mut self.choices;
        match ready.row() {
            Some(Row::Item(at)) => {
                let Some(item) = ready.plan.items.get(*at) else { return Outcome::Stay };
                // It is in the plan on the screen, while one without it is made.
                match item.takes() {
                    tags @ [_, ..] if tags.iter().all(|tag| choices.kept.contains(tag)) => {
                        choices.kept.retain(|tag| !tags.contains(tag));
                    }
                    _ => choices.keep(item),
                }
            }
            Some(Row::Kept(at)) => {
                let Some(kept) = ready.plan.kept.get(*at) else { return Outcome::Stay };
                match kept.by {
                    Keeper::Hand => drop(choices.kept.remove(&kept.tag)),
                    Keeper::Held | Keeper::Protection => drop(choices.kept.insert(kept.tag.clone())),
                    // It stays, whatever is chosen.
                    Keeper::Rule | Keeper::Skipped => return Outcome::Stay,
                }
            }
            Some(Row::Spared(digest)) => drop(choices.spared.remove(digest)),
            None => return Outcome::Stay,
        }
        self.remake()
    }

    /// Something else was chosen.
    fn remake(&self) -> Outcome {
        Outcome::Act(Then::PlanChanged(Box::new(self.clone())))
    }
}

impl Ready {
    /// Keys that move the cursor. Returns whether it was one.
    fn walk(&mut self, key: Key) -> bool {
        let Some(to) = walked(key, self.cursor, self.shown.len()) else { return false };
        self.cursor = to;
        true
    }
}
