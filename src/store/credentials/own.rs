//! Our own file of secrets: `credentials.json` in the state directory, mode 0600. Not encrypted, and the dialog that
//! offers it says so.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use secrecy::zeroize::{Zeroize as _, Zeroizing};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::CredentialError;
use super::host::Host;
use crate::domain::secret::Credential;
use crate::store::private;

pub(super) struct OwnStore {
    /// `None`: this run saves nothing.
    path: Option<PathBuf>,
}

#[derive(Deserialize, Serialize)]
struct File {
    version: u32,
    entries: BTreeMap<String, Entry>,
}

/// Not `Debug`.
#[derive(Deserialize, Serialize)]
struct Entry {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    secret: String,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Basic,
    IdentityToken,
    RegistryToken,
}

/// Whether something was changed, and where a broken file was moved to.
type Changed = (bool, Option<PathBuf>);

const VERSION: u32 = 1;

impl OwnStore {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }

    pub(super) fn get(&self, host: &Host) -> io::Result<Option<Credential>> {
        let Some(path) = &self.path else { return Ok(None) };
        let Some((bytes, metadata)) = private::read(path)? else { return Ok(None) };
        private::refuse_if_others_write(path, &metadata)?;
        let mut file = parse(&Zeroizing::new(bytes))?;
        Ok(file.entries.remove(host.authority()).map(|mut entry| {
            let secret = SecretString::from(entry.secret.as_str());
            match entry.kind {
                Kind::Basic => {
                    Credential::Basic { username: entry.username.take().unwrap_or_default(), password: secret }
                }
                Kind::IdentityToken => Credential::IdentityToken(secret),
                Kind::RegistryToken => Credential::RegistryToken(secret),
            }
        }))
    }

    /// A file that could not be understood makes way; then where it is kept.
    pub(super) fn set(&self, host: &Host, credential: &Credential) -> Result<Option<PathBuf>, CredentialError> {
        let (kind, username, secret) = match credential {
            Credential::Basic { username, password } => (Kind::Basic, Some(username.clone()), password),
            Credential::IdentityToken(token) => (Kind::IdentityToken, None, token),
            Credential::RegistryToken(token) => (Kind::RegistryToken, None, token),
            Credential::Anonymous => return Err(CredentialError::new("there is no secret to save")),
        };
        let entry = Entry { kind, username, secret: secret.expose_secret().to_owned() };
        self.change(|entries| {
            entries.insert(host.authority().to_owned(), entry);
            true
        })
        .map(|(_, kept)| kept)
    }

    /// Whether there was one.
    pub(super) fn remove(&self, host: &Host) -> Result<bool, CredentialError> {
        if !self.path.as_ref().is_some_and(|path| path.exists()) {
            return Ok(false);
        }
        self.change(|entries| entries.remove(host.authority()).is_some()).map(|(removed, _)| removed)
    }

    fn change(&self, edit: impl FnOnce(&mut BTreeMap<String, Entry>) -> bool) -> Result<Changed, CredentialError> {
        let Some(path) = &self.path else {
            return Err(CredentialError::new("there is no directory to save it in; set HOME or use --state-dir"));
        };
        self.locked(path, edit)
            .map_err(|error| CredentialError::io(&format!("{} was not changed", path.display()), &error))
    }

    fn locked(
        &self,
        path: &std::path::Path,
        edit: impl FnOnce(&mut BTreeMap<String, Entry>) -> bool,
    ) -> io::Result<Changed> {
        if let Some(dir) = path.parent() {
            private::create_dir(dir)?;
        }
        let _lock = private::lock(path)?;
        let empty = || File { version: VERSION, entries: BTreeMap::new() };
        let mut kept = None;
        let mut file = match private::read(path)? {
            None => empty(),
            Some((bytes, metadata)) => {
                private::refuse_if_others_write(path, &metadata)?;
                match parse(&Zeroizing::new(bytes)) {
                    Ok(file) => file,
                    // A newer tagboat's file is not ours to move.
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => return Err(error),
                    Err(_) => {
                        kept = Some(private::keep_as_bad(path)?);
                        empty()
                    }
                }
            }
        };
        let changed = edit(&mut file.entries);
        if changed {
            private::write_atomic(path, &Zeroizing::new(serde_json::to_vec_pretty(&file)?))?;
        }
        Ok((changed, kept))
    }
}

fn parse(bytes: &[u8]) -> io::Result<File> {
    // The error of the parser may quote what it read.
    let file: File = serde_json::from_slice(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not valid JSON of ours"))?;
    if file.version > VERSION {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "written by a newer tagboat"));
    }
    Ok(file)
}
