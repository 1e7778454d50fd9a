//! Taking a registry out of the file, and putting it back as it was, comments and place included.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::Config;
use super::edit::{EditError, change};
use crate::domain::clean::Clean;
use crate::domain::registry::RegistryProfile;

/// A registry as it stood in the file, and before which other one.
#[derive(Clone, Debug)]
pub struct Removed {
    entry: Entry,
    at: usize,
}

#[derive(Clone, Debug)]
enum Entry {
    Table(Table),
    Inline(Value),
}

/// Removes `[[registry]]`; `None` when there is none of this name and address. One of the same name elsewhere is another
/// registry.
pub fn remove_registry(file: &Path, profile: &RegistryProfile) -> Result<Option<Removed>, EditError> {
    let mut removed = None;
    change(file, |document| {
        let listed = Config::parse(file, &document.to_string())?.registries;
        if listed.iter().any(|one| (&one.name, &one.url) == (&profile.name, &profile.url)) {
            removed = take(document, &profile.name);
        }
        Ok(removed.is_some())
    })?;
    Ok(removed)
}

fn take(document: &mut DocumentMut, name: &str) -> Option<Removed> {
    match document.get_mut("registry")? {
        Item::ArrayOfTables(tables) => {
            let at = tables.iter().position(|table| table.get("name").and_then(Item::as_str) == Some(name))?;
            let entry = Entry::Table(tables.get(at)?.clone());
            tables.remove(at);
            Some(Removed { entry, at })
        }
        Item::Value(Value::Array(array)) => {
            let name_of = |value: &Value| Some(value.as_inline_table()?.get("name")?.as_str()? == name);
            let at = array.iter().position(|value| name_of(value) == Some(true))?;
            Some(Removed { entry: Entry::Inline(array.remove(at)), at })
        }
        _ => None,
    }
}

/// Puts back what was removed.
pub fn put_back(file: &Path, removed: &Removed) -> Result<(), EditError> {
    change(file, |document| {
        let empty = || match &removed.entry {
            Entry::Table(_) => Item::ArrayOfTables(ArrayOfTables::new()),
            Entry::Inline(_) => toml_edit::value(toml_edit::Array::new()),
        };
        match (document.entry("registry").or_insert_with(empty), &removed.entry) {
            (Item::ArrayOfTables(tables), Entry::Table(entry)) => {
                // There is no inserting in the middle.
                let mut all: Vec<Table> = std::mem::take(tables).into_iter().collect();
                all.insert(removed.at.min(all.len()), entry.clone());
                tables.extend(all);
            }
            (Item::Value(Value::Array(array)), Entry::Inline(entry)) => {
                array.insert_formatted(removed.at.min(array.len()), entry.clone());
            }
            _ => return Err(EditError::Form(Clean::fixed("“registry” is written in another way now"))),
        }
        Ok(true)
    })
    .map(drop)
}
