//! What an index does: accounts, search, the images of a repository, and the tokens that come with them.

use std::collections::BTreeMap;

use hyper::header::WWW_AUTHENTICATE;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer::{self, python};
use super::like;
use super::options::{Access, Endpoints, Page, Search};
use super::server::{Role, Shared};
use crate::demo::auth::basic;
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;

pub(super) fn users(shared: &Shared, request: &Request) -> Answer {
    let Access::Index { rules, .. } = &shared.options.access else {
        // A registry without an index welcomes everybody.
        return match (&request.method, serde_json::from_slice::<Value>(&request.body)) {
            (&Method::POST, Err(_)) => answer::bad("Error Decoding JSON"),
            (&Method::POST, Ok(_)) => answer::value(StatusCode::CREATED, &"User Created".into()),
            _ => answer::ok(&"OK".into()),
        };
    };
    if request.method == Method::POST {
        let fields: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let taken = fields["username"].as_str().is_some_and(|name| shared.is_user(name));
        return match taken {
            true => answer::value(StatusCode::BAD_REQUEST, &"Username or email already exists".into()),
            false => answer::value(StatusCode::CREATED, &"User Created".into()),
        };
    }
    if let Some(refused) = account(shared, request) {
        return refused;
    }
    match rules.inactive {
        true => answer::error(StatusCode::FORBIDDEN, "Account is not Active"),
        false => answer::ok(&"OK".into()),
    }
}

/// `None` for the right password.
fn account(shared: &Shared, request: &Request) -> Option<Answer> {
    let Access::Index { user, password, .. } = &shared.options.access else { return None };
    if basic(request).is_some_and(|pair| pair == (user.clone(), password.clone())) {
        return None;
    }
    let text = if request.headers.contains_key("authorization") {
        "Wrong login/password, please try again"
    } else {
        "Requires authorization"
    };
    let mut answer = answer::error(StatusCode::UNAUTHORIZED, text);
    reply::set(&mut answer, WWW_AUTHENTICATE, "Basic realm=\"auth required\",Token");
    Some(answer)
}

/// The headers that lead to the registry. A real index gives a token when it is asked for one; a registry that plays
/// the index always does, and never looks at it again.
fn lead(shared: &Shared, request: &Request, role: Role, name: &str, access: &str, answer: &mut Answer) {
    let origin = if role == Role::Standalone { request.origin() } else { shared.registry.clone() };
    let host = origin.trim_start_matches("http://");
    let endpoints = match shared.options.endpoints {
        Endpoints::Host => host.to_owned(),
        Endpoints::Two => format!("{host}, {}", host.replace("127.0.0.1", "localhost")),
        Endpoints::Url => format!("{origin}/v1/"),
    };
    reply::set(answer, answer::ENDPOINTS, &endpoints);
    let asked = request.header(answer::TOKEN.as_str()).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if role == Role::Standalone || asked {
        let token = shared.tokens.give(name, access);
        let word = if shared.options.token_word { "Token " } else { "" };
        reply::set(answer, answer::TOKEN, &format!("{word}{token}"));
        reply::set(answer, WWW_AUTHENTICATE, &format!("Token {token}"));
    }
}

pub(super) fn images(shared: &Shared, request: &Request, role: Role, name: &str) -> Answer {
    let (images, private) = {
        let store = shared.store();
        let repository = store.repositories.get(name);
        (repository.and_then(|r| r.images.clone()), repository.is_some_and(|r| r.private))
    };
    let signed_in = role == Role::Index && request.headers.contains_key("authorization");
    if (role == Role::Index && private || signed_in)
        && let Some(refused) = account(shared, request)
    {
        return refused;
    }
    let Some(images) = images else { return answer::missing("images not found") };
    let mut answer = answer::raw(StatusCode::OK, images);
    lead(shared, request, role, name, "read", &mut answer);
    answer
}

