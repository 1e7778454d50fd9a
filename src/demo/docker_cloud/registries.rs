//! The two registry calls (§4). There are no others: registries come with their first repository.

use hyper::StatusCode;

use super::page::page;
use super::refusal;
use super::routes::View;
use super::store::CloudSpace;
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;

pub(super) fn list(view: &View<'_>, space: &CloudSpace, request: &Request) -> Answer {
    let asked = |name: &str, has: &str| request.parameter(name).is_none_or(|wanted| wanted == has);
    let wanted = space.registries.iter().filter(|(_, registry)| {
        asked("uuid", &registry.uuid)
            && asked("name", &registry.name)
            && asked("host", &registry.host)
            && asked("is_docker_registry", if registry.is_docker { "true" } else { "false" })
    });
    page(request, wanted.map(|(key, registry)| view.registry(key, registry)).collect())
}

pub(super) fn get(view: &View<'_>, space: &CloudSpace, key: &str) -> Answer {
    match space.registries.get(key) {
        Some(registry) => reply::document(StatusCode::OK, &view.registry(key, registry)),
        None => refusal(StatusCode::NOT_FOUND, "There is no such registry"),
    }
}
