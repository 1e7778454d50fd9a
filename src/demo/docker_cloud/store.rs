//! What the service keeps: for each namespace a list of registries, and the repositories somebody added.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

/// The registry that names without a host belong to (§8.6).
const DOCKER_HOST: &str = "registry-1.docker.io";

/// A user name and a password for a registry. The password can be put in and compared, never read.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub username: String,
    password: SecretString,
}

impl Login {
    pub fn new(username: &str, password: &str) -> Self {
        Self { username: username.to_owned(), password: password.into() }
    }

    pub fn is(&self, username: &str, password: &str) -> bool {
        self.username == username && self.password.expose_secret() == password
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        other.is(&self.username, self.password.expose_secret())
    }

    pub(super) fn set_password(&mut self, password: &str) {
        self.password = password.into();
    }
}

#[derive(Clone, Debug)]
pub struct CloudRegistry {
    pub uuid: String,
    pub name: String,
    pub host: String,
    pub port: Option<u16>,
    pub is_ssl: bool,
    pub is_docker: bool,
    pub icon_url: Option<String>,
    /// What this registry takes, when the service is to check it (assumption A7).
    pub takes: Option<Login>,
}

#[derive(Clone, Debug)]
pub struct ExternalRepository {
    pub in_use: bool,
    /// The key of its registry.
    pub registry: String,
    /// Fields of the Tutum days, and whatever else is to be in its object.
    pub more: Map<String, Value>,
    /// What the service was given to pull with. In no answer.
    pub login: Option<Login>,
}

/// What one user or organisation has. The keys are the names in the paths; lists are in their order (assumption A2).
#[derive(Clone, Debug, Default)]
pub struct CloudSpace {
    pub registries: BTreeMap<String, CloudRegistry>,
    pub repositories: BTreeMap<String, ExternalRepository>,
}

/// Everything, by namespace.
#[derive(Clone, Debug, Default)]
pub struct DockerCloudStore {
    pub namespaces: BTreeMap<String, CloudSpace>,
}

impl DockerCloudStore {
    /// Namespaces without contents.
    pub fn empty(namespaces: &[&str]) -> Self {
        Self { namespaces: namespaces.iter().map(|name| ((*name).to_owned(), CloudSpace::default())).collect() }
    }
}

/// The host and port a repository's name begins with (§1, §8.6).
fn home(name: &str) -> (&str, Option<u16>) {
    let first = name.split('/').next().unwrap_or("");
    if first != "localhost" && !first.contains(['.', ':']) {
        return (DOCKER_HOST, None);
    }
    let with_port = first.rsplit_once(':').and_then(|(host, port)| Some((host, Some(port.parse().ok()?))));
    with_port.unwrap_or((first, None))
}

impl CloudSpace {
    fn find(&self, name: &str) -> Option<(&String, &CloudRegistry)> {
        let (host, port) = home(name);
        self.registries.iter().find(|(_, r)| r.host == host && (port.is_none() || r.port == port))
    }

    /// The registry that this name belongs to, when it is in the list already.
    pub(super) fn known_registry(&self, name: &str) -> Option<&CloudRegistry> {
        self.find(name).map(|(_, registry)| registry)
    }

    /// The key of the registry that this name belongs to. One that is not there yet appears (assumption A8).
    fn registry_of(&mut self, name: &str) -> String {
        if let Some((key, _)) = self.find(name) {
            return key.clone();
        }
        let (host, port) = home(name);
        // The key is the host (§1); two ports of one host need two keys.
        let taken = self.registries.contains_key(host);
        let key = port.filter(|_| taken).map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let registry = CloudRegistry {
            uuid: uuid(&key),
            name: host.to_owned(),
            host: host.to_owned(),
            port,
            is_ssl: true,
            is_docker: host == DOCKER_HOST,
            icon_url: None,
            takes: None,
        };
        self.registries.insert(key.clone(), registry);
        key
    }

    /// Puts a repository into the list.
    pub fn add(&mut self, name: &str, login: Option<Login>) -> &mut ExternalRepository {
        let registry = self.registry_of(name);
        let made = ExternalRepository { in_use: false, registry, more: Map::new(), login };
        self.repositories.entry(name.to_owned()).or_insert(made)
    }
}

/// An identifier that is the same every time.
pub(super) fn uuid(text: &str) -> String {
    use crate::demo::seed::noise_of;
    let (a, b) = (noise_of(text, 1), noise_of(text, 2));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}
