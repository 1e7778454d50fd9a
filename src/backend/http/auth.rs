//! Who we are at this origin: the schemes seen, and the state machine of one request (oci-distribution.md §3.7).

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use url::Url;

use super::challenge::{self, Challenge};
use super::credential::{self, Credentials, Held};
use super::sign_in::{self, Wish};
use super::token::{Issued, Key, Tokens};
use super::wire::{Reply, Wire};
use super::{Op, failure, grant, realm, scope};
use crate::backend::error::{Error, Result};
use crate::backend::{Context, Settings};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorKind;
use crate::domain::secret::Credential;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scheme {
    Open,
    Basic,
    Bearer { realm: Url, service: Option<String> },
}

/// Harbor answers the catalogue with Basic and the rest with Bearer (oci-distribution.md §16).
#[derive(Default)]
struct Schemes {
    general: Option<Scheme>,
    catalog: Option<Scheme>,
}

/// What a request carried.
#[derive(Clone, Debug)]
pub enum Sent {
    Basic { generation: u64, header: HeaderValue },
    Token { issued: Issued, header: HeaderValue },
    Registry { generation: u64, header: HeaderValue },
}

impl Sent {
    pub fn header(&self) -> &HeaderValue {
        match self {
            Self::Basic { header, .. } | Self::Token { header, .. } | Self::Registry { header, .. } => header,
        }
    }

    fn generation(&self) -> u64 {
        match self {
            Self::Basic { generation, .. } | Self::Registry { generation, .. } => *generation,
            Self::Token { issued, .. } => issued.key.who,
        }
    }
}

/// The sign-in side of one request.
#[derive(Debug, Default)]
pub struct Rounds {
    pub sent: Option<Sent>,
    asked: Vec<String>,
    done: u8,
}

impl Rounds {
    /// What was asked for, at first or in the end.
    pub fn scopes(&self) -> &[String] {
        &self.asked
    }
}

pub struct Auth {
    wire: Arc<Wire>,
    settings: Settings,
    credentials: Credentials,
    tokens: Tokens,
    schemes: Mutex<Schemes>,
    /// The realm that credentials were sent to; another one needs a word from the user (safety.md A3).
    realm: Mutex<Option<Url>>,
    granted: Mutex<Vec<Clean>>,
}

impl Auth {
    pub fn new(wire: Arc<Wire>, context: &Context) -> Self {
        let host = realm::authority(&wire.registry);
        let credentials = Credentials::new(Arc::clone(&context.credentials), host);
        Self {
            wire,
            settings: context.settings.clone(),
            credentials,
            tokens: Tokens::default(),
            schemes: Mutex::default(),
            realm: Mutex::default(),
            granted: Mutex::default(),
        }
    }

