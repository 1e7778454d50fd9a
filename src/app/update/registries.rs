//! Which registries there are, what they said, and what is kept of them.

use std::path::PathBuf;
use std::time::Duration;

use super::{import, open, signing};
use crate::app::cache::Phase;
use crate::app::effect::{Effect, Keep};
use crate::app::modal::Modal;
use crate::app::modal::add_registry::{AddRegistry, Waiting};
use crate::app::modal::ca_file::CaFile;
use crate::app::msg::Hello;
use crate::app::pane::Place;
use crate::app::pane::marks::Back;
use crate::app::state::{Link, Registry, State, Tone};
use crate::app::trial::Tried;
use crate::domain::capability::Capabilities;
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, CredentialPlace, RegistryId};

/// A registry answered, or did not: what came to light is kept beside what it can do.
pub fn greeted(state: &mut State, id: RegistryId, result: &Result<Capabilities, ErrorReport>, hello: Hello) {
    let words = match result {
        Ok(caps) => {
            let how = [caps.transport, caps.auth.filter(|auth| *auth != "none")];
            let how: Vec<&str> = how.into_iter().flatten().collect();
            let user = hello.account.as_ref().and_then(|a| a.user.as_ref()).map(|user| format!(" as {user}"));
            (format!("connected{}: {}", user.unwrap_or_default(), how.join(", ")), Tone::Good)
        }
        Err(report) => (report.what.to_string(), Tone::Bad),
    };
    let registry = state.registry_mut(id);
    if !hello.trail.is_empty() {
        registry.trail = hello.trail;
    }
    registry.account = hello.account.or_else(|| registry.account.take());
    registry.rtt = hello.rtt;
    registry.caps.auth = hello.auth.or(registry.caps.auth);
    state.record(id, &words.0, words.1);
}

/// Nobody said what it is, and it is no OCI registry.
pub fn is_of_another_kind(state: &State, id: RegistryId, result: &Result<Capabilities, ErrorReport>) -> bool {
    let other = result.as_ref().is_err_and(|report| report.kind == ErrorKind::OtherKind);
    other && state.unnamed.contains(&id)
}

/// Taken for what it is from here on, and read again as that.
pub fn recognise(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    state.unnamed.remove(&id);
    let registry = state.registry_mut(id);
    registry.profile.kind = BackendKind::DockerV1;
    let profile = Box::new(registry.profile.clone());
    let words = clean::line(&format!("{} is a {}.", profile.host(), profile.kind.title()));
    effects.push(Effect::ChangeRegistry { registry: id, profile, keys: &[] });
    state.tell(words, Tone::Info);
    signing::begin_again(state, id, effects);
}

/// A read taught the connection something about its registry.
pub fn learned(
    state: &mut State,
    id: RegistryId,
    caps: Capabilities,
    rtt: Option<Duration>,
    effects: &mut Vec<Effect>,
) {
    let registry = state.registry_mut(id);
    let few_left = caps.few_left;
    let changed = registry.caps.few_left != few_left;
    registry.caps = caps;
    registry.rtt = rtt.or(registry.rtt);
    super::scopes::settle(state, id, effects);
    if changed {
        if few_left {
            super::details::give_up(state, id, effects);
        }
        super::details::want_details(state, effects);
    }
}

/// The repository list of a registry is complete or was refused. Typed repositories that were read and that are not
/// in it are kept for the next run.
pub fn listed(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let Some(catalog) = state.cache.list(id) else { return };
    let named = catalog.rows.iter().filter(|row| row.is_listed()).count();
    let (words, tone) = match &catalog.phase {
        Phase::Done(end) => {
            let note = end.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
            let tone = if end.complete { Tone::Info } else { Tone::Bad };
            (format!("listed {} repositories{note}", crate::domain::text::count(named)), tone)
        }
        Phase::Failed(report) => (format!("no repository list: {}", report.what), Tone::Bad),
        Phase::NotAsked | Phase::Loading(_) => return,
    };
    state.record(id, &words, tone);
    keep_typed(state, id, effects);
}

