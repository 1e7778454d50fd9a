//! The five repository calls (§5).

use hyper::StatusCode;
use hyper::header::HeaderName;
use serde_json::{Map, Value};

use super::page::page;
use super::refusal;
use super::routes::{List, View};
use super::server::Shared;
use super::store::{CloudRegistry, CloudSpace, Login};
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;

const ACTION: HeaderName = HeaderName::from_static("x-dockercloud-action-uri");

pub(super) fn list(view: &View<'_>, space: &CloudSpace, request: &Request) -> Answer {
    // Assumption A4: the whole name.
    let (name, registry) = (request.parameter("name"), request.parameter("registry"));
    let wanted = space.repositories.iter().filter(|(key, repository)| {
        name.as_ref().is_none_or(|name| name == *key)
            && registry.as_ref().is_none_or(|uri| *uri == view.place.path(List::Registries, &repository.registry))
    });
    page(request, wanted.map(|(key, repository)| view.repository(key, repository)).collect())
}

pub(super) fn get(view: &View<'_>, space: &CloudSpace, name: &str) -> Answer {
    match space.repositories.get(name) {
        Some(repository) => reply::document(StatusCode::OK, &view.repository(name, repository)),
        None => unknown(),
    }
}

fn unknown() -> Answer {
    refusal(StatusCode::NOT_FOUND, "There is no such repository")
}

/// A text of the body. Null is the same as not given; anything else is an error with its field's name.
fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, Box<Answer>> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Box::new(refusal(StatusCode::BAD_REQUEST, &format!("{field}: not a valid string")))),
    }
}

fn body(request: &Request) -> Result<Map<String, Value>, Box<Answer>> {
    request.object().ok_or_else(|| Box::new(refusal(StatusCode::BAD_REQUEST, "The body is no JSON object")))
}

fn can_be_a_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part != ".." && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b))
    };
    name.contains('/') && name.split('/').all(part)
}

pub(super) fn add(shared: &Shared, view: &View<'_>, space: &mut CloudSpace, request: &Request) -> Answer {
    add_or(shared, view, space, request).unwrap_or_else(|refused| *refused)
}

fn add_or(shared: &Shared, view: &View<'_>, space: &mut CloudSpace, request: &Request) -> Result<Answer, Box<Answer>> {
    let refused = |status, text: &str| Box::new(refusal(status, text));
    let body = body(request)?;
    let Some(name) = text(&body, "name")?.filter(|name| !name.is_empty()) else {
        return Err(refused(StatusCode::BAD_REQUEST, "name: this field is required"));
    };
    if !can_be_a_name(name) {
        return Err(refused(StatusCode::BAD_REQUEST, "name: not the name of a repository"));
    }
    if space.repositories.contains_key(name) {
        return Err(refused(StatusCode::CONFLICT, "A repository of this name already exists"));
    }
    let (username, password) = (text(&body, "username")?, text(&body, "password")?);
    let given = username.is_some() || password.is_some();
    let login = given.then(|| Login::new(username.unwrap_or(""), password.unwrap_or("")));
    if let Some(login) = &login {
        check(space.known_registry(name), login)?;
    }
    let shown = view.repository(name, space.add(name, login));
    Ok(changed(shared, reply::document(StatusCode::CREATED, &shown)))
}

/// Assumption A7: what the registry does not take is refused here.
fn check(registry: Option<&CloudRegistry>, login: &Login) -> Result<(), Box<Answer>> {
    let takes = registry.and_then(|registry| registry.takes.as_ref());
    if takes.is_none_or(|takes| takes.same(login)) {
        return Ok(());
    }
    let text = "The registry does not accept this user name and password";
    Err(Box::new(refusal(StatusCode::BAD_REQUEST, text)))
}

pub(super) fn update(
    shared: &Shared,
    view: &View<'_>,
    space: &mut CloudSpace,
    name: &str,
    request: &Request,
) -> Answer {
    update_or(shared, view, space, name, request).unwrap_or_else(|refused| *refused)
}

/// Only the user name and the password can change; other fields are not looked at.
fn update_or(
    shared: &Shared,
    view: &View<'_>,
    space: &mut CloudSpace,
    name: &str,
    request: &Request,
) -> Result<Answer, Box<Answer>> {
    let Some(repository) = space.repositories.get(name) else { return Err(Box::new(unknown())) };
    let body = body(request)?;
    let mut login = repository.login.clone().unwrap_or_default();
    if let Some(username) = text(&body, "username")? {
        username.clone_into(&mut login.username);
    }
    if let Some(password) = text(&body, "password")? {
        login.set_password(password);
    }
    check(space.registries.get(&repository.registry), &login)?;
    let Some(repository) = space.repositories.get_mut(name) else { return Err(Box::new(unknown())) };
    repository.login = Some(login);
    Ok(changed(shared, reply::document(StatusCode::ACCEPTED, &view.repository(name, repository))))
}

pub(super) fn remove(shared: &Shared, space: &mut CloudSpace, name: &str) -> Answer {
    match space.repositories.get(name) {
        None => return unknown(),
        Some(repository) if repository.in_use && !shared.options.removes_used => {
            return refusal(StatusCode::CONFLICT, "A service uses this repository");
        }
        Some(_) => drop(space.repositories.remove(name)),
    }
    changed(shared, reply::empty(StatusCode::NO_CONTENT))
}

fn changed(shared: &Shared, mut answer: Answer) -> Answer {
    reply::set(&mut answer, ACTION, &shared.action());
    answer
}
