//! One HTTP client per registry: authentication, redirects, retries, limits, caps and deadlines, for every request.
//! Backends say what they want (`Call`) and get a complete, capped, successful `Answer` or an `Error` with a sentence.

mod address;
mod ask;
mod auth;
mod body;
mod certificates;
mod challenge;
mod content;
mod credential;
mod echo;
mod failure;
mod fault;
mod gate;
mod grant;
pub mod limits;
pub mod link;
mod notice;
mod op;
mod place;
mod proxy;
mod realm;
mod redirect;
mod retry;
mod scope;
mod sign_in;
mod tap;
#[cfg(test)]
mod tests;
mod tls;
mod tls_fault;
mod token;
mod turns;
mod verifier;
mod wire;
mod write;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, RANGE};
use serde::Deserialize;
use tokio::time::{Instant, timeout};
use url::Url;

use self::address::Bounds;
pub use self::ask::{Ask, secret_header};
use self::auth::{Auth, Rounds};
pub use self::content::{Content, Flow};
pub use self::credential::{Credentials, Held, basic};
pub use self::failure::{Said, cut, is_html};
use self::fault::Fault;
use self::gate::{Gate, Sample};
use self::notice::Notices;
pub use self::op::Op;
use self::proxy::Proxies;
use self::retry::{Next, Retry};
pub use self::tap::{Piece, Tap};
pub use self::turns::Right;
use self::turns::Turns;
use self::wire::{Outgoing, Purpose, Reply, Wire};
pub use self::write::{To, Write};
use super::{Context, Error, Result, Settings};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::registry::{Mode, RegistryProfile};

/// One read of the registry's own origin. Writes are another type (`Write`), and go another way.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub op: Op,
    /// HEAD instead of GET. A HEAD has no body.
    pub head: bool,
    /// Path below the registry's URL, starting with `/v2/`, already safe for a URL.
    pub path: &'a str,
    /// Raw query without `?`.
    pub query: Option<&'a str>,
    pub accept: Option<&'static str>,
    /// From this byte on.
    pub range: Option<u64>,
    /// The scope to ask for up front once the origin is known to use Bearer (`repository:x:pull`).
    pub scope: Option<&'a str>,
    /// Most bytes of decoded body; more is a `BadAnswer`.
    pub cap: u64,
}

/// A successful answer (2xx).
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Bytes,
    /// Another server than the registry gave it, after a redirect.
    pub foreign: bool,
}

pub struct Http {
    wire: Arc<Wire>,
    auth: Auth,
    gate: Arc<Gate>,
    turns: Turns,
    left: Mutex<Option<Clean>>,
    notices: Notices,
    settings: Settings,
    host: String,
}

