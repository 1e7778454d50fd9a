//! The history: read, looked at, taken back. Nothing is sent before somebody has seen what would be, and said yes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{abort, jobs, open, plan, signing, sweep};
use crate::app::effect::Effect;
use crate::app::history::{Details, Keeps, Operation, Standing};
use crate::app::job::{PutBack, Settling, Work};
use crate::app::modal::Modal;
use crate::app::modal::confirm::Confirm;
use crate::app::modal::operation::{About, Do, Found, Look, OperationDialog, What};
use crate::app::msg::RequestId;
use crate::app::pane::Place;
use crate::app::state::{Pending, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Marks;
use crate::domain::error::ErrorReport;
use crate::domain::reference::TagName;
use crate::domain::registry::{Mode, RegistryId};
use crate::domain::text;
use crate::domain::undo::Prospect;

/// `g x` and `g j`: a view on top of where we are, once.
pub fn go(state: &mut State, place: Place, effects: &mut Vec<Effect>) {
    if state.pane().place == place {
        return;
    }
    state.panes.retain(|pane| pane.place != place);
    open::push(state, place, effects);
}

/// Reads what is recorded, unless that is under way: then once more after it.
pub fn read(state: &mut State, effects: &mut Vec<Effect>) {
    let history = &mut state.history;
    if history.reading {
        history.stale = true;
    } else {
        (history.reading, history.stale) = (true, false);
        effects.push(Effect::ReadHistory);
    }
}

pub fn has_read(state: &mut State, rows: Result<Vec<Operation>, Clean>, effects: &mut Vec<Effect>) {
    state.history.reading = false;
    match rows {
        Ok(rows) => {
            state.history.unfinished = rows.iter().filter(|row| row.is_unfinished()).count();
            let before = std::mem::replace(&mut state.history.rows, rows);
            state.history.read = true;
            follow(state, &before);
        }
        Err(why) => state.tell(why, Tone::Bad),
    }
    if state.history.stale {
        read(state, effects);
    }
}

/// Rows have new numbers: the cursor stays on its operation.
fn follow(state: &mut State, before: &[Operation]) {
    let State { panes, history, .. } = state;
    for pane in panes.iter_mut().filter(|pane| pane.place == Place::History) {
        let new = |old: u32| {
            let id = &before.get(old as usize)?.id;
            history.rows.iter().position(|row| row.id == *id).map(|at| at as u32)
        };
        let keep = pane.list.selected().and_then(new);
        let shown = pane.list.shown.iter().filter_map(|row| new(*row)).collect();
        pane.list.arrange(shown, keep);
    }
    if state.pane().place == Place::History {
        super::arrange(state);
    }
}

/// At the start: something broke off in an earlier run. It is said, and nothing of it runs.
pub fn unfinished(state: &mut State, count: usize) {
    state.history.unfinished = count;
    let words = match count {
        0 => return,
        1 => "An operation was not finished; g x shows it. Nothing of it runs by itself.".to_owned(),
        n => {
            format!("{} operations were not finished; g x shows them. Nothing of them runs by itself.", text::count(n))
        }
    };
    state.tell(clean::line(&words), Tone::Bad);
}

/// The operation under the cursor.
fn selected(state: &State) -> Option<&Operation> {
    let pane = state.pane();
    let at = pane.list.selected().filter(|_| pane.place == Place::History)?;
    state.history.rows.get(at as usize)
}

/// Enter and `u` in the history.
pub fn show_selected(state: &mut State, goes_on: bool, effects: &mut Vec<Effect>) {
    if let Some(id) = selected(state).map(|row| row.id.clone()) {
        show(state, id, goes_on, effects);
    }
}

/// `goes_on`: what could be put back is found out at once.
pub fn show(state: &mut State, id: String, goes_on: bool, effects: &mut Vec<Effect>) {
    effects.push(Effect::ReadOperation { journal: id.clone() });
    state.modals.push(Modal::Operation(Box::new(OperationDialog::new(id, goes_on))));
}

/// Why there is none.
pub fn nothing_to_undo(state: &State) -> &'static str {
    let gone = |job: &crate::app::job::Job| {
        matches!(&job.work, Work::Delete(plan) if !plan.kind.words().restores) && job.lost_tags().next().is_some()
    };
    let deleted = match &state.pane().place {
        Place::Tags(id, repo) => {
            state.jobs.iter().any(|job| job.registry == *id && job.work.repo() == Some(repo) && gone(job))
        }
        Place::Jobs => jobs::selected(state).is_some_and(gone),
        _ => false,
    };
    if deleted { "this system takes nothing back: set the tag or push the image again" } else { "nothing to take back" }
}

