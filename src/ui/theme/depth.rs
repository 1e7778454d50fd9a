//! Terminals with fewer colours than a theme asks for get the nearest ones.

use ratatui::style::{Color, Style};

use super::Theme;
use crate::domain::colour::{self, Colour};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Sixteen,
    Indexed,
    True,
}

/// In the order of their numbers.
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
        self.depth = depth;
        self
    }

    /// A colour that somebody chose, as near as this terminal comes. A theme without colours has none for it.
    pub fn coloured(&self, colour: Colour) -> Style {
        if !self.colours {
            return Style::new();
        }
        let exact = match colour {
            Colour::Ansi(n) => NAMED[usize::from(n % 16)],
            Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        };
        Style::new().fg(nearest(exact, self.depth))
    }
}

fn nearest(wanted: Color, depth: Depth) -> Color {
    let rgb = match (wanted, depth) {
        (Color::Rgb(r, g, b), Depth::Sixteen | Depth::Indexed) => (r, g, b),
        (Color::Indexed(n @ 16..), Depth::Sixteen) => colour::indexed(n),
        (Color::Indexed(n), Depth::Sixteen) => return NAMED[usize::from(n)],
        _ => return wanted,
    };
    match depth {
        Depth::Sixteen => NAMED[usize::from(colour::nearest_of_sixteen(rgb))],
        _ => Color::Indexed(colour::nearest_of_256(rgb)),
    }
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
