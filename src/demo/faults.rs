//! Everything that can be made to go wrong on a running server.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, LINK, LOCATION, WWW_AUTHENTICATE};
use serde_json::Value;

use crate::domain::reference::Digest;

use super::reply::{self, Answer, Closed, DOCKER_DIGEST, Payload};
use super::request::Request;

const SPACES: usize = 64 * 1024;

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The answer comes later.
    Delay(Duration),
    /// The request is taken and never answered.
    Hang,
    /// This answer instead; nothing is done.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// An HTML page with status 200, as from a login portal.
    Html,
    /// A redirect to this URL.
    Redirect { status: u16, to: String },
    /// A gzip-coded body that decodes to this many bytes.
    GzipBomb(u64),
    /// The request is carried out, then the connection is closed without an answer.
    LostAnswer,
    /// The request is carried out, and never answered.
    Silence,
    /// Somebody else moves a tag right after the request was carried out.
    Move { repository: String, tag: String, to: Digest },
    /// The body stops after this many bytes, short of its announced length.
    Truncate(usize),
    /// Spaces behind the body, up to this many bytes in all.
    Pad(u64),
    /// One byte of the body at a time.
    Drip(Duration),
    /// `Docker-Content-Digest` names something else.
    WrongDigest,
    /// A header set, or taken away with `None`.
    Header(String, Option<String>),
    /// This `Link` on every page: at itself, at another origin.
    Link(String),
    /// These entries in front of what a list holds.
    Entries(Vec<Value>),
    /// The realm in a challenge.
    Realm(String),
}

impl Fault {
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    /// 429 with this `Retry-After`, in distribution's words.
    pub fn too_many_requests(retry_after: &str) -> Self {
        let body = br#"{"errors":[{"code":"TOOMANYREQUESTS","message":"too many requests"}]}"#;
        let headers = vec![("retry-after".to_owned(), retry_after.to_owned())];
        Self::Answer { status: 429, headers, body: body.to_vec() }
    }

    /// The page of a proxy that stands in front and cannot reach what is behind it.
    pub fn html_error(status: u16) -> Self {
        let page =
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>\n");
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        Self::Answer { status, headers, body: page.into_bytes() }
    }

    /// Whether it answers by itself, so that nothing behind it is reached.
    fn answers(&self) -> bool {
        matches!(self, Self::Hang | Self::Answer { .. } | Self::Html | Self::Redirect { .. } | Self::GzipBomb(_))
    }
}

/// Which requests a fault hits. `Rule::on("/tags/list")` hits all of them for ever.
#[derive(Clone, Debug)]
pub struct Rule {
    path: String,
    method: Option<String>,
    skip: usize,
    times: Option<usize>,
    fault: Fault,
}

impl Rule {
    /// For every request whose path and query hold this text.
    pub fn on(path: &str, fault: Fault) -> Self {
        Self { path: path.to_owned(), method: None, skip: 0, times: None, fault }
    }

    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The first `count` matching requests go untouched.
    pub fn after(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Only this often. A sequence of answers is several rules, each with its count.
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    fn matches(&self, request: &Request) -> bool {
        let target = format!("{}?{}", request.path, request.query);
        self.method.as_deref().is_none_or(|method| method == request.method.as_str()) && target.contains(&self.path)
    }
}

/// The rules in force, in the order they were added.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Rule>>);

impl Faults {
    pub fn add(&self, rule: Rule) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The faults of this request; each use is counted. Ends at the first one that answers.
    pub(super) fn take(&self, request: &Request) -> Vec<Fault> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hit = Vec::new();
        for rule in rules.iter_mut().filter(|rule| rule.times != Some(0)) {
            if !rule.matches(request) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times = rule.times.map(|times| times - 1);
            hit.push(rule.fault.clone());
            if rule.fault.answers() {
                break;
            }
        }
        hit
    }
}

/// What happens before the request is carried out; an answer here means that it is not.
pub(super) async fn before(fault: &Fault) -> Option<Answer> {
    match fault {
        Fault::Delay(pause) => {
            tokio::time::sleep(*pause).await;
            None
        }
        Fault::Hang => std::future::pending().await,
        Fault::Answer { status, headers, body } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = reply::with_body(status, "application/json", Payload::bytes(body.clone()));
            for (name, value) in headers {
                set_header(&mut answer, name, Some(value));
            }
            Some(answer)
        }
        Fault::Html => {
            let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>\n";
            Some(reply::with_body(StatusCode::OK, "text/html; charset=utf-8", Payload::bytes(page)))
        }
        Fault::Redirect { status, to } => {
            let mut answer = reply::empty(StatusCode::from_u16(*status).unwrap_or(StatusCode::TEMPORARY_REDIRECT));
            reply::set(&mut answer, LOCATION, to);
            Some(answer)
        }
        Fault::GzipBomb(size) => {
            let mut answer = reply::with_body(StatusCode::OK, "application/json", bomb(*size));
            reply::set(&mut answer, CONTENT_ENCODING, "gzip");
            Some(answer)
        }
        _ => None,
    }
}

