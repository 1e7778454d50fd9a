//! Terminals with fewer colours than a theme asks for get the nearest ones.

use ratatui::style::{Color, Style};

use super::Theme;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Sixteen,
    Indexed,
    True,
}

/// The colours of xterm's palette up to 15; terminals differ, but not by much.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];
const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];
/// The steps of the 6x6x6 cube at 16 to 231.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// From `COLORTERM` and `TERM`. Terminals that say nothing have had 256 colours for twenty years; the Linux console
    /// has not.
    pub fn of(colorterm: Option<&str>, term: Option<&str>) -> Self {
        match (colorterm, term) {
            (_, Some("linux" | "vt100" | "vt220" | "ansi")) => Self::Sixteen,
            (Some("truecolor" | "24bit"), _) => Self::True,
            _ => Self::Indexed,
        }
    }
}

impl Theme {
    /// With colours that a terminal of this depth has.
    pub fn within(mut self, depth: Depth) -> Self {
        let near = |style: Style| Style {
            fg: style.fg.map(|c| nearest(c, depth)),
            bg: style.bg.map(|c| nearest(c, depth)),
            ..style
        };
        for name in super::file::STYLES {
            if let Some(style) = self.style_mut(name) {
                *style = near(*style);
            }
        }
        self
    }
}

fn nearest(colour: Color, depth: Depth) -> Color {
    let rgb = match (colour, depth) {
        (Color::Rgb(r, g, b), Depth::Sixteen | Depth::Indexed) => (r, g, b),
        (Color::Indexed(n @ 16..), Depth::Sixteen) => indexed(n),
        (Color::Indexed(n), Depth::Sixteen) => return NAMED[usize::from(n)],
        _ => return colour,
    };
    if depth == Depth::Sixteen {
        let at = (0..16).min_by_key(|at| distance(SIXTEEN[*at], rgb)).unwrap_or(0);
        return NAMED[at];
    }
    let best = (16..=255_u8).min_by_key(|n| distance(indexed(*n), rgb)).unwrap_or(16);
    Color::Indexed(best)
}

/// What a number from 16 on stands for.
fn indexed(n: u8) -> (u8, u8, u8) {
    match n {
        0..16 => SIXTEEN[usize::from(n)],
        16..232 => {
            let n = usize::from(n - 16);
            (STEPS[n / 36], STEPS[n / 6 % 6], STEPS[n % 6])
        }
        232.. => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
    }
}

/// The eye sees green best, and blue least.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    3 * part(a.0, b.0) + 6 * part(a.1, b.1) + part(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_say_what_they_can() {
        assert_eq!(Depth::of(Some("truecolor"), Some("xterm-256color")), Depth::True);
        assert_eq!(Depth::of(None, Some("xterm")), Depth::Indexed);
        assert_eq!(Depth::of(Some("truecolor"), Some("linux")), Depth::Sixteen);
        assert_eq!(Depth::of(None, None), Depth::Indexed);
    }

    #[test]
    fn the_nearest_colour_is_taken() {
        assert_eq!(nearest(Color::Rgb(255, 135, 0), Depth::Indexed), Color::Indexed(208));
        assert_eq!(nearest(Color::Rgb(8, 8, 8), Depth::Indexed), Color::Indexed(232));
        assert_eq!(nearest(Color::Rgb(250, 10, 10), Depth::Sixteen), Color::LightRed);
        assert_eq!(nearest(Color::Indexed(21), Depth::Sixteen), Color::Blue);
        assert_eq!(nearest(Color::Indexed(3), Depth::Sixteen), Color::Yellow);
        assert_eq!(nearest(Color::Rgb(1, 2, 3), Depth::True), Color::Rgb(1, 2, 3));
        assert_eq!(nearest(Color::Cyan, Depth::Sixteen), Color::Cyan);
    }

    #[test]
    fn every_built_in_theme_fits_every_terminal() {
        for name in super::super::NAMES {
            let mut theme = Theme::named(name, false).within(Depth::Sixteen);
            for style in super::super::file::STYLES {
                let style = *theme.style_mut(style).unwrap();
                let colours = [style.fg, style.bg].into_iter().flatten();
                assert!(!colours.into_iter().any(|c| matches!(c, Color::Rgb(..) | Color::Indexed(_))), "{name}");
            }
        }
    }
}
