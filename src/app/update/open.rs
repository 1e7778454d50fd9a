//! Going somewhere, and asking for what a pane needs.

use super::abort;
use super::arranging::arrange;
use super::details::{give_up_counts, give_up_list, want_details};
use crate::app::cache::{ImageKey, Phase, Remote};
use crate::app::effect::{Effect, Query, SavedList};
use crate::app::msg::RequestId;
use crate::app::pane::{self, Pane, Place};
use crate::app::state::{Link, Pending, State};
use crate::domain::page::Listed;
use crate::domain::reference::{Reference, RepoName};
use crate::domain::registry::RegistryId;

/// Registries that say hello by themselves on the first pane.
const GREETED: usize = 12;

/// Shows a place on top of where we are.
pub fn push(state: &mut State, place: Place, effects: &mut Vec<Effect>) {
    leave(state, effects);
    state.last_place = Some(state.panes.iter().map(|p| p.place.clone()).collect());
    add(state, place);
    arrive(state, effects);
}

fn add(state: &mut State, place: Place) {
    let mut pane = Pane::at(place);
    pane.list.room = state.layout.list_rows();
    pane.list.jump = state.looks.slow;
    state.panes.push(pane);
}

/// Shows exactly this chain of places.
pub fn jump(state: &mut State, places: Vec<Place>, effects: &mut Vec<Effect>) {
    leave(state, effects);
    let before = state.panes.iter().map(|p| p.place.clone()).collect();
    // Panes that stay keep their cursor, filter and marks.
    let same = state.panes.iter().zip(&places).take_while(|(pane, place)| pane.place == **place).count().max(1);
    state.panes.truncate(same);
    super::search::forget_unseen(state, effects);
    for place in places.into_iter().skip(same) {
        add(state, place);
    }
    state.last_place = Some(before);
    arrive(state, effects);
}

/// One step out. Returns false on the first pane.
pub fn pop(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    if state.panes.len() < 2 {
        return false;
    }
    leave(state, effects);
    state.last_place = Some(state.panes.iter().map(|p| p.place.clone()).collect());
    state.panes.pop();
    super::search::forget_unseen(state, effects);
    arrive(state, effects);
    true
}

/// What only the pane being left wanted is given up: details. Lists go on and fill the cache.
fn leave(state: &mut State, effects: &mut Vec<Effect>) {
    let place = state.pane().place.clone();
    match &place {
        Place::Tags(id, repo) => {
            give_up_list(state, *id, repo, effects);
            save_tags(state, *id, repo, effects);
        }
        Place::Repositories(id) => give_up_counts(state, *id, effects),
        Place::Image(..) | Place::Registries | Place::Jobs | Place::History => {}
    }
}

/// Asks for what the pane on top needs and does not have yet.
pub fn arrive(state: &mut State, effects: &mut Vec<Effect>) {
    match state.pane().place.clone() {
        Place::Registries => connect_on_screen(state, effects),
        Place::Repositories(id) => {
            connect(state, id, effects);
            let asked = state.cache.catalogs.get(&id).is_some_and(|c| c.phase != Phase::NotAsked);
            if !asked {
                if !state.cache.is_search(id) {
                    recall(state, id, None, effects);
                }
                load_repositories(state, id, effects);
            }
        }
        Place::Tags(id, repo) => {
            connect(state, id, effects);
            let asked = state.tags(id, &repo).is_some_and(|t| t.phase != Phase::NotAsked);
            if !asked {
                recall(state, id, Some(&repo), effects);
                load_tags(state, id, &repo, effects);
            }
        }
        Place::Image(..) => load_image(state, effects),
        Place::History => super::history::read(state, effects),
        Place::Jobs => {}
    }
    arrange(state);
    want_details(state, effects);
}

/// Says hello to the registries on screen that nobody spoke to yet.
pub fn connect_on_screen(state: &mut State, effects: &mut Vec<Effect>) {
    if state.pane().place != Place::Registries {
        return;
    }
    let rows: Vec<u32> = state.pane().list.on_screen().iter().copied().take(GREETED).collect();
    for row in rows {
        connect(state, RegistryId(row), effects);
    }
}

pub fn connect(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    if state.registry(id).link != Link::NotAsked {
        return;
    }
    let registry = state.registry_mut(id);
    (registry.link, registry.explored) = (Link::Connecting, false);
    fetch(state, Pending::Connect(id), Query::Connect, effects);
}

/// Looks for the list of an earlier visit, to be shown until the registry has answered.
fn recall(state: &mut State, registry: RegistryId, repo: Option<&RepoName>, effects: &mut Vec<Effect>) {
    let id = state.begin(Pending::Recall(registry, repo.cloned()));
    effects.push(Effect::Recall { id, registry, repo: repo.cloned() });
}

