//! One term against one row.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::kept::Kept;
use super::told::Told;
use super::{Field, Row, RowState, Verdict};
use crate::domain::clean::Clean;
use crate::domain::image::Platform;
use crate::domain::order::{self, VersionKey};

#[derive(Clone)]
pub struct Term {
    pub negated: bool,
    pub test: Test,
}

#[derive(Clone)]
pub enum Test {
    Substring(Needle),
    /// Globs too: they are compiled to one.
    Pattern(Regex),
    Age(Comparison, SignedDuration),
    Size(Comparison, u64),
    Version(Comparison, VersionKey),
    Platform(String),
    Digest(String),
    Shared(bool),
    /// Empty: a row without label.
    Label(String),
    /// What a note contains; `None`: there is none.
    Note(Option<Needle>),
    State(RowState),
    Favourite,
    /// Asked of repositories alone.
    Told(Told),
    /// Asked of lists of tags alone.
    Kept(Kept),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Comparison {
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        }
    }
}

impl Term {
    pub fn cost(&self) -> u8 {
        match self.test {
            Test::Substring(_) | Test::Favourite => 0,
            Test::Pattern(_) | Test::Version(..) | Test::Label(_) | Test::Note(_) | Test::Told(_) | Test::Kept(_) => 1,
            _ => 2,
        }
    }

    pub fn needs_details(&self) -> bool {
        self.cost() > 1
    }

    pub fn asks_labels(&self) -> bool {
        matches!(self.test, Test::Label(_) | Test::Note(_))
    }

    /// Whether it asks for the number of tags, which a registry may have to be asked for row by row.
    pub fn asks_counts(&self) -> bool {
        matches!(self.test, Test::Told(Told::Tags(..)))
    }

    /// Whether it asks what only some systems say of a repository.
    pub fn asks_told(&self) -> bool {
        matches!(self.test, Test::Told(_))
    }

    /// Whether it asks what only some systems keep of a tag.
    pub fn asks_kept(&self) -> bool {
        matches!(self.test, Test::Kept(_))
    }

    pub fn matches(&self, row: &Row<'_>, now: Timestamp) -> Verdict {
        match self.test.holds(row, now) {
            Answer::Known(holds) if holds != self.negated => Verdict::Yes,
            Answer::Known(_) => Verdict::No,
            // `!age<30d` must not select an image whose age nobody knows: a clean-up would delete it.
            Answer::Absent => Verdict::No,
            Answer::NotLoaded => Verdict::Unknown,
        }
    }

    pub fn may_match(&self, row: &Row<'_>, now: Timestamp) -> bool {
        match self.test.holds(row, now) {
            Answer::Known(holds) => holds != self.negated,
            Answer::Absent | Answer::NotLoaded => true,
        }
    }
}

pub enum Answer {
    Known(bool),
    Absent,
    NotLoaded,
}

impl From<Option<bool>> for Answer {
    fn from(known: Option<bool>) -> Self {
        known.map_or(Self::NotLoaded, Self::Known)
    }
}

pub fn ask<T>(field: Field<T>, test: impl FnOnce(T) -> bool) -> Answer {
    match field {
        Field::NotLoaded => Answer::NotLoaded,
        Field::Absent => Answer::Absent,
        Field::Is(value) => Answer::Known(test(value)),
    }
}

impl Test {
    fn holds(&self, row: &Row<'_>, now: Timestamp) -> Answer {
        match self {
            Self::Substring(needle) => Answer::Known(needle.is_in(row.name)),
            Self::Pattern(pattern) => Answer::Known(pattern.is_match(row.name)),
            Self::Age(how, span) => ask(row.created, |then| how.holds(now.duration_since(then).cmp(span))),
            Self::Size(how, size) => ask(row.size, |bytes| how.holds(bytes.cmp(size))),
            Self::Version(how, version) => {
                Answer::Known(order::version_key(row.name).is_some_and(|name| how.holds(name.cmp(version))))
            }
            Self::Platform(wanted) => row.platforms.map(|all| all.iter().any(|p| is_platform(p, wanted))).into(),
            Self::Digest(start) => row.digest.map(|digest| has_start(&digest.to_string(), start)).into(),
            Self::Shared(wanted) => row.shared.map(|count| (count > 1) == *wanted).into(),
            Self::Told(told) => told.holds(row, now),
            Self::Kept(kept) => kept.holds(row, now),
            // Repositories have labels of their own, any number of them.
            Self::Label(wanted) if row.info.is_some() => {
                let labels = row.info.map_or(&[][..], |info| &info.labels);
                let is = |label: &Clean| label.as_str().eq_ignore_ascii_case(wanted);
                Answer::Known(labels.iter().any(is) || (wanted.is_empty() && labels.is_empty()))
            }
            Self::Label(wanted) => match row.label {
                Field::NotLoaded => Answer::NotLoaded,
                Field::Absent => Answer::Known(wanted.is_empty()),
                Field::Is(label) => Answer::Known(label.eq_ignore_ascii_case(wanted)),
            },
            Self::Note(wanted) => Answer::Known(match (row.note, wanted) {
                (Some(note), Some(needle)) => needle.is_in(note),
                (note, needle) => note.is_none() && needle.is_none(),
            }),
            Self::State(wanted) => row.state.map(|state| state == *wanted).into(),
            Self::Favourite => Answer::Known(row.favourite),
        }
    }
}

/// Whole components only: `arm` is not `arm64`.
fn is_platform(platform: &Platform, wanted: &str) -> bool {
    let shown = format!("/{platform}/").replace(' ', "/").to_ascii_lowercase();
    shown.contains(&format!("/{wanted}/"))
}

fn has_start(digest: &str, start: &str) -> bool {
    digest.starts_with(start) || digest.split_once(':').is_some_and(|(_, hex)| hex.starts_with(start))
}

/// A substring to look for, as fast as a million names a keystroke demand.
#[derive(Clone)]
pub struct Needle {
    /// Lower case when case is ignored.
    text: String,
    exact: bool,
}

impl Needle {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), exact: text.chars().any(char::is_uppercase) }
    }

    pub fn is_in(&self, name: &str) -> bool {
        if self.exact {
            return name.contains(&self.text);
        }
        if !self.text.is_ascii() {
            return name.to_lowercase().contains(&self.text);
        }
        let (name, needle) = (name.as_bytes(), self.text.as_bytes());
        let Some((&first, rest)) = needle.split_first() else { return true };
        let Some(last_start) = name.len().checked_sub(needle.len()) else { return false };
        (0..=last_start).any(|at| {
            name[at].to_ascii_lowercase() == first && name[at + 1..at + needle.len()].eq_ignore_ascii_case(rest)
        })
    }
}
