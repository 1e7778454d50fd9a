//! What an unsuccessful answer means: status and body to a kind and a sentence (oci-distribution.md §12).

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{Op, limits};
use crate::backend::error::{Delivery, Error};
use crate::domain::clean;
use crate::domain::error::ErrorKind;

/// The first code and the first message of an error body, however it is shaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub code: Option<String>,
    pub message: Option<String>,
}

pub fn parse(body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        let plain = !text.is_empty() && !text.starts_with(['<', '{', '[']);
        return Said { code: None, message: plain.then(|| cut(text)) };
    };
    let entry = match value.get("errors") {
        Some(Value::Array(list)) => list.first().unwrap_or(&Value::Null),
        Some(single @ (Value::Object(_) | Value::String(_))) => single,
        _ => &value,
    };
    let field = |names: &[&str]| {
        names.iter().find_map(|name| entry.get(name)).and_then(|found| match found {
            Value::String(text) if !text.trim().is_empty() => Some(cut(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    Said {
        code: field(&["code", "error_type"]),
        // GitLab, GitHub, Hub, Quay and OAuth2 servers each have a name of their own (oci-distribution.md §12).
        message: field(&["message", "error_message", "error_description", "detail", "details", "error", "title"])
            .or_else(|| entry.as_str().map(cut)),
    }
}

/// What is shown of it is as long as the rule says: a character that nobody can see is shown by its number, nine
/// characters long.
pub fn cut(text: &str) -> String {
    let mut room = limits::ERROR_TEXT;
    let fits = |one: &char| {
        let shown = clean::line(one.encode_utf8(&mut [0; 4])).as_str().chars().count();
        let left = room.checked_sub(shown);
        room = left.unwrap_or(0);
        left.is_some()
    };
    text.trim().chars().take_while(fits).collect()
}

pub fn kind(status: u16, code: Option<&str>) -> ErrorKind {
    match (status, code.unwrap_or_default()) {
        (429, _) | (_, "TOOMANYREQUESTS") => ErrorKind::RateLimited,
        (401, _) => ErrorKind::SignIn,
        (403, _) | (400..500, "DENIED") => ErrorKind::Denied,
        // zot answers 400 with these codes (oci-distribution.md §12).
        (404, _) | (400, "NAME_UNKNOWN" | "MANIFEST_UNKNOWN" | "BLOB_UNKNOWN") => ErrorKind::NotFound,
        (405 | 501, _) | (400, "UNSUPPORTED") => ErrorKind::Unsupported,
        (407 | 511, _) => ErrorKind::Network,
        (408, _) => ErrorKind::Timeout,
        (500.., _) => ErrorKind::Server,
        (..400, _) => ErrorKind::BadAnswer,
        _ => ErrorKind::Refused,
    }
}

pub fn of(op: Op, host: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let said = parse(body);
    let text = String::from_utf8_lossy(&body[..body.len().min(256)]).to_ascii_lowercase();
    if status == 400
        && (text.contains("http request to an https server") || text.contains("plain http request was sent"))
    {
        return with_status(
            Error::new(ErrorKind::Tls, format!("{host} speaks TLS on this port, and was asked without"))
                .hint("Write https:// before the registry's address."),
            status,
            &said,
        );
    }
    if matches!((&said.code, &said.message), (None, None)) && is_html(headers, body) && !matches!(status, 407 | 511) {
        let what = format!("{host} answered {status} to {} with a web page", op.words());
        return with_status(advised(Error::new(kind(status, None), what)), status, &said);
    }
    self::said(op, host, status, &said)
}

/// What the registry said, with the status it said it with.
pub fn said(op: Op, host: &str, status: u16, said: &Said) -> Error {
    let kind = match (status, said.code.as_deref()) {
        // An error sent as a success: only its code tells.
        (200..300, Some("UNAUTHORIZED")) => ErrorKind::SignIn,
        (200..300, Some("DENIED")) => ErrorKind::Denied,
        (200..300, Some("NAME_UNKNOWN" | "MANIFEST_UNKNOWN" | "BLOB_UNKNOWN")) => ErrorKind::NotFound,
        (200..300, Some("UNSUPPORTED")) => ErrorKind::Unsupported,
        (status, code) => kind(status, code),
    };
    let mut what = match status {
        // From a proxy that nobody set: one we know answers earlier, by its name.
        407 => format!("a proxy on the way to {host} wants a password (407)"),
        511 => format!("something between you and {host} wants you to sign in to the network first (511)"),
        _ => format!("{host} answered {status} to {}", op.words()),
    };
    match (&said.code, &said.message) {
        (Some(code), Some(message)) => what.push_str(&format!(": {code}, {message}")),
        (Some(one), None) | (None, Some(one)) => what.push_str(&format!(": {one}")),
        (None, None) => {}
    }
    with_status(advised(Error::new(kind, what)), status, said)
}

fn advised(error: Error) -> Error {
    match error.kind {
        ErrorKind::NotFound => error.hint("It is not there, or this account may not see it."),
        _ => error,
    }
}

pub fn with_status(mut error: Error, status: u16, said: &Said) -> Error {
    error.status = Some(status);
    error.delivery = Delivery::Answered;
    error.code = said.code.as_deref().map(clean::line);
    error
}

pub fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let start = String::from_utf8_lossy(&body[..body.len().min(64)]).trim_start().to_ascii_lowercase();
    declared.to_ascii_lowercase().starts_with("text/html")
        || start.starts_with("<!doctype")
        || start.starts_with("<html")
}

/// What a body that is not the JSON it should be looks like, in one sentence (safety.md E3).
pub fn misshapen(op: Op, host: &str, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("no type");
    let shape = if is_html(headers, body) {
        "a web page, perhaps of a sign-in or a proxy".to_owned()
    } else if body.trim_ascii().is_empty() {
        "nothing".to_owned()
    } else if body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) {
        "text in UTF-16".to_owned()
    } else if body.starts_with(&[0x1f, 0x8b]) {
        "compressed data that does not say so".to_owned()
    } else if serde_json::from_slice::<Value>(body).is_ok() {
        "JSON of another shape".to_owned()
    } else {
        format!("something that is not JSON ({declared})")
    };
    let error = Error::new(ErrorKind::BadAnswer, format!("{host} answered {status} to {} with {shape}", op.words()));
    with_status(error, status, &Said::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> (Option<String>, Option<String>) {
        let said = parse(body.as_bytes());
        (said.code, said.message)
    }

    #[test]
    fn every_known_shape_of_error() {
        let own = |code: &str, message: &str| (Some(code.to_owned()), Some(message.to_owned()));
        let text = |message: &str| (None, Some(message.to_owned()));
        assert_eq!(said(r#"{"errors":[{"code":"DENIED","message":"no","detail":{}}]}"#), own("DENIED", "no"));
        assert_eq!(said(r#"{"message":"m"}"#), text("m"));
        assert_eq!(said(r#"{"detail":"d"}"#), text("d"));
        assert_eq!(said(r#"{"error_message":"m","error_type":"t","status":404,"title":"x"}"#), own("t", "m"));
        assert_eq!(said(r#"{"errors":[]}"#), (None, None));
        assert_eq!(said(r#"{"errors":["boom"]}"#), text("boom"));
        assert_eq!(said("\u{feff}plain words"), text("plain words"));
        assert_eq!(said("<html>"), (None, None));
        assert_eq!(said(""), (None, None));
        assert_eq!(said("[[[["), (None, None));
        let long = said(&"x".repeat(2000)).1;
        assert_eq!(long.map(|text| text.len()), Some(limits::ERROR_TEXT));
        let unseen = said(&"\u{202e}".repeat(2000)).1.expect("a message");
        assert!((1..=limits::ERROR_TEXT).contains(&clean::line(&unseen).as_str().chars().count()));
    }

    #[test]
    fn kinds() {
        for (status, code, expected) in [
            (401, None, ErrorKind::SignIn),
            (403, None, ErrorKind::Denied),
            (405, Some("DENIED"), ErrorKind::Denied),
            (404, None, ErrorKind::NotFound),
            (400, Some("MANIFEST_UNKNOWN"), ErrorKind::NotFound),
            (405, None, ErrorKind::Unsupported),
            (400, Some("UNSUPPORTED"), ErrorKind::Unsupported),
            (400, Some("PAGINATION_NUMBER_INVALID"), ErrorKind::Refused),
            (429, None, ErrorKind::RateLimited),
            (407, None, ErrorKind::Network),
            (511, None, ErrorKind::Network),
            (500, None, ErrorKind::Server),
            (302, None, ErrorKind::BadAnswer),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code:?}");
        }
    }

    #[test]
    fn the_wrong_protocol_is_a_hint() {
        let body = b"Client sent an HTTP request to an HTTPS server.\n";
        let error = of(Op::Ping, "r.example", 400, &HeaderMap::new(), body);
        assert_eq!(error.kind, ErrorKind::Tls);
        assert!(error.hint.is_some_and(|hint| hint.as_str().contains("https://")));
    }

    #[test]
    fn shapes_are_named() {
        let of = |body: &[u8]| misshapen(Op::Tags, "h", 200, &HeaderMap::new(), body).what.to_string();
        assert!(of(b"<!DOCTYPE html><p>").contains("web page"));
        assert!(of(b" ").contains("nothing"));
        assert!(of(b"\xff\xfe{\0").contains("UTF-16"));
        assert!(of(b"\x1f\x8b\x08").contains("compressed"));
        assert!(of(b"[1]").contains("another shape"));
        assert!(of(b"{\"tags\":[").contains("not JSON"));
    }
}
