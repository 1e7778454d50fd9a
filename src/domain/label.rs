//! Labels and notes that an operator puts on tags. They live on this machine alone, for every kind of registry, and
//! follow the name of a tag.

mod change;
mod merge;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::clean;
use super::colour::Colour;
use super::filter::{Field, Row, Verdict};
use super::reference::{RepoName, TagName};
pub use change::{Change, Favourite};
pub use rule::LabelRule;

/// Characters of a label's name.
pub const NAME_MOST: usize = 24;
/// Characters of a note.
pub const NOTE_MOST: usize = 200;
/// Labels in all; their letters have to differ.
pub const LABELS_MOST: usize = 36;
/// Tags with a label or a note, over all registries: all of them are in memory.
pub const TAGS_MOST: usize = 50_000;
/// Rules of one registry: each is asked about every row.
pub const RULES_MOST: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub name: Arc<str>,
    /// ASCII letter or digit.
    pub letter: char,
    pub colour: Colour,
}

impl Label {
    pub fn new(name: &str, letter: char, colour: Colour) -> Self {
        Self { name: name.into(), letter, colour }
    }

    /// What there is before anybody made a label.
    pub fn built_in() -> Vec<Self> {
        [("keep", 'K', 2), ("release", 'R', 4), ("stale", 'S', 3), ("broken", 'B', 1)]
            .map(|(name, letter, colour)| Self::new(name, letter, Colour::Ansi(colour)))
            .into()
    }
}

/// A name that can be shown, typed after `label:` and written on one line; else why not.
pub fn name(text: &str) -> Result<Arc<str>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a label needs a name".to_owned());
    }
    if text.chars().count() > NAME_MOST {
        return Err(format!("the name of a label has at most {NAME_MOST} characters"));
    }
    // The filter takes both for its own.
    if text.eq_ignore_ascii_case("none") || text.contains('"') {
        return Err("a label cannot be called “none”, nor have a quotation mark in its name".to_owned());
    }
    if clean::line(text).as_str() != text {
        return Err("the name of a label has a character that cannot be shown".to_owned());
    }
    Ok(text.into())
}

/// The sign of a label, else why not.
pub fn letter(text: &str) -> Result<char, String> {
    let mut chars = text.trim().chars();
    match (chars.next().filter(char::is_ascii_alphanumeric), chars.next()) {
        (Some(letter), None) => Ok(letter),
        _ => Err("the letter of a label is one letter or digit, a to z without accents".to_owned()),
    }
}

/// One short line, safe to show. Nothing when nothing is left of it.
pub fn note(text: &str) -> Option<Arc<str>> {
    let line = clean::line(text.trim());
    let short: String = line.as_str().chars().take(NOTE_MOST).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.into())
}

/// What somebody chose for one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing: rules say.
    #[default]
    ByRule,
    /// None, whatever a rule says.
    None,
    Is(Arc<str>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub label: Chosen,
    pub note: Option<Arc<str>>,
}

impl Entry {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub type Entries = Arc<HashMap<TagName, Entry>>;

/// Everything that is kept, by whichever instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// In the order in which they are shown.
    pub labels: Vec<Label>,
    /// By the registry's address, `RegistryProfile::url`, and the repository.
    pub tags: BTreeMap<(Arc<str>, RepoName), Entries>,
    /// By address; in the order in which they are tried.
    pub rules: BTreeMap<Arc<str>, Vec<LabelRule>>,
}

/// What a file of labels holds.
pub type Held = (Kept, Vec<Favourite>);

impl Kept {
    /// Tags with a label or a note.
    pub fn count(&self) -> usize {
        self.tags.values().map(|entries| entries.len()).sum()
    }

    pub fn entry(&self, origin: &str, repo: &RepoName, tag: &TagName) -> Entry {
        self.entries(origin, repo).and_then(|entries| entries.get(tag).cloned()).unwrap_or_default()
    }

    pub fn entries(&self, origin: &str, repo: &RepoName) -> Option<&Entries> {
        self.tags.get(&(Arc::from(origin), repo.clone()))
    }
}

/// The label of a tag, and the rule that gives it; none when it was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    pub label: &'a str,
    pub by: Option<&'a str>,
}

/// What holds in one repository. Cheap to clone: a list may be arranged on another thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub palette: Arc<[Label]>,
    pub rules: Arc<[LabelRule]>,
    pub tags: Entries,
}

impl Labels {
    /// `configured` wins over `kept`: whoever writes a config wants what it says.
    pub fn new(configured: &Configured, kept: &Kept, origin: &str, repo: &RepoName) -> Self {
        let own = kept.rules.get(origin).into_iter().flatten();
        Self {
            palette: palette(&configured.labels, &kept.labels).into(),
            rules: own.chain(&configured.rules).cloned().collect(),
            tags: kept.entries(origin, repo).cloned().unwrap_or_default(),
        }
    }

    /// Nothing here has or gets a label or a note.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.tags.is_empty()
    }

    pub fn find(&self, name: &str) -> Option<&Label> {
        self.palette.iter().find(|label| *label.name == *name)
    }

    pub fn entry(&self, tag: &TagName) -> Option<&Entry> {
        self.tags.get(tag)
    }

    pub fn note(&self, tag: &TagName) -> Option<&str> {
        self.entry(tag)?.note.as_deref()
    }

    /// `row` without its label. Not loaded: a rule asks what is not known yet.
    pub fn of<'a>(&'a self, tag: &TagName, row: &Row<'_>, now: Timestamp) -> Field<Given<'a>> {
        match self.entry(tag).map(|entry| &entry.label) {
            Some(Chosen::Is(label)) => return Field::Is(Given { label, by: None }),
            Some(Chosen::None) => return Field::Absent,
            Some(Chosen::ByRule) | None => {}
        }
        for rule in self.rules.iter() {
            match rule.filter.matches(row, now) {
                Verdict::Yes => return Field::Is(Given { label: &rule.label, by: Some(rule.filter.as_str()) }),
                Verdict::Unknown => return Field::NotLoaded,
                Verdict::No => {}
            }
        }
        Field::Absent
    }

    /// A rule asks more than names: labels are certain only when details are read.
    pub fn needs_details(&self) -> bool {
        self.rules.iter().any(|rule| rule.filter.needs_details())
    }
}

/// What the config says of labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    pub labels: Vec<Label>,
    pub rules: Vec<LabelRule>,
}

/// Those of the config, then one's own. A name counts once, and so does a letter: who comes later gets a free one.
pub fn palette(configured: &[Label], own: &[Label]) -> Vec<Label> {
    let mut all: Vec<Label> = Vec::with_capacity(configured.len() + own.len());
    for label in configured.iter().chain(own) {
        if all.iter().any(|known| known.name == label.name) {
            continue;
        }
        let mut label = label.clone();
        if all.iter().any(|known| known.letter == label.letter) {
            label.letter = free_letter(&label.name, &all).unwrap_or(label.letter);
        }
        all.push(label);
    }
    all
}

/// One of the name's own letters, or the first that nobody has.
pub fn free_letter(name: &str, taken: &[Label]) -> Option<char> {
    let own = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    own.chain('A'..='Z').chain('0'..='9').find(|letter| !taken.iter().any(|label| label.letter == *letter))
}
