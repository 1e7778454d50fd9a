//! The deletion of whole repositories: planned of facts read for it, confirmed, run as a job; and what becomes of the list
//! afterwards.

use super::{abort, changes, jobs, loaded, open};
use crate::app::cache::{Phase, TagCount};
use crate::app::effect::{Effect, SavedList};
use crate::app::job::{JobId, Work};
use crate::app::modal::Modal;
use crate::app::modal::plan::{LIFE, Reading};
use crate::app::modal::sweep::{Stage, SweepDialog};
use crate::app::msg::RequestId;
use crate::app::pane::{Place, repositories};
use crate::app::state::{Link, Pending, State, Tone};
use crate::domain::capability::Ability;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, Mode, RegistryId};
use crate::domain::sweep::{Known, Snapshot};

/// Whether repositories can be deleted here: told before anything is marked for nothing.
pub fn may_delete(state: &State) -> Result<(), &'static str> {
    let Some(id) = state.pane().place.registry() else { return Err("choose a registry first") };
    let registry = state.registry(id);
    let connecting = matches!(registry.link, Link::NotAsked | Link::Connecting);
    if state.read_only {
        return Err("tagboat runs read-only (--read-only)");
    }
    if registry.profile.mode == Mode::ReadOnly {
        return Err("this registry is read-only in the config (mode = \"ro\")");
    }
    if connecting && registry.profile.kind != BackendKind::Oci {
        return Err("what this registry can do is not known yet");
    }
    if !registry.caps.can(Ability::DeleteRepositories) {
        return Err("this registry cannot delete repositories");
    }
    if state.cleanup.unread {
        return Err("the config has a mistake, so what it protects is not known");
    }
    Ok(())
}

/// What a plan would be about: the marks, or the row under the cursor.
pub fn marked(state: &State) -> Vec<RepoName> {
    let pane = state.pane();
    let Place::Repositories(id) = &pane.place else { return Vec::new() };
    if !pane.repos.is_empty() {
        return pane.repos.iter().cloned().collect();
    }
    let row = pane.list.selected().and_then(|at| state.cache.catalogs.get(id)?.rows.get(at as usize));
    row.and_then(repositories::name).cloned().into_iter().collect()
}

/// `d`
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let repos = marked(state);
    if let Place::Repositories(id) = state.pane().place {
        again(state, SweepDialog::new(id, repos), effects);
    }
}

/// The facts are read: for the first time, or again. What was chosen stays chosen.
pub fn again(state: &mut State, mut dialog: SweepDialog, effects: &mut Vec<Effect>) {
    let registry = dialog.registry;
    let with = |repo: &RepoName| Ok((repo.clone(), state.protection(registry, repo)?));
    let repos = match dialog.repos.iter().map(with).collect::<Result<Vec<_>, crate::domain::filter::FilterError>>() {
        Ok(repos) => repos,
        Err(error) => {
            let words = format!("Nothing is deleted while a pattern of “protect” cannot be read: {}", error.message);
            state.tell(clean::line(&words), Tone::Bad);
            return;
        }
    };
    let id = state.begin(Pending::Sweep(registry));
    effects.push(Effect::SurveyRepositories { id, registry, repos });
    dialog.stage = Stage::Reading { id, progress: Reading::default() };
    state.modals.push(Modal::Sweep(Box::new(dialog)));
}

/// The config was edited: what it protects may be something else now.
pub fn judged_anew(state: &mut State, effects: &mut Vec<Effect>) {
    for modal in std::mem::take(&mut state.modals) {
        match modal {
            Modal::Sweep(dialog) if matches!(dialog.stage, Stage::Ready(_)) => again(state, *dialog, effects),
            modal => state.modals.push(modal),
        }
    }
}

/// The dialog that waits for this request, wherever it is by now.
fn waiting(state: &mut State, request: RequestId) -> Option<&mut SweepDialog> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Sweep(dialog) if matches!(dialog.stage, Stage::Reading { id, .. } if id == request) => {
            Some(&mut **dialog)
        }
        _ => None,
    })
}

pub fn reading(state: &mut State, id: RequestId, now: Reading) {
    if let Some(SweepDialog { stage: Stage::Reading { progress, .. }, .. }) = waiting(state, id) {
        *progress = now;
    }
}

pub fn has_read(
    state: &mut State,
    id: RequestId,
    result: Result<Box<Snapshot>, ErrorReport>,
    effects: &mut Vec<Effect>,
) {
    let now = state.now;
    let Some(registry) = waiting(state, id).map(|dialog| dialog.registry) else { return };
    let production = state.is_production(registry);
    let name = state.registry(registry).profile.name.clone();
    let is_favourite = |repo: &RepoName| state.favourites.contains(&(name.clone(), Some(repo.clone())));
    let result = result.map(|mut snapshot| {
        for (repo, known) in &mut snapshot.repos {
            if let Known::Here(fact) = known {
                fact.favourite |= is_favourite(repo);
            }
        }
        *snapshot
    });
    let top = matches!(state.modals.last(), Some(Modal::Sweep(_)));
    let Some(dialog) = waiting(state, id) else { return };
    match result {
        Ok(snapshot) => dialog.take(snapshot, production, now),
        Err(report) => {
            dialog.stage = Stage::Failed(report.clone());
            if top {
                super::signing::ask(state, registry, &report, effects);
            }
        }
    }
}

