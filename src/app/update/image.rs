//! Keys of the image pane.

use super::open;
use crate::app::effect::Effect;
use crate::app::layout::Class;
use crate::app::pane::{Place, Tab, image};
use crate::app::state::State;
use crate::domain::reference::{Digest, Reference};

pub fn show(state: &mut State, tab: Tab) {
    state.pane_mut().image.tab = tab;
}

/// The raw manifest, and back.
pub fn raw(state: &mut State) {
    let view = &mut state.pane_mut().image;
    view.tab = if view.tab == Tab::Raw { Tab::default() } else { Tab::Raw };
}

/// Enter: shows the platform under the cursor, or the document of a layer that has one; elsewhere shows rows in full, or short again.
pub fn enter(state: &mut State, effects: &mut Vec<Effect>) {
    let row = image::current(state, state.pane());
    if let Some(layer) = row.as_ref().and_then(|row| row.layer.clone()) {
        return document(state, layer, effects);
    }
    let picked = row.and_then(|row| row.platform);
    let tabbed = image::areas::tabbed(state.layout);
    let view = &mut state.pane_mut().image;
    let Some(picked) = picked else {
        view.expanded = !view.expanded;
        return;
    };
    view.picked = Some(picked);
    view.rewind();
    if tabbed {
        view.tab = Tab::Config;
    }
    open::load_image(state, effects);
}

/// The JSON of a layer that is an image itself: of this one here, of another in a pane of its own.
fn document(state: &mut State, layer: Digest, effects: &mut Vec<Effect>) {
    let pane = state.pane();
    let Place::Image(id, repo, _) = pane.place.clone() else { return };
    let own = image::index(state, pane).is_some_and(|image| image.manifest.digest == layer);
    if !own {
        open::push(state, Place::Image(id, repo, Reference::Digest(layer)), effects);
    }
    show(state, Tab::Raw);
}

/// Closes what covers the other panels. Returns whether there was such a thing.
pub fn close(state: &mut State) -> bool {
    if !covered(state) {
        return false;
    }
    let pane = state.pane_mut();
    if pane.image.tab == Tab::Raw {
        pane.image.tab = Tab::default();
    } else {
        pane.zoom = false;
    }
    true
}

/// Whether one panel covers the others where they would have room.
pub fn covered(state: &State) -> bool {
    let pane = state.pane();
    let one = pane.zoom || pane.image.tab == Tab::Raw;
    one && matches!(pane.place, Place::Image(..)) && state.layout.class == Class::Wide
}
