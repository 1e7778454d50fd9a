//! Answers. One goes to the slot its id stands for, or nowhere.

use super::{
    arranging, changes, details, elsewhere, favourites, forms, groups, history, layers, new_tag, open, plan,
    registries, scopes, search, sweep,
};
use crate::app::cache::{Moved, Phase, Remote, TagCount};
use crate::app::effect::{Effect, SavedList};
use crate::app::list::Column;
use crate::app::modal::Modal;
use crate::app::modal::file_form::NotSaved;
use crate::app::msg::{Event, Hello, RequestId};
use crate::app::pane::{Place, tags};
use crate::app::state::{Link, Pending, State, Tone};
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::page::ListEnd;
use crate::domain::registry::RegistryId;

pub fn loaded(state: &mut State, id: RequestId, event: Event, effects: &mut Vec<Effect>) {
    let Some(pending) = state.inflight.get(&id).cloned() else { return };
    if let Event::Learned(caps, rtt) = event {
        registries::learned(state, pending.registry(), *caps, rtt, effects);
        return;
    }
    let last = !matches!(
        event,
        Event::Repositories(_)
            | Event::RepositoriesTold(_)
            | Event::Tags(_)
            | Event::TagsTold(_)
            | Event::Details(_)
            | Event::TagCount(..)
            | Event::Surveying(_)
    );
    if last {
        state.inflight.remove(&id);
    }
    let here = shows(state, &pending);
    match (pending, event) {
        (Pending::Connect(registry), Event::Connected(result, hello)) => {
            connected(state, registry, result, *hello, effects)
        }
        (Pending::Repositories(registry), Event::Repositories(names)) => {
            state.cache.list_mut(registry).page(names);
            rearrange(state, here, effects);
        }
        (Pending::Search(registry), Event::Repositories(names)) => {
            state.cache.catalogs.entry(registry).or_default().page(names);
            rearrange(state, here, effects);
        }
        (pending, Event::RepositoriesTold(told)) => {
            let of_list = matches!(pending, Pending::Repositories(_));
            changes::told(state, pending.registry(), told, of_list);
            // The page itself is next, and is arranged then.
            let alone = !matches!(pending, Pending::Repositories(_) | Pending::Search(_));
            rearrange(state, here && alone, effects);
        }
        (Pending::Repository(registry, repo), Event::Repository(result)) => {
            forms::has_read(state, id, &result);
            if let Ok(info) = result {
                changes::told(state, registry, vec![(repo, info)], false);
                rearrange(state, here, effects);
            }
        }
        (Pending::AccountTest(_), Event::AccountTested(result)) => forms::tested(state, id, result),
        (Pending::File(_), Event::FileLooked(result)) => layers::looked(state, id, result, effects),
        (Pending::Push(_), Event::PushPlanned(result)) => layers::planned(state, id, result),
        (Pending::Repositories(registry), Event::RepositoriesEnd(result)) => {
            let refused = result.as_ref().err().cloned();
            let now = state.now;
            let moved = state.cache.list_mut(registry).end(result, now);
            renumber(state, &Place::Repositories(registry), moved, false);
            favourites::mark(state, registry);
            save_repositories(state, registry, effects);
            registries::listed(state, registry, effects);
            details::stop(state, registry, None, false, effects);
            rearrange(state, here, effects);
            search::offer(state, registry, refused.as_ref(), here);
            if let Some(report) = refused {
                refused_read(state, registry, &report, here, effects);
            }
        }
        (Pending::Search(registry), Event::RepositoriesEnd(result)) => {
            let refused = result.as_ref().err().cloned();
            let now = state.now;
            let moved = state.cache.catalogs.entry(registry).or_default().end(result, now);
            renumber(state, &Place::Repositories(registry), moved, true);
            favourites::mark(state, registry);
            details::stop(state, registry, None, false, effects);
            rearrange(state, here, effects);
            if let Some(report) = refused {
                refused_read(state, registry, &report, here, effects);
            }
        }
        (Pending::Tags(registry, repo), Event::Tags(names)) => {
            state.cache.tags.entry((registry, repo)).or_default().page(names);
            rearrange(state, here, effects);
        }
        (
            Pending::Tags(registry, repo) | Pending::Details(registry, repo) | Pending::Image((registry, repo, ..)),
            Event::TagsTold(told),
        ) => {
            // Rows that come with it are arranged when they do.
            let list = &state.pane().list;
            let asks = tags::sorts_by_kept(list.sort.column)
                || list.filter.filter.as_ref().is_some_and(|filter| filter.asks_kept());
            let here = asks && state.pane().place == Place::Tags(registry, repo.clone());
            state.cache.tags.entry((registry, repo)).or_default().tell(told);
            rearrange(state, here, effects);
        }
        (Pending::Tags(registry, repo), Event::TagsEnd(result)) => {
            let refused = result.as_ref().err().cloned();
            let now = state.now;
            let moved = state.cache.tags.entry((registry, repo.clone())).or_default().end(result, now);
            renumber(state, &Place::Tags(registry, repo.clone()), moved, false);
            open::save_tags(state, registry, &repo, effects);
            details::stop(state, registry, Some(&repo), false, effects);
            registries::opened(state, registry, &repo, refused.as_ref().map(|r| r.kind), effects);
            rearrange(state, here, effects);
            if let Some(report) = refused {
                refused_read(state, registry, &report, here, effects);
            }
        }
        (Pending::Details(registry, repo), Event::Details(states)) => {
            let list = state.cache.tags.entry((registry, repo.clone())).or_default();
            for (name, tag) in states {
                list.chunks.brought(id, &name);
                list.set_state(&name, tag);
            }
            if here {
                state.pane_mut().marked.take();
                if let Some(Modal::Rule(dialog)) = state.modals.last_mut() {
                    dialog.changed();
                }
                if details::needs_all(state) {
                    arranging::rows_changed(state);
                }
            }
            details::stop(state, registry, Some(&repo), here, effects);
            details::want_details(state, effects);
        }
        (Pending::Details(registry, repo), Event::DetailsEnd) => {
            if state.tags(registry, &repo).is_some_and(|list| list.known == list.rows.len()) {
                open::save_tags(state, registry, &repo, effects);
            }
            details::want_details(state, effects);
        }
        (Pending::TagCounts(registry), Event::TagCount(repo, count)) => {
            let catalog = state.cache.catalogs.entry(registry).or_default();
            catalog.outage.hear(count.as_ref().err());
            let count = match count {
                Ok(n) => TagCount::Known(n),
                Err(report) => TagCount::Failed(Box::new(report)),
            };
            for row in state.cache.rows_mut(registry, &repo) {
                row.tags = count.clone();
            }
            let pane = state.pane();
            if here && (pane.list.sort.column == Column::Tags || details::filters_by_counts(pane)) {
                arranging::rows_changed(state);
            }
            details::stop(state, registry, None, here, effects);
        }
        (Pending::TagCounts(_), Event::DetailsEnd) => details::want_details(state, effects),
        (Pending::Recall(registry, None), Event::OldRepositories(Some((time, names)))) => {
            state.cache.list_mut(registry).recall(time, names);
            show_old(state, here, effects);
        }
        (Pending::Recall(registry, Some(repo)), Event::OldTags(Some((time, tags)))) => {
            state.cache.tags.entry((registry, repo)).or_default().recall(time, tags);
            show_old(state, here, effects);
        }
        (Pending::Survey(..), Event::Surveying(now)) => plan::reading(state, id, now),
        (Pending::Sweep(_), Event::Surveying(now)) => sweep::reading(state, id, now),
        (Pending::Sweep(_), Event::RepositoriesRead(result)) => sweep::has_read(state, id, result, effects),
        (Pending::Weigh(_), Event::Weighed(result)) => history::weighed(state, id, result, effects),
        (Pending::Weigh(_), Event::Examined(result)) => history::examined(state, id, result, effects),
        (Pending::Survey(..), Event::Surveyed(result)) => plan::surveyed(state, id, result, effects),
        (Pending::TagLook(_), Event::TagLooked(found)) => new_tag::looked(state, id, found),
        (Pending::Transfer(_), Event::Prepared(result)) => new_tag::prepared(state, id, result, effects),
        (Pending::Image(key), Event::Image(result)) => {
            let registry = key.0;
            let refused = result.as_ref().err().cloned();
            let value = match result {
                Ok(image) => Remote::Here(image),
                Err(report) => Remote::Failed(report),
            };
            state.cache.images.insert(key, value);
            if here {
                open::load_referrers(state, effects);
            }
            if let Some(report) = refused {
                refused_read(state, registry, &report, here, effects);
            }
        }
        (Pending::Referrers(registry, repo, digest), Event::Referrers(result)) => {
            let value = match result {
                Ok(list) => Remote::Here(Box::new(list)),
                Err(report) => Remote::Failed(report),
            };
            state.cache.referrers.insert((registry, repo, digest), value);
        }
        (Pending::Groups(_), Event::Groups(result)) => groups::came(state, id, result),
        (Pending::Groups(_), Event::Group(result)) => groups::read(state, id, result),
        (Pending::Scopes(_), Event::Scopes(result)) => scopes::came(state, id, result),
        (Pending::Kind(away), Event::Kind(result)) => elsewhere::found(state, &away, result, effects),
        (Pending::Explore(registry), Event::Explored(through)) => state.registry_mut(registry).explored = through,
        // A pairing that the executor never makes; the id is gone, so nothing waits for it.
        _ => {}
    }
}

