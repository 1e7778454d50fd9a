//! Keys as the keymap knows them, independent of how a terminal sends them.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Insert,
    Delete,
    F(u8),
}

/// `shift` is only set where the code does not say it already: `G` is a character, Shift-Tab is `BackTab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

const NAMES: [(KeyCode, &str); 15] = [
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::BackTab, "backtab"),
    (KeyCode::Backspace, "backspace"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::PageUp, "pageup"),
    (KeyCode::PageDown, "pagedown"),
    (KeyCode::Insert, "insert"),
    (KeyCode::Delete, "delete"),
];

impl Key {
    /// Brings a key into its one form: what differs between terminals for the same key is levelled.
    pub fn new(code: KeyCode, ctrl: bool, alt: bool, shift: bool) -> Self {
        let (code, shift) = match code {
            KeyCode::Tab if shift => (KeyCode::BackTab, false),
            KeyCode::BackTab => (KeyCode::BackTab, false),
            // a control character has no case
            KeyCode::Char(c) if ctrl => (KeyCode::Char(c.to_ascii_lowercase()), false),
            KeyCode::Char(c) => (KeyCode::Char(c), false),
            other => (other, shift),
        };
        Self { code, ctrl, alt, shift }
    }

    pub fn plain(code: KeyCode) -> Self {
        Self::new(code, false, false, false)
    }

    pub fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    pub fn ctrl(c: char) -> Self {
        Self::new(KeyCode::Char(c), true, false, false)
    }

    /// The character this key puts into a text field.
    pub fn text(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            code => {
                let name = NAMES.iter().find(|(named, _)| *named == code);
                f.write_str(name.map_or("", |(_, name)| name))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key; write it like `G`, `ctrl-d`, `space`, `shift-up` or `f5`")]
pub struct ParseKeyError(String);

impl FromStr for Key {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let stripped = [("ctrl-", &mut ctrl), ("alt-", &mut alt), ("shift-", &mut shift)].into_iter().find_map(
                |(prefix, held)| {
                    let tail = strip_prefix_ignoring_case(rest, prefix)?;
                    *held = true;
                    Some(tail)
                },
            );
            match stripped {
                Some(tail) => rest = tail,
                None => break,
            }
        }
        let code = parse_code(rest).ok_or_else(|| ParseKeyError(text.to_owned()))?;
        let code = match code {
            KeyCode::Char(c) if shift => KeyCode::Char(c.to_ascii_uppercase()),
            other => other,
        };
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn parse_code(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && c != ' ').then_some(KeyCode::Char(c));
    }
    let name = text.to_ascii_lowercase();
    if name == "space" {
        return Some(KeyCode::Char(' '));
    }
    if let Some(number) = name.strip_prefix('f') {
        let plain = number.bytes().all(|b| b.is_ascii_digit());
        return number.parse().ok().filter(|n| plain && (1..=35).contains(n)).map(KeyCode::F);
    }
    NAMES.iter().find(|(_, known)| *known == name).map(|(code, _)| *code)
}

/// A key as keyboards have it: `Enter` for `enter`, `Ctrl-d` for `ctrl-d`. Single characters stay what they are.
pub fn label(spelled: &str) -> String {
    let part = |part: &str| match part {
        "backtab" => "Shift-Tab".to_owned(),
        "pageup" => "PgUp".to_owned(),
        "pagedown" => "PgDn".to_owned(),
        // One character, or several keys of one.
        plain if plain.chars().count() == 1 || plain.parse::<Key>().is_err() => plain.to_owned(),
        word => word.split('-').map(capital).collect::<Vec<_>>().join("-"),
    };
    spelled.split(' ').map(part).collect::<Vec<_>>().join(" ")
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    // What follows `ctrl-` is a letter, and another one when it is a capital.
    match chars.next() {
        Some(first) if word.len() > 1 => first.to_ascii_uppercase().to_string() + chars.as_str(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        let codes = NAMES
            .iter()
            .map(|(code, _)| *code)
            .chain(" G-/:é日~".chars().map(KeyCode::Char))
            .chain((1..=12).map(KeyCode::F));
        for code in codes {
            for bits in 0..8 {
                let key = Key::new(code, bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
                let name = key.to_string();
                assert_eq!(name.parse(), Ok(key), "{name}");
            }
        }
    }

    #[test]
    fn reads_what_people_write() {
        for (text, key) in [
            ("ctrl-d", Key::ctrl('d')),
            ("Ctrl-D", Key::ctrl('d')),
            ("space", Key::char(' ')),
            ("G", Key::char('G')),
            ("shift-g", Key::char('G')),
            ("shift-tab", Key::plain(KeyCode::BackTab)),
            ("-", Key::char('-')),
            ("ctrl--", Key::ctrl('-')),
            ("PageUp", Key::plain(KeyCode::PageUp)),
            ("f", Key::char('f')),
            ("f12", Key::plain(KeyCode::F(12))),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
        for text in ["", "ctrl-", "f0", "f99", "f+5", "hyper-x", "gg", " "] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_named_as_on_keyboards() {
        for (spelled, shown) in
            [("enter", "Enter"), ("ctrl-d", "Ctrl-d"), ("gg", "gg"), ("-", "-"), ("g space", "g Space"), ("f5", "F5")]
        {
            assert_eq!(label(spelled), shown);
        }
        assert_eq!(label("backtab"), "Shift-Tab");
        assert_eq!(label("ctrl--"), "Ctrl--");
    }
}
