//! What an answer that is no success means here.

use super::DockerV1;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Op};
use crate::domain::error::ErrorKind;

/// What docker-registry says of an image whose push did not end, or has not ended yet.
const UPLOADING: &str = "being uploaded";

impl DockerV1 {
    pub(super) fn declined(&self, op: Op, answer: &Answer) -> Error {
        let error = self.http.declined(op, answer, None);
        let host = self.http.host();
        let page = is_page(answer);
        let kind = error.kind;
        match answer.status {
            400 if is_unfinished(answer) => Error {
                what: crate::domain::clean::line(&format!("the upload of this image to {host} has not finished")),
                ..error
            }
            .hint("It can be read when its push has ended. A push that broke off has to be repeated."),
            // Whatever is not there is said in JSON; a page comes from below, where no such way is known.
            404 if page => Error { kind: ErrorKind::Unsupported, ..error }.hint("This server does not offer that."),
            405 => error.hint("This server does not offer that: it may be read-only, or closed to changes."),
            410 => Error { kind: ErrorKind::Unsupported, ..error }.hint(
                "This address no longer speaks the first protocol. Give the registry the kind oci and its new address.",
            ),
            409 => error.hint("The image is there already, and images never change."),
            412 => {
                Error { kind: ErrorKind::Internal, ..error }.hint("Please report this: a header it needs was missing.")
            }
            416 => Error { kind: ErrorKind::BadAnswer, ..error },
            _ => Error { kind, ..error },
        }
    }

    /// The answer, where it is a success.
    pub(super) fn taken(&self, op: Op, answer: Answer) -> Result<Answer> {
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.declined(op, &answer)) }
    }
}

pub(super) fn is_unfinished(answer: &Answer) -> bool {
    answer.status == 400 && String::from_utf8_lossy(&answer.body).contains(UPLOADING)
}

/// A page for people.
pub(super) fn is_page(answer: &Answer) -> bool {
    let declared = answer.headers.get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html"))
        || answer.body.trim_ascii_start().starts_with(b"<")
}
