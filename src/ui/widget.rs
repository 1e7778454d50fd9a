//! Small parts that several screens use.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};

use super::theme::Theme;
use crate::app::action::Action;
use crate::app::state::State;
use crate::domain::text::{Align, cut_end};

pub use crate::app::key::label as key_label;
pub use crate::domain::text::wrap;

const ASCII_BORDER: border::Set = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// A screen reader reads lines aloud, one sign after the other.
const NO_BORDER: border::Set = border::Set {
    top_left: " ",
    top_right: " ",
    bottom_left: " ",
    bottom_right: " ",
    vertical_left: " ",
    vertical_right: " ",
    horizontal_top: " ",
    horizontal_bottom: " ",
};

/// A frame with a title and a foot; the area inside is returned.
pub fn panel(frame: &mut Frame, area: Rect, title: &str, foot: &str, theme: &Theme) -> Rect {
    let set = match (theme.signs.lines, theme.signs.ascii) {
        (false, _) => NO_BORDER,
        (true, true) => ASCII_BORDER,
        (true, false) => border::PLAIN,
    };
    let mut block = Block::new().borders(Borders::ALL).border_set(set).border_style(theme.border);
    let room = usize::from(area.width).saturating_sub(4);
    if !title.is_empty() {
        block = block.title_top(Line::from(Span::styled(format!(" {} ", cut_end(title, room)), theme.title)));
    }
    if !foot.is_empty() {
        block = block.title_bottom(Line::from(Span::styled(format!(" {} ", cut_end(foot, room)), theme.dim)));
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// The first key that does this in the view on screen.
pub fn key_of(state: &State, action: Action) -> Option<String> {
    state.keymap.keys(state.pane().place.view(), action).first().map(|key| key_label(key))
}

/// A line that says what a key does; none when there is no such key.
pub fn key_line<'a>(state: &State, action: Action, words: &str, theme: &Theme) -> Option<Line<'a>> {
    key_of(state, action).map(|key| styled(format!("{key}  {words}"), theme.dim))
}

/// Writes text into a cell range, padded or cut to exactly `width`.
pub fn cell(text: &str, width: usize, right: bool) -> String {
    crate::domain::text::fit(text, width, if right { Align::Right } else { Align::Left })
}

/// The thumb of a scroll bar on the right edge of an area.
pub fn scroll_thumb(frame: &mut Frame, area: Rect, first: usize, room: usize, total: usize, theme: &Theme) {
    if total <= room || !theme.signs.lines || area.height == 0 || area.width == 0 {
        return;
    }
    let height = usize::from(area.height);
    let size = (room * height / total).clamp(1, height);
    let start = (first * (height - size)).checked_div(total - room).unwrap_or(0).min(height - size);
    let buffer = frame.buffer_mut();
    for y in start..start + size {
        if let Some(cell) = buffer.cell_mut((area.right().saturating_sub(1), area.y + y as u16)) {
            cell.set_symbol(theme.signs.thumb).set_style(theme.border);
        }
    }
}

/// `label      value` lines of previews.
pub fn fact<'a>(label: &str, value: impl Into<String>, theme: &Theme) -> Line<'a> {
    Line::from(vec![Span::styled(format!("{label:<10}"), theme.dim), Span::styled(value.into(), theme.text)])
}

pub fn styled<'a>(text: impl Into<String>, style: Style) -> Line<'a> {
    Line::from(Span::styled(text.into(), style))
}

/// The time of day, for what happened in this run.
pub fn clock(time: jiff::Timestamp, utc: bool) -> String {
    let zone = if utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    time.to_zoned(zone).strftime("%H:%M:%S").to_string()
}

/// The day and the time of day, for what may have happened long ago.
pub fn moment(time: jiff::Timestamp, utc: bool) -> String {
    let zone = if utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    time.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A line broken into as many as it takes; those that follow stand below where the first begins.
pub fn wrapped(line: &Line<'_>, width: usize) -> Vec<Line<'static>> {
    let style = line.spans.first().map(|span| span.style).unwrap_or_default();
    let whole = line.to_string();
    let words = whole.trim_start_matches(' ');
    let indent = whole.len() - words.len();
    let lines = wrap(words, width.saturating_sub(indent));
    lines.into_iter().map(|words| styled(format!("{}{words}", " ".repeat(indent)), style)).collect()
}
