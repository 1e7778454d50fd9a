//! What is known of the row under the cursor, in full.

mod repository;
mod tag;
mod told;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::registry_preview;
use crate::app::pane::{Place, preview};
use crate::app::state::State;
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let pane = state.pane();
    let Some(row) = preview::row(pane) else {
        widget::panel(frame, area, "", "", theme);
        return;
    };
    let (title, lines) = match &pane.place {
        Place::Registries => registry_preview::lines(state, RegistryId(row), theme),
        Place::Repositories(id) => repository::lines(state, *id, row, theme),
        Place::Tags(id, repo) => tag::lines(state, *id, repo, row, theme),
        Place::Image(..) | Place::Jobs | Place::History => return,
    };
    let inside = if state.layout.bordered() { widget::panel(frame, area, &title, "", theme) } else { area };
    let room = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let lines = lines.into_iter().flat_map(|line| wrapped(line, usize::from(room.width), theme));
    for (n, line) in lines.enumerate().take(usize::from(room.height)) {
        crate::ui::line(frame, Rect { y: room.y + n as u16, height: 1, ..room }, line);
    }
}

/// A line as lines: a long value goes on under its beginning.
fn wrapped(line: Line<'static>, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let whole = line.to_string();
    if text::width(&whole) <= width && !whole.contains('\n') {
        return vec![line];
    }
    if let [label, value] = &line.spans[..] {
        let indent = text::width(&label.content);
        let label = label.clone();
        let parts = widget::wrap(&value.content, width.saturating_sub(indent)).into_iter().enumerate();
        let style = value.style;
        let line = |(n, part)| {
            let start = if n == 0 { label.clone() } else { Span::raw(" ".repeat(indent)) };
            Line::from(vec![start, Span::styled(part, style)])
        };
        return parts.map(line).collect();
    }
    let style = line.spans.last().map_or(theme.text, |s| s.style);
    let words = whole.trim_start();
    let indent = (whole.len() - words.len()).min(width / 2);
    let parts = widget::wrap(words, width - indent);
    parts.into_iter().map(|part| styled(format!("{}{part}", " ".repeat(indent)), style)).collect()
}
