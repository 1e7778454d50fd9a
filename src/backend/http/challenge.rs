//! `WWW-Authenticate`: any number of lines, any number of challenges a line (oci-distribution.md §3.2).

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use super::limits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Lower case.
    pub scheme: String,
    params: Vec<(String, String)>,
}

impl Challenge {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The scopes asked for, one each: some servers put several into one value.
    pub fn scopes(&self) -> Vec<String> {
        let mut scopes: Vec<String> = Vec::new();
        for scope in self.params.iter().filter(|(key, _)| key == "scope").flat_map(|(_, v)| v.split_ascii_whitespace())
        {
            if !scopes.iter().any(|seen| seen == scope) {
                scopes.push(scope.to_owned());
            }
        }
        scopes
    }

    pub fn error(&self) -> Option<&str> {
        self.param("error")
    }
}

pub fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let mut found = Vec::new();
    for value in headers.get_all(WWW_AUTHENTICATE) {
        parse_into(&String::from_utf8_lossy(value.as_bytes()), &mut found);
    }
    found
}

/// Bearer if it can be used, else Basic.
pub fn choose(challenges: &[Challenge]) -> Option<&Challenge> {
    challenges
        .iter()
        .find(|c| c.scheme == "bearer" && c.param("realm").is_some_and(|realm| !realm.is_empty()))
        .or_else(|| challenges.iter().find(|c| c.scheme == "basic"))
}

fn parse_into(text: &str, found: &mut Vec<Challenge>) {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
        if rest.is_empty() {
            return;
        }
        let word_end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        if word_end == 0 {
            // Not a token: skip to the next comma rather than give up on what follows.
            rest = rest.find(',').map_or("", |at| &rest[at..]);
            continue;
        }
        let (word, after) = rest.split_at(word_end);
        match parameter_value(after) {
            Some((value, remaining)) => {
                rest = remaining;
                // A parameter before any scheme belongs to nothing.
                if let Some(current) = found.last_mut()
                    && value.len() <= limits::CHALLENGE_VALUE
                    && current.params.len() < limits::CHALLENGES * 2
                {
                    current.params.push((word.to_ascii_lowercase(), value));
                }
            }
            None => {
                if found.len() >= limits::CHALLENGES {
                    return;
                }
                found.push(Challenge { scheme: word.to_ascii_lowercase(), params: Vec::new() });
                rest = skip_token68(after);
            }
        }
    }
}

/// `= value`, or nothing if this word was a scheme.
fn parameter_value(after: &str) -> Option<(String, &str)> {
    let value = after.trim_start_matches([' ', '\t']).strip_prefix('=')?;
    // `Negotiate abc==` reaches here as a word followed by `=`; a second `=` is never a value.
    let value = value.trim_start_matches([' ', '\t', '=']);
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(value.len());
        return Some((value[..end].to_owned(), &value[end..]));
    };
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => text.push(c),
        }
    }
    Some((text, ""))
}

/// `Negotiate YIIJ…==, Basic realm=…`: the blob after the scheme is not a parameter.
fn skip_token68(after: &str) -> &str {
    let blob = after.trim_start_matches([' ', '\t']);
    if blob.len() == after.len() {
        return after;
    }
    let end = blob.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(blob.len());
    let bare = blob[..end].trim_end_matches('=');
    let is_blob = !bare.is_empty()
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
        && (blob[end..].trim_start().is_empty() || blob[end..].trim_start().starts_with(','));
    if is_blob { &blob[end..] } else { after }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(lines: &[&str]) -> Vec<Challenge> {
        let mut found = Vec::new();
        lines.iter().for_each(|line| parse_into(line, &mut found));
        found
    }

    #[test]
    fn commas_inside_quotes_belong_to_the_value() {
        let found =
            parse(&[r#"Bearer realm="https://h/token",service="registry",scope="repository:demo/app:pull,push""#]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].param("realm"), Some("https://h/token"));
        assert_eq!(found[0].scopes(), ["repository:demo/app:pull,push"]);
    }

    #[test]
    fn one_scope_value_may_hold_several() {
        let found =
            parse(&[r#"Bearer realm="r",scope="repository:a:pull,push repository:b:pull",error="insufficient_scope""#]);
        assert_eq!(found[0].scopes(), ["repository:a:pull,push", "repository:b:pull"]);
        assert_eq!(found[0].error(), Some("insufficient_scope"));
    }

    #[test]
    fn several_challenges_in_one_line_and_several_lines() {
        let found = parse(&[
            r#"Negotiate, NTLM TlRMTVNTUAAB==, BASIC Realm="a \"b\" \\", Digest nonce=x"#,
            "bearer realm=plain",
        ]);
        let schemes: Vec<_> = found.iter().map(|c| c.scheme.as_str()).collect();
        assert_eq!(schemes, ["negotiate", "ntlm", "basic", "digest", "bearer"]);
        assert_eq!(found[2].param("realm"), Some(r#"a "b" \"#));
        assert_eq!(choose(&found).map(|c| c.scheme.as_str()), Some("bearer"));
    }

    #[test]
    fn bearer_without_a_realm_gives_way_to_basic() {
        let found = parse(&["Bearer", "Basic realm=x"]);
        assert_eq!(choose(&found).map(|c| c.scheme.as_str()), Some("basic"));
        assert_eq!(choose(&parse(&["Negotiate"])), None);
    }

    #[test]
    fn caps_hold() {
        let many = "Basic realm=x, ".repeat(200);
        assert_eq!(parse(&[&many]).len(), limits::CHALLENGES);
        let at = format!("Basic realm=\"{}\"", "a".repeat(limits::CHALLENGE_VALUE));
        let above = format!("Basic realm=\"{}\"", "a".repeat(limits::CHALLENGE_VALUE + 1));
        assert!(parse(&[&at])[0].param("realm").is_some());
        assert!(parse(&[&above])[0].param("realm").is_none());
    }

    #[test]
    fn broken_quotes_end_quietly() {
        assert_eq!(parse(&["Bearer realm=\"abc\\"])[0].param("realm"), Some("abc"));
        assert_eq!(parse(&["=,=,\"\",;;"]), []);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_exceeds_its_caps(text in r#"[A-Za-z=",\\ é\t;]{0,400}"#) {
            let found = parse(&[&text]);
            prop_assert!(found.len() <= limits::CHALLENGES);
        }

        #[test]
        fn a_quoted_value_survives(value in "[ -~]{0,60}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let found = parse(&[&format!("Bearer realm=\"{quoted}\",service=s")]);
            prop_assert_eq!(found[0].param("realm"), Some(value.as_str()));
            prop_assert_eq!(found[0].param("service"), Some("s"));
        }
    }
}