/// What happens to the answer. Lists have had their entries added by then.
pub(super) fn after(fault: &Fault, mut answer: Answer) -> Result<Answer, Closed> {
    match fault {
        Fault::LostAnswer => return Err(Closed),
        Fault::Truncate(keep) => {
            let body = answer.body_mut();
            let head = body.head.len().min(*keep);
            body.head.truncate(head);
            body.repeated = body.repeated.min((*keep - head) as u64);
            body.tail.clear();
            body.cut = true;
        }
        Fault::Pad(size) => {
            let body = answer.body_mut();
            body.pattern = vec![b' '; SPACES].into();
            body.repeated = size.saturating_sub(body.head.len() as u64);
            let length = body.left().to_string();
            reply::set(&mut answer, CONTENT_LENGTH, &length);
        }
        Fault::Drip(pause) => answer.body_mut().pace = Some(*pause),
        Fault::WrongDigest if answer.headers().contains_key(DOCKER_DIGEST) => {
            reply::set(&mut answer, DOCKER_DIGEST, &format!("sha256:{}", "ba".repeat(32)));
        }
        Fault::Header(name, value) => set_header(&mut answer, name, value.as_deref()),
        Fault::Link(value) => reply::set(&mut answer, LINK, value),
        Fault::Realm(realm) => {
            let challenge = answer.headers().get(WWW_AUTHENTICATE).and_then(|v| v.to_str().ok()).unwrap_or("");
            if let Some((head, rest)) = challenge.split_once("realm=\"")
                && let Some((_, tail)) = rest.split_once('"')
            {
                let text = format!("{head}realm=\"{realm}\"{tail}");
                reply::set(&mut answer, WWW_AUTHENTICATE, &text);
            }
        }
        Fault::Entries(entries) => {
            for key in ["repositories", "tags"] {
                prepend(&mut answer, key, entries);
            }
        }
        _ => {}
    }
    Ok(answer)
}

fn set_header(answer: &mut Answer, name: &str, value: Option<&str>) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    match value {
        Some(value) => reply::set(answer, name, value),
        None => drop(answer.headers_mut().remove(name)),
    }
}

fn prepend(answer: &mut Answer, key: &str, entries: &[Value]) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body().head) else { return };
    let Some(list) = body.get_mut(key) else { return };
    let old = list.as_array_mut().map(std::mem::take).unwrap_or_default();
    *list = entries.iter().cloned().chain(old).collect();
    let bytes = Bytes::from(format!("{body}\n"));
    reply::set(answer, CONTENT_LENGTH, &bytes.len().to_string());
    answer.body_mut().head = bytes;
}

/// A gzip stream of the letter `a`: one fixed-Huffman block whose repeats cost 13 bits for 258 letters. Eight of them
/// fill whole bytes, so the body is one pattern of 13 bytes over and over. It has no end mark and no checksum: whoever
/// reads that far has read too far.
fn bomb(size: u64) -> Payload {
    let mut bits: Vec<bool> = Vec::new();
    // BFINAL = 1, BTYPE = 01 with the lower bit first; then the literal `a`, 0x30 + 97 in 8 bits, higher bit first.
    bits.extend([true, true, false]);
    let code = |bits: &mut Vec<bool>, value: u32, width: u32| {
        bits.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
    };
    code(&mut bits, 0x30 + 97, 8);
    let start = bits.len();
    for _ in 0..16 {
        // Length 258 is symbol 285, in the block of 8-bit codes from 0b1100_0000 = 280; distance 1 is symbol 0.
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    let byte = |chunk: &[bool]| chunk.iter().enumerate().fold(0_u8, |b, (i, on)| b | u8::from(*on) << i);
    let whole = start.div_ceil(8);
    let bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
    let mut head = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    head.extend_from_slice(&bytes[..whole]);
    let pattern = bytes[whole..whole + 13].repeat(512);
    Payload { head: head.into(), pattern: pattern.into(), repeated: size / (258 * 8) * 13, ..Payload::default() }
}
