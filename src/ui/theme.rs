//! Colours and signs. The default uses the terminal's own sixteen colours, so that it fits every background; no
//! colour carries a meaning that a word, a letter or a sign does not carry too.

mod depth;
mod file;

pub use depth::Depth;
pub use file::{ThemeError, parse};

use ratatui::style::{Color, Modifier, Style};

use crate::app::state::Looks;
pub use crate::app::state::THEMES as NAMES;

#[derive(Clone, Debug)]
pub struct Theme {
    pub text: Style,
    pub dim: Style,
    pub title: Style,
    pub border: Style,
    pub header: Style,
    pub cursor: Style,
    pub marked: Style,
    pub shared: Style,
    pub good: Style,
    pub bad: Style,
    pub warn: Style,
    pub key: Style,
    pub signs: Signs,
    /// Whether colours are used at all.
    pub colours: bool,
    /// How many the terminal has.
    pub depth: Depth,
}

/// Signs of one cell each; never emoji, whose width terminals disagree about.
#[derive(Clone, Copy, Debug)]
pub struct Signs {
    pub cursor: &'static str,
    pub marked: &'static str,
    pub shares: &'static str,
    pub not_loaded: &'static str,
    pub favourite: &'static str,
    pub changed: &'static str,
    pub protected: &'static str,
    pub thumb: &'static str,
    /// In the colour that is meant.
    pub swatch: &'static str,
    /// A folder that is open, and one that is not.
    pub open: &'static str,
    pub closed: &'static str,
    pub at_most: &'static str,
    pub ellipsis: &'static str,
    pub ascii: bool,
    /// Frames and scroll bars are drawn.
    pub lines: bool,
}

const UNICODE: Signs = Signs {
    cursor: "▌",
    marked: "●",
    shares: "◌",
    not_loaded: "·",
    favourite: "★",
    changed: "!",
    protected: "■",
    thumb: "█",
    swatch: "■",
    open: "▾",
    closed: "▸",
    at_most: "≤",
    ellipsis: "...",
    ascii: false,
    lines: true,
};
const ASCII: Signs = Signs {
    cursor: ">",
    marked: "*",
    shares: "~",
    not_loaded: "?",
    favourite: "*",
    changed: "!",
    protected: "!",
    thumb: "#",
    swatch: "#",
    open: "-",
    closed: "+",
    at_most: "<",
    ellipsis: "..",
    ascii: true,
    lines: true,
};

impl Theme {
    pub fn of(looks: &Looks) -> Self {
        let mut theme = Self::named(&looks.theme, looks.ascii);
        theme.signs.lines = !looks.accessible;
        theme
    }

    /// The style of that name in a theme file.
    fn style_mut(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "dim" => &mut self.dim,
            "title" => &mut self.title,
            "border" => &mut self.border,
            "header" => &mut self.header,
            "cursor" => &mut self.cursor,
            "marked" => &mut self.marked,
            "shared" => &mut self.shared,
            "good" => &mut self.good,
            "bad" => &mut self.bad,
            "warn" => &mut self.warn,
            "key" => &mut self.key,
            _ => return None,
        })
    }

    pub fn named(name: &str, ascii: bool) -> Self {
        let plain = Style::new();
        let fg = |c: Color| Style::new().fg(c);
        let bold = Modifier::BOLD;
        let signs = if ascii { ASCII } else { UNICODE };
        let mono = Self {
            text: plain,
            dim: plain.add_modifier(Modifier::DIM),
            title: plain.add_modifier(bold),
            border: plain,
            header: plain.add_modifier(bold),
            cursor: plain.add_modifier(Modifier::REVERSED),
            marked: plain.add_modifier(bold),
            shared: plain.add_modifier(Modifier::UNDERLINED),
            good: plain,
            bad: plain.add_modifier(bold),
            warn: plain.add_modifier(bold),
            key: plain.add_modifier(bold),
            signs,
            colours: name != "mono",
            depth: Depth::True,
        };
        match name {
            "mono" => mono,
            "high-contrast" => Self {
                dim: plain,
                title: fg(Color::White).add_modifier(bold),
                cursor: Style::new().fg(Color::Black).bg(Color::White).add_modifier(bold),
                marked: fg(Color::LightYellow).add_modifier(bold),
                good: fg(Color::LightGreen),
                bad: fg(Color::LightRed).add_modifier(bold),
                warn: fg(Color::LightYellow).add_modifier(bold),
                key: fg(Color::LightCyan).add_modifier(bold),
                ..mono
            },
            "dark" => Self {
                text: fg(Color::Rgb(205, 214, 224)),
                dim: fg(Color::Rgb(120, 132, 148)),
                title: fg(Color::Rgb(137, 180, 250)).add_modifier(bold),
                border: fg(Color::Rgb(74, 84, 98)),
                header: fg(Color::Rgb(148, 226, 213)).add_modifier(bold),
                cursor: Style::new().bg(Color::Rgb(49, 58, 72)).add_modifier(bold),
                marked: fg(Color::Rgb(249, 226, 175)).add_modifier(bold),
                good: fg(Color::Rgb(166, 227, 161)),
                bad: fg(Color::Rgb(243, 139, 168)).add_modifier(bold),
                warn: fg(Color::Rgb(250, 179, 135)),
                key: fg(Color::Rgb(148, 226, 213)),
                ..mono
            },
            "light" => Self {
                text: fg(Color::Rgb(40, 44, 52)),
                dim: fg(Color::Rgb(120, 124, 132)),
                title: fg(Color::Rgb(30, 90, 180)).add_modifier(bold),
                border: fg(Color::Rgb(170, 174, 182)),
                header: fg(Color::Rgb(0, 110, 110)).add_modifier(bold),
                cursor: Style::new().bg(Color::Rgb(214, 226, 244)).add_modifier(bold),
                marked: fg(Color::Rgb(150, 90, 0)).add_modifier(bold),
                good: fg(Color::Rgb(20, 120, 40)),
                bad: fg(Color::Rgb(180, 20, 40)).add_modifier(bold),
                warn: fg(Color::Rgb(160, 80, 0)),
                key: fg(Color::Rgb(0, 110, 110)),
                ..mono
            },
            _ => Self {
                dim: fg(Color::DarkGray),
                title: fg(Color::Blue).add_modifier(bold),
                border: fg(Color::DarkGray),
                header: fg(Color::Cyan).add_modifier(bold),
                marked: fg(Color::Yellow).add_modifier(bold),
                shared: fg(Color::Magenta),
                good: fg(Color::Green),
                bad: fg(Color::Red).add_modifier(bold),
                warn: fg(Color::Yellow),
                key: fg(Color::Cyan),
                ..mono
            },
        }
    }
}