/// The tags of a repository were read, or it is not there.
pub fn opened(
    state: &mut State,
    id: RegistryId,
    repo: &RepoName,
    failed: Option<ErrorKind>,
    effects: &mut Vec<Effect>,
) {
    let registry = state.registry(id).profile.kept_as();
    if failed == Some(ErrorKind::NotFound) && state.typed.remove(&(registry.clone(), repo.clone())) {
        effects.push(Effect::SetTyped { registry, repository: repo.clone(), on: false });
    }
    if failed.is_none() {
        // Where the foot of the list has no room for all of it.
        if let Some(Phase::Done(ListEnd { note: Some(note), .. })) = state.tags(id, repo).map(|list| &list.phase) {
            let words = format!("tags of {repo}: {note}");
            state.record(id, &words, Tone::Info);
        }
        keep_typed(state, id, effects);
    }
}

/// A row that is neither listed nor in the config was typed. It is kept once its tags could be read, and once it is
/// known that the registry does not list it.
fn keep_typed(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let Some(catalog) = state.cache.list(id) else { return };
    if !matches!(catalog.phase, Phase::Done(_) | Phase::Failed(_)) {
        return;
    }
    let profile = &state.registry(id).profile;
    let typed = catalog.rows.iter().filter(|row| row.pinned && !row.is_listed()).filter_map(|row| match &row.name {
        Listed::Valid(name) => Some(name),
        Listed::Invalid(_) => None,
    });
    let read = |name: &RepoName| state.tags(id, name).is_some_and(|list| matches!(list.phase, Phase::Done(_)));
    let new: Vec<(String, RepoName)> = typed
        .filter(|name| !profile.repositories.contains(name) && read(name))
        .map(|name| (profile.kept_as(), name.clone()))
        .filter(|key| !state.typed.contains(key))
        .collect();
    for (registry, repository) in new {
        state.typed.insert((registry.clone(), repository.clone()));
        effects.push(Effect::SetTyped { registry, repository, on: true });
    }
}

/// Repositories that have a row whether they are listed or not: of the config, and typed in earlier runs.
pub fn pinned(state: &State, id: RegistryId) -> Vec<RepoName> {
    let profile = &state.registry(id).profile;
    let kept_as = profile.kept_as();
    let typed = state.typed.iter().filter(|(registry, _)| *registry == kept_as).map(|(_, repo)| repo);
    profile.repositories.iter().chain(typed).cloned().collect()
}

/// The add dialog: a test, a row of the import screen, or a registry of the config.
pub fn add(state: &mut State, mut dialog: AddRegistry, effects: &mut Vec<Effect>) {
    dialog.error = None;
    let Some(profile) = dialog.profile() else {
        // What is wrong there the dialog says when its button is pressed.
        dialog.waiting = None;
        state.modals.push(Modal::AddRegistry(dialog));
        return;
    };
    if dialog.waiting == Some(Waiting::Test) {
        dialog.tried = None;
        effects.push(Effect::TestRegistry(Box::new(dialog.trial(&profile))));
        state.modals.push(Modal::AddRegistry(dialog));
        return;
    }
    dialog.waiting = None;
    let mut others = (0..).map(RegistryId).zip(&state.registries).filter(|(id, _)| !state.hidden.contains(id));
    if others.any(|(_, other)| other.profile.name == profile.name) {
        dialog.refuse_name(clean::line(&format!("There is a registry named {} already.", profile.name)));
        state.modals.push(Modal::AddRegistry(dialog));
        return;
    }
    if dialog.has_to_ask(&profile) {
        dialog.waiting = Some(Waiting::Kind);
        effects.push(Effect::TestRegistry(Box::new(dialog.trial(&profile))));
        state.modals.push(Modal::AddRegistry(dialog));
        return;
    }
    let id = RegistryId(state.registries.len() as u32);
    effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
    let secret = dialog.credential();
    let on_import = import::takes(state, id);
    if !on_import {
        effects.push(Effect::SaveRegistry(Box::new(profile.clone())));
    }
    state.registries.push(Registry::new(profile, !on_import));
    let Some(secret) = secret else {
        if !on_import {
            show(state, id, effects);
        }
        open::connect(state, id, effects);
        return;
    };
    // Nobody greets it as somebody else meanwhile: the sign-in does that.
    state.registry_mut(id).link = Link::Connecting;
    if !on_import {
        show(state, id, effects);
    }
    state.registry_mut(id).link = Link::NotAsked;
    signing::submit_for(state, id, &secret, dialog.keep(), effects);
}

/// The registry pane with the cursor on this one.
fn show(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    open::jump(state, vec![Place::Registries], effects);
    let position = state.pane().list.shown.iter().position(|row| *row == id.0).unwrap_or(0);
    state.pane_mut().list.move_to(position);
}