/// A task panicked: what waited for it shows an error instead of a spinner.
pub fn task_failed(state: &mut State, id: RequestId) {
    let report = ErrorReport::new(
        ErrorKind::Internal,
        Clean::fixed("This read ended by a fault in tagboat."),
        Clean::fixed("The log has more; press r to try again."),
    );
    let event = match state.inflight.get(&id) {
        None => return,
        Some(Pending::Connect(_)) => Event::Connected(Err(report), Box::default()),
        Some(Pending::Repositories(_) | Pending::Search(_)) => Event::RepositoriesEnd(Err(report)),
        Some(Pending::Repository(..)) => Event::Repository(Err(report)),
        Some(Pending::Groups(_)) => Event::Groups(Err(report)),
        Some(Pending::Scopes(_)) => Event::Scopes(Err(report)),
        Some(Pending::Kind(_)) => Event::Kind(Err(report)),
        Some(Pending::Tags(..)) => Event::TagsEnd(Err(report)),
        Some(Pending::Image(_)) => Event::Image(Err(report)),
        Some(Pending::Referrers(..)) => Event::Referrers(Err(report)),
        Some(Pending::Survey(..)) => Event::Surveyed(Err(report)),
        Some(Pending::AccountTest(_)) => Event::AccountTested(Err(report)),
        Some(Pending::File(_)) => Event::FileLooked(Err(NotSaved::because(report.what))),
        Some(Pending::Push(_)) => Event::PushPlanned(Err(report)),
        Some(Pending::Sweep(_)) => Event::RepositoriesRead(Err(report)),
        Some(Pending::TagLook(_)) => Event::TagLooked(Err(report)),
        Some(Pending::Transfer(_)) => Event::Prepared(Err(report)),
        Some(Pending::Weigh(_)) => Event::Weighed(Err(report)),
        Some(Pending::Explore(_)) => Event::Explored(true),
        // Not asked again at once: that would fail the same way for ever.
        Some(Pending::Details(..) | Pending::TagCounts(_) | Pending::Recall(..)) => {
            state.inflight.remove(&id);
            state.tell(report.what, Tone::Bad);
            return;
        }
    };
    loaded(state, id, event, &mut Vec::new());
}