    pub fn scheme(&self) -> Option<&'static str> {
        self.known(Op::Ping).map(|scheme| match scheme {
            Scheme::Open => "none",
            Scheme::Basic => "basic",
            Scheme::Bearer { .. } => "bearer",
        })
    }

    pub fn granted(&self) -> Vec<Clean> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What to send before anybody asks: only where the origin's scheme is known.
    pub async fn up_front(&self, op: Op, scopes: &[String]) -> Result<Rounds> {
        let mut rounds = Rounds::default();
        match self.known(op) {
            Some(Scheme::Basic) => {
                let held = self.credentials.get().await;
                if !held.credential.is_anonymous() {
                    rounds.sent = Some(self.basic(&held).await?);
                }
            }
            Some(Scheme::Bearer { realm, service }) if !scopes.is_empty() => {
                let held = self.credentials.get().await;
                rounds.asked = scopes.to_vec();
                let wish = Wish { realm, service, scopes: rounds.asked.clone() };
                match self.bearer(wish, held).await {
                    Ok(sent) => rounds.sent = Some(sent),
                    // Our guess at the scope may be the reason; the registry's own challenge decides.
                    Err(error) if matches!(error.kind, ErrorKind::BadAnswer | ErrorKind::Denied) => {
                        rounds.asked.clear()
                    }
                    Err(error) => return Err(error),
                }
            }
            _ => {}
        }
        Ok(rounds)
    }

    /// The registry took what was sent.
    pub async fn accepted(&self, op: Op, rounds: &Rounds) {
        match &rounds.sent {
            Some(sent) => self.credentials.accepted(sent.generation()).await,
            None => {
                let mut schemes = self.schemes.lock().unwrap_or_else(PoisonError::into_inner);
                if op == Op::Ping && schemes.general.is_none() {
                    schemes.general = Some(Scheme::Open);
                }
            }
        }
    }

    /// A 401 from the registry: what to send next, or why there is nothing left to send.
    pub async fn challenged(&self, op: Op, rounds: &mut Rounds, asked: &Url, reply: &Reply) -> Result<()> {
        let offered = challenge::challenges(&reply.headers);
        let chosen = challenge::choose(&offered);
        let held = self.credentials.get().await;
        let sent = rounds.sent.take();
        rounds.done += 1;
        match chosen {
            Some(bearer) if bearer.scheme == "bearer" => {
                let realm = bearer.param("realm").unwrap_or_default();
                let realm = realm::resolve(realm, asked, &self.wire.bounds)?;
                let service = bearer.param("service").map(str::to_owned);
                let held = match &sent {
                    Some(Sent::Token { issued, .. }) => {
                        self.tokens.forget(&issued.key);
                        let same = issued.key.realm == realm && scope::covers(issued.scopes(), &bearer.scopes());
                        if rounds.done > 2 || (same && (issued.fresh || bearer.error() == Some("insufficient_scope"))) {
                            return Err(self.not_allowed(op, reply, bearer, &held));
                        }
                        held
                    }
                    Some(Sent::Registry { generation, .. }) => self.other(*generation, op, reply).await?,
                    _ if rounds.done > 2 => return Err(self.not_allowed(op, reply, bearer, &held)),
                    _ => held,
                };
                self.learn(op, Scheme::Bearer { realm: realm.clone(), service: service.clone() });
                let mut scopes = bearer.scopes();
                scopes.extend(
                    rounds.asked.iter().filter(|old| !scope::covers(&bearer.scopes(), &[(*old).clone()])).cloned(),
                );
                rounds.asked.clone_from(&scopes);
                rounds.sent = Some(self.bearer(Wish { realm, service, scopes }, held).await?);
            }
            None if held.credential.is_anonymous() || !offered.is_empty() => {
                return Err(self.no_way(op, reply, &offered));
            }
            // A 401 that names no way is taken for Basic (oci-distribution.md §3.1).
            _ => {
                self.learn(op, Scheme::Basic);
                let held = match &sent {
                    Some(Sent::Basic { generation, .. }) if rounds.done <= 2 => {
                        self.other(*generation, op, reply).await?
                    }
                    Some(Sent::Basic { .. }) => return Err(self.refused(op, reply)),
                    _ => held,
                };
                rounds.sent = Some(self.basic(&held).await?);
            }
        }
        Ok(())
    }

    async fn basic(&self, held: &Held) -> Result<Sent> {
        let host = realm::host_of(&self.wire.registry);
        let Credential::Basic { username, password } = &held.credential else {
            let what =
                if held.credential.is_anonymous() { "wants a sign-in" } else { "wants a user name and a password" };
            return Err(Error::new(ErrorKind::SignIn, format!("{host} {what}")));
        };
        self.stop_if_refused(held, &host).await?;
        realm::encrypted(&self.wire.registry, &self.wire.registry, &self.settings)?;
        let header = credential::basic(username, password).ok_or_else(|| unsendable(&host))?;
        Ok(Sent::Basic { generation: held.generation, header })
    }

    async fn bearer(&self, wish: Wish, mut held: Held) -> Result<Sent> {
        let host = realm::host_of(&self.wire.registry);
        if let Credential::RegistryToken(secret) = &held.credential {
            realm::encrypted(&self.wire.registry, &self.wire.registry, &self.settings)?;
            let header = credential::bearer(secret).ok_or_else(|| unsendable(&host))?;
            return Ok(Sent::Registry { generation: held.generation, header });
        }
        loop {
            if !held.credential.is_anonymous() {
                self.stop_if_refused(&held, &realm::host_of(&wish.realm)).await?;
                self.trust(&wish.realm)?;
                // The token goes back to the registry, and is worth a password there.
                realm::encrypted(&self.wire.registry, &self.wire.registry, &self.settings)?;
            }
            let key = Key::new(wish.realm.clone(), wish.service.clone(), &wish.scopes, held.generation);
            match self.tokens.get(key, sign_in::fetch(&self.wire, &wish, &held.credential)).await {
                Ok(issued) => {
                    if issued.fresh {
                        self.credentials.accepted(held.generation).await;
                        *self.granted.lock().unwrap_or_else(PoisonError::into_inner) =
                            grant::granted(&issued.token.secret);
                    }
                    let header = credential::bearer(&issued.token.secret).ok_or_else(|| unsendable(&host))?;
                    return Ok(Sent::Token { issued, header });
                }
                Err(error) if error.status == Some(401) => {
                    match self.credentials.rejected(held.generation).await {
                        // Each look-up that gives something new ends the chance of another: generations only rise.
                        Some(fresh) if fresh.generation == held.generation + 1 => held = fresh,
                        _ => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn trust(&self, realm: &Url) -> Result<()> {
        let mut before = self.realm.lock().unwrap_or_else(PoisonError::into_inner);
        realm::trust(realm, before.as_ref(), &self.wire.registry, &self.settings)?;
        before.get_or_insert_with(|| realm.clone());
        Ok(())
    }

    async fn stop_if_refused(&self, held: &Held, host: &str) -> Result<()> {
        if self.credentials.is_refused(held.generation).await {
            let what = format!("{host} refused the user name or password; they were not sent again");
            return Err(Error::new(ErrorKind::SignIn, what));
        }
        Ok(())
    }

    /// Another credential than the one rejected, or the reason to stop.
    async fn other(&self, generation: u64, op: Op, reply: &Reply) -> Result<Held> {
        match self.credentials.rejected(generation).await {
            Some(held) => Ok(held),
            None if self.credentials.is_refused(generation).await => Err(self.refused(op, reply)),
            None => {
                let mut error = self.plain(op, reply);
                error.kind = ErrorKind::Denied;
                Err(error)
            }
        }
    }

    fn plain(&self, op: Op, reply: &Reply) -> Error {
        failure::of(op, &realm::host_of(&self.wire.registry), reply.status, &reply.headers, &reply.body)
    }

    fn refused(&self, op: Op, reply: &Reply) -> Error {
        let error = self.plain(op, reply);
        let host = realm::host_of(&self.wire.registry);
        Error { what: crate::domain::clean::line(&format!("{host} refused the user name or password (401)")), ..error }
    }

    fn not_allowed(&self, op: Op, reply: &Reply, bearer: &Challenge, held: &Held) -> Error {
        let mut error = self.plain(op, reply);
        error.kind = if held.credential.is_anonymous() { ErrorKind::SignIn } else { ErrorKind::Denied };
        let scopes = bearer.scopes().join(" ");
        if !scopes.is_empty() {
            error.what = crate::domain::clean::line(&format!("{}; the right {scopes} is missing", error.what));
        }
        error
    }

    fn no_way(&self, op: Op, reply: &Reply, offered: &[Challenge]) -> Error {
        let host = realm::host_of(&self.wire.registry);
        let schemes: Vec<_> = offered.iter().map(|challenge| challenge.scheme.as_str()).collect();
        let what = if schemes.is_empty() {
            format!("{host} asks for a sign-in but names no way")
        } else {
            format!("{host} offers only ways to sign in that tagboat does not know: {}", schemes.join(", "))
        };
        Error { what: crate::domain::clean::line(&what), ..self.plain(op, reply) }
    }

    fn known(&self, op: Op) -> Option<Scheme> {
        let schemes = self.schemes.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = if op == Op::Catalog { schemes.catalog.clone() } else { None };
        catalog.or_else(|| schemes.general.clone())
    }

    fn learn(&self, op: Op, scheme: Scheme) {
        let mut schemes = self.schemes.lock().unwrap_or_else(PoisonError::into_inner);
        if op == Op::Catalog {
            schemes.catalog = Some(scheme);
        } else {
            schemes.general = Some(scheme);
        }
    }
}

fn unsendable(host: &str) -> Error {
    Error::new(ErrorKind::SignIn, format!("the credentials for {host} hold characters that cannot be sent"))
}