impl Http {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let registry = registry_url(profile)?;
        let proxies = Proxies::from_env()?;
        let bounds = Arc::new(Bounds::new(&registry, proxies.hosts()));
        let client = tls::client(profile, &registry, &bounds, &proxies)?;
        let settings = &Settings {
            read_only: context.settings.read_only || profile.mode == Mode::ReadOnly,
            ..context.settings.clone()
        };
        let host = realm::host_of(&registry);
        let wire = Arc::new(Wire::new(client, registry, bounds, proxies, settings));
        Ok(Self {
            auth: Auth::new(Arc::clone(&wire), context),
            gate: Arc::new(Gate::new(settings.max_in_flight)),
            turns: Turns::default(),
            left: Mutex::default(),
            notices: Notices::default(),
            settings: settings.clone(),
            wire,
            host,
        })
    }

    /// Sends, authenticates, follows, retries, reads the whole body.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer> {
        self.send_through(call, None).await
    }

    /// The same for somebody who reads along: the body of a success goes to the tap, and the answer has none.
    pub async fn send_to(&self, call: Call<'_>, tap: Tap) -> Result<Answer> {
        self.send_through(call, Some(tap)).await
    }

    async fn send_through(&self, call: Call<'_>, tap: Option<Tap>) -> Result<Answer> {
        let mut out = Outgoing { tap, ..self.outgoing(&call)? };
        let mut retry = Retry::new(if call.op == Op::Layer { limits::LAYER_TIME } else { self.wire.total });
        let scopes: Vec<String> = call.scope.map(str::to_owned).into_iter().collect();
        let mut rounds = self.auth.up_front(call.op, &scopes).await?;
        loop {
            out.headers.remove(AUTHORIZATION);
            if let Some(sent) = &rounds.sent {
                out.headers.insert(AUTHORIZATION, sent.header().clone());
            }
            let reply = match self.once(call.op, out.clone(), &mut retry).await {
                Ok(reply) => reply,
                Err(fault) if fault.again => match retry.after_fault() {
                    Next::Wait(wait) | Next::Pause(wait) => {
                        tokio::time::sleep(wait).await;
                        continue;
                    }
                    Next::Stop => return Err(*fault.error),
                },
                Err(fault) => return Err(*fault.error),
            };
            match reply.status {
                200..300 => return Ok(self.answer(call.op, &rounds, reply).await),
                // Another origin's 401 is its own affair: no stored credential goes there (safety.md A1).
                401 if !reply.foreign => self.auth.challenged(call.op, &mut rounds, &out.url, &reply).await?,
                status => match retry.after_status(status, &reply.headers) {
                    Next::Wait(wait) => tokio::time::sleep(wait).await,
                    Next::Pause(wait) => self.gate.pause_for(wait),
                    Next::Stop => return Err(self.failed(call.op, &reply)),
                },
            }
        }
    }

    /// Reads an answer's JSON; what is not JSON of this shape becomes one clear sentence.
    pub fn json<'a, T: Deserialize<'a>>(&self, op: Op, answer: &'a Answer) -> Result<T> {
        let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
        serde_json::from_slice(body).map_err(|_| self.misshapen(op, answer))
    }

    /// What an answer of the wrong shape is: a web page, nothing, other JSON.
    pub fn misshapen(&self, op: Op, answer: &Answer) -> Error {
        failure::misshapen(op, &self.host, answer.status, &answer.headers, &answer.body)
    }

    /// What an error is that came with a status of success (oci-distribution.md §4.5).
    pub fn refused(&self, op: Op, answer: &Answer, said: &Said) -> Error {
        failure::said(op, &self.host, answer.status, said)
    }

    /// What the registry said beside its answers and nobody has heard yet.
    pub fn notices(&self) -> Vec<Clean> {
        self.notices.take()
    }

    /// `host[:port]`, for sentences.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The sign-in scheme seen at this origin so far: "none", "basic", "bearer".
    pub fn scheme(&self) -> Option<&'static str> {
        self.auth.scheme()
    }

    /// "http, not encrypted", "h2", "http/1.1": of the last answer.
    pub fn transport(&self) -> Option<&'static str> {
        self.wire.transport()
    }

    /// The shortest time to an answer so far; the first one includes making the connection.
    pub fn latency(&self) -> Option<Duration> {
        self.wire.quickest()
    }

    /// What the last token allows, where it says so.
    pub fn granted(&self) -> Vec<Clean> {
        self.auth.granted()
    }

    /// What the registry's counter of requests said last.
    pub fn rate_limit(&self) -> Option<Clean> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Less than a tenth of the requests that counter allows are left.
    pub fn few_left(&self) -> bool {
        self.notices.few_left()
    }

    /// Nobody waits for an answer of this registry.
    pub fn is_idle(&self) -> bool {
        self.gate.is_empty()
    }

    /// Requests the adaptive limit allows in flight now.
    pub fn parallelism(&self) -> usize {
        self.gate.limit()
    }

    async fn once(&self, op: Op, out: Outgoing, retry: &mut Retry) -> Result<Reply, Fault> {
        let permit = self.gate.enter().await;
        let started = Instant::now();
        let result = timeout(retry.left(), redirect::follow(&self.wire, out)).await;
        retry.spend(started.elapsed());
        let Ok(result) = result else {
            return Err(Fault::last(Error::new(
                ErrorKind::Timeout,
                format!("{} did not finish {} in time", self.host, op.words()),
            )));
        };
        let Ok(reply) = &result else { return result };
        self.heard(reply);
        permit.done(match reply.status {
            429 | 500.. => Sample::Overload,
            _ => Sample::Fine((!op.is_list()).then_some(reply.latency)),
        });
        result
    }

    /// What every answer tells beside itself.
    fn heard(&self, reply: &Reply) {
        if self.wire.is_http2() {
            self.gate.saw_http2();
        }
        if !reply.foreign {
            self.notices.look(&self.host, &reply.headers);
        }
        if let Some(left) = counted(&reply.headers) {
            self.gate.saw_counter();
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(left);
        }
        if reply.status == 429 && !reply.foreign {
            self.gate.saw_counter();
        }
    }

    async fn answer(&self, op: Op, rounds: &Rounds, reply: Reply) -> Answer {
        self.auth.accepted(op, rounds).await;
        Answer { status: reply.status, headers: reply.headers, body: reply.body, foreign: reply.foreign }
    }

    fn failed(&self, op: Op, reply: &Reply) -> Error {
        let mut error = failure::of(op, &self.host, reply.status, &reply.headers, &reply.body);
        error.retry_after = retry::retry_after(&reply.headers, jiff::Timestamp::now());
        if let Some(wait) = error.retry_after {
            error = error.hint(format!("The registry takes requests again in {}.", retry::words(wait)));
        }
        if reply.foreign {
            error = error.hint("The registry had sent us on to another server, which gave this answer.");
        }
        error
    }

    fn outgoing(&self, call: &Call<'_>) -> Result<Outgoing> {
        let url = self.below(call.path, call.query)?;
        let mut headers = HeaderMap::new();
        if let Some(accept) = call.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(from) = call.range
            && let Ok(value) = HeaderValue::from_str(&format!("bytes={from}-"))
        {
            headers.insert(RANGE, value);
        }
        Ok(Outgoing {
            method: if call.head { Method::HEAD } else { Method::GET },
            url,
            headers,
            content: Content::Nothing,
            purpose: Purpose::Registry,
            gzip: call.op.is_list(),
            first_byte: if call.op.is_list() { limits::FIRST_BYTE_LIST } else { limits::FIRST_BYTE },
            cap: call.cap,
            tap: None,
        })
    }

    /// A path of the registry.
    fn below(&self, path: &str, query: Option<&str>) -> Result<Url> {
        let mut url = self.wire.registry.clone();
        url.set_path(&format!("{}{}", self.wire.registry.path().trim_end_matches('/'), path));
        url.set_query(query);
        // Dot segments are resolved by the URL parser; a path that changed was not safe after all.
        if !path.starts_with("/v2/") || !url.path().ends_with(path) {
            return Err(Error::new(ErrorKind::Forbidden, "a name that is not safe in a web address was not sent"));
        }
        Ok(url)
    }
}

/// Hub, GitHub and GitLab spell it differently (oci-distribution.md §13).
fn counted(headers: &HeaderMap) -> Option<Clean> {
    let text = ["ratelimit-remaining", "x-ratelimit-remaining", "ratelimit-limit", "x-ratelimit-limit"]
        .iter()
        .find_map(|name| headers.get(*name))?
        .to_str()
        .unwrap_or_default();
    // Hub adds the window, "76;w=21600".
    Some(clean::identifier(text.split(';').next().unwrap_or_default()))
}

fn registry_url(profile: &RegistryProfile) -> Result<Url> {
    let wrong = |why: &str| Error::new(ErrorKind::Config, format!("the address of registry {} {why}", profile.name));
    let text = if profile.url.contains("://") {
        profile.url.clone()
    } else {
        format!("{}://{}", if profile.plain_http { "http" } else { "https" }, profile.url)
    };
    let url: Url = text.parse().map_err(|_| wrong("is not a web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not contain a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must not contain a query or a fragment"));
    }
    Ok(url)
}
