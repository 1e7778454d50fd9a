//! The list table: only the rows on screen are ever built.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::list::List;
use crate::app::state::State;
use crate::ui::theme::Theme;
use crate::ui::widget;

pub struct Column {
    pub title: &'static str,
    /// Cells; 0 takes what is left.
    pub width: usize,
    pub right: bool,
    /// Lower goes first when there is no room.
    pub rank: u8,
}

pub const fn column(title: &'static str, width: usize, right: bool, rank: u8) -> Column {
    Column { title, width, right, rank }
}

pub struct Cell {
    pub text: String,
    pub style: Style,
}

#[derive(Default)]
pub struct Table<'a> {
    pub title: String,
    pub foot: String,
    /// The title of the column of signs.
    pub sign: &'static str,
    /// Instead of rows, when there are none: what to know and what to do.
    pub empty: Vec<Line<'a>>,
    pub columns: &'a [Column],
    /// Two cells of signs before each row (mark and the like) with its style.
    pub rows: Vec<(String, Style, Vec<Cell>)>,
    /// To know and to do, right below the rows where there is room.
    pub notes: Vec<Line<'a>>,
    /// What the signs mean, below the rows where there is room.
    pub legend: Vec<String>,
}

/// Cells that the columns of a list drawn there have among them.
pub fn room(area: Rect, state: &State) -> usize {
    let border = if state.layout.bordered() { 2 } else { 0 };
    usize::from(area.width).saturating_sub(border + 1 + SIGNS)
}

/// Cells before the first column: cursor, signs, a blank.
const SIGNS: usize = 5;

impl Table<'_> {
    pub fn draw(self, frame: &mut Frame, area: Rect, list: &List, state: &State, theme: &Theme) {
        let bordered = state.layout.bordered();
        let inside = if bordered { widget::panel(frame, area, &self.title, &self.foot, theme) } else { area };
        let width = usize::from(inside.width).saturating_sub(1);
        let widths = fit_columns(self.columns, width.saturating_sub(SIGNS));
        let mut heading = format!("  {}  ", widget::cell(self.sign, 1, false));
        for (column, width) in self.columns.iter().zip(&widths) {
            if let Some(width) = width {
                // Without a border to stand on, what the title says after its first word stands beside the name's.
                // That word says the same as the column, unless it is about those that follow it ("search: redis").
                let more = self.title.split_once(' ').filter(|_| !bordered && column.width == 0);
                let more = more.map(|(word, more)| if word.ends_with(':') { self.title.as_str() } else { more });
                let title = more.map_or(column.title.to_owned(), |more| format!("{} {more}", column.title));
                heading.push_str(&widget::cell(&title, *width, column.right));
                heading.push(' ');
            }
        }
        let first = Rect { height: 1, ..inside };
        super::super::line(frame, first, widget::styled(widget::cell(&heading, width, false), theme.dim));
        let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        if self.rows.is_empty() {
            let room = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
            paragraphs(frame, room, &self.empty);
            return;
        }
        let mut free = usize::from(body.height).saturating_sub(list.shown.len() + 1);
        if !self.notes.is_empty() && free > 1 {
            let height = free as u16;
            let room = Rect { x: body.x + 1, y: body.bottom() - height, width: body.width.saturating_sub(2), height };
            free -= paragraphs(frame, room, &self.notes);
        }
        if bordered && self.legend.len() <= free {
            let lines = self.legend.iter().rev().enumerate();
            for (n, text) in lines {
                let row = Rect { x: body.x + 1, y: body.bottom() - 1 - n as u16, height: 1, width: width as u16 };
                super::super::line(frame, row, widget::styled(widget::cell(text, width, false), theme.dim));
            }
        }
        let cursor_line = list.cursor.saturating_sub(list.offset);
        let range = list.range();
        for (n, (signs, sign_style, cells)) in self.rows.into_iter().enumerate().take(usize::from(body.height)) {
            let here = n == cursor_line;
            let in_range = range.as_ref().is_some_and(|r| r.contains(&(list.offset + n)));
            let base = if here || in_range { theme.cursor } else { Style::new() };
            let bar = if here { theme.signs.cursor } else { " " };
            let mut spans =
                vec![Span::styled(format!("{bar}{} ", widget::cell(&signs, 3, false)), base.patch(sign_style))];
            // One alone is a heading, and takes the row.
            let whole = [Some(width.saturating_sub(SIGNS))];
            let widths = if cells.len() == 1 { &whole[..] } else { &widths };
            for ((cell, width), column) in cells.into_iter().zip(widths).zip(self.columns) {
                let Some(width) = width else { continue };
                let text = widget::cell(&cell.text, *width, column.right) + " ";
                spans.push(Span::styled(text, base.patch(cell.style)));
            }
            let row = Rect { y: body.y + n as u16, height: 1, width: width as u16, ..body };
            frame.buffer_mut().set_style(row, base);
            super::super::line(frame, row, Line::from(spans));
            if here && state.looks.accessible && !state.typing() {
                // Screen readers read the line the terminal's cursor is on.
                frame.set_cursor_position((row.x, row.y));
            }
        }
        widget::scroll_thumb(frame, body, list.offset, usize::from(body.height), list.shown.len(), theme);
    }
}

/// Lines, wrapped, as far as there is room. Returns the rows they took.
fn paragraphs(frame: &mut Frame, room: Rect, lines: &[Line<'_>]) -> usize {
    let wrapped = lines.iter().flat_map(|line| widget::wrapped(line, usize::from(room.width)));
    wrapped
        .zip(room.y..room.bottom())
        .map(|(line, y)| super::super::line(frame, Rect { y, height: 1, ..room }, line))
        .count()
}

/// Which columns fit, and how wide: the lowest ranks are kept, the column of width 0 takes the rest.
pub fn fit_columns(columns: &[Column], width: usize) -> Vec<Option<usize>> {
    const LEAST: usize = 14;
    let mut kept: Vec<bool> = columns.iter().map(|_| true).collect();
    loop {
        let used: usize = columns
            .iter()
            .zip(&kept)
            .filter(|(_, k)| **k)
            .map(|(c, _)| if c.width == 0 { LEAST } else { c.width } + 1)
            .sum();
        let last = (0..columns.len()).filter(|n| kept[*n] && columns[*n].width > 0).max_by_key(|n| columns[*n].rank);
        match last {
            Some(n) if used > width => kept[n] = false,
            _ => break,
        }
    }
    let fixed: usize = columns.iter().zip(&kept).filter(|(c, k)| **k && c.width > 0).map(|(c, _)| c.width + 1).sum();
    let rest = width.saturating_sub(fixed + 1);
    columns.iter().zip(kept).map(|(c, k)| k.then_some(if c.width == 0 { rest } else { c.width })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_by_rank_and_the_rest_goes_to_the_name() {
        let columns = [column("A", 0, false, 0), column("B", 10, false, 1), column("C", 10, false, 2)];
        assert_eq!(fit_columns(&columns, 80), [Some(57), Some(10), Some(10)]);
        assert_eq!(fit_columns(&columns, 30), [Some(18), Some(10), None]);
        assert_eq!(fit_columns(&columns, 10), [Some(9), None, None]);
    }
}
