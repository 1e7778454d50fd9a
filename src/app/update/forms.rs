//! The form of a repository: opened, filled with what is, sent once, and what became of it.

use std::sync::Arc;

use super::{changes, open};
use crate::app::changing::Purpose;
use crate::app::effect::{Effect, Query};
use crate::app::modal::Modal;
use crate::app::modal::repository::{Account, RepositoryDialog, Stage};
use crate::app::msg::{ChangeId, RequestId};
use crate::app::pane::Place;
use crate::app::state::{Link, Pending, State, Tone};
use crate::domain::capability::Ability;
use crate::domain::change::{Change, Changed};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::repository::RepoInfo;

/// The repository under the cursor.
fn subject(state: &State) -> Option<(RegistryId, RepoName)> {
    let pane = state.pane();
    let Place::Repositories(id) = pane.place else { return None };
    match &state.cache.catalogs.get(&id)?.rows.get(pane.list.selected()? as usize)?.name {
        Listed::Valid(name) => Some((id, name.clone())),
        Listed::Invalid(_) => None,
    }
}

/// Whether a repository can be made here, and why not.
pub fn may_create(state: &State) -> Result<(), &'static str> {
    let Place::Repositories(id) = state.pane().place else { return Err("only in the repository list") };
    may(state, id, |kind| match kind {
        BackendKind::Oci | BackendKind::MlSpace => Some("the first push to it makes one"),
        BackendKind::DockerV1 | BackendKind::DockerCloud | BackendKind::Alauda => None,
    })?;
    match state.registry(id).caps.can(Ability::CreateRepository) {
        true => Ok(()),
        false => Err("this registry makes no repositories"),
    }
}

/// Whether the repository under the cursor can be edited, and why not.
pub fn may_edit(state: &State) -> Result<(), &'static str> {
    let Place::Repositories(id) = state.pane().place else { return Err("only in the repository list") };
    may(state, id, |kind| (kind == BackendKind::Oci).then_some("registries of this kind keep nothing of it to edit"))?;
    let caps = &state.registry(id).caps;
    if !caps.can(Ability::EditRepository) && !caps.can(Ability::RepositoryCredentials) {
        return Err("this registry lets nobody edit repositories");
    }
    if subject(state).is_some() { Ok(()) } else { Err("choose a repository first") }
}

/// What holds for every change: the kind can do it, nothing is read-only, and it was spoken to.
pub(super) fn may(
    state: &State,
    id: RegistryId,
    cannot: impl Fn(BackendKind) -> Option<&'static str>,
) -> Result<(), &'static str> {
    let registry = state.registry(id);
    if let Some(why) = cannot(registry.profile.kind) {
        return Err(why);
    }
    if let Some(why) = changes::forbidden(state, id) {
        return Err(why);
    }
    // A list that was read has told as much as a greeting.
    let known = registry.link == Link::Up || !registry.caps.abilities.is_empty();
    if known { Ok(()) } else { Err("the registry has not answered yet") }
}

pub fn create(state: &mut State) {
    let Place::Repositories(id) = state.pane().place else { return };
    let registry = state.registry(id);
    let host = clean::identifier(registry.profile.host());
    let begin = beginning(state, id);
    let dialog = RepositoryDialog::new_one(id, registry.profile.kind, host, &registry.caps, &begin);
    state.modals.push(Modal::Repository(Box::new(dialog)));
}

/// Where every name begins with a namespace, that of the config or of the rows.
fn beginning(state: &State, id: RegistryId) -> String {
    let registry = state.registry(id);
    if registry.profile.kind != BackendKind::Alauda {
        return String::new();
    }
    let listed = || {
        let first = state.cache.catalogs.get(&id)?.rows.iter().next()?;
        let Listed::Valid(name) = &first.name else { return None };
        name.as_str().split_once('/').map(|(namespace, _)| namespace.to_owned())
    };
    let user = || registry.account.as_ref()?.user.as_ref().map(ToString::to_string);
    let namespace = registry.profile.namespace.clone().filter(|name| !name.is_empty());
    namespace.or_else(listed).or_else(user).map_or(String::new(), |name| format!("{name}/"))
}

pub fn edit(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((id, repo)) = subject(state) else { return };
    let registry = state.registry(id);
    let host = clean::identifier(registry.profile.host());
    let dialog = RepositoryDialog::of(id, registry.profile.kind, host, &registry.caps, repo);
    match dialog.needs_reading() {
        true => read(state, dialog, effects),
        false => state.modals.push(Modal::Repository(Box::new(dialog))),
    }
}

/// What it is now, before anything of it is shown as its own.
pub fn read(state: &mut State, mut dialog: RepositoryDialog, effects: &mut Vec<Effect>) {
    let Some(repo) = dialog.repo.clone() else { return };
    let pending = Pending::Repository(dialog.registry, repo.clone());
    dialog.reading(open::fetch(state, pending, Query::Repository(repo), effects));
    state.modals.push(Modal::Repository(Box::new(dialog)));
}

