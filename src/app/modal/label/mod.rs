//! Labels and a note for one tag, or for all marked ones; and the labels themselves.

mod changes;
mod key;
#[cfg(test)]
mod tests;

use super::colour::ColourPicker;
use crate::app::list::Field;
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::colour::Colour;
use crate::domain::label::{Chosen, Label};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;

/// A label in the list, as it is edited.
#[derive(Clone, Debug)]
pub struct Row {
    /// As it was; nothing for a new one.
    pub was: Option<Label>,
    /// Of the config file, and changed only there.
    pub configured: bool,
    pub letter: String,
    pub name: Field,
    pub colour: ColourPicker,
    /// It goes when the dialog is left with Enter.
    pub removed: bool,
}

impl Row {
    fn of(label: Label, configured: bool) -> Self {
        Self {
            letter: label.letter.to_string(),
            name: Field::new(label.name.to_string()),
            colour: ColourPicker::new(label.colour),
            was: Some(label),
            configured,
            removed: false,
        }
    }

    fn new() -> Self {
        let colour = ColourPicker::new(Colour::Ansi(6));
        Self { was: None, configured: false, letter: String::new(), name: Field::default(), colour, removed: false }
    }
}

/// What the cursor is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Label(usize),
    None,
    /// As the tags are, where they differ; as rules say, where nobody chose.
    AsIs,
    New,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    List,
    Letter,
    Colour,
    Name,
    Rule,
    Pattern,
    Note,
    Cancel,
    Apply,
}

#[derive(Clone, Debug)]
pub struct LabelDialog {
    pub registry: RegistryId,
    pub repo: RepoName,
    pub tags: Vec<TagName>,
    pub rows: Vec<Row>,
    pub cursor: usize,
    pub focus: Focus,
    /// Tags have different labels.
    pub mixed: bool,
    /// Some rule gives labels here.
    pub ruled: bool,
    pub note: Field,
    /// What all of them have; nothing when they differ.
    pub note_was: Option<String>,
    /// The label under the cursor is given to what matches.
    pub rule: bool,
    pub pattern: Field,
    /// Filters of this registry and the labels they give, as they were.
    pub rules: Vec<(String, String)>,
    pub error: Option<Clean>,
}

impl LabelDialog {
    pub fn new(state: &State, registry: RegistryId, repo: RepoName, tags: Vec<TagName>) -> Self {
        let labels = state.labels(registry, &repo);
        let configured = &state.book.configured.labels;
        let is_configured = |label: &Label| configured.iter().any(|one| one.name == label.name);
        let rows = labels.palette.iter().map(|label| Row::of(label.clone(), is_configured(label))).collect();
        let entries: Vec<_> = tags.iter().map(|tag| labels.entry(tag).cloned().unwrap_or_default()).collect();
        let first = entries.first().cloned().unwrap_or_default();
        let mixed = entries.iter().any(|entry| entry.label != first.label);
        let note_was = first.note.as_deref().unwrap_or_default().to_owned();
        let note_was = entries.iter().all(|entry| entry.note == first.note).then_some(note_was);
        let own = state.book.kept.rules.get(&*state.registry(registry).profile.origin());
        let rules = own.into_iter().flatten();
        let rules = rules.map(|rule| (rule.filter.as_str().to_owned(), rule.label.to_string())).collect();
        let mut dialog = Self {
            registry,
            repo,
            tags,
            rows,
            cursor: 0,
            focus: Focus::List,
            mixed,
            ruled: !labels.rules.is_empty(),
            note: Field::new(note_was.clone().unwrap_or_default()),
            note_was,
            rule: false,
            pattern: Field::default(),
            rules,
            error: None,
        };
        let spot = match &first.label {
            _ if mixed => Spot::AsIs,
            Chosen::Is(name) => dialog.find(name).map_or(Spot::None, Spot::Label),
            Chosen::ByRule if dialog.ruled => Spot::AsIs,
            Chosen::ByRule | Chosen::None => Spot::None,
        };
        dialog.go(spot);
        dialog
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.was.as_ref().is_some_and(|was| *was.name == *name))
    }

    /// The list, from the top.
    pub fn spots(&self) -> Vec<Spot> {
        let as_is = (self.mixed || self.ruled).then_some(Spot::AsIs);
        let labels = (0..self.rows.len()).map(Spot::Label);
        labels.chain([Spot::None]).chain(as_is).chain([Spot::New]).collect()
    }

    pub fn spot(&self) -> Spot {
        self.spots().get(self.cursor).copied().unwrap_or(Spot::None)
    }

    /// The label under the cursor.
    pub fn row(&self) -> Option<&Row> {
        match self.spot() {
            Spot::Label(at) => self.rows.get(at),
            _ => None,
        }
    }

    pub fn typing(&self) -> bool {
        matches!(self.focus, Focus::Letter | Focus::Colour | Focus::Name | Focus::Pattern | Focus::Note)
    }

    /// The places Tab goes to. A label of the config is not edited here, and where there is none there is nothing to
    /// edit.
    pub fn stops(&self) -> Vec<Focus> {
        let mut stops = vec![Focus::List];
        if let Some(row) = self.row().filter(|row| !row.removed) {
            if !row.configured {
                stops.extend([Focus::Letter, Focus::Colour, Focus::Name]);
            }
            stops.push(Focus::Rule);
            stops.extend(self.rule.then_some(Focus::Pattern));
        }
        stops.extend([Focus::Note, Focus::Cancel, Focus::Apply]);
        stops
    }

    fn go(&mut self, spot: Spot) {
        if let Some(at) = self.spots().iter().position(|one| *one == spot) {
            self.cursor = at;
            self.follow();
        }
    }

    /// The rule that is shown is that of the label under the cursor.
    fn follow(&mut self) {
        let name = self.row().and_then(|row| row.was.as_ref()).map(|was| was.name.to_string());
        let known = self.rule_of(name.as_deref()).map(str::to_owned);
        self.rule = known.is_some();
        self.pattern = Field::new(known.unwrap_or_else(|| guess(&self.tags)));
    }

    /// The filter of the first rule that gives this label.
    fn rule_of(&self, name: Option<&str>) -> Option<&str> {
        let found = self.rules.iter().find(|(_, label)| Some(label.as_str()) == name);
        found.map(|(filter, _)| filter.as_str())
    }
}

/// What the tags begin with, up to where that stops to be a word.
fn guess(tags: &[TagName]) -> String {
    let Some(first) = tags.first() else { return String::new() };
    let common = tags.iter().fold(first.as_str(), |common, tag| {
        let same = common.bytes().zip(tag.as_str().bytes()).take_while(|(a, b)| a == b).count();
        &common[..same]
    });
    let end = common.find(['-', '_', '.']).map_or(0, |at| at + 1);
    if end == 0 { String::new() } else { format!("{}*", &common[..end]) }
}
