//! The plan of a deletion: its facts are read, then it is shown; nothing is sent from here.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{abort, jobs, save};
use crate::app::effect::Effect;
use crate::app::export::Source;
use crate::app::job::Work;
use crate::app::modal::Modal;
use crate::app::modal::plan::{LIFE, PlanDialog, Reading, Stage};
use crate::app::msg::RequestId;
use crate::app::pane::{Place, tags};
use crate::app::state::{Pending, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Marks, Snapshot};
use crate::domain::error::ErrorReport;
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
        Place::Image(..) | Place::Registries | Place::Repositories(_) => None,
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
    let Some(request) = survey(state, id, &repo, &marks, effects) else { return };
    let mut dialog = PlanDialog::new(id, repo, marks, request);
    change(&mut dialog);
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

fn survey(
    state: &mut State,
    registry: RegistryId,
    repo: &RepoName,
    marks: &Marks,
    effects: &mut Vec<Effect>,
) -> Option<RequestId> {
    let protection = match state.protection(registry, repo) {
        Ok(protection) => protection,
        Err(error) => {
            let text = format!("Nothing is deleted while a pattern of “protect” cannot be read: {}", error.message);
            state.tell(clean::line(&text), Tone::Bad);
            return None;
        }
    };
    let id = state.begin(Pending::Survey(registry, repo.clone()));
    effects.push(Effect::Survey { id, registry, repo: repo.clone(), protection, marks: marks.clone() });
    Some(id)
}

/// The facts are read again: they are old, or could not be read. What was chosen stays chosen.
pub fn again(state: &mut State, mut dialog: PlanDialog, effects: &mut Vec<Effect>) {
    let Some(id) = survey(state, dialog.registry, &dialog.repo, &dialog.marks, effects) else { return };
    dialog.stage = Stage::Reading { id, progress: Reading::default() };
    state.modals.push(Modal::Plan(Box::new(dialog)));
}

/// The dialog that waits for this request, which may be under another one by now.
fn waiting(state: &mut State, id: RequestId) -> Option<&mut PlanDialog> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Plan(dialog) if matches!(dialog.stage, Stage::Reading { id: own, .. } if own == id) => {
            Some(&mut **dialog)
        }
        _ => None,
    })
}

pub fn reading(state: &mut State, id: RequestId, now: Reading) {
    if let Some(PlanDialog { stage: Stage::Reading { progress, .. }, .. }) = waiting(state, id) {
        *progress = now;
    }
}

pub fn surveyed(state: &mut State, id: RequestId, result: Result<Box<Snapshot>, ErrorReport>) {
    let (cleanup, now) = (state.cleanup.clone(), state.now);
    let Some(registry) = waiting(state, id).map(|dialog| dialog.registry) else { return };
    let production = state.is_production(registry);
    let Some(dialog) = waiting(state, id) else { return };
    match result {
        Ok(snapshot) => dialog.read(*snapshot, &cleanup, production, now),
        Err(report) => dialog.stage = Stage::Failed(report),
    }
}

/// A plan that is closed while its facts are read needs them no more.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Plan(dialog) = modal
        && let Stage::Reading { .. } = dialog.stage
    {
        let (id, repo) = (dialog.registry, dialog.repo.clone());
        abort(state, |p| *p == Pending::Survey(id, repo.clone()), effects);
    }
}

/// Confirmed: the plan as it was on the screen becomes a job.
pub fn start(state: &mut State, dialog: PlanDialog, effects: &mut Vec<Effect>) {
    let Stage::Ready(ready) = &dialog.stage else { return };
    if state.jobs.iter().any(|job| job.runs() && job.registry == dialog.registry && *job.work.repo() == dialog.repo) {
        state.tell(Clean::fixed("A job is running in this repository; start this one when it is done."), Tone::Info);
        state.modals.push(Modal::Plan(Box::new(dialog)));
        return;
    }
    if state.now.duration_since(ready.plan.created).abs() > LIFE {
        state.tell(Clean::fixed("This plan is older than 5 minutes; its facts are read again."), Tone::Info);
        again(state, dialog, effects);
        return;
    }
    let plan = Arc::clone(&ready.plan);
    jobs::begin(state, dialog.registry, Work::Delete(plan), effects);
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
    let Work::Delete(plan) = &job.work;
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
