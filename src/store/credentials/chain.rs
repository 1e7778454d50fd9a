//! The order in which places are asked, with a trail of what each said.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::docker::{self, DockerConfig, Entry};
use super::helper::{Helper, HelperError};
use super::host::Host;
use super::own::OwnStore;
use super::session::Session;
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{CredentialPlace, RegistryProfile};
use crate::domain::secret::{Credential, CredentialSource, Found};
use crate::store::env::Env;
use crate::store::places::Places;

/// All places of this run; cheap to clone.
#[derive(Clone)]
pub struct Credentials {
    pub(super) env: Env,
    pub(super) helper_timeout: Duration,
    pub(super) session: Arc<Session>,
    pub(super) own: Arc<OwnStore>,
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

    pub(super) fn helper_of(&self, host: &Host) -> Option<String> {
        let config = DockerConfig::load(&docker::docker_file(&self.env)?).ok()??;
        let name = config.helper_for(host).or_else(|| config.creds_store())?;
        Some(name.to_owned()).filter(|name| !name.is_empty())
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
            trail.from("session");
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
struct Trail {
    lines: Vec<Clean>,
    from: Option<Clean>,
}

impl Trail {
    fn say(&mut self, text: &str) {
        self.lines.push(clean::line(text));
    }

    /// The place that is being asked, should it have an answer.
    fn from(&mut self, place: &str) {
        self.from = Some(clean::identifier(place));
    }

    fn found(self, credential: Option<Credential>) -> Found {
        let from = self.from.filter(|_| credential.is_some());
        Found { credential: credential.unwrap_or_default(), from, trail: self.lines }
    }
}

impl Chain {
    fn own(&self, host: &Host, trail: &mut Trail) -> Option<Credential> {
        let found = self.all.own.get(host);
        trail.from("own file");
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
        trail.from(&format!("env:{name}"));
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
                trail.from(&format!("helper:{helper}"));
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
    trail.from(match place {
        "Docker config" => "config",
        "Podman auth.json" | "Containers auth.json" => "podman",
        other => other,
    });
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
