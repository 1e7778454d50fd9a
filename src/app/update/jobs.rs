//! Plans that run: what they tell, how they are stopped, and what is read again when they are done.

use std::collections::HashSet;

use super::{new_tag, open, plan, recolour, save, sweep};
use crate::app::cache::TagCount;
use crate::app::effect::Effect;
use crate::app::export::Source;
use crate::app::job::{Job, JobEvent, JobId, Stage, Work};
use crate::app::modal::progress::Progress;
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::pane::Place;
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;
use crate::domain::text;

/// Why this has to wait. What takes something away is alone in its repository: whatever else is done there meanwhile would
/// be looked at by it too early, or be lost with it.
pub fn busy(state: &State, registry: RegistryId, work: &Work) -> Option<Clean> {
    // What only reads waits for nobody.
    if work.is_fetch() {
        return None;
    }
    let running = state.jobs.iter().filter(|job| job.runs() && job.registry == registry);
    let against = running.filter(|job| work.takes_away() || job.work.takes_away());
    let taken: HashSet<&RepoName> = against.flat_map(|job| job.work.repos()).collect();
    work.repos().any(|repo| taken.contains(repo)).then(|| {
        let place = if matches!(work, Work::Sweep(_)) { "one of these repositories" } else { "this repository" };
        clean::line(&format!("A job is running in {place}; start this one when it is done."))
    })
}

pub fn runs_in(state: &State, registry: RegistryId, repo: &RepoName) -> bool {
    state.jobs.iter().any(|job| job.runs() && job.registry == registry && job.work.repos().any(|one| one == repo))
}

/// False where it has to wait, which is told.
#[must_use]
pub fn begin(state: &mut State, registry: RegistryId, work: Work, effects: &mut Vec<Effect>) -> bool {
    if let Some(why) = busy(state, registry, &work) {
        state.tell(why, Tone::Info);
        return false;
    }
    let id = JobId(state.jobs.len() as u64 + 1);
    state.jobs.push(Job::new(id, registry, work.clone(), state.now));
    state.modals.push(Modal::Progress(Progress::new(id)));
    super::arrange(state);
    effects.push(Effect::StartJob { job: id, registry, work });
    true
}

pub fn event(state: &mut State, id: JobId, event: JobEvent, effects: &mut Vec<Effect>) {
    let now = state.now;
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else { return };
    let ended = matches!(event, JobEvent::Finished { .. }) && job.runs();
    job.take(event, now);
    if ended {
        finished(state, id, effects);
    }
}

fn finished(state: &mut State, id: JobId, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter().find(|job| job.id == id) else { return };
    let (registry, repo) = (job.registry, job.work.repo().cloned());
    let whole = job.lost_repos();
    let gone: Vec<TagName> = job.lost_tags().cloned().collect();
    let totals = job.totals();
    let failed = totals.ended() - totals.of(Outcome::Done) - totals.of(Outcome::Gone);
    let count = text::count(totals.of(Outcome::Done) + totals.of(Outcome::Gone));
    let (words, tone) = match (&job.alarm, failed) {
        (Some(alarm), _) => (format!("Job {}: {alarm}", id.0), Tone::Bad),
        (None, 0) => (format!("Job {} is done: {count} of {} items.", id.0, text::count(totals.all())), Tone::Good),
        (None, n) => (format!("Job {}: {count} done, {} not; g j shows them.", id.0, text::count(n)), Tone::Bad),
    };
    let words = match (&job.work, job.stages.first()) {
        // Of one thing, what became of it says more than a number.
        (Work::Layer(_), Some(Stage::Ended(Ended { why: Some(why), .. }))) => format!("Job {}: {why}", id.0),
        _ => words,
    };
    let fetched = job.work.verb() == "download";
    let words = clean::line(&words);
    state.record(registry, words.as_str(), tone);
    state.tell(words, tone);
    if state.history.read || state.history.unfinished > 0 {
        super::history::read(state, effects);
    }
    match repo {
        _ if fetched => {}
        Some(repo) if whole == Default::default() => forget(state, registry, &repo, &gone, effects),
        _ => sweep::finished(state, registry, whole, effects),
    }
    if let Some(job) = state.jobs.iter().find(|job| job.id == id).cloned() {
        new_tag::finished(state, &job, effects);
        recolour::finished(state, &job);
    }
    leave_at_the_end(state, effects);
}

/// Whoever waits for jobs and changes to end leaves with the last of them.
pub fn leave_at_the_end(state: &mut State, effects: &mut Vec<Effect>) {
    if state.leaving && state.changing.is_empty() && !state.jobs.iter().any(Job::runs) {
        open::quit(state, effects);
    }
}

