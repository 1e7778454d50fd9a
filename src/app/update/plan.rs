//! The plan of a deletion: its facts are read, then it is shown; nothing is sent from here.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{abort, jobs, save};
use crate::app::arrange::Ticket;
use crate::app::effect::{Effect, Facts};
use crate::app::export::Source;
use crate::app::job::Work;
use crate::app::modal::Modal;
use crate::app::modal::plan::{Before, LIFE, Made, PlanDialog, Reading, Ready, Stage};
use crate::app::msg::RequestId;
use crate::app::pane::{Place, tags};
use crate::app::state::{Pending, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Choices, Marks, Snapshot};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::filter::FilterError;
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;

/// `d`: a plan for the marks, or for the tag under the cursor.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some((id, repo, marks)) = marked(state) else { return };
    let lifted = state.pane().lifted.clone();
    show(state, (id, repo), marks, effects, |dialog| dialog.lifted = lifted);
}

/// What a plan would be about.
pub fn marked(state: &State) -> Option<(RegistryId, RepoName, Marks)> {
    let pane = state.pane();
    match &pane.place {
        Place::Tags(id, repo) => {
            let mut wanted: Vec<TagName> = pane.marks.iter().cloned().collect();
            if wanted.is_empty() && !pane.untagged {
                let rows = &state.tags(*id, repo)?.rows;
                wanted.push(tags::name(rows.get(pane.list.selected()? as usize)?)?.clone());
            }
            // What was marked by hand since is wanted, whatever a rule said.
            let spared = pane.spared.iter().filter(|(tag, _)| !pane.marks.contains(*tag));
            let kept = spared.map(|(tag, why)| (tag.clone(), why.clone())).collect();
            Some((*id, repo.clone(), Marks { tags: wanted, untagged: pane.untagged, kept }))
        }
        Place::Image(id, repo, Reference::Tag(tag)) => {
            Some((*id, repo.clone(), Marks { tags: vec![tag.clone()], ..Marks::default() }))
        }
        Place::Image(..) | Place::Registries | Place::Repositories(_) | Place::Jobs | Place::History => None,
    }
}

/// Reads the facts for a plan, and shows how far that is.
pub fn show(
    state: &mut State,
    (id, repo): (RegistryId, RepoName),
    marks: Marks,
    effects: &mut Vec<Effect>,
    change: impl FnOnce(&mut PlanDialog),
) {
    let mut dialog = PlanDialog::new(id, repo, marks, RequestId(0));
    change(&mut dialog);
    again(state, dialog, effects);
}

fn survey(state: &mut State, dialog: &PlanDialog, from: Facts, effects: &mut Vec<Effect>) -> Option<RequestId> {
    let (registry, repo) = (dialog.registry, &dialog.repo);
    let protection = match state.protection(registry, repo) {
        Ok(protection) => protection,
        Err(error) => {
            state.tell(unreadable(&error), Tone::Bad);
            return None;
        }
    };
    let id = state.begin(Pending::Survey(registry, repo.clone()));
    let (marks, choices) = (dialog.marks.clone(), dialog.choices.clone());
    effects.push(Effect::Survey { id, registry, repo: repo.clone(), protection, marks, choices, from });
    Some(id)
}

fn unreadable(error: &FilterError) -> Clean {
    clean::line(&format!("Nothing is deleted while a pattern of “protect” cannot be read: {}", error.message))
}

