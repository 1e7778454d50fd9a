//! Requests of the older and vendor systems: no challenges, no scopes. The backend says what goes into the headers and
//! reads the status itself; what holds for every request (caps, deadlines, turns, one sending of a write, nowhere else to
//! go) holds here as well.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::content::Content;
use super::retry::{self, Next, Retry};
use super::tap::Tap;
use super::wire::{Outgoing, Purpose, Reply};
use super::{Answer, Http, Op, Said, failure, limits, realm};
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;

/// One request, with everything in it but what the core adds.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub op: Op,
    pub method: Method,
    /// Below the system's URL, beginning with `/`, its parts already safe for a URL.
    pub path: &'a str,
    /// Raw, without `?`.
    pub query: Option<&'a str>,
    /// Another host of the same system, that somebody allowed; the path is below this then.
    pub at: Option<&'a Url>,
    /// Secret ones are marked so (`secret_header`).
    pub headers: HeaderMap,
    pub content: Content,
    /// One write of a repository at a time.
    pub turn: Option<&'a RepoName>,
    /// Most bytes of decoded body.
    pub cap: u64,
}

impl<'a> Ask<'a> {
    pub fn get(op: Op, path: &'a str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (method, content) = (Method::GET, Content::Nothing);
        Self { op, method, path, query: None, at: None, headers, content, turn: None, cap: limits::LIST_PAGE }
    }

    /// With a JSON document.
    pub fn json(op: Op, method: Method, path: &'a str, document: &serde_json::Value) -> Self {
        let mut ask = Self { method, ..Self::get(op, path) };
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        ask.content = Content::Bytes(Bytes::from(document.to_string()));
        ask
    }

    pub fn header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }
}

