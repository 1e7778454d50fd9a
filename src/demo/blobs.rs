//! Blobs: HEAD, GET with ranges, DELETE.

use hyper::StatusCode;
use hyper::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG};
use serde_json::{Value, json};

use super::reply::{self, Answer, DOCKER_DIGEST, Payload};
use super::request::{Request, known_digest};
use super::server::Shared;
use super::store::Blob;
use crate::domain::reference::Digest;

const MAX_AGE: &str = "max-age=31536000";

fn unknown(digest: &Digest) -> Answer {
    let message = "blob unknown to registry";
    reply::error(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", message, &json!(digest.to_string()))
}

pub(super) fn get(shared: &Shared, request: &Request, name: &str, text: &str) -> Answer {
    let Some(digest) = &known_digest(text) else { return digest_invalid(&json!({})) };
    let store = shared.store();
    let Some(blob) = store.blob(name, digest) else { return unknown(digest) };
    let tagged = format!("\"{digest}\"");
    let size = blob.size();
    let mut answer = if request.header("if-none-match") == Some(&tagged) {
        let mut answer = reply::empty(StatusCode::NOT_MODIFIED);
        answer.headers_mut().remove(hyper::header::CONTENT_LENGTH);
        answer
    } else {
        match request.header("range").filter(|_| !request.is_head()).and_then(|text| range(text, size)) {
            None => part(StatusCode::OK, blob, 0, size),
            Some(Ok((start, end))) => {
                let mut answer = part(StatusCode::PARTIAL_CONTENT, blob, start, end);
                reply::set(&mut answer, CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1));
                answer
            }
            Some(Err(wrong)) => {
                let text = match wrong {
                    WrongRange::Past => "invalid range: failed to overlap",
                    WrongRange::Form => "invalid range",
                };
                let mut answer = reply::plain(StatusCode::RANGE_NOT_SATISFIABLE, text);
                if wrong == WrongRange::Past {
                    reply::set(&mut answer, CONTENT_RANGE, &format!("bytes */{size}"));
                }
                // distribution announces the blob's length all the same, and breaks off (2.8.2, observed).
                reply::set(&mut answer, CONTENT_LENGTH, &size.to_string());
                answer.body_mut().cut = true;
                reply::set(&mut answer, DOCKER_DIGEST, &digest.to_string());
                reply::set(&mut answer, ETAG, &tagged);
                reply::set(&mut answer, CACHE_CONTROL, MAX_AGE);
                return answer;
            }
        }
    };
    reply::set(&mut answer, DOCKER_DIGEST, &digest.to_string());
    reply::set(&mut answer, ETAG, &tagged);
    if answer.status() != StatusCode::NOT_MODIFIED {
        reply::set(&mut answer, ACCEPT_RANGES, "bytes");
    }
    reply::set(&mut answer, CACHE_CONTROL, MAX_AGE);
    answer
}

fn part(status: StatusCode, blob: &Blob, start: u64, end: u64) -> Answer {
    let payload = match blob {
        Blob::Bytes(bytes) => {
            let at = |n: u64| usize::try_from(n).map_or(bytes.len(), |n| n.min(bytes.len()));
            Payload::bytes(bytes.slice(at(start)..at(end)))
        }
        Blob::Layer(layer) => layer.part(start, end),
    };
    reply::with_body(status, "application/octet-stream", payload)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WrongRange {
    /// It begins behind the end.
    Past,
    /// It is none.
    Form,
}

/// The half-open range asked for; `None` where there is nothing in it, which is then ignored.
fn range(text: &str, size: u64) -> Option<Result<(u64, u64), WrongRange>> {
    let Some(text) = text.strip_prefix("bytes=") else { return Some(Err(WrongRange::Form)) };
    if text.is_empty() {
        return None;
    }
    let Some((first, last)) = text.split_once('-') else { return Some(Err(WrongRange::Form)) };
    let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.is_empty() => (first, size),
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), size),
        _ => return Some(Err(WrongRange::Form)),
    };
    Some(if start < size && start < end { Ok((start, end)) } else { Err(WrongRange::Past) })
}

pub(super) fn delete(shared: &Shared, name: &str, text: &str) -> Answer {
    let Some(digest) = &known_digest(text) else { return digest_invalid(&json!({})) };
    if !shared.deletes {
        return reply::unsupported(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut store = shared.store();
    let removed = store.repositories.get_mut(name).is_some_and(|repository| repository.blobs.remove(digest));
    if removed { reply::empty(StatusCode::ACCEPTED) } else { unknown(digest) }
}

pub(super) fn digest_invalid(detail: &Value) -> Answer {
    let message = "provided digest did not match uploaded content";
    reply::error(StatusCode::BAD_REQUEST, "DIGEST_INVALID", message, detail)
}