/// Keeps what was read of a repository's tags for the next visit.
pub fn save_tags(state: &mut State, registry: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    let list = state.cache.tags.get_mut(&(registry, repo.clone()));
    if let Some((time, rows)) = list.and_then(|list| list.take_unsaved()) {
        effects.push(Effect::Save { registry, time, list: SavedList::Tags(repo.clone(), rows) });
    }
}

/// The end; what the open panes have read is kept first.
pub fn quit(state: &mut State, effects: &mut Vec<Effect>) {
    for place in state.panes.iter().map(|pane| pane.place.clone()).collect::<Vec<_>>() {
        if let Place::Tags(id, repo) = place {
            save_tags(state, id, &repo, effects);
        }
    }
    effects.push(Effect::Quit);
}

pub fn load_repositories(state: &mut State, id: RegistryId, effects: &mut Vec<Effect>) {
    if state.cache.is_search(id) {
        super::search::read(state, id, effects);
        return;
    }
    abort(state, |p| *p == Pending::Repositories(id), effects);
    let request = fetch(state, Pending::Repositories(id), Query::Repositories, effects);
    let pinned = super::registries::pinned(state, id);
    let catalog = state.cache.catalogs.entry(id).or_default();
    catalog.begin(request);
    catalog.looked.clear();
    for repo in &pinned {
        catalog.pin(repo);
    }
}

pub fn load_tags(state: &mut State, id: RegistryId, repo: &RepoName, effects: &mut Vec<Effect>) {
    abort(state, |p| matches!(p, Pending::Tags(i, r) | Pending::Details(i, r) if *i == id && r == repo), effects);
    let request = fetch(state, Pending::Tags(id, repo.clone()), Query::Tags(repo.clone()), effects);
    let list = state.cache.tags.entry((id, repo.clone())).or_default();
    list.begin(request);
}

pub fn load_image(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(key) = pane::image::key(state.pane()) else { return };
    if matches!(state.cache.images.get(&key), Some(Remote::Here(_) | Remote::Loading(_))) {
        load_referrers(state, effects);
        return;
    }
    read_image(state, key, false, effects);
}

/// Reads the image on screen in spite of its size. Of such a size one at a time is kept, beside what is on screen.
pub fn load_large(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(key) = pane::image::key(state.pane()) else { return };
    state.cache.images.retain(|other, value| *other == key || matches!(value, Remote::Loading(_)));
    read_image(state, key, true, effects);
}

fn read_image(state: &mut State, key: ImageKey, large: bool, effects: &mut Vec<Effect>) {
    let (id, repo, reference, platform) = key.clone();
    connect(state, id, effects);
    let query = Query::Image { repo, reference, platform, large };
    let request = fetch(state, Pending::Image(key.clone()), query, effects);
    state.cache.images.insert(key, Remote::Loading(request));
}

pub fn load_referrers(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Remote::Here(image)) = pane::image::image(state, state.pane()) else { return };
    let digest = image.manifest.digest.clone();
    let Some((id, repo, _, _)) = pane::image::key(state.pane()) else { return };
    let key = (id, repo.clone(), digest.clone());
    if state.cache.referrers.contains_key(&key) {
        return;
    }
    let pending = Pending::Referrers(id, repo.clone(), digest.clone());
    let request = fetch(state, pending, Query::Referrers(repo, digest), effects);
    state.cache.referrers.insert(key, Remote::Loading(request));
}

pub(super) fn fetch(state: &mut State, pending: Pending, query: Query, effects: &mut Vec<Effect>) -> RequestId {
    let registry = pending.registry();
    let id = state.begin(pending);
    effects.push(Effect::Fetch { id, registry, query });
    id
}

/// Enter: one level in.
pub fn open_selected(state: &mut State, effects: &mut Vec<Effect>) {
    let pane = state.pane();
    let Some(row) = pane.list.selected() else { return };
    let place = match &pane.place {
        Place::Registries => Some(Place::Repositories(RegistryId(row))),
        Place::Repositories(id) => match state.cache.catalogs.get(id).and_then(|c| c.rows.get(row as usize)) {
            Some(crate::app::cache::RepoRow { name: Listed::Valid(name), .. }) => Some(Place::Tags(*id, name.clone())),
            _ => None,
        },
        Place::Tags(id, repo) => match state.tags(*id, repo).and_then(|t| t.rows.get(row as usize)) {
            Some(crate::app::cache::TagRow { name: Listed::Valid(name), .. }) => {
                Some(Place::Image(*id, repo.clone(), Reference::Tag(name.clone())))
            }
            _ => None,
        },
        Place::Image(..) | Place::Jobs | Place::History => None,
    };
    if let Some(place) = place {
        push(state, place, effects);
    }
}
