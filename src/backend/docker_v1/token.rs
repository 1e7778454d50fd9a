//! What an index hands out: a token for one repository and one kind of access, and where to go with it.

use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use secrecy::{ExposeSecret as _, SecretString};

use crate::backend::http::{limits, secret_header};

/// A token is good for one of them only: a write token does not even read. The third kind, for deleting, comes with the
/// deletion that it is for, and is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Read,
    Write,
}

/// The token of an answer, word by word as it came, without the word in front that some servers put there.
pub(super) fn token(headers: &HeaderMap) -> Option<SecretString> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let given = text("x-docker-token").filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("true"));
    let challenge = || text(WWW_AUTHENTICATE.as_str()).filter(|text| text.contains("signature="));
    let token = without_word(given.or_else(challenge)?);
    (!token.is_empty() && token.len() <= limits::TOKEN).then(|| SecretString::from(token.to_owned()))
}

fn without_word(text: &str) -> &str {
    let word = text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("token "));
    if word { text[6..].trim_start() } else { text }
}

pub(super) fn header(token: &SecretString) -> Option<HeaderValue> {
    secret_header("Token ", token)
}

/// The first address an index names for its registry, with the scheme of the index where it names none. Some write a
/// list, some a whole URL.
pub(super) fn endpoint(headers: &HeaderMap, scheme: &str) -> Option<String> {
    let text = headers.get("x-docker-endpoints")?.to_str().ok()?;
    let first = text.split(',').map(str::trim).find(|part| !part.is_empty())?;
    let (scheme, rest) = first.split_once("://").unwrap_or((scheme, first));
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

/// Two tokens are the same token.
pub(super) fn same(a: &Option<SecretString>, b: &Option<SecretString>) -> bool {
    a.as_ref().map(|token| token.expose_secret()) == b.as_ref().map(|token| token.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn tokens_come_with_the_word_and_without() {
        const TOKEN: &str = "signature=abc,repository=\"foo/bar\",access=read";
        const WITH: &str = "Token signature=abc,repository=\"foo/bar\",access=read";
        for (name, value) in [("x-docker-token", TOKEN), ("x-docker-token", WITH), ("www-authenticate", WITH)] {
            let found = token(&headers(&[(name, value)])).expect(value);
            assert_eq!(found.expose_secret(), TOKEN, "{name}: {value}");
            let sent = header(&found).expect("a header");
            assert!(sent.is_sensitive());
            assert_eq!(sent.to_str().ok(), Some(WITH));
        }
        for nothing in [("x-docker-token", "true"), ("x-docker-token", " "), ("www-authenticate", "Token")] {
            assert!(token(&headers(&[nothing])).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn registries_are_named_in_several_ways() {
        for (value, want) in [
            ("registry-1.docker.io", "https://registry-1.docker.io"),
            ("127.0.0.1:5000", "https://127.0.0.1:5000"),
            (" a.example:5000 , b.example", "https://a.example:5000"),
            ("http://a.example:5000/v1/", "http://a.example:5000"),
        ] {
            assert_eq!(endpoint(&headers(&[("x-docker-endpoints", value)]), "https").as_deref(), Some(want));
        }
        assert_eq!(endpoint(&headers(&[("x-docker-endpoints", " , ")]), "https"), None);
        assert_eq!(endpoint(&headers(&[]), "https"), None);
    }
}
