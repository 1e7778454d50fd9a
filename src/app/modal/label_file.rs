//! Labels, notes, rules and favourites to a file, and from one. What a file changes is said before it is taken.

use std::sync::Arc;

use super::file_form::{FileForm, NotSaved, Pressed};
use super::form::{Control, Form};
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
    /// Being written or read.
    pub to: FileForm,
    /// What the file with this name holds.
    found: Option<(String, Arc<Held>)>,
}

const FILE: usize = 0;

impl LabelFile {
    pub fn new(way: Way) -> Self {
        let form = Form::new(vec![
            Control::text("File", "tagboat-labels.toml"),
            Control::Button { label: "" },
            Control::Button { label: "Cancel" },
        ]);
        let mut dialog = Self { way, to: FileForm::new(form, FILE), found: None };
        dialog.follow();
        dialog
    }

    /// What was read, of the file whose name stands in the field.
    pub fn found(&self) -> Option<&Arc<Held>> {
        self.found.as_ref().filter(|(path, _)| path == self.to.path()).map(|(_, held)| held)
    }

    pub fn refused(&mut self, not: NotSaved) {
        self.to.refused(not);
        self.follow();
    }

    pub fn has_read(&mut self, path: String, result: Result<Arc<Held>, Clean>) {
        match result {
            Ok(held) => {
                self.to.end();
                self.found = Some((path, held));
            }
            Err(why) => self.to.refused(NotSaved::because(why)),
        }
        self.follow();
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        let pressed = self.to.key(key);
        self.follow();
        match pressed {
            Pressed::Nothing => Outcome::Stay,
            Pressed::Go => Outcome::Act(Then::LabelFile(Box::new(self.clone()))),
            Pressed::Close => Outcome::Close,
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.to.paste(text);
        self.follow();
    }

    fn follow(&mut self) {
        let label = match self.way {
            Way::Export => "Save",
            Way::Import if self.found().is_some() => "Import it",
            Way::Import => "Read it",
        };
        self.to.label(label);
    }
}
