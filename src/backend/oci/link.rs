//! The `Link` header (RFC 8288), as far as paging needs it.

use reqwest::header::{HeaderMap, LINK};

/// Longest query that is passed on.
const LONGEST: usize = 8 << 10;

/// The query of the first link with `rel="next"`. Only the query: servers name other hosts, schemes and paths, and
/// the query is right in all of them (§4.3); nothing else of the link can lead a request astray.
pub(super) fn next_query(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_in)
}

fn next_in(value: &str) -> Option<String> {
    let mut rest = value;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (parameters, after) = parameters(after);
        if parameters.iter().any(|(name, value)| name == "rel" && value.split_whitespace().any(is_next)) {
            let target = target.split('#').next().unwrap_or("");
            let (_, query) = target.split_once('?')?;
            let safe = query.bytes().all(|b| b.is_ascii_graphic());
            return (safe && !query.is_empty() && query.len() <= LONGEST).then(|| query.to_owned());
        }
        rest = after;
    }
}

fn is_next(word: &str) -> bool {
    word.eq_ignore_ascii_case("next")
}

/// The `;name=value` pairs up to the comma that ends this link, and what follows it.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' | b',' if !quoted => {
                found.extend(pair(&text[start..at]));
                start = at + 1;
                if byte == b',' {
                    return (found, &text[start..]);
                }
            }
            _ => {}
        }
    }
    found.extend(pair(&text[start..]));
    (found, "")
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn next(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(LINK, HeaderValue::from_str(value).unwrap());
        }
        next_query(&headers)
    }

    #[test]
    fn every_form_gives_its_query() {
        for (link, want) in [
            (r#"</v2/_catalog?last=a-b&n=5>; rel="next""#, "last=a-b&n=5"),
            (r#"</v2/_catalog?n=5&last=a>;rel=next"#, "n=5&last=a"),
            (r#"<https://evil.example:1/x?next_page=gAAAA>; title="a, b; c"; rel="next""#, "next_page=gAAAA"),
            (r#"<//h/x?last=10000>; REL="prev NEXT""#, "last=10000"),
            (r#"<?last=a>; rel="next""#, "last=a"),
            (r#"</a?p=1>; rel="prev", </a?p=3>; rel="next""#, "p=3"),
            (r#"</a?p=3#x>; rel="next""#, "p=3"),
        ] {
            assert_eq!(next(&[link]).as_deref(), Some(want), "{link}");
        }
        assert_eq!(next(&[r#"</a?p=1>; rel="prev""#, r#"</a?p=2>; rel="next""#]).as_deref(), Some("p=2"));
    }

    #[test]
    fn what_is_no_next_page() {
        for link in [
            "",
            "<",
            "</a?b>",
            r#"</a>; rel="next""#,
            r#"</a?>; rel="next""#,
            r#"</a?b=1>; rel="last""#,
            "javascript:x",
        ] {
            assert_eq!(next(&[link]), None, "{link}");
        }
        assert_eq!(next(&[&format!("</a?{}>; rel=next", "x".repeat(LONGEST + 1))]), None);
    }
}
