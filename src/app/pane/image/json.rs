//! JSON, spread over lines without being understood: what is shown is what was hashed, whether it is valid or not.

use crate::domain::clean;

/// Deeper levels are not indented any further.
const DEEPEST: usize = 20;
/// Characters of a line before it is broken; cleaning would cut it.
const LONGEST: usize = 1000;

/// Each line made safe for a screen.
pub fn pretty(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Lines::default();
    let mut quoted = false;
    let mut escaped = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            lines.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                lines.push(c);
            }
            '{' | '[' => {
                lines.push(c);
                while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                // An empty one stays on its line.
                if let Some(end) = chars.next_if(|next| matches!((c, *next), ('{', '}') | ('[', ']'))) {
                    lines.push(end);
                } else {
                    lines.depth += 1;
                    lines.end();
                }
            }
            '}' | ']' => {
                lines.depth = lines.depth.saturating_sub(1);
                lines.end();
                lines.push(c);
            }
            ',' => {
                lines.push(c);
                lines.end();
            }
            ':' => {
                lines.push(c);
                lines.push(' ');
            }
            c if c.is_ascii_whitespace() => {}
            c => lines.push(c),
        }
    }
    lines.end();
    lines.done
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
    length: usize,
    depth: usize,
}

impl Lines {
    fn push(&mut self, c: char) {
        if self.length >= LONGEST {
            self.end();
        }
        if self.length == 0 {
            self.line.push_str(&"  ".repeat(self.depth.min(DEEPEST)));
        }
        self.line.push(c);
        self.length += 1;
    }

    fn end(&mut self) {
        if self.length > 0 {
            self.done.push(clean::line(&self.line).to_string());
            self.line.clear();
            self.length = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compact_json_is_spread_out() {
        let lines = pretty(br#"{"a":[1,{"b":"x,{\"y"}],"c":{ },"d":[]}"#);
        assert_eq!(
            lines,
            [
                "{",
                "  \"a\": [",
                "    1,",
                "    {",
                "      \"b\": \"x,{\\\"y\"",
                "    }",
                "  ],",
                "  \"c\": {},",
                "  \"d\": []",
                "}"
            ]
        );
        let again = pretty(lines.join("\n").as_bytes());
        assert_eq!(again, lines);
    }

    #[test]
    fn a_long_string_loses_nothing() {
        let text = format!("\"{}\"", "x".repeat(5000));
        assert_eq!(pretty(text.as_bytes()).concat(), text);
        assert_eq!(pretty(b""), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_bytes_are_shown_without_control_characters(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for line in pretty(&bytes) {
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }
}