/// A plan that is closed while its facts are read needs them no more.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    if let Modal::Sweep(dialog) = modal
        && let Stage::Reading { .. } = dialog.stage
    {
        let registry = dialog.registry;
        abort(state, |pending| *pending == Pending::Sweep(registry), effects);
    }
}

/// Confirmed: the plan as it was on the screen becomes a job.
pub fn start(state: &mut State, dialog: SweepDialog, effects: &mut Vec<Effect>) {
    let Stage::Ready(ready) = &dialog.stage else { return };
    if state.now.duration_since(ready.plan.created).abs() > LIFE {
        state.tell(Clean::fixed("This plan is older than 5 minutes; its facts are read again."), Tone::Info);
        again(state, dialog, effects);
        return;
    }
    let plan = std::sync::Arc::clone(&ready.plan);
    if !jobs::begin(state, dialog.registry, Work::Sweep(plan), effects) {
        state.modals.push(Modal::Sweep(Box::new(dialog)));
    }
}

/// Another try, of exactly what failed: planned anew, because the facts of the first plan are old.
pub fn retry(state: &mut State, job: JobId, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter().find(|one| one.id == job) else { return };
    let (registry, work) = (job.registry, &job.work);
    let repos: Vec<RepoName> = job.to_retry().filter_map(|at| work.whole(at)).cloned().collect();
    again(state, SweepDialog::new(registry, repos), effects);
}

/// A plan about these.
pub fn show(state: &mut State, registry: RegistryId, repos: Vec<RepoName>, effects: &mut Vec<Effect>) {
    again(state, SweepDialog::new(registry, repos), effects);
}

/// What is gone leaves the list, which is not read again for it; what was tried and is there is looked at when it is on
/// screen. A favourite and a name that was typed stand for a place, which is gone. Labels and notes stay, as they do
/// when tags are deleted: they are the operator's own, and nothing would bring them back.
pub fn finished(
    state: &mut State,
    id: RegistryId,
    (gone, there): (Vec<RepoName>, Vec<RepoName>),
    effects: &mut Vec<Effect>,
) {
    let place = Place::Repositories(id);
    for pane in state.panes.iter_mut().filter(|pane| pane.place == place) {
        pane.repos.retain(|repo| !gone.contains(repo));
        // Marks of what is gone must not come back.
        pane.changes.clear();
        pane.only_marked &= !pane.repos.is_empty();
        pane.list.anchor = None;
    }
    for repo in gone.iter().chain(&there) {
        forget(state, id, repo);
    }
    gone.iter().for_each(|repo| unlist(state, id, repo, effects));
    let configured = state.registry(id).profile.repositories.clone();
    let searched = state.cache.aside.contains_key(&id);
    let leaves: std::collections::HashSet<&RepoName> = gone.iter().filter(|repo| !configured.contains(repo)).collect();
    let left = |row: &crate::app::cache::RepoRow| repositories::name(row).is_some_and(|name| leaves.contains(name));
    let found = state.cache.catalogs.get_mut(&id).filter(|_| searched).and_then(|found| found.remove(left));
    let catalog = state.cache.list_mut(id);
    let moved = catalog.remove(left);
    for row in there.iter().chain(&configured) {
        if let Some(row) = catalog.row_mut(row) {
            row.tags = TagCount::NotAsked;
        }
    }
    // What is on its way was asked before, and would bring them again.
    let loading = matches!(catalog.phase, Phase::Loading(_));
    loaded::renumber(state, &place, moved, false);
    loaded::renumber(state, &place, found, true);
    if state.pane().place == place {
        there.iter().for_each(|repo| changes::read_again(state, id, repo, effects));
    }
    loaded::save_repositories(state, id, effects);
    if loading {
        open::load_repositories(state, id, effects);
    }
    match state.pane().place.clone() {
        Place::Tags(at, repo) if at == id && gone.contains(&repo) => open::load_tags(state, id, &repo, effects),
        here if here == place => super::arrange(state),
        _ => {}
    }
    super::want_details(state, effects);
}

/// What was read of it says nothing any more.
fn forget(state: &mut State, id: RegistryId, repo: &RepoName) {
    let here = state.pane().place == Place::Tags(id, repo.clone());
    if let Some(list) = state.cache.tags.get_mut(&(id, repo.clone())).filter(|_| !here) {
        list.phase = Phase::NotAsked;
    }
    state.cache.images.retain(|key, _| key.0 != id || key.1 != *repo);
    state.cache.referrers.retain(|key, _| key.0 != id || key.1 != *repo);
}

fn unlist(state: &mut State, id: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    let registry = state.registry(id).profile.name.clone();
    state.cache.tags.remove(&(id, repo.clone()));
    state.guarded.remove(&(id, repo.clone()));
    // In the place of what an earlier visit saw.
    let list = SavedList::Tags(repo.clone(), crate::app::cache::Rows::default());
    effects.push(Effect::Save { registry: id, time: state.now, list });
    if state.favourites.remove(&(registry.clone(), Some(repo.clone()))) {
        let repository = Some(repo.clone());
        effects.push(Effect::SetFavourite { registry: registry.clone(), repository, on: false });
    }
    if state.typed.remove(&(registry.clone(), repo.clone())) {
        effects.push(Effect::SetTyped { registry, repository: repo.clone(), on: false });
    }
    let leads_there = |place: &Place| match place {
        Place::Tags(at, name) | Place::Image(at, name, _) => *at == id && name == repo,
        _ => false,
    };
    if state.last_place.as_ref().is_some_and(|places| places.iter().any(leads_there)) {
        state.last_place = None;
    }
}
