//! The registries that the repositories of an account live at: listed, looked at, and one of them shown alone.

use std::sync::Arc;

use super::{abort, open};
use crate::app::effect::{Effect, Query};
use crate::app::modal::Modal;
use crate::app::modal::groups::{Details, Groups};
use crate::app::msg::RequestId;
use crate::app::pane::Place;
use crate::app::state::{Pending, State};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorReport;
use crate::domain::registry::RegistryId;
use crate::domain::repository::Group;

pub fn open(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    ask(state, Groups::new(id), effects);
}

pub fn ask(state: &mut State, mut dialog: Groups, effects: &mut Vec<Effect>) {
    let id = dialog.registry;
    abort(state, |p| *p == Pending::Groups(id), effects);
    (dialog.found, dialog.details, dialog.cursor) = (None, None, 0);
    let query = Query::Groups(dialog.filter.clone());
    dialog.waiting = Some(open::fetch(state, Pending::Groups(id), query, effects));
    state.modals.push(Modal::Groups(Box::new(dialog)));
}

/// One of them, as it is now.
pub fn look(state: &mut State, mut dialog: Groups, key: String, effects: &mut Vec<Effect>) {
    let id = dialog.registry;
    abort(state, |p| *p == Pending::Groups(id), effects);
    let waiting = Some(open::fetch(state, Pending::Groups(id), Query::Group(key.clone()), effects));
    dialog.details = Some(Details { key, waiting, read: None });
    state.modals.push(Modal::Groups(Box::new(dialog)));
}

fn dialog(state: &mut State) -> Option<&mut Groups> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Groups(dialog) => Some(&mut **dialog),
        _ => None,
    })
}

pub fn came(state: &mut State, request: RequestId, result: Result<Vec<Arc<Group>>, ErrorReport>) {
    let Some(dialog) = dialog(state) else { return };
    match (&mut dialog.details, result) {
        (_, result) if dialog.waiting == Some(request) => (dialog.waiting, dialog.found) = (None, Some(result)),
        // The reading of one of them ended by a fault of ours.
        (Some(details), Err(report)) if details.waiting == Some(request) => details.fail(report),
        _ => {}
    }
}

pub fn read(state: &mut State, request: RequestId, result: Result<Arc<Group>, ErrorReport>) {
    let Some(dialog) = dialog(state) else { return };
    if let Some(details) = dialog.details.as_mut().filter(|details| details.waiting == Some(request)) {
        details.waiting = None;
        details.read = Some(result);
    }
}

pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Groups(dialog) = modal {
        abort(state, |p| *p == Pending::Groups(dialog.registry), effects);
    }
}

/// Only the repositories of one registry, or all of them again.
pub fn show(state: &mut State, id: RegistryId, group: Option<Clean>, effects: &mut Vec<Effect>) {
    abort(state, |p| *p == Pending::Groups(id), effects);
    if state.pane().place != Place::Repositories(id) {
        return;
    }
    let pane = state.pane_mut();
    pane.group = group;
    (pane.list.cursor, pane.list.touched) = (0, false);
    super::arrange(state);
}
