//! What can be made to go wrong here beyond the faults every listener has.

use std::collections::BTreeSet;

use hyper::StatusCode;
use hyper::header::RETRY_AFTER;
use serde_json::Value;

use super::answer;
use crate::demo::reply::{self, Answer};
use crate::demo::request::{Request, form};
use crate::domain::uuid::Uuid;

/// They hold until they are changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    pub limited: Option<Limited>,
    /// Every request that names one of these ids is answered with 500, each time.
    pub broken: BTreeSet<Uuid>,
    pub not_found: NotFound,
    /// A list of images is put together from pages of so many tags, and an image at the end of a page comes twice, each
    /// time with a part of its tags.
    pub split_images: Option<usize>,
    /// A deletion deletes no more than so many, and its answer lists those.
    pub batch_stops_after: Option<usize>,
    /// Writes are answered as if they had been done.
    pub forgets_writes: bool,
}

/// So many requests are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    pub requests: usize,
    /// Seconds; the header is left out without it.
    pub retry_after: Option<u64>,
}

/// How a 404 looks: all of these were seen (§7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFound {
    #[default]
    Detail,
    Plain,
    Html,
    /// A page inside a JSON string, with the content type of JSON.
    HtmlInJson,
}

const NOT_FOUND_PAGE: &str = "<html>\n<head><title>404 Not Found</title></head>\n\
    <body>\n<center><h1>404 Not Found</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n";

const FILTER_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Request Rejected</title></head>\n\
    <body><h1>The requested URL was rejected.</h1><p>Please consult with your administrator.</p></body></html>\n";

/// What the filter in front takes for an attack (§3).
const SUSPICIOUS: [&str; 6] = ["../", "$(", "`", "/etc/passwd", "&& ", "| sh"];

impl Switches {
    /// What answers before the service does.
    pub(super) fn front(&mut self, request: &Request) -> Option<Answer> {
        let values = form(&request.query).into_iter().map(|(_, value)| value);
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let suspicious = |text: String| SUSPICIOUS.iter().any(|part| text.contains(part));
        if values.chain([body, request.path.clone()]).any(suspicious) {
            let status = StatusCode::from_u16(445).unwrap_or(StatusCode::FORBIDDEN);
            return Some(answer::html(status, FILTER_PAGE));
        }
        if let Some(limited) = self.limited.as_mut().filter(|limited| limited.requests > 0) {
            limited.requests -= 1;
            let message = "Rate limit exceeded: 1000 per 1 minute";
            let mut answer = answer::coded(StatusCode::TOO_MANY_REQUESTS, message);
            if let Some(seconds) = limited.retry_after {
                reply::set(&mut answer, RETRY_AFTER, &seconds.to_string());
            }
            return Some(answer);
        }
        let body = String::from_utf8_lossy(&request.body);
        let named = |id: &Uuid| {
            let id = id.to_string();
            request.path.contains(&id) || request.query.contains(&id) || body.contains(&id)
        };
        let broken = self.broken.iter().any(named);
        broken.then(|| answer::coded(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"))
    }

    pub(super) fn not_found(&self, what: &str) -> Answer {
        let status = StatusCode::NOT_FOUND;
        match self.not_found {
            NotFound::Detail => answer::detail(status, &format!("{what} not found")),
            NotFound::Plain => reply::plain(status, "404 page not found"),
            NotFound::Html => answer::html(status, NOT_FOUND_PAGE),
            NotFound::HtmlInJson => answer::with(status, &Value::from(NOT_FOUND_PAGE)),
        }
    }

    /// As many of them as a deletion gets to.
    pub(super) fn batch(&self, ids: Vec<Uuid>) -> impl Iterator<Item = Uuid> {
        ids.into_iter().take(self.batch_stops_after.unwrap_or(usize::MAX))
    }
}
