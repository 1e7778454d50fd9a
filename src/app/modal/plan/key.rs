//! Keys of the plan. Enter does what the focus says, and the focus begins on Cancel.

use super::{Focus, PlanDialog, Ready, Row, Stage};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::modal::{Outcome, Then, form};
use crate::app::state::State;
use crate::domain::cleanup::Tier;

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
        if key.code == Code::Esc {
            return Outcome::Close;
        }
        if !ready.seen(state.now) {
            return Outcome::Stay;
        }
        match key.code {
            Code::Tab => ready.turn(true, state),
            Code::BackTab => ready.turn(false, state),
            Code::Down => ready.step(1),
            Code::Up => ready.step(-1),
            Code::PageDown => ready.step(PAGE.cast_signed()),
            Code::PageUp => ready.step(-PAGE.cast_signed()),
            Code::Enter => return self.enter(state),
            _ if ready.focus == Focus::Typed => {
                form::edit(&mut ready.typed, key);
            }
            Code::Char('j') => ready.step(1),
            Code::Char('k') => ready.step(-1),
            Code::Char('g') | Code::Home => ready.cursor = 0,
            Code::Char('G') | Code::End => ready.cursor = ready.rows.len().saturating_sub(1),
            Code::Char('y') if !key.ctrl && !key.alt && ready.ask.tier == Tier::Yes => return self.start(),
            Code::Char('o') => return Outcome::Act(Then::SavePlan(Box::new(self.clone()))),
            Code::Char('r') => return self.read_again(),
            Code::Char('q') => return Outcome::Close,
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

    fn enter(&mut self, state: &State) -> Outcome {
        let Stage::Ready(ready) = &mut self.stage else { return Outcome::Stay };
        match ready.focus {
            Focus::Cancel => Outcome::Close,
            Focus::List => {
                ready.detail = !ready.detail;
                Outcome::Stay
            }
            // Typing ends with Enter by habit; it is not what starts.
            Focus::Typed => Outcome::Stay,
            // Tab and Enter out of one paste or one burst are no decision.
            Focus::Start if ready.matches() && state.now.duration_since(ready.focused) >= super::GUARD => self.start(),
            Focus::Start => Outcome::Stay,
        }
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
    /// From one place to the next. Starting is the last one, and reached on purpose.
    fn turn(&mut self, forward: bool, state: &State) {
        let mut places = vec![Focus::Cancel, Focus::List];
        if self.types() {
            places.push(Focus::Typed);
        }
        if self.ask.tier != Tier::Nothing {
            places.push(Focus::Start);
        }
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.focus = places[(at + step) % places.len()];
        self.focused = state.now;
    }

    fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}
