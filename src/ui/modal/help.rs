//! The `?` overlay.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::place;
use crate::app::modal::help::{Help, Row};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::text::{Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// Every key of this view by group, and why the greyed ones do nothing here.
pub(super) fn draw(frame: &mut Frame, body: Rect, help: &Help, state: &State, theme: &Theme) {
    let rows = help.rows(state);
    let area = place(body, 100, body.height, state);
    frame.render_widget(Clear, area);
    let query = clean::line(help.query.value());
    let wanted = if query.as_str().is_empty() { "type to search" } else { query.as_str() };
    let title = format!("Help: {}   {wanted}", state.pane().place.view());
    let foot = if state.keymap.changed.is_empty() { "" } else { "+ changed by your config" };
    let inside = widget::panel(frame, area, &title, foot, theme);
    let room = usize::from(inside.height);
    let first = help.scroll.min(rows.len().saturating_sub(room));
    for (n, row) in rows.iter().skip(first).take(room).enumerate() {
        let here = Rect { x: inside.x + 1, y: inside.y + n as u16, height: 1, width: inside.width.saturating_sub(2) };
        crate::ui::line(frame, here, line(row, state, theme));
    }
    widget::scroll_thumb(frame, inside, first, room, rows.len(), theme);
}

fn line(row: &Row, state: &State, theme: &Theme) -> Line<'static> {
    match row {
        Row::Blank => Line::default(),
        Row::Title(group) => styled(group.title(), theme.title),
        Row::Keys { action, keys, why } => {
            let keys = keys.iter().map(|key| widget::key_label(key)).collect::<Vec<_>>().join(" ");
            let changed = if state.keymap.changed.contains(action) { "+" } else { " " };
            let why_not = why.map(|why| format!("  ({why})")).unwrap_or_default();
            let text = format!("{changed}{} {}{why_not}", fit(&keys, 18, Align::Left), action.title());
            styled(text, if why.is_some() { theme.dim } else { theme.text })
        }
    }
}
