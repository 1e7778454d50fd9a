//! What to sign in with at this origin: looked up on the first challenge, and again when it was rejected, because
//! helpers hand out short-lived passwords. A rejected password is not sent again and again: accounts get locked.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::domain::secret::{Credential, CredentialSource};

/// A credential and which look-up it came from; generation 0 is never handed out.
#[derive(Clone)]
pub struct Held {
    pub credential: Credential,
    pub generation: u64,
}

#[derive(Default)]
struct Slot {
    held: Option<Held>,
    /// The server said yes to this generation at least once: a later no is about rights, not about the password.
    proven: bool,
    /// The server said no to this generation, and asking the source again gave the same.
    refused: bool,
}

pub struct Credentials {
    source: Arc<dyn CredentialSource>,
    host: String,
    slot: Mutex<Slot>,
}

impl Credentials {
    pub fn new(source: Arc<dyn CredentialSource>, host: String) -> Self {
        Self { source, host, slot: Mutex::default() }
    }

    pub async fn get(&self) -> Held {
        let mut slot = self.slot.lock().await;
        match &slot.held {
            Some(held) if !slot.refused => held.clone(),
            _ => self.look_up(&mut slot).await,
        }
    }

    /// Known to be wrong: sending it again could lock the account.
    pub async fn is_refused(&self, generation: u64) -> bool {
        let slot = self.slot.lock().await;
        slot.refused && slot.held.as_ref().is_some_and(|held| held.generation == generation)
    }

    /// The server rejected this generation. Another credential if the source has one now.
    pub async fn rejected(&self, generation: u64) -> Option<Held> {
        let mut slot = self.slot.lock().await;
        match &slot.held {
            Some(held) if held.generation != generation => return Some(held.clone()),
            _ if slot.refused => return None,
            _ => {}
        }
        let proven = slot.proven;
        let fresh = self.look_up(&mut slot).await;
        if fresh.generation == generation {
            slot.refused = !proven;
            return None;
        }
        Some(fresh)
    }

    pub async fn accepted(&self, generation: u64) {
        let mut slot = self.slot.lock().await;
        if slot.held.as_ref().is_some_and(|held| held.generation == generation) {
            slot.proven = true;
        }
    }

    async fn look_up(&self, slot: &mut Slot) -> Held {
        let credential = self.source.lookup(&self.host).await.credential;
        let last = slot.held.as_ref();
        if let Some(held) = last.filter(|held| same(&held.credential, &credential)) {
            return held.clone();
        }
        let held = Held { credential, generation: last.map_or(1, |held| held.generation + 1) };
        *slot = Slot { held: Some(held.clone()), proven: false, refused: false };
        held
    }
}

fn same(a: &Credential, b: &Credential) -> bool {
    let equal = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
    match (a, b) {
        (Credential::Anonymous, Credential::Anonymous) => true,
        (Credential::Basic { username: a, password: p }, Credential::Basic { username: b, password: q }) => {
            a == b && equal(p, q)
        }
        (Credential::IdentityToken(a), Credential::IdentityToken(b))
        | (Credential::RegistryToken(a), Credential::RegistryToken(b)) => equal(a, b),
        _ => false,
    }
}

pub fn basic(username: &str, password: &SecretString) -> Option<HeaderValue> {
    let pair = SecretString::from(format!("{username}:{}", password.expose_secret()));
    sensitive(&format!("Basic {}", STANDARD.encode(pair.expose_secret())))
}

pub fn bearer(token: &SecretString) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {}", token.expose_secret()))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
