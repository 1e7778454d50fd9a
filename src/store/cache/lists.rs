//! The last tag lists and catalogs seen, so that a pane shows something at once.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::params;

use super::writer::{Job, Put};
use super::{Cache, entries};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::tag::DigestInfo;

/// Whose list it is. One account never sees what another was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey<'a> {
    /// `scheme://host[:port][/prefix]`
    pub origin: &'a str,
    /// The user name; empty for anonymous.
    pub account: &'a str,
}

/// A tag, and what its manifest was when it was last looked at.
pub type SavedTag = (TagName, Option<Arc<DigestInfo>>);

/// No repository has an empty name, so this row is the catalog.
const CATALOG: &str = "";

impl Cache {
    /// `time` is when the list was read, `count` about how long it is. The writer's thread walks the tags, so that nobody waits for it.
    pub fn save_tag_list(
        &self,
        key: ListKey<'_>,
        repository: &RepoName,
        time: Timestamp,
        count: usize,
        tags: impl Iterator<Item = SavedTag> + Send + 'static,
    ) {
        let size = count * entries::TAG_SIZE;
        self.save(key, repository.as_str(), time, size, move |put| entries::write_tags(tags, put));
    }

    pub fn tag_list(&self, key: ListKey<'_>, repository: &RepoName) -> Option<(Timestamp, Vec<SavedTag>)> {
        let (time, pieces) = self.saved(key, repository.as_str())?;
        Some((time, entries::read_tags(pieces)?))
    }

    pub fn save_catalog(
        &self,
        key: ListKey<'_>,
        time: Timestamp,
        count: usize,
        repositories: impl Iterator<Item = RepoName> + Send + 'static,
    ) {
        let size = count * entries::NAME_SIZE;
        self.save(key, CATALOG, time, size, move |put| entries::write_names(repositories, put));
    }

    pub fn catalog(&self, key: ListKey<'_>) -> Option<(Timestamp, Vec<RepoName>)> {
        let (time, pieces) = self.saved(key, CATALOG)?;
        Some((time, entries::read_names(pieces)?))
    }

    fn save(
        &self,
        key: ListKey<'_>,
        repository: &str,
        time: Timestamp,
        size: usize,
        write: impl FnOnce(&mut Put<'_>) -> rusqlite::Result<()> + Send + 'static,
    ) {
        self.offer(Job::List {
            origin: key.origin.to_owned(),
            account: key.account.to_owned(),
            repository: repository.to_owned(),
            time: time.as_second(),
            size,
            write: Box::new(write),
        });
    }

    /// One statement, so that nobody replaces the list while its pieces are read.
    fn saved(&self, key: ListKey<'_>, repository: &str) -> Option<(Timestamp, Vec<String>)> {
        let rows: Vec<(i64, String)> = self.read(|connection| {
            let select = "SELECT time, lines FROM list JOIN piece ON piece.list = list.id
                          WHERE origin = ?1 AND account = ?2 AND repository = ?3 ORDER BY piece.rowid";
            connection
                .prepare_cached(select)?
                .query_map(params![key.origin, key.account, repository], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })?;
        let time = Timestamp::from_second(rows.first()?.0).ok()?;
        Some((time, rows.into_iter().map(|(_, lines)| lines).collect()))
    }
}
