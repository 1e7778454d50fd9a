//! What the preview shows: the row under the cursor, once the cursor rests on it. While it moves the preview stays as it
//! is, so that a key costs the bytes of two rows and no more; what has to be read for it is read when it rests, too.

use crate::app::cache::{ImageKey, Remote, RepoRow, TagList};
use crate::app::effect::{Effect, Query};
use crate::app::layout::Class;
use crate::app::pane::{Pane, Place, tags};
use crate::app::state::{Link, Pending, Registry, State};
use crate::app::update::about;
use crate::domain::capability::Support;
use crate::domain::image::{Image, Referrers};
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, Reference, RepoName};
use crate::domain::registry::RegistryId;

/// Images kept that no pane shows. Resting on row after row must not fill the memory.
const KEPT: usize = 256;
/// Fewer tags than this are left to read.
const NEARLY: usize = 1000;

/// What the preview shows while the cursor moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    row: Option<u32>,
    offset: usize,
}

/// The row the preview shows. None while the list scrolls: terminals scroll whole lines, so a preview beside a list that
/// scrolls would have to be sent again for every row.
pub fn row(pane: &Pane) -> Option<u32> {
    match pane.held {
        Some(held) if held.offset == pane.list.offset => held.row,
        Some(_) => None,
        None => pane.list.selected(),
    }
}

/// What to hold on to when the cursor leaves its row.
pub fn hold(pane: &Pane) -> Held {
    pane.held.unwrap_or(Held { row: pane.list.selected(), offset: pane.list.offset })
}

/// The cursor was somewhere else before the last key.
pub fn moved(pane: &mut Pane, before: Held) {
    if before.row != pane.list.selected() {
        pane.held = Some(before);
    }
}

pub fn visible(state: &State) -> bool {
    let pane = state.pane();
    let beside = state.layout.class == Class::Wide && !pane.zoom && !pane.swap_preview;
    let instead = state.layout.class < Class::Wide && state.layout.class > Class::TooSmall && pane.swap_preview;
    (beside || instead) && !matches!(pane.place, Place::Image(..))
}

/// An image of this digest, whichever way it was asked for.
pub fn image<'a>(state: &'a State, id: RegistryId, repo: &RepoName, digest: &Digest) -> Option<&'a Remote<Image>> {
    state.cache.images.get(&key(id, repo, digest))
}

/// What refers to it, if that was read before.
pub fn referrers<'a>(state: &'a State, id: RegistryId, repo: &RepoName, digest: &Digest) -> Option<&'a Referrers> {
    match state.cache.referrers.get(&(id, repo.clone(), digest.clone())) {
        Some(Remote::Here(found)) => Some(found),
        _ => None,
    }
}

/// Tags of a list that could be read and were not yet. Those folded under their image are read when they are shown.
pub fn unread(list: &TagList) -> usize {
    let left = list.rows.len().saturating_sub(list.known);
    // Far from the end nobody counts the odd ones, which would mean looking at each of a million rows.
    if left > list.attached + NEARLY {
        return left - list.attached;
    }
    list.rows.iter().filter(|row| !list.is_fresh(row) && !row.attached && tags::name(row).is_some()).count()
}

fn key(id: RegistryId, repo: &RepoName, digest: &Digest) -> ImageKey {
    (id, repo.clone(), Reference::Digest(digest.clone()), None)
}

/// Whether there is something to do when nothing happens for a moment.
pub fn waits(state: &State) -> bool {
    state.pane().held.is_some() || wanted(state).is_some() || unexplored(state).is_some() || about::waits(state)
}

/// The image that the preview of a tag needs and nobody asked for yet.
fn wanted(state: &State) -> Option<ImageKey> {
    let pane = state.pane();
    let Place::Tags(id, repo) = &pane.place else { return None };
    if state.looks.slow || !visible(state) {
        return None;
    }
    let list = state.tags(*id, repo)?;
    let info = list.rows.get(pane.list.selected()? as usize).filter(|row| tags::name(row).is_some())?.state.info()?;
    let key = key(*id, repo, &info.digest);
    (!state.cache.images.contains_key(&key)).then_some(key)
}

/// The registry under the cursor, where something is not known of it that can be asked. A read under way shows the same.
fn unexplored(state: &State) -> Option<RegistryId> {
    let pane = state.pane();
    let id = RegistryId(pane.list.selected().filter(|_| pane.place == Place::Registries)?);
    let Registry { link, caps, explored, .. } = state.registry(id);
    let unknown = [caps.listing, caps.paging, caps.referrers].contains(&Support::Unknown);
    let reading = || state.inflight.values().any(|pending| pending.registry() == id);
    (*link == Link::Up && !explored && unknown && !caps.few_left && !reading()).then_some(id)
}

/// A repository of it: of its list, of the config, or typed before.
fn sample(state: &State, id: RegistryId) -> Option<RepoName> {
    let valid = |row: &RepoRow| match &row.name {
        Listed::Valid(name) => Some(name.clone()),
        Listed::Invalid(_) => None,
    };
    let listed = state.cache.catalogs.get(&id).and_then(|catalog| catalog.rows.iter().find_map(valid));
    listed.or_else(|| state.registry(id).profile.repositories.first().cloned())
}

/// The cursor rests.
pub fn rested(state: &mut State, effects: &mut Vec<Effect>) {
    state.pane_mut().held = None;
    if let Some(registry) = unexplored(state) {
        let query = Query::Explore(sample(state, registry));
        let id = state.begin(Pending::Explore(registry));
        effects.push(Effect::Fetch { id, registry, query });
    }
    about::rested(state, effects);
    let Some(key) = wanted(state) else { return };
    if state.cache.images.len() > KEPT {
        let shown: Vec<_> = state.panes.iter().filter_map(super::image::key).collect();
        state.cache.images.retain(|key, value| shown.contains(key) || matches!(value, Remote::Loading(_)));
    }
    let (registry, repo, reference, platform) = key.clone();
    let id = state.begin(Pending::Image(key.clone()));
    effects.push(Effect::Fetch { id, registry, query: Query::Image { repo, reference, platform, large: false } });
    state.cache.images.insert(key, Remote::Loading(id));
}
