//! The forms of answers: compact JSON, and the framework's list of what is wrong with a request.

use hyper::StatusCode;
use hyper::header::{ALLOW, LOCATION};
use serde_json::{Value, json};

use crate::demo::reply::{self, Answer, Payload};

/// What a check gives, or the answer in its place.
pub(super) type Checked<T> = Result<T, Box<Answer>>;

pub(super) fn ok(value: &Value) -> Answer {
    with(StatusCode::OK, value)
}

pub(super) fn with(status: StatusCode, value: &Value) -> Answer {
    reply::with_body(status, "application/json", Payload::bytes(value.to_string()))
}

/// What the framework says by itself, and the 409 of this service.
pub(super) fn detail(status: StatusCode, text: &str) -> Answer {
    with(status, &json!({"detail": text}))
}

pub(super) fn invalid_argument(reason: &str) -> Answer {
    with(StatusCode::BAD_REQUEST, &json!({"reason": reason, "status": "INVALID_ARGUMENT"}))
}

pub(super) fn coded(status: StatusCode, message: &str) -> Answer {
    with(status, &json!({"error_code": status.as_u16(), "error_message": message}))
}

pub(super) fn html(status: StatusCode, page: &str) -> Answer {
    reply::with_body(status, "text/html; charset=utf-8", Payload::bytes(page.to_owned()))
}

pub(super) fn not_allowed(allowed: &[&str]) -> Answer {
    let mut answer = detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    reply::set(&mut answer, ALLOW, &allowed.join(", "));
    answer
}

/// To the same path with or without the slash (assumption A7).
pub(super) fn moved(to: &str) -> Answer {
    let mut answer = reply::empty(StatusCode::TEMPORARY_REDIRECT);
    reply::set(&mut answer, LOCATION, to);
    answer
}

/// One thing that is wrong with a request.
pub(super) struct Detail {
    pub place: Vec<Value>,
    pub message: &'static str,
    pub kind: &'static str,
}

impl Detail {
    pub fn new(place: &[&str], message: &'static str, kind: &'static str) -> Self {
        Self { place: place.iter().copied().map(Value::from).collect(), message, kind }
    }

    pub fn missing(part: &str, name: &str) -> Self {
        Self::new(&[part, name], "Field required", "missing")
    }
}

/// 422: everything that is wrong, each with its place.
pub(super) fn invalid(details: &[Detail]) -> Answer {
    let one = |detail: &Detail| json!({"loc": detail.place, "msg": detail.message, "type": detail.kind});
    let details: Vec<Value> = details.iter().map(one).collect();
    with(StatusCode::UNPROCESSABLE_ENTITY, &json!({"detail": details}))
}
