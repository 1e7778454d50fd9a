//! The colours and attributes the terminal will use for the next character, and the shortest way to change them.
//!
//! crossterm is not used for this: it sends `38;5;9` where `91` is meant, which is noise on an old console, and with
//! `NO_COLOR` set it sends `ESC[;m`, which also takes away a reverse that was just switched on (measured with 0.29).
//! Whether colours are used at all is the theme's decision alone.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What can be seen on a blank cell; everything else about its foreground is invisible.
pub const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Attribute, the code that switches it on, the code that switches it off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    pub fg: Color,
    pub bg: Color,
    pub modifier: Modifier,
}

impl Pen {
    /// The pen this cell needs. For a blank it keeps what does not show, so that padding between two coloured columns
    /// costs nothing.
    pub fn for_cell(self, cell: &Cell) -> Self {
        let wanted = Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if cell.symbol() != " " || cell.modifier.intersects(VISIBLE_ON_BLANK) {
            return wanted;
        }
        Self { fg: self.fg, bg: cell.bg, modifier: self.modifier - VISIBLE_ON_BLANK }
    }

    /// Appends the escape sequence that turns this pen into `to`; nothing if they are equal.
    pub fn change(self, to: Self, out: &mut Vec<u8>) {
        if self == to {
            return;
        }
        if to == Self::default() {
            out.extend_from_slice(b"\x1b[m");
            return;
        }
        let step = self.step(to);
        let mut fresh = vec![b'0'];
        let from_reset = Self::default().step(to);
        if !from_reset.is_empty() {
            fresh.push(b';');
            fresh.extend(from_reset);
        }
        out.extend_from_slice(b"\x1b[");
        out.extend(if step.len() <= fresh.len() { step } else { fresh });
        out.push(b'm');
    }

    fn step(self, to: Self) -> Vec<u8> {
        let mut codes = Vec::with_capacity(24);
        let mut have = self.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if have.contains(attribute) && !to.modifier.contains(attribute) {
                number(&mut codes, off);
                // one code ends both bold and dim, and both blinks
                for (other, _, same) in ATTRIBUTES {
                    if same == off {
                        have.remove(other);
                    }
                }
            }
        }
        for (attribute, on, _) in ATTRIBUTES {
            if to.modifier.contains(attribute) && !have.contains(attribute) {
                number(&mut codes, on);
            }
        }
        if self.fg != to.fg {
            colour(&mut codes, to.fg, 30);
        }
        if self.bg != to.bg {
            colour(&mut codes, to.bg, 40);
        }
        codes
    }
}

fn number(codes: &mut Vec<u8>, n: u8) {
    if !codes.is_empty() {
        codes.push(b';');
    }
    codes.extend_from_slice(n.to_string().as_bytes());
}

/// `base` is 30 for the foreground and 40 for the background.
fn colour(codes: &mut Vec<u8>, colour: Color, base: u8) {
    let ansi = match colour {
        Color::Reset => return number(codes, base + 9),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(n) if n < 16 => n,
        Color::Indexed(n) => {
            for part in [base + 8, 5, n] {
                number(codes, part);
            }
            return;
        }
        Color::Rgb(r, g, b) => {
            for part in [base + 8, 2, r, g, b] {
                number(codes, part);
            }
            return;
        }
    };
    number(codes, if ansi < 8 { base + ansi } else { base + 60 + (ansi - 8) });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Pen, to: Pen) -> String {
        let mut out = vec![];
        from.change(to, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    fn pen(fg: Color, bg: Color, modifier: Modifier) -> Pen {
        Pen { fg, bg, modifier }
    }

    #[test]
    fn the_sixteen_colours_use_their_own_codes() {
        let none = Modifier::empty();
        let cases = [
            (pen(Color::Red, Color::Reset, none), "^[31m"),
            (pen(Color::LightRed, Color::Reset, none), "^[91m"),
            (pen(Color::White, Color::DarkGray, none), "^[97;100m"),
            (pen(Color::Indexed(1), Color::Indexed(9), none), "^[31;101m"),
            (pen(Color::Indexed(208), Color::Reset, none), "^[38;5;208m"),
            (pen(Color::Rgb(1, 2, 3), Color::Reset, none), "^[38;2;1;2;3m"),
        ];
        for (to, expected) in cases {
            assert_eq!(change(Pen::default(), to), expected);
        }
    }

    #[test]
    fn only_the_difference_is_sent() {
        let red = pen(Color::Red, Color::Reset, Modifier::empty());
        let bold = pen(Color::Red, Color::Reset, Modifier::BOLD);
        assert_eq!(change(red, red), "");
        assert_eq!(change(red, bold), "^[1m");
        assert_eq!(change(bold, red), "^[22m");
        assert_eq!(change(bold, Pen::default()), "^[m");
    }

    #[test]
    fn ending_bold_keeps_dim() {
        let both = pen(Color::Reset, Color::Reset, Modifier::BOLD | Modifier::DIM);
        let dim = pen(Color::Reset, Color::Reset, Modifier::DIM);
        assert_eq!(change(both, dim), "^[0;2m");
        let red_both = pen(Color::Rgb(1, 2, 3), Color::Reset, both.modifier);
        let red_dim = pen(Color::Rgb(1, 2, 3), Color::Reset, Modifier::DIM);
        assert_eq!(change(red_both, red_dim), "^[22;2m");
    }

    #[test]
    fn reverse_survives_a_colour() {
        let reverse = pen(Color::Reset, Color::Reset, Modifier::REVERSED);
        let red = pen(Color::Red, Color::Reset, Modifier::REVERSED);
        assert_eq!(change(reverse, red), "^[31m");
    }

    #[test]
    fn a_blank_does_not_change_the_foreground() {
        let red = pen(Color::Red, Color::Reset, Modifier::BOLD);
        assert_eq!(red.for_cell(&Cell::EMPTY), red);
        let mut reversed = Cell::EMPTY;
        reversed.modifier = Modifier::REVERSED;
        assert_eq!(red.for_cell(&reversed), pen(Color::Reset, Color::Reset, Modifier::REVERSED));
    }
}