fn connected(
    state: &mut State,
    id: RegistryId,
    result: Result<crate::domain::capability::Capabilities, ErrorReport>,
    hello: Hello,
    effects: &mut Vec<Effect>,
) {
    if registries::is_of_another_kind(state, id, &result) {
        registries::recognise(state, id, effects);
        return;
    }
    registries::greeted(state, id, &result, hello);
    let registry = state.registry_mut(id);
    match result {
        Ok(caps) => {
            registry.caps = caps;
            registry.link = Link::Up;
            super::scopes::settle(state, id, effects);
        }
        Err(report) => {
            registry.link = Link::Down(report.clone());
            let inside = state.pane().place.registry() == Some(id);
            refused_read(state, id, &report, inside, effects);
        }
    }
    open::connect_on_screen(state, effects);
}

/// A read was refused for want of credentials or of a confirmation: ask, when its pane is the one on screen. Other
/// errors stay in their slot and are shown in place.
fn refused_read(state: &mut State, registry: RegistryId, report: &ErrorReport, here: bool, effects: &mut Vec<Effect>) {
    if here && state.modals.is_empty() {
        super::signing::ask(state, registry, report, effects);
    }
}

/// Whether the pane on top shows what this request fills.
fn shows(state: &State, pending: &Pending) -> bool {
    let place = &state.pane().place;
    match pending {
        Pending::Connect(_) | Pending::Explore(_) => *place == Place::Registries,
        Pending::TagCounts(id) | Pending::Repository(id, _) => *place == Place::Repositories(*id),
        Pending::Repositories(id) => *place == Place::Repositories(*id) && state.pane().behind.is_none(),
        Pending::Search(id) => *place == Place::Repositories(*id) && state.pane().behind.is_some(),
        Pending::Tags(id, repo) | Pending::Details(id, repo) => *place == Place::Tags(*id, repo.clone()),
        Pending::Recall(id, None) => *place == Place::Repositories(*id) && state.pane().behind.is_none(),
        Pending::Recall(id, Some(repo)) => *place == Place::Tags(*id, repo.clone()),
        Pending::Image(key) => crate::app::pane::image::key(state.pane()).as_ref() == Some(key),
        Pending::Referrers(..) => matches!(place, Place::Image(..)),
        Pending::Scopes(_)
        | Pending::Groups(_)
        | Pending::Kind(_)
        | Pending::Survey(..)
        | Pending::Sweep(_)
        | Pending::Weigh(_)
        | Pending::TagLook(_)
        | Pending::AccountTest(_)
        | Pending::File(_)
        | Pending::Push(_)
        | Pending::Transfer(_) => false,
    }
}

