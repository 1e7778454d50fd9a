//! The registry's own search. What it finds takes the place of the list, in a pane of its own behind which the list
//! waits as it was left.

use super::{abort, details, open};
use crate::app::cache::{Catalog, Phase};
use crate::app::effect::{Effect, Query};
use crate::app::modal::Modal;
use crate::app::modal::search::Search;
use crate::app::pane::{Pane, Place};
use crate::app::state::{Pending, State};
use crate::domain::capability::Ability;
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::RegistryId;

/// Terms that Up and Down bring back.
const TERMS: usize = 50;

/// `g s`: what was searched for last stands there to be changed.
pub fn open(state: &mut State) {
    let Place::Repositories(id) = state.pane().place else { return };
    let now = state.cache.catalogs.get(&id).and_then(|catalog| catalog.term.clone());
    state.modals.push(Modal::Search(Search::new(id, now.as_deref().unwrap_or_default(), None)));
}

/// A registry that can be searched and lists nothing by itself is asked what for.
pub fn offer(state: &mut State, id: RegistryId, refused: Option<&ErrorReport>, here: bool) {
    let listed = |catalog: &Catalog| catalog.rows.iter().any(|row| row.is_listed());
    let empty = !state.cache.catalogs.get(&id).is_some_and(listed);
    let refused = match refused.map(|report| report.kind) {
        None => false,
        Some(ErrorKind::Refused | ErrorKind::Unsupported) => true,
        Some(_) => return,
    };
    if here && empty && state.modals.is_empty() && state.registry(id).caps.can(Ability::Search) {
        let name = clean::identifier(&state.registry(id).profile.name);
        let why = if refused { "does not list its repositories" } else { "lists nothing by itself" };
        let why = clean::line(&format!("{name} {why}; it can be searched."));
        state.modals.push(Modal::Search(Search::new(id, "", Some(why))));
    }
}

pub fn begin(state: &mut State, id: RegistryId, term: String, effects: &mut Vec<Effect>) {
    if state.pane().place != Place::Repositories(id) {
        return;
    }
    state.sought.retain(|old| *old != term);
    state.sought.push(term.clone());
    let extra = state.sought.len().saturating_sub(TERMS);
    state.sought.drain(..extra);
    details::give_up_counts(state, id, effects);
    if !state.cache.is_search(id) {
        let list = state.cache.catalogs.remove(&id).unwrap_or_default();
        state.cache.aside.insert(id, list);
    }
    let (room, jump) = (state.layout.list_rows(), state.looks.slow);
    let pane = state.pane_mut();
    let mut fresh = Pane::at(Place::Repositories(id));
    (fresh.list.room, fresh.list.jump) = (room, jump);
    let old = std::mem::replace(pane, fresh);
    pane.behind = Some(old.behind.unwrap_or_else(|| Box::new(Pane { behind: None, ..old })));
    state.cache.catalogs.insert(id, Catalog::search(term));
    read(state, id, effects);
    super::arrange(state);
}

/// Searches for the same again.
pub fn read(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    abort(state, |p| *p == Pending::Search(id), effects);
    let Some(term) = state.cache.catalogs.get(&id).and_then(|catalog| catalog.term.clone()) else { return };
    let request = open::fetch(state, Pending::Search(id), Query::Search(term), effects);
    state.cache.catalogs.entry(id).or_default().begin(request);
}

/// Back to the list. Returns whether there was a search to leave.
pub fn end(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let Place::Repositories(id) = state.pane().place else { return false };
    let Some(list) = state.pane_mut().behind.take() else { return false };
    *state.pane_mut() = *list;
    put_back(state, id, effects);
    open::arrive(state, effects);
    true
}

/// Searches whose pane was left another way are over.
pub fn forget_unseen(state: &mut State, effects: &mut Vec<Effect>) {
    let seen = |id: &RegistryId| {
        state.panes.iter().any(|pane| pane.place == Place::Repositories(*id) && pane.behind.is_some())
    };
    for id in state.cache.aside.keys().copied().filter(|id| !seen(id)).collect::<Vec<_>>() {
        put_back(state, id, effects);
    }
}

fn put_back(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    abort(state, |p| *p == Pending::Search(id), effects);
    details::give_up_counts(state, id, effects);
    if let Some(list) = state.cache.aside.remove(&id) {
        state.cache.catalogs.insert(id, list);
    }
}

/// What to say where a list is empty.
pub fn empty_words(state: &State, id: RegistryId) -> Option<Clean> {
    let catalog = state.cache.catalogs.get(&id)?;
    match (&catalog.phase, &catalog.term) {
        (Phase::Done(_), Some(term)) => Some(clean::line(&format!("Nothing here is found by “{term}”."))),
        (Phase::Done(_), None) if state.registry(id).caps.can(Ability::Search) => {
            Some(Clean::fixed("This registry lists nothing by itself; it can be searched."))
        }
        _ => None,
    }
}
