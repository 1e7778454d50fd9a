//! `c` where the system keeps colours: the colour of tags, changed there, and changed back by `u`.

use std::sync::Arc;

use super::{changes, jobs, plan};
use crate::app::effect::Effect;
use crate::app::job::{Job, JobId, Stage, Work};
use crate::app::modal::Modal;
use crate::app::modal::recolour::Recolour;
use crate::app::pane::Place as Shown;
use crate::app::pane::marks::Back;
use crate::app::state::{State, Tone};
use crate::domain::capability::Place;
use crate::domain::clean;
use crate::domain::outcome::Outcome;
use crate::domain::recorded::Recolouring;
use crate::domain::reference::TagName;
use crate::domain::registry::RegistryId;
use crate::domain::text;

/// Whether colours are the system's where we are.
pub fn is_here(state: &State) -> bool {
    let id = state.pane().place.registry();
    id.is_some_and(|id| state.registry(id).caps.colours == Place::Server)
}

/// For the marks, or for the tag under the cursor.
pub fn open(state: &mut State) {
    let Some((id, repo, marks)) = plan::marked(state).filter(|(.., marks)| !marks.tags.is_empty()) else { return };
    let list = state.tags(id, &repo);
    let colour = |tag: &TagName| list?.facts.get(tag)?.colour_text.clone();
    let tags = marks.tags.iter().map(|tag| (tag.clone(), colour(tag))).collect();
    state.modals.push(Modal::Recolour(Box::new(Recolour::new(id, repo, tags))));
}

/// Whether it began.
pub fn start(state: &mut State, registry: RegistryId, work: Recolouring, effects: &mut Vec<Effect>) -> bool {
    if let Some(why) = changes::forbidden(state, registry) {
        state.tell(clean::line(&format!("colour: {why}")), Tone::Info);
        return false;
    }
    let (tags, back) = (work.tags.len(), work.takes_back);
    let began = jobs::begin(state, registry, Work::Recolour(Arc::new(work)), effects);
    if began && back {
        let words = match tags {
            1 => "Taking back the colour of 1 tag.".to_owned(),
            _ => format!("Taking back the colours of {} tags.", text::count(tags)),
        };
        state.tell(clean::line(&words), Tone::Info);
    }
    began
}

/// What was done can be taken back in the list it was done in.
pub fn finished(state: &mut State, job: &Job) {
    let Work::Recolour(work) = &job.work else { return };
    let done = |at: usize| matches!(&job.stages[at], Stage::Ended(ended) if ended.outcome == Outcome::Done);
    let back = work.reversed(done);
    if back.tags.is_empty() || work.takes_back {
        return;
    }
    let place = Shown::Tags(job.registry, work.repo.clone());
    if let Some(pane) = state.panes.iter_mut().rfind(|pane| pane.place == place) {
        pane.changed(Back::Recolour(Box::new(back)));
    }
}

/// `u`
pub fn take_back(state: &mut State, back: Recolouring, effects: &mut Vec<Effect>) {
    let Some(id) = state.pane().place.registry() else { return };
    if !start(state, id, back.clone(), effects) {
        // It can be taken back later.
        state.pane_mut().changed(Back::Recolour(Box::new(back)));
    }
}

/// Nothing but tags has a colour.
pub fn available(state: &State) -> Result<(), &'static str> {
    let Some((id, ..)) = plan::marked(state).filter(|(.., marks)| !marks.tags.is_empty()) else {
        return Err("colours are for tags");
    };
    changes::forbidden(state, id).map_or(Ok(()), Err)
}

/// `r` on such a job: what was not done, once more.
pub fn again(state: &mut State, id: JobId, work: &Recolouring, effects: &mut Vec<Effect>) {
    let Some(job) = state.jobs.iter().find(|job| job.id == id) else { return };
    let (registry, these) = (job.registry, job.to_retry().collect::<Vec<_>>());
    let tags = these.iter().filter_map(|at| work.tags.get(*at).cloned()).collect();
    start(state, registry, Recolouring { tags, ..work.clone() }, effects);
}