/// The facts are read: for the first time, or again, because they are old or could not be read. What was chosen stays
/// chosen. What the list on screen or the plan before was read to say moments ago is not asked again.
pub fn again(state: &mut State, mut dialog: PlanDialog, effects: &mut Vec<Effect>) {
    let first = matches!(&dialog.stage, Stage::Reading { .. });
    let list = state.tags(dialog.registry, &dialog.repo).filter(|_| first);
    let seen = list.and_then(|list| list.seen(state.now, LIFE));
    dialog.since = seen.as_ref().map_or(state.now, |seen| seen.since);
    let Some(id) = survey(state, &dialog, Facts::List(seen), effects) else { return };
    dialog.stage = Stage::Reading { id, progress: Reading::default(), before: None };
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

/// Something else is chosen: the plan is made anew, and more is read where that goes further than what was read.
pub fn changed(state: &mut State, mut dialog: PlanDialog, effects: &mut Vec<Effect>) {
    let (Stage::Ready(ready) | Stage::Making { before: Some(ready), .. }) = &dialog.stage else { return };
    let ready = (**ready).clone();
    if !dialog.wants_more() {
        let snapshot = Arc::clone(&ready.made.snapshot);
        make(state, dialog, snapshot, Some(ready), effects);
        return;
    }
    let from = Facts::Plan(Arc::clone(&ready.made.snapshot));
    let Some(id) = survey(state, &dialog, from, effects) else { return };
    let before = Before { choices: plain(&dialog.choices, &ready.made.plan.choices), ready };
    dialog.stage = Stage::Reading { id, progress: Reading::default(), before: Some(Box::new(before)) };
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

/// What was chosen before it went further.
fn plain(now: &Choices, before: &Choices) -> Choices {
    let Choices { manifests, children, referrers, placeholder, .. } = *before;
    Choices { manifests, children, referrers, placeholder, ..now.clone() }
}

/// What is being read for a choice is given up, and the choice with it.
pub fn back(state: &mut State, mut dialog: PlanDialog, effects: &mut Vec<Effect>) {
    give_up(state, &dialog, effects);
    if let Stage::Reading { before: Some(before), .. } = &dialog.stage {
        let Before { ready, choices } = (**before).clone();
        dialog.choices = choices;
        let (made, now) = (ready.made.clone(), state.now);
        dialog.take(made, Some(ready), now);
    }
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

/// Makes the plan of what was read: at once, or elsewhere where that takes longer than a key may wait.
fn make(
    state: &mut State,
    mut dialog: PlanDialog,
    snapshot: Arc<Snapshot>,
    before: Option<Ready>,
    effects: &mut Vec<Effect>,
) {
    let snapshot = match state.protection(dialog.registry, &dialog.repo) {
        Ok(protection) if protection == snapshot.protection => snapshot,
        // It was edited since.
        Ok(protection) => Arc::new(Snapshot { protection, ..Arc::unwrap_or_clone(snapshot) }),
        Err(error) => {
            state.tell(unreadable(&error), Tone::Bad);
            return;
        }
    };
    let making = dialog.making(snapshot, state.cleanup.confirm, state.is_production(dialog.registry));
    if making.is_long() {
        let ticket = Ticket(state.next_number());
        dialog.stage = Stage::Making { ticket, before: before.map(Box::new) };
        effects.push(Effect::MakePlan { ticket, making: Box::new(making) });
    } else {
        dialog.take(making.run(), before, state.now);
    }
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

/// The config was edited: a plan on screen is made anew with what it says by now.
pub fn judged_anew(state: &mut State, effects: &mut Vec<Effect>) {
    for modal in std::mem::take(&mut state.modals) {
        match modal {
            Modal::Plan(dialog) if matches!(dialog.stage, Stage::Ready(_)) => changed(state, *dialog, effects),
            modal => state.modals.push(modal),
        }
    }
}

/// A plan that was made elsewhere.
pub fn made(state: &mut State, ticket: Ticket, made: Option<Made>, effects: &mut Vec<Effect>) {
    let waits = |stage: &Stage| matches!(stage, Stage::Making { ticket: own, .. } if *own == ticket);
    let Some((mut dialog, above)) = taken(state, waits) else { return };
    let before = match &mut dialog.stage {
        Stage::Making { before, .. } => before.take().map(|before| *before),
        _ => None,
    };
    let protection = state.protection(dialog.registry, &dialog.repo);
    match made {
        Some(made) if protection.is_ok_and(|now| now == made.snapshot.protection) => {
            let ask = made.plan.ask(&state.cleanup.confirm, state.is_production(dialog.registry));
            dialog.take(Made { ask, ..made }, before, state.now);
            state.modals.push(Modal::Plan(Box::new(dialog)));
        }
        Some(made) => make(state, dialog, made.snapshot, before, effects),
        None => {
            let what = Clean::fixed("The plan could not be made: a fault in tagboat.");
            let hint = Clean::fixed("The log has more.");
            dialog.stage = Stage::Failed(ErrorReport::new(ErrorKind::Internal, what, hint));
            state.modals.push(Modal::Plan(Box::new(dialog)));
        }
    }
    state.modals.extend(above);
}

/// The dialog that waits for this, and what lies on top of it and stays there.
fn taken(state: &mut State, waits: impl Fn(&Stage) -> bool) -> Option<(PlanDialog, Vec<Modal>)> {
    let waits = |modal: &Modal| matches!(modal, Modal::Plan(dialog) if waits(&dialog.stage));
    let at = state.modals.iter().position(waits)?;
    let above = state.modals.split_off(at + 1);
    match state.modals.pop() {
        Some(Modal::Plan(dialog)) => Some((*dialog, above)),
        _ => None,
    }
}

/// The dialog that waits for this request may be under another one by now.
pub fn reading(state: &mut State, id: RequestId, now: Reading) {
    for modal in &mut state.modals {
        if let Modal::Plan(dialog) = modal
            && let Stage::Reading { id: own, progress, .. } = &mut dialog.stage
            && *own == id
        {
            *progress = now;
        }
    }
}

pub fn surveyed(
    state: &mut State,
    id: RequestId,
    result: Result<Box<Snapshot>, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    let waits = |stage: &Stage| matches!(stage, Stage::Reading { id: own, .. } if *own == id);
    let Some((mut dialog, above)) = taken(state, waits) else { return };
    let before = match &mut dialog.stage {
        Stage::Reading { before, .. } => before.take(),
        _ => None,
    };
    match (result, before) {
        (Ok(snapshot), before) => {
            let before = before.map(|before| before.ready);
            let snapshot = Arc::new(*snapshot);
            if let Some(list) = state.cache.tags.get_mut(&(dialog.registry, dialog.repo.clone())) {
                list.surveyed(dialog.since, Arc::clone(&snapshot));
            }
            make(state, dialog, snapshot, before, effects);
        }
        (Err(report), Some(before)) => {
            let Before { ready, choices } = *before;
            dialog.choices = choices;
            let (made, now) = (ready.made.clone(), state.now);
            dialog.take(made, Some(ready), now);
            state.tell(report.what, Tone::Bad);
            state.modals.push(Modal::Plan(Box::new(dialog)));
        }
        (Err(report), None) => {
            dialog.stage = Stage::Failed(report);
            state.modals.push(Modal::Plan(Box::new(dialog)));
        }
    }
    state.modals.extend(above);
}

/// A plan that is closed while its facts are read needs them no more.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Plan(dialog) = modal {
        give_up(state, dialog, effects);
    }
}

fn give_up(state: &mut State, dialog: &PlanDialog, effects: &mut Vec<Effect>) {
    if let Stage::Reading { .. } = dialog.stage {
        let (id, repo) = (dialog.registry, dialog.repo.clone());
        abort(state, |p| *p == Pending::Survey(id, repo.clone()), effects);
    }
}

/// Confirmed: the plan as it was on the screen becomes a job.
pub fn start(state: &mut State, dialog: PlanDialog, effects: &mut Vec<Effect>) {
    let Stage::Ready(ready) = &dialog.stage else { return };
    if state.now.duration_since(ready.plan.created).abs() > LIFE {
        state.tell(Clean::fixed("This plan is older than 5 minutes; its facts are read again."), Tone::Info);
        again(state, dialog, effects);
        return;
    }
    let plan = Arc::clone(&ready.plan);
    if !jobs::begin(state, dialog.registry, Work::Delete(plan), effects) {
        state.modals.push(Modal::Plan(Box::new(dialog)));
    }
}

/// `o`: for a review, and for `tagboat apply`.
pub fn save(state: &mut State, dialog: PlanDialog) {
    let Stage::Ready(ready) = &dialog.stage else { return };
    let plan = Arc::clone(&ready.plan);
    let stem = format!("{}-{}-plan", plan.registry, plan.repo);
    let about = clean::line(&format!("a plan of {} items", plan.items.len()));
    state.modals.push(Modal::Plan(Box::new(dialog)));
    save::offer(state, Source::Plan(plan), about, &stem);
}

/// Another try, of exactly what failed: planned anew, because the facts of the first plan are old.
pub fn retry(state: &mut State, job: crate::app::job::JobId, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter().find(|one| one.id == job) else { return };
    let Work::Delete(plan) = &job.work else { return };
    let plan = Arc::clone(plan);
    let (mut wanted, mut bare) = (BTreeSet::new(), BTreeSet::new());
    let marked: BTreeSet<&TagName> = plan.lost_tags().collect();
    for item in job.to_retry().filter_map(|at| plan.items.get(at)) {
        wanted.extend(item.takes().iter().filter(|tag| marked.contains(tag)).cloned());
        bare.extend(item.deletes().cloned());
    }
    let place = (job.registry, plan.repo.clone());
    let marks = Marks { tags: wanted.into_iter().collect(), untagged: !bare.is_empty(), kept: Vec::new() };
    show(state, place, marks, effects, |dialog| {
        dialog.lifted.clone_from(&plan.choices.lifted);
        dialog.choices = plan.choices.clone();
        dialog.choices.spared.clear();
        dialog.only = Some(bare);
    });
}
