//! One page of a catalogue or of a tag list.

use bytes::Bytes;
use serde_json::value::RawValue;

use super::wire::{self, Object};
use crate::backend::error::{Error, Result};
use crate::domain::clean;
use crate::domain::error::ErrorKind;

/// A kind of list: where its entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Repositories,
    Tags,
}

impl Kind {
    fn field(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Tags => "tags",
        }
    }
}

/// The entries of a page, and how many more there were that are no names (`null`, `""`, numbers: Nexus, §4.5).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entries {
    pub names: Vec<Box<str>>,
    pub skipped: usize,
}

impl Entries {
    /// What the server counted as entries when it filled the page.
    pub(super) fn sent(&self) -> usize {
        self.names.len() + self.skipped
    }
}

/// Reads a page without a value per entry: a body of 100,000 tags is one pass and one allocation a tag.
pub(super) fn entries(kind: Kind, body: &Bytes) -> Result<Entries> {
    let text = String::from_utf8_lossy(body);
    let document = Object::parse(&text).ok_or_else(|| no_list(kind))?;
    if let Some(error) = reported(&document) {
        return Err(error);
    }
    let Some(raw) = document.raw(kind.field()) else {
        // Servers that leave empty fields out still name the repository.
        return if kind == Kind::Tags && document.has("name") { Ok(Entries::default()) } else { Err(no_list(kind)) };
    };
    // distribution sends `"tags":null` for a repository whose last tag was deleted (§4.5).
    if raw == "null" {
        return Ok(Entries::default());
    }
    let list: Vec<&RawValue> = serde_json::from_str(raw).map_err(|_| no_list(kind))?;
    let sent = list.len();
    let names: Vec<Box<str>> = list
        .into_iter()
        .filter_map(|entry| wire::string(entry.get()))
        .filter(|name| !name.is_empty())
        .map(|name| name.as_ref().into())
        .collect();
    Ok(Entries { skipped: sent - names.len(), names })
}

fn no_list(kind: Kind) -> Error {
    Error::new(ErrorKind::BadAnswer, format!("the registry's answer holds no list of {}", kind.field()))
}

/// `{"errors":[…]}` also comes with status 200 (§4.5).
fn reported(document: &Object<'_>) -> Option<Error> {
    let first = document.objects("errors").into_iter().next()?;
    let code = first.text("code").unwrap_or_default();
    let kind = match code.as_str() {
        "UNAUTHORIZED" => ErrorKind::SignIn,
        "DENIED" => ErrorKind::Denied,
        "NAME_UNKNOWN" => ErrorKind::NotFound,
        "UNSUPPORTED" => ErrorKind::Unsupported,
        "TOOMANYREQUESTS" => ErrorKind::RateLimited,
        _ => ErrorKind::BadAnswer,
    };
    let message = first.text("message").unwrap_or_default();
    let message: String = message.chars().take(500).collect();
    let mut error = Error::new(kind, format!("the registry answered with an error: {code} {message}").trim_end());
    error.code = Some(clean::identifier(&code));
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Result<Entries> {
        entries(Kind::Tags, &Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn strangers_are_skipped_and_counted() {
        let got =
            tags(r#"{"name":"a","tags":["1",null,"",2,{"x":[]},"\u0062",1e400,"sha256:00"],"child":[]}"#).unwrap();
        assert_eq!(got.names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["1", "b", "sha256:00"]);
        assert_eq!((got.skipped, got.sent()), (5, 8));
    }

    #[test]
    fn null_and_absent_are_empty() {
        assert_eq!(tags(r#"{"name":"a","tags":null}"#).unwrap(), Entries::default());
        assert_eq!(tags(r#"{"name":"a"}"#).unwrap(), Entries::default());
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for bad in ["", "{}", "[]", r#"{"tags":"x"}"#, r#"{"tags":["a"]} {}"#, r#"{"tags":["a""#, "<html>"] {
            assert_eq!(tags(bad).unwrap_err().kind, ErrorKind::BadAnswer, "{bad}");
        }
    }

    #[test]
    fn errors_come_with_200_too() {
        let error = tags(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}"#).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert_eq!(error.code.unwrap().as_str(), "NAME_UNKNOWN");
    }

    #[test]
    fn a_foreign_byte_does_not_fail_the_list() {
        let got = entries(Kind::Tags, &Bytes::from_static(b"{\"tags\":[\"a\xff\",\"b\"]}")).unwrap();
        assert_eq!(got.names.len(), 2);
    }
}
