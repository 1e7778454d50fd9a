//! The object storage behind a registry: layers by links that carry their own right to be followed.

use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::AUTHORIZATION;

use super::answer;
use super::download::bytes;
use super::options::Ranges;
use super::server::Shared;
use crate::demo::listener::Site;
use crate::demo::reply::{self, Answer, Payload};
use crate::demo::request::Request;

const SIGNATURE: &str = "Gm0PzYkJ1Xw4s%2BQn8VtR7cE2bHo%3D";

pub(super) fn redirect(origin: &str, id: &str) -> Answer {
    let query = format!("Signature={SIGNATURE}&Expires=1425905400&AWSAccessKeyId=AKIADEMOREGISTRY");
    answer::moved(StatusCode::FOUND, &format!("{origin}/registry/images/{id}/layer?{query}"))
}

pub(super) struct Storage(pub Arc<Shared>);

impl Site for Storage {
    /// Amazon's refuses a request with two sorts of credentials, so a client that sends its own along gets nothing.
    fn answer(&self, request: &Request) -> Answer {
        if request.headers.contains_key(AUTHORIZATION) {
            let text = "Only one auth mechanism allowed";
            return failed(StatusCode::BAD_REQUEST, "InvalidArgument", text);
        }
        if !request.query.contains(SIGNATURE) {
            return failed(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied");
        }
        let id = request.path.strip_prefix("/registry/images/").and_then(|rest| rest.strip_suffix("/layer"));
        let store = self.0.store();
        match id.and_then(|id| store.images.get(id)).and_then(|image| image.layer.as_ref()) {
            Some(layer) => bytes(layer, request, Ranges::Correct),
            None => failed(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."),
        }
    }
}

fn failed(status: StatusCode, code: &str, text: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    );
    reply::with_body(status, "application/xml", Payload::bytes(body))
}
