//! Sign-in, confirmations about where a password may go, and adding registries.

use super::{abort, open};
use crate::app::effect::{Effect, Keep};
use crate::app::modal::ca_file::CaFile;
use crate::app::modal::sign_in::{SignIn, Waiting};
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::state::{Link, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::RegistryId;
use crate::domain::secret::Credential;

/// Asks for what a refused read lacks: credentials, or a confirmation.
pub fn ask(state: &mut State, id: RegistryId, report: &ErrorReport, effects: &mut Vec<Effect>) {
    let host = clean::identifier(state.registry(id).profile.host());
    match (report.kind, &report.realm) {
        // Several namespaces or workspaces, or none of the name that is configured.
        (ErrorKind::Config, _) if state.registry(id).profile.kind.scope_word().is_some() => {
            super::scopes::open(state, id, Some(report.what.clone()), effects);
        }
        (ErrorKind::SignIn, _) => push_dialog(state, id, Some(report.what.clone()), effects),
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

/// What `e` opens: the sign-in, or the CA file where the certificate is what stands in the way.
pub fn open_dialog(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    let registry = state.registry(id);
    match &registry.link {
        Link::Down(report) if report.kind == ErrorKind::Tls => {
            let host = clean::identifier(registry.profile.host());
            let now = registry.profile.ca_cert.as_ref().map(|path| path.display().to_string());
            let mut dialog = CaFile::new(id, host, now.as_deref());
            dialog.error = Some(report.what.clone());
            state.modals.push(Modal::CaFile(dialog));
        }
        _ => push_dialog(state, id, None, effects),
    }
}

fn push_dialog(state: &mut State, id: RegistryId, error: Option<Clean>, effects: &mut Vec<Effect>) {
    effects.push(Effect::LookUp { registry: id });
    let mut dialog = dialog(state, id);
    dialog.error = error;
    state.modals.push(Modal::SignIn(dialog));
}

fn dialog(state: &State, id: RegistryId) -> SignIn {
    let registry = state.registry(id);
    let host = clean::identifier(registry.profile.host());
    let (kind, user) = (registry.profile.kind, registry.profile.username.as_deref());
    let mut dialog = SignIn::new(id, kind, host, registry.trail.clone(), user);
    dialog.asks = registry.caps.auth;
    dialog
}

/// What the add dialog was given to sign in with: the dialog of the sign-in sends it, and stays where it is refused.
pub fn submit_for(state: &mut State, id: RegistryId, credential: &Credential, keep: Keep, effects: &mut Vec<Effect>) {
    let mut dialog = dialog(state, id);
    dialog.fill(credential, keep);
    dialog.waiting = Some(Waiting::SignIn);
    submit(state, dialog, effects);
}

/// Where credentials were looked for.
pub fn trail(state: &mut State, id: RegistryId, trail: Vec<Clean>, helper: Option<&Clean>) {
    for modal in &mut state.modals {
        if let Modal::SignIn(dialog) = modal
            && dialog.registry == id
        {
            dialog.trail.clone_from(&trail);
            dialog.offer(helper);
        }
    }
    state.registry_mut(id).trail = trail;
}

pub fn submit(state: &mut State, mut dialog: SignIn, effects: &mut Vec<Effect>) {
    let (registry, credential) = (dialog.registry, dialog.credential());
    effects.push(match dialog.waiting {
        Some(Waiting::Test) => Effect::TestSignIn { registry, credential },
        _ => Effect::SignIn { registry, credential, keep: dialog.keep() },
    });
    dialog.error = None;
    dialog.tested.clear();
    state.modals.push(Modal::SignIn(dialog));
}

/// What a test found out stays in the dialog; nothing else changes.
pub fn tested(state: &mut State, result: Result<Vec<Clean>, ErrorReport>, effects: &mut Vec<Effect>) {
    let testing = |modal: &Modal| matches!(modal, Modal::SignIn(d) if d.waiting == Some(Waiting::Test));
    let Some(at) = state.modals.iter().position(testing) else { return };
    match (&mut state.modals[at], result) {
        (Modal::SignIn(dialog), Ok(lines)) => {
            dialog.waiting = None;
            dialog.tested = lines;
        }
        (_, Err(report)) => refused(state, at, &report, effects),
        _ => {}
    }
}

/// The server's word on a sign-in: on success the dialog closes and everything goes on where it was.
pub fn signed_in(state: &mut State, result: Result<Clean, ErrorReport>, effects: &mut Vec<Effect>) {
    let Some(at) =
        state.modals.iter().position(|m| matches!(m, Modal::SignIn(d) if d.waiting == Some(Waiting::SignIn)))
    else {
        return;
    };
    match result {
        Ok(text) => {
            let Modal::SignIn(dialog) = state.modals.remove(at) else { return };
            state.record(dialog.registry, "signed in", Tone::Good);
            state.tell(text, Tone::Good);
            super::registries::keep_place(state, dialog.registry, dialog.keep(), effects);
            begin_again(state, dialog.registry, effects);
        }
        Err(report) => refused(state, at, &report, effects),
    }
}

/// The dialog stays with what was typed, and says why; a confirmation that is missing is asked for.
fn refused(state: &mut State, at: usize, report: &ErrorReport, effects: &mut Vec<Effect>) {
    let Modal::SignIn(dialog) = &mut state.modals[at] else { return };
    let id = dialog.registry;
    dialog.error = Some(report.what.clone());
    if matches!(report.kind, ErrorKind::UntrustedRealm | ErrorKind::NotEncrypted) {
        // `waiting` stays: the confirmation sends the same again.
        ask(state, id, report, effects);
    } else {
        dialog.waiting = None;
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
        if let Some(list) = &mut pane.behind {
            list.list.forget_rows();
        }
    }
    let registry = state.registry_mut(id);
    registry.link = Link::NotAsked;
    registry.account = None;
    open::arrive(state, effects);
    super::history::again(state, id, effects);
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
        Intent::OpenElsewhere(away) => super::elsewhere::find(state, *away, effects),
        Intent::Quit => open::quit(state, effects),
        Intent::Leave => super::jobs::leave(state, effects),
    }
}

/// After a confirmation: the sign-in that needed it is sent again, or the read is.
fn resume(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    match state.modals.pop() {
        Some(Modal::SignIn(dialog)) => submit(state, dialog, effects),
        // What it asked is asked again.
        Some(Modal::Operation(dialog)) => {
            state.modals.push(Modal::Operation(dialog));
            begin_again(state, id, effects);
        }
        Some(other) => state.modals.push(other),
        None => begin_again(state, id, effects),
    }
}
