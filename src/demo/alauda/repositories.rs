//! The five repository calls (§4).

use std::collections::btree_map::Entry;

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::entrance::now;
use super::server::AlaudaOptions;
use super::store::{AlaudaNamespace, AlaudaRepository};
use super::{lists, not_found, refusal, show, wrong_field};
use crate::demo::reply::{self, Answer};
use crate::demo::request::{Request, encode};

pub(super) fn list(options: &AlaudaOptions, namespace: &AlaudaNamespace, name: &str, request: &Request) -> Answer {
    let items = namespace.repositories.iter().map(|(repo, it)| show::listed(name, repo, it)).collect();
    lists::page(options, &format!("/v1/repositories/{}/", encode(name)), request, items)
}

pub(super) fn get(namespace: &AlaudaNamespace, name: &str, repo: &str) -> Answer {
    let found = namespace.repositories.get(repo);
    found.map_or_else(not_found, |it| reply::document(StatusCode::OK, &show::shown(name, repo, it)))
}

type Fields = Map<String, Value>;

fn body(request: &Request) -> Result<Fields, Box<Answer>> {
    request.object().ok_or_else(|| Box::new(refusal(StatusCode::BAD_REQUEST, "JSON parse error")))
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, Box<Answer>> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Box::new(wrong_field(name, "Not a valid string."))),
    }
}

fn flag(fields: &Fields, name: &str) -> Result<Option<bool>, Box<Answer>> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Box::new(wrong_field(name, "Not a valid boolean."))),
    }
}

/// Assumption A2: a part of a Docker name.
fn can_be_a_name(name: &str) -> bool {
    let part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(part) && name.bytes().next_back().is_some_and(part);
    let doubled = name.as_bytes().windows(2).any(|two| !part(two[0]) && !part(two[1]));
    ends && !doubled && name.len() <= 100 && name.bytes().all(|b| part(b) || b"._-".contains(&b))
}

pub(super) fn create(
    options: &AlaudaOptions,
    namespace: &mut AlaudaNamespace,
    name: &str,
    request: &Request,
) -> Answer {
    create_or(options, namespace, name, request).unwrap_or_else(|refused| *refused)
}

fn create_or(
    options: &AlaudaOptions,
    namespace: &mut AlaudaNamespace,
    name: &str,
    request: &Request,
) -> Result<Answer, Box<Answer>> {
    let wrong = |field: &str, text: &str| Box::new(wrong_field(field, text));
    let fields = body(request)?;
    let repo = text(&fields, "repo_name")?.ok_or_else(|| wrong("repo_name", "This field is required."))?;
    if !can_be_a_name(repo) {
        return Err(wrong("repo_name", "Lower-case letters, digits and single . _ - between them."));
    }
    // Assumption A8.
    if text(&fields, "namespace")?.is_some_and(|given| given != name) {
        return Err(wrong("namespace", "This is not the namespace of the path."));
    }
    let build_config = match fields.get("build_config") {
        None | Some(Value::Null) => None,
        Some(config @ Value::Object(_)) => Some(config.clone()),
        Some(_) => return Err(wrong("build_config", "Invalid data. Expected a dictionary.")),
    };
    let time = now();
    let made = AlaudaRepository {
        description: text(&fields, "description")?.unwrap_or("").to_owned(),
        full_description: text(&fields, "full_description")?.unwrap_or("").to_owned(),
        is_public: flag(&fields, "is_public")?.unwrap_or(false),
        is_starred: false,
        stars: 0,
        download: 0,
        upload: 0,
        pulled_at: None,
        pushed_at: None,
        created: time.clone(),
        updated: time,
        created_by: options.user.clone(),
        build_config,
        tags: Vec::new(),
    };
    match namespace.repositories.entry(repo.to_owned()) {
        // Assumption A3.
        Entry::Occupied(_) => Err(Box::new(refusal(StatusCode::CONFLICT, "A repository of this name already exists."))),
        Entry::Vacant(place) => {
            Ok(reply::document(StatusCode::CREATED, &show::created(name, repo, place.insert(made))))
        }
    }
}

pub(super) fn update(namespace: &mut AlaudaNamespace, name: &str, repo: &str, request: &Request) -> Answer {
    let Some(repository) = namespace.repositories.get_mut(repo) else { return not_found() };
    match change(repository, repo, request) {
        Ok(()) => reply::document(StatusCode::OK, &show::updated(name, repo, repository)),
        Err(refused) => *refused,
    }
}

/// Only what was sent changes, in spite of PUT (§8.6).
fn change(repository: &mut AlaudaRepository, repo: &str, request: &Request) -> Result<(), Box<Answer>> {
    let fields = body(request)?;
    // Assumption A9.
    if text(&fields, "repo_name")?.is_some_and(|given| given != repo) {
        return Err(Box::new(wrong_field("repo_name", "A repository cannot be renamed.")));
    }
    let (short, long) = (text(&fields, "description")?, text(&fields, "full_description")?);
    let is_public = flag(&fields, "is_public")?;
    if let Some(text) = short {
        text.clone_into(&mut repository.description);
    }
    if let Some(text) = long {
        text.clone_into(&mut repository.full_description);
    }
    repository.is_public = is_public.unwrap_or(repository.is_public);
    repository.updated = now();
    Ok(())
}

/// With all its tags.
pub(super) fn delete(namespace: &mut AlaudaNamespace, repo: &str) -> Answer {
    match namespace.repositories.remove(repo) {
        Some(_) => reply::empty(StatusCode::NO_CONTENT),
        None => not_found(),
    }
}
