//! Keys of the image pane.

use super::open;
use crate::app::effect::Effect;
use crate::app::layout::Class;
use crate::app::pane::{Place, Tab, image};
use crate::app::state::State;

pub fn show(state: &mut State, tab: Tab) {
    state.pane_mut().image.tab = tab;
}

/// The raw manifest, and back.
pub fn raw(state: &mut State) {
    let view = &mut state.pane_mut().image;
    view.tab = if view.tab == Tab::Raw { Tab::default() } else { Tab::Raw };
}

/// Enter: shows the platform under the cursor; elsewhere shows rows in full, or short again.
pub fn enter(state: &mut State, effects: &mut Vec<Effect>) {
    let picked = image::current(state, state.pane()).and_then(|row| row.platform);
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
