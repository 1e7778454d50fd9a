//! The config was edited while we run, by another tagboat or an editor. Only what the edit changed is taken over: what
//! holds for this run alone stays.

use super::{open, plan, signing, sweep};
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::modal::rule::Rule;
use crate::app::msg::Configured;
use crate::app::protection::Cleanup;
use crate::app::state::{Link, Registry, State, Tone};
use crate::domain::clean;
use crate::domain::registry::{RegistryId, RegistryProfile};

pub fn configured(state: &mut State, edit: Configured, effects: &mut Vec<Effect>) {
    let Configured { before, after, looks, keymap, cleanup, labels, later } = edit;
    let mut said = Vec::new();
    for old in before.iter().filter(|old| !after.iter().any(|new| is_same(old, new))) {
        if let Some(id) = shown(state, &old.name)
            && is_here(old, &state.registry(id).profile)
            // The file says now what this run knew.
            && !after.iter().any(|new| is_same(new, &state.registry(id).profile))
        {
            state.hidden.insert(id);
            said.push(format!("{} removed", old.name));
        }
    }
    for new in after.iter().filter(|new| !before.contains(new)) {
        match shown(state, &new.name) {
            None => {
                add(state, new, effects);
                let moved = before.iter().any(|old| old.name == new.name);
                said.retain(|words| !moved || *words != format!("{} removed", new.name));
                said.push(format!("{} {}", new.name, if moved { "is another registry" } else { "added" }));
            }
            Some(id) if state.registry(id).profile == *new => {}
            Some(id) => {
                change(state, id, new, effects);
                said.push(format!("{} changed", new.name));
            }
        }
    }
    if let Some(keymap) = keymap {
        state.keymap = *keymap;
        state.keys.clear();
        said.push("keys changed".to_owned());
    }
    if let Some(new) = looks {
        let mouse = new.mouse != state.looks.mouse;
        if mouse {
            effects.push(Effect::SetMouse(new.mouse));
        }
        if (&new.theme, new.ascii) != (&state.looks.theme, state.looks.ascii) {
            effects.push(Effect::ApplyLooks);
        }
        state.looks = new;
        said.push("looks changed".to_owned());
    }
    if let Some(new) = cleanup {
        clean_up(state, *new, &mut said);
    }
    if let Some(new) = labels {
        state.book.configured = *new;
        super::labels::changed(state, effects);
        said.push("labels changed".to_owned());
    }
    if !later.is_empty() {
        said.push(format!("from the next start: {}", later.join(", ")));
    }
    // What was read before holds; what it may be used for may not.
    plan::judged_anew(state, effects);
    sweep::judged_anew(state, effects);
    super::arrange(state);
    open::connect_on_screen(state, effects);
    if !said.is_empty() {
        state.tell(clean::line(&format!("The config was edited: {}.", said.join("; "))), Tone::Info);
    }
}

/// What is protected, how hard is asked, which rules there are: from now on.
fn clean_up(state: &mut State, new: Cleanup, said: &mut Vec<String>) {
    let old = std::mem::replace(&mut state.cleanup, new);
    let new = &state.cleanup;
    for (what, changed) in [
        ("confirmation", old.confirm != new.confirm),
        ("protection", (&old.protect, old.unread) != (&new.protect, new.unread)),
        ("rules", old.rules != new.rules),
    ] {
        if changed {
            said.push(format!("{what} changed"));
        }
    }
    let rules = old.rules != new.rules;
    state.panes.iter_mut().for_each(|pane| drop(pane.marked.take()));
    let fresh = Rule::new(state);
    for modal in &mut state.modals {
        match modal {
            // It offers the rules by their names.
            Modal::Rule(dialog) if rules => *dialog = fresh.clone(),
            Modal::Rule(dialog) => dialog.changed(),
            _ => {}
        }
    }
}

/// What makes a registry another one: what was read from it, and what was marked there, is not of this one.
fn is_same(a: &RegistryProfile, b: &RegistryProfile) -> bool {
    let what = |p: &RegistryProfile| (p.name.clone(), p.kind, p.url.clone(), p.workspace.clone(), p.namespace.clone());
    what(a) == what(b)
}

/// The workspace that the config leaves open is chosen, or told by the system, for this run.
fn is_here(config: &RegistryProfile, here: &RegistryProfile) -> bool {
    is_same(config, here) || (config.leaves_scope_open() && is_same(config, &here.with_scope(None)))
}

fn shown(state: &State, name: &str) -> Option<RegistryId> {
    let ids = (0..state.registries.len() as u32).map(RegistryId);
    let mut named = ids.filter(|id| !state.hidden.contains(id) && state.registry(*id).profile.name == name);
    named.next()
}

fn add(state: &mut State, profile: &RegistryProfile, effects: &mut Vec<Effect>) {
    effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
    let mut registry = Registry::new(profile.clone(), true);
    registry.favourite = state.favourites.contains(&(profile.name.clone(), None));
    state.registries.push(registry);
}

/// In place where it is the same registry for the same account; else what was read goes.
fn change(state: &mut State, id: RegistryId, new: &RegistryProfile, effects: &mut Vec<Effect>) {
    let registry = state.registry_mut(id);
    let scope = registry.profile.scope().map(str::to_owned).filter(|_| is_here(new, &registry.profile));
    let new = &if new.leaves_scope_open() { new.with_scope(scope) } else { new.clone() };
    let old = std::mem::replace(&mut registry.profile, new.clone());
    registry.saved = true;
    let failed = matches!(registry.link, Link::Down(_));
    effects.push(Effect::ChangeRegistry { registry: id, profile: Box::new(new.clone()), keys: &[] });
    let account = |p: &RegistryProfile| (p.username.clone(), p.credential.clone());
    let reached = |p: &RegistryProfile| (p.ca_cert.clone(), p.plain_http);
    if account(&old) != account(new) || !is_same(&old, new) || (failed && reached(&old) != reached(new)) {
        signing::begin_again(state, id, effects);
    }
    if state.cache.list(id).is_some() {
        let catalog = state.cache.list_mut(id);
        new.repositories.iter().for_each(|name| catalog.pin(name));
    }
}
