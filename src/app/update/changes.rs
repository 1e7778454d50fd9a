//! Changes by a system's own interface. Each is sent once and never given up; its answer goes to whoever asked for it.

use std::sync::Arc;

use super::{favourites, forms, jobs};
use crate::app::changing::{Changing, Purpose};
use crate::app::effect::{Effect, Query};
use crate::app::msg::ChangeId;
use crate::app::state::{Pending, State, Tone};
use crate::domain::change::{Change, Changed};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorReport;
use crate::domain::reference::RepoName;
use crate::domain::registry::{Mode, RegistryId};
use crate::domain::repository::RepoInfo;

/// Why nothing can be changed in this registry.
pub fn forbidden(state: &State, registry: RegistryId) -> Option<&'static str> {
    if state.read_only {
        Some("tagboat runs read-only (--read-only)")
    } else if state.registry(registry).profile.mode == Mode::ReadOnly {
        Some("this registry is read-only in the config (mode = \"ro\")")
    } else {
        None
    }
}

/// Sends it. `Err`: nothing was sent, and why.
pub fn send(
    state: &mut State,
    registry: RegistryId,
    change: Change,
    purpose: Purpose,
    effects: &mut Vec<Effect>,
) -> Result<ChangeId, &'static str> {
    if let Some(why) = forbidden(state, registry) {
        return Err(why);
    }
    let (id, change) = (ChangeId(state.next_number()), Arc::new(change));
    state.changing.insert(id, Changing { registry, change: Arc::clone(&change), purpose });
    effects.push(Effect::Change { id, registry, change });
    Ok(id)
}

pub fn changed(state: &mut State, id: ChangeId, result: Result<Changed, ErrorReport>, effects: &mut Vec<Effect>) {
    let Some(Changing { registry, change, purpose }) = state.changing.remove(&id) else { return };
    match purpose {
        Purpose::Favourite { was } => favourites::answered(state, registry, &change, was, result, effects),
        Purpose::Form => forms::answered(state, id, registry, &change, result, effects),
    }
    jobs::leave_at_the_end(state, effects);
}

/// Reads again what a repository is: after a change, what is shown is what the system says.
pub fn read_again(state: &mut State, registry: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    let pending = Pending::Repository(registry, repo.clone());
    if !state.inflight.values().any(|one| *one == pending) {
        super::open::fetch(state, pending, Query::Repository(repo.clone()), effects);
    }
}

/// What the system says of repositories. `of_list`: of those of its list, which may stand behind a search.
pub fn told(state: &mut State, registry: RegistryId, facts: Vec<(RepoName, Arc<RepoInfo>)>, of_list: bool) {
    for (repo, info) in facts {
        // A wish that is under way is newer than what was read meanwhile.
        let wished = favourites::under_way(state, registry, &repo).then(|| favourites::shown(state, registry, &repo));
        let behind = state.cache.aside.get_mut(&registry).filter(|_| !of_list);
        if let Some(list) = behind.filter(|list| list.named(repo.as_str()).is_some()) {
            list.tell(repo.clone(), Arc::clone(&info));
        }
        let catalog =
            if of_list { state.cache.list_mut(registry) } else { state.cache.catalogs.entry(registry).or_default() };
        catalog.tell(repo.clone(), info);
        if let Some(Some(on)) = wished {
            for row in state.cache.rows_mut(registry, &repo) {
                row.favourite = on;
            }
        }
    }
}

/// Whether the end has to wait: what is under way has an answer to come, and a wish may have another one behind it.
pub fn holds_quitting_up(state: &mut State) -> bool {
    if state.changing.is_empty() || state.leaving {
        return false;
    }
    state.leaving = true;
    let words = "Waiting for the answer to a change, then quitting; q again does not wait.";
    state.tell(Clean::fixed(words), Tone::Info);
    true
}
