//! Small parts that several screens use.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};

use super::theme::Theme;
use crate::domain::text::Align;

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
    if !title.is_empty() {
        block = block.title_top(Line::from(Span::styled(format!(" {title} "), theme.title)));
    }
    if !foot.is_empty() {
        block = block.title_bottom(Line::from(Span::styled(format!(" {foot} "), theme.dim)));
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
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

/// Breaks a text into lines of at most `width` cells; long words are cut.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation as _;
    use unicode_width::UnicodeWidthStr as _;
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            if used + word.trim_end().width() > width && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            for grapheme in word.graphemes(true) {
                let w = grapheme.width();
                if used + w > width {
                    if grapheme == " " {
                        continue;
                    }
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(grapheme);
                used += w;
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_but_spaces() {
        for width in [1, 5, 12] {
            let text = "hello wide 日本語 and a-very-long-word-indeed";
            let lines = wrap(text, width.max(2));
            assert!(lines.iter().all(|l| unicode_width::UnicodeWidthStr::width(l.trim_end()) <= width.max(2)));
            let squeeze = |s: &str| s.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(text));
        }
    }
}
