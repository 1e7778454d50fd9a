//! The last tag lists and catalogs seen, so that a pane shows something at once.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::writer::Job;
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
        self.save(key, repository.as_str(), time, size, move || entries::write_tags(tags));
    }

    pub fn tag_list(&self, key: ListKey<'_>, repository: &RepoName) -> Option<(Timestamp, Vec<SavedTag>)> {
        let (time, text) = self.saved(key, repository.as_str())?;
        Some((time, entries::read_tags(&text)?))
    }

    pub fn save_catalog(
        &self,
        key: ListKey<'_>,
        time: Timestamp,
        count: usize,
        repositories: impl Iterator<Item = RepoName> + Send + 'static,
    ) {
        let size = count * entries::NAME_SIZE;
        let write = move || repositories.fold(String::new(), |text, name| text + name.as_str() + "\n");
        self.save(key, CATALOG, time, size, write);
    }

    pub fn catalog(&self, key: ListKey<'_>) -> Option<(Timestamp, Vec<RepoName>)> {
        let (time, text) = self.saved(key, CATALOG)?;
        let repositories = text.lines().map(|line| RepoName::parse(line).ok()).collect::<Option<_>>()?;
        Some((time, repositories))
    }

    fn save(
        &self,
        key: ListKey<'_>,
        repository: &str,
        time: Timestamp,
        size: usize,
        write: impl FnOnce() -> String + Send + 'static,
    ) {
        self.offer(Job::List {
            origin: key.origin.to_owned(),
            account: key.account.to_owned(),
            repository: repository.to_owned(),
            time: time.as_second(),
            size,
            entries: Some(Box::new(write)),
        });
    }

    fn saved(&self, key: ListKey<'_>, repository: &str) -> Option<(Timestamp, String)> {
        let (time, entries): (i64, Vec<u8>) = self
            .read(|connection| {
                let select = "SELECT time, entries FROM list WHERE origin = ?1 AND account = ?2 AND repository = ?3";
                connection
                    .prepare_cached(select)?
                    .query_row(params![key.origin, key.account, repository], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .flatten()?;
        Some((Timestamp::from_second(time).ok()?, String::from_utf8(entries).ok()?))
    }
}
