//! What an answer that is no success says (docker-cloud.md §7).

use crate::backend::error::Error;
use crate::backend::http::{Answer, Http, Op, Said, cut, is_html};
use crate::backend::json::Object;

/// `{"error": "text for people"}`; anything else is shown as it came.
fn said(answer: &Answer) -> Option<Said> {
    let text = String::from_utf8_lossy(&answer.body);
    if text.trim().is_empty() || is_html(&answer.headers, &answer.body) {
        return None;
    }
    let message = Object::parse(&text).and_then(|body| body.some_text("error"));
    Some(Said { code: None, message: Some(cut(message.as_deref().unwrap_or(&text))) })
}

pub(super) fn declined(http: &Http, op: Op, answer: &Answer) -> Error {
    let error = http.declined(op, answer, said(answer).as_ref());
    match answer.status {
        401 => error.hint("The user name or API key is wrong, or the account is deactivated: sign in again (e)."),
        402 => error.hint("The account needs billing details before this can be done."),
        403 => error.hint("A quota is used up, or this account has no rights in the namespace."),
        415 => error.hint("This is a fault in tagboat, or the address is no Docker Cloud."),
        _ => error,
    }
}
