//! The three tag calls (§5). A tag is set by pushing it, not here.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::not_found;
use super::store::{AlaudaNamespace, AlaudaTag};
use crate::demo::reply::{self, Answer};

fn object(tag: &AlaudaTag) -> Value {
    json!({"image_id": tag.image_id, "tag": tag.tag})
}

/// A bare array, all of it.
pub(super) fn list(namespace: &AlaudaNamespace, repo: &str) -> Answer {
    let Some(repository) = namespace.repositories.get(repo) else { return not_found() };
    reply::document(StatusCode::OK, &repository.tags.iter().map(object).collect())
}

pub(super) fn get(namespace: &AlaudaNamespace, repo: &str, tag: &str) -> Answer {
    let tags = namespace.repositories.get(repo).map(|repository| &repository.tags);
    let found = tags.and_then(|tags| tags.iter().find(|it| it.tag == tag));
    found.map_or_else(not_found, |it| reply::document(StatusCode::OK, &object(it)))
}

pub(super) fn delete(namespace: &mut AlaudaNamespace, repo: &str, tag: &str) -> Answer {
    let Some(repository) = namespace.repositories.get_mut(repo) else { return not_found() };
    let Some(at) = repository.tags.iter().position(|it| it.tag == tag) else { return not_found() };
    repository.tags.remove(at);
    reply::empty(StatusCode::NO_CONTENT)
}
