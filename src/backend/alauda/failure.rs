//! What an answer that is no success says. Nothing of it is documented: the reader takes the first form that fits, and
//! else the text as it came (alauda.md §9).

use crate::backend::error::{Error, Fields};
use crate::backend::http::{Answer, Http, Op, Said, cut, is_html};
use crate::backend::json::Object;
use crate::domain::clean;

fn said(answer: &Answer) -> (Option<Said>, Option<Box<Fields>>) {
    let text = String::from_utf8_lossy(&answer.body);
    if text.trim().is_empty() || is_html(&answer.headers, &answer.body) {
        return (None, None);
    }
    let raw = || Said { code: None, message: Some(cut(&text)) };
    let Some(body) = Object::parse(&text) else { return (Some(raw()), None) };
    // The vendor's later services.
    if let Some(first) = body.objects("errors").into_iter().next() {
        let message = first.some_text("message").map(|message| cut(&message));
        return (Some(Said { code: first.some_text("code"), message }), None);
    }
    // The framework's: an error of the whole request, or of fields of it.
    let one = body.some_text("detail");
    let fields = if one.is_none() { fields(&body) } else { Vec::new() };
    let message = one.or_else(|| sentence(&body, &fields)).or_else(|| body.some_text("error"));
    let Some(message) = message.or_else(|| body.some_text("message")) else { return (Some(raw()), None) };
    let shown = fields.into_iter().map(|(name, text)| (name, clean::line(&text))).collect::<Vec<_>>();
    let fields = (!shown.is_empty()).then(|| Box::new(Fields(shown)));
    (Some(Said { code: None, message: Some(cut(&message)) }), fields)
}

const WHOLE: &str = "non_field_errors";

/// `{"<field>": ["…", "…"]}`
fn fields(body: &Object<'_>) -> Vec<(String, String)> {
    let lists = body.members().filter(|(name, raw)| raw.starts_with('[') && *name != WHOLE);
    let named = lists.map(|(name, _)| (name.to_owned(), body.texts(name).join(" ")));
    named.filter(|(_, text)| !text.is_empty()).collect()
}

fn sentence(body: &Object<'_>, fields: &[(String, String)]) -> Option<String> {
    let whole = body.texts(WHOLE).join(" ");
    let mut parts: Vec<String> = fields.iter().map(|(name, text)| format!("{name}: {text}")).collect();
    if !whole.is_empty() {
        parts.insert(0, whole);
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

pub(super) fn declined(http: &Http, op: Op, answer: &Answer) -> Error {
    let (said, fields) = said(answer);
    let error = Error { fields, ..http.declined(op, answer, said.as_ref()) };
    match answer.status {
        401 => error.hint("The token is unknown or was replaced by a newer one: sign in again (e)."),
        403 => error.hint("This account has no rights in the namespace."),
        405 => error.hint("This server is of an older edition that does not offer it."),
        409 => error.hint("The name is taken."),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn of(body: &str) -> (Option<String>, Option<String>, Vec<String>) {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        let (said, fields) = said(&Answer { status: 400, headers: HeaderMap::new(), body, foreign: false });
        let said = said.unwrap_or_default();
        let fields = fields.map_or(Vec::new(), |fields| fields.0);
        (said.code, said.message, fields.into_iter().map(|(name, text)| format!("{name}: {text}")).collect())
    }

    fn message(text: &str) -> (Option<String>, Option<String>, Vec<String>) {
        (None, Some(text.to_owned()), Vec::new())
    }

    #[test]
    fn every_form_is_read() {
        let later = r#"{"errors":[{"code":"invalid_args","message":"no such repo","source":1029}]}"#;
        assert_eq!(of(later), (Some("invalid_args".to_owned()), Some("no such repo".to_owned()), Vec::new()));
        assert_eq!(of(r#"{"detail":"Not found."}"#), message("Not found."));
        let (_, text, fields) = of(r#"{"repo_name":["Too long.","Bad."],"is_public":["Not a boolean."]}"#);
        assert_eq!(text.as_deref(), Some("is_public: Not a boolean.; repo_name: Too long. Bad."));
        assert_eq!(fields, ["is_public: Not a boolean.", "repo_name: Too long. Bad."]);
        assert_eq!(of(r#"{"non_field_errors":["Wrong.","Very."]}"#), message("Wrong. Very."));
        assert_eq!(of(r#"{"error":"no"}"#), message("no"));
        assert_eq!(of(r#"{"message":"no"}"#), message("no"));
        assert_eq!(of("名字已被占用"), message("名字已被占用"));
        assert_eq!(of(r#"{"code":7}"#), message(r#"{"code":7}"#));
        assert_eq!(of(r#"["a"]"#), message(r#"["a"]"#));
        for nothing in ["", "  ", "<html><body>x</body></html>"] {
            assert_eq!(of(nothing), (None, None, Vec::new()), "{nothing}");
        }
    }

    #[test]
    fn what_it_says_is_cut_and_cleaned() {
        let (_, text, _) = of(&format!("{{\"detail\":\"{}\"}}", "x".repeat(2000)));
        assert_eq!(text.map(|text| text.len()), Some(500));
        let (_, _, fields) = of("{\"repo_name\":[\"\\u001b[31mred\"]}");
        assert!(!fields[0].contains('\u{1b}'), "{fields:?}");
    }
}
