//! Bearer tokens: fetched from the realm, kept in memory until shortly before they expire (oci-distribution.md §3.4,
//! §3.5). One fetch at a time per key; whoever waits shares its outcome.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{limits, scope};
use crate::backend::error::{Error, Result};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub realm: Url,
    pub service: Option<String>,
    /// Sorted.
    scopes: Vec<String>,
    /// The credential's generation; another account gets other tokens.
    pub who: u64,
}

impl Key {
    pub fn new(realm: Url, service: Option<String>, scopes: &[String], who: u64) -> Self {
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        Self { realm, service, scopes, who }
    }

    fn same_account(&self, other: &Self) -> bool {
        self.who == other.who && self.service == other.service && self.realm == other.realm
    }
}

#[derive(Clone, Debug)]
pub struct Token {
    pub secret: SecretString,
    pub expires: Instant,
}

/// A token from the cache or from the realm, and the key it is kept under.
#[derive(Clone, Debug)]
pub struct Issued {
    pub key: Key,
    pub token: Token,
    /// Fetched just now: if the registry does not like it, another one will not be better.
    pub fresh: bool,
}

impl Issued {
    pub fn scopes(&self) -> &[String] {
        &self.key.scopes
    }
}

#[derive(Default)]
struct Flight {
    failures: AtomicU64,
    outcome: tokio::sync::Mutex<Option<Error>>,
}

#[derive(Default)]
pub struct Tokens {
    ready: Mutex<HashMap<Key, Token>>,
    flights: Mutex<HashMap<Key, Arc<Flight>>>,
}

impl Tokens {
    /// A kept token, or the one `fetch` brings.
    pub async fn get(&self, key: Key, fetch: impl Future<Output = Result<Token>>) -> Result<Issued> {
        if let Some(issued) = self.kept(&key) {
            return Ok(issued);
        }
        let flight = Arc::clone(self.flights().entry(key.clone()).or_default());
        let seen = flight.failures.load(Ordering::Acquire);
        let mut outcome = flight.outcome.lock().await;
        if let Some(issued) = self.kept(&key) {
            return Ok(issued);
        }
        // A failure that happened while we waited is ours too: asking again for everyone who waits locks accounts.
        if flight.failures.load(Ordering::Acquire) != seen
            && let Some(error) = outcome.as_ref()
        {
            return Err(error.clone());
        }
        let fetched = fetch.await;
        match &fetched {
            Ok(token) => self.keep(key.clone(), token.clone()),
            Err(error) => {
                *outcome = Some(error.clone());
                flight.failures.fetch_add(1, Ordering::AcqRel);
            }
        }
        self.flights().remove(&key);
        fetched.map(|token| Issued { key, token, fresh: true })
    }

    pub fn forget(&self, key: &Key) {
        self.ready().remove(key);
    }

    fn kept(&self, key: &Key) -> Option<Issued> {
        let ready = self.ready();
        let now = Instant::now();
        let alive = |token: &Token| token.expires > now + limits::TOKEN_MARGIN;
        let exact = ready.get_key_value(key).filter(|(_, token)| alive(token));
        let wider = || {
            ready.iter().find(|(other, token)| {
                alive(token)
                    && other.same_account(key)
                    && scope::covers(&other.scopes, &key.scopes)
                    && !key.scopes.is_empty()
            })
        };
        let (key, token) = exact.or_else(wider)?;
        Some(Issued { key: key.clone(), token: token.clone(), fresh: false })
    }

    fn keep(&self, key: Key, token: Token) {
        let mut ready = self.ready();
        if ready.len() >= limits::TOKENS_KEPT {
            let now = Instant::now();
            ready.retain(|_, token| token.expires > now);
            if ready.len() >= limits::TOKENS_KEPT {
                ready.clear();
            }
        }
        ready.insert(key, token);
    }

    fn ready(&self) -> MutexGuard<'_, HashMap<Key, Token>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Key, Arc<Flight>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct Body {
    token: Option<String>,
    access_token: Option<String>,
    /// Lenient: a server that sends nonsense here gets the least life, not an error.
    expires_in: Option<serde_json::Value>,
    issued_at: Option<serde_json::Value>,
}

