//! SQL's `LIKE`, as SQLite does it: the search of docker-registry is one.

/// Whether the pattern occurs in the text: `%` is anything, `_` is one character, and ASCII letters have no case.
pub(super) fn contains(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = format!("%{pattern}%").chars().collect();
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last `%` was, and up to where it has taken the text.
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                again = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(c) if *c == '_' || c.eq_ignore_ascii_case(&text[at]) => {
                at += 1;
                in_pattern += 1;
            }
            _ => match again {
                Some((percent, taken)) => {
                    at = taken + 1;
                    in_pattern = percent + 1;
                    again = Some((percent, at));
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|c| *c == '%')
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_part_matches_whatever_its_case_and_wildcards_do() {
        for pattern in ["", "api", "API", "acme/a", "a%e/", "a_me", "%", "_", "acme/api"] {
            assert!(contains("acme/api", pattern), "{pattern}");
        }
        for pattern in ["apis", "acme_api_", "x%", "api%acme", "_________"] {
            assert!(!contains("acme/api", pattern), "{pattern}");
        }
        assert!(contains("GROẞ", "ß") == contains("ß", "ẞ"), "letters beyond ASCII have their case");
        assert!(!contains("", "a") && contains("", ""));
    }
}
