//! The last tag lists and catalogs seen, so that a pane shows something at once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension as _, params};

use super::Cache;
use super::writer::Job;
use crate::domain::reference::{Digest, RepoName, TagName};

/// Whose list it is. One account never sees what another was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey<'a> {
    /// `scheme://host[:port][/prefix]`
    pub origin: &'a str,
    /// The user name; empty for anonymous.
    pub account: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTags {
    pub time: SystemTime,
    pub tags: Vec<(TagName, Option<Digest>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCatalog {
    pub time: SystemTime,
    pub repositories: Vec<RepoName>,
}

/// No repository has an empty name, so this row is the catalog.
const CATALOG: &str = "";

impl Cache {
    pub fn save_tag_list(&self, key: ListKey<'_>, repository: &RepoName, tags: &[(TagName, Option<Digest>)]) {
        let mut text = String::with_capacity(tags.len() * 32);
        for (tag, digest) in tags {
            text.push_str(tag.as_str());
            if let Some(digest) = digest {
                text.push(' ');
                text.push_str(&digest.to_string());
            }
            text.push('\n');
        }
        self.save(key, repository.as_str(), text);
    }

    pub fn tag_list(&self, key: ListKey<'_>, repository: &RepoName) -> Option<SavedTags> {
        let (time, text) = self.saved(key, repository.as_str())?;
        let tag = |line: &str| match line.split_once(' ') {
            Some((tag, digest)) => Some((TagName::parse(tag).ok()?, Some(Digest::parse(digest).ok()?))),
            None => Some((TagName::parse(line).ok()?, None)),
        };
        Some(SavedTags { time, tags: text.lines().map(tag).collect::<Option<_>>()? })
    }

    pub fn save_catalog(&self, key: ListKey<'_>, repositories: &[RepoName]) {
        let text = repositories.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
        self.save(key, CATALOG, text);
    }

    pub fn catalog(&self, key: ListKey<'_>) -> Option<SavedCatalog> {
        let (time, text) = self.saved(key, CATALOG)?;
        let repositories = text.lines().map(|line| RepoName::parse(line).ok()).collect::<Option<_>>()?;
        Some(SavedCatalog { time, repositories })
    }

    fn save(&self, key: ListKey<'_>, repository: &str, text: String) {
        self.offer(Job::List {
            origin: key.origin.to_owned(),
            account: key.account.to_owned(),
            repository: repository.to_owned(),
            entries: text.into_bytes(),
        });
    }

    fn saved(&self, key: ListKey<'_>, repository: &str) -> Option<(SystemTime, String)> {
        let (time, entries): (i64, Vec<u8>) = self
            .read(|connection| {
                let select = "SELECT time, entries FROM list WHERE origin = ?1 AND account = ?2 AND repository = ?3";
                connection
                    .prepare_cached(select)?
                    .query_row(params![key.origin, key.account, repository], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .flatten()?;
        Some((UNIX_EPOCH + Duration::from_secs(time.unsigned_abs()), String::from_utf8(entries).ok()?))
    }
}
