//! The repositories of a registry.

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;

use super::listing::{Listing, Moved, Pass, Row};
use super::{Phase, TagCount};
use crate::domain::error::ErrorReport;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;

#[derive(Clone, Debug, PartialEq)]
pub struct RepoRow {
    pub name: Listed<RepoName>,
    pub pinned: bool,
    pub favourite: bool,
    pub tags: TagCount,
    listed: Pass,
}

impl Row for RepoRow {
    type Name = RepoName;

    fn new(name: Listed<RepoName>) -> Self {
        Self { name, pinned: false, favourite: false, tags: TagCount::NotAsked, listed: 0 }
    }

    fn name(&self) -> &Listed<RepoName> {
        &self.name
    }

    fn listed(&self) -> Pass {
        self.listed
    }

    fn set_listed(&mut self, pass: Pass) {
        self.listed = pass;
    }

    fn stays(&self) -> bool {
        self.pinned
    }
}

#[derive(Clone, Debug, Default)]
pub struct Catalog(Listing<RepoRow>);

impl Deref for Catalog {
    type Target = Listing<RepoRow>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Catalog {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl RepoRow {
    /// The registry itself named it, now or before.
    pub fn is_listed(&self) -> bool {
        self.listed != 0
    }
}

impl Catalog {
    /// Whether the registry itself named it, now or before.
    pub fn lists(&self, name: &RepoName) -> bool {
        self.named(name.as_str()).is_some_and(RepoRow::is_listed)
    }

    pub fn row_mut(&mut self, name: &RepoName) -> Option<&mut RepoRow> {
        self.named_mut(name.as_str())
    }

    /// Makes sure a pinned repository has a row.
    pub fn pin(&mut self, name: &RepoName) {
        let (at, _) = self.add_unlisted(Listed::Valid(name.clone()));
        if let Some(row) = self.rows.get_mut(at as usize) {
            row.pinned = true;
        }
    }

    pub fn page(&mut self, names: Vec<Listed<RepoName>>) {
        for name in names {
            self.add(name);
        }
    }

    /// What an earlier visit saw. What the list under way brought already is newer.
    pub fn recall(&mut self, time: Timestamp, names: Vec<RepoName>) {
        if matches!(self.phase, Phase::Done(_)) {
            return;
        }
        for name in names {
            self.add_unlisted(Listed::Valid(name));
        }
        self.as_of.get_or_insert(time);
    }

    pub fn end(&mut self, result: Result<ListEnd, ErrorReport>, now: Timestamp) -> Option<Moved> {
        self.0.end(result, now, |_| {})
    }
}
