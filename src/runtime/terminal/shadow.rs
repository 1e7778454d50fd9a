//! What is on the real screen, what shall be on it, and how rows have moved between the two.
//!
//! A wide character takes several cells; all but the first are *covered* and hold the empty string, so that replacing
//! the character by a narrow one always repaints what was covered.

use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth};
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::sgr::VISIBLE_ON_BLANK;

/// A row that differs from the moved one in more cells than this does not count as moved.
const NEARLY_EQUAL: usize = 12;

/// Rows `top..=bottom` move; `by > 0` means the content goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub top: u16,
    pub bottom: u16,
    pub by: i32,
}

#[derive(Debug)]
pub struct Shadow {
    pub screen: Buffer,
    pub next: Buffer,
}

impl Shadow {
    pub fn new(size: Size) -> Self {
        let area = Rect::new(0, 0, size.width, size.height);
        Self { screen: Buffer::empty(area), next: Buffer::empty(area) }
    }

    /// Takes one cell of the frame. What no terminal shows in one place (control characters, characters without a
    /// width) becomes a blank, so nothing that came from outside can act as an escape sequence.
    pub fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let area = self.next.area;
        if x >= area.width || y >= area.height {
            return;
        }
        let at = usize::from(y) * usize::from(area.width) + usize::from(x);
        let row = &mut self.next.content;
        let control = cell.symbol().chars().any(char::is_control);
        // The cells the library keeps free for it. It gives the half-width marks U+FF9E and U+FF9F one more than terminals
        // draw: what is left of them is blank, and nothing else would say so.
        let mut room = if control { 0 } else { usize::from(cell.cell_width()) };
        let mut width = cell.symbol().width().min(room);
        let right = usize::from(area.width - x);
        let covered = row[at].symbol().is_empty();
        if covered && cell.symbol() == " " {
            // ratatui clears the second half of an emoji with a variation selector by hand
            return;
        }
        let mut new = cell.clone();
        new.diff_option = CellDiffOption::None;
        if width == 0 || room > right {
            new.set_symbol(" ");
            (width, room) = (1, 1);
        }
        if covered {
            let lead = row[..at].iter().rposition(|cell| !cell.symbol().is_empty()).unwrap_or(at);
            for cell in &mut row[lead..at] {
                cell.set_symbol(" ");
            }
        }
        // What was covered by a character that is overwritten becomes blank.
        for cell in row[at..at + right].iter_mut().skip(room).take_while(|cell| cell.symbol().is_empty()) {
            cell.set_symbol(" ");
        }
        for (n, cell) in row[at..at + room].iter_mut().enumerate().skip(1) {
            *cell = new.clone();
            cell.set_symbol(if n < width { "" } else { " " });
            plain_blank(cell);
        }
        plain_blank(&mut new);
        row[at] = new;
    }

    pub fn fill_next(&mut self, from: usize, to: usize) {
        let end = to.min(self.next.content.len());
        if from < end {
            self.next.content[from..end].fill(Cell::EMPTY);
        }
    }

    /// The shift that saves most cells, if any saves a few rows.
    pub fn best_shift(&self) -> Option<Shift> {
        let height = i32::from(self.next.area.height);
        let width = self.next.area.width as i64;
        let repaint: Vec<i64> =
            (0..height).map(|y| differing(row(&self.screen, y), row(&self.next, y), usize::MAX) as i64).collect();
        let mut best: Option<(i64, Shift)> = None;
        for by in (1..height / 2 + 1).flat_map(|d| [d, -d]) {
            let (mut sum, mut start) = (0, 0);
            for y in 0.max(-by)..height.min(height - by) {
                let moved = differing(row(&self.screen, y + by), row(&self.next, y), NEARLY_EQUAL);
                let gain =
                    if moved < NEARLY_EQUAL { repaint[y as usize] - moved as i64 } else { repaint[y as usize] - width };
                if sum <= 0 {
                    (sum, start) = (0, y);
                }
                sum += gain;
                if sum > best.map_or(width, |(most, _)| most) {
                    let (top, bottom) = if by > 0 { (start, y + by) } else { (start + by, y) };
                    let shift = Shift { top: top as u16, bottom: bottom as u16, by };
                    best = Some((sum, shift));
                }
            }
        }
        best.map(|(_, shift)| shift)
    }

    /// The screen as it is after the terminal has done the shift.
    pub fn shifted(&self, shift: Shift) -> Buffer {
        let mut moved = self.screen.clone();
        let width = usize::from(moved.area.width);
        let segment = &mut moved.content[usize::from(shift.top) * width..(usize::from(shift.bottom) + 1) * width];
        let cells = (shift.by.unsigned_abs() as usize * width).min(segment.len());
        if shift.by > 0 {
            segment.rotate_left(cells);
            let kept = segment.len() - cells;
            segment[kept..].fill(Cell::EMPTY);
        } else {
            segment.rotate_right(cells);
            segment[..cells].fill(Cell::EMPTY);
        }
        moved
    }
}

