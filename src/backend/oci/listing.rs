//! One page of a catalogue or of a tag list.

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::backend::http::Said;
use crate::backend::json::{self, Object};

/// A kind of list: where its entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Repositories,
    Tags,
}

impl Kind {
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Tags => "tags",
        }
    }
}

/// The entries of a page, and how many more there were that are no names (`null`, `""`, numbers: Nexus, §4.5). The names
/// lie one after the other in one text: a page may have a million.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entries {
    text: String,
    /// Where each name ends.
    ends: Vec<u32>,
    skipped: usize,
}

impl Entries {
    /// What the server counted as entries when it filled the page.
    pub(super) fn sent(&self) -> usize {
        self.ends.len() + self.skipped
    }

    pub(super) fn skipped(&self) -> usize {
        self.skipped
    }

    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            &self.text[start..self.ends[at] as usize]
        })
    }

    pub(super) fn take(&mut self, entry: &RawValue) {
        match json::string(entry.get()) {
            Some(name) => self.name(&name),
            None => self.skipped += 1,
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        if name.is_empty() {
            self.skipped += 1;
            return;
        }
        self.text.push_str(name);
        // A page ends at 64 MiB.
        self.ends.push(self.text.len() as u32);
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Entries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Entries, A::Error> {
                let mut entries = Entries::default();
                while let Some(entry) = array.next_element::<&'de RawValue>()? {
                    entries.take(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_seq(All)
    }
}

/// Why a page is none. Whoever asked for it knows from whom it came, and makes the sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unlisted {
    /// No JSON, or JSON without such a list.
    Shape,
    /// An error of the registry, sent as a success.
    Reported(Said),
}

/// Reads a page without a value per entry.
pub(super) fn entries(kind: Kind, body: &Bytes) -> Result<Entries, Unlisted> {
    let text = String::from_utf8_lossy(body);
    let document = Object::parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).ok_or(Unlisted::Shape)?;
    if let Some(said) = reported(&document) {
        return Err(Unlisted::Reported(said));
    }
    let Some(raw) = document.raw(kind.field()) else {
        // Servers that leave empty fields out still name the repository.
        return if kind == Kind::Tags && document.has("name") { Ok(Entries::default()) } else { Err(Unlisted::Shape) };
    };
    // distribution sends `"tags":null` for a repository whose last tag was deleted (§4.5).
    if raw == "null" {
        return Ok(Entries::default());
    }
    serde_json::from_str(raw).map_err(|_| Unlisted::Shape)
}

/// `{"errors":[…]}` also comes with status 200 (§4.5).
fn reported(document: &Object<'_>) -> Option<Said> {
    let first = document.objects("errors").into_iter().next()?;
    Some(Said { code: first.some_text("code"), message: first.some_text("message") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Result<Entries, Unlisted> {
        entries(Kind::Tags, &Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn strangers_are_skipped_and_counted() {
        let got =
            tags(r#"{"name":"a","tags":["1",null,"",2,{"x":[]},"\u0062",1e400,"sha256:00"],"child":[]}"#).unwrap();
        assert_eq!(got.names().collect::<Vec<&str>>(), ["1", "b", "sha256:00"]);
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
            assert_eq!(tags(bad).unwrap_err(), Unlisted::Shape, "{bad}");
        }
    }

    #[test]
    fn errors_come_with_200_too() {
        let got = tags(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"not known"}]}"#).unwrap_err();
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(got, Unlisted::Reported(Said { code: said("NAME_UNKNOWN"), message: said("not known") }));
    }

    #[test]
    fn a_foreign_byte_does_not_fail_the_list() {
        let got = entries(Kind::Tags, &Bytes::from_static(b"{\"tags\":[\"a\xff\",\"b\"]}")).unwrap();
        assert_eq!(got.names().len(), 2);
    }
}
