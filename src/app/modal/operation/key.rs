//! Keys of an operation. Where it is asked whether something is to be done, the question has the keys first.

use super::{About, Do, Found, Look, OperationDialog, What};
use crate::app::history::Stand;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::modal::confirm::{Answer, walked};
use crate::app::modal::{Outcome, Then};
use crate::app::state::State;

impl OperationDialog {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        if let Look::Found(found) = &mut self.look {
            match found.confirm.key(key, state.now) {
                Answer::None => return Outcome::Stay,
                // Back to what is recorded.
                Answer::No => {
                    (self.look, self.cursor) = (Look::None, 0);
                    return Outcome::Stay;
                }
                Answer::Yes => return self.act(Do::Start),
                Answer::Other => {}
            }
            if key.code == Code::Char('1') {
                found.turn(state);
                return Outcome::Stay;
            }
        }
        if let Some(to) = walked(key, self.cursor, self.rows()) {
            self.cursor = to;
            return Outcome::Stay;
        }
        match key.code {
            Code::Esc | Code::Char('q' | 'h') | Code::Left => return Outcome::Close,
            Code::Char('e') if matches!(self.look, Look::Failed { .. }) => return self.act(Do::SignIn),
            Code::Char('r') => {
                if let Look::Failed { about, .. } = self.look {
                    return self.act(Do::Look(about));
                }
            }
            Code::Char('u' | 'c') if matches!(self.look, Look::None) => {
                if let Some(about) = self.about() {
                    return self.act(Do::Look(about));
                }
            }
            Code::Char('p') if matches!(self.look, Look::None) && self.has_rest() => return self.act(Do::PlanRest),
            _ => {}
        }
        Outcome::Stay
    }

    /// What there is to find out: of what broke off, what became of it; of what has ended, what could come back.
    pub fn about(&self) -> Option<About> {
        let told = &self.told()?.told;
        match told.stand {
            Stand::Running => None,
            Stand::Unfinished => Some(About::Settle),
            Stand::Ended => {
                let goes_back = told.changed.is_none() && (told.sets || told.kind.words().restores);
                (told.undoes.is_none() && told.repos == 0 && goes_back).then_some(About::Undo)
            }
        }
    }

    /// Some of it was not done, and can be planned again.
    pub fn has_rest(&self) -> bool {
        self.told().is_some_and(|details| !details.rest().is_empty() || !details.rest_of_repos().is_empty())
    }

    fn act(&self, what: Do) -> Outcome {
        Outcome::Act(Then::Operation(Box::new(self.clone()), what))
    }
}

impl Found {
    /// Something else uses a tag that would be moved back.
    pub fn can_turn(&self) -> bool {
        matches!(&self.what, What::Undo(prospect) if prospect.in_use().next().is_some())
    }

    /// `1`: what is in use by something else is moved back, or left.
    fn turn(&mut self, state: &State) {
        if !self.can_turn() {
            return;
        }
        self.overwrite = !self.overwrite;
        let production = state.is_production(self.registry);
        self.confirm.asks(self.what.ask(self.overwrite, &state.cleanup.confirm, production, ""));
    }
}
