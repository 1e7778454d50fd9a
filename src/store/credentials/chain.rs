//! The order in which places are asked, with a trail of what each said.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::CredentialError;
use super::docker::{self, DockerConfig, Entry};
use super::docker_write;
use super::helper::{Helper, HelperError};
use super::host::Host;
use super::own::OwnStore;
use super::session::Session;
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{BackendKind, CredentialPlace, RegistryProfile};
use crate::domain::secret::{Credential, CredentialSource, Found};
use crate::store::config::normalise_url;
use crate::store::env::Env;
use crate::store::places::Places;

/// All places of this run; cheap to clone.
#[derive(Clone)]
pub struct Credentials {
    env: Env,
    helper_timeout: Duration,
    session: Arc<Session>,
    own: Arc<OwnStore>,
}

/// A registry that docker or podman knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// `host[:port]`, as in image references.
    pub host: String,
    pub source: Clean,
}

/// Where a sign-in is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveIn {
    /// Until this run ends.
    Session,
    /// Our own 0600 file.
    Store,
    /// The helper that Docker's config names for the host.
    DockerHelper,
    /// Docker's config.json, base64 and not encrypted.
    DockerFile,
}

/// What one place said.
enum Answer {
    Is(Credential),
    /// Ask the next place.
    Nothing,
    /// It failed: no other place is asked, because it might know somebody else's secret.
    Stop,
}

impl Credentials {
    pub fn new(env: Env, places: &Places) -> Self {
        let own = OwnStore::new(places.state_dir.as_deref().map(|dir| dir.join("credentials.json")));
        Self { env, helper_timeout: Duration::from_secs(30), session: Arc::default(), own: Arc::new(own) }
    }

    pub fn with_helper_timeout(mut self, timeout: Duration) -> Self {
        self.helper_timeout = timeout;
        self
    }

    /// The source for one registry. It answers for that registry's host alone.
    pub fn source(&self, profile: &RegistryProfile) -> Chain {
        Chain {
            all: self.clone(),
            host: Host::parse(profile.host()),
            place: profile.credential.clone(),
            username: profile.username.clone(),
        }
    }

    /// The helper that a sign-in to `host` would use, for the dialog.
    pub fn docker_helper(&self, host: &str) -> Option<Clean> {
        self.helper_of(&Host::parse(host)).map(|name| clean::identifier(&name))
    }

