//! Controls of more than one line: texts, and lists of labels.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{LABEL, Row, Typed, labelled};
use crate::app::modal::form::area::Area;
use crate::app::modal::form::labels::{Labels, Mark};
use crate::domain::clean;
use crate::domain::text::{self, Align, fit};
use crate::ui::theme::Theme;

/// Lines of a text that are seen at once, where there is room and where there is little.
const TEXT: [usize; 2] = [7, 3];
/// The same of labels, without the field for another one.
const LABELS: [usize; 2] = [8, 3];
/// A label of a control, and the blanks around it.
const INDENT: usize = LABEL + 2;

/// The part of a line that begins at this column, at most so wide. Half of a wide character is left out.
pub(super) fn window(line: &str, skip: usize, room: usize) -> String {
    let (mut at, mut out, mut used) = (0, String::new(), 0);
    for piece in line.graphemes(true) {
        let width = text::width(piece);
        if at >= skip {
            if used + width > room {
                break;
            }
            out.push_str(piece);
            used += width;
        }
        at += width;
    }
    out
}

/// Where the lines of a text begin and end when none is wider than `room`.
fn broken(text: &str, room: usize) -> Vec<(usize, usize)> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let (mut from, mut used, mut at) = (start, 0, start);
        for piece in line.graphemes(true) {
            let width = text::width(piece);
            if used + width > room && at > from {
                rows.push((from, at));
                (from, used) = (at, 0);
            }
            used += width;
            at += piece.len();
        }
        rows.push((from, at));
        start = at + 1;
    }
    rows
}

pub(super) fn area(
    label: &str,
    area: &Area,
    width: usize,
    focus: bool,
    short: bool,
    theme: &Theme,
) -> Vec<Row<'static>> {
    let room = width.saturating_sub(INDENT + 2).max(1);
    let all = broken(area.text(), room);
    // Where a line is broken the cursor is at the beginning of the next one.
    let row = all.iter().rposition(|(from, _)| *from <= area.cursor()).unwrap_or(0);
    let most = TEXT[usize::from(short)];
    let first = (row + 1).saturating_sub(most);
    let shown: Vec<(usize, (usize, usize))> = all.iter().copied().enumerate().skip(first).take(most).collect();
    let style = if focus { theme.text.add_modifier(Modifier::UNDERLINED) } else { theme.text };
    let last = shown.last().map_or(0, |(at, _)| *at);
    shown
        .into_iter()
        .map(|(at, (from, to))| {
            // What is longer than is seen says so.
            let head = match at {
                at if at == first => label.to_owned(),
                at if at == last && all.len() > most => format!("{}-{} of {}", first + 1, last + 1, all.len()),
                _ => String::new(),
            };
            let text = clean::line(&area.text()[from..to]);
            let line = Line::from(vec![
                Span::styled(format!(" {} ", fit(&head, LABEL, Align::Left)), theme.key),
                Span::styled(fit(text.as_str(), room, Align::Left), style),
            ]);
            let cursor = (focus && at == row).then(|| INDENT + text::width(&area.text()[from..area.cursor()]));
            Row { focus: focus && at == row, cursor, ..Row::text(line) }
        })
        .collect()
}

pub(super) fn labels<'a>(label: &str, labels: &'a Labels, focus: bool, short: bool, theme: &Theme) -> Vec<Row<'a>> {
    let total = labels.rows().len();
    let most = LABELS[usize::from(short)];
    let at = labels.row();
    let first = at.map_or(total.saturating_sub(most), |at| (at + 1).saturating_sub(most));
    let mut rows: Vec<Row<'a>> = Vec::new();
    for (n, one) in labels.rows().iter().enumerate().skip(first).take(most) {
        let head = match n {
            n if n == first => label.to_owned(),
            n if n == first + 1 && total > most => format!("{}-{} of {total}", first + 1, (first + most).min(total)),
            _ => String::new(),
        };
        let here = focus && at == Some(n);
        let (sign, words, style) = match one.mark {
            Mark::Stays => (' ', "", theme.text),
            Mark::Added => ('+', "  is added", theme.good),
            Mark::Removed => ('-', "  is taken away", theme.bad),
        };
        let style = if here { theme.cursor } else { style };
        let text = format!("{sign} {}{words}", clean::line(&one.text));
        rows.push(Row { focus: here, ..Row::text(labelled(&head, text, style, theme)) });
    }
    let head = if rows.is_empty() { label } else { "" };
    let label = format!("{}new:", fit(head, LABEL.saturating_sub(4), Align::Left));
    let field = Typed { label, field: &labels.field, secret: false };
    rows.push(Row { focus: focus && at.is_none(), field: Some(field), ..Row::text(Line::default()) });
    if let Some(said) = labels.said {
        rows.push(Row::text(labelled("", said.to_owned(), theme.warn, theme)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_by_what_they_take_on_screen() {
        let text = "一二三四\nab";
        let rows: Vec<&str> = broken(text, 5).into_iter().map(|(from, to)| &text[from..to]).collect();
        assert_eq!(rows, ["一二", "三四", "ab"]);
        assert_eq!(broken("", 5), [(0, 0)]);
        assert_eq!(broken("a\n", 5), [(0, 1), (2, 2)]);
    }

    #[test]
    fn a_window_on_wide_text_is_as_wide_as_it_may_be() {
        assert_eq!(window("一二三四", 4, 5), "三四");
        assert_eq!(window("ab一二", 1, 4), "b一");
        assert_eq!(window("一二三四", 3, 3), "三");
    }
}
