//! A form with the name of a file, and a button that says when it replaces one that is there.

use super::form::{Control, Done, Form};
use crate::app::key::Key;
use crate::domain::clean::Clean;

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSaved {
    pub why: Clean,
    /// A file of that name exists, and nobody said that it may go.
    pub exists: bool,
}

impl NotSaved {
    pub fn because(why: Clean) -> Self {
        Self { why, exists: false }
    }
}

#[derive(Clone, Debug)]
pub struct FileForm {
    pub form: Form,
    /// Where the name is; the button stands behind it.
    field: usize,
    /// The name that something is done with.
    busy: Option<String>,
    /// What came of a name.
    said: Option<(String, NotSaved)>,
}

/// What a key meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    Nothing,
    Go,
    Close,
}

impl FileForm {
    pub fn new(form: Form, field: usize) -> Self {
        Self { form, field, busy: None, said: None }
    }

    pub fn path(&self) -> &str {
        self.form.text(self.field).trim()
    }

    pub fn rename(&mut self, name: &str) {
        self.form.controls[self.field] = Control::text("File", name);
    }

    pub fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    pub fn begin(&mut self) {
        (self.busy, self.said) = (Some(self.path().to_owned()), None);
    }

    pub fn end(&mut self) {
        self.busy = None;
    }

    pub fn error(&self) -> Option<&Clean> {
        self.said.as_ref().map(|(_, not)| &not.why)
    }

    /// Whether an existing file may be replaced: only the one it was said of.
    pub fn replaces(&self) -> bool {
        self.said.as_ref().is_some_and(|(name, not)| not.exists && name == self.path())
    }

    /// Said of the name that was asked about: another one may stand there by now.
    pub fn refused(&mut self, not: NotSaved) {
        let name = self.busy.take().unwrap_or_else(|| self.path().to_owned());
        self.said = Some((name, not));
    }

    /// After a change of the name: what was said of another one holds no more.
    fn typed(&mut self) {
        if self.said.as_ref().is_some_and(|(name, _)| name != self.path()) {
            self.said = None;
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.form.paste(text);
        self.typed();
    }

    /// The button says what it does.
    pub fn label(&mut self, label: &'static str) {
        let label = if self.replaces() { "Replace the file" } else { label };
        self.form.controls[self.field + 1] = Control::Button { label };
    }

    pub fn key(&mut self, key: Key) -> Pressed {
        match self.form.key(key) {
            Done::Nothing => {
                self.typed();
                Pressed::Nothing
            }
            Done::Pressed(at) if at == self.field + 1 && self.is_busy() => Pressed::Nothing,
            Done::Pressed(at) if at == self.field + 1 && self.path().is_empty() => {
                self.refused(NotSaved::because(Clean::fixed("A file needs a name.")));
                Pressed::Nothing
            }
            Done::Pressed(at) if at == self.field + 1 => Pressed::Go,
            Done::Pressed(_) | Done::Cancelled => Pressed::Close,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> FileForm {
        let controls = vec![Control::text("File", "a.tar"), Control::Button { label: "Save" }];
        FileForm::new(Form::new(controls), 0)
    }

    fn exists() -> NotSaved {
        NotSaved { why: Clean::fixed("there already"), exists: true }
    }

    #[test]
    fn a_file_is_replaced_only_when_its_name_was_confirmed() {
        let mut form = form();
        form.begin();
        form.refused(exists());
        assert!(form.replaces());
        form.key("x".parse().unwrap());
        assert!(!form.replaces() && form.error().is_none(), "another name is another question");
        form.key("backspace".parse().unwrap());
        assert!(!form.replaces(), "asked once more");
    }

    #[test]
    fn an_answer_is_about_the_name_that_was_asked_about() {
        let mut form = form();
        form.begin();
        form.key("x".parse().unwrap());
        form.refused(exists());
        assert!(form.error().is_some() && !form.replaces(), "nobody was told of this one");
    }

    #[test]
    fn nothing_is_asked_twice_and_no_name_is_none() {
        let enter: Key = "enter".parse().unwrap();
        let mut form = form();
        assert_eq!(form.key(enter), Pressed::Go);
        form.begin();
        assert_eq!(form.key(enter), Pressed::Nothing);
        form.end();
        form.rename("  ");
        assert_eq!((form.key(enter), form.error().is_some()), (Pressed::Nothing, true));
    }
}
