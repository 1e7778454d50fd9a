//! A list of labels, and a field for one more. What is added and what is taken away is marked, since that is what will be
//! sent.

use super::{Step, edit};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::domain::clean::Clean;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Stays,
    Added,
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub text: String,
    pub mark: Mark,
    /// It is not what it looks like: by what is shown nobody could name it.
    pub odd: bool,
}

#[derive(Clone, Default)]
pub struct Labels {
    rows: Vec<Label>,
    /// A row; behind the last one, the field.
    at: usize,
    pub field: Field,
    /// Why the last key did nothing.
    pub said: Option<&'static str>,
}

impl Labels {
    pub fn new(labels: &[Clean]) -> Self {
        let row = |label: &Clean| Label { text: label.to_string(), mark: Mark::Stays, odd: label.was_changed() };
        let rows: Vec<Label> = labels.iter().map(row).collect();
        Self { at: rows.len(), rows, ..Self::default() }
    }

    pub fn rows(&self) -> &[Label] {
        &self.rows
    }

    /// The row with the focus; none: the field has it.
    pub fn row(&self) -> Option<usize> {
        Some(self.at).filter(|at| *at < self.rows.len())
    }

    pub fn typing(&self) -> bool {
        self.row().is_none()
    }

    fn with(&self, mark: Mark) -> Vec<String> {
        self.rows.iter().filter(|row| row.mark == mark).map(|row| row.text.clone()).collect()
    }

    pub fn added(&self) -> Vec<String> {
        let typed = Some(self.typed()).filter(|text| self.rows.iter().all(|row| row.text != *text));
        self.with(Mark::Added).into_iter().chain(typed.filter(|text| !text.is_empty())).collect()
    }

    pub fn removed(&self) -> Vec<String> {
        self.with(Mark::Removed)
    }

    /// What stands in the field and was not entered: nobody types a label to leave it out.
    fn typed(&self) -> String {
        self.field.value().trim().to_owned()
    }

    pub fn key(&mut self, key: Key) -> Step {
        self.said = None;
        match (key.code, self.row()) {
            (Code::Up, _) if self.at == 0 => return Step::Up,
            (Code::Up, _) => self.at -= 1,
            (Code::Down, None) => return Step::Down,
            (Code::Down, Some(_)) => self.at += 1,
            (Code::Char(' ' | '-' | '+' | 'x') | Code::Delete | Code::Backspace | Code::Enter, Some(at)) => {
                self.turn(at)
            }
            (_, Some(_)) => return Step::Other,
            (Code::Enter, None) if self.typed().is_empty() => return Step::Down,
            (Code::Enter, None) => self.enter(),
            (_, None) => {
                edit(&mut self.field, key);
            }
        }
        Step::Taken
    }

    /// Away, or back again; one that was added goes as if it had never been.
    fn turn(&mut self, at: usize) {
        let row = &mut self.rows[at];
        match row.mark {
            _ if row.odd => {
                self.said = Some("It has signs that are not shown as they are, so it cannot be named here.")
            }
            Mark::Stays => row.mark = Mark::Removed,
            Mark::Removed => row.mark = Mark::Stays,
            Mark::Added => drop(self.rows.remove(at)),
        }
    }

    fn enter(&mut self) {
        let text = self.typed();
        match self.rows.iter_mut().find(|row| row.text == text) {
            Some(row) if row.mark == Mark::Removed => row.mark = Mark::Stays,
            Some(_) => self.said = Some("It is there already."),
            None => self.rows.push(Label { text, mark: Mark::Added, odd: false }),
        }
        self.field = Field::default();
        self.at = self.rows.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clean;

    fn labels(texts: &[&str]) -> Labels {
        Labels::new(&texts.iter().map(|text| clean::line(text)).collect::<Vec<_>>())
    }

    fn press(labels: &mut Labels, keys: &str) {
        for key in keys.split(' ') {
            labels.key(key.parse().unwrap());
        }
    }

    fn marks(labels: &Labels) -> Vec<(&str, Mark)> {
        labels.rows().iter().map(|row| (row.text.as_str(), row.mark)).collect()
    }

    #[test]
    fn what_is_added_and_removed_is_told_apart_from_what_stays() {
        let mut it = labels(&["gpu", "тест"]);
        press(&mut it, "n e w enter up up space");
        assert_eq!(marks(&it), [("gpu", Mark::Stays), ("тест", Mark::Removed), ("new", Mark::Added)]);
        assert_eq!((it.added(), it.removed()), (vec!["new".to_owned()], vec!["тест".to_owned()]));
        press(&mut it, "space down space");
        assert_eq!(marks(&it), [("gpu", Mark::Stays), ("тест", Mark::Stays)]);
        assert!(it.added().is_empty() && it.removed().is_empty());
    }

    #[test]
    fn a_label_that_is_there_is_not_added_twice_and_one_that_goes_comes_back() {
        let mut it = labels(&["gpu"]);
        press(&mut it, "g p u enter");
        assert_eq!((it.said, it.added().len()), (Some("It is there already."), 0));
        press(&mut it, "up space down g p u enter");
        assert_eq!(marks(&it), [("gpu", Mark::Stays)]);
        assert_eq!(it.said, None);
    }

    #[test]
    fn what_was_typed_and_not_entered_counts() {
        let mut it = labels(&["gpu"]);
        press(&mut it, "x y");
        assert_eq!(it.added(), ["xy"]);
        let mut it = labels(&["gpu"]);
        press(&mut it, "g p u");
        assert!(it.added().is_empty());
    }

    #[test]
    fn a_label_that_cannot_be_shown_cannot_be_named() {
        let mut it = labels(&["a\u{1b}[31m"]);
        press(&mut it, "up space");
        assert!(it.said.is_some() && it.removed().is_empty());
    }
}
