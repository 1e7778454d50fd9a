//! Tags, what is noted of them, and what a repository is.

use serde_json::{Map, Value, json};

use super::answer;
use super::options::{Access, TagForm};
use super::path::stored;
use super::server::Shared;
use super::store::note;
use crate::demo::reply::Answer;
use crate::demo::request::Request;

pub(super) fn list(shared: &Shared, name: &str) -> Answer {
    let store = shared.store();
    let Some(repository) = store.repositories.get(name) else { return answer::missing("Repository not found") };
    let listed = repository.listed();
    match shared.options.tags {
        TagForm::Map => {
            let pair = |(tag, image): (&str, Option<&str>)| (tag.to_owned(), Value::from(image));
            answer::ok(&listed.map(pair).collect::<Map<String, Value>>().into())
        }
        TagForm::List => {
            let cut = |image: &str| image.get(..8).unwrap_or(image).to_owned();
            let entry = |(tag, image): (&str, Option<&str>)| json!({"name": tag, "layer": image.map(cut)});
            answer::ok(&listed.map(entry).collect())
        }
    }
}

pub(super) fn image(shared: &Shared, name: &str, tag: &str) -> Answer {
    let store = shared.store();
    match store.repositories.get(name).and_then(|repository| repository.tag(tag)) {
        Some(tag) => answer::ok(&Value::from(tag.image.clone())),
        None => answer::missing("Tag not found"),
    }
}

pub(super) fn set(shared: &Shared, request: &Request, name: &str, tag: &str) -> Answer {
    let Ok(Value::String(image)) = serde_json::from_slice(&request.body) else { return answer::bad("Invalid data") };
    if image.is_empty() {
        return answer::bad("Invalid data");
    }
    let mut store = shared.store();
    if !store.images.contains_key(&image) {
        return answer::missing("Image not found");
    }
    let note = note(request.header("user-agent").unwrap_or(""), jiff::Timestamp::now().as_second());
    store.tag(name, tag, &image, note);
    answer::done()
}

pub(super) fn remove(shared: &Shared, name: &str, tag: &str) -> Answer {
    let mut store = shared.store();
    let gone = store.repositories.get_mut(name).and_then(|repository| repository.tags.remove(&stored(tag)));
    match gone {
        Some(_) => answer::done(),
        None => answer::missing(&format!("Tag not found: {tag}")),
    }
}

/// What is noted of a tag; a default where nothing is, whether there is such a tag or not.
pub(super) fn info(shared: &Shared, name: &str, tag: &str) -> Answer {
    let store = shared.store();
    match store.repositories.get(name).and_then(|repository| repository.tag(tag)) {
        Some(tag) if tag.info.is_object() => answer::ok(&tag.info),
        _ => answer::ok(&json!({
            "last_update": null, "docker_version": null, "docker_go_version": null,
            "arch": "amd64", "os": "linux", "kernel": null,
        })),
    }
}

pub(super) fn properties(shared: &Shared, name: &str) -> Answer {
    let private = shared.store().repositories.get(name).is_some_and(|repository| repository.private);
    answer::ok(&json!({"access": if private { "private" } else { "public" }}))
}

pub(super) fn set_properties(shared: &Shared, request: &Request, name: &str) -> Answer {
    let fields: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let Some(fields) = fields.as_object().filter(|fields| !fields.is_empty()) else {
        return answer::bad("Invalid data");
    };
    let Some(access) = fields.get("access") else { return answer::broken() };
    let mut store = shared.store();
    match access.as_str() {
        // The flag is a file in the repository's folder, so that there is a repository from then on.
        Some("private") => store.repository(name).private = true,
        Some("public") => {
            if let Some(repository) = store.repositories.get_mut(name) {
                repository.private = false;
            }
        }
        _ => {}
    }
    answer::done()
}

/// Takes the tags and the repository; the images stay. Where an index is, its entry stays too, until the index is told.
pub(super) fn remove_repository(shared: &Shared, name: &str) -> Answer {
    let mut store = shared.store();
    if !store.empty(name) {
        return answer::missing("Repository not found");
    }
    let announced = store.repositories.get(name).is_some_and(|repository| repository.images.is_some());
    if !matches!(shared.options.access, Access::Index { .. }) || !announced {
        store.repositories.remove(name);
        store.forget(name);
    }
    answer::done()
}
