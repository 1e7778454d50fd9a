//! The grammar of `/`, `--filter`, `--mark` and protection rules.
//!
//! Terms are separated by blanks and all must hold. A plain word is a substring, a word with `*` or `?` a glob over the
//! whole name, `~re` a regular expression; `!` negates any term, quotes keep blanks and special characters. A word or
//! glob without capitals ignores case.

mod glob;
mod kept;
mod parse;
mod term;
mod told;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

use super::image::Platform;
use super::reference::Digest;
use super::repository::{RepoInfo, TagFacts};
use term::Term;

/// A field that may not be known yet, or be known to be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Field<T> {
    #[default]
    NotLoaded,
    Absent,
    Is(T),
}

/// The words of interface.md §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    Ok,
    Dangling,
    Error,
}

/// What a filter may ask of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    pub name: &'a str,
    pub created: Field<Timestamp>,
    pub size: Field<u64>,
    pub digest: Option<&'a Digest>,
    pub platforms: Option<&'a [Platform]>,
    /// How many tags of the repository point at the digest, this one included.
    pub shared: Option<usize>,
    pub label: Field<&'a str>,
    pub note: Option<&'a str>,
    pub state: Option<RowState>,
    pub favourite: bool,
    /// Of a repository: how many tags it has, and what its system says of it.
    pub tags: Field<u64>,
    pub info: Option<&'a RepoInfo>,
    /// Of a tag: what its system keeps besides the image.
    pub kept: Option<&'a TagFacts>,
}

/// What a filter is for. Rules know of images alone: they hold wherever a tag is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    Rules,
    /// A list of tags, which has what the system keeps of them.
    Tags,
    Repositories,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
    /// A field is needed that is not loaded yet.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    pub message: String,
    /// Byte offset of the term in the text.
    pub at: usize,
}

/// A parsed filter. Equal when written the same.
#[derive(Clone, Default)]
pub struct Filter {
    text: String,
    /// Cheap ones first: most rows fail by name.
    terms: Vec<Term>,
}

impl Filter {
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::of(Of::Rules, text)
    }

    /// The same with the fields that only such lists have.
    pub fn of(list: Of, text: &str) -> Result<Self, FilterError> {
        let mut terms = parse::terms(text, list)?;
        terms.sort_by_key(|term| term.cost());
        Ok(Self { text: text.to_owned(), terms })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Everything matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Asks more than the name and what is known locally.
    pub fn needs_details(&self) -> bool {
        self.terms.iter().any(Term::needs_details)
    }

    /// Whether it asks what an operator put on a tag.
    pub fn asks_labels(&self) -> bool {
        self.terms.iter().any(Term::asks_labels)
    }

    /// Whether it asks for the number of tags of a repository.
    pub fn asks_counts(&self) -> bool {
        self.terms.iter().any(Term::asks_counts)
    }

    /// Whether it asks what only some systems say of a repository.
    pub fn asks_told(&self) -> bool {
        self.terms.iter().any(Term::asks_told)
    }

    /// Whether it asks what only some systems keep of a tag.
    pub fn asks_kept(&self) -> bool {
        self.terms.iter().any(Term::asks_kept)
    }

    pub fn matches(&self, row: &Row<'_>, now: Timestamp) -> Verdict {
        let mut verdict = Verdict::Yes;
        for term in &self.terms {
            match term.matches(row, now) {
                Verdict::No => return Verdict::No,
                Verdict::Unknown => verdict = Verdict::Unknown,
                Verdict::Yes => {}
            }
        }
        verdict
    }

    /// Whether it could match, once everything were known. For what protects: an image of unknown age may be as young
    /// as a rule against its deletion says.
    pub fn may_match(&self, row: &Row<'_>, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.may_match(row, now))
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({:?})", self.text)
    }
}
