//! Labels, notes, rules and favourites to a file, and from one. What a file changes is said before it is taken.

use std::sync::Arc;

use super::form::{Control, Done, Form};
use super::save::NotSaved;
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::domain::clean::Clean;
use crate::domain::label::Held;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Export,
    Import,
}

#[derive(Clone, Debug)]
pub struct LabelFile {
    pub way: Way,
    pub form: Form,
    pub error: Option<Clean>,
    /// Being written or read.
    pub busy: bool,
    /// The file with this name is there already; saving it again replaces it.
    over: Option<String>,
    /// What the file with this name holds.
    found: Option<(String, Arc<Held>)>,
}

const FILE: usize = 0;
const GO: usize = 1;

impl LabelFile {
    pub fn new(way: Way) -> Self {
        let form = Form::new(vec![
            Control::text("File", "tagboat-labels.toml"),
            Control::Button { label: "" },
            Control::Button { label: "Cancel" },
        ]);
        let mut dialog = Self { way, form, error: None, busy: false, over: None, found: None };
        dialog.follow();
        dialog
    }

    pub fn path(&self) -> &str {
        self.form.text(FILE).trim()
    }

    /// Whether an existing file may be replaced: only the one it was said of.
    pub fn replaces(&self) -> bool {
        self.over.as_deref() == Some(self.path())
    }

    /// What was read, of the file whose name stands in the field.
    pub fn found(&self) -> Option<&Arc<Held>> {
        self.found.as_ref().filter(|(path, _)| path == self.path()).map(|(_, held)| held)
    }

    pub fn refused(&mut self, not: NotSaved) {
        (self.busy, self.error) = (false, Some(not.why));
        self.over = not.exists.then(|| self.path().to_owned());
        self.follow();
    }

    pub fn has_read(&mut self, path: String, result: Result<Arc<Held>, Clean>) {
        self.busy = false;
        match result {
            Ok(held) => self.found = Some((path, held)),
            Err(why) => self.error = Some(why),
        }
        self.follow();
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => {
                self.typed();
                Outcome::Stay
            }
            Done::Pressed(GO) if self.busy => Outcome::Stay,
            Done::Pressed(GO) if self.path().is_empty() => {
                self.error = Some(Clean::fixed("A file needs a name."));
                Outcome::Stay
            }
            Done::Pressed(GO) => Outcome::Act(Then::LabelFile(Box::new(self.clone()))),
            Done::Pressed(_) | Done::Cancelled => Outcome::Close,
        }
    }

    /// What was said of another name is no longer true.
    pub fn typed(&mut self) {
        if !self.replaces() {
            (self.over, self.error) = (None, None);
        }
        self.follow();
    }

    /// The button says what it does.
    fn follow(&mut self) {
        let label = match self.way {
            Way::Export if self.replaces() => "Replace the file",
            Way::Export => "Save",
            Way::Import if self.found().is_some() => "Import it",
            Way::Import => "Read it",
        };
        self.form.controls[GO] = Control::Button { label };
    }
}
