//! Paths and methods.

use hyper::{Method, StatusCode};
use serde_json::json;

use super::server::Shared;
use super::store::AlaudaNamespace;
use super::{account, entrance, not_found, refusal, repositories, tags};
use crate::demo::reply::{self, Answer};
use crate::demo::request::{Request, decoded};

/// The parts of a path. One slash at the end may be there or not (§2); slashes in a name are escaped.
fn parts(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/').map(decoded).collect()
}

pub(super) fn answer(shared: &Shared, request: &Request) -> Answer {
    let parts = parts(&request.path);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let ["v1", rest @ ..] = parts.as_slice() else { return not_found() };
    if let ["generate-api-token"] = rest {
        return if request.method == Method::POST { entrance::token(shared, request) } else { not_allowed(request) };
    }
    if let Some(refused) = shared.entrance.check(request) {
        return refused;
    }
    match rest {
        ["auth", "profile"] => only_get(request, || account::profile(shared)),
        ["auth", namespace, "profile"] => only_get(request, || within(shared, namespace, || account::profile(shared))),
        ["orgs"] => only_get(request, || account::organisations(shared)),
        ["orgs", name] => only_get(request, || account::get_organisation(shared, name)),
        // Not about images, but just4alauda 0.2.12 asks for it before anything else.
        ["regions", namespace] => {
            only_get(request, || within(shared, namespace, || reply::document(StatusCode::OK, &json!([]))))
        }
        ["repositories", namespace, rest @ ..] => in_namespace(shared, request, namespace, rest),
        _ => not_found(),
    }
}

fn in_namespace(shared: &Shared, request: &Request, name: &str, rest: &[&str]) -> Answer {
    if let Some(refused) = closed(shared, name) {
        return refused;
    }
    let mut store = shared.store();
    let Some(namespace) = store.namespaces.get_mut(name) else { return not_found() };
    let options = &shared.options;
    match (rest, &request.method) {
        ([], &Method::GET) => repositories::list(options, namespace, name, request),
        ([], &Method::POST) => repositories::create(options, namespace, name, request),
        ([repo], &Method::GET) => repositories::get(namespace, name, repo),
        ([repo], &Method::PUT) => repositories::update(namespace, name, repo, request),
        ([repo], &Method::DELETE) => repositories::delete(namespace, repo),
        ([repo, "tags"], &Method::GET) => tags::list(namespace, repo),
        ([repo, "tags", tag], &Method::GET) => tags::get(namespace, repo, tag),
        ([repo, "tags", tag], &Method::DELETE) if options.deletes_tags => tags::delete(namespace, repo, tag),
        ([] | [_] | [_, "tags"] | [_, "tags", _], _) => not_allowed(request),
        _ => not_found(),
    }
}

/// What is said about a namespace that is not there, or not the user's.
fn closed(shared: &Shared, name: &str) -> Option<Answer> {
    match shared.store().namespaces.get(name) {
        None => Some(not_found()),
        Some(AlaudaNamespace { foreign: true, .. }) => {
            Some(refusal(StatusCode::FORBIDDEN, "You do not have permission to perform this action."))
        }
        Some(_) => None,
    }
}

fn within(shared: &Shared, namespace: &str, open: impl FnOnce() -> Answer) -> Answer {
    closed(shared, namespace).unwrap_or_else(open)
}

fn only_get(request: &Request, answer: impl FnOnce() -> Answer) -> Answer {
    if request.method == Method::GET { answer() } else { not_allowed(request) }
}

fn not_allowed(request: &Request) -> Answer {
    refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("Method \"{}\" not allowed.", request.method))
}
