//! `config.toml`: what it may hold, read strictly.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::private;
use crate::domain::clean::Clean;
use crate::domain::cleanup::{Confirm, Rules};
use crate::domain::label::Configured;
use crate::domain::registry::RegistryProfile;

mod edit;
mod error;
mod forget;
pub(in crate::store) mod label;
pub(in crate::store) mod reader;
mod registry;
mod rule;
mod section;
mod target;
mod url;

pub use edit::{EditError, add_registry, change_registry, set_looks, trust_plain_http, trust_realm};
pub use error::ConfigError;
pub use forget::{Removed, put_back, remove_registry};
pub use section::check_theme;
pub use target::{TargetError, parse_registry_argument, parse_target};
pub use url::{is_docker_hub, is_docker_hub_url, normalise as normalise_url};

/// `assets/config.example.toml`: every key with its meaning and default.
pub const EXAMPLE: &str = include_str!("../../../assets/config.example.toml");

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `ansi16 mono high-contrast dark light`, or a path.
    pub theme: String,
    pub signs: Signs,
    pub mouse: bool,
    pub slow: Slow,
    /// Times in UTC instead of local ones.
    pub utc: bool,
    pub confirm: Confirm,
    /// `[cleanup] protect`: tags protected in every registry, in the filter grammar.
    pub protect: Vec<String>,
    pub registries: Vec<RegistryProfile>,
    pub rules: Vec<Rule>,
    pub labels: Configured,
    /// View → command → what the file says.
    pub keys: BTreeMap<String, BTreeMap<String, KeyChange>>,
    pub network: Network,
    pub cache: CacheSettings,
    pub history: HistorySettings,
    /// `--plain-http`; no key of the file. Applies to addresses without a scheme.
    pub plain_http: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    Auto,
    Unicode,
    Ascii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    Auto,
    On,
    Off,
}

/// `[[rule]]`: a clean-up to come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub rules: Rules,
}

/// The keys of one command; none of them removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    pub keys: Vec<String>,
    /// Where it stands in the file, for messages about conflicts.
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Requests at a time, per registry.
    pub max_in_flight: u32,
    pub timeout: Duration,
    /// (registry host, realm host): the realm may get that registry's password.
    pub trusted_realms: Vec<(String, String)>,
    /// Hosts that may get a password over plain http.
    pub trusted_plain_http: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    pub enabled: bool,
    pub max_mib: u32,
}

/// What was done, kept on disk for `history` and `undo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistorySettings {
    pub enabled: bool,
    /// Operations; the oldest go.
    pub keep: u32,
    pub max_mib: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { enabled: true, keep: 200, max_mib: 256 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: "ansi16".into(),
            signs: Signs::Auto,
            mouse: false,
            slow: Slow::Auto,
            utc: false,
            confirm: Confirm::default(),
            protect: Vec::new(),
            registries: Vec::new(),
            rules: Vec::new(),
            labels: Configured::default(),
            keys: BTreeMap::new(),
            network: Network::default(),
            cache: CacheSettings { enabled: true, max_mib: 512 },
            history: HistorySettings::default(),
            plain_http: false,
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            max_in_flight: 128,
            timeout: Duration::from_secs(120),
            trusted_realms: Vec::new(),
            trusted_plain_http: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file. None there is the same as an empty one, unless `must_exist`. Also what to say about who else
    /// may read or write it.
    pub fn load(file: &Path, must_exist: bool) -> Result<(Self, Vec<Clean>), ConfigError> {
        let failed = |why: &str| ConfigError::whole(file, why);
        match private::read(file) {
            Ok(None) if must_exist => Err(failed("there is no such file; create it or leave out --config")),
            Ok(None) => Ok((Self::default(), Vec::new())),
            Ok(Some((bytes, metadata))) => {
                let text = String::from_utf8(bytes).map_err(|_| failed("not UTF-8 text"))?;
                let config = Self::parse(file, &text)?;
                if config.says_where_secrets_go() {
                    private::refuse_if_others_write(file, &metadata).map_err(|error| failed(&error.to_string()))?;
                }
                let warnings = if metadata_is_loose(&metadata) { private::warnings(file) } else { Vec::new() };
                Ok((config, warnings))
            }
            Err(error) => Err(failed(&format!("cannot be read: {error}"))),
        }
    }

    /// `file` is for messages and for paths relative to it.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        section::config(&reader::Source { file, text })
    }

    /// Registries name where secrets come from and are sent, the trusted hosts may get them: whoever can write these
    /// could collect passwords. Colours and keys are no such thing.
    fn says_where_secrets_go(&self) -> bool {
        let network = &self.network;
        !(self.registries.is_empty() && network.trusted_realms.is_empty() && network.trusted_plain_http.is_empty())
    }

    pub fn rule(&self, name: &str) -> Option<&Rules> {
        self.rules.iter().find(|rule| rule.name == name).map(|rule| &rule.rules)
    }

    pub fn registry(&self, name: &str) -> Option<&RegistryProfile> {
        self.registries.iter().find(|profile| profile.name == name)
    }
}

/// The config holds no secrets, so being readable by others (umask 022) is not worth a word; being writable is.
fn metadata_is_loose(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o022 != 0
}

#[cfg(all(test, unix))]
mod damaged_tests;
#[cfg(test)]
mod tests;
