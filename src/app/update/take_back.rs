//! `u` on what changed nothing in a registry: labels, favourites, sorting, protection, a registry of the list. The last
//! change of this view never was.

use super::{favourites, label_file, labels, recolour, registries};
use crate::app::effect::Effect;
use crate::app::list::Sort;
use crate::app::pane::Place;
use crate::app::pane::marks::Back;
use crate::app::state::{State, Tone};
use crate::domain::clean;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;

/// False where the last change was one of marks, or where there was none.
pub fn undo(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let Some(back) = state.pane_mut().take_back() else { return false };
    match back {
        Back::Labels(changes) => labels::take_back(state, &changes, effects),
        Back::Import { labels, favourites } => label_file::take_back(state, &labels, &favourites, effects),
        Back::Favourite { registry, repository } => favourite(state, registry, repository, effects),
        Back::Recolour(back) => recolour::take_back(state, *back, effects),
        Back::Sort(sort) => sorted(state, sort, effects),
        Back::Protection { tag, guarded, lifted } => protection(state, tag, guarded, lifted),
        Back::Forgotten(id) => registries::bring_back(state, id, effects),
    }
    true
}

fn favourite(state: &mut State, id: RegistryId, repository: Option<RepoName>, effects: &mut Vec<Effect>) {
    let name = match &repository {
        Some(repo) => repo.to_string(),
        None => state.registry(id).profile.name.clone(),
    };
    let on = favourites::set(state, id, repository, effects);
    let now = if on { "a favourite again" } else { "no favourite any more" };
    state.tell(clean::line(&format!("Taken back: {name} is {now}.")), Tone::Info);
}

/// Another order, and what it was before.
pub fn sort(state: &mut State, sort: Sort, effects: &mut Vec<Effect>) {
    let pane = state.pane_mut();
    let before = std::mem::replace(&mut pane.list.sort, sort);
    if before != sort {
        pane.changed(Back::Sort(before));
    }
    super::arrange(state);
    super::want_details(state, effects);
}

fn sorted(state: &mut State, sort: Sort, effects: &mut Vec<Effect>) {
    state.pane_mut().list.sort = sort;
    super::arrange(state);
    super::want_details(state, effects);
    let how = if sort.reverse { ", reversed" } else { "" };
    let words = format!("Taken back: sorted by {}{how}.", sort.column.title().to_lowercase());
    state.tell(clean::line(&words), Tone::Info);
}

fn protection(state: &mut State, tag: TagName, guarded: bool, lifted: bool) {
    let Place::Tags(id, repo) = state.pane().place.clone() else { return };
    let by_hand = state.guarded.entry((id, repo)).or_default();
    match guarded {
        true => by_hand.insert(tag.clone()),
        false => by_hand.remove(&tag),
    };
    let pane = state.pane_mut();
    match lifted {
        true => pane.lifted.insert(tag.clone()),
        false => pane.lifted.remove(&tag),
    };
    let words = match (guarded, lifted) {
        (_, true) => format!("Taken back: the protection of {tag} is lifted."),
        (true, false) => format!("Taken back: {tag} is protected by hand."),
        (false, false) => format!("Taken back: {tag} is as the config protects it."),
    };
    state.tell(clean::line(&words), Tone::Info);
}
