//! How names are spelled on the way from a path to the storage and back (Python 2's `urllib`).

/// A path with its escapes taken out. A plus is a plus there, unlike in a query.
pub(super) fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%').then(|| path.get(at + 1..at + 3)).flatten();
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `urllib.quote_plus`.
pub(super) fn quoted(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// How the storage names the file of a tag: no tag leads out of its folder.
pub(super) fn stored(tag: &str) -> String {
    match tag {
        "." => "%252E".to_owned(),
        ".." => "%252E%252E".to_owned(),
        _ => quoted(tag),
    }
}

/// Namespace and name: without a slash it is in `library`, and what follows the first one is the name, escaped.
pub(super) fn repository(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let (namespace, name) = path.split_once('/').unwrap_or(("library", path));
    format!("{namespace}/{}", quoted(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_python_does_it() {
        assert_eq!(repository("busybox"), "library/busybox");
        assert_eq!(repository("acme/api/"), "acme/api");
        assert_eq!(repository("acme/team/api"), "acme/team%2Fapi");
        assert_eq!(stored("1.0-rc_1"), "1.0-rc_1");
        assert_eq!(stored("rc 1"), "rc+1");
        assert_eq!(stored("a:b+c~d"), "a%3Ab%2Bc%7Ed");
        assert_eq!(stored(".."), "%252E%252E");
        assert_eq!(decoded("a%20b+c%3A%e4%b8%ad%zz"), "a b+c:中%zz");
    }
}
