//! Which account a connection uses. Lists of an earlier visit are shown to the account that saw them and to no other
//! (safety.md G5), so this must be known before the registry has asked for any credential.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::domain::clean::Clean;
use crate::domain::secret::{Account, Credential, CredentialSource, Found};

/// User names under which everybody signs in: the secret alone says who it is. Amazon, Azure, Google (three), GitLab,
/// GitHub, IBM (two), Oracle's and others' tokens.
const NO_NAMES: [&str; 12] = [
    "AWS",
    "00000000-0000-0000-0000-000000000000",
    "_json_key",
    "_json_key_base64",
    "oauth2accesstoken",
    "gitlab-ci-token",
    "x-access-token",
    "iamapikey",
    "iambearer",
    "BEARER_TOKEN",
    "token",
    "_token",
];

/// The user name; empty for anonymous. `None` where nothing says whose secret it is.
fn account(credential: &Credential) -> Option<String> {
    match credential {
        Credential::Anonymous => Some(String::new()),
        Credential::Basic { username, .. } if username.is_empty() || NO_NAMES.contains(&username.as_str()) => None,
        Credential::Basic { username, .. } => Some(username.clone()),
        Credential::IdentityToken(_) | Credential::RegistryToken(_) => None,
    }
}

/// The credential source of one connection, watched. What was looked up to learn the account is handed to the
/// connection when it asks: a helper is run once.
pub struct Watched {
    source: Arc<dyn CredentialSource>,
    host: String,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    account: Known,
    ready: Option<Found>,
    /// What the registry was answered last when it asked who we are.
    asked: Option<(Account, Vec<Clean>)>,
}

#[derive(Clone, Default, PartialEq, Eq)]
enum Known {
    #[default]
    NotYet,
    Is(String),
    /// Nameless, or more than one in the life of this connection.
    Never,
}

impl Seen {
    fn note(&mut self, credential: &Credential) {
        let now = account(credential).map_or(Known::Never, Known::Is);
        self.account = if self.account == Known::NotYet || self.account == now { now } else { Known::Never };
    }
}

impl Watched {
    pub fn new(source: Arc<dyn CredentialSource>, host: String) -> Self {
        Self { source, host, seen: Mutex::default() }
    }

    /// The account this connection uses or is going to use.
    pub async fn account(&self) -> Option<String> {
        let mut seen = self.seen.lock().await;
        if seen.account == Known::NotYet {
            let found = self.source.lookup(&self.host).await;
            seen.note(&found.credential);
            seen.ready = Some(found);
        }
        named(&seen.account)
    }

    /// Who we are there, and where that was looked for; nothing when the registry did not ask yet.
    pub async fn asked(&self) -> Option<(Account, Vec<Clean>)> {
        self.seen.lock().await.asked.clone()
    }

    /// As `account`, but `None` also while it is not known.
    pub fn account_now(&self) -> Option<String> {
        named(&self.seen.try_lock().ok()?.account)
    }
}

fn named(known: &Known) -> Option<String> {
    match known {
        Known::Is(name) => Some(name.clone()),
        Known::NotYet | Known::Never => None,
    }
}

#[async_trait]
impl CredentialSource for Watched {
    async fn lookup(&self, host: &str) -> Found {
        let mut seen = self.seen.lock().await;
        let found = match seen.ready.take() {
            Some(found) => found,
            None => self.source.lookup(host).await,
        };
        seen.note(&found.credential);
        seen.asked = Some((found.account(), found.trail.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Answers the names in turn, then the last for ever; an empty one is anonymous.
    struct Turns(Vec<&'static str>, AtomicUsize);

    #[async_trait]
    impl CredentialSource for Turns {
        async fn lookup(&self, _: &str) -> Found {
            let turn = self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1);
            let credential = match self.0[turn] {
                "" => Credential::Anonymous,
                name => Credential::Basic { username: name.to_owned(), password: "s".to_owned().into() },
            };
            Found { credential, ..Found::default() }
        }
    }

    fn watched(names: &[&'static str]) -> (Watched, Arc<Turns>) {
        let turns = Arc::new(Turns(names.to_vec(), AtomicUsize::new(0)));
        (Watched::new(turns.clone(), "r.example".to_owned()), turns)
    }

    #[tokio::test]
    async fn what_is_looked_up_for_the_account_is_what_the_connection_gets() {
        let (watched, turns) = watched(&["bob", "alice"]);
        assert_eq!(watched.account_now(), None);
        assert_eq!(watched.account().await.as_deref(), Some("bob"));
        let found = watched.lookup("r.example").await;
        assert!(matches!(found.credential, Credential::Basic { username, .. } if username == "bob"));
        assert_eq!(turns.1.load(Ordering::Relaxed), 1);
        assert_eq!(watched.account_now().as_deref(), Some("bob"));
    }

    #[tokio::test]
    async fn a_connection_that_changed_its_account_has_none() {
        let (watched, _) = watched(&["bob", "alice", "bob"]);
        for _ in 0..3 {
            watched.lookup("r.example").await;
        }
        assert_eq!((watched.account().await, watched.account_now()), (None, None));
    }

    #[tokio::test]
    async fn the_same_name_for_everybody_is_no_name() {
        assert_eq!(watched(&["AWS"]).0.account().await, None);
        assert_eq!(watched(&[""]).0.account().await.as_deref(), Some(""));
        assert_eq!(account(&Credential::RegistryToken("t".to_owned().into())), None);
    }
}
