//! Answers as docker-registry gives them.

use hyper::header::{ALLOW, CACHE_CONTROL, EXPIRES, HeaderName, HeaderValue, LAST_MODIFIED, LOCATION, PRAGMA};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::demo::reply::{self, Answer, Payload};

/// How long images may be kept: they never change.
const YEAR: i64 = 31_536_000;

/// JSON as Python 2 prints it: a blank after each comma and colon, keys sorted, nothing but ASCII.
pub(super) fn python(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(python).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| format!("{}: {}", string(key), python(value));
            let pairs: Vec<String> = map.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

fn string(text: &str) -> String {
    let mut out = String::new();
    for c in Value::from(text).to_string().chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// A body that is sent as it is stored.
pub(super) fn raw(status: StatusCode, body: impl Into<hyper::body::Bytes>) -> Answer {
    let mut answer = reply::with_body(status, "application/json", Payload::bytes(body));
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(EXPIRES, HeaderValue::from_static("-1"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

pub(super) fn value(status: StatusCode, value: &Value) -> Answer {
    raw(status, python(value))
}

pub(super) fn ok(body: &Value) -> Answer {
    value(StatusCode::OK, body)
}

/// What a change is answered with.
pub(super) fn done() -> Answer {
    ok(&Value::Bool(true))
}

/// 204 comes without a body, whatever the server wrote.
pub(super) fn nothing() -> Answer {
    let mut answer = raw(StatusCode::NO_CONTENT, "");
    answer.headers_mut().remove(hyper::header::CONTENT_LENGTH);
    answer
}

pub(super) fn error(status: StatusCode, text: &str) -> Answer {
    value(status, &json!({"error": text}))
}

pub(super) fn bad(text: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, text)
}

pub(super) fn missing(text: &str) -> Answer {
    error(StatusCode::NOT_FOUND, text)
}

/// The headers of what never changes.
pub(super) fn lasting(answer: &mut Answer) {
    let expires = jiff::Timestamp::now().as_second() + YEAR;
    let expires = jiff::Timestamp::from_second(expires).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000"));
    headers.insert(LAST_MODIFIED, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
    headers.remove(PRAGMA);
    reply::set(answer, EXPIRES, &expires.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

/// The answer to every conditional request, whether there is such an image or not.
pub(super) fn unchanged() -> Answer {
    let mut answer = Response::new(Payload::default());
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    lasting(&mut answer);
    answer
}

/// A page of the framework's, below every handler.
fn page(status: StatusCode, sentence: &str) -> Answer {
    let (code, reason) = (status.as_u16(), status.canonical_reason().unwrap_or(""));
    let body = format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>{code} {reason}</title>\n\
         <h1>{reason}</h1>\n<p>{sentence}</p>\n"
    );
    reply::with_body(status, "text/html", Payload::bytes(body))
}

pub(super) fn no_such_page() -> Answer {
    let sentence = "The requested URL was not found on the server.  If you entered the URL manually please check \
                    your spelling and try again.";
    page(StatusCode::NOT_FOUND, sentence)
}

pub(super) fn wrong_method(allowed: &[&str]) -> Answer {
    let mut answer = page(StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed for the requested URL.");
    reply::set(&mut answer, ALLOW, &allowed.join(", "));
    answer
}

pub(super) fn methods(allowed: &[&str]) -> Answer {
    let mut answer = reply::with_body(StatusCode::OK, "text/html; charset=utf-8", Payload::default());
    reply::set(&mut answer, ALLOW, &allowed.join(", "));
    answer
}

pub(super) fn moved(status: StatusCode, to: &str) -> Answer {
    let link = to.replace('&', "&amp;");
    let sentence = "You should be redirected automatically to target URL:";
    let mut answer = page(status, &format!("{sentence} <a href=\"{link}\">{link}</a>.  If not click the link."));
    reply::set(&mut answer, LOCATION, to);
    answer
}

/// What an exception in a handler ends in.
pub(super) fn broken() -> Answer {
    let sentence = "The server encountered an internal error and was unable to complete your request.  Either the \
                    server is overloaded or there is an error in the application.";
    page(StatusCode::INTERNAL_SERVER_ERROR, sentence)
}

/// The 401 of nginx, which stood in front of registries that wanted a password.
pub(super) fn password_wanted() -> Answer {
    let body = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body bgcolor=\"white\">\r\n\
                <center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx/1.4.6</center>\r\n\
                </body>\r\n</html>\r\n";
    let mut answer = reply::with_body(StatusCode::UNAUTHORIZED, "text/html", Payload::bytes(body));
    reply::set(&mut answer, hyper::header::WWW_AUTHENTICATE, "Basic realm=\"Docker registry\"");
    answer
}

pub(super) const STANDALONE: HeaderName = HeaderName::from_static("x-docker-registry-standalone");
pub(super) const TOKEN: HeaderName = HeaderName::from_static("x-docker-token");
pub(super) const ENDPOINTS: HeaderName = HeaderName::from_static("x-docker-endpoints");
pub(super) const SIZE: HeaderName = HeaderName::from_static("x-docker-size");
pub(super) const CHECKSUM: HeaderName = HeaderName::from_static("x-docker-checksum-payload");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_spelled_as_python_does_it() {
        let value = json!({"b": [1, null, true], "a": "中\u{1f680}\"\n", "c": {}, "d": []});
        let want = r#"{"a": "\u4e2d\ud83d\ude80\"\n", "b": [1, null, true], "c": {}, "d": []}"#;
        assert_eq!(python(&value), want);
    }
}
