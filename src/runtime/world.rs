//! Everything a run stands on: config, places, credentials, caches, settings. Made once, by the program and by every
//! command alike, so that both see the same registries with the same rules.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::{self, Backend, Context, Settings};
use crate::domain::clean::Clean;
use crate::domain::content::{ContentCache, NoCache};
use crate::domain::registry::{Mode, RegistryProfile};
use crate::domain::secret::CredentialSource;
use crate::store::cache::Cache;
use crate::store::config::{Config, ConfigError};
use crate::store::credentials::Credentials;
use crate::store::env::Env;
use crate::store::places::{Asked, Places};

/// What the command line says that holds for every command.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub config: Option<PathBuf>,
    pub state_dir: Option<PathBuf>,
    pub log_file: Option<PathBuf>,
    pub read_only: bool,
    pub plain_http: bool,
    pub ca_cert: Option<PathBuf>,
    pub timeout: Option<Duration>,
    pub no_cache: Option<bool>,
}

pub struct World {
    pub config: Config,
    pub places: Places,
    pub credentials: Credentials,
    /// The disk cache, where there is one.
    pub disk: Option<Arc<Cache>>,
    pub settings: Settings,
    pub ca_cert: Option<PathBuf>,
    /// What went wrong on the way and did not stop us; said once.
    pub warnings: Vec<Clean>,
    /// Why the defaults hold instead of the config file.
    pub config_error: Option<ConfigError>,
}

impl World {
    /// For commands: a wrong config file ends them, because a script must not work with other settings than it thinks.
    pub fn load(options: &Options, env: Env) -> Result<Self, ConfigError> {
        let world = Self::load_anyway(options, env);
        match world.config_error {
            Some(error) => Err(error),
            None => Ok(world),
        }
    }

    /// For the interface: it starts with the defaults and says so.
    pub fn load_anyway(options: &Options, env: Env) -> Self {
        let asked = Asked {
            config: options.config.clone(),
            state_dir: options.state_dir.clone(),
            log_file: options.log_file.clone(),
        };
        let mut places = Places::find(&asked, &env);
        let mut warnings = places.prepare();
        let loaded = places.config_file.as_deref().map(|file| Config::load(file, places.config_asked));
        let mut config_error = None;
        let mut config = match loaded {
            Some(Ok((config, more))) => {
                warnings.extend(more);
                config
            }
            Some(Err(error)) => {
                config_error = Some(error);
                Config::default()
            }
            None => Config::default(),
        };
        config.plain_http = options.plain_http;
        let wanted = options.no_cache.map_or(config.cache.enabled, |without| !without);
        let disk = match places.cache_dir.as_ref().filter(|_| wanted) {
            Some(dir) => match Cache::open(dir, config.cache.max_mib) {
                Ok((cache, warning)) => {
                    warnings.extend(warning);
                    Some(Arc::new(cache))
                }
                Err(warning) => {
                    warnings.push(warning);
                    None
                }
            },
            None => None,
        };
        let settings = Settings {
            read_only: options.read_only,
            timeout: Some(options.timeout.unwrap_or(config.network.timeout)),
            max_in_flight: Some(config.network.max_in_flight as usize),
            trusted_realms: config.network.trusted_realms.clone(),
            trusted_plain: config.network.trusted_plain_http.clone(),
        };
        let credentials = Credentials::new(env, &places);
        let ca_cert = options.ca_cert.clone();
        Self { config, places, credentials, disk, settings, ca_cert, warnings, config_error }
    }

    pub fn cache(&self) -> Arc<dyn ContentCache> {
        match &self.disk {
            Some(disk) => disk.clone(),
            None => Arc::new(NoCache),
        }
    }

    pub fn context(&self, profile: &RegistryProfile) -> Context {
        self.context_as(profile, Arc::new(self.credentials.source(profile)))
    }

    /// With credentials from elsewhere.
    pub fn context_as(&self, profile: &RegistryProfile, credentials: Arc<dyn CredentialSource>) -> Context {
        let mut settings = self.settings.clone();
        settings.read_only |= profile.mode == Mode::ReadOnly;
        Context { credentials, cache: self.cache(), settings }
    }

    pub fn open(&self, profile: &RegistryProfile) -> backend::Result<Arc<dyn Backend>> {
        self.open_as(profile, Arc::new(self.credentials.source(profile)))
    }

    /// Opens it with credentials from elsewhere.
    pub fn open_as(
        &self,
        profile: &RegistryProfile,
        credentials: Arc<dyn CredentialSource>,
    ) -> backend::Result<Arc<dyn Backend>> {
        let mut profile = profile.clone();
        if profile.ca_cert.is_none() {
            profile.ca_cert = self.ca_cert.clone();
        }
        backend::open(&profile, &self.context_as(&profile, credentials))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_config_ends_commands_and_not_the_interface() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "mouse = true\nthem = 'dark'\n").unwrap();
        let options = Options { config: Some(file), state_dir: Some(dir.path().to_owned()), ..Options::default() };
        let error = World::load(&options, Env::fixed([])).err().unwrap();
        assert_eq!((error.line, error.column), (2, 1));
        let world = World::load_anyway(&options, Env::fixed([]));
        assert_eq!((world.config == Config::default(), world.config_error), (true, Some(error)));
    }

    #[test]
    fn a_flag_wins_over_the_config_about_the_cache() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let has_disk = |text: &str, no_cache: Option<bool>| {
            std::fs::write(&file, text).unwrap();
            let options = Options {
                config: Some(file.clone()),
                state_dir: Some(dir.path().to_owned()),
                no_cache,
                ..Options::default()
            };
            World::load(&options, Env::fixed([])).unwrap().disk.is_some()
        };
        assert!(has_disk("", None) && !has_disk("", Some(true)));
        assert!(!has_disk("[cache]\nenabled = false", None) && has_disk("[cache]\nenabled = false", Some(false)));
    }
}
