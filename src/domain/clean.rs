//! The border between foreign text and the terminal.

#[cfg(test)]
mod tests;

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

    /// Something was escaped or cut: the screen marks such a text with `!`, since it is not what the server sent.
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

/// Whether a character that is typed or pasted can be shown as it is.
pub fn is_visible(c: char) -> bool {
    !c.is_control() && !is_invisible(c)
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
