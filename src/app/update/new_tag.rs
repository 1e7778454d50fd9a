//! `t`: another tag on an image. The dialog looks at the target while it is typed; everything is read before it is
//! confirmed, and what was confirmed runs as a job.

use std::sync::Arc;

use super::{abort, jobs, plan};
use crate::app::effect::{CopyOrder, Effect};
use crate::app::job::{Job, Work};
use crate::app::modal::Modal;
use crate::app::modal::new_tag::{NewTag, Order, Overwrite, Seen};
use crate::app::msg::RequestId;
use crate::app::pane::{Place, tags};
use crate::app::state::{Pending, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Marks;
use crate::domain::error::ErrorReport;
use crate::domain::outcome::Outcome;
use crate::domain::reference::{Digest, Reference, RepoName};
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::domain::transfer::{Consent, Transfer};

/// The image under the cursor, or the one that is open.
pub fn subject(state: &State) -> Option<(RegistryId, RepoName, Reference)> {
    let pane = state.pane();
    match &pane.place {
        Place::Tags(id, repo) => {
            let row = state.tags(*id, repo)?.rows.get(pane.list.selected()? as usize)?;
            Some((*id, repo.clone(), Reference::Tag(tags::name(row)?.clone())))
        }
        Place::Image(id, repo, reference) => Some((*id, repo.clone(), reference.clone())),
        Place::Registries | Place::Repositories(_) | Place::Jobs | Place::History => None,
    }
}

pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((registry, repo, source)) = subject(state) else { return };
    let mut dialog = NewTag::new(registry, repo, source, state);
    (dialog.digest, dialog.kind) = facts(state, &dialog);
    state.modals.push(Modal::NewTag(Box::new(dialog)));
    follow(state, effects);
}

/// Its digest and what it is, as far as the screen knows them.
fn facts(state: &State, dialog: &NewTag) -> (Option<Digest>, Clean) {
    let words = |kind: &str, parts: usize| match parts {
        // Systems that have no manifests.
        0 if dialog.way.call => Clean::fixed("image"),
        0 => clean::line(kind),
        1 => clean::line(&format!("{kind}, 1 part")),
        n => clean::line(&format!("{kind}, {} parts", text::count(n))),
    };
    match (&state.pane().place, &dialog.source) {
        (Place::Tags(id, repo), Reference::Tag(tag)) => {
            let rows = state.tags(*id, repo).map(|list| &list.rows);
            let row = rows.and_then(|rows| rows.iter().find(|row| tags::name(row) == Some(tag)));
            match row.and_then(|row| row.state.info()) {
                Some(info) => {
                    let parts = if info.platforms.len() > 1 { info.platforms.len() } else { 0 };
                    (Some(info.digest.clone()), words(info.kind.word(), parts))
                }
                None => (None, Clean::fixed("its digest is not read yet")),
            }
        }
        _ => match crate::app::pane::image::index(state, state.pane()) {
            Some(image) => {
                let manifest = &image.manifest;
                (Some(manifest.digest.clone()), words(manifest.kind.word(), manifest.children.len()))
            }
            None => (None, Clean::fixed("its digest is not read yet")),
        },
    }
}

/// After a key: what the target is on is asked for, once nothing has been typed for a moment.
pub fn follow(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Modal::NewTag(dialog)) = state.modals.last() else { return };
    let target = dialog.target().ok();
    if dialog.seen.as_ref().map(|seen| &seen.target) == target.as_ref() {
        return;
    }
    abort(state, |pending| matches!(pending, Pending::TagLook(_)), effects);
    let seen = target.map(|target| {
        let id = state.begin(Pending::TagLook(target.registry));
        let (registry, repo, tag) = (target.registry, target.repo.clone(), target.tag.clone());
        effects.push(Effect::LookAtTag { id, registry, repo, tag });
        Seen { target, id, found: None }
    });
    if let Some(Modal::NewTag(dialog)) = state.modals.last_mut() {
        dialog.seen = seen;
    }
}

/// It was closed: nothing that it asked for is needed any more.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if matches!(modal, Modal::NewTag(_)) {
        abort(state, |pending| matches!(pending, Pending::TagLook(_) | Pending::Transfer(_)), effects);
    }
}

fn dialog(state: &mut State, which: impl Fn(&NewTag) -> bool) -> Option<&mut NewTag> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::NewTag(dialog) if which(dialog) => Some(&mut **dialog),
        _ => None,
    })
}

pub fn looked(state: &mut State, id: RequestId, found: Result<Option<Digest>, ErrorReport>) {
    let waits = |dialog: &NewTag| dialog.seen.as_ref().is_some_and(|seen| seen.id == id);
    if let Some(seen) = dialog(state, waits).and_then(|dialog| dialog.seen.as_mut()) {
        seen.found = Some(found.map_err(|report| report.what));
    }
}