/// Announces a repository, or adds images to what is known of it.
pub(super) fn announce(shared: &Shared, request: &Request, role: Role, name: &str, images: bool) -> Answer {
    if role == Role::Index
        && let Some(refused) = account(shared, request)
    {
        return refused;
    }
    let Ok(data) = serde_json::from_slice::<Value>(&request.body) else { return answer::bad("Error Decoding JSON") };
    let Some(new) = data.as_array() else { return answer::bad("Invalid data") };
    let old = shared.store().repositories.get(name).and_then(|repository| repository.images.clone());
    let text = match old {
        // Kept as it came.
        None => String::from_utf8_lossy(&request.body).into_owned(),
        Some(old) => match merged(new, &serde_json::from_str(&old).unwrap_or_default()) {
            Some(all) => python(&all),
            None => return answer::broken(),
        },
    };
    shared.store().announce(name, &text).leaving = false;
    let mut answer = if images { answer::nothing() } else { answer::ok(&"".into()) };
    lead(shared, request, role, name, "write", &mut answer);
    answer
}

/// The first entry with a checksum counts. `None` for what is no list of images, which nobody looks for before.
fn merged(new: &[Value], old: &Value) -> Option<Value> {
    let mut images: BTreeMap<String, Value> = BTreeMap::new();
    for image in new.iter().chain(old.as_array()?) {
        let id = image.get("id")?.as_str()?;
        if images.get(id).is_some_and(|known| known.get("checksum").is_some()) {
            continue;
        }
        let mut entry = json!({"id": id});
        if let Some(sum) = image.get("checksum") {
            entry["checksum"] = sum.clone();
        }
        images.insert(id.to_owned(), entry);
    }
    Some(images.into_values().collect())
}

/// Does nothing: the list goes with its repository.
pub(super) fn remove_images(shared: &Shared, request: &Request, role: Role, name: &str) -> Answer {
    let mut answer = answer::nothing();
    lead(shared, request, role, name, "delete", &mut answer);
    answer
}

/// Twice: the first call begins, with a token for the registry; the second, when the registry is done, ends it.
pub(super) fn remove(shared: &Shared, request: &Request, name: &str) -> Answer {
    if let Some(refused) = account(shared, request) {
        return refused;
    }
    let mut store = shared.store();
    let Some(repository) = store.repositories.get_mut(name).filter(|repository| repository.images.is_some()) else {
        return answer::missing("Repository not found");
    };
    if repository.leaving {
        store.repositories.remove(name);
        store.forget(name);
        return answer::ok(&"".into());
    }
    repository.leaving = true;
    drop(store);
    let mut answer = answer::value(StatusCode::ACCEPTED, &"".into());
    lead(shared, request, Role::Index, name, "delete", &mut answer);
    answer
}

pub(super) fn search(shared: &Shared, request: &Request, role: Role) -> Answer {
    if role == Role::Index
        && request.headers.contains_key("authorization")
        && let Some(refused) = account(shared, request)
    {
        return refused;
    }
    let signed_in = request.headers.contains_key("authorization");
    let term = request.parameter("q").unwrap_or_default();
    let store = shared.store();
    let found = store.announced.iter().filter_map(|name| {
        let repository = store.repositories.get(name)?;
        let text = repository.description.as_deref().unwrap_or("");
        let hidden = repository.leaving || role == Role::Index && repository.private && !signed_in;
        (!hidden && (like::contains(name, &term) || like::contains(text, &term))).then_some((name, repository))
    });
    let number = |name: &str, default: usize| request.parameter(name).and_then(|n| n.parse().ok()).unwrap_or(default);
    let Search::Paged(form) = shared.options.search else {
        let entry = |(name, repository): (&String, &super::Repository)| json!({"name": name, "description": repository.description.as_deref().unwrap_or("")});
        let results: Vec<Value> = found.map(entry).collect();
        return answer::ok(&json!({"query": term, "num_results": results.len(), "results": results}));
    };
    let (page, size) = (number("page", 1).max(1), number("n", 25).clamp(1, 100));
    let entry = |(name, repository): (&String, &super::Repository)| {
        // The index leaves the namespace out where the repository is its own.
        let short = name.strip_prefix("library/").filter(|_| repository.official);
        let mut entry = json!({
            "name": short.unwrap_or(name), "description": repository.description,
            "is_official": repository.official, "is_automated": repository.automated,
            "is_trusted": repository.automated,
        });
        if let Some(stars) = repository.stars {
            entry["star_count"] = stars.into();
        }
        entry
    };
    let all: Vec<Value> = found.map(entry).collect();
    let results: Vec<&Value> = all.iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    answer::ok(&json!({
        "query": term, "num_results": all.len(), "num_pages": all.len().div_ceil(size).max(1),
        "page": match form { Page::Number => page.into(), Page::Text => Value::from(page.to_string()) },
        "page_size": size, "results": results,
    }))
}
