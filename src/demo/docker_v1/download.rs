//! Reading images: documents, ancestries, layers and what is in them.

use hyper::StatusCode;
use hyper::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE};
use serde_json::Value;

use super::answer;
use super::archive::Archive;
use super::image::Image;
use super::options::Ranges;
use super::route::Route;
use super::server::Shared;
use super::{files, storage};
use crate::demo::reply::{self, Answer, Payload};
use crate::demo::request::Request;

pub(super) fn answer(shared: &Shared, request: &Request, route: &Route, id: &str) -> Answer {
    if shared.store().images.get(id).is_some_and(|image| image.unfinished) {
        return answer::bad("Image is being uploaded, retry later");
    }
    if request.headers.contains_key("if-modified-since") {
        return answer::unchanged();
    }
    if matches!(route, Route::Diff(_)) && !shared.options.diffs {
        return answer::bad("Diff queue is disabled");
    }
    let store = shared.store();
    let Some(image) = store.images.get(id) else { return answer::missing("Image not found") };
    let unsupported = || answer::bad("Layer format not supported");
    let mut answer = match route {
        Route::Json(_) => document(image),
        Route::Ancestry(_) => answer::ok(&Value::from(image.ancestry.clone())),
        Route::Diff(_) => match files::diff(&store, id) {
            Ok(Some(diff)) => answer::ok(&diff),
            Ok(None) => return answer::missing("Image not found"),
            Err(files::Unreadable) => return unsupported(),
        },
        _ => {
            let Some(layer) = &image.layer else { return answer::missing("Image not found") };
            match (route, &shared.storage) {
                (Route::Files(_), _) => match files::files(layer) {
                    Ok(rows) => answer::ok(&rows.into()),
                    Err(files::Unreadable) => return unsupported(),
                },
                (_, Some(origin)) => return storage::redirect(origin, id),
                (_, None) => bytes(layer, request, shared.options.ranges),
            }
        }
    };
    answer::lasting(&mut answer);
    answer
}

fn document(image: &Image) -> Answer {
    let mut answer = answer::raw(StatusCode::OK, image.json.clone());
    if let Some(layer) = &image.layer {
        reply::set(&mut answer, answer::SIZE, &layer.size().to_string());
    }
    if let Some(sum) = image.checksum() {
        reply::set(&mut answer, answer::CHECKSUM, &sum);
    }
    answer
}

/// A layer or a part of it.
pub(super) fn bytes(layer: &Archive, request: &Request, ranges: Ranges) -> Answer {
    let wanted = request.header("range").and_then(range);
    let mut answer = match ranges {
        Ranges::Correct => correct(layer, wanted),
        Ranges::Odd => odd(layer, wanted),
    };
    reply::set(&mut answer, ACCEPT_RANGES, "bytes");
    answer
}

/// From where, and up to where when that is said. What is malformed is ignored, ranges from the end among it.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
    Some((from.parse().ok()?, to))
}

fn octets(status: StatusCode, payload: Payload) -> Answer {
    reply::with_body(status, "application/octet-stream", payload)
}

fn correct(layer: &Archive, wanted: Option<(u64, Option<u64>)>) -> Answer {
    let size = layer.size();
    // A range that ends before it begins is none (RFC 9110, 14.1.1).
    let Some((from, to)) = wanted.filter(|(from, to)| to.is_none_or(|to| to >= *from)) else {
        return octets(StatusCode::OK, layer.part(0, size));
    };
    if from >= size {
        let mut answer = octets(StatusCode::RANGE_NOT_SATISFIABLE, Payload::default());
        reply::set(&mut answer, CONTENT_RANGE, &format!("bytes */{size}"));
        return answer;
    }
    let last = to.map_or(size - 1, |to| to.min(size - 1));
    let mut answer = octets(StatusCode::PARTIAL_CONTENT, layer.part(from, last + 1));
    reply::set(&mut answer, CONTENT_RANGE, &format!("bytes {from}-{last}/{size}"));
    answer
}

fn odd(layer: &Archive, wanted: Option<(u64, Option<u64>)>) -> Answer {
    let size = layer.size();
    let Some((from, to)) = wanted else {
        let status = if size == 0 { StatusCode::RANGE_NOT_SATISFIABLE } else { StatusCode::OK };
        return octets(status, layer.part(0, size));
    };
    let last = to.unwrap_or(size);
    if last < 1 || last <= from {
        return octets(StatusCode::RANGE_NOT_SATISFIABLE, Payload::default());
    }
    let mut payload = layer.part(from.min(size), last.saturating_add(1).min(size));
    let announced = last.saturating_sub(from).saturating_add(1);
    payload.cut = payload.left() < announced;
    let mut answer = octets(StatusCode::PARTIAL_CONTENT, payload);
    reply::set(&mut answer, CONTENT_RANGE, &format!("{from}-{last}/{size}"));
    reply::set(&mut answer, CONTENT_LENGTH, &announced.to_string());
    answer
}
