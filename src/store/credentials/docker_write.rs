//! Changing Docker's `config.json`, only when somebody signs in or out and says so.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value, json};

use super::host::Host;
use crate::domain::secret::Credential;
use crate::store::private;

/// Puts the credential into `auths`. Everything else in the file stays.
pub(super) fn set(path: &Path, host: &Host, credential: &Credential) -> io::Result<()> {
    let entry = match credential {
        Credential::Basic { username, password } => {
            let pair = Zeroizing::new(format!("{username}:{}", password.expose_secret()));
            json!({ "auth": STANDARD.encode(pair.as_bytes()) })
        }
        Credential::IdentityToken(token) => json!({ "identitytoken": token.expose_secret() }),
        Credential::RegistryToken(token) => json!({ "registrytoken": token.expose_secret() }),
        Credential::Anonymous => return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no secret to save")),
    };
    change(path, |auths| {
        auths.retain(|key, _| key == host.key() || !is_of(key, host));
        auths.insert(host.key().to_owned(), entry);
        true
    })
    .map(drop)
}

/// Marks that a helper holds the credential, as docker does: its own `docker login` list reads that.
pub(super) fn mark(path: &Path, host: &Host) -> io::Result<()> {
    change(path, |auths| {
        auths.insert(host.key().to_owned(), json!({}));
        true
    })
    .map(drop)
}

/// Removes what `auths` has for this host; false when there was nothing.
pub(super) fn remove(path: &Path, host: &Host) -> io::Result<bool> {
    if !path.exists() {
        return Ok(false);
    }
    change(path, |auths| {
        let before = auths.len();
        auths.retain(|key, _| !is_of(key, host));
        before != auths.len()
    })
}

fn is_of(key: &str, host: &Host) -> bool {
    host.best(std::iter::once(key)).is_some()
}

fn change(path: &Path, edit: impl FnOnce(&mut Map<String, Value>) -> bool) -> io::Result<bool> {
    if let Some(dir) = path.parent() {
        private::create_dir(dir)?;
    }
    let _lock = private::lock(path)?;
    let mut root = match private::read(path)? {
        None => Map::new(),
        Some((bytes, metadata)) => {
            private::refuse_if_others_write(path, &metadata)?;
            // Not ours: a file that cannot be understood is left as it is.
            serde_json::from_slice(&Zeroizing::new(bytes)).map_err(|_| invalid("not a JSON object; not changed"))?
        }
    };
    let auths = root.entry("auths").or_insert_with(|| json!({}));
    let auths = auths.as_object_mut().ok_or_else(|| invalid("“auths” is not an object; not changed"))?;
    let changed = edit(auths);
    if changed {
        let text = Zeroizing::new(serde_json::to_vec_pretty(&root)?);
        private::write_atomic(path, &text)?;
    }
    Ok(changed)
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