/// The token in a realm's answer, or nothing if there is none to use.
pub fn parse(body: &[u8], received: Instant, now: Timestamp) -> Option<Token> {
    let body: Body = serde_json::from_slice(body).ok()?;
    let usable = |text: &String| {
        !text.is_empty()
            && text.len() <= limits::TOKEN
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    let secret = body.access_token.filter(usable).or(body.token.filter(usable))?;
    let secret = SecretString::from(secret);
    let life = body.expires_in.and_then(|value| value.as_f64()).unwrap_or_default();
    let life =
        Duration::try_from_secs_f64(life).unwrap_or_default().clamp(limits::TOKEN_LIFE_LEAST, limits::TOKEN_LIFE_MOST);
    // A cached answer may be older than it looks; a date that cannot be is a wrong clock (oci-distribution.md §3.4).
    let age = body
        .issued_at
        .as_ref()
        .and_then(|value| value.as_str()?.parse::<Timestamp>().ok())
        .and_then(|issued| Duration::try_from(now.duration_since(issued)).ok())
        .filter(|age| *age + limits::TOKEN_MARGIN < life)
        .unwrap_or_default();
    Some(Token { secret, expires: received + (life - age) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::ErrorKind;
    use secrecy::ExposeSecret;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("time")
    }

    fn life(body: &str) -> Option<u64> {
        let received = Instant::now();
        parse(body.as_bytes(), received, now()).map(|token| (token.expires - received).as_secs())
    }

    #[test]
    fn life_rules() {
        assert_eq!(life(r#"{"token":"t"}"#), Some(60));
        assert_eq!(life(r#"{"token":"t","expires_in":0}"#), Some(60));
        assert_eq!(life(r#"{"token":"t","expires_in":-3}"#), Some(60));
        assert_eq!(life(r#"{"token":"t","expires_in":300}"#), Some(300));
        assert_eq!(life(r#"{"token":"t","expires_in":"300"}"#), Some(60));
        assert_eq!(life(r#"{"token":"t","expires_in":1e300}"#), Some(60));
        assert_eq!(life(r#"{"token":"t","expires_in":300,"issued_at":"2026-11-21T11:59:00Z"}"#), Some(240));
        for skewed in
            ["2027-11-21T12:00:00Z", "2016-11-21T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "x"]
        {
            assert_eq!(
                life(&format!(r#"{{"token":"t","expires_in":300,"issued_at":"{skewed}"}}"#)),
                Some(300),
                "{skewed}"
            );
        }
    }

    #[test]
    fn which_token() {
        let of =
            |body: &str| parse(body.as_bytes(), Instant::now(), now()).map(|t| t.secret.expose_secret().to_owned());
        assert_eq!(of(r#"{"token":"a","access_token":"b"}"#).as_deref(), Some("b"));
        assert_eq!(of(r#"{"token":"a","access_token":""}"#).as_deref(), Some("a"));
        for none in ["{}", "", "<html>", r#"{"token":"a\nb"}"#, r#"{"token":5}"#, "[]"] {
            assert_eq!(of(none), None, "{none}");
        }
        let sized = |length: usize| of(&format!(r#"{{"token":"{}"}}"#, "a".repeat(length))).is_some();
        assert!(sized(limits::TOKEN));
        assert!(!sized(limits::TOKEN + 1));
    }

    fn key(scope: &str) -> Key {
        Key::new("https://h/t".parse().expect("URL"), None, &[scope.to_owned()], 1)
    }

    fn token() -> Token {
        Token { secret: "t".into(), expires: Instant::now() + Duration::from_secs(60) }
    }

    #[tokio::test(start_paused = true)]
    async fn waiters_share_one_fetch_and_one_failure() {
        for fails in [false, true] {
            let tokens = Arc::new(Tokens::default());
            let fetches = Arc::new(AtomicU64::new(0));
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    let (tokens, fetches) = (Arc::clone(&tokens), Arc::clone(&fetches));
                    tokio::spawn(async move {
                        let fetch = async {
                            fetches.fetch_add(1, Ordering::Relaxed);
                            tokio::time::sleep(Duration::from_millis(10)).await;
                            if fails { Err(Error::new(ErrorKind::SignIn, "no")) } else { Ok(token()) }
                        };
                        tokens.get(key("repository:a:pull"), fetch).await.is_err()
                    })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.expect("task"), fails);
            }
            assert_eq!(fetches.load(Ordering::Relaxed), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn kept_until_ten_seconds_before_the_end_and_used_for_less() {
        let tokens = Tokens::default();
        let unused = || async { Err(Error::new(ErrorKind::SignIn, "fetched")) };
        tokens.get(key("repository:a:pull,push"), async { Ok(token()) }).await.expect("token");
        assert!(tokens.get(key("repository:a:pull"), unused()).await.is_ok());
        assert!(tokens.get(key("repository:b:pull"), unused()).await.is_err());
        tokio::time::advance(Duration::from_secs(49)).await;
        assert!(tokens.get(key("repository:a:pull"), unused()).await.is_ok());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(tokens.get(key("repository:a:pull"), unused()).await.is_err());
    }
}
