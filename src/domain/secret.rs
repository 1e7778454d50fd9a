//! Secrets and where they come from. Nothing here can be printed.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::clean::{self, Clean};

/// A secret that is shown once, to one person. It cannot be printed, is equal to nothing but itself, and its memory is
/// wiped with its last owner.
#[derive(Clone)]
pub struct OneTime(Arc<SecretString>);

impl OneTime {
    pub fn new(secret: SecretString) -> Self {
        Self(Arc::new(secret))
    }
}

impl ExposeSecret<str> for OneTime {
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for OneTime {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for OneTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTime")
    }
}

/// What to sign in with.
#[derive(Clone, Debug, Default)]
pub enum Credential {
    #[default]
    Anonymous,
    Basic {
        username: String,
        password: SecretString,
    },
    /// A refresh token for the OAuth2 POST of the token server.
    IdentityToken(SecretString),
    /// Sent as Bearer as it is.
    RegistryToken(SecretString),
}

impl Credential {
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }
}

/// What a look-up found, and where, for the sign-in dialog ("helper: pass", "config.json").
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub credential: Credential,
    /// The place that had it, in a word or two: "helper:pass", "config".
    pub from: Option<Clean>,
    /// Where it came from, or where it was looked for, one line a place.
    pub trail: Vec<Clean>,
}

/// Who we are at a registry, as far as it may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub user: Option<Clean>,
    /// Where the secret came from; nothing when there is none.
    pub from: Option<Clean>,
}

impl Found {
    pub fn account(&self) -> Account {
        let user = match &self.credential {
            Credential::Basic { username, .. } => Some(clean::identifier(username)),
            Credential::IdentityToken(_) => Some(Clean::fixed("identity token")),
            Credential::RegistryToken(_) => Some(Clean::fixed("token")),
            Credential::Anonymous => None,
        };
        Account { user, from: self.from.clone() }
    }
}

/// Looks credentials up. Called once per registry and again after a 401 (helpers hand out short-lived tokens).
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// `host` is `host[:port]` as in image references.
    async fn lookup(&self, host: &str) -> Found;
}