/// The button: everything is read once more, and all of it.
pub fn prepare(state: &mut State, mut dialog: NewTag, effects: &mut Vec<Effect>) {
    let (Ok(target), Ok(colour)) = (dialog.target(), dialog.painting()) else { return };
    let protection = match state.protection(target.registry, &target.repo) {
        Ok(protection) => protection,
        Err(error) => {
            let text = format!("Nothing is moved while a pattern of “protect” cannot be read: {}", error.message);
            state.tell(clean::line(&text), Tone::Bad);
            return;
        }
    };
    let id = state.begin(Pending::Transfer(target.registry));
    let order = CopyOrder {
        from: dialog.registry,
        repo: dialog.repo.clone(),
        source: dialog.source.clone(),
        to: target.registry,
        target: (target.repo, target.tag),
        referrers: dialog.referrers(),
        colour,
        protection,
    };
    effects.push(Effect::PrepareCopy { id, order: Box::new(order) });
    dialog.busy = Some(id);
    dialog.error = None;
    state.modals.push(Modal::NewTag(Box::new(dialog)));
}

pub fn prepared(
    state: &mut State,
    id: RequestId,
    result: Result<Box<Transfer>, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    let Some(dialog) = dialog(state, |dialog| dialog.busy == Some(id)) else { return };
    dialog.busy = None;
    let transfer = match result {
        Ok(transfer) => transfer,
        Err(report) => {
            dialog.error = Some(clean::line(&format!("{}. {}", report.what, report.hint)));
            return;
        }
    };
    let root = transfer.wanted().map(|wanted| wanted.digest.clone());
    if let Some(shown) = dialog.digest.clone().filter(|shown| Some(shown) != root.as_ref()) {
        // What was looked at is what gets the tag (safety.md F6).
        let now = root.as_ref().map(Digest::short).unwrap_or_default();
        dialog.error = Some(clean::line(&format!("It points at {now} by now, not at {}. Look again.", shown.short())));
        dialog.digest = root;
        return;
    }
    if transfer.call.is_some() && transfer.is_done() {
        let more = if dialog.way.colours { "; c changes its colour" } else { "" };
        dialog.error = Some(clean::line(&format!("That tag is on this image already{more}.")));
        return;
    }
    let Ok(target) = dialog.target() else { return };
    let renames = dialog.renames();
    let order = Order { from: dialog.registry, to: target.registry, transfer: Arc::new(*transfer), renames };
    if let Some(why) = jobs::busy(state, order.to, &Work::Copy(Box::new(order.clone()))) {
        if let Some(dialog) = self::dialog(state, |_| true) {
            dialog.error = Some(why);
        }
        return;
    }
    let production = state.is_production(target.registry);
    let transfer = &order.transfer;
    let kept = super::history::kept(state);
    let asked = match transfer.consent(production) {
        Consent::Free => {
            remove(state, effects);
            return start(state, order, effects);
        }
        // What is recorded can be moved back; without that nobody knows any more what it was on.
        Consent::Yes => kept.err().map(|why| ("1".to_owned(), Clean::fixed(why))),
        Consent::Name => {
            let why = match &transfer.protected {
                Some(pattern) => clean::line(&format!("the pattern {pattern} protects it")),
                None => Clean::fixed("the registry is marked PROD"),
            };
            Some((transfer.to.repo.to_string(), why))
        }
    };
    let kept = kept.is_ok();
    remove(state, effects);
    state.modals.push(Modal::Overwrite(Box::new(Overwrite { order, asked, kept, typed: Default::default() })));
}

fn remove(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(at) = state.modals.iter().position(|modal| matches!(modal, Modal::NewTag(_))) {
        let modal = state.modals.remove(at);
        closed(state, &modal, effects);
    }
}

pub fn start(state: &mut State, order: Order, effects: &mut Vec<Effect>) {
    for warning in order.transfer.warnings.clone() {
        state.record(order.to, warning.as_str(), Tone::Info);
    }
    // What it tells where it does not begin is all there is to do.
    let _ = jobs::begin(state, order.to, Work::Copy(Box::new(order)), effects);
}

/// After a copy: the plan for the old name, where that was wanted and all of the new one is there.
pub fn finished(state: &mut State, job: &Job, effects: &mut Vec<Effect>) {
    let Work::Copy(order) = &job.work else { return };
    let Some(old) = order.renames.clone().filter(|_| job.totals().of(Outcome::Done) == job.work.len()) else { return };
    let open = match state.modals.last() {
        None => true,
        Some(Modal::Progress(progress)) => progress.job == job.id,
        Some(_) => false,
    };
    if !open || state.leaving {
        let text = format!("The new tag is there; d on {old} plans the old one's deletion.");
        return state.tell(clean::line(&text), Tone::Info);
    }
    state.modals.pop();
    let marks = Marks { tags: vec![old], ..Marks::default() };
    plan::show(state, (order.from, order.transfer.from.repo.clone()), marks, effects, |_| {});
}
