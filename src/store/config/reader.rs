//! Strict reading of a TOML table: every key must be known, every value of its type, every error has a position.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, suggestion};
use crate::domain::clean;

/// The text being read, to turn offsets into lines.
pub(in crate::store) struct Source<'a> {
    pub file: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    pub fn error(&self, offset: usize, message: &str) -> ConfigError {
        let (line, column) = self.position(offset);
        ConfigError { file: self.file.to_owned(), line, column, message: clean::line(message) }
    }

    /// Line and column, both from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1)
    }
}

/// A value and where it stands.
pub(in crate::store) struct At<T> {
    pub value: T,
    pub offset: usize,
}

/// One table with a fixed set of keys.
pub(in crate::store) struct Section<'s, 'd> {
    pub source: &'s Source<'s>,
    table: &'s DeTable<'d>,
    /// As written in the file, for messages.
    name: &'s str,
    offset: usize,
}

impl<'s, 'd> Section<'s, 'd> {
    pub fn new(
        source: &'s Source<'s>,
        table: &'s DeTable<'d>,
        name: &'s str,
        offset: usize,
        known: &[&str],
    ) -> Result<Self, ConfigError> {
        let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        if let Some(key) = unknown.min_by_key(|key| key.span().start) {
            let text = key.get_ref().as_ref();
            let hint = suggestion(text, known.iter().copied());
            let allowed = known.join(" ");
            let message = format!("unknown key “{text}” in {name}{hint} Allowed: {allowed}");
            return Err(source.error(key.span().start, &message));
        }
        Ok(Self { source, table, name, offset })
    }

    pub fn value(&self, key: &str) -> Option<&'s Spanned<DeValue<'d>>> {
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    /// The sub-table `key`, empty when absent.
    pub fn table(&self, key: &str) -> Result<Option<(&'s DeTable<'d>, usize)>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Table(table) => Ok(Some((table, value.span().start))),
            other => Err(self.wrong_type(key, "a table", other, &value.span())),
        }
    }

    /// The tables of `[[key]]`.
    pub fn tables(&self, key: &str) -> Result<Vec<(&'s DeTable<'d>, usize)>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = "an array of tables";
        let DeValue::Array(array) = value.get_ref() else {
            return Err(self.wrong_type(key, wanted, value.get_ref(), &value.span()));
        };
        array
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::Table(table) => Ok((table, item.span().start)),
                other => Err(self.wrong_type(key, wanted, other, &item.span())),
            })
            .collect()
    }

    pub fn string(&self, key: &str) -> Result<Option<At<String>>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::String(text) => Ok(Some(At { value: text.to_string(), offset: value.span().start })),
            other => Err(self.wrong_type(key, "a string", other, &value.span())),
        }
    }

    pub fn required(&self, key: &str) -> Result<At<String>, ConfigError> {
        self.string(key)?.ok_or_else(|| self.source.error(self.offset, &format!("{} needs the key “{key}”", self.name)))
    }

    pub fn boolean(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Boolean(yes) => Ok(Some(*yes)),
            other => Err(self.wrong_type(key, "true or false", other, &value.span())),
        }
    }

    pub fn integer(&self, key: &str, allowed: std::ops::RangeInclusive<u32>) -> Result<Option<u32>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let DeValue::Integer(integer) = value.get_ref() else {
            return Err(self.wrong_type(key, "a whole number", value.get_ref(), &value.span()));
        };
        match u32::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) if allowed.contains(&number) => Ok(Some(number)),
            _ => {
                let message = format!("“{key}” must be from {} to {}", allowed.start(), allowed.end());
                Err(self.source.error(value.span().start, &message))
            }
        }
    }

    pub fn strings(&self, key: &str) -> Result<Vec<At<String>>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = "an array of strings";
        let DeValue::Array(array) = value.get_ref() else {
            return Err(self.wrong_type(key, wanted, value.get_ref(), &value.span()));
        };
        array
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::String(text) => Ok(At { value: text.to_string(), offset: item.span().start }),
                other => Err(self.wrong_type(key, wanted, other, &item.span())),
            })
            .collect()
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.string(key)? else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found.value) {
            return Ok(Some(*value));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = suggestion(&found.value, known.iter().copied());
        let message = format!("“{}” is not a value of “{key}”{hint} Allowed: {}", found.value, known.join(" "));
        Err(self.source.error(found.offset, &message))
    }

    /// About the section as a whole.
    pub fn wrong(&self, message: &str) -> ConfigError {
        self.source.error(self.offset, message)
    }

    pub fn wrong_type(&self, key: &str, wanted: &str, found: &DeValue<'_>, span: &Range<usize>) -> ConfigError {
        let message = format!("“{key}” in {} must be {wanted}, not {}", self.name, article(found.type_str()));
        self.source.error(span.start, &message)
    }
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'i']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
