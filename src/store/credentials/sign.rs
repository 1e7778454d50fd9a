//! Signing in and out: where a secret is put, and where it is removed.

use super::docker;
use super::helper::{Helper, HelperError};
use super::host::Host;
use super::{CredentialError, Credentials, docker_write};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{CredentialPlace, RegistryProfile};
use crate::domain::secret::Credential;

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

impl Credentials {
    /// Keeps a credential; returns where it is now.
    pub async fn save(&self, place: &SaveIn, host: &str, credential: &Credential) -> Result<Clean, CredentialError> {
        let host = Host::parse(host);
        let mut kept = None;
        match place {
            SaveIn::Session => {
                self.session.set(&host, credential.clone());
                return Ok(Clean::fixed("kept for this run"));
            }
            SaveIn::Store => kept = self.own.set(&host, credential)?,
            SaveIn::DockerHelper => self.save_in_helper(&host, credential).await?,
            SaveIn::DockerFile => {
                let path = self.docker_path()?;
                docker_write::set(&path, &host, credential)
                    .map_err(|error| CredentialError::io(&path.display().to_string(), &error))?;
            }
        }
        // An older sign-in of this run would hide the new one.
        self.session.remove(&host);
        if let Some(kept) = kept {
            let kept = kept.display();
            return Ok(clean::line(&format!(
                "a new credentials.json of tagboat; the old one was broken, kept as {kept}"
            )));
        }
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

    /// What the session holds for a host, to be put back when a sign-in that replaced it is refused.
    pub fn session(&self, host: &str) -> Option<Credential> {
        self.session.get(&Host::parse(host))
    }

    /// Sets what the session holds: undoes a refused sign-in, or signs in at the demo. With `None` the other places are
    /// asked again, as before.
    pub fn put_back(&self, host: &str, credential: Option<Credential>) {
        let host = Host::parse(host);
        match credential {
            Some(credential) => self.session.set(&host, credential),
            None => {
                self.session.remove(&host);
            }
        }
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
