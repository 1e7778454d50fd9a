//! What rows show beyond their names: asked for while their pane is on screen, a part at a time, and given up when nobody
//! looks any more, when nobody answers, or when the registry counts requests and few are left.

use super::abort;
use super::open::{connect_on_screen, fetch};
use crate::app::cache::TagCount;
use crate::app::effect::{Effect, Query};
use crate::app::labels;
use crate::app::list::Column;
use crate::app::modal::Modal;
use crate::app::pane::tags::Reach;
use crate::app::pane::{self, Pane, Place};
use crate::app::state::{Pending, State, Tone};
use crate::domain::capability::Support;
use crate::domain::clean;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

/// Tags asked for in one request of details: large enough to keep the adaptive limit busy, small enough that leaving
/// or scrolling is felt at once.
const CHUNK: usize = 256;
/// Requests of details under way at once, so that the end of one leaves no gap. One that is nearly through does not count:
/// its slow tags hold up nobody.
const CHUNKS: usize = 2;

/// Whether every row's details are needed: by the sort, or by the filter.
pub fn needs_all(state: &State) -> bool {
    pane_needs_all(state.pane()) || labels_need_all(state)
}

fn pane_needs_all(pane: &Pane) -> bool {
    let filter = pane.list.filter.filter.as_ref().is_some_and(|f| f.needs_details());
    matches!(pane.place, Place::Tags(..)) && (pane.list.sort.column.needs_details() || filter)
}

/// Whether the list cannot be arranged without labels, and rules cannot give them without details.
fn labels_need_all(state: &State) -> bool {
    let pane = state.pane();
    let Place::Tags(id, repo) = &pane.place else { return false };
    labels::decide(&pane.list) && state.labels(*id, repo).needs_details()
}

/// Whether the rule that is being written needs every row's details.
fn rule_needs_all(state: &State) -> bool {
    matches!(state.modals.last(), Some(Modal::Rule(dialog)) if dialog.needs_details(state))
}

/// Asks for the details the pane on top wants next.
pub fn want_details(state: &mut State, effects: &mut Vec<Effect>) {
    match state.pane().place.clone() {
        Place::Registries => connect_on_screen(state, effects),
        Place::Repositories(id) => want_counts(state, id, effects),
        Place::Tags(id, repo) => want_rows(state, id, &repo, false, effects),
        Place::Image(..) | Place::Jobs | Place::History => {}
    }
}

/// Whether rows on screen are not asked for only because of requests for others.
pub fn held_up(state: &State) -> bool {
    let Place::Tags(id, repo) = &state.pane().place else { return false };
    let Some(list) = state.tags(*id, repo).filter(|list| list.outage.stopped().is_none()) else { return false };
    let (missing, unasked) = pane::tags::missing_on_screen(list, state.pane());
    unasked && list.chunks.stuck(&missing, true).is_some()
}

/// The rows on screen are not only passed by: what else is being read makes room for them, even if nothing of it has
/// come yet. At worst its answers would be waited for until their time is up.
pub fn rested(state: &mut State, effects: &mut Vec<Effect>) {
    if let Place::Tags(id, repo) = state.pane().place.clone()
        && held_up(state)
    {
        want_rows(state, id, &repo, true, effects);
    }
}

fn want_rows(state: &mut State, id: RegistryId, repo: &RepoName, rested: bool, effects: &mut Vec<Effect>) {
    let mine = Pending::Details(id, repo.clone());
    let few_left = state.registry(id).caps.few_left;
    if state.registry(id).caps.tags == Support::No {
        return;
    }
    let for_rule = rule_needs_all(state) || labels_need_all(state);
    loop {
        let State { panes, cache, inflight, .. } = state;
        let (Some(pane), Some(list)) = (panes.last(), cache.tags.get_mut(&(id, repo.clone()))) else { return };
        if list.outage.stopped().is_some() {
            return;
        }
        list.chunks.retain(|id| inflight.contains_key(id));
        let (missing, unasked) = pane::tags::missing_on_screen(list, pane);
        if list.chunks.busy(&missing) >= CHUNKS {
            // Where all are wanted, nothing is asked in vain by keys that come one after the other.
            let may = unasked && (rested || !(for_rule || pane_needs_all(pane)));
            let stuck = list.chunks.stuck(&missing, rested).filter(|_| may);
            let Some(stuck) = stuck else { return };
            list.give_up(stuck);
            inflight.remove(&stuck);
            effects.push(Effect::Abort { id: stuck });
            continue;
        }
        // The next page, which nobody looks at yet, would slow down what somebody waits for.
        let waited_for = inflight.values().any(|p| *p == mine) && pane::tags::waits_for_details(list, pane);
        let reach = match for_rule || pane_needs_all(pane) {
            _ if few_left => Reach::OnScreen,
            true => Reach::All,
            false if waited_for => Reach::OnScreen,
            false => Reach::Near,
        };
        let mut tags = pane::tags::next_details(list, pane, Reach::OnScreen, CHUNK);
        if tags.is_empty() || reach == Reach::All {
            tags.extend(pane::tags::next_details(list, pane, reach, CHUNK - tags.len()));
        }
        if tags.is_empty() {
            return;
        }
        let request = fetch(state, mine.clone(), Query::Details(repo.clone(), tags.clone()), effects);
        if let Some(list) = state.cache.tags.get_mut(&(id, repo.clone())) {
            list.chunks.begin(request, &tags);
        }
    }
}

