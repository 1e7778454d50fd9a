//! Keys of the plan. Enter does what the focus says, and the focus begins on Cancel.

use super::{PlanDialog, Ready, Row, Stage};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::modal::confirm::Answer;
use crate::app::modal::{Outcome, Then};
use crate::app::state::State;

/// Rows a page moves; the screen may show more or fewer.
const PAGE: usize = 10;

impl PlanDialog {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let Stage::Ready(ready) = &mut self.stage else {
            return match key.code {
                Code::Esc if matches!(self.stage, Stage::Reading { before: Some(_), .. }) => {
                    Outcome::Act(Then::PlanBack(Box::new(self.clone())))
                }
                Code::Esc | Code::Enter | Code::Char('q') => Outcome::Close,
                Code::Char('r') if matches!(self.stage, Stage::Failed(_)) => self.read_again(),
                _ => Outcome::Stay,
            };
        };
        match ready.question.key(key, state.now) {
            Answer::None => return Outcome::Stay,
            Answer::No => return Outcome::Close,
            Answer::Yes => return self.start(),
            Answer::Other => {}
        }
        match key.code {
            Code::Down | Code::Char('j') => ready.step(1),
            Code::Up | Code::Char('k') => ready.step(-1),
            Code::PageDown => ready.step(PAGE.cast_signed()),
            Code::PageUp => ready.step(-PAGE.cast_signed()),
            Code::Enter => ready.detail = !ready.detail,
            Code::Char('g') | Code::Home => ready.cursor = 0,
            Code::Char('G') | Code::End => ready.cursor = ready.rows.len().saturating_sub(1),
            Code::Char('o') => return Outcome::Act(Then::SavePlan(Box::new(self.clone()))),
            Code::Char('r') => return self.read_again(),
            Code::Char(' ') => return self.drop_row(),
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

    fn start(&self) -> Outcome {
        Outcome::Act(Then::StartPlan(Box::new(self.clone())))
    }

    fn read_again(&self) -> Outcome {
        Outcome::Act(Then::PlanAgain(Box::new(self.clone())))
    }

    /// Space: takes the row out of the plan, or puts it back.
    fn drop_row(&mut self) -> Outcome {
        let Stage::Ready(ready) = &self.stage else { return Outcome::Stay };
        match ready.rows.get(ready.cursor) {
            Some(Row::Item(at)) => {
                let Some(item) = ready.plan.items.get(*at) else { return Outcome::Stay };
                match (item.takes(), item.deletes()) {
                    ([], Some(digest)) => drop(self.choices.spared.insert(digest.clone())),
                    (tags, _) => self.dropped.extend(tags.to_vec()),
                }
            }
            Some(Row::Kept(at)) => {
                let Some(kept) = ready.plan.kept.get(*at) else { return Outcome::Stay };
                self.dropped.insert(kept.tag.clone());
            }
            Some(Row::Dropped(tag)) => drop(self.dropped.remove(&tag.clone())),
            Some(Row::Spared(digest)) => drop(self.choices.spared.remove(&digest.clone())),
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
    fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}
