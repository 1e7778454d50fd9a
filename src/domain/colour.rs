//! Colours as people and registries write them, and the nearest one that a terminal has.

use std::fmt;

pub type Rgb = (u8, u8, u8);

/// One of the terminal's own sixteen, or an exact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colour {
    /// By its number, below sixteen.
    Ansi(u8),
    Rgb(u8, u8, u8),
}

/// The colours of xterm's palette up to 15; terminals differ, but not by much.
const SIXTEEN: [Rgb; 16] = [
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
/// The steps of the 6x6x6 cube at 16 to 231.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Colour {
    /// In the order of their numbers.
    pub const NAMES: [&'static str; 16] = [
        "black",
        "red",
        "green",
        "yellow",
        "blue",
        "magenta",
        "cyan",
        "white",
        "grey",
        "bright-red",
        "bright-green",
        "bright-yellow",
        "bright-blue",
        "bright-magenta",
        "bright-cyan",
        "bright-white",
    ];
    /// What is said where a text is none.
    pub const ALLOWED: &'static str = "a colour is a name such as yellow or bright-red, or #RRGGBB";

    /// A name, `#RGB`, `#RRGGBB`, or `#RRGGBBAA`, whose last part a terminal cannot show. Case does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(hex) = text.strip_prefix('#') {
            return hexadecimal(hex);
        }
        let name = text.replace("gray", "grey");
        Self::NAMES.iter().position(|known| *known == name).map(|n| Self::Ansi(n as u8))
    }

    pub fn rgb(self) -> Rgb {
        match self {
            Self::Ansi(n) => SIXTEEN[usize::from(n % 16)],
            Self::Rgb(r, g, b) => (r, g, b),
        }
    }

    /// The nearest of the terminal's own colours.
    pub fn sixteen(self) -> u8 {
        match self {
            Self::Ansi(n) => n % 16,
            Self::Rgb(r, g, b) => nearest_of_sixteen((r, g, b)),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ansi(n) => f.pad(Self::NAMES[usize::from(n % 16)]),
            Self::Rgb(r, g, b) => f.pad(&format!("#{r:02X}{g:02X}{b:02X}")),
        }
    }
}

fn hexadecimal(hex: &str) -> Option<Colour> {
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize, digits: usize| u8::from_str_radix(&hex[at..at + digits], 16).ok();
    match hex.len() {
        3 => Some(Colour::Rgb(part(0, 1)? * 17, part(1, 1)? * 17, part(2, 1)? * 17)),
        6 | 8 => Some(Colour::Rgb(part(0, 2)?, part(2, 2)?, part(4, 2)?)),
        _ => None,
    }
}

pub fn nearest_of_sixteen(rgb: Rgb) -> u8 {
    (0..16).min_by_key(|n| distance(SIXTEEN[usize::from(*n)], rgb)).unwrap_or(0)
}

/// Of 16 to 255: those below are the terminal's own, and nobody knows how they look.
pub fn nearest_of_256(rgb: Rgb) -> u8 {
    (16..=255_u8).min_by_key(|n| distance(indexed(*n), rgb)).unwrap_or(16)
}

/// What a number of the 256 stands for.
pub fn indexed(n: u8) -> Rgb {
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
fn distance(a: Rgb, b: Rgb) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    3 * part(a.0, b.0) + 6 * part(a.1, b.1) + part(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for n in 0..16 {
            assert_eq!(Colour::parse(&Colour::Ansi(n).to_string()), Some(Colour::Ansi(n)));
        }
        assert_eq!(Colour::parse("#0fa"), Some(Colour::Rgb(0, 255, 170)));
        assert_eq!(Colour::parse(" #C25400FF "), Some(Colour::Rgb(0xc2, 0x54, 0)));
        assert_eq!(Colour::Rgb(0xc2, 0x54, 0).to_string(), "#C25400");
        assert_eq!(Colour::parse("Bright-Red"), Some(Colour::Ansi(9)));
        assert_eq!(Colour::parse("gray"), Some(Colour::Ansi(8)));
        for bad in ["", "#", "#12", "#12345", "#12345g", "#éé", "reddish", "not a colour"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_nearest_is_taken() {
        assert_eq!(nearest_of_256((255, 135, 0)), 208);
        assert_eq!(nearest_of_256((8, 8, 8)), 232);
        assert_eq!(Colour::Rgb(250, 10, 10).sixteen(), 9);
        assert_eq!((Colour::Ansi(3).sixteen(), Colour::Ansi(3).rgb()), (3, (205, 205, 0)));
    }
}
