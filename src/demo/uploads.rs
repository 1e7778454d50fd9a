//! Uploads: start or mount, send in parts, finish, cancel.

use hyper::header::{HeaderName, LOCATION, RANGE};
use hyper::{Method, StatusCode};
use serde_json::Value;

use super::auth::random_id;
use super::blobs::digest_invalid;
use super::reply::{self, Answer, DOCKER_DIGEST};
use super::request::Request;
use super::server::Shared;
use crate::domain::reference::Digest;

const UPLOAD_ID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// `POST …/blobs/uploads/`, with `mount` and `from` for a blob of another repository.
pub(super) fn start(shared: &Shared, request: &Request, name: &str) -> Answer {
    let mut store = shared.store();
    let mount = request.parameter("mount").and_then(|text| Digest::parse(&text).ok());
    if let (Some(digest), Some(from)) = (mount, request.parameter("from"))
        && store.blob(&from, &digest).is_some()
    {
        store.repository(name).blobs.insert(digest.clone());
        return created(request, name, &digest);
    }
    let id = random_id();
    store.uploads.insert(id.clone(), Vec::new());
    progress(request, name, &id, 0, StatusCode::ACCEPTED)
}

pub(super) fn go_on(shared: &Shared, request: &Request, name: &str, id: &str) -> Answer {
    let mut store = shared.store();
    let Some(so_far) = store.uploads.get_mut(id) else {
        let message = "blob upload unknown to registry";
        return reply::error(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", message, &Value::Null);
    };
    match request.method {
        Method::PATCH => {
            so_far.extend_from_slice(&request.body);
            progress(request, name, id, so_far.len(), StatusCode::ACCEPTED)
        }
        Method::PUT => {
            so_far.extend_from_slice(&request.body);
            let found = Digest::of(so_far);
            let claimed = request.parameter("digest").and_then(|text| Digest::parse(&text).ok());
            let bytes = store.uploads.remove(id).unwrap_or_default();
            match claimed {
                Some(claimed) if claimed == found => {
                    store.add_blob(name, bytes);
                    created(request, name, &found)
                }
                Some(_) => digest_invalid(&Value::Null),
                None => digest_invalid(&Value::from("digest missing")),
            }
        }
        Method::DELETE => {
            store.uploads.remove(id);
            reply::empty(StatusCode::NO_CONTENT)
        }
        _ => progress(request, name, id, so_far.len(), StatusCode::NO_CONTENT),
    }
}

/// distribution's Locations are absolute and carry a state, so that `digest` must be added with `&` (§10).
fn progress(request: &Request, name: &str, id: &str, size: usize, status: StatusCode) -> Answer {
    let mut answer = reply::empty(status);
    let location = format!("{}/v2/{name}/blobs/uploads/{id}?_state={id}", request.origin());
    reply::set(&mut answer, LOCATION, &location);
    reply::set(&mut answer, RANGE, &format!("0-{}", size.saturating_sub(1)));
    reply::set(&mut answer, UPLOAD_ID, id);
    answer
}

fn created(request: &Request, name: &str, digest: &Digest) -> Answer {
    let mut answer = reply::empty(StatusCode::CREATED);
    reply::set(&mut answer, LOCATION, &format!("{}/v2/{name}/blobs/{digest}", request.origin()));
    reply::set(&mut answer, DOCKER_DIGEST, &digest.to_string());
    answer
}
