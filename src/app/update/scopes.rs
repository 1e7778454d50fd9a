//! Another namespace or workspace of a system. To everything that is kept or under way it is another registry: what runs
//! in the old one goes on there, and nothing of it is shown as the new one's.

use super::{abort, open};
use crate::app::effect::{Effect, Query};
use crate::app::modal::Modal;
use crate::app::modal::scopes::{Choice, Scopes};
use crate::app::msg::RequestId;
use crate::app::pane::Place;
use crate::app::state::{Link, Pending, Registry, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::domain::repository::Scope;

/// `g w`, or by itself where a system has several and nobody said which.
pub fn open(state: &mut State, id: RegistryId, why: Option<Clean>, effects: &mut Vec<Effect>) {
    ask(state, Scopes::new(id, why), effects);
}

/// Asks which there are.
pub fn ask(state: &mut State, mut dialog: Scopes, effects: &mut Vec<Effect>) {
    let pending = Pending::Scopes(dialog.registry);
    dialog.found = None;
    dialog.waiting = Some(open::fetch(state, pending, Query::Scopes, effects));
    state.modals.push(Modal::Scopes(Box::new(dialog)));
}

pub fn came(state: &mut State, request: RequestId, result: Result<Vec<Scope>, ErrorReport>) {
    let registries = &state.registries;
    for modal in &mut state.modals {
        if let Modal::Scopes(dialog) = modal
            && dialog.waiting == Some(request)
        {
            dialog.waiting = None;
            dialog.found = Some(result.clone());
            // The cursor is on the one that is looked at, unless something was typed meanwhile.
            let now = registries[dialog.registry.0 as usize].profile.scope();
            if let (Ok(all), "", Some(now)) = (&result, dialog.query.value(), now) {
                let is_now = |scope: &Scope| scope.id == now || scope.name.as_str() == now;
                dialog.cursor = all.iter().position(is_now).unwrap_or(0);
            }
        }
    }
}

/// Nobody chooses any more.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Scopes(dialog) = modal {
        abort(state, |p| *p == Pending::Scopes(dialog.registry), effects);
    }
}

pub fn chosen(state: &mut State, dialog: &Scopes, choice: &Choice, effects: &mut Vec<Effect>) {
    abort(state, |p| *p == Pending::Scopes(dialog.registry), effects);
    let old = dialog.registry;
    let kind = state.registry(old).profile.kind;
    let scope = Some(choice.id().to_owned()).filter(|id| !id.is_empty());
    let profile = state.registry(old).profile.with_scope(scope);
    let new = if dialog.is_current(choice, state) { old } else { turn_to(state, old, profile.clone(), effects) };
    state.registry_mut(new).scope_name = match choice {
        Choice::Known(scope) => Some(scope.name.clone()),
        Choice::Typed(_) => None,
    };
    if dialog.keep && state.registry(new).saved {
        let keys: &'static [&'static str] = &["namespace", "workspace"];
        effects.push(Effect::ChangeRegistry { registry: new, profile: Box::new(profile), keys });
    }
    let word = kind.scope_word().unwrap_or("part");
    let name = state.registry(new).scope_name.clone().unwrap_or_else(|| clean::identifier(choice.id()));
    state.tell(clean::line(&format!("The {word} is {name} now.")), Tone::Info);
}

/// It has one workspace, and the config leaves open which: what is kept from now on is kept for that one. The config and
/// the connection stay as they are.
pub fn settle(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let registry = state.registry_mut(id);
    let Some(scope) = registry.caps.scope.clone().filter(|_| registry.profile.leaves_scope_open()) else { return };
    registry.profile = registry.profile.with_scope(Some(scope.id.clone()));
    registry.scope_name = Some(scope.name.clone());
    effects.push(Effect::SettleScope { registry: id, scope: scope.id.clone() });
}

/// The registry with this profile instead of another one: the one that was turned away from before, or a new one.
fn turn_to(state: &mut State, old: RegistryId, profile: RegistryProfile, effects: &mut Vec<Effect>) -> RegistryId {
    let known = |id: &RegistryId| state.hidden.contains(id) && state.registry(*id).profile == profile;
    let known = (0..state.registries.len() as u32).map(RegistryId).find(known);
    let new = known.unwrap_or(RegistryId(state.registries.len() as u32));
    if known.is_none() {
        effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
        let Registry { saved, favourite, found, trail, .. } = state.registry(old).clone();
        state.registries.push(Registry { favourite, found, trail, ..Registry::new(profile, saved) });
    }
    state.hidden.remove(&new);
    state.hidden.insert(old);
    // The connection of the one that is not looked at goes; what runs there has its own.
    abort(state, |p| p.registry() == old, effects);
    effects.push(Effect::Disconnect { registry: old });
    open::jump(state, vec![Place::Registries, Place::Repositories(new)], effects);
    state.cache.forget(old);
    state.registry_mut(old).link = Link::NotAsked;
    // That place is in a namespace nobody looks at.
    state.last_place = None;
    new
}
