//! From a request to the handler that answers it, with what all answers share.

use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Method, StatusCode};
use serde_json::json;

use super::reply::{self, Answer};
use super::request::{Request, Route};
use super::server::Shared;
use super::{blobs, lists, manifests, uploads};

const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

pub(super) fn answer(shared: &Shared, request: &Request) -> Answer {
    if request.path == "/token" {
        return shared.gate.token(request);
    }
    if request.path == "/" {
        let mut answer = reply::empty(StatusCode::OK);
        reply::set(&mut answer, CACHE_CONTROL, "no-cache");
        return answer;
    }
    let mut answer = below_v2(shared, request);
    let headers = answer.headers_mut();
    headers.insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    if headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/json") {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(shared.semantics.json_type));
    }
    answer
}

fn below_v2(shared: &Shared, request: &Request) -> Answer {
    if request.path == "/v2" {
        let page = reply::Payload::bytes("<a href=\"/v2/\">Moved Permanently</a>.\n\n");
        let mut moved = reply::with_body(StatusCode::MOVED_PERMANENTLY, "text/html; charset=utf-8", page);
        reply::set(&mut moved, LOCATION, "/v2/");
        return moved;
    }
    if request.path.contains("//") {
        let mut path = request.path.clone();
        while path.contains("//") {
            path = path.replace("//", "/");
        }
        let mut moved = reply::empty(StatusCode::MOVED_PERMANENTLY);
        reply::set(&mut moved, LOCATION, &path);
        return moved;
    }
    let Some(route) = Route::parse(&request.path) else { return reply::not_found() };
    // Without the API there is no such route, so distribution does not even ask who it is (§8, observed).
    if matches!(route, Route::Referrers(..)) && !shared.semantics.referrers {
        return reply::not_found();
    }
    shared.gate.check(request, &route).unwrap_or_else(|| dispatch(shared, request, &route))
}

fn dispatch(shared: &Shared, request: &Request, route: &Route<'_>) -> Answer {
    // Whatever the method (observed on 2.8.2).
    if *route == Route::Ping {
        return reply::with_body(StatusCode::OK, "application/json", reply::Payload::bytes("{}"));
    }
    let allowed = methods(route, shared.read_only);
    if !allowed.contains(&request.method.as_str()) {
        let mut answer = if request.method == Method::OPTIONS {
            reply::empty(StatusCode::OK)
        } else {
            reply::plain(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        };
        reply::set(&mut answer, ALLOW, &allowed.join(", "));
        return answer;
    }
    match route {
        Route::Ping | Route::Catalogue => lists::catalogue(shared, request),
        Route::Tags(name) => lists::tags(shared, request, name),
        Route::Referrers(name, digest) => lists::referrers(shared, request, name, digest),
        Route::Manifest(name, reference) => match request.method {
            Method::PUT => manifests::put(shared, request, name, reference),
            Method::DELETE => manifests::delete(shared, name, reference),
            _ => manifests::get(shared, request, name, reference),
        },
        Route::Blob(name, digest) => match request.method {
            Method::DELETE => blobs::delete(shared, name, digest),
            _ => blobs::get(shared, request, name, digest),
        },
        Route::Uploads(name) => uploads::start(shared, request, name),
        Route::Upload(name, id) => uploads::go_on(shared, request, name, id),
    }
}

/// In Go's sorted order. DELETE is listed also where deletion is off, but nothing that writes is in read-only mode
/// (§11.1, observed).
fn methods(route: &Route<'_>, read_only: bool) -> &'static [&'static str] {
    match (route, read_only) {
        (Route::Manifest(..), false) => &["DELETE", "GET", "HEAD", "PUT"],
        (Route::Blob(..), false) => &["DELETE", "GET", "HEAD"],
        (Route::Manifest(..) | Route::Blob(..), true) => &["GET", "HEAD"],
        (Route::Uploads(_), false) => &["POST"],
        (Route::Upload(..), false) => &["DELETE", "GET", "HEAD", "PATCH", "PUT"],
        (Route::Uploads(_) | Route::Upload(..), true) => &[],
        _ => &["GET"],
    }
}

pub(super) fn name_unknown(name: &str) -> Answer {
    let message = "repository name not known to registry";
    reply::error(StatusCode::NOT_FOUND, "NAME_UNKNOWN", message, &json!({"name": name}))
}
