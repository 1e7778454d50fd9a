//! When a list is put in order again: short ones at once, long ones elsewhere, one at a time. What the user asks for
//! replaces what is being worked out; rows that arrive wait until it is done.

use std::sync::Arc;

use crate::app::arrange::{Arranged, Job, Source, Ticket, View};
use crate::app::effect::Effect;
use crate::app::labels;
use crate::app::list::{Column, Due};
use crate::app::pane::{self, Pane, Place};
use crate::app::state::State;
use crate::domain::label::Labels;

/// Rows that are arranged within the message that asks for it: less than a millisecond or two.
const AT_ONCE: usize = 5_000;
/// With their names in order already and nothing to look for, more rows take no longer.
const AT_ONCE_SORTED: usize = 100_000;

/// The user wants to see the pane on top differently.
pub fn arrange(state: &mut State) {
    due(state, Due::View);
}

/// Rows of the pane on top came or changed.
pub fn rows_changed(state: &mut State) {
    due(state, Due::Rows);
}

fn due(state: &mut State, why: Due) {
    let State { panes, registries, hidden, history, jobs, now, .. } = state;
    let Some(pane) = panes.last_mut() else { return };
    match &pane.place {
        Place::Registries => {
            let shown = pane::registries::arrange(registries, hidden, pane, *now);
            let keep = pane.list.selected();
            pane.list.arrange(shown, keep);
        }
        Place::Jobs | Place::History => {
            let shown = match pane.place {
                Place::Jobs => pane::done::jobs(jobs, &pane.list, *now),
                _ => pane::done::operations(&history.rows, &pane.list, *now),
            };
            let keep = pane.list.selected();
            pane.list.arrange(shown, keep);
        }
        Place::Image(..) => {}
        Place::Repositories(_) | Place::Tags(..) => {
            pane.list.due = pane.list.due.max(why);
            if is_long(state) {
                return;
            }
            if let Some(arranged) = job(state).map(Job::run) {
                take(state, arranged);
            }
            let list = &mut state.pane_mut().list;
            (list.arranging, list.due) = (None, Due::Not);
        }
    }
}

/// At the end of every message: asks for the arrangement that is due and too long to be made at once.
pub fn settle(state: &mut State, effects: &mut Vec<Effect>) {
    let list = &state.pane().list;
    let now = match list.due {
        Due::Not => return,
        Due::Rows => list.arranging.is_none(),
        Due::View => true,
    };
    if !now {
        return;
    }
    let calm = list.due == Due::Rows;
    let Some(job) = job(state) else { return };
    let ticket = Ticket(state.next_number());
    let list = &mut state.pane_mut().list;
    (list.arranging, list.due) = (Some(ticket), Due::Not);
    effects.push(Effect::Arrange { ticket, job: Box::new(job), calm });
}

/// An arrangement made elsewhere. `None`: it could not be made.
pub fn arranged(state: &mut State, ticket: Ticket, arranged: Option<Arranged>) {
    if state.pane().list.arranging != Some(ticket) {
        return;
    }
    state.pane_mut().list.arranging = None;
    if let Some(arranged) = arranged {
        take(state, arranged);
    }
}

fn take(state: &mut State, arranged: Arranged) {
    let State { panes, cache, .. } = state;
    let Some(pane) = panes.last_mut() else { return };
    let order = match &pane.place {
        Place::Repositories(id) => cache.catalogs.get_mut(id).map(|catalog| &mut catalog.order),
        Place::Tags(id, repo) => cache.tags.get_mut(&(*id, repo.clone())).map(|list| &mut list.order),
        _ => None,
    };
    if let Some(order) = order {
        *order = arranged.order;
    }
    let keep = pane.list.selected();
    pane.list.arrange(arranged.shown, keep);
    // Where nobody has gone anywhere yet, Enter opens the first repository, not the heading above it.
    let list = &mut pane.list;
    if !list.touched
        && list.selected().is_some_and(pane::repositories::is_heading)
        && list.shown.get(1).is_some_and(|row| !pane::repositories::is_heading(*row))
    {
        list.begin_at(1);
    }
    pane.marked.take();
}

fn job(state: &State) -> Option<Job> {
    let pane = state.pane();
    let (source, order) = match &pane.place {
        Place::Repositories(id) => {
            let catalog = state.cache.catalogs.get(id)?;
            (Source::Repositories(catalog.rows.clone()), catalog.order.clone())
        }
        Place::Tags(id, repo) => {
            let list = state.tags(*id, repo)?;
            (Source::Tags(list.rows.clone()), list.order.clone())
        }
        Place::Registries | Place::Image(..) | Place::Jobs | Place::History => return None,
    };
    Some(Job { source, order, view: view(pane, state) })
}

fn view(pane: &Pane, state: &State) -> View {
    let labels = match &pane.place {
        Place::Tags(id, repo) if labels::decide(&pane.list) => state.labels(*id, repo),
        _ => Labels::default(),
    };
    let kept = match &pane.place {
        Place::Tags(id, repo) => state.tags(*id, repo).map(|list| Arc::clone(&list.facts)),
        _ => None,
    };
    let kept = kept.unwrap_or_default();
    View {
        sort: pane.list.sort,
        filter: pane.list.filter.filter.clone(),
        marked: pane.only_marked.then(|| pane.marks.clone()),
        repos: pane.only_marked.then(|| pane.repos.clone()),
        only_favourites: pane.only_favourites,
        group: pane.group.clone(),
        tree: pane::repositories::as_tree(pane).then(|| pane.tree.clone()),
        groups: has_headings(pane, state).then(|| pane.tree.closed.clone()),
        unfold: pane.unfold,
        labels,
        kept,
        now: state.now,
    }
}

fn has_headings(pane: &Pane, state: &State) -> bool {
    let Place::Repositories(id) = &pane.place else { return false };
    state.cache.catalogs.get(id).is_some_and(|catalog| pane::repositories::has_headings(catalog, pane))
}

fn is_long(state: &State) -> bool {
    let pane = state.pane();
    let lengths = match &pane.place {
        Place::Repositories(id) => state.cache.catalogs.get(id).map(|c| (c.rows.len(), c.order.len())),
        Place::Tags(id, repo) => state.tags(*id, repo).map(|l| (l.rows.len(), l.order.len())),
        Place::Registries | Place::Image(..) | Place::Jobs | Place::History => None,
    };
    let Some((rows, sorted)) = lengths else { return false };
    let plain = pane.list.filter.filter.is_none() && !pane.only_marked && pane.list.sort.column == Column::Name;
    rows > AT_ONCE && !(plain && sorted == rows && rows <= AT_ONCE_SORTED)
}
