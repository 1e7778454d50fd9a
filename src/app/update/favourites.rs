//! Favourites: kept by us, or by the system where it keeps them. There a wish is shown at once and taken back when it is
//! refused; while one is under way, the last wish waits for its answer.

use super::changes;
use crate::app::cache::RepoRow;
use crate::app::changing::Purpose;
use crate::app::effect::Effect;
use crate::app::pane::Place as Shown;
use crate::app::pane::marks::Back;
use crate::app::state::{Link, State, Tone};
use crate::domain::capability::Place;
use crate::domain::change::{Change, Changed};
use crate::domain::clean;
use crate::domain::error::ErrorReport;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, RegistryId};

/// What the cursor is on, if it can be a favourite.
fn subject(state: &State) -> Option<(RegistryId, Option<&RepoRow>)> {
    let pane = state.pane();
    let row = pane.list.selected()?;
    match pane.place {
        Shown::Registries => Some((RegistryId(row), None)),
        Shown::Repositories(id) => Some((id, Some(state.cache.catalogs.get(&id)?.rows.get(row as usize)?))),
        _ => None,
    }
}

/// Who keeps the favourites there; `None` while that is not known.
fn place(state: &State, id: RegistryId, row: Option<&RepoRow>) -> Option<Place> {
    let Some(row) = row else { return Some(Place::Local) };
    let registry = state.registry(id);
    if row.info.as_ref().is_some_and(|info| info.favourite.is_some()) || registry.caps.favourites == Place::Server {
        return Some(Place::Server);
    }
    let known = registry.profile.kind == BackendKind::Oci || registry.link == Link::Up || row.info.is_some();
    known.then_some(Place::Local)
}

pub fn available(state: &State) -> Result<(), &'static str> {
    let Some((id, row)) = subject(state) else { return Err("favourites are registries and repositories") };
    match place(state, id, row) {
        None => Err("not connected yet, and who keeps its favourites is not known"),
        Some(Place::Server) => changes::forbidden(state, id).map_or(Ok(()), Err),
        Some(_) => Ok(()),
    }
}

/// `f`.
pub fn toggle(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((registry, row)) = subject(state) else { return };
    let repository = match row.map(|row| &row.name) {
        Some(Listed::Valid(name)) => Some(name.clone()),
        Some(Listed::Invalid(_)) => return,
        None => None,
    };
    // Before it is sent: what is refused takes this out again.
    state.pane_mut().changed(Back::Favourite { registry, repository: repository.clone() });
    set(state, registry, repository, effects);
}

/// Makes it a favourite, or none any more. Returns which.
pub fn set(state: &mut State, registry: RegistryId, repository: Option<RepoName>, effects: &mut Vec<Effect>) -> bool {
    if let Some(repo) = &repository {
        let row = state.cache.catalogs.entry(registry).or_default().named(repo.as_str()).cloned();
        if place(state, registry, row.as_ref()) == Some(Place::Server) {
            return wish(state, registry, repo, effects);
        }
    }
    let key = (state.kept_as(registry, repository.is_some()), repository.clone());
    let on = !state.favourites.remove(&key);
    if on {
        state.favourites.insert(key.clone());
    }
    match &repository {
        None => state.registry_mut(registry).favourite = on,
        Some(repo) => show(state, registry, repo, on),
    }
    effects.push(Effect::SetFavourite { registry: key.0, repository, on });
    super::arrange(state);
    on
}

/// Shown at once. What is under way is waited for: its answer says whether more is to be sent.
fn wish(state: &mut State, registry: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) -> bool {
    let was = shown(state, registry, repo).unwrap_or_default();
    show(state, registry, repo, !was);
    super::arrange(state);
    if !under_way(state, registry, repo) {
        ask(state, registry, repo, was, effects);
    }
    !was
}

fn ask(state: &mut State, registry: RegistryId, repo: &RepoName, was: bool, effects: &mut Vec<Effect>) {
    let change = Change::Favourite { repo: repo.clone(), on: !was };
    if let Err(why) = changes::send(state, registry, change, Purpose::Favourite { was }, effects) {
        put_back(state, registry, repo, was);
        state.tell(clean::line(&format!("favourite: {why}")), Tone::Info);
    }
}

pub fn under_way(state: &State, registry: RegistryId, repo: &RepoName) -> bool {
    let this = |change: &Change| matches!(change, Change::Favourite { repo: other, .. } if other == repo);
    state.changing.values().any(|one| one.registry == registry && this(&one.change))
}

/// The answer to what was sent. `was`: what the server had before.
pub fn answered(
    state: &mut State,
    registry: RegistryId,
    change: &Change,
    was: bool,
    result: Result<Changed, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    let Change::Favourite { repo, on } = change else { return };
    let wished = shown(state, registry, repo).unwrap_or(*on);
    let words = match result {
        Ok(Changed::Confirmed) => {
            if wished != *on {
                ask(state, registry, repo, *on, effects);
            } else {
                changes::read_again(state, registry, repo, effects);
            }
            return;
        }
        Ok(Changed::NotConfirmed) => {
            let word = if *on { "does not show it as one" } else { "still shows it as one" };
            format!("favourite: {} took the change of {repo}, and {word}.", state.registry(registry).profile.name)
        }
        Err(report) if report.unsure => {
            format!("favourite: not known whether {repo} was changed: {}. It is read again.", report.what)
        }
        Err(report) => {
            let stays = if was { "stays a favourite" } else { "is no favourite" };
            format!("{repo} {stays}: {}. {}", report.what, report.hint)
        }
    };
    put_back(state, registry, repo, was);
    let words = clean::line(&words);
    state.record(registry, words.as_str(), Tone::Bad);
    state.tell(words, Tone::Bad);
    changes::read_again(state, registry, repo, effects);
}

/// It is as it was, and there is nothing to take back.
fn put_back(state: &mut State, registry: RegistryId, repo: &RepoName, was: bool) {
    show(state, registry, repo, was);
    let back = Back::Favourite { registry, repository: Some(repo.clone()) };
    state.panes.iter_mut().for_each(|pane| pane.never_was(&back));
    super::arrange(state);
}

pub fn shown(state: &State, registry: RegistryId, repo: &RepoName) -> Option<bool> {
    Some(state.cache.catalogs.get(&registry)?.named(repo.as_str())?.favourite)
}

fn show(state: &mut State, registry: RegistryId, repo: &RepoName, on: bool) {
    for row in state.cache.rows_mut(registry, repo) {
        row.favourite = on;
    }
}

/// Those that we keep are kept by name; rows learn of theirs when the list is complete. What the system says of its own
/// is not overruled.
pub fn mark(state: &mut State, id: RegistryId) {
    let name = state.registry(id).profile.kept_as();
    let ours: Vec<_> =
        state.favourites.iter().filter(|(r, _)| *r == name).filter_map(|(_, repo)| repo.clone()).collect();
    for repo in ours {
        mark_one(state, id, &repo, true);
    }
}

pub fn mark_one(state: &mut State, id: RegistryId, repo: &RepoName, on: bool) {
    let kept_there = state.registry(id).caps.favourites == Place::Server;
    let ours = |row: &&mut RepoRow| row.info.as_ref().is_none_or(|info| info.favourite.is_none());
    for row in state.cache.rows_mut(id, repo).filter(ours).filter(|_| !kept_there) {
        row.favourite = on;
    }
}
