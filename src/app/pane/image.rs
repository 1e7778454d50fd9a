//! The fourth pane: one image. Which key of the cache it looks at.

use crate::app::cache::{ImageKey, Remote};
use crate::app::pane::{Pane, Place};
use crate::app::state::State;
use crate::domain::image::{Image, Referrers};

pub fn key(pane: &Pane) -> Option<ImageKey> {
    match &pane.place {
        Place::Image(id, repo, reference) => Some((*id, repo.clone(), reference.clone(), pane.image.picked.clone())),
        _ => None,
    }
}

pub fn image<'a>(state: &'a State, pane: &Pane) -> Option<&'a Remote<Image>> {
    state.cache.images.get(&key(pane)?)
}

pub fn referrers<'a>(state: &'a State, pane: &Pane) -> Option<&'a Remote<Referrers>> {
    let Some(Remote::Here(image)) = image(state, pane) else { return None };
    let (id, repo, _, _) = key(pane)?;
    state.cache.referrers.get(&(id, repo, image.manifest.digest.clone()))
}
