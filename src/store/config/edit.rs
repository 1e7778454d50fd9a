//! Changing the file without losing a comment in it.

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::{Config, ConfigError};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryProfile};
use crate::store::private;

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file has a mistake already, or would have one afterwards. It was not touched.
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("the config was not saved: {0}")]
    Io(#[from] std::io::Error),
    #[error("the config was not saved: {0}")]
    Form(Clean),
}

/// Adds `[[registry]]`. Only what differs from the default is written.
pub fn add_registry(file: &Path, profile: &RegistryProfile) -> Result<(), EditError> {
    change(file, |document| {
        let entry = entry(profile);
        match document.entry("registry").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new())) {
            Item::ArrayOfTables(tables) => tables.push(entry),
            Item::Value(Value::Array(array)) => array.push(entry.into_inline_table()),
            _ => return Err(EditError::Form(Clean::fixed("“registry” is not an array of tables"))),
        }
        Ok(true)
    })
    .map(drop)
}

/// Writes these keys of a registry anew, as the profile has them; false when it is not in the file.
pub fn change_registry(file: &Path, profile: &RegistryProfile, keys: &[&str]) -> Result<bool, EditError> {
    let wanted = entry(profile);
    let change_one = |table: &mut dyn TableLike| {
        for key in keys {
            match wanted.get(key) {
                Some(item) => table.insert(key, item.clone()),
                None => table.remove(key),
            };
        }
    };
    change(file, |document| {
        let named = |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(profile.name.as_str());
        let mut found = false;
        match document.get_mut("registry") {
            Some(Item::ArrayOfTables(tables)) => {
                for table in tables.iter_mut().filter(|table| named(*table)) {
                    change_one(table);
                    found = true;
                }
            }
            Some(Item::Value(Value::Array(array))) => {
                for table in array.iter_mut().filter_map(Value::as_inline_table_mut) {
                    if named(table) {
                        change_one(table);
                        found = true;
                    }
                }
            }
            _ => {}
        }
        Ok(found)
    })
}

/// Writes theme and signs; what is not given stays.
pub fn set_looks(file: &Path, theme: Option<&str>, signs: Option<&str>) -> Result<(), EditError> {
    change(file, |document| {
        for (key, text) in [("theme", theme), ("signs", signs)] {
            if let Some(text) = text {
                document.insert(key, value(text));
            }
        }
        Ok(theme.is_some() || signs.is_some())
    })
    .map(drop)
}

/// Remembers that `realm` may get the password of `registry`. A change of the realm replaces the older answer.
pub fn trust_realm(file: &Path, registry: &str, realm: &str) -> Result<(), EditError> {
    change(file, |document| {
        let realms = network_array(document, "trusted_realms")?;
        realms.retain(|item| {
            item.as_inline_table().and_then(|pair| pair.get("registry")).and_then(Value::as_str) != Some(registry)
        });
        let mut pair = InlineTable::new();
        pair.insert("registry", registry.into());
        pair.insert("realm", realm.into());
        realms.push(pair);
        Ok(true)
    })
    .map(drop)
}

/// Remembers that `host` may get its password over plain http.
pub fn trust_plain_http(file: &Path, host: &str) -> Result<(), EditError> {
    change(file, |document| {
        let hosts = network_array(document, "trusted_plain_http")?;
        let known = hosts.iter().any(|item| item.as_str() == Some(host));
        if !known {
            hosts.push(host);
        }
        Ok(!known)
    })
    .map(drop)
}

fn network_array<'a>(document: &'a mut DocumentMut, key: &str) -> Result<&'a mut Array, EditError> {
    document
        .entry("network")
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .map(|network| network.entry(key).or_insert_with(|| value(Array::new())))
        .and_then(Item::as_array_mut)
        .ok_or_else(|| EditError::Form(clean::line(&format!("write “{key}” in [network] as [ … ]"))))
}

/// Reads, changes, checks and replaces the file under its lock.
pub(super) fn change(
    file: &Path,
    edit: impl FnOnce(&mut DocumentMut) -> Result<bool, EditError>,
) -> Result<bool, EditError> {
    if let Some(dir) = file.parent() {
        private::create_dir(dir)?;
    }
    let _lock = private::lock(file)?;
    let bytes = private::read(file)?.map(|(bytes, _)| bytes).unwrap_or_default();
    let text = String::from_utf8(bytes).map_err(|_| EditError::Form(Clean::fixed("it is not UTF-8 text")))?;
    Config::parse(file, &text)?;
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| EditError::Form(clean::line(error.message())))?;
    let changed = edit(&mut document)?;
    if changed {
        let after = document.to_string();
        // What we write must be readable by the next start.
        Config::parse(file, &after)?;
        private::write_atomic(file, after.as_bytes())?;
    }
    Ok(changed)
}

fn entry(profile: &RegistryProfile) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, text: &str| {
        table.insert(key, value(text));
    };
    put("name", &profile.name);
    if profile.kind != BackendKind::Oci {
        put("kind", profile.kind.word());
    }
    put("url", &profile.url);
    match &profile.credential {
        CredentialPlace::Docker => {}
        CredentialPlace::Store => put("credential", "store"),
        CredentialPlace::Env(name) => put("credential", &format!("env:{name}")),
        CredentialPlace::None => put("credential", "none"),
    }
    let ca_cert = profile.ca_cert.as_ref().map(|path| path.display().to_string());
    for (key, text) in [
        ("username", &profile.username),
        ("workspace", &profile.workspace),
        ("namespace", &profile.namespace),
        ("ca_cert", &ca_cert),
        ("env", &profile.env),
    ] {
        if let Some(text) = text {
            put(key, text);
        }
    }
    if profile.mode == Mode::ReadOnly {
        put("mode", "ro");
    }
    if profile.plain_http {
        table.insert("plain_http", value(true));
    }
    let repositories = profile.repositories.iter().map(|name| name.as_str().to_owned()).collect();
    for (key, list) in [("protect", profile.protect.clone()), ("repositories", repositories)] {
        if !list.is_empty() {
            table.insert(key, value(Array::from_iter(list)));
        }
    }
    table
}
