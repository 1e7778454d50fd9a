//! The tree of repositories: folders open, close, and lead out.

use super::arranging;
use crate::app::pane::{Place, repositories};
use crate::app::state::State;

/// From the list to the tree and back.
pub fn turn(state: &mut State) {
    let pane = state.pane_mut();
    pane.tree.on = !pane.tree.on;
    pane.list.touched = true;
    arranging::arrange(state);
}

/// Opens or closes the folder or the group under the cursor. Returns whether it is one.
pub fn toggle(state: &mut State) -> bool {
    let (found, group) = match selected(state) {
        Some(path) => (path, false),
        None => match heading(state) {
            Some(group) => (group, true),
            None => return false,
        },
    };
    let tree = &mut state.pane_mut().tree;
    let set = if group { &mut tree.closed } else { &mut tree.open };
    if !set.remove(&found) {
        set.insert(found);
    }
    rearrange(state);
    true
}

/// One step out of the tree: to the folder the row is in, or closes the folder on the first level. Returns whether
/// there was such a step.
pub fn leave(state: &mut State) -> bool {
    let pane = state.pane();
    let Place::Repositories(id) = &pane.place else { return false };
    let Some(catalog) = state.cache.catalogs.get(id).filter(|_| repositories::as_tree(pane)) else { return false };
    let Some(row) = pane.list.selected() else { return false };
    if let Some(parent) = repositories::parent(&catalog.rows, row) {
        let position = pane.list.shown.iter().position(|row| repositories::folder(&catalog.rows, *row) == Some(parent));
        let Some(position) = position else { return false };
        state.pane_mut().list.move_to(position);
        return true;
    }
    match selected(state) {
        Some(path) if state.pane_mut().tree.open.remove(&path) => {
            rearrange(state);
            true
        }
        _ => false,
    }
}

/// Whether `leave` has a step to make.
pub fn inside(state: &State) -> bool {
    let pane = state.pane();
    let Place::Repositories(id) = &pane.place else { return false };
    let Some(catalog) = state.cache.catalogs.get(id).filter(|_| repositories::as_tree(pane)) else { return false };
    pane.list.selected().is_some_and(|row| {
        let open = repositories::folder(&catalog.rows, row).is_some_and(|path| pane.tree.open.contains(path));
        open || repositories::parent(&catalog.rows, row).is_some()
    })
}

fn selected(state: &State) -> Option<String> {
    let Place::Repositories(id) = &state.pane().place else { return None };
    let row = state.pane().list.selected()?;
    repositories::folder(&state.cache.catalogs.get(id)?.rows, row).map(str::to_owned)
}

fn heading(state: &State) -> Option<String> {
    let Place::Repositories(id) = &state.pane().place else { return None };
    let row = state.pane().list.selected()?;
    repositories::heading(&state.cache.catalogs.get(id)?.rows, row).map(str::to_owned)
}

fn rearrange(state: &mut State) {
    state.pane_mut().list.touched = true;
    arranging::arrange(state);
}
