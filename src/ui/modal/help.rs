//! The `?` overlay.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

use super::place;
use crate::app::action::Group;
use crate::app::keymap::spell;
use crate::app::state::State;
use crate::app::update::availability;
use crate::domain::text::{Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// Every key of this view by group, and why the greyed ones do nothing here.
pub(super) fn draw(frame: &mut Frame, body: Rect, query: &str, scroll: usize, state: &State, theme: &Theme) {
    let view = state.pane().place.view();
    let mut lines = Vec::new();
    for group in Group::ALL {
        let mut rows = Vec::new();
        let mut seen = Vec::new();
        for binding in state.keymap.bindings(view) {
            if binding.action.group() != group || seen.contains(&binding.action) {
                continue;
            }
            seen.push(binding.action);
            let keys = state.keymap.bindings(view).iter().filter(|b| b.action == binding.action);
            let keys = keys.map(|b| spell(&b.keys)).collect::<Vec<_>>().join(" ");
            let why = availability(state, binding.action).err();
            let changed = if state.keymap.changed.contains(&binding.action) { "+" } else { " " };
            let text = format!(
                "{changed}{} {}{}",
                fit(&keys, 18, Align::Left),
                binding.action.title(),
                why.map(|w| format!("  ({w})")).unwrap_or_default()
            );
            if query.is_empty() || text.to_lowercase().contains(&query.to_lowercase()) {
                rows.push(styled(text, if why.is_some() { theme.dim } else { theme.text }));
            }
        }
        if !rows.is_empty() {
            lines.push(styled(group.title(), theme.title));
            lines.extend(rows);
            lines.push(styled("", theme.text));
        }
    }
    let area = place(body, 100, body.height, state);
    frame.render_widget(Clear, area);
    let title =
        if query.is_empty() { format!("Help: {view}   type to search") } else { format!("Help: {view}   {query}") };
    let foot = if state.keymap.changed.is_empty() { "" } else { "+ changed by your config" };
    let inside = widget::panel(frame, area, &title, foot, theme);
    let room = usize::from(inside.height);
    let first = scroll.min(lines.len().saturating_sub(room));
    let total = lines.len();
    for (n, line) in lines.into_iter().skip(first).take(room).enumerate() {
        crate::ui::line(
            frame,
            Rect { x: inside.x + 1, y: inside.y + n as u16, height: 1, width: inside.width.saturating_sub(2) },
            line,
        );
    }
    widget::scroll_thumb(frame, inside, first, room, total, theme);
}
