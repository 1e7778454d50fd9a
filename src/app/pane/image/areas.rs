//! Where the panels of an image are, for `update` (which must know how many rows fit) and for `ui` alike.

use super::Tab;
use crate::app::layout::{Class, Layout};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

/// Whether the panels stand behind a line of tabs instead of side by side.
pub fn tabbed(layout: Layout) -> bool {
    layout.class < Class::Wide
}

/// The panels on screen, the whole pane being `Area { x: 0, y: 1, .. }`.
pub fn panels(layout: Layout, zoom: bool, tab: Tab) -> Vec<(Tab, Area)> {
    let body = Area { x: 0, y: 1, width: layout.width, height: layout.height.saturating_sub(3) };
    if tabbed(layout) {
        return vec![(tab, Area { y: body.y + 1, height: body.height.saturating_sub(1), ..body })];
    }
    if zoom || tab == Tab::Raw {
        return vec![(tab, body)];
    }
    let top = (body.height * 2 / 5).clamp(7, 16);
    let bottom = body.height - top;
    let (left, layers) = (body.width * 2 / 5, body.width * 7 / 12);
    let history = (bottom * 3 / 7).max(4);
    let lower = body.y + top;
    let right = body.width - layers;
    vec![
        (Tab::Platforms, Area { x: 0, y: body.y, width: left, height: top }),
        (Tab::Config, Area { x: left, y: body.y, width: body.width - left, height: top }),
        (Tab::Layers, Area { x: 0, y: lower, width: layers, height: bottom }),
        (Tab::History, Area { x: layers, y: lower, width: right, height: history }),
        (Tab::Referrers, Area { x: layers, y: lower + history, width: right, height: bottom - history }),
    ]
}

/// Rows of a panel that fit.
pub fn room(layout: Layout, zoom: bool, tab: Tab) -> usize {
    let area = panels(layout, zoom, tab).into_iter().find(|(other, _)| *other == tab);
    let height = area.map_or(0, |(_, area)| area.height);
    let frame = if layout.bordered() { 2 } else { 0 };
    usize::from(height.saturating_sub(frame + u16::from(tab.has_heading()))).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_fill_the_pane_and_do_not_overlap() {
        for (width, height) in [(110, 20), (120, 36), (121, 37), (300, 100), (111, 21)] {
            let areas = panels(Layout::of(width, height), false, Tab::Config);
            let cells: u32 = areas.iter().map(|(_, a)| u32::from(a.width) * u32::from(a.height)).sum();
            assert_eq!(cells, u32::from(width) * u32::from(height - 3), "{width}x{height}");
            assert!(areas.iter().all(|(_, a)| a.width >= 30 && a.height >= 4), "{areas:?}");
            assert!(areas.iter().all(|(_, a)| a.x + a.width <= width && a.y + a.height <= height - 2), "{areas:?}");
        }
    }

    #[test]
    fn where_there_is_no_room_there_is_one_panel() {
        for (width, height) in [(80, 24), (60, 15), (40, 8), (39, 7), (1, 1)] {
            let layout = Layout::of(width, height);
            assert_eq!(panels(layout, false, Tab::History).len(), 1);
            assert!(room(layout, false, Tab::Layers) >= 1);
        }
        assert_eq!(panels(Layout::of(120, 36), true, Tab::Layers).len(), 1);
    }
}
