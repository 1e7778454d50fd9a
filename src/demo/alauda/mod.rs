//! Alauda's image repositories, API v1: it answers as its documentation and its clients say. Its paths look like those of
//! Docker Registry v1, its answers do not.

mod account;
mod entrance;
mod lists;
mod repositories;
mod routes;
mod seed;
mod server;
mod show;
mod store;
mod tags;

#[cfg(test)]
mod tests;

pub use seed::alauda_catalogue;
pub use server::{AlaudaOptions, AlaudaServer, start_alauda};
pub use store::{AlaudaNamespace, AlaudaRepository, AlaudaStore, AlaudaTag};

use hyper::StatusCode;
use serde_json::json;

use super::faults::Fault;
use super::reply::{self, Answer};

/// An error that belongs to no field (§9).
fn refusal(status: StatusCode, text: &str) -> Answer {
    reply::document(status, &json!({ "detail": text }))
}

fn not_found() -> Answer {
    refusal(StatusCode::NOT_FOUND, "Not found.")
}

/// An error of one field of what was sent (§9).
fn wrong_field(field: &str, text: &str) -> Answer {
    reply::document(StatusCode::BAD_REQUEST, &json!({ field: [text] }))
}

impl Fault {
    /// Alauda's 429.
    pub fn alauda_throttled(retry_after: Option<&str>) -> Self {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let body = br#"{"detail":"Request was throttled."}"#.to_vec();
        Self::Answer { status: 429, headers: headers.into_iter().collect(), body }
    }
}
