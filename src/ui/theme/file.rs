//! Own themes: a TOML file with a table for each style that differs from a built-in theme.

use ratatui::style::{Color, Modifier, Style};
use toml::de::{DeTable, DeValue};

use super::{NAMES, Theme};
use crate::domain::clean::{self, Clean};
use crate::domain::text;

/// The styles a theme has, by the names of their tables.
pub const STYLES: [&str; 12] =
    ["text", "dim", "title", "border", "header", "cursor", "marked", "shared", "good", "bad", "warn", "key"];
const KEYS: [&str; 6] = ["fg", "bg", "bold", "dim", "underline", "reverse"];
/// In the order of their numbers.
const COLOURS: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("grey", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// What is wrong in a theme file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeError {
    pub line: usize,
    pub message: Clean,
}

/// Reads a theme; what it does not say is that of its `base`.
pub fn parse(source: &str, ascii: bool) -> Result<Theme, ThemeError> {
    let error = |at: usize, message: String| ThemeError {
        line: source.get(..at).unwrap_or(source).matches('\n').count() + 1,
        message: clean::line(&message),
    };
    let document =
        DeTable::parse(source).map_err(|e| error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
    let document = document.get_ref();
    let mut theme = match document.get("base").map(|value| (value.get_ref(), value.span().start)) {
        None => Theme::named(NAMES[0], ascii),
        Some((DeValue::String(name), _)) if NAMES.contains(&name.as_ref()) => Theme::named(name, ascii),
        Some((_, at)) => return Err(error(at, format!("“base” is one of {}", NAMES.join(" ")))),
    };
    for (name, value) in document {
        let (name, at) = (name.get_ref().as_ref(), name.span().start);
        if name == "base" {
            continue;
        }
        let Some(style) = theme.style_mut(name) else {
            let near = near(name, &STYLES);
            return Err(error(at, format!("there is no style “{name}”{near} Styles: {}", STYLES.join(" "))));
        };
        let DeValue::Table(table) = value.get_ref() else {
            return Err(error(at, format!("“{name}” is a table, as [{name}]")));
        };
        // What is said of a style is all of it: half of another one is nobody's wish.
        *style = Style::new();
        for (key, value) in table {
            let (key, at) = (key.get_ref().as_ref(), value.span().start);
            let modifier = match key {
                "fg" | "bg" => {
                    let colour = colour(value.get_ref()).ok_or_else(|| {
                        let names = COLOURS.map(|(name, _)| name).join(" ");
                        error(at, format!("not a colour: write #RRGGBB, a number from 0 to 255, default, or {names}"))
                    })?;
                    *style = if key == "fg" { style.fg(colour) } else { style.bg(colour) };
                    continue;
                }
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "underline" => Modifier::UNDERLINED,
                "reverse" => Modifier::REVERSED,
                _ => {
                    let near = near(key, &KEYS);
                    return Err(error(at, format!("[{name}] has no “{key}”{near} Keys: {}", KEYS.join(" "))));
                }
            };
            match value.get_ref() {
                DeValue::Boolean(true) => *style = style.add_modifier(modifier),
                DeValue::Boolean(false) => {}
                _ => return Err(error(at, format!("“{key}” is true or false"))),
            }
        }
    }
    Ok(theme)
}

fn near(word: &str, known: &[&'static str]) -> String {
    text::nearest(word, known.iter().copied())
        .map_or_else(|| ".".to_owned(), |word| format!("; did you mean “{word}”?"))
}

fn colour(value: &DeValue<'_>) -> Option<Color> {
    let text = match value {
        DeValue::Integer(number) => return number.as_str().parse().ok().map(Color::Indexed),
        DeValue::String(text) => text.as_ref(),
        _ => return None,
    };
    if text == "default" {
        return Some(Color::Reset);
    }
    if let Some((_, colour)) = COLOURS.iter().find(|(name, _)| *name == text) {
        return Some(*colour);
    }
    if let Some(hex) = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
        return Some(Color::Rgb(part(0)?, part(2)?, part(4)?));
    }
    text.parse().ok().map(Color::Indexed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../assets/themes/harbour.toml");

    #[test]
    fn the_example_says_every_style() {
        let theme = parse(EXAMPLE, false).unwrap();
        assert_eq!(theme.bad.fg, Some(Color::Rgb(0xff, 0x6b, 0x6b)));
        for style in STYLES {
            assert!(EXAMPLE.contains(&format!("\n[{style}]\n")), "{style}");
        }
        for key in KEYS {
            assert!(EXAMPLE.contains(key), "{key}");
        }
    }

    #[test]
    fn what_is_not_said_is_that_of_the_base() {
        let theme = parse("base = 'mono'\n[good]\nfg = 'green'\n[warn]\nfg = 208\nbg = '17'\n", true).unwrap();
        assert_eq!(theme.good, Style::new().fg(Color::Green));
        assert_eq!(theme.warn, Style::new().fg(Color::Indexed(208)).bg(Color::Indexed(17)));
        assert_eq!(theme.cursor, Theme::named("mono", true).cursor);
        assert!(theme.signs.ascii);
    }

    #[test]
    fn mistakes_have_a_line_and_a_word() {
        for (source, line, word) in [
            ("[titel]\nfg = 'red'", 1, "title"),
            ("\n[title]\nbould = true", 3, "bold"),
            ("[title]\nfg = 'rde'", 2, "#RRGGBB"),
            ("[title]\nfg = 256", 2, "0 to 255"),
            ("[title]\nfg = '#12345'", 2, "#RRGGBB"),
            ("[title]\nbold = 1", 2, "true or false"),
            ("title = 'red'", 1, "table"),
            ("base = 'blue'", 1, "ansi16"),
            ("[title\n", 1, ""),
        ] {
            let error = parse(source, false).unwrap_err();
            assert_eq!(error.line, line, "{source:?} {error:?}");
            assert!(error.message.as_str().contains(word), "{source:?} {error:?}");
        }
    }
}
