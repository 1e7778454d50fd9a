//! A CA file for a registry whose certificate comes from an authority that this machine does not know.

use std::path::PathBuf;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::domain::clean::Clean;
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug)]
pub struct CaFile {
    pub registry: RegistryId,
    pub host: Clean,
    pub error: Option<Clean>,
    pub busy: bool,
    pub form: Form,
}

const PATH: usize = 0;
const USE: usize = 1;

impl CaFile {
    pub fn new(registry: RegistryId, host: Clean, now: Option<&str>) -> Self {
        let form = Form::new(vec![
            Control::text("CA file, PEM", now.unwrap_or_default()),
            Control::Button { label: "Try it" },
            Control::Button { label: "Cancel" },
        ]);
        Self { registry, host, error: None, busy: false, form }
    }

    pub fn path(&self) -> PathBuf {
        PathBuf::from(self.form.text(PATH).trim())
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(USE) if self.busy => Outcome::Stay,
            Done::Pressed(USE) if !self.path().is_absolute() => {
                self.error = Some(Clean::fixed("Enter the whole path of the file, from / on."));
                self.form.focus = PATH;
                Outcome::Stay
            }
            Done::Pressed(USE) => {
                self.busy = true;
                self.error = None;
                Outcome::Act(Then::TryCa(Box::new(self.clone())))
            }
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }
}
