//! Sign-in, confirmations about where a password may go, and adding registries.

use super::{abort, open};
use crate::app::effect::Effect;
use crate::app::modal::sign_in::{AddRegistry, SignIn};
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::pane::Place;
use crate::app::state::{Link, Registry, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::RegistryId;

/// Asks for what a refused read lacks: credentials, or a confirmation.
pub fn ask(state: &mut State, id: RegistryId, report: &ErrorReport, effects: &mut Vec<Effect>) {
    let host = clean::identifier(state.registry(id).profile.host());
    match (report.kind, &report.realm) {
        (ErrorKind::SignIn, _) => {
            let registry = state.registry(id);
            let mut dialog = SignIn::new(id, host, registry.trail.clone(), registry.profile.username.as_deref());
            dialog.error = Some(report.what.clone());
            state.modals.push(Modal::SignIn(dialog));
            effects.push(Effect::LookUp { registry: id });
        }
        (ErrorKind::UntrustedRealm, Some(realm)) => {
            let lines = vec![
                clean::line(&format!("The registry  {host}")),
                clean::line(&format!("wants your password sent to  {realm}")),
                report.hint.clone(),
            ];
            let intent = Intent::TrustRealm { registry: id, realm: realm.to_string() };
            state.modals.push(Modal::Ask(Ask { title: "Send the password to another host?", lines, intent }));
        }
        (ErrorKind::NotEncrypted, _) => {
            let lines = vec![
                clean::line(&format!("The registry  {host}  is reached over plain http.")),
                Clean::fixed("Everyone on the way can read the password."),
            ];
            let intent = Intent::TrustPlain { registry: id };
            state.modals.push(Modal::Ask(Ask { title: "Send the password unencrypted?", lines, intent }));
        }
        _ => {}
    }
}

/// The sign-in dialog, opened by its key.
pub fn open_dialog(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    effects.push(Effect::LookUp { registry: id });
    let registry = state.registry(id);
    let host = clean::identifier(registry.profile.host());
    let dialog = SignIn::new(id, host, registry.trail.clone(), registry.profile.username.as_deref());
    state.modals.push(Modal::SignIn(dialog));
}

/// Where credentials were looked for.
pub fn trail(state: &mut State, id: RegistryId, trail: Vec<Clean>) {
    for modal in &mut state.modals {
        if let Modal::SignIn(dialog) = modal
            && dialog.registry == id
        {
            dialog.trail.clone_from(&trail);
        }
    }
    state.registry_mut(id).trail = trail;
}

pub fn submit(state: &mut State, mut dialog: SignIn, effects: &mut Vec<Effect>) {
    effects.push(Effect::SignIn { registry: dialog.registry, credential: dialog.credential(), keep: dialog.keep() });
    dialog.busy = true;
    dialog.error = None;
    state.modals.push(Modal::SignIn(dialog));
}

/// The server's word on a sign-in: on success the dialog closes and everything goes on where it was.
pub fn signed_in(state: &mut State, result: Result<Clean, ErrorReport>, effects: &mut Vec<Effect>) {
    let Some(at) = state.modals.iter().position(|m| matches!(m, Modal::SignIn(d) if d.busy)) else { return };
    match result {
        Ok(text) => {
            let Modal::SignIn(dialog) = state.modals.remove(at) else { return };
            state.tell(text, Tone::Good);
            begin_again(state, dialog.registry, effects);
        }
        Err(report) => {
            if let Modal::SignIn(dialog) = &mut state.modals[at] {
                dialog.busy = false;
                dialog.error = Some(report.what.clone());
            }
            if matches!(report.kind, ErrorKind::UntrustedRealm | ErrorKind::NotEncrypted)
                && let Modal::SignIn(dialog) = &state.modals[at]
            {
                let id = dialog.registry;
                ask(state, id, &report, effects);
            }
        }
    }
}

/// The account changed: what was read with the old one goes, and the place that is open is read again.
pub fn begin_again(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    abort(state, |p| p.registry() == id, effects);
    // Whatever opened the connection meanwhile did so with the old account.
    effects.push(Effect::Disconnect { registry: id });
    state.cache.forget(id);
    for pane in state.panes.iter_mut().filter(|pane| pane.place.registry() == Some(id)) {
        pane.list.forget_rows();
    }
    state.registry_mut(id).link = Link::NotAsked;
    open::arrive(state, effects);
}

/// The credential is erased: only now is it safe to read again, without it.
pub fn signed_out(state: &mut State, id: RegistryId, text: Clean, effects: &mut Vec<Effect>) {
    state.tell(text, Tone::Info);
    begin_again(state, id, effects);
}

pub fn confirmed(state: &mut State, intent: Intent, effects: &mut Vec<Effect>) {
    match intent {
        Intent::TrustRealm { registry, realm } => {
            effects.push(Effect::TrustRealm { registry, realm });
            resume(state, registry, effects);
        }
        Intent::TrustPlain { registry } => {
            effects.push(Effect::TrustPlain { registry });
            resume(state, registry, effects);
        }
        Intent::ForgetRegistry(id) => {
            let name = state.registry(id).profile.name.clone();
            effects.push(Effect::ForgetRegistry(name.clone()));
            state.hidden.insert(id);
            super::arrange(state);
            state.tell(clean::line(&format!("{name} is forgotten here; nothing was sent to it.")), Tone::Info);
        }
        Intent::Quit => open::quit(state, effects),
    }
}

/// After a confirmation: the sign-in that needed it is sent again, or the read is.
fn resume(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    match state.modals.pop() {
        Some(Modal::SignIn(dialog)) => submit(state, dialog, effects),
        Some(other) => state.modals.push(other),
        None => begin_again(state, id, effects),
    }
}

pub fn add(state: &mut State, mut dialog: AddRegistry, effects: &mut Vec<Effect>) {
    let profile = match dialog.profile() {
        Ok(profile) => profile,
        Err(why) => {
            dialog.error = Some(why);
            state.modals.push(Modal::AddRegistry(dialog));
            return;
        }
    };
    if state.registries.iter().any(|r| r.profile.name == profile.name) {
        dialog.error = Some(clean::line(&format!("There is a registry named {} already.", profile.name)));
        state.modals.push(Modal::AddRegistry(dialog));
        return;
    }
    let id = RegistryId(state.registries.len() as u32);
    effects.push(Effect::AddRegistry(Box::new(profile.clone())));
    state.registries.push(Registry::new(profile, true));
    open::jump(state, vec![Place::Registries], effects);
    let position = state.pane().list.shown.iter().position(|row| *row == id.0).unwrap_or(0);
    state.pane_mut().list.move_to(position);
    open::connect(state, id, effects);
}