/// What `u` puts back here, where there is no change of marks to take back: the last deletion in this repository.
pub fn last_deletion(state: &State) -> Option<String> {
    let pane = state.pane();
    let job = match &pane.place {
        Place::Tags(id, repo) => {
            let here = |job: &&crate::app::job::Job| job.registry == *id && job.work.repo() == Some(repo);
            state.jobs.iter().rev().filter(here).find(|job| job.undoable().is_some())
        }
        Place::Jobs => jobs::selected(state),
        _ => None,
    };
    job.and_then(|job| job.undoable()).map(str::to_owned)
}

pub fn detailed(state: &mut State, id: &str, read: Result<Box<Details>, Clean>, effects: &mut Vec<Effect>) {
    let waits = |modal: &Modal| matches!(modal, Modal::Operation(dialog) if dialog.id == id);
    let Some(at) = state.modals.iter().position(waits) else { return };
    let Modal::Operation(dialog) = &mut state.modals[at] else { return };
    dialog.details = Some(read);
    let about = dialog.about().filter(|_| std::mem::take(&mut dialog.goes_on));
    if let Some(about) = about {
        look(state, at, about, effects);
    }
}

/// What a key of the dialog asked for.
pub fn act(state: &mut State, dialog: OperationDialog, what: Do, effects: &mut Vec<Effect>) {
    state.modals.push(Modal::Operation(Box::new(dialog)));
    let at = state.modals.len() - 1;
    match what {
        Do::Look(about) => look(state, at, about, effects),
        Do::SignIn => {
            if let Some(Modal::Operation(dialog)) = state.modals.last()
                && let Look::Failed { registry, .. } = dialog.look
            {
                signing::open_dialog(state, registry, effects);
            }
        }
        Do::Start => start(state, effects),
        Do::PlanRest => plan_rest(state, effects),
    }
}

/// Asks the registry: read only.
fn look(state: &mut State, at: usize, about: About, effects: &mut Vec<Effect>) {
    let Some(Modal::Operation(dialog)) = state.modals.get(at) else { return };
    let Some(details) = dialog.told() else { return };
    let journal = dialog.id.clone();
    let registry = match registry_of(state, &details.told.registry, &details.told.origin) {
        Ok(registry) => registry,
        Err(why) => return state.tell(why, Tone::Bad),
    };
    let id = state.begin(Pending::Weigh(registry));
    effects.push(match about {
        About::Undo => Effect::Weigh { id, registry, journal },
        About::Settle => Effect::Examine { id, registry, journal },
    });
    if let Some(Modal::Operation(dialog)) = state.modals.get_mut(at) {
        dialog.look = Look::Asking { registry, about, id };
    }
}

/// The registry that something was done in: the one of that name if it still has that address, else one with the
/// address. What was done there is put back nowhere else (safety.md F6).
pub fn registry_of(state: &State, name: &str, origin: &str) -> Result<RegistryId, Clean> {
    let known = |id: &RegistryId| !state.hidden.contains(id);
    let mut ids = (0..state.registries.len() as u32).map(RegistryId).filter(known);
    let profile = |id: RegistryId| &state.registry(id).profile;
    if let Some(id) = ids.clone().find(|id| profile(*id).name == name) {
        let now = profile(id).origin();
        let there = |scope: &str| profile(id).with_scope(Some(scope.to_owned())).origin() == origin;
        return match now == origin {
            true => Ok(id),
            false
                if profile(id).leaves_scope_open() && origin.split_once('#').is_some_and(|(_, scope)| there(scope)) =>
            {
                Err(clean::line(&format!("Open {name} first: it has not said yet which workspace is looked at.")))
            }
            false => Err(clean::line(&format!("This was done at {origin}, and {name} is at {now} by now."))),
        };
    }
    ids.find(|id| profile(*id).origin() == origin).ok_or_else(|| {
        clean::line(&format!(
            "{name} ({origin}) is no longer in the config. Add it again with + to put things back there."
        ))
    })
}

/// The dialog that waits for this request, wherever it is by now.
fn waiting(state: &mut State, request: RequestId) -> Option<&mut OperationDialog> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Operation(dialog) if matches!(dialog.look, Look::Asking { id, .. } if id == request) => {
            Some(&mut **dialog)
        }
        _ => None,
    })
}

pub fn weighed(
    state: &mut State,
    id: RequestId,
    result: Result<Box<Prospect>, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    found(state, id, result.map(|prospect| What::Undo(Arc::new(*prospect))), effects);
}

pub fn examined(
    state: &mut State,
    id: RequestId,
    result: Result<Vec<Standing>, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    found(state, id, result.map(|standing| What::Settle(Arc::new(standing))), effects);
}

