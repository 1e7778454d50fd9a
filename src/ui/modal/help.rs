//! The `?` overlay.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::app::modal::help::{GAP, Help, Left, Row, Sign};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::text::{Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// Every key of this view by group, why the greyed ones do nothing here, and what the signs mean.
pub(super) fn draw(frame: &mut Frame, area: Rect, help: &Help, state: &State, theme: &Theme) {
    frame.render_widget(Clear, area);
    let query = clean::line(help.query.value());
    let wanted = if query.as_str().is_empty() { "type to search" } else { query.as_str() };
    let title = format!("Help: {}   {wanted}", state.pane().place.view());
    let foot = match state.keymap.changed.len() {
        0 => String::new(),
        1 => "your config changes 1 key, shown with +".to_owned(),
        n => format!("your config changes {n} keys, shown with +"),
    };
    let inside = widget::panel(frame, area, &title, &foot, theme);
    let columns = help.columns(state);
    let shown = help.visible(&columns, usize::from(inside.height));
    let count = columns.len() as u16;
    let cells = inside.width.saturating_sub(2 + GAP as u16 * (count - 1)) / count;
    if columns.iter().all(Vec::is_empty) {
        let here = Rect { x: inside.x + 1, height: 1, width: inside.width.saturating_sub(1), ..inside };
        crate::ui::line(frame, here, styled("Nothing here has that. Backspace takes letters back.", theme.dim));
    }
    for (number, rows) in columns.iter().enumerate() {
        let x = inside.x + 1 + number as u16 * (cells + GAP as u16);
        for (y, row) in rows.iter().skip(shown.start).take(shown.len()).enumerate() {
            let here = Rect { x, y: inside.y + y as u16, height: 1, width: cells.min(area.right().saturating_sub(x)) };
            crate::ui::line(frame, here, line(row, theme));
        }
    }
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    widget::scroll_thumb(frame, inside, shown.start, usize::from(inside.height), longest, theme);
}

fn line(row: &Row, theme: &Theme) -> Line<'static> {
    match row {
        Row::Blank => Line::default(),
        Row::Title(title) => styled(title.clone(), theme.title),
        Row::Entry { changed, left, room, text, greyed } => {
            let left = match left {
                Left::Text(text) => text.as_str(),
                Left::Sign(sign) => look(*sign, theme),
            };
            let style = if *greyed { theme.dim } else { theme.text };
            Line::from(vec![
                Span::styled(if *changed { "+" } else { " " }, theme.warn),
                Span::styled(fit(left, *room, Align::Left), if *greyed { theme.dim } else { theme.key }),
                Span::styled(format!(" {text}"), style),
            ])
        }
    }
}

fn look(sign: Sign, theme: &Theme) -> &'static str {
    match sign {
        Sign::Marked => theme.signs.marked,
        Sign::Shares => theme.signs.shares,
        Sign::Protected => theme.signs.protected,
        Sign::Odd => theme.signs.changed,
        Sign::NotLoaded => theme.signs.not_loaded,
        Sign::Favourite => theme.signs.favourite,
        Sign::Open => theme.signs.open,
        Sign::Closed => theme.signs.closed,
    }
}
