//! Picking a colour: by name with Left and Right, or typed as #RRGGBB.

use crate::app::key::{Key, KeyCode as Code};
use crate::domain::colour::Colour;

/// Characters of the longest name, and more than any number takes.
const LONGEST: usize = 14;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourPicker {
    text: String,
}

impl ColourPicker {
    pub fn new(colour: Colour) -> Self {
        Self { text: colour.to_string() }
    }

    /// Without a colour so far.
    pub fn empty() -> Self {
        Self { text: String::new() }
    }

    /// What is typed, which may be no colour yet.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn colour(&self) -> Option<Colour> {
        Colour::parse(&self.text)
    }

    /// The colour as #RRGGBB, also of a name: other programs know other colours by it.
    pub fn exact(&self) -> Option<String> {
        let (r, g, b) = self.colour()?.rgb();
        Some(Colour::Rgb(r, g, b).to_string())
    }

    /// Returns whether the key was for the picker.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Right, _) | (Code::Char(' '), false) => self.step(1),
            (Code::Left, _) => self.step(-1),
            (Code::Backspace, _) | (Code::Char('h'), true) => drop(self.text.pop()),
            (Code::Char('u'), true) => self.text.clear(),
            (Code::Char(c), false) if !key.alt => self.insert(c),
            _ => return false,
        }
        true
    }

    pub fn paste(&mut self, text: &str) {
        self.text.clear();
        text.chars().for_each(|c| self.insert(c));
    }

    fn insert(&mut self, c: char) {
        // Who begins to type something wants it instead of what is there.
        if c == '#' || (self.colour().is_some() && !self.text.starts_with('#')) {
            self.text.clear();
        }
        if (c.is_ascii_alphanumeric() || "#-".contains(c)) && self.text.len() < LONGEST {
            self.text.push(c);
        }
    }

    /// The next name; from an exact colour on, from the nearest of the sixteen.
    fn step(&mut self, by: i32) {
        let now = self.colour().map(|colour| i32::from(colour.sixteen()));
        let next = match (now, self.text.starts_with('#')) {
            (Some(now), false) => now + by,
            (Some(now), true) => now,
            (None, _) => 0,
        };
        self.text = Colour::Ansi(next.rem_euclid(16) as u8).to_string();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(keys: &str) -> String {
        let mut picker = ColourPicker::new(Colour::Ansi(3));
        for key in keys.split(' ') {
            picker.key(key.parse().unwrap());
        }
        picker.text().to_owned()
    }

    #[test]
    fn names_come_round_and_numbers_are_typed() {
        assert_eq!((after("right"), after("left left left left")), ("blue".into(), "bright-white".into()));
        assert_eq!((after("# f 8 0"), after("f 0 0")), ("#f80".into(), "f00".into()));
        // From an exact colour to the nearest name.
        assert_eq!(after("# f f 0 0 0 1 right"), "bright-red");
        assert_eq!(
            (after("r e d"), after("# 1 backspace 2"), after("# 1 ctrl-u")),
            ("red".into(), "#2".into(), "".into())
        );
        assert_eq!(after("ctrl-u right"), "black");
    }

    #[test]
    fn what_is_pasted_replaces_and_is_bounded() {
        let mut picker = ColourPicker::new(Colour::Ansi(3));
        picker.paste("\u{1b}[31m #ff8800\n");
        assert_eq!(picker.colour(), Some(Colour::Rgb(0xff, 0x88, 0)));
        picker.paste(&"x".repeat(100));
        assert_eq!((picker.colour(), picker.text().len()), (None, LONGEST));
    }
}
