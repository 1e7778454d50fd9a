//! The border between foreign text and the terminal.

use std::fmt;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

/// Longest identifier, in characters.
const IDENTIFIER_CAP: usize = 256;
/// Longest line of prose, in characters.
const LINE_CAP: usize = 4096;
/// Fifty combining marks on one letter climb over the neighbouring rows.
const GRAPHEME_CAP: usize = 4;

const ZWJ: char = '\u{200d}';
const VS16: char = '\u{fe0f}';

/// Text that may reach a screen, a terminal or a log: it holds no control character, no bidirectional override and
/// no invisible character. Only the functions of this module make one from foreign text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clean {
    text: Arc<str>,
    changed: bool,
}

impl Clean {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Our own words, known at compile time.
    pub fn fixed(text: &'static str) -> Self {
        Self { text: text.into(), changed: false }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Something was escaped or cut: the screen marks such a text with `⚠`, since it is not what the server sent.
    pub fn was_changed(&self) -> bool {
        self.changed
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A name, tag, digest or host: everything outside printable ASCII is escaped, since the grammars allow ASCII only and
/// letters that look alike would name another thing. Cleaning twice escapes the escapes, so clean once, at the border.
pub fn identifier(text: &str) -> Clean {
    convert(text, Kind::Identifier, IDENTIFIER_CAP)
}

/// One line of prose: a label, an annotation, an error message.
pub fn line(text: &str) -> Clean {
    convert(text, Kind::Line, LINE_CAP)
}

/// Several lines of prose; newlines stay, tabs become spaces. Each line has the cap of `line`.
pub fn block(text: &str) -> Clean {
    if is_plain(text) && text.len() <= LINE_CAP {
        return Clean { text: text.into(), changed: false };
    }
    let mut out = String::with_capacity(text.len());
    let mut changed = false;
    for (number, row) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        changed |= append(&mut out, row.strip_suffix('\r').unwrap_or(row), Kind::Block, LINE_CAP);
    }
    Clean { text: out.into(), changed }
}

/// A URL without its secrets: user, password, fragment and the values of the query are left out.
pub fn url(text: &str) -> Clean {
    let text = text.split('#').next().unwrap_or("");
    let (address, query) = text.split_once('?').map_or((text, None), |(a, q)| (a, Some(q)));
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(s, r)| (s, r));
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let mut out = String::with_capacity(text.len());
    if !scheme.is_empty() {
        out.push_str(scheme);
        out.push_str("://");
    }
    out.push_str(&rest[host..]);
    for (number, pair) in query.iter().flat_map(|q| q.split('&')).enumerate() {
        out.push(if number == 0 { '?' } else { '&' });
        if let Some((key, _)) = pair.split_once('=') {
            out.push_str(key);
            out.push('=');
        }
        out.push_str("...");
    }
    convert(&out, Kind::Identifier, LINE_CAP)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identifier,
    Line,
    Block,
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

fn convert(text: &str, kind: Kind, cap: usize) -> Clean {
    if text.len() <= cap && is_plain(text) {
        return Clean { text: text.into(), changed: false };
    }
    let mut out = String::with_capacity(text.len().min(cap * 2));
    let changed = append(&mut out, text, kind, cap);
    Clean { text: out.into(), changed }
}

/// Appends the cleaned `text` and tells whether it differs from it.
fn append(out: &mut String, text: &str, kind: Kind, cap: usize) -> bool {
    let (visible, mut changed) = escape(text, kind, cap);
    // The joining of characters is judged after escaping: what is escaped no longer joins its neighbours.
    let mut left = cap;
    let mut pieces = visible.graphemes(true).peekable();
    while let Some(piece) = pieces.next() {
        let length = piece.chars().count();
        let kept: String = if length > GRAPHEME_CAP {
            changed = true;
            let head: String = piece.chars().take(GRAPHEME_CAP).collect();
            format!("{}…", head.trim_end_matches([ZWJ, VS16]))
        } else {
            piece.to_owned()
        };
        let length = kept.chars().count();
        // The last place is the mark's, unless nothing follows.
        if length > left || (length == left && pieces.peek().is_some()) {
            out.push('…');
            return true;
        }
        out.push_str(&kept);
        left -= length;
    }
    changed
}

/// Replaces what must not be drawn. Stops soon after `cap` characters: the rest is cut off anyway.
fn escape(text: &str, kind: Kind, cap: usize) -> (String, bool) {
    use fmt::Write as _;
    let mut out = String::with_capacity(text.len().min(cap * 4));
    let mut changed = false;
    let mut chars = text.chars().peekable();
    // A grapheme shrinks to GRAPHEME_CAP characters and a mark, so a cut needs more input than it leaves output.
    let budget = cap * 16;
    for _ in 0..budget {
        let Some(c) = chars.next() else { return (out, changed) };
        // What stands before counts as it is shown: an escaped selector joins nothing.
        let (previous, next) = (out.chars().next_back(), chars.peek().copied());
        match c {
            ' '..='~' => out.push(c),
            '\t' if kind == Kind::Block => out.push_str("    "),
            '\0'..='\u{1f}' => {
                changed = true;
                out.extend(char::from_u32(0x2400 + u32::from(c)));
            }
            '\u{7f}' => {
                changed = true;
                out.push('␡');
            }
            '\u{80}'..='\u{9f}' => {
                changed = true;
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            _ if kind == Kind::Identifier || (is_invisible(c) && !joins_emoji(previous, c, next)) => {
                changed = true;
                let _ = write!(out, "‹U+{:04X}›", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    if chars.next().is_some() {
        changed = true;
        out.push('…');
    }
    (out, changed)
}

/// Characters that draw nothing, or change how others are drawn.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0xfffe..=0xffff
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// ZWJ and the emoji selector where they do what they were made for.
fn joins_emoji(previous: Option<char>, c: char, next: Option<char>) -> bool {
    match (previous, c) {
        (Some(before), ZWJ) => (is_pictograph(before) || before == VS16) && next.is_some_and(is_pictograph),
        (Some('0'..='9' | '#' | '*'), VS16) => next == Some('\u{20e3}'),
        (Some(before), VS16) => is_pictograph(before),
        _ => false,
    }
}

fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c),
        0xa9 | 0xae | 0x203c | 0x2049 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x24c2
        | 0x25a0..=0x27bf | 0x2934..=0x2935 | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299
        | 0x1f000..=0x1faff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        let name = identifier("team/api:v1.2 ~");
        assert_eq!((name.as_str(), name.was_changed()), ("team/api:v1.2 ~", false));
        assert_eq!(block("a\n\tb\r\nc").as_str(), "a\n    b\nc");
        assert!(!block("a\n\tb\r\nc").was_changed());
        assert_eq!(line("häuser 日本").as_str(), "häuser 日本");
    }

    #[test]
    fn control_characters_become_pictures() {
        let text = line("\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\r\n\t");
        assert_eq!(text.as_str(), "␛]0;x␇\\x9b2J␡␍␊␉");
        assert!(text.was_changed());
        assert_eq!(block("a\rb\nc").as_str(), "a␍b\nc");
    }

    #[test]
    fn identifiers_show_everything_that_is_not_ascii() {
        assert_eq!(identifier("adm\u{200b}in").as_str(), "adm‹U+200B›in");
        assert_eq!(identifier("а").as_str(), "‹U+0430›");
        assert_ne!(identifier("‹U+0430›"), identifier("а"));
    }

    #[test]
    fn prose_keeps_emoji_and_shows_hidden_characters() {
        assert_eq!(
            line("👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3}").as_str(),
            "👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3}"
        );
        assert_eq!(line("a\u{200d}b\u{fe0f}\u{202e}").as_str(), "a‹U+200D›b‹U+FE0F›‹U+202E›");
        assert_eq!(line("x\u{e0041}\u{ad}").as_str(), "x‹U+E0041›‹U+00AD›");
    }

    #[test]
    fn lengths_have_caps() {
        assert_eq!(identifier(&"x".repeat(256)).as_str().len(), 256);
        let cut = identifier(&"x".repeat(257));
        assert_eq!(cut.as_str().chars().count(), 256);
        assert!(cut.as_str().ends_with("x…") && cut.was_changed());
        assert_eq!(line(&"é".repeat(5000)).as_str().chars().count(), 4096);
        assert_eq!(line(&format!("e{}x", "\u{301}".repeat(50))).as_str(), "e\u{301}\u{301}\u{301}…x");
        assert!(line(&format!("e{}", "\u{301}".repeat(1_000_000))).as_str().chars().count() <= 4096);
    }

    #[test]
    fn urls_lose_their_secrets() {
        assert_eq!(url("https://u:p@h:5000/v2/?a=1&b=2&c#t").as_str(), "https://h:5000/v2/?a=...&b=...&...");
        assert_eq!(url("u:p@w@h/x").as_str(), "h/x");
        assert_eq!(url("http://h/a@b").as_str(), "http://h/a@b");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let special = prop::sample::select(
            "\0\u{1b}\u{7f}\u{85}\u{9b}\t\r\n\u{ad}\u{200d}\u{fe0f}\u{202e}\u{2028}\u{feff}\u{e0041}👩💻❤1\u{20e3}🇩🇪\u{600}\u{301}e "
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![4 => special, 1 => any::<char>()], 0..60).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn nothing_dangerous_comes_out(text in hostile()) {
            for (out, newline) in [(identifier(&text), false), (line(&text), false), (block(&text), true), (url(&text), false)] {
                let chars: Vec<char> = out.as_str().chars().collect();
                for (n, c) in chars.iter().enumerate() {
                    prop_assert!(!c.is_control() || (newline && *c == '\n'), "{:?}", out);
                    let before = n.checked_sub(1).map(|n| chars[n]);
                    prop_assert!(!is_invisible(*c) || joins_emoji(before, *c, chars.get(n + 1).copied()), "{:?}", out);
                }
                prop_assert!(out.as_str().graphemes(true).all(|g| g.chars().count() <= GRAPHEME_CAP), "{:?}", out);
            }
        }

        #[test]
        fn prose_is_cleaned_once_and_for_all(text in hostile()) {
            for clean in [line, block] {
                let (once, twice) = (clean(&text), clean(clean(&text).as_str()));
                prop_assert_eq!(once.as_str(), twice.as_str());
            }
        }
    }
}
