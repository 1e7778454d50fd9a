//! A new password for docker: what it does is said, it is asked, and what comes is shown once and kept nowhere.

use super::confirm::{Answer, Confirm};
use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::msg::ChangeId;
use crate::domain::clean::Clean;
use crate::domain::cleanup::{Ask, Tier};
use crate::domain::error::ErrorReport;
use crate::domain::registry::RegistryId;
use crate::domain::secret::OneTime;
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct PasswordDialog {
    pub registry: RegistryId,
    pub host: Clean,
    pub stage: Stage,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Asking(Box<Confirm>),
    /// It went out, and cannot be taken back.
    Sent(ChangeId),
    Made(Made),
    Failed(Box<ErrorReport>),
}

/// Shown and copied when somebody asks for it.
#[derive(Clone, Debug)]
pub struct Made {
    pub secret: OneTime,
    pub shown: bool,
    pub copied: bool,
    /// Nobody has it yet, and Esc was pressed.
    pub warned: bool,
    /// Nobody saw or copied it.
    untouched: bool,
}

impl Made {
    pub fn new(secret: OneTime) -> Self {
        Self { secret, shown: false, copied: false, warned: false, untouched: true }
    }
}

impl PasswordDialog {
    pub fn new(registry: RegistryId, host: Clean, now: Timestamp) -> Self {
        let ask = Ask { tier: Tier::Yes, typed: String::new(), why: None };
        Self { registry, host, stage: Stage::Asking(Box::new(Confirm::new(ask, now))) }
    }

    pub fn question(&self) -> Option<&Confirm> {
        let Stage::Asking(confirm) = &self.stage else { return None };
        Some(confirm)
    }

    pub fn question_mut(&mut self) -> Option<&mut Confirm> {
        let Stage::Asking(confirm) = &mut self.stage else { return None };
        Some(confirm)
    }

    pub fn key(&mut self, key: Key, now: Timestamp) -> Outcome {
        match &mut self.stage {
            Stage::Asking(confirm) => match confirm.key(key, now) {
                Answer::Yes => Outcome::Act(Then::MakePassword(Box::new(self.clone()))),
                Answer::No => Outcome::Close,
                Answer::None | Answer::Other => Outcome::Stay,
            },
            // The answer has the only copy there is.
            Stage::Sent(_) => Outcome::Stay,
            Stage::Made(made) => match key.code {
                Code::Char('s') if !key.ctrl && !key.alt => {
                    (made.shown, made.untouched, made.warned) = (!made.shown, false, false);
                    Outcome::Stay
                }
                Code::Char('c') if !key.ctrl && !key.alt => {
                    (made.copied, made.untouched, made.warned) = (true, false, false);
                    Outcome::Act(Then::CopyPassword(Box::new(self.clone())))
                }
                Code::Esc if made.untouched && !made.warned => {
                    made.warned = true;
                    Outcome::Stay
                }
                Code::Esc => Outcome::Close,
                _ => Outcome::Stay,
            },
            Stage::Failed(_) => match key.code {
                Code::Esc | Code::Enter | Code::Char('q') => Outcome::Close,
                _ => Outcome::Stay,
            },
        }
    }
}