/// An old list is shown at once: whoever opened the pane has nothing else to look at.
fn show_old(state: &mut State, here: bool, effects: &mut Vec<Effect>) {
    if here {
        arranging::arrange(state);
    }
    rearrange(state, here, effects);
}

fn rearrange(state: &mut State, here: bool, effects: &mut Vec<Effect>) {
    if here {
        state.pane_mut().marked.take();
        arranging::rows_changed(state);
        details::want_details(state, effects);
    }
}

pub(super) fn save_repositories(state: &State, registry: RegistryId, effects: &mut Vec<Effect>) {
    let Some(catalog) = state.cache.list(registry) else { return };
    if let (Phase::Done(ListEnd { complete: true, .. }), Some(time)) = (&catalog.phase, catalog.as_of) {
        effects.push(Effect::Save { registry, time, list: SavedList::Repositories(catalog.rows.clone()) });
    }
}

/// Rows left a list: every pane that shows it has their old numbers. `found`: it is what was searched for.
pub(super) fn renumber(state: &mut State, place: &Place, moved: Option<Moved>, found: bool) {
    let Some(moved) = moved else { return };
    for pane in state.panes.iter_mut().filter(|pane| pane.place == *place) {
        let pane = match &mut pane.behind {
            Some(list) if !found => &mut **list,
            _ => pane,
        };
        pane.list.renumber(&moved);
        pane.marked.take();
    }
}
