//! Lists of earlier visits: looked for when a pane opens, kept when a list is complete.

use std::sync::Arc;

use super::account::Watched;
use super::registries::Registries;
use crate::app::effect::SavedList;
use crate::app::msg::Event;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::store::cache::{Cache, ListKey};

/// What an earlier visit of this account saw.
pub async fn recall(
    disk: Option<Arc<Cache>>,
    account: Option<Arc<Watched>>,
    origin: String,
    repo: Option<RepoName>,
) -> Event {
    let nothing = if repo.is_some() { Event::OldTags(None) } else { Event::OldRepositories(None) };
    let (Some(disk), Some(account)) = (disk, account) else { return nothing };
    let Some(account) = account.account().await else { return nothing };
    let look = tokio::task::spawn_blocking(move || {
        let key = ListKey { origin: &origin, account: &account };
        match repo {
            Some(repo) => Event::OldTags(disk.tag_list(key, &repo)),
            None => Event::OldRepositories(disk.catalog(key)),
        }
    });
    look.await.unwrap_or(nothing)
}

/// Keeps a list for the account that read it. One that nobody can be named for is not kept.
pub fn save(disk: &Cache, registries: &Registries, registry: RegistryId, time: jiff::Timestamp, list: SavedList) {
    let (repo, count) = match &list {
        SavedList::Repositories(rows) => (None, rows.len()),
        SavedList::Tags(repo, rows) => (Some(repo.clone()), rows.len()),
    };
    let Some(account) = registries.reader(&(registry, repo)) else { return };
    let profile = registries.profile(registry);
    // Which workspace it is of is not known yet.
    if profile.leaves_scope_open() {
        return;
    }
    let origin = profile.origin();
    let key = ListKey { origin: &origin, account: &account };
    match list {
        SavedList::Repositories(rows) => {
            let names = (0..rows.len()).filter_map(move |at| match &rows.get(at)?.name {
                Listed::Valid(name) => Some(name.clone()),
                Listed::Invalid(_) => None,
            });
            disk.save_catalog(key, time, count, names);
        }
        SavedList::Tags(repo, rows) => {
            let tags = (0..rows.len()).filter_map(move |at| {
                let row = rows.get(at)?;
                let Listed::Valid(name) = &row.name else { return None };
                Some((name.clone(), row.state.info().cloned()))
            });
            disk.save_tag_list(key, &repo, time, count, tags);
        }
    }
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
