//! Docker Cloud, the control API that listed repositories of other people's registries. It was switched off in 2018; this
//! answers as its documentation, its clients and their test data say.

mod page;
mod registries;
mod repositories;
mod routes;
mod seed;
mod server;
mod show;
mod store;

#[cfg(test)]
mod tests;

pub use seed::docker_cloud_catalogue;
pub use server::{Dialect, DockerCloudOptions, DockerCloudServer, start_docker_cloud};
pub use store::{CloudRegistry, CloudSpace, DockerCloudStore, ExternalRepository, Login};

use hyper::StatusCode;
use serde_json::json;

use super::faults::Fault;
use super::reply::{self, Answer};

/// The one form of its errors (§7): a text for people.
fn refusal(status: StatusCode, text: &str) -> Answer {
    reply::document(status, &json!({ "error": text }))
}

impl Fault {
    /// Docker Cloud's 429.
    pub fn cloud_throttled(retry_after: Option<&str>) -> Self {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let body = br#"{"error":"Too many requests, please slow down"}"#.to_vec();
        Self::Answer { status: 429, headers: headers.into_iter().collect(), body }
    }
}
