//! All that the registry says of the repository under the cursor.

use crate::app::cache::RepoRow;
use crate::app::effect::{Effect, Query};
use crate::app::modal::Modal;
use crate::app::modal::about::About;
use crate::app::pane::{Place, preview};
use crate::app::state::{Pending, State};
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((id, repo)) = subject(state) else { return };
    look(state, id, &repo, effects);
    state.modals.push(Modal::About(About::of(id, repo)));
}

/// The repository under the cursor, where its registry says more of it than its name.
pub fn subject(state: &State) -> Option<(RegistryId, RepoName)> {
    let Place::Repositories(id) = state.pane().place else { return None };
    match state.cache.catalogs.get(&id)?.rows.get(state.pane().list.selected()? as usize)? {
        RepoRow { name: Listed::Valid(name), info: Some(_), .. } => Some((id, name.clone())),
        _ => None,
    }
}

/// The cursor rests on it, and the preview shows it: lists say less than a look at the repository itself.
pub fn rested(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((id, repo)) = subject(state).filter(|_| wants(state)) else { return };
    look(state, id, &repo, effects);
}

/// Whether a rest of the cursor would ask for something.
pub fn waits(state: &State) -> bool {
    let unseen = |(id, repo)| state.cache.catalogs.get(&id).is_some_and(|catalog| !catalog.looked.contains(&repo));
    wants(state) && subject(state).is_some_and(unseen)
}

fn wants(state: &State) -> bool {
    let few_left = state.pane().place.registry().is_some_and(|id| state.registry(id).caps.few_left);
    !state.looks.slow && !few_left && preview::visible(state)
}

/// Once between two readings of the list.
fn look(state: &mut State, id: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    let catalog = state.cache.catalogs.entry(id).or_default();
    if catalog.looked.insert(repo.clone()) {
        super::open::fetch(state, Pending::Repository(id, repo.clone()), Query::Repository(repo.clone()), effects);
    }
}
