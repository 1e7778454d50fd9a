//! OSC 52: the terminal's clipboard, the only one that is on the user's machine over SSH.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

/// Many terminals stop near 75 KB of payload and then take nothing at all.
const MOST: usize = 74_000;

pub fn copy(out: &mut impl Write, text: &str) -> io::Result<()> {
    // It may be a secret: what is made of it is wiped.
    let payload = Zeroizing::new(STANDARD.encode(text));
    if payload.len() > MOST {
        return Ok(());
    }
    let mut sequence = Zeroizing::new(Vec::with_capacity(payload.len() + 8));
    sequence.extend_from_slice(b"\x1b]52;c;");
    sequence.extend_from_slice(payload.as_bytes());
    sequence.push(0x07);
    out.write_all(&sequence)?;
    out.flush()
}

/// Whether `copy` can send this much.
pub fn fits(text: &str) -> bool {
    text.len().div_ceil(3) * 4 <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_out_encoded_so_that_nothing_in_it_reaches_the_terminal_raw() {
        let mut out = Vec::new();
        copy(&mut out, "a\u{1b}]0;x\u{7}").unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\u{1b}]52;c;") && text.ends_with('\u{7}'));
        assert_eq!(text.matches('\u{1b}').count(), 1);
    }

    #[test]
    fn too_much_is_not_sent_and_known_beforehand() {
        let long = "x".repeat(60_000);
        assert!(!fits(&long));
        let mut out = Vec::new();
        copy(&mut out, &long).unwrap();
        assert!(out.is_empty());
    }
}
