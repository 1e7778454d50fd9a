//! A new password for docker: asked for once, and kept nowhere but in its dialog.

use super::{act, forms};
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::modal::password::{Made, PasswordDialog, Stage};
use crate::app::msg::ChangeId;
use crate::app::pane::Place;
use crate::app::state::{State, Tone};
use crate::domain::capability::Ability;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::secret::OneTime;

pub fn may(state: &State) -> Result<(), &'static str> {
    if !matches!(state.pane().place, Place::Registries | Place::Repositories(_)) {
        return Err("only in the lists of registries and repositories");
    }
    let Some(id) = act::here(state) else { return Err("choose a registry first") };
    forms::may(state, id, |kind| match kind {
        BackendKind::MlSpace => None,
        BackendKind::Oci | BackendKind::DockerV1 | BackendKind::DockerCloud | BackendKind::Alauda => {
            Some("registries of this kind make no passwords")
        }
    })?;
    match state.registry(id).caps.can(Ability::GeneratePassword) {
        true => Ok(()),
        false => Err("this registry makes no passwords"),
    }
}

pub fn open(state: &mut State) {
    let Some(id) = act::here(state) else { return };
    let host = clean::identifier(state.registry(id).profile.host());
    let dialog = PasswordDialog::new(id, host, state.now);
    state.modals.push(Modal::Password(Box::new(dialog)));
}

/// The yes: once, and never again by itself.
pub fn make(state: &mut State, mut dialog: PasswordDialog, effects: &mut Vec<Effect>) {
    let (id, registry) = (ChangeId(state.next_number()), dialog.registry);
    effects.push(Effect::MakePassword { id, registry });
    dialog.stage = Stage::Sent(id);
    state.modals.push(Modal::Password(Box::new(dialog)));
}

/// The answer has the only copy: where its dialog was closed meanwhile, it is there again.
pub fn made(state: &mut State, id: ChangeId, registry: RegistryId, result: Result<OneTime, ErrorReport>) {
    let waits = |modal: &Modal| matches!(modal, Modal::Password(dialog) if matches!(dialog.stage, Stage::Sent(sent) if sent == id));
    let stage = match result {
        Ok(secret) => {
            state.record(registry, "a new password for docker was made", Tone::Good);
            Stage::Made(Made::new(secret))
        }
        Err(report) => {
            state.record(registry, &format!("no new password for docker came: {}", report.what), Tone::Bad);
            Stage::Failed(Box::new(report))
        }
    };
    let host = clean::identifier(state.registry(registry).profile.host());
    let dialog = Modal::Password(Box::new(PasswordDialog { registry, host, stage }));
    match state.modals.iter().position(waits) {
        Some(at) => state.modals[at] = dialog,
        // Below what is open: the keys of that are not for it.
        None => state.modals.insert(0, dialog),
    }
}

pub fn copy(state: &mut State, dialog: PasswordDialog, effects: &mut Vec<Effect>) {
    if let Stage::Made(made) = &dialog.stage {
        effects.push(Effect::CopySecret(made.secret.clone()));
    }
    state.modals.push(Modal::Password(Box::new(dialog)));
}

/// It is forgotten with its dialog.
pub fn closed(state: &mut State, modal: &Modal) {
    let Modal::Password(dialog) = modal else { return };
    let words = match &dialog.stage {
        Stage::Made(_) => "The password is forgotten here. Without it, W makes another one.",
        Stage::Sent(_) => "The password is on its way all the same, and is shown when it comes.",
        Stage::Asking(_) | Stage::Failed(_) => return,
    };
    state.tell(Clean::fixed(words), Tone::Info);
}
