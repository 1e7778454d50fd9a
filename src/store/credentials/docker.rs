//! Docker's `config.json` and podman's `auth.json`, read in place.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::SecretString;
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use serde::Deserialize;

use super::host::Host;
use crate::domain::secret::Credential;
use crate::store::env::Env;
use crate::store::private;

/// Docker pads, some tools do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One file (or the variable `DOCKER_AUTH_CONFIG`) of that form. Not `Debug`.
#[derive(Default, Deserialize)]
pub(super) struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Option<Auth>>,
    #[serde(default, rename = "credsStore")]
    creds_store: Option<String>,
    #[serde(default, rename = "credHelpers")]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Drop for Auth {
    fn drop(&mut self) {
        for secret in [&mut self.auth, &mut self.password, &mut self.identitytoken, &mut self.registrytoken] {
            secret.zeroize();
        }
    }
}

/// What `auths` says about a host.
pub(super) enum Entry {
    Usable(Credential),
    /// `{}`: a helper has it.
    Empty,
    Undecodable,
}

impl DockerConfig {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn load(path: &Path) -> io::Result<Option<Self>> {
        let Some((bytes, metadata)) = private::read(path)? else { return Ok(None) };
        private::refuse_if_others_write(path, &metadata)?;
        // The parser's own error may quote what it read.
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not valid JSON of that form");
        Self::parse(&Zeroizing::new(bytes)).map(Some).ok_or_else(invalid)
    }

    /// The helper that `credHelpers` names for exactly this host. An empty name turns `credsStore` off for it.
    pub(super) fn helper_for(&self, host: &Host) -> Option<&str> {
        let key = host.best(self.cred_helpers.keys().map(String::as_str))?;
        self.cred_helpers.get(key).map(String::as_str)
    }

    pub(super) fn creds_store(&self) -> Option<&str> {
        self.creds_store.as_deref().filter(|name| !name.is_empty())
    }

    pub(super) fn helpers(&self) -> impl Iterator<Item = &str> {
        self.cred_helpers.values().map(String::as_str)
    }

    /// Hosts with an entry, as written.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.auths.keys().chain(self.cred_helpers.keys()).map(String::as_str)
    }

    pub(super) fn entry(&self, host: &Host) -> Option<Entry> {
        let key = host.best(self.auths.keys().map(String::as_str))?;
        Some(self.auths.get(key)?.as_ref().map_or(Entry::Empty, Auth::read))
    }
}

impl Auth {
    fn read(&self) -> Entry {
        fn given(text: &Option<String>) -> Option<&str> {
            text.as_deref().filter(|text| !text.is_empty())
        }
        if let Some(token) = given(&self.identitytoken) {
            return Entry::Usable(Credential::IdentityToken(SecretString::from(token)));
        }
        if let Some(token) = given(&self.registrytoken) {
            return Entry::Usable(Credential::RegistryToken(SecretString::from(token)));
        }
        match (given(&self.auth), given(&self.username), given(&self.password)) {
            (Some(auth), _, _) => decode(auth).map_or(Entry::Undecodable, Entry::Usable),
            (None, Some(username), Some(password)) => Entry::Usable(Credential::Basic {
                username: username.to_owned(),
                password: SecretString::from(password),
            }),
            _ => Entry::Empty,
        }
    }
}

/// base64 of `user:password`, split at the first colon; old dockers padded the password with NUL.
fn decode(auth: &str) -> Option<Credential> {
    let bytes = Zeroizing::new(BASE64.decode(auth.trim()).ok()?);
    let (username, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let password = SecretString::from(password.trim_matches('\0'));
    (!username.is_empty()).then(|| Credential::Basic { username: username.to_owned(), password })
}

/// Docker's own file.
pub(super) fn docker_file(env: &Env) -> Option<PathBuf> {
    let dir = env.directory("DOCKER_CONFIG").or_else(|| env.home().map(|home| home.join(".docker")))?;
    Some(dir.join("config.json"))
}

/// All files in the order they are asked, with the name people know them by.
pub(super) fn files(env: &Env) -> Vec<(&'static str, PathBuf)> {
    let below = |variable: &str, rest: &str| env.directory(variable).map(|dir| dir.join(rest));
    let config =
        below("XDG_CONFIG_HOME", "containers/auth.json").or_else(|| below("HOME", ".config/containers/auth.json"));
    let mut files: Vec<(&str, PathBuf)> = [
        ("Docker config", docker_file(env)),
        ("REGISTRY_AUTH_FILE", env.path("REGISTRY_AUTH_FILE")),
        ("Podman auth.json", below("XDG_RUNTIME_DIR", "containers/auth.json")),
        ("Containers auth.json", config),
    ]
    .into_iter()
    .filter_map(|(name, path)| Some((name, path?)))
    .collect();
    let mut seen = std::collections::HashSet::new();
    files.retain(|(_, path)| seen.insert(path.clone()));
    files
}
