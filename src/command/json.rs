//! JSON as it goes to stdout, which may be a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// One line. Outside ASCII everything is escaped: the value stays what it is, and no terminal obeys it.
pub fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Ascii))?;
    out.write_all(b"\n")
}

/// RFC 3339 in UTC, whole seconds.
pub fn time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let plain = |c: char| c.is_ascii() && c != '\u{7f}';
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| !plain(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let end = rest[at..].find(plain).map_or(rest.len(), |n| at + n);
            for unit in rest[at..end].encode_utf16() {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[end..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_but_ascii_and_still_the_same() {
        let text = "a\u{9b}31m\u{202e}é👩\u{7f}\u{1b}z";
        let mut out = Vec::new();
        super::write(&mut out, &text).unwrap();
        assert!(out[..out.len() - 1].iter().all(|b| (0x20..0x7f).contains(b)));
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