/// A header's value that is in no log. `None`: it holds what a header cannot.
pub fn secret_header(prefix: &str, secret: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{prefix}{}", secret.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Http {
    /// Any answer, whatever its status, once the retries of a read are used up. A write that is redirected is an error, as
    /// is everything that is no answer.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<Answer> {
        self.ask_through(ask, None).await
    }

    /// The same for somebody who reads along: the body of a success goes to the tap.
    pub async fn ask_to(&self, ask: Ask<'_>, tap: Tap) -> Result<Answer> {
        self.ask_through(ask, Some(tap)).await
    }

    async fn ask_through(&self, ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        let out = Outgoing { tap, ..self.asking(&ask)? };
        self.wire.permit(&out)?;
        // A change may be a GET, too (ml-space.md §2.4).
        if ask.op.writes() && self.settings.read_only {
            let what = format!("read-only mode: {} was stopped before it was sent", ask.op.words());
            return Err(Error::new(ErrorKind::Forbidden, what));
        }
        let reply = match ask.op {
            Op::Change(_) => {
                let _turn = match ask.turn {
                    Some(repo) => Some(self.turns.wait(repo).await),
                    None => None,
                };
                let reply = self.once_only(ask.op, &out).await?;
                if (300..400).contains(&reply.status) {
                    return Err(self.sent_on(ask.op, &out.url, &reply));
                }
                // Nothing is sent on, so it is the one that was asked, wherever that is.
                Reply { foreign: false, ..reply }
            }
            _ => self.read_again(ask.op, out).await?,
        };
        let Reply { status, headers, body, foreign, .. } = reply;
        Ok(Answer { status, headers, body, foreign })
    }

    async fn read_again(&self, op: Op, out: Outgoing) -> Result<Reply> {
        let mut retry = Retry::new(if op == Op::Layer { limits::LAYER_TIME } else { self.wire.total });
        loop {
            let reply = match self.once(op, out.clone(), &mut retry).await {
                Ok(reply) => reply,
                Err(fault) if fault.again && op != Op::SignIn => match retry.after_fault() {
                    Next::Wait(wait) | Next::Pause(wait) => {
                        tokio::time::sleep(wait).await;
                        continue;
                    }
                    Next::Stop => return Err(*fault.error),
                },
                Err(fault) => return Err(*fault.error),
            };
            // A sign-in is sent once: a server that counts failures would count them all.
            if reply.status < 400 || op == Op::SignIn {
                return Ok(reply);
            }
            match retry.after_status(reply.status, &reply.headers) {
                Next::Wait(wait) => tokio::time::sleep(wait).await,
                Next::Pause(wait) => self.gate.pause_for(wait),
                Next::Stop => return Ok(reply),
            }
        }
    }

    /// What an answer that is no success means; `said` is what the system's own kind of error body says, where it is one.
    pub fn declined(&self, op: Op, answer: &Answer, said: Option<&Said>) -> Error {
        let mut error = match said {
            Some(said) => failure::said(op, self.host(), answer.status, said),
            None => failure::of(op, self.host(), answer.status, &answer.headers, &answer.body),
        };
        error.retry_after = retry::retry_after(&answer.headers, jiff::Timestamp::now());
        if let Some(wait) = error.retry_after {
            error = error.hint(format!("It takes requests again in {}.", retry::words(wait)));
        }
        error
    }

    /// Whether a secret may go to the system at all: encrypted, on loopback, or where somebody allowed it (safety.md A6).
    pub fn may_send_secrets(&self) -> Result<()> {
        realm::encrypted(&self.wire.registry, &self.wire.registry, &self.settings)
    }

    /// Another server that this system names for a part of itself, where what the system gave for it may go: a safe
    /// address, of the same host or domain or confirmed by somebody (docker-v1.md §3.3).
    pub fn may_send_to(&self, named: &str) -> Result<Url> {
        let base = &self.wire.registry;
        let url = realm::resolve(named, base, &self.wire.bounds)?;
        realm::trust(&url, None, base, &self.settings).map_err(|error| match error.kind {
            ErrorKind::UntrustedRealm => {
                let what = format!("{} says that its images are at {}", self.host(), realm::host_of(&url));
                Error { realm: error.realm, ..Error::new(ErrorKind::UntrustedRealm, what) }
            }
            _ => error,
        })?;
        Ok(url)
    }

    /// The system's URL.
    pub fn base(&self) -> &Url {
        &self.wire.registry
    }

    fn asking(&self, ask: &Ask<'_>) -> Result<Outgoing> {
        let url = self.under(ask.at.unwrap_or(&self.wire.registry), ask.path, ask.query)?;
        let mut headers = ask.headers.clone();
        let length = match &ask.content {
            Content::Flow(flow) => Some(flow.length),
            Content::Nothing if matches!(ask.method, Method::PUT | Method::POST | Method::PATCH) => Some(0),
            _ => None,
        };
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        let (purpose, first_byte) = match ask.op {
            Op::SignIn => (Purpose::Token, limits::FIRST_BYTE),
            op if op.writes() => (Purpose::Registry, limits::FIRST_BYTE_WRITE),
            op if op.is_list() => (Purpose::Registry, limits::FIRST_BYTE_LIST),
            _ => (Purpose::Registry, limits::FIRST_BYTE),
        };
        Ok(Outgoing {
            method: ask.method.clone(),
            url,
            headers,
            content: ask.content.clone(),
            purpose,
            gzip: ask.op.is_list(),
            first_byte,
            cap: if ask.op.writes() { limits::ERROR_BODY } else { ask.cap },
            tap: None,
        })
    }

    /// A path below an address.
    fn under(&self, base: &Url, path: &str, query: Option<&str>) -> Result<Url> {
        let mut url = base.clone();
        url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
        url.set_query(query);
        // Dot segments are resolved by the URL parser; a path that changed was not safe after all.
        if !path.starts_with('/') || !url.path().ends_with(path) {
            return Err(Error::new(ErrorKind::Forbidden, "a name that is not safe in a web address was not sent"));
        }
        Ok(url)
    }
}
