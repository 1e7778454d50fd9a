//! Saving a list: in which format, under which name.

use super::file_form::{FileForm, NotSaved, Pressed};
use super::form::{Control, Form};
use super::{Outcome, Then};
use crate::app::export::{Export, Format, Source};
use crate::app::key::Key;
use crate::domain::clean::Clean;

#[derive(Clone, Debug)]
pub struct Save {
    pub export: Export,
    /// What is saved, in words.
    pub about: Clean,
    pub to: FileForm,
}

const FORMAT: usize = 0;
const FILE: usize = 1;
const FORMATS: [&str; 3] = ["JSON, a row a line", "CSV", "text in columns"];
const FORMATS_OF_A_PLAN: [&str; 3] = ["JSON, for tagboat apply", "CSV", "text in columns"];

impl Save {
    pub fn new(export: Export, about: Clean, stem: &str) -> Self {
        let file = format!("{stem}.{}", export.format.extension());
        let formats = if matches!(export.source, Source::Plan(_)) { &FORMATS_OF_A_PLAN } else { &FORMATS };
        let mut form = Form::new(vec![
            Control::choice("Format", formats),
            Control::text("File", &file),
            Control::Button { label: "Save" },
            Control::Button { label: "Cancel" },
        ]);
        form.focus = FILE;
        Self { export, about, to: FileForm::new(form, FILE) }
    }

    pub fn title(&self) -> &'static str {
        match self.export.source {
            Source::Plan(_) => "Save the plan",
            Source::Job(_) => "Save a report",
            _ => "Save the list",
        }
    }

    pub fn refused(&mut self, not: NotSaved) {
        self.to.refused(not);
        self.follow();
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        let pressed = self.to.key(key);
        self.follow();
        match pressed {
            Pressed::Nothing => Outcome::Stay,
            Pressed::Go => Outcome::Act(Then::Save(Box::new(self.clone()))),
            Pressed::Close => Outcome::Close,
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.to.paste(text);
        self.follow();
    }

    /// The name follows the format, and the button says what it does.
    fn follow(&mut self) {
        let format = Format::ALL[self.to.form.picked(FORMAT).min(Format::ALL.len() - 1)];
        if format != self.export.format {
            let old = format!(".{}", self.export.format.extension());
            if let Some(name) = self.to.path().strip_suffix(&old).map(|stem| format!("{stem}.{}", format.extension())) {
                self.to.rename(&name);
            }
            self.export.format = format;
        }
        self.to.label("Save");
    }
}