fn dialog<'a>(state: &'a mut State, stage: &Stage) -> Option<&'a mut RepositoryDialog> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Repository(dialog) if dialog.stage == *stage => Some(&mut **dialog),
        _ => None,
    })
}

pub fn has_read(state: &mut State, id: RequestId, result: &Result<Arc<RepoInfo>, ErrorReport>) {
    if let Some(dialog) = dialog(state, &Stage::Reading(id)) {
        dialog.has_read(result.clone());
    }
}

/// It was closed: what it reads is not needed. What it sent goes on.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    let Modal::Repository(dialog) = modal else { return };
    if let Stage::Reading(id) | Stage::Testing(id) = dialog.stage {
        state.inflight.remove(&id);
        effects.push(Effect::Abort { id });
    }
}

pub fn test(state: &mut State, mut dialog: RepositoryDialog, account: Account, effects: &mut Vec<Effect>) {
    let registry = dialog.registry;
    let id = state.begin(Pending::AccountTest(registry));
    effects.push(Effect::TestAccount { id, registry, account: Box::new(account) });
    dialog.stage = Stage::Testing(id);
    state.modals.push(Modal::Repository(Box::new(dialog)));
}

pub fn tested(state: &mut State, id: RequestId, result: Result<Vec<Clean>, ErrorReport>) {
    if let Some(dialog) = dialog(state, &Stage::Testing(id)) {
        dialog.has_tested(result);
    }
}

pub fn submit(state: &mut State, mut dialog: RepositoryDialog, change: Change, effects: &mut Vec<Effect>) {
    match changes::send(state, dialog.registry, change, Purpose::Form, effects) {
        Ok(id) => dialog.stage = Stage::Sent(id),
        Err(why) => dialog.error = Some(clean::line(&format!("Nothing was sent: {why}."))),
    }
    state.modals.push(Modal::Repository(Box::new(dialog)));
}

/// The answer to a form: into it while it is open, else as a notice.
pub fn answered(
    state: &mut State,
    id: ChangeId,
    registry: RegistryId,
    change: &Change,
    result: Result<Changed, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    let repo = change.repo().clone();
    let made = matches!(change, Change::Create(_));
    let waits = Stage::Sent(id);
    match &result {
        Ok(Changed::Confirmed) => {
            state.modals.retain(|modal| !matches!(modal, Modal::Repository(dialog) if dialog.stage == waits));
            // What became of it first: names are long, and screens narrow.
            let words = match change {
                Change::Credentials { .. } => format!("Changed the account of {repo}."),
                // What an entry names is there already, or is not.
                _ if made && state.registry(registry).profile.kind == BackendKind::DockerCloud => {
                    format!("Added {repo}.")
                }
                _ if made => format!("Created {repo}."),
                _ => format!("Changed {repo}."),
            };
            state.tell(clean::line(&words), Tone::Good);
        }
        Ok(Changed::NotConfirmed) => match dialog(state, &waits) {
            Some(dialog) => dialog.unconfirmed(),
            None => {
                let words = format!("Taken, and not shown so: {repo}. Look at it before it is sent again.");
                state.tell(clean::line(&words), Tone::Bad);
            }
        },
        Err(report) => match dialog(state, &waits) {
            Some(dialog) => dialog.refused(report),
            None => state.tell(clean::line(&format!("{repo}: {}", report.what)), Tone::Bad),
        },
    }
    if made && result == Ok(Changed::Confirmed) {
        show(state, registry, &repo);
    }
    // Nothing is known of one that was refused, and it may be there where that is not known.
    if result.as_ref().map_or_else(|report| report.unsure, |_| true) {
        match made && result != Ok(Changed::Confirmed) {
            true => open::load_repositories(state, registry, effects),
            false => changes::read_again(state, registry, &repo, effects),
        }
    }
}

/// The row of a new repository, with the cursor on it.
fn show(state: &mut State, registry: RegistryId, repo: &RepoName) {
    let (row, _) = state.cache.catalogs.entry(registry).or_default().add(Listed::Valid(repo.clone()));
    let pane = state.pane_mut();
    if pane.place != Place::Repositories(registry) {
        return;
    }
    // In the tree it is below its folders.
    for (at, _) in repo.as_str().match_indices('/') {
        pane.tree.open.insert(repo.as_str()[..at].to_owned());
    }
    // Wherever the order has it: the cursor stays on its row.
    if !pane.list.shown.contains(&row) {
        pane.list.shown.push(row);
    }
    let at = pane.list.shown.iter().position(|shown| *shown == row).unwrap_or(0);
    pane.list.move_to(at);
    super::arrange(state);
}
