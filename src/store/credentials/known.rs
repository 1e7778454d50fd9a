//! Which registries docker and podman know, for the import screen.

use super::Credentials;
use super::docker::{self, DockerConfig, Entry};
use super::helper::Helper;
use super::host::Host;
use crate::domain::clean::{self, Clean};
use crate::domain::registry::BackendKind;
use crate::store::config::normalise_url;

/// A registry that docker or podman knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// `host[:port]`, as in image references.
    pub host: String,
    /// Where its secret is: "helper: pass", "config.json (base64)".
    pub source: Clean,
}

impl Credentials {
    /// The helpers that docker's and podman's files name, and whether each can be run.
    pub fn helpers(&self) -> Vec<(Clean, Result<(), Clean>)> {
        let mut names = std::collections::BTreeSet::new();
        for (_, path) in docker::files(&self.env) {
            if let Ok(Some(config)) = DockerConfig::load(&path) {
                names.extend(config.creds_store().into_iter().chain(config.helpers()).map(str::to_owned));
            }
        }
        let find = |name: String| {
            let found = Helper::find(&name, &self.env, self.helper_timeout);
            (clean::identifier(&name), found.map(drop).map_err(|why| clean::line(&why.to_string())))
        };
        names.into_iter().filter(|name| !name.is_empty()).map(find).collect()
    }

    /// Registries that docker or podman can sign in to, for the import screen, and what could not be read. Names only.
    pub async fn known_registries(&self) -> (Vec<Known>, Vec<Clean>) {
        let (mut known, mut notes): (Vec<Known>, Vec<Clean>) = (Vec::new(), Vec::new());
        let mut add = |host: &str, source: Clean| {
            let host = Host::parse(host).authority().to_owned();
            let is_host = normalise_url(&host, false, BackendKind::DockerV1).is_ok();
            if is_host && known.iter().all(|entry| entry.host != host) {
                known.push(Known { host, source });
            }
        };
        for (name, path) in docker::files(&self.env) {
            let config = match DockerConfig::load(&path) {
                Ok(Some(config)) => config,
                Ok(None) => continue,
                Err(error) => {
                    notes.push(clean::line(&format!("{name} {}: {error}", path.display())));
                    continue;
                }
            };
            let is_token = |host: &&str| !host.ends_with("/access-token") && !host.ends_with("/refresh-token");
            config.hosts().filter(is_token).for_each(|host| add(host, secret_of(name, &config, host)));
            let mut helpers: Vec<&str> = config.creds_store().into_iter().chain(config.helpers()).collect();
            helpers.sort_unstable();
            helpers.dedup();
            for helper in helpers.into_iter().filter(|helper| !helper.is_empty()) {
                let listed = match Helper::find(helper, &self.env, self.helper_timeout) {
                    Ok(program) => program.list().await,
                    Err(error) => Err(error),
                };
                match listed {
                    Ok(hosts) => {
                        let source = clean::line(&format!("helper: {helper}"));
                        hosts.iter().map(String::as_str).filter(is_token).for_each(|host| add(host, source.clone()))
                    }
                    Err(error) => notes.push(clean::line(&format!("{name}: helper “{helper}”: {error}"))),
                }
            }
        }
        (known, notes)
    }
}

/// In the order a look-up goes: the helper first, then the entry.
fn secret_of(name: &str, config: &DockerConfig, host: &str) -> Clean {
    let host = Host::parse(host);
    let file = if name == "Docker config" { "config.json" } else { "auth.json" };
    let helper = config.helper_for(&host).or_else(|| config.creds_store()).filter(|helper| !helper.is_empty());
    match (helper, config.entry(&host)) {
        (Some(helper), _) => clean::line(&format!("helper: {helper}")),
        (None, Some(Entry::Usable(_))) => clean::line(&format!("{file} (base64)")),
        (None, Some(Entry::Undecodable)) => clean::line(&format!("{file}, cannot be decoded")),
        (None, _) => clean::line(&format!("{file}, no secret")),
    }
}
