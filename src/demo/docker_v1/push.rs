//! What a push sends, in its order: document, layer, checksum. Until the last of them the image cannot be read.

use hyper::StatusCode;
use serde_json::Value;

use super::answer;
use super::archive::Archive;
use super::image::{Image, Sum};
use super::server::Shared;
use crate::demo::reply::Answer;
use crate::demo::request::Request;

/// `owner` is the repository of the token, where there is one: its list of images was announced before.
pub(super) fn json(shared: &Shared, request: &Request, id: &str, owner: Option<&str>) -> Answer {
    let Ok(fields) = serde_json::from_slice::<Value>(&request.body) else { return answer::bad("Invalid JSON") };
    let Some(named) = fields.as_object().filter(|map| !map.is_empty()).map(|map| map.get("id")) else {
        return answer::bad("Invalid JSON");
    };
    match named {
        None => return answer::bad("Missing key `id' in JSON"),
        Some(named) if *named != id => return answer::bad("JSON data contains invalid id"),
        Some(_) => {}
    }
    let mut store = shared.store();
    if let Some(owner) = owner {
        let announced = store.repositories.get(owner).and_then(|repository| repository.images.clone());
        let announced: Value = announced.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if !announced.as_array().is_some_and(|list| list.iter().any(|image| image["id"] == id)) {
            return answer::bad("This image does not belong to the repository");
        }
    }
    let parent = fields["parent"].as_str().filter(|parent| !parent.is_empty());
    if parent.is_some_and(|parent| !store.images.contains_key(parent)) {
        return answer::bad("Image depends on a non existing parent");
    }
    let old = store.images.get(id);
    if old.is_some_and(|image| !image.unfinished) {
        return answer::error(StatusCode::CONFLICT, "Image already exists");
    }
    // After a push that broke off the layer is still there, but its checksum counts no more.
    let layer = old.and_then(|image| image.layer.clone());
    let ancestry = store.ancestry(id, parent);
    let image = Image { json: request.body.clone(), layer, sum: Sum::None, unfinished: true, ancestry };
    store.images.insert(id.to_owned(), image);
    answer::done()
}

pub(super) fn layer(shared: &Shared, request: &Request, id: &str) -> Answer {
    let mut store = shared.store();
    let Some(image) = store.images.get_mut(id) else { return answer::missing("Image not found") };
    if image.layer.is_some() && !image.unfinished {
        return answer::error(StatusCode::CONFLICT, "Image already exists");
    }
    let layer = Archive::uploaded(request.body.clone());
    image.sum = Sum::Kept(layer.checksum(&image.json));
    image.layer = Some(layer);
    answer::done()
}

pub(super) fn checksum(shared: &Shared, request: &Request, id: &str) -> Answer {
    let Some(sum) = request.header(answer::CHECKSUM.as_str()) else {
        let text = "X-Docker-Checksum-Payload not set.  If you are using the Docker daemon, you should upgrade to \
                    version 0.10 or later";
        return answer::error(StatusCode::PRECONDITION_FAILED, text);
    };
    if sum.is_empty() {
        return answer::bad("Missing Image's checksum");
    }
    let mut store = shared.store();
    let Some(image) = store.images.get_mut(id) else { return answer::missing("Image not found") };
    if !image.unfinished {
        return answer::error(StatusCode::CONFLICT, "Cannot set this image checksum");
    }
    match image.checksum() {
        // Nobody sent a layer, and nobody thought of that.
        None => answer::broken(),
        Some(known) if known != sum => answer::bad("Checksum mismatch"),
        Some(_) => {
            image.unfinished = false;
            answer::done()
        }
    }
}