/// What the address in the add dialog leads to.
pub fn tested(state: &mut State, tried: Tried, effects: &mut Vec<Effect>) {
    let waits = |modal: &Modal| matches!(modal, Modal::AddRegistry(dialog) if dialog.waiting.is_some());
    let Some(at) = state.modals.iter().rposition(waits) else { return };
    let Modal::AddRegistry(dialog) = &mut state.modals[at] else { return };
    let waiting = dialog.waiting.take();
    dialog.learn(&tried.url, tried.kind);
    match (waiting, &tried.failed) {
        (Some(Waiting::Kind), None) => {
            let Modal::AddRegistry(dialog) = state.modals.remove(at) else { return };
            add(state, dialog, effects);
        }
        (Some(Waiting::Kind), Some(_)) => {
            dialog.tried = Some(tried);
            dialog.error = Some(Clean::fixed("Add again adds it as OCI all the same; or choose its kind."));
        }
        _ => dialog.tried = Some(tried),
    }
}

pub fn try_ca(state: &mut State, dialog: CaFile, effects: &mut Vec<Effect>) {
    effects.push(Effect::TryCa { registry: dialog.registry, file: dialog.path() });
    state.modals.push(Modal::CaFile(dialog));
}

/// A CA file that makes the certificate good is remembered; one that does not leaves everything as it was.
pub fn ca_tried(state: &mut State, id: RegistryId, result: Result<PathBuf, ErrorReport>, effects: &mut Vec<Effect>) {
    let waits = |modal: &Modal| matches!(modal, Modal::CaFile(d) if d.registry == id && d.busy);
    let Some(at) = state.modals.iter().position(waits) else { return };
    match result {
        Err(report) => {
            if let Modal::CaFile(dialog) = &mut state.modals[at] {
                dialog.busy = false;
                dialog.error = Some(report.what);
            }
        }
        Ok(file) => {
            state.modals.remove(at);
            let text = format!("{} is trusted for {}.", file.display(), state.registry(id).profile.name);
            state.tell(clean::line(&text), Tone::Good);
            state.registry_mut(id).profile.ca_cert = Some(file);
            change(state, id, &["ca_cert"], effects);
            signing::begin_again(state, id, effects);
        }
    }
}

/// A secret is looked for in the next run where it was put in this one.
pub fn keep_place(state: &mut State, id: RegistryId, keep: Keep, effects: &mut Vec<Effect>) {
    let place = match keep {
        Keep::Session => return,
        Keep::Store => CredentialPlace::Store,
        Keep::DockerHelper | Keep::DockerConfig => CredentialPlace::Docker,
    };
    let registry = state.registry_mut(id);
    if registry.profile.credential != place {
        registry.profile.credential = place;
        change(state, id, &["credential"], effects);
    }
}

fn change(state: &State, id: RegistryId, keys: &'static [&'static str], effects: &mut Vec<Effect>) {
    let registry = state.registry(id);
    let keys = if registry.saved { keys } else { &[] };
    effects.push(Effect::ChangeRegistry { registry: id, profile: Box::new(registry.profile.clone()), keys });
}

/// Out of the list and of the config.
pub fn forget(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let name = state.registry(id).profile.name.clone();
    effects.push(Effect::ForgetRegistry(id));
    state.hidden.insert(id);
    state.registry_mut(id).link = Link::NotAsked;
    state.pane_mut().changed(Back::Forgotten(id));
    super::arrange(state);
    let words = format!("{name} left the list and the config; nothing was sent to it.  u brings it back.");
    state.tell(clean::line(&words), Tone::Info);
}

/// `u`: into the list and the config again.
pub fn bring_back(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let name = state.registry(id).profile.name.clone();
    let mut others = (0..).map(RegistryId).zip(&state.registries).filter(|(id, _)| !state.hidden.contains(id));
    if others.any(|(other, registry)| other == id || registry.profile.name == name) {
        state.tell(clean::line(&format!("There is a registry named {name} already.")), Tone::Bad);
        return;
    }
    state.hidden.remove(&id);
    effects.push(Effect::BringBack(id));
    super::arrange(state);
    if let Some(at) = state.pane().list.shown.iter().position(|row| *row == id.0) {
        state.pane_mut().list.move_to(at);
    }
    state.tell(clean::line(&format!("{name} is back.")), Tone::Info);
    open::connect(state, id, effects);
}
