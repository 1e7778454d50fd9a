//! Panes, one file each, under the same names as in `app::pane`.

pub(super) mod history;
mod image;
mod jobs;
mod preview;
mod registries;
mod registry_preview;
mod repositories;
mod table;
mod tags;

use ratatui::Frame;
use ratatui::layout::Rect;

pub use registries::{link_word, unsaved};

use super::theme::Theme;
use crate::app::layout::Class;
use crate::app::pane::Place;
use crate::app::state::State;

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let pane = state.pane();
    if matches!(pane.place, Place::Image(..)) {
        image::draw(frame, area, state, theme);
        return;
    }
    match pane.place {
        Place::Jobs => return jobs::draw(frame, area, state, theme),
        Place::History => return history::draw(frame, area, state, theme),
        _ => {}
    }
    let wide = state.layout.class == Class::Wide && !pane.zoom && !pane.swap_preview;
    let swapped = state.layout.class < Class::Wide && pane.swap_preview;
    let (list, side) = if wide {
        let least = if pane.place == Place::Registries { 42 } else { 38 };
        let side = (area.width / 3).clamp(least, 60);
        let list = Rect { width: area.width - side, ..area };
        (Some(list), Some(Rect { x: list.right(), width: side, ..area }))
    } else if swapped {
        (None, Some(area))
    } else {
        (Some(area), None)
    };
    if let Some(list) = list {
        match &pane.place {
            Place::Registries => registries::draw(frame, list, state, theme),
            Place::Repositories(id) => repositories::draw(frame, list, *id, state, theme),
            Place::Tags(id, repo) => tags::draw(frame, list, *id, repo, state, theme),
            Place::Image(..) | Place::Jobs | Place::History => {}
        }
    }
    if let Some(side) = side {
        preview::draw(frame, side, state, theme);
    }
}

/// What a list says at its lower border, for where there is no border.
pub fn foot(state: &State) -> String {
    match &state.pane().place {
        Place::Repositories(id) => state.cache.catalogs.get(id).map(|list| repositories::foot(list, state)),
        Place::Tags(id, repo) => state.tags(*id, repo).map(|list| tags::foot(list, *id, state)),
        _ => None,
    }
    .unwrap_or_default()
}
