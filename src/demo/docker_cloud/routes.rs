//! Paths: which namespace, which of the two lists, and what in it.

use hyper::{Method, StatusCode};

use super::server::{Dialect, Shared};
use super::{refusal, registries, repositories};
use crate::demo::reply::Answer;
use crate::demo::request::{Request, decoded};

const ROOT: &str = "/api/repo/v1/";

/// Where a request goes, and so what the paths in its answer begin with: both generations of `resource_uri` are in use
/// (§1), and this one speaks the generation it is spoken to in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// `None` is the user's own.
    pub namespace: Option<String>,
    pub list: List,
    /// The name after the list, decoded; `None` is the list itself.
    pub key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Registries,
    Repositories,
}

impl List {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "registry" => Some(Self::Registries),
            "repository" => Some(Self::Repositories),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Registries => "registry",
            Self::Repositories => "repository",
        }
    }
}

impl Place {
    /// Whether the server redirects a path without the slash at its end is not documented (§3): there is nothing there.
    pub fn parse(path: &str) -> Option<Self> {
        let (first, rest) = path.strip_prefix(ROOT)?.split_once('/')?;
        // Assumption A1: a namespace is what is not the name of a list.
        let (namespace, list, rest) = match List::parse(first) {
            Some(list) => (None, list, rest),
            None => {
                let (word, rest) = rest.split_once('/')?;
                (Some(decoded(first)), List::parse(word)?, rest)
            }
        };
        // Slashes in a name come plain and as %2F; only one at the end is not part of it (§8.2).
        let key = if rest.is_empty() { None } else { Some(decoded(rest).strip_suffix('/')?.to_owned()) };
        Some(Self { namespace, list, key })
    }

    pub fn path(&self, list: List, key: &str) -> String {
        let namespace = self.namespace.as_ref().map(|name| format!("{name}/")).unwrap_or_default();
        let key = if key.is_empty() { String::new() } else { format!("{key}/") };
        format!("{ROOT}{namespace}{}/{key}", list.word())
    }
}

/// What the answers to one request are made with.
pub(super) struct View<'a> {
    pub place: &'a Place,
    pub dialect: Dialect,
}

pub(super) fn answer(shared: &Shared, request: &Request) -> Answer {
    if !shared.knows(request) {
        return refusal(StatusCode::UNAUTHORIZED, "Wrong user name or API key");
    }
    let Some(place) = Place::parse(&request.path) else {
        return refusal(StatusCode::NOT_FOUND, "There is nothing at this path");
    };
    let namespace = place.namespace.clone().unwrap_or_else(|| shared.options.user.clone());
    let mut store = shared.store();
    let Some(space) = store.namespaces.get_mut(&namespace) else {
        // Assumption A9.
        return refusal(StatusCode::FORBIDDEN, "You have no rights in this namespace");
    };
    let view = View { place: &place, dialect: shared.options.dialect };
    match (place.list, &place.key, &request.method) {
        (List::Registries, None, &Method::GET) => registries::list(&view, space, request),
        (List::Registries, Some(key), &Method::GET) => registries::get(&view, space, key),
        (List::Repositories, None, &Method::GET) => repositories::list(&view, space, request),
        (List::Repositories, None, &Method::POST) => repositories::add(shared, &view, space, request),
        (List::Repositories, Some(key), &Method::GET) => repositories::get(&view, space, key),
        (List::Repositories, Some(key), &Method::PATCH) => repositories::update(shared, &view, space, key, request),
        (List::Repositories, Some(key), &Method::DELETE) => repositories::remove(shared, space, key),
        _ => refusal(StatusCode::METHOD_NOT_ALLOWED, "This resource has no such method"),
    }
}
