//! REGISTRY and REGISTRY/REPO[:TAG|@DIGEST] on the command line.

use super::error::suggestion;
use super::{Config, is_docker_hub, is_docker_hub_url, url};
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(pub Clean);

fn error(message: &str) -> TargetError {
    TargetError(clean::line(message))
}

/// A name from the config, a `host[:port]` or a URL. An address that the config has as kind `oci` is that registry,
/// so that its protection rules hold.
pub fn parse_registry_argument(text: &str, config: &Config) -> Result<RegistryProfile, TargetError> {
    if let Some(profile) = config.registry(text) {
        return Ok(profile.clone());
    }
    if !text.contains("://") && !is_host(text.split('/').next().unwrap_or(text)) {
        let names = config.registries.iter().map(|profile| profile.name.as_str());
        let hint = suggestion(text, names);
        let message = format!("no registry “{text}” in the config{hint} An address has a dot, a port or is localhost");
        return Err(error(&message));
    }
    let url = url::normalise(text, config.plain_http, BackendKind::Oci).map_err(|why| error(&why))?;
    let known = config.registries.iter().find(|profile| profile.kind == BackendKind::Oci && profile.url == url);
    Ok(known.cloned().unwrap_or_else(|| {
        let mut profile = RegistryProfile { url, plain_http: config.plain_http, ..RegistryProfile::default() };
        profile.name = if is_docker_hub_url(&profile.url) { "docker.io".to_owned() } else { profile.host().to_owned() };
        profile
    }))
}

/// A registry alone, or with a repository, or with a repository and a tag or digest.
pub fn parse_target(
    text: &str,
    config: &Config,
) -> Result<(RegistryProfile, Option<RepoName>, Option<Reference>), TargetError> {
    let (registry, rest) = split(text, config);
    let profile = parse_registry_argument(registry, config)?;
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() {
        return Ok((profile, None, None));
    }
    let (path, reference) = if let Some((path, digest)) = rest.split_once('@') {
        // `repo:tag@digest`: the digest decides, the tag is decoration.
        let path = path.rsplit_once(':').map_or(path, |(path, _)| path);
        (path, Some(Reference::Digest(Digest::parse(digest).map_err(|why| error(&why.to_string()))?)))
    } else if let Some((path, tag)) = rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        (path, Some(Reference::Tag(TagName::parse(tag).map_err(|why| error(&why.to_string()))?)))
    } else {
        (rest, None)
    };
    let is_hub = profile.kind == BackendKind::Oci && is_docker_hub_url(&profile.url);
    let repository = if is_hub && !path.contains('/') {
        RepoName::parse(&format!("library/{path}"))
    } else {
        profile.kind.repository(path)
    };
    Ok((profile, Some(repository.map_err(|why| error(&why.to_string()))?), reference))
}

fn split<'a>(text: &'a str, config: &Config) -> (&'a str, &'a str) {
    // A configured address may have a path of its own; the longest one that fits is meant.
    let below = |profile: &&RegistryProfile| {
        text.strip_prefix(profile.url.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(profile) = config.registries.iter().filter(below).max_by_key(|profile| profile.url.len()) {
        let (registry, rest) = text.split_at(profile.url.len());
        return (registry, rest.strip_prefix('/').unwrap_or(rest));
    }
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    match text[after_scheme..].find('/') {
        Some(slash) => (&text[..after_scheme + slash], &text[after_scheme + slash + 1..]),
        None => (text, ""),
    }
}

/// By the rule of image references: a dot, a port, `localhost` or an upper-case letter make a host.
fn is_host(text: &str) -> bool {
    text == "localhost"
        || text.contains(['.', ':'])
        || text.contains(|c: char| c.is_ascii_uppercase())
        || is_docker_hub(text)
}
