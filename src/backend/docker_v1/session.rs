//! Who we are to a registry of the first protocol: nobody, somebody with a password, or the bearer of an index's tokens.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::cookie::Jar;
use super::token::{self, Kind};
use super::{DockerV1, assumed};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Credentials, Held, Op, Tap, basic, limits};
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;
use crate::domain::secret::Credential;

/// How a server wants to know who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Not at all.
    Open,
    /// A password with every call.
    Basic,
    /// A token of an index for each repository and kind of access.
    Index,
}

impl Way {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "none",
            Self::Basic => "basic",
            Self::Index => "token",
        }
    }
}

/// Where a call goes, which decides what goes with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum To<'a> {
    /// The index, or the registry that plays it.
    Index,
    Read(&'a RepoName),
    /// With the images that the repository is told of on the way to a token.
    Write(&'a RepoName, &'a [&'a str]),
}

/// What opens the registry for one repository in one way.
#[derive(Clone, Default)]
struct Pass {
    token: Option<SecretString>,
    /// The registry's own address, where it is another than the index's.
    at: Option<Url>,
    /// A cookie stands for the token from then on.
    by_cookie: bool,
    /// Calls it has opened.
    used: usize,
}

type Slot = Arc<tokio::sync::Mutex<Option<Pass>>>;

pub(super) struct Session {
    credentials: Credentials,
    way: Mutex<Option<Way>>,
    passes: Mutex<HashMap<(String, Kind), Slot>>,
    jar: Jar,
    /// Tokens that opened one call and then no other: such a server takes each of them once.
    spent: AtomicUsize,
}

/// From this many on it is no accident.
const SPENT: usize = 2;

impl Session {
    pub fn new(credentials: Credentials) -> Self {
        let (way, passes) = (Mutex::default(), Mutex::default());
        Self { credentials, way, passes, jar: Jar::default(), spent: AtomicUsize::new(0) }
    }

    pub fn known(&self) -> Option<Way> {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn has_password(&self) -> bool {
        !self.credentials.get().await.credential.is_anonymous()
    }

    fn learn(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(way);
    }

    fn slot(&self, repo: &str, kind: Kind) -> Slot {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        if passes.len() >= limits::TOKENS_KEPT {
            passes.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(passes.entry((repo.to_owned(), kind)).or_default())
    }

    fn takes_each_once(&self) -> bool {
        self.spent.load(Ordering::Relaxed) >= SPENT
    }
}

impl DockerV1 {
    /// What the greeting says of it, asked once. A registry that calls itself standalone may still want a password.
    pub(super) async fn way(&self) -> Result<Way> {
        if let Some(way) = self.session.known() {
            return Ok(way);
        }
        self.finding.run((), || async { self.greet().await.map(|(way, _)| way) }).await
    }

    pub(super) async fn greet(&self) -> Result<(Way, Answer)> {
        let op = Op::Ping;
        let answer = self.http.ask(Ask { cap: limits::PING, ..Ask::get(op, "/v1/_ping") }).await?;
        let way = match answer.status {
            401 => wanted(&answer.headers),
            _ => stated(&answer.headers),
        };
        // A later answer knows better than a greeting.
        let way = self.session.known().unwrap_or(way);
        if (200..300).contains(&answer.status) || answer.status == 401 {
            self.session.learn(way);
        }
        Ok((way, answer))
    }

    /// One call, with what the server wants to see, whatever status comes of it. A 401 means that nothing was done, so
    /// that the same may be asked again with better credentials.
    pub(super) async fn call(&self, to: To<'_>, ask: Ask<'_>) -> Result<Answer> {
        self.call_through(to, ask, None).await
    }

    pub(super) async fn call_to(&self, to: To<'_>, ask: Ask<'_>, tap: Tap) -> Result<Answer> {
        self.call_through(to, ask, Some(tap)).await
    }

    async fn call_through(&self, to: To<'_>, ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        let (repo, kind, images) = match to {
            To::Index => return self.to_index(ask, tap).await,
            To::Read(repo) => (repo, Kind::Read, &[][..]),
            To::Write(repo, images) => (repo, Kind::Write, images),
        };
        if self.way().await? == Way::Open {
            let answer = self.unsigned(&ask, tap.clone()).await?;
            if !Self::is_challenged(&answer, &ask) {
                return Ok(answer);
            }
        }
        match self.way().await? {
            Way::Index => self.by_token(repo, kind, images, ask, tap).await,
            _ => self.by_password(ask, tap).await,
        }
    }

    /// A call that no token is for.
    async fn to_index(&self, ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        if self.way().await? == Way::Open {
            let answer = self.unsigned(&ask, tap.clone()).await?;
            if !Self::is_challenged(&answer, &ask) {
                return Ok(answer);
            }
        }
        self.by_password(ask, tap).await
    }

    async fn unsigned(&self, ask: &Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        let answer = self.send(ask.clone(), tap).await?;
        if answer.status == 401 && !answer.foreign {
            self.session.learn(wanted(&answer.headers));
        }
        Ok(answer)
    }

    /// It was not done, and may be asked again in another way.
    fn is_challenged(answer: &Answer, ask: &Ask<'_>) -> bool {
        answer.status == 401 && !answer.foreign && ask.content.repeatable()
    }

    /// The one way out: cookies go and come here.
    async fn send(&self, mut ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        let at = ask.at.unwrap_or(self.http.base()).clone();
        if let Some(cookies) = self.session.jar.header(&at) {
            ask.headers.insert(COOKIE, cookies);
        }
        let answer = match tap {
            Some(tap) => self.http.ask_to(ask, tap).await?,
            None => self.http.ask(ask).await?,
        };
        if !answer.foreign {
            self.session.jar.take(&at, &answer.headers);
        }
        Ok(answer)
    }

    /// With the password, where there is one.
    pub(super) async fn by_password(&self, ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        let mut held = self.session.credentials.get().await;
        loop {
            let mut ask = ask.clone();
            if let Some(value) = self.password(&held).await? {
                ask.headers.insert(AUTHORIZATION, value);
            }
            let again = ask.content.repeatable();
            let answer = self.send(ask, tap.clone()).await?;
            if held.credential.is_anonymous() {
                return Ok(answer);
            }
            if answer.status != 401 || answer.foreign {
                self.session.credentials.accepted(held.generation).await;
                return Ok(answer);
            }
            match self.session.credentials.rejected(held.generation).await {
                Some(fresh) if again => held = fresh,
                _ => return Ok(answer),
            }
        }
    }

    /// The header of a password that may be sent.
    async fn password(&self, held: &Held) -> Result<Option<HeaderValue>> {
        let host = self.http.host();
        let (username, password) = match &held.credential {
            Credential::Anonymous => return Ok(None),
            Credential::Basic { username, password } => (username, password),
            Credential::IdentityToken(_) | Credential::RegistryToken(_) => {
                let what = format!("what is stored for {host} is a token, and it takes a user name and a password");
                return Err(Error::new(ErrorKind::SignIn, what));
            }
        };
        if self.session.credentials.is_refused(held.generation).await {
            let what = format!("{host} refused this password before, so it was not sent again");
            return Err(Error::new(ErrorKind::SignIn, what));
        }
        self.http.may_send_secrets()?;
        let wrong = || Error::new(ErrorKind::Config, "the user name or the password holds what a header cannot");
        basic(username, password).map(Some).ok_or_else(wrong)
    }

    /// With a token for this repository and kind: a refused one is replaced once, and once more by one that nobody else
    /// can have used up meanwhile.
    async fn by_token(
        &self,
        repo: &RepoName,
        kind: Kind,
        images: &[&str],
        ask: Ask<'_>,
        tap: Option<Tap>,
    ) -> Result<Answer> {
        let slot = self.session.slot(repo.as_str(), kind);
        let mut refused: Option<Pass> = None;
        for attempt in 0..3 {
            let own = attempt == 2 || self.session.takes_each_once();
            let pass = self.pass(&slot, repo, kind, images, refused.as_ref(), own).await?;
            let answer = self.send_with(&pass, ask.clone(), tap.clone()).await?;
            if answer.status != 401 || answer.foreign {
                self.used(&slot, &pass, &answer).await;
                return Ok(answer);
            }
            if !ask.content.repeatable() || attempt == 2 {
                return Ok(answer);
            }
            refused = Some(pass);
        }
        Err(Error::new(ErrorKind::SignIn, format!("{} takes none of its own tokens", self.http.host())))
    }

    /// The pass of this slot, or a new one in the place of the refused one: whoever comes first asks, the others wait.
    async fn pass(
        &self,
        slot: &Slot,
        repo: &RepoName,
        kind: Kind,
        images: &[&str],
        refused: Option<&Pass>,
        own: bool,
    ) -> Result<Pass> {
        let mut held = slot.lock().await;
        if let Some(pass) = held.as_ref() {
            let same =
                refused.is_some_and(|old| token::same(&old.token, &pass.token) && old.by_cookie == pass.by_cookie);
            if same && pass.used == 1 && !pass.by_cookie {
                self.session.spent.fetch_add(1, Ordering::Relaxed);
            }
            if !same && (!own || pass.by_cookie) {
                return Ok(pass.clone());
            }
        }
        let pass = match kind {
            Kind::Read => self.read_pass(repo).await?,
            Kind::Write => self.write_pass(repo, images).await?,
        };
        *held = Some(pass.clone());
        Ok(pass)
    }

    async fn used(&self, slot: &Slot, pass: &Pass, answer: &Answer) {
        let at = pass.at.as_ref().unwrap_or(self.http.base());
        let by_cookie =
            answer.headers.contains_key(reqwest::header::SET_COOKIE) && self.session.jar.header(at).is_some();
        if let Some(held) = slot.lock().await.as_mut().filter(|held| token::same(&held.token, &pass.token)) {
            held.used += 1;
            held.by_cookie |= by_cookie;
        }
    }

    async fn send_with(&self, pass: &Pass, mut ask: Ask<'_>, tap: Option<Tap>) -> Result<Answer> {
        ask.at = pass.at.as_ref();
        match &pass.token {
            Some(_) if pass.by_cookie => {}
            Some(token) => {
                let wrong = || Error::new(ErrorKind::BadAnswer, "the token of the index is none that can be sent");
                ask.headers.insert(AUTHORIZATION, token::header(token).ok_or_else(wrong)?);
            }
            // An index that gives no token plays the registry itself, and knows the password.
            None if pass.at.is_none() => return self.by_password(ask, tap).await,
            None => {}
        }
        self.send(ask, tap).await
    }

    async fn read_pass(&self, repo: &RepoName) -> Result<Pass> {
        let path = format!("/v1/repositories/{}/images", assumed::full(repo));
        let op = Op::Read("asking for a token");
        let ask = Ask::get(op, &path).header("x-docker-token", HeaderValue::from_static("true"));
        let answer = self.taken(op, self.by_password(ask, None).await?)?;
        self.pass_of(&answer)
    }

    /// This announces the repository, which is why it names the images: it is asked for only when something is to be
    /// written there.
    async fn write_pass(&self, repo: &RepoName, images: &[&str]) -> Result<Pass> {
        let answer = self.announce(repo, images).await?;
        self.pass_of(&answer)
    }

    pub(super) async fn announce(&self, repo: &RepoName, images: &[&str]) -> Result<Answer> {
        let path = format!("/v1/repositories/{}/", assumed::full(repo));
        let op = Op::Change("announcing a repository");
        let list: Value = images.iter().map(|id| json!({"id": id})).collect();
        let ask = Ask::json(op, Method::PUT, &path, &list).header("x-docker-token", HeaderValue::from_static("true"));
        self.taken(op, self.to_index(ask, None).await?)
    }

    /// Only the token goes to another host than the index, and only to one that somebody allowed.
    fn pass_of(&self, answer: &Answer) -> Result<Pass> {
        let base = self.http.base();
        let at =
            token::endpoint(&answer.headers, base.scheme()).map(|named| self.http.may_send_to(&named)).transpose()?;
        let at = at.filter(|at| at.origin() != base.origin());
        Ok(Pass { token: token::token(&answer.headers), at, ..Pass::default() })
    }

    /// From an answer that gave it in passing.
    pub(super) async fn keep_write_pass(&self, repo: &RepoName, given: &Answer) -> Result<()> {
        let pass = self.pass_of(given)?;
        *self.session.slot(repo.as_str(), Kind::Write).lock().await = Some(pass);
        Ok(())
    }

    /// A call with the token of this very answer, which is not kept.
    pub(super) async fn call_by(&self, given: &Answer, ask: Ask<'_>) -> Result<Answer> {
        let pass = self.pass_of(given)?;
        self.send_with(&pass, ask, None).await
    }
}

/// What `_ping` says. Quay calls itself no standalone registry and plays both parts; the way by tokens works there too.
fn stated(headers: &HeaderMap) -> Way {
    let text = headers.get("x-docker-registry-standalone").and_then(|value| value.to_str().ok()).unwrap_or("");
    if text.eq_ignore_ascii_case("false") || text == "0" { Way::Index } else { Way::Open }
}

/// What a 401 asks for.
fn wanted(headers: &HeaderMap) -> Way {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let token = |text: &str| text.split([',', ' ']).any(|word| word.eq_ignore_ascii_case("token"));
    if challenges.into_iter().any(token) { Way::Index } else { Way::Basic }
}
