//! Foreign JSON, read field by field: a field of the wrong type is an absent field, never a failed document.
//!
//! Values stay text until somebody asks for them, so `1e400` or `-5` spoils only its own field (safety.md D5).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::backend::http::limits;

/// Nesting that is still read.
pub(super) const DEPTH: usize = 64;

/// The members of a JSON object, unparsed. The last one of a name wins.
#[derive(Clone, Default)]
pub(super) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.insert(name, value);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'a> Object<'a> {
    /// The whole text must be one object.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn value<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// Present and not `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|raw| raw.get() != "null")
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), raw.get()))
    }

    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|raw| raw.get())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        string(self.raw(name)?).map(Cow::into_owned)
    }

    /// As `text`, but an empty one counts as absent.
    pub(super) fn some_text(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).unwrap_or(false)
    }

    /// A whole number from 0 to 2^63-1 (oci-distribution.md §5.5).
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.value::<u64>(name).filter(|n| i64::try_from(*n).is_ok())
    }

    pub(super) fn object(&self, name: &str) -> Option<Object<'a>> {
        self.value(name)
    }

    /// The members of an array, unparsed; empty when it is none.
    pub(super) fn array(&self, name: &str) -> Vec<&'a str> {
        self.value::<Vec<&'a RawValue>>(name).unwrap_or_default().into_iter().map(RawValue::get).collect()
    }

    /// The objects of an array; what is no object becomes an empty one, so that positions stay.
    pub(super) fn objects(&self, name: &str) -> Vec<Object<'a>> {
        self.array(name).into_iter().map(|text| Object::parse(text).unwrap_or_default()).collect()
    }

    /// The strings of an array, or a single string as if it were an array of one.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.some_text(name) {
            Some(one) => vec![one],
            None => self.array(name).into_iter().filter_map(string).map(Cow::into_owned).collect(),
        }
    }

    /// The members of an object that are strings.
    pub(super) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let members = self.object(name).unwrap_or_default().0;
        members.into_iter().filter_map(|(key, raw)| Some((key, string(raw.get())?.into_owned()))).collect()
    }

    /// The names of an object's members.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        self.object(name).unwrap_or_default().0.into_keys().collect()
    }
}

/// A string of a JSON document; without a copy where it holds no escape. One that is too long is none.
pub(super) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.len() > limits::JSON_STRING {
        return None;
    }
    if inner.contains('\\') { serde_json::from_str(raw).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// What makes a document unfit to derive anything from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    TooDeep,
    /// Of a document above the usual size: more values than memory is spent on.
    TooMany,
    DuplicateKey,
}

/// Looks for flaws. Runs before any parser, so that nesting cannot cost a parser its stack; on text that is no JSON its
/// answer means nothing, and a parser has the last word.
pub(super) fn flaw(text: &str) -> Option<Flaw> {
    let bytes = text.as_bytes();
    // One entry for each open bracket: the keys of an object so far, nothing for an array.
    let mut open: Vec<Option<HashSet<Cow<'_, str>>>> = Vec::new();
    let mut expects_key = false;
    let mut at = 0;
    let mut duplicate = false;
    let mut left = if bytes.len() as u64 > limits::MANIFEST { limits::LARGE_VALUES } else { usize::MAX };
    while at < bytes.len() {
        if matches!(bytes[at], b'{' | b'[' | b',') {
            left -= 1;
            if left == 0 {
                return Some(Flaw::TooMany);
            }
        }
        match bytes[at] {
            b'{' | b'[' => {
                if open.len() == DEPTH {
                    return Some(Flaw::TooDeep);
                }
                expects_key = bytes[at] == b'{';
                open.push(expects_key.then(HashSet::new));
            }
            b'}' | b']' => {
                open.pop();
                expects_key = false;
            }
            b',' => expects_key = open.last().is_some_and(Option::is_some),
            b'"' => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if expects_key && let Some(Some(keys)) = open.last_mut() {
                    let key = text.get(start..=at).and_then(string);
                    duplicate |= key.is_some_and(|key| !keys.insert(key));
                    expects_key = false;
                }
            }
            _ => {}
        }
        at += 1;
    }
    duplicate.then_some(Flaw::DuplicateKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_field_spoils_only_itself() {
        let text =
            r#"{"a":1e400,"b":-5,"c":9223372036854775808,"d":9223372036854775807,"e":"x","f":1.5,"g":null,"h":[]}"#;
        let object = Object::parse(text).unwrap();
        for name in ["a", "b", "c", "e", "f", "g", "h", "absent"] {
            assert_eq!(object.number(name), None, "{name}");
        }
        assert_eq!(object.number("d"), Some(9_223_372_036_854_775_807));
        assert_eq!(object.text("e").as_deref(), Some("x"));
        assert_eq!(object.text("b"), None);
        assert!(object.has("a") && !object.has("g") && !object.has("absent"));
        assert!(object.object("h").is_none());
    }

    #[test]
    fn arrays_tolerate_strangers() {
        let object = Object::parse(r#"{"l":[{"a":1},null,3,"x"],"t":["a",null,2,"b"],"one":"sh","m":{"k":"v","n":1}}"#);
        let object = object.unwrap();
        let list = object.objects("l");
        assert_eq!(list.len(), 4);
        assert_eq!(list[0].number("a"), Some(1));
        assert_eq!(list[1].number("a"), None);
        assert_eq!(object.texts("t"), ["a", "b"]);
        assert_eq!(object.texts("one"), ["sh"]);
        assert_eq!(object.pairs("m"), [("k".to_owned(), "v".to_owned())]);
        assert_eq!(object.names("m"), ["k", "n"]);
    }

    #[test]
    fn strings_have_a_cap_one_below_and_one_above() {
        for (length, fits) in [(limits::JSON_STRING, true), (limits::JSON_STRING + 1, false)] {
            let long = "a".repeat(length);
            let text = format!(r#"{{"t":"{long}","l":["{long}","b"],"m":{{"k":"{long}","l":"v"}},"n":7}}"#);
            let object = Object::parse(&text).unwrap();
            assert_eq!(object.text("t").is_some(), fits, "{length}");
            assert_eq!(object.texts("l").len(), if fits { 2 } else { 1 }, "{length}");
            assert_eq!(object.pairs("m").len(), if fits { 2 } else { 1 }, "{length}");
            assert_eq!(object.number("n"), Some(7), "the rest is read");
        }
    }

    #[test]
    fn text_after_the_value_is_no_document() {
        assert!(Object::parse("{} {}").is_none());
        assert!(Object::parse("[]").is_none());
        assert!(Object::parse("{\"a\":").is_none());
    }

    #[test]
    fn duplicate_keys_are_found_at_any_level() {
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":[{"b":1,"c":{},"b":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"x":"}"},"b":["a","a"],"a":1}"#,
        ] {
            assert_eq!(flaw(bad), Some(Flaw::DuplicateKey), "{bad}");
        }
        for good in
            [r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#, r#"{"a":"a","b":"a"}"#, r#"["a","a"]"#, r#"{"a\"":1,"a":1}"#]
        {
            assert_eq!(flaw(good), None, "{good}");
        }
    }

    #[test]
    fn nesting_is_capped() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(flaw(&nested(DEPTH)), None);
        assert_eq!(flaw(&nested(DEPTH + 1)), Some(Flaw::TooDeep));
        assert_eq!(flaw(&"[".repeat(100_000)), Some(Flaw::TooDeep));
        assert_eq!(flaw("\"\\"), None);
        assert_eq!(flaw("{\"ä\\"), None);
    }
}