/// What is gone is marked no more, and what was read of the repository is read again.
fn forget(state: &mut State, registry: RegistryId, repo: &RepoName, gone: &[TagName], effects: &mut Vec<Effect>) {
    let place = Place::Tags(registry, repo.clone());
    for pane in state.panes.iter_mut().filter(|pane| pane.place == place) {
        for tag in gone {
            pane.marks.remove(tag);
        }
        // Marks of what is gone must not come back.
        pane.changes.clear();
        pane.lifted.clear();
        pane.untagged = false;
        pane.spared.clear();
        pane.only_marked &= !pane.marks.is_empty();
        pane.marked.take();
    }
    state.cache.images.retain(|key, _| key.0 != registry || key.1 != *repo);
    state.cache.referrers.retain(|key, _| key.0 != registry || key.1 != *repo);
    if let Some(row) = state.cache.catalogs.get_mut(&registry).and_then(|catalog| catalog.row_mut(repo)) {
        row.tags = TagCount::NotAsked;
    }
    let here = state.pane().place.clone();
    if here == place {
        open::load_tags(state, registry, repo, effects);
        super::arrange(state);
    } else if let Some(list) = state.cache.tags.get_mut(&(registry, repo.clone())) {
        // Read again when somebody looks at it.
        list.forget();
    }
    if matches!(&here, Place::Image(id, shown, _) if *id == registry && shown == repo) {
        open::load_image(state, effects);
    }
    super::want_details(state, effects);
}

/// `r`: what failed, once more. A copy looks for everything again, and what is there is not brought again.
pub fn retry(state: &mut State, id: JobId, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter().find(|job| job.id == id) else { return };
    let registry = job.registry;
    match job.work.clone() {
        Work::Delete(_) => plan::retry(state, id, effects),
        Work::Sweep(_) => sweep::retry(state, id, effects),
        Work::Copy(order) => new_tag::start(state, *order, effects),
        Work::Recolour(work) => recolour::again(state, id, &work, effects),
        Work::Undo(back) => super::history::show(state, back.prospect.id.clone(), true, effects),
        Work::Settle(settling) => super::history::show(state, settling.id.clone(), true, effects),
        // A part that is there is gone on with, and a push that broke off is repeated.
        work @ Work::Layer(_) => {
            // Where it has to wait, that is told.
            let _ = begin(state, registry, work, effects);
        }
    }
}

/// `x`: nothing more is begun; what is under way is finished and checked.
pub fn stop(state: &mut State, id: JobId, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id && job.runs()) else { return };
    job.stopping = true;
    effects.push(Effect::StopJob { job: id });
    state.tell(Clean::fixed("Stopping after the request under way; what is done stays done."), Tone::Info);
}

/// The job under the cursor.
pub fn selected(state: &State) -> Option<&Job> {
    let pane = state.pane();
    let at = pane.list.selected().filter(|_| pane.place == Place::Jobs)?;
    state.jobs.get(at as usize)
}

/// Enter on a job.
pub fn show_selected(state: &mut State) {
    if let Some(id) = selected(state).map(|job| job.id) {
        state.modals.push(Modal::Progress(Progress::new(id)));
    }
}

/// `o` on a job: what became of each item.
pub fn report(state: &mut State, id: JobId) {
    let Some(job) = state.jobs.iter().find(|job| job.id == id) else { return };
    let stem = format!("{}-{}-job-{}", job.work.registry(), job.work.place(), id.0);
    let about = clean::line(&format!("what became of {} items", job.work.len()));
    let source = Source::Job(Box::new(job.clone()));
    save::offer(state, source, about, &stem);
}

/// Whether leaving now has to be asked about first.
pub fn asks_before_quitting(state: &mut State) -> bool {
    let running = state.jobs.iter().filter(|job| job.runs()).count();
    if running == 0 || state.leaving {
        return false;
    }
    let lines = vec![
        clean::line(&format!("{running} running. tagboat stops after the request under way, and then ends.")),
        Clean::fixed("What is deleted stays deleted; what is left can be planned again."),
    ];
    state.modals.push(Modal::Ask(Ask { title: "Stop the job and quit?", lines, intent: Intent::Leave }));
    true
}

/// Stops every job; the end comes when the last of them has ended.
pub fn leave(state: &mut State, effects: &mut Vec<Effect>) {
    state.leaving = true;
    let running: Vec<JobId> = state.jobs.iter().filter(|job| job.runs()).map(|job| job.id).collect();
    if running.is_empty() {
        leave_at_the_end(state, effects);
        return;
    }
    running.into_iter().for_each(|job| stop(state, job, effects));
    state.tell(Clean::fixed("Stopping, then quitting; q again does not wait."), Tone::Info);
}
