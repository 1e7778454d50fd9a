//! What an answer that is no success says (ml-space.md §7).

use serde_json::Value;

use crate::backend::error::{Error, Fields};
use crate::backend::http::{Answer, Http, Op, Said, limits};
use crate::domain::clean;

/// No key, and the key of another workspace.
pub(super) const NO_KEY: u64 = 9;
pub(super) const WRONG_KEY: u64 = 10;
/// Not in the vendor's list of codes of registry calls: the Key ID or its secret.
pub(super) const WRONG_SECRET: u64 = 1;
pub(super) const NO_NAMESPACE: u64 = 2;

/// An error body, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct Body {
    message: Option<String>,
    fields: Vec<(String, String)>,
}

/// The code of a 401.
pub(super) fn code(answer: &Answer) -> Option<u64> {
    serde_json::from_slice::<Value>(&answer.body).ok()?.get("error_code")?.as_u64()
}

fn is_page(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

fn cut(text: &str) -> String {
    text.trim().chars().take(limits::ERROR_TEXT).collect()
}

/// A text that is no page; nothing is made of an empty one.
fn shown(text: &str) -> Option<String> {
    (!text.trim().is_empty() && !is_page(text)).then(|| cut(text))
}

fn read(body: &[u8]) -> Body {
    let text = String::from_utf8_lossy(body);
    let Ok(value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
        return Body { message: shown(&text), fields: Vec::new() };
    };
    // A page inside a JSON string was seen with 404.
    if let Some(text) = value.as_str() {
        return Body { message: shown(text), fields: Vec::new() };
    }
    let detail = &value["detail"];
    if let Some(list) = detail.as_array() {
        return of_list(list);
    }
    let texts = [detail, &detail["reason"], &value["reason"], &value["message"], &value["error_message"]];
    Body { message: texts.iter().find_map(|text| shown(text.as_str()?)), fields: Vec::new() }
}

/// The framework's list of what is wrong with a request.
fn of_list(list: &[Value]) -> Body {
    let entry = |entry: &Value| {
        let message = shown(entry["msg"].as_str().or(entry.as_str())?)?;
        // The first part says where in the request, the second which field; what follows is a place in its value.
        let place = entry["loc"].as_array().map(Vec::as_slice).unwrap_or_default();
        let field = place.get(1).or(place.first()).and_then(Value::as_str).unwrap_or_default();
        Some((cut(field), message))
    };
    let fields: Vec<(String, String)> = list.iter().filter_map(entry).take(8).collect();
    let line = |(field, message): &(String, String)| match field.as_str() {
        "" => message.clone(),
        field => format!("{field}: {message}"),
    };
    let lines: Vec<String> = fields.iter().map(line).collect();
    Body {
        message: shown(&lines.join("; ")),
        fields: fields.into_iter().filter(|(field, _)| !field.is_empty()).collect(),
    }
}

/// The error an answer means.
pub(super) fn declined(http: &Http, op: Op, answer: &Answer) -> Error {
    let Body { message, fields } = read(&answer.body);
    let refused = |why: &str| Said { code: None, message: Some(why.to_owned()) };
    let said = match (answer.status, code(answer)) {
        (445, _) => refused("a filter in front of it refused the text of the request"),
        (401, Some(WRONG_SECRET)) => refused("the Key ID or the Key Secret is wrong"),
        (401, Some(NO_NAMESPACE)) => refused("it knows no such namespace"),
        (401, Some(NO_KEY | WRONG_KEY)) => refused("it does not take the key of this workspace"),
        _ => Said { code: None, message },
    };
    let mut error = http.declined(op, answer, Some(&said));
    error = match answer.status {
        445 => error.hint("Change the value: back quotes, ../ and what looks like shell commands are refused."),
        403 => error.hint("This account has no such right in the workspace."),
        _ => error,
    };
    if !fields.is_empty() {
        let one = |(field, message): (String, String)| (field, clean::line(&message));
        error.fields = Some(Box::new(Fields(fields.into_iter().map(one).collect())));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        read(body.as_bytes()).message
    }

    #[test]
    fn the_first_text_that_says_something_is_taken() {
        for body in [
            r#"{"detail":"no"}"#,
            r#"{"detail":{"reason":"no"}}"#,
            r#"{"reason":"no","status":"INVALID_ARGUMENT"}"#,
            r#"{"message":"no"}"#,
            r#"{"error_code":429,"error_message":"no"}"#,
            r#""no""#,
            "no",
        ] {
            assert_eq!(message(body).as_deref(), Some("no"), "{body}");
        }
        assert_eq!(message(&"x".repeat(2000)).map(|text| text.len()), Some(limits::ERROR_TEXT));
    }

    #[test]
    fn pages_are_not_shown() {
        for body in ["<html>x", " <!DOCTYPE html>", r#""<html>\n<h1>404</h1>""#, r#"{"detail":"<b>x"}"#, "", "{}", "[]"]
        {
            assert_eq!(message(body), None, "{body}");
        }
    }

    #[test]
    fn what_is_wrong_with_fields_is_said_with_their_names() {
        let body = read(
            br#"{"detail":[{"loc":["body","color"],"msg":"a string","type":"x"},
            {"loc":["body","labels",1],"msg":"too long","type":"x"},{"loc":["body"],"msg":"no JSON","type":"x"},7,"bare"]}"#,
        );
        assert_eq!(body.message.as_deref(), Some("color: a string; labels: too long; body: no JSON; bare"));
        let fields: Vec<&str> = body.fields.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["color", "labels", "body"]);
        assert_eq!(read(br#"{"detail":[]}"#), Body::default());
    }
}
