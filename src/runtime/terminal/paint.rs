//! Turns the difference between two screens into bytes.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};

use super::sgr::Pen;
use super::shadow::Shift;

/// Longest run of unchanged cells that is written again instead of jumped over: a jump costs as much.
const GAP: u16 = 4;

/// From so many cells on that become blank they are erased by number, which moves no cursor: a terminal since the VT220
/// can do that.
const ERASE: usize = 12;

/// Not all terminals draw these in a column of their own.
const HALF_WIDTH_MARKS: [char; 2] = ['\u{ff9e}', '\u{ff9f}'];

pub struct Painter<'a> {
    out: &'a mut Vec<u8>,
    pen: Pen,
    /// Where the terminal's cursor is; `None` when terminals may disagree.
    at: Option<(u16, u16)>,
}

impl<'a> Painter<'a> {
    /// Every frame starts and ends with the default pen, so noise on the line cannot colour later frames.
    pub fn new(out: &'a mut Vec<u8>, at: Option<(u16, u16)>) -> Self {
        Self { out, pen: Pen::default(), at }
    }

    pub fn clear(&mut self) {
        self.out.extend_from_slice(b"\x1b[m\x1b[r\x1b[2J");
        self.at = None;
    }

    /// Line feed and reverse index are used, because old consoles do not know `CSI S` and `CSI T`.
    pub fn shift(&mut self, shift: Shift) {
        let (top, bottom) = (shift.top + 1, shift.bottom + 1);
        let line = if shift.by > 0 { bottom } else { top };
        self.csi(format_args!("{top};{bottom}r\x1b[{line}H"));
        for _ in 0..shift.by.abs() {
            self.out.extend_from_slice(if shift.by > 0 { b"\n" } else { b"\x1bM" });
        }
        self.csi(format_args!("r"));
        self.at = None;
    }

    pub fn diff(&mut self, from: &Buffer, to: &Buffer) {
        let width = usize::from(to.area.width);
        if width == 0 {
            return;
        }
        let rows = from.content.chunks(width).zip(to.content.chunks(width));
        for (y, (from, to)) in rows.enumerate() {
            if from != to {
                self.row(y as u16, from, to);
            }
        }
    }

    fn row(&mut self, y: u16, from: &[Cell], to: &[Cell]) {
        let text_end = to.iter().rposition(|cell| *cell != Cell::EMPTY).map_or(0, |last| last + 1);
        let mut x = 0;
        while x < to.len() {
            let span = 1 + to[x + 1..].iter().take_while(|covered| covered.symbol().is_empty()).count();
            if from[x..x + span] != to[x..x + span] {
                if x >= text_end && differ(&from[x..], &to[x..]) > 3 {
                    self.go(x as u16, y, to);
                    self.pen(Pen::default());
                    self.csi(format_args!("K"));
                    return;
                }
                let blank = to[x..].iter().take_while(|cell| **cell == Cell::EMPTY).count();
                if differ(&from[x..x + blank], &to[x..x + blank]) >= ERASE {
                    self.go(x as u16, y, to);
                    self.pen(Pen::default());
                    self.csi(format_args!("{blank}X"));
                    x += blank;
                    continue;
                }
                self.cell(x as u16, y, to, span as u16);
            }
            x += span;
        }
    }

    fn cell(&mut self, x: u16, y: u16, row: &[Cell], span: u16) {
        let cell = &row[usize::from(x)];
        self.go(x, y, row);
        self.pen(self.pen.for_cell(cell));
        let marks = cell.symbol().contains(HALF_WIDTH_MARKS);
        if marks {
            // Where a mark takes no column, what was here before would stay.
            self.out.resize(self.out.len() + usize::from(span), b' ');
            self.at = None;
            self.go(x, y, row);
        }
        self.out.extend_from_slice(cell.symbol().as_bytes());
        let end = x + span;
        // Past the last column a terminal waits with the line break, each in its own way; and terminals disagree on
        // the width of clusters (flags, families, variation selectors) and of half-width marks: jump to the next cell by
        // number.
        let certain = !marks && usize::from(end) < row.len() && cell.symbol().chars().nth(1).is_none();
        self.at = certain.then_some((end, y));
    }

    fn pen(&mut self, to: Pen) {
        self.pen.change(to, self.out);
        self.pen = to;
    }

    fn go(&mut self, x: u16, y: u16, row: &[Cell]) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((from, line)) if line == y && from < x => self.forward(from, x, row),
            Some((_, line)) if x == 0 && line == y => self.out.push(b'\r'),
            Some((_, line)) if x == 0 && line + 1 == y => self.out.extend_from_slice(b"\r\n"),
            _ if x == 0 => self.csi(format_args!("{}H", y + 1)),
            _ => self.csi(format_args!("{};{}H", y + 1, x + 1)),
        }
        self.at = Some((x, y));
    }

    fn forward(&mut self, from: u16, to: u16, row: &[Cell]) {
        let gap = &row[usize::from(from)..usize::from(to)];
        let same = |cell: &Cell| cell.symbol().len() == 1 && self.pen.for_cell(cell) == self.pen;
        if to - from <= GAP && gap.iter().all(same) {
            for cell in gap {
                self.out.extend_from_slice(cell.symbol().as_bytes());
            }
        } else if to - from == 1 {
            self.csi(format_args!("C"));
        } else {
            self.csi(format_args!("{}C", to - from));
        }
    }

    /// Ends the frame: default pen, and the cursor where the user shall see it.
    pub fn finish(mut self, cursor: Option<(u16, u16)>) -> Option<(u16, u16)> {
        self.pen(Pen::default());
        if let Some((x, y)) = cursor
            && self.at != cursor
        {
            self.csi(format_args!("{};{}H", y + 1, x + 1));
            self.at = cursor;
        }
        self.at
    }

    fn csi(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.out.extend_from_slice(b"\x1b[");
        // writing to a Vec cannot fail
        let _ = self.out.write_fmt(arguments);
    }
}

fn differ(from: &[Cell], to: &[Cell]) -> usize {
    from.iter().zip(to).filter(|(a, b)| a != b).count()
}
