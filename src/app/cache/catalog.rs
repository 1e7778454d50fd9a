//! The repositories of a registry.

use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use jiff::Timestamp;

use super::listing::{Listing, Moved, Pass, Row};
use super::{Phase, TagCount, Told};
use crate::domain::error::ErrorReport;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;
use crate::domain::repository::RepoInfo;

#[derive(Clone, Debug, PartialEq)]
pub struct RepoRow {
    pub name: Listed<RepoName>,
    pub pinned: bool,
    pub favourite: bool,
    pub tags: TagCount,
    /// What the system says of it besides its name. Most registries say nothing.
    pub info: Option<Arc<RepoInfo>>,
    listed: Pass,
}

impl Row for RepoRow {
    type Name = RepoName;

    fn new(name: Listed<RepoName>) -> Self {
        Self { name, pinned: false, favourite: false, tags: TagCount::NotAsked, info: None, listed: 0 }
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
pub struct Catalog {
    list: Listing<RepoRow>,
    /// What some row was told of: the columns there are.
    pub told: Told,
    /// Repositories that were looked at by themselves since the list was read.
    pub looked: HashSet<RepoName>,
    /// What was searched for, where this is no list.
    pub term: Option<String>,
}

impl Deref for Catalog {
    type Target = Listing<RepoRow>;

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl DerefMut for Catalog {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.list
    }
}

impl RepoRow {
    /// The registry itself named it, now or before.
    pub fn is_listed(&self) -> bool {
        self.listed != 0
    }
}

impl Catalog {
    pub fn search(term: String) -> Self {
        Self { term: Some(term), ..Self::default() }
    }

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

    /// What the system says of a repository; comes before the page that lists it, so that nothing is asked for that the
    /// system says by itself.
    pub fn tell(&mut self, name: RepoName, info: Arc<RepoInfo>) {
        self.told.hear(&info);
        let (at, _) = self.add_unlisted(Listed::Valid(name));
        let Some(row) = self.rows.get_mut(at as usize) else { return };
        if let Some(count) = info.tags {
            row.tags = TagCount::Known(usize::try_from(count).unwrap_or(usize::MAX));
        }
        if let Some(favourite) = info.favourite {
            row.favourite = favourite;
        }
        row.info = Some(info);
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
        self.list.end(result, now, |_| {})
    }
}
