//! Answers: their bodies, and the forms distribution gives them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use serde_json::Value;

pub(super) type Answer = Response<Payload>;

const CHUNK: usize = 64 * 1024;

/// How long a body that will be cut waits: hyper throws away what it has not flushed when a body fails.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// A body: some bytes, then a pattern over and over, some bytes more, then an end or a broken connection.
#[derive(Default)]
pub(super) struct Payload {
    pub head: Bytes,
    pub pattern: Bytes,
    /// How many bytes of the pattern there are to come.
    pub repeated: u64,
    /// Where in the pattern they go on.
    pub offset: usize,
    pub tail: Bytes,
    /// The connection breaks where the body should go on.
    pub cut: bool,
    /// One byte at a time with this pause between.
    pub pace: Option<Duration>,
    pub timer: Option<Pin<Box<tokio::time::Sleep>>>,
}

/// The connection is to be closed without (the rest of) an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed on purpose")]
pub(super) struct Closed;

impl Payload {
    pub fn bytes(head: impl Into<Bytes>) -> Self {
        Self { head: head.into(), ..Self::default() }
    }

    pub fn left(&self) -> u64 {
        self.head.len() as u64 + self.repeated + self.tail.len() as u64
    }

    fn wait(&mut self, pause: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        let ready = timer.as_mut().poll(cx);
        if ready.is_ready() {
            self.timer = None;
        }
        ready
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        let this = self.get_mut();
        if this.left() == 0 {
            if !this.cut {
                return Poll::Ready(None);
            }
            return this.wait(BEFORE_CUT, cx).map(|()| Some(Err(Closed)));
        }
        if let Some(pause) = this.pace {
            std::task::ready!(this.wait(pause, cx));
        }
        let most = if this.pace.is_some() { 1 } else { CHUNK };
        let data = if !this.head.is_empty() {
            this.head.split_to(most.min(this.head.len()))
        } else if this.repeated > 0 {
            let left = usize::try_from(this.repeated).unwrap_or(CHUNK);
            let size = most.min(this.pattern.len() - this.offset).min(left);
            let data = this.pattern.slice(this.offset..this.offset + size);
            this.repeated -= size as u64;
            this.offset = (this.offset + size) % this.pattern.len();
            data
        } else {
            this.tail.split_to(most.min(this.tail.len()))
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0 && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        if self.cut { SizeHint::default() } else { SizeHint::with_exact(self.left()) }
    }
}

pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Payload::default());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    answer
}

pub(super) fn with_body(status: StatusCode, media_type: &str, payload: Payload) -> Answer {
    let length = payload.left();
    let mut answer = Response::new(payload);
    *answer.status_mut() = status;
    set(&mut answer, CONTENT_TYPE, media_type);
    set(&mut answer, CONTENT_LENGTH, &length.to_string());
    answer
}

/// Go's encoder ends every document with a newline, and so do these.
pub(super) fn json(value: &Value) -> Answer {
    with_body(StatusCode::OK, "application/json", Payload::bytes(format!("{value}\n")))
}

/// A document without a line end, with any status: what is written in other languages sends.
pub(super) fn document(status: StatusCode, value: &Value) -> Answer {
    with_body(status, "application/json", Payload::bytes(value.to_string()))
}

/// What Go's router and `http.Error` send.
pub(super) fn plain(status: StatusCode, text: &str) -> Answer {
    let mut answer = with_body(status, "text/plain; charset=utf-8", Payload::bytes(format!("{text}\n")));
    set(&mut answer, X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}

pub(super) fn not_found() -> Answer {
    plain(StatusCode::NOT_FOUND, "404 page not found")
}

/// An error of the specification, fields in distribution's order.
pub(super) fn error(status: StatusCode, code: &str, message: &str, detail: &Value) -> Answer {
    let detail = if detail.is_null() { String::new() } else { format!(",\"detail\":{detail}") };
    let message = Value::from(message);
    let body = format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":{message}{detail}}}]}}\n");
    with_body(status, "application/json", Payload::bytes(body))
}

pub(super) fn unsupported(status: StatusCode) -> Answer {
    error(status, "UNSUPPORTED", "The operation is unsupported.", &Value::Null)
}

/// Sets a header; a value HTTP cannot carry is left out.
pub(super) fn set(answer: &mut Answer, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        answer.headers_mut().insert(name, value);
    }
}

pub(super) const DOCKER_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