/// What nobody sees on a blank makes no difference between two of them.
fn plain_blank(cell: &mut Cell) {
    if cell.symbol() == " " && !cell.modifier.intersects(VISIBLE_ON_BLANK) {
        cell.fg = Color::Reset;
        cell.modifier = Modifier::empty();
    }
}

fn row(buffer: &Buffer, y: i32) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let y = y as usize;
    &buffer.content[y * width..(y + 1) * width]
}

/// How many cells have to be written to make `a` into `b`; stops counting at `limit`. What becomes blank is erased, many
/// cells at a time.
fn differing(a: &[Cell], b: &[Cell], limit: usize) -> usize {
    let mut count = 0;
    for (a, b) in a.iter().zip(b) {
        if a != b && *b != Cell::EMPTY {
            count += 1;
            if count >= limit {
                break;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shadow(before: &[&str], after: &[&str]) -> Shadow {
        let mut shadow = Shadow::new(Size::new(20, before.len() as u16));
        for (y, line) in before.iter().enumerate() {
            shadow.screen.set_string(0, y as u16, line, ratatui::style::Style::new());
        }
        for (y, line) in after.iter().enumerate() {
            shadow.next.set_string(0, y as u16, line, ratatui::style::Style::new());
        }
        shadow
    }

    #[test]
    fn finds_the_list_between_header_and_footer() {
        let rows = [
            "alpha alpha alpha al",
            "beta beta beta beta ",
            "gamma gamma gamma ga",
            "delta delta delta de",
            "epsilon epsilon eps",
            "zeta zeta zeta zeta ",
        ];
        let before = ["header", rows[0], rows[1], rows[2], rows[3], rows[4], "footer"];
        let after = ["header", rows[1], rows[2], rows[3], rows[4], rows[5], "footer"];
        let up = shadow(&before, &after).best_shift();
        assert_eq!(up, Some(Shift { top: 1, bottom: 5, by: 1 }));
        let down = shadow(&after, &before).best_shift();
        assert_eq!(down, Some(Shift { top: 1, bottom: 5, by: -1 }));
        assert_eq!(shadow(&before, &before).best_shift(), None);
    }

    #[test]
    fn control_characters_never_reach_the_screen() {
        let mut shadow = Shadow::new(Size::new(4, 1));
        for symbol in ["\x1b[2J", "\u{9b}", "\u{200b}", "\n"] {
            let mut cell = Cell::EMPTY;
            cell.set_symbol(symbol);
            shadow.put(1, 0, &cell);
            assert_eq!(shadow.next[(1, 0)].symbol(), " ");
        }
    }

    #[test]
    fn wide_characters_cover_and_uncover() {
        let wide = Cell::new("日");
        let narrow = Cell::new("a");
        let symbols =
            |shadow: &Shadow| -> Vec<String> { shadow.next.content.iter().map(|c| c.symbol().to_owned()).collect() };
        let mut shadow = Shadow::new(Size::new(4, 1));
        shadow.put(0, 0, &wide);
        shadow.put(2, 0, &wide);
        assert_eq!(symbols(&shadow), ["日", "", "日", ""]);
        shadow.put(1, 0, &wide);
        assert_eq!(symbols(&shadow), [" ", "日", "", " "]);
        shadow.put(2, 0, &narrow);
        assert_eq!(symbols(&shadow), [" ", " ", "a", " "]);
        shadow.put(3, 0, &wide);
        assert_eq!(symbols(&shadow), [" ", " ", "a", " "]);
    }

    /// A column for each mark, and one for the letter before them; what the library keeps free besides is blank.
    #[test]
    fn half_width_marks_cover_what_is_drawn() {
        let symbols =
            |shadow: &Shadow| -> Vec<String> { shadow.next.content.iter().map(|c| c.symbol().to_owned()).collect() };
        for (text, drawn) in [("\u{ff9e}", 1), ("\u{ff76}\u{ff9e}", 2), ("\u{ff8a}\u{ff9f}\u{ff9f}", 3)] {
            let mut shadow = Shadow::new(Size::new(6, 1));
            (0..6).for_each(|x| shadow.put(x, 0, &Cell::new("z")));
            shadow.put(0, 0, &Cell::new(text));
            let kept_free = usize::from(text.cell_width());
            let mut want = vec![""; 6];
            want[0] = text;
            want[drawn..kept_free].fill(" ");
            want[kept_free..].fill("z");
            assert_eq!(symbols(&shadow), want, "{text:?}");
            shadow.put(0, 0, &Cell::new("a"));
            want[0] = "a";
            want[1..kept_free].fill(" ");
            assert_eq!(symbols(&shadow), want, "{text:?}");
        }
    }
}