    fn helper_of(&self, host: &Host) -> Option<String> {
        let config = DockerConfig::load(&docker::docker_file(&self.env)?).ok()??;
        let name = config.helper_for(host).or_else(|| config.creds_store())?;
        Some(name.to_owned()).filter(|name| !name.is_empty())
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
            config.hosts().filter(is_token).for_each(|host| add(host, Clean::fixed(name)));
            let mut helpers: Vec<&str> = config.creds_store().into_iter().chain(config.helpers()).collect();
            helpers.sort_unstable();
            helpers.dedup();
            for helper in helpers.into_iter().filter(|helper| !helper.is_empty()) {
                let listed = match Helper::find(helper, &self.env, self.helper_timeout) {
                    Ok(program) => program.list().await,
                    Err(error) => Err(error),
                };
                let source = clean::line(&format!("{name}: helper “{helper}”"));
                match listed {
                    Ok(hosts) => {
                        hosts.iter().map(String::as_str).filter(is_token).for_each(|host| add(host, source.clone()))
                    }
                    Err(error) => notes.push(clean::line(&format!("{source}: {error}"))),
                }
            }
        }
        (known, notes)
    }

    /// Keeps a credential; returns where it is now.
    pub async fn save(&self, place: &SaveIn, host: &str, credential: &Credential) -> Result<Clean, CredentialError> {
        let host = Host::parse(host);
        match place {
            SaveIn::Session => {
                self.session.set(&host, credential.clone());
                return Ok(Clean::fixed("kept for this run"));
            }
            SaveIn::Store => self.own.set(&host, credential)?,
            SaveIn::DockerHelper => self.save_in_helper(&host, credential).await?,
            SaveIn::DockerFile => {
                let path = self.docker_path()?;
                docker_write::set(&path, &host, credential)
                    .map_err(|error| CredentialError::io(&path.display().to_string(), &error))?;
            }
        }
        // An older sign-in of this run would hide the new one.
        self.session.remove(&host);
        Ok(match place {
            SaveIn::DockerHelper => clean::line(&format!("helper “{}”", self.helper_of(&host).unwrap_or_default())),
            SaveIn::DockerFile => Clean::fixed("Docker config.json, not encrypted"),
            SaveIn::Store | SaveIn::Session => Clean::fixed("credentials.json of tagboat, mode 0600, not encrypted"),
        })
    }

    async fn save_in_helper(&self, host: &Host, credential: &Credential) -> Result<(), CredentialError> {
        let path = self.docker_path()?;
        let name = self
            .helper_of(host)
            .ok_or_else(|| CredentialError::new(&format!("{} names no helper for this host", path.display())))?;
        let failed = |error: HelperError| CredentialError::new(&format!("helper “{name}”: {error}"));
        let helper = Helper::find(&name, &self.env, self.helper_timeout).map_err(failed)?;
        helper.store(host, credential).await.map_err(failed)?;
        docker_write::mark(&path, host).map_err(|error| CredentialError::io(&path.display().to_string(), &error))
    }

    fn docker_path(&self) -> Result<std::path::PathBuf, CredentialError> {
        docker::docker_file(&self.env)
            .ok_or_else(|| CredentialError::new("HOME and DOCKER_CONFIG are not set: no Docker config"))
    }

    /// Forgets what this registry is signed in with: the session's, and that of the place the profile names. Returns
    /// where something was erased.
    pub async fn sign_out(&self, profile: &RegistryProfile) -> Result<Vec<Clean>, CredentialError> {
        let host = Host::parse(profile.host());
        let mut erased = Vec::new();
        if self.session.remove(&host) {
            erased.push(Clean::fixed("this run"));
        }
        match &profile.credential {
            CredentialPlace::None => {}
            CredentialPlace::Store => {
                if self.own.remove(&host)? {
                    erased.push(Clean::fixed("credentials.json of tagboat"));
                }
            }
            CredentialPlace::Env(name) => {
                let message = format!("the secret is in the environment variable {name}; unset it in your shell");
                return Err(CredentialError::new(&message));
            }
            CredentialPlace::Docker => {
                if let Some(name) = self.helper_of(&host) {
                    let failed = |error: HelperError| CredentialError::new(&format!("helper “{name}”: {error}"));
                    let helper = Helper::find(&name, &self.env, self.helper_timeout).map_err(failed)?;
                    match helper.erase(&host).await {
                        Ok(()) => erased.push(clean::line(&format!("helper “{name}”"))),
                        Err(HelperError::NotFound) => {}
                        Err(error) => return Err(failed(error)),
                    }
                }
                if let Some(path) = docker::docker_file(&self.env) {
                    let removed = docker_write::remove(&path, &host)
                        .map_err(|error| CredentialError::io(&path.display().to_string(), &error))?;
                    if removed {
                        erased.push(Clean::fixed("Docker config.json"));
                    }
                }
            }
        }
        Ok(erased)
    }
}

/// The `CredentialSource` of one registry.
pub struct Chain {
    all: Credentials,
    host: Host,
    place: CredentialPlace,
    username: Option<String>,
}

#[async_trait]
impl CredentialSource for Chain {
    async fn lookup(&self, host: &str) -> Found {
        let mut trail = Trail::default();
        let host = Host::parse(host);
        if !host.same_registry(&self.host) {
            trail.say("Not asked: this is not the host of the registry");
            return trail.found(None);
        }
        if let Some(credential) = self.all.session.get(&host) {
            trail.say("This run: signed in");
            return trail.found(Some(credential));
        }
        let credential = match &self.place {
            CredentialPlace::None => {
                trail.say("Config: credential = none");
                None
            }
            CredentialPlace::Store => self.own(&host, &mut trail),
            CredentialPlace::Env(name) => self.variable(name, &mut trail),
            CredentialPlace::Docker => self.docker(&mut trail).await,
        };
        trail.found(credential)
    }
}

#[derive(Default)]
struct Trail(Vec<Clean>);