/// Whether the number of tags decides which repositories are shown.
pub fn filters_by_counts(pane: &Pane) -> bool {
    pane.list.filter.filter.as_ref().is_some_and(|filter| filter.asks_counts())
}

/// Tag counts of the repositories on screen; for all of them when sorted or filtered by that.
fn want_counts(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    if state.inflight.values().any(|p| *p == Pending::TagCounts(id)) {
        return;
    }
    let few_left = state.registry(id).caps.few_left;
    if state.registry(id).caps.tags == Support::No {
        return;
    }
    let State { panes, cache, .. } = state;
    let (Some(pane), Some(catalog)) = (panes.last(), cache.catalogs.get_mut(&id)) else { return };
    if catalog.outage.stopped().is_some() {
        return;
    }
    let all = (pane.list.sort.column == Column::Tags || filters_by_counts(pane)) && !few_left;
    let rest = pane.list.shown.iter().filter(|_| all);
    let mut wanted = Vec::new();
    for position in pane.list.on_screen().iter().chain(rest) {
        if wanted.len() >= CHUNK {
            break;
        }
        let Some(row) = catalog.rows.get_mut(*position as usize) else { continue };
        if row.tags != TagCount::NotAsked {
            continue;
        }
        if let Listed::Valid(name) = &row.name {
            wanted.push(name.clone());
            row.tags = TagCount::Asked;
        }
    }
    if !wanted.is_empty() {
        fetch(state, Pending::TagCounts(id), Query::TagCounts(wanted), effects);
    }
}

/// The details of one list are given up; they may be asked for again.
pub fn give_up_list(state: &mut State, id: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    abort(state, |p| matches!(p, Pending::Details(i, r) if *i == id && r == repo), effects);
    if let Some(list) = state.cache.tags.get_mut(&(id, repo.clone())) {
        list.unask();
    }
}

pub fn give_up_counts(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    abort(state, |p| matches!(p, Pending::TagCounts(i) if *i == id), effects);
    if let Some(catalog) = state.cache.catalogs.get_mut(&id) {
        catalog.rows.change(|row| row.tags == TagCount::Asked, |row| row.tags = TagCount::NotAsked);
    }
}

/// All that is being read of a registry's rows.
pub fn give_up(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let reads = state.inflight.values().filter_map(|p| match p {
        Pending::Details(i, repo) if *i == id => Some(repo.clone()),
        _ => None,
    });
    for repo in reads.collect::<Vec<_>>() {
        give_up_list(state, id, &repo, effects);
    }
    give_up_counts(state, id, effects);
}

/// The registry cannot be reached: what is still being read of this list is given up. `here`: its pane is on top.
pub fn stop(state: &mut State, id: RegistryId, repo: Option<&RepoName>, here: bool, effects: &mut Vec<Effect>) {
    let report = match repo {
        Some(repo) => state.tags(id, repo).and_then(|list| list.outage.stopped()).cloned(),
        None => state.cache.catalogs.get(&id).and_then(|list| list.outage.stopped()).cloned(),
    };
    let Some(report) = report else { return };
    match repo {
        Some(repo) => give_up_list(state, id, repo, effects),
        None => give_up_counts(state, id, effects),
    }
    if here {
        state.tell(clean::line(&format!("{}; r tries again", report.what)), Tone::Bad);
    }
}
