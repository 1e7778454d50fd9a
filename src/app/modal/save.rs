//! Saving a list: in which format, under which name.

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::export::{Export, Format, Source};
use crate::app::key::Key;
use crate::app::list::Field;
use crate::domain::clean::Clean;

#[derive(Clone, Debug)]
pub struct Save {
    pub export: Export,
    /// What is saved, in words.
    pub about: Clean,
    pub form: Form,
    pub error: Option<Clean>,
    /// Being written.
    pub busy: bool,
    /// The file with this name is there already; saving it again replaces it.
    pub over: Option<String>,
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSaved {
    pub why: Clean,
    /// A file of that name exists, and nobody said that it may go.
    pub exists: bool,
}

const FORMAT: usize = 0;
const FILE: usize = 1;
const SAVE: usize = 2;
const FORMATS: [&str; 3] = ["JSON, a row a line", "CSV", "text in columns"];
const FORMATS_OF_A_PLAN: [&str; 3] = ["JSON, for tagboat apply", "CSV", "text in columns"];

impl Save {
    pub fn new(export: Export, about: Clean, stem: &str) -> Self {
        let file = format!("{stem}.{}", export.format.extension());
        let formats = if matches!(export.source, Source::Plan(_)) { &FORMATS_OF_A_PLAN } else { &FORMATS };
        let mut form = Form::new(vec![
            Control::choice("Format", formats),
            Control::Text { label: "File", field: Field::new(file), secret: false },
            Control::Button { label: "Save" },
            Control::Button { label: "Cancel" },
        ]);
        form.focus = FILE;
        Self { export, about, form, error: None, busy: false, over: None }
    }

    pub fn title(&self) -> &'static str {
        match self.export.source {
            Source::Plan(_) => "Save the plan",
            Source::Job(_) => "Save a report",
            _ => "Save the list",
        }
    }

    pub fn path(&self) -> &str {
        self.form.text(FILE).trim()
    }

    /// Whether an existing file may be replaced: only the one it was said of.
    pub fn replaces(&self) -> bool {
        self.over.as_deref() == Some(self.path())
    }

    pub fn refused(&mut self, not: NotSaved) {
        self.busy = false;
        self.error = Some(not.why);
        self.over = not.exists.then(|| self.path().to_owned());
        self.label();
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => {
                self.follow();
                Outcome::Stay
            }
            Done::Pressed(SAVE) if self.busy => Outcome::Stay,
            Done::Pressed(SAVE) if self.path().is_empty() => {
                self.error = Some(Clean::fixed("A file needs a name."));
                Outcome::Stay
            }
            Done::Pressed(SAVE) => Outcome::Act(Then::Save(Box::new(self.clone()))),
            Done::Pressed(_) | Done::Cancelled => Outcome::Close,
        }
    }

    /// The name follows the format, and the button says what it does.
    pub fn follow(&mut self) {
        let format = Format::ALL[self.form.picked(FORMAT).min(Format::ALL.len() - 1)];
        if format != self.export.format {
            let old = format!(".{}", self.export.format.extension());
            if let Some(stem) = self.form.text(FILE).strip_suffix(&old) {
                let file = Field::new(format!("{stem}.{}", format.extension()));
                self.form.controls[FILE] = Control::Text { label: "File", field: file, secret: false };
            }
            self.export.format = format;
        }
        if !self.replaces() && self.over.take().is_some() {
            self.error = None;
        }
        self.label();
    }

    fn label(&mut self) {
        let label = if self.replaces() { "Replace the file" } else { "Save" };
        self.form.controls[SAVE] = Control::Button { label };
    }
}