fn found(state: &mut State, id: RequestId, result: Result<What, ErrorReport>, effects: &mut Vec<Effect>) {
    let (limits, now) = (state.cleanup.confirm, state.now);
    let Some(Look::Asking { registry, about, .. }) = waiting(state, id).map(|dialog| dialog.look.clone()) else {
        return;
    };
    let production = state.is_production(registry);
    let top = matches!(state.modals.last(), Some(Modal::Operation(_)));
    let Some(dialog) = waiting(state, id) else { return };
    dialog.cursor = 0;
    match result {
        Ok(what) => {
            let repo = dialog.told().map(|details| details.told.repo.to_string()).unwrap_or_default();
            let confirm = Confirm::new(what.ask(false, &limits, production, &repo), now);
            dialog.look = Look::Found(Box::new(Found { registry, what, overwrite: false, confirm }));
        }
        Err(report) => {
            dialog.look = Look::Failed { registry, about, report: report.clone() };
            if top {
                signing::ask(state, registry, &report, effects);
            }
        }
    }
}

/// The account there changed: what could not be found out is asked again.
pub fn again(state: &mut State, registry: RegistryId, effects: &mut Vec<Effect>) {
    for at in 0..state.modals.len() {
        let Modal::Operation(dialog) = &state.modals[at] else { continue };
        if let Look::Failed { registry: of, about, .. } | Look::Asking { registry: of, about, .. } = dialog.look
            && of == registry
        {
            look(state, at, about, effects);
        }
    }
}

/// A dialog that is closed needs no answer.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Operation(dialog) = modal
        && let Look::Asking { registry, .. } = dialog.look
    {
        abort(state, |pending| *pending == Pending::Weigh(registry), effects);
    }
}

/// Why nothing may be changed there.
fn refused(state: &State, registry: RegistryId) -> Option<&'static str> {
    if state.read_only {
        return Some("Nothing is changed: tagboat runs read-only (--read-only).");
    }
    if state.registry(registry).profile.mode == Mode::ReadOnly {
        return Some("Nothing is changed: this registry is read-only in the config (mode = \"ro\").");
    }
    None
}

/// Confirmed: what was on the screen becomes a job.
fn start(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Modal::Operation(dialog)) = state.modals.last() else { return };
    let (Look::Found(found), Some(details)) = (&dialog.look, dialog.told()) else { return };
    let registry = found.registry;
    if let Some(why) = refused(state, registry) {
        state.tell(Clean::fixed(why), Tone::Bad);
        return;
    }
    let work = match &found.what {
        What::Undo(prospect) => {
            let in_use: BTreeSet<TagName> = prospect.in_use().filter(|_| found.overwrite).cloned().collect();
            Work::Undo(Arc::new(PutBack { prospect: (**prospect).clone(), overwrite: in_use }))
        }
        What::Settle(standing) => Work::Settle(Arc::new(Settling {
            id: dialog.id.clone(),
            registry: details.told.registry.clone(),
            repo: details.told.repo.clone(),
            standing: (**standing).clone(),
        })),
    };
    let dialog = state.modals.pop();
    if !jobs::begin(state, registry, work, effects) {
        state.modals.extend(dialog);
    }
}

/// What did not go is planned anew, because the facts of its plan are old.
fn plan_rest(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Modal::Operation(dialog)) = state.modals.last() else { return };
    let Some(details) = dialog.told() else { return };
    let (repo, tags, repos) = (details.told.repo.clone(), details.rest(), details.rest_of_repos());
    match registry_of(state, &details.told.registry, &details.told.origin) {
        Ok(registry) if jobs::runs_in(state, registry, &repo) => {
            let words = "A job is running in this repository; start this one when it is done.";
            state.tell(Clean::fixed(words), Tone::Bad);
        }
        Ok(registry) => match refused(state, registry) {
            Some(why) => state.tell(Clean::fixed(why), Tone::Bad),
            None => {
                state.modals.pop();
                if !repos.is_empty() {
                    return sweep::show(state, registry, repos, effects);
                }
                plan::show(state, (registry, repo), Marks { tags, ..Marks::default() }, effects, |_| {});
            }
        },
        Err(why) => state.tell(why, Tone::Bad),
    }
}

/// Why there is nothing to take back, where nothing is kept.
pub fn kept(state: &State) -> Result<(), &'static str> {
    match state.history.keeps {
        Keeps::Yes => Ok(()),
        Keeps::Off => Err("the history is switched off in the config, so nothing is kept"),
        Keeps::Nowhere => Err("there is no directory where a history would be kept"),
    }
}