impl Trail {
    fn say(&mut self, text: &str) {
        self.0.push(clean::line(text));
    }

    fn found(self, credential: Option<Credential>) -> Found {
        Found { credential: credential.unwrap_or_default(), trail: self.0 }
    }
}

impl Chain {
    fn own(&self, host: &Host, trail: &mut Trail) -> Option<Credential> {
        let found = self.all.own.get(host);
        trail.say(&match &found {
            Ok(Some(_)) => "credentials.json of tagboat: found".into(),
            Ok(None) => "credentials.json of tagboat: nothing for this host".into(),
            Err(error) => format!("credentials.json of tagboat: {error}"),
        });
        found.ok().flatten()
    }

    fn variable(&self, name: &str, trail: &mut Trail) -> Option<Credential> {
        let Some(value) = self.all.env.text(name) else {
            trail.say(&format!("Environment: {name} is not set"));
            return None;
        };
        trail.say(&format!("Environment: {name}"));
        let secret = SecretString::from(value);
        Some(match &self.username {
            Some(username) => Credential::Basic { username: username.clone(), password: secret },
            None => Credential::RegistryToken(secret),
        })
    }

    async fn docker(&self, trail: &mut Trail) -> Option<Credential> {
        // The profile's own host: its path chooses between podman's keys.
        let host = &self.host;
        if let Some(text) = self.all.env.text("DOCKER_AUTH_CONFIG") {
            match DockerConfig::parse(Zeroizing::new(text).as_bytes()) {
                None => trail.say("DOCKER_AUTH_CONFIG: not valid JSON of that form"),
                Some(config) => {
                    if let Answer::Is(credential) = entry("DOCKER_AUTH_CONFIG", &config, host, trail) {
                        return Some(credential);
                    }
                }
            }
        }
        for (name, path) in docker::files(&self.all.env) {
            let config = match DockerConfig::load(&path) {
                Ok(Some(config)) => config,
                Ok(None) => {
                    trail.say(&format!("{name}: no {}", path.display()));
                    continue;
                }
                Err(error) => {
                    trail.say(&format!("{name} {}: {error}", path.display()));
                    continue;
                }
            };
            let helper = match (config.helper_for(host), config.creds_store()) {
                (Some(helper), _) => Some(("credHelpers", helper)).filter(|(_, helper)| !helper.is_empty()),
                (None, Some(helper)) => Some(("credsStore", helper)),
                (None, None) => None,
            };
            if let Some((key, helper)) = helper {
                match self.helper(&format!("{name}: {key} “{helper}”"), helper, trail).await {
                    Answer::Is(credential) => return Some(credential),
                    Answer::Stop => return None,
                    Answer::Nothing => {}
                }
            }
            if let Answer::Is(credential) = entry(name, &config, host, trail) {
                return Some(credential);
            }
        }
        None
    }

    async fn helper(&self, place: &str, suffix: &str, trail: &mut Trail) -> Answer {
        let answer = match Helper::find(suffix, &self.all.env, self.all.helper_timeout) {
            Ok(helper) => helper.get(&self.host).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(credential) => {
                trail.say(&format!("{place}: found"));
                Answer::Is(credential)
            }
            Err(HelperError::NotFound) => {
                trail.say(&format!("{place}: helper says no credentials"));
                Answer::Nothing
            }
            Err(error) => {
                trail.say(&format!("{place}: {error}"));
                Answer::Stop
            }
        }
    }
}

fn entry(place: &str, config: &DockerConfig, host: &Host, trail: &mut Trail) -> Answer {
    match config.entry(host) {
        Some(Entry::Usable(credential)) => {
            trail.say(&format!("{place}: auths, found"));
            Answer::Is(credential)
        }
        Some(Entry::Empty) => {
            trail.say(&format!("{place}: auths, an empty entry"));
            Answer::Nothing
        }
        Some(Entry::Undecodable) => {
            trail.say(&format!("{place}: auths, an entry that cannot be decoded was skipped"));
            Answer::Nothing
        }
        None => {
            trail.say(&format!("{place}: auths, nothing for this host"));
            Answer::Nothing
        }
    }
}
