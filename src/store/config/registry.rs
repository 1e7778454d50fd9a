//! `[[registry]]`.

use std::path::{Path, PathBuf};

use super::error::{ConfigError, suggestion};
use super::reader::{At, Section};
use super::section::filters;
use super::url;
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryProfile};

const KEYS: [&str; 13] = [
    "name",
    "kind",
    "url",
    "username",
    "credential",
    "workspace",
    "namespace",
    "ca_cert",
    "plain_http",
    "mode",
    "env",
    "protect",
    "repositories",
];
/// Words of interface.md §4 that a later version will understand.
const LATER: [&str; 5] = ["docker-hub", "harbor", "quay", "ghcr", "gitlab"];

pub(super) fn registries(top: &Section<'_, '_>) -> Result<Vec<RegistryProfile>, ConfigError> {
    let mut all: Vec<RegistryProfile> = Vec::new();
    for (table, offset) in top.tables("registry")? {
        let section = Section::new(top.source, table, "[[registry]]", offset, &KEYS)?;
        let name = section.required("name")?;
        if all.iter().any(|profile| profile.name == name.value) {
            let message = format!("the registry “{}” is there twice; names must be unique", name.value);
            return Err(top.source.error(name.offset, &message));
        }
        all.push(registry(&section, name)?);
    }
    Ok(all)
}

fn registry(section: &Section<'_, '_>, name: At<String>) -> Result<RegistryProfile, ConfigError> {
    let fail = |offset, message: &str| Err(section.source.error(offset, message));
    if !is_name(&name.value) {
        let message =
            format!("“{}” is not the name of a registry: 1 to 64 letters, digits or any of . _ - :", name.value);
        return fail(name.offset, &message);
    }
    let kind = kind(section)?;
    let address = section.required("url")?;
    let plain_http = section.boolean("plain_http")?.unwrap_or(false);
    let url = match url::normalise(&address.value, plain_http, kind) {
        Ok(url) => url,
        Err(why) => return fail(address.offset, &why),
    };
    let mut repositories = Vec::new();
    for found in section.strings("repositories")? {
        match kind.repository(&found.value) {
            Ok(name) => repositories.push(name),
            Err(error) => return fail(found.offset, &error.to_string()),
        }
    }
    for (key, wanted) in [
        ("workspace", [BackendKind::MlSpace].as_slice()),
        ("namespace", &[BackendKind::DockerCloud, BackendKind::Alauda]),
    ] {
        if let Some(found) = section.string(key)?.filter(|_| !wanted.contains(&kind)) {
            let kinds: Vec<&str> = wanted.iter().map(|kind| kind.word()).collect();
            let message = format!("“{key}” is only for kind {}, this one is {}", kinds.join(" or "), kind.word());
            return fail(found.offset, &message);
        }
    }
    let text = |key| -> Result<Option<String>, ConfigError> {
        match section.string(key)? {
            Some(found) if found.value.is_empty() => {
                Err(section.source.error(found.offset, &format!("“{key}” must not be empty; leave the line out")))
            }
            found => Ok(found.map(|found| found.value)),
        }
    };
    Ok(RegistryProfile {
        name: name.value,
        kind,
        url,
        username: text("username")?,
        credential: credential(section)?,
        workspace: text("workspace")?,
        namespace: text("namespace")?,
        ca_cert: text("ca_cert")?.map(|path| beside(section.source.file, &path)),
        plain_http,
        mode: section.word("mode", &[("rw", Mode::ReadWrite), ("ro", Mode::ReadOnly)])?.unwrap_or_default(),
        env: text("env")?,
        protect: filters(section, "protect")?,
        repositories,
    })
}

/// No slash (`NAME/REPO` must stay readable), no `@`, nothing that needs quoting.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "._-:".contains(c);
    (1..=64).contains(&text.chars().count()) && text.chars().all(allowed)
}

fn kind(section: &Section<'_, '_>) -> Result<BackendKind, ConfigError> {
    let Some(found) = section.string("kind")? else { return Ok(BackendKind::default()) };
    if let Some(kind) = BackendKind::from_word(&found.value) {
        return Ok(kind);
    }
    let known = BackendKind::ALL.map(BackendKind::word);
    let allowed = known.join(" ");
    let message = if LATER.contains(&found.value.as_str()) {
        format!("the kind “{}” is not in this version; “oci” reads most of it. Allowed: {allowed}", found.value)
    } else {
        let hint = suggestion(&found.value, known);
        format!("“{}” is not a value of “kind”{hint} Allowed: {allowed}", found.value)
    };
    Err(section.source.error(found.offset, &message))
}

fn credential(section: &Section<'_, '_>) -> Result<CredentialPlace, ConfigError> {
    let Some(found) = section.string("credential")? else { return Ok(CredentialPlace::default()) };
    let variable = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    match (found.value.as_str(), found.value.strip_prefix("env:")) {
        ("docker", _) => Ok(CredentialPlace::Docker),
        ("store", _) => Ok(CredentialPlace::Store),
        ("none", _) => Ok(CredentialPlace::None),
        (_, Some(name)) if variable(name) => Ok(CredentialPlace::Env(name.to_owned())),
        // The value is not repeated: somebody may have written the secret itself here.
        _ => {
            let message = "“credential” says where the secret is. Allowed: docker store env:NAME none";
            Err(section.source.error(found.offset, message))
        }
    }
}

fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from(path), |dir| dir.join(path))
}
