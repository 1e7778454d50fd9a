//! RFC 8288 `Link`. Only the query of `rel="next"` is ever used: the rest of the URL is the server's opinion of where
//! it lives, often wrong and sometimes hostile (safety.md A2).

use reqwest::header::{HeaderMap, LINK};

use super::limits;

/// The raw query of the next page, without `?`.
pub fn next_query(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().find_map(|value| {
        let bytes = value.as_bytes();
        (bytes.len() <= limits::LINK).then(|| next_in(&String::from_utf8_lossy(bytes)))?
    })
}

fn next_in(text: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let open = rest.find('<')?;
        let close = open + rest[open..].find('>')?;
        let target = &rest[open + 1..close];
        let (params, after) = split_params(&rest[close + 1..]);
        if is_next(params) {
            return query_of(target);
        }
        rest = after;
    }
}

/// Everything up to the comma that ends this link, quotes respected.
fn split_params(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn is_next(params: &str) -> bool {
    params.split(';').any(|param| {
        let Some((name, value)) = param.split_once('=') else { return false };
        name.trim().eq_ignore_ascii_case("rel")
            && value.trim().trim_matches('"').split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
    })
}

fn query_of(target: &str) -> Option<String> {
    let (_, query) = target.split('#').next()?.split_once('?')?;
    let query = query.trim();
    // zot and Nexus leave `last` unescaped (oci-distribution.md §16); what cannot stand in a URL is escaped here.
    let mut safe = String::with_capacity(query.len());
    for byte in query.bytes() {
        match byte {
            0x21..=0x7e if !b"\"<>\\^`{|}".contains(&byte) => safe.push(char::from(byte)),
            _ => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    (!safe.is_empty()).then_some(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_query_counts_wherever_the_link_points() {
        for target in [
            "/v2/_catalog?last=b&n=2",
            "https://h.example/v2/_catalog?last=b&n=2",
            "http://169.254.169.254/?last=b&n=2",
            "//evil/x?last=b&n=2",
            "?last=b&n=2",
            "javascript:alert(1)?last=b&n=2#x",
        ] {
            assert_eq!(next_in(&format!("<{target}>; rel=\"next\"")).as_deref(), Some("last=b&n=2"), "{target}");
        }
    }

    #[test]
    fn the_right_relation_is_found_among_others() {
        let text = r#"</a?x=1>; rel="prev"; title="a, b; rel=next\"", </b?x=2>; title=t; REL="last Next""#;
        assert_eq!(next_in(text).as_deref(), Some("x=2"));
        assert_eq!(next_in("</b?x=2>; rel=next").as_deref(), Some("x=2"));
        assert_eq!(next_in("</b?x=2>; rel=prev"), None);
        assert_eq!(next_in("</b?x=2"), None);
        assert_eq!(next_in("</b>; rel=next"), None);
    }

    #[test]
    fn unsafe_bytes_are_escaped_and_escapes_kept() {
        assert_eq!(next_in("</b?last=a b%2Fc\u{e9}\">; rel=next").as_deref(), Some("last=a%20b%2Fc%C3%A9%22"));
    }

    #[test]
    fn too_long_is_ignored() {
        let mut headers = HeaderMap::new();
        let long = format!("</b?x={}>; rel=next", "a".repeat(64 * 1024));
        if let Ok(value) = long.parse() {
            headers.insert(LINK, value);
        }
        assert_eq!(next_query(&headers), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[<>;,=?"\\a-z é#]{0,300}"#) {
            if let Some(query) = next_in(&text) {
                prop_assert!(query.bytes().all(|b| b.is_ascii_graphic()));
            }
        }
    }
}
