//! The OCI registry: what it is like, and its running instance.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::auth::{Auth, Gate};
use super::faults::Fault;
use super::listener::{Listening, Port, Site, Traffic};
use super::profile::{Profile, Semantics};
use super::reply::Answer;
use super::request::Request;
use super::routes;
use super::store::Store;

/// What an OCI registry is like.
#[derive(Clone, Debug)]
pub struct OciOptions {
    /// 0 lets the system choose.
    pub port: u16,
    pub profile: Profile,
    pub auth: Auth,
    pub deletes: bool,
    /// Maintenance mode: every write is 405 in plain text.
    pub read_only: bool,
    /// Overrides what the profile says about the referrers API.
    pub referrers: Option<bool>,
    /// The actions tokens may hold.
    pub grants: Vec<&'static str>,
    /// Whether the token server lets anybody pull.
    pub anonymous_pull: bool,
    pub token_life: Duration,
}

impl Default for OciOptions {
    fn default() -> Self {
        Self {
            port: 0,
            profile: Profile::Reference,
            auth: Auth::Open,
            deletes: true,
            read_only: false,
            referrers: None,
            grants: vec!["pull", "push", "delete", "*"],
            anonymous_pull: false,
            token_life: Duration::from_secs(300),
        }
    }
}

/// What every request of one server shares.
pub(super) struct Shared {
    pub store: Mutex<Store>,
    pub semantics: Semantics,
    pub deletes: bool,
    pub read_only: bool,
    pub gate: Gate,
}

impl Shared {
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for Shared {
    fn answer(&self, request: &Request) -> Answer {
        routes::answer(self, request)
    }

    fn change(&self, fault: &Fault) {
        if let Fault::Move { repository, tag, to } = fault {
            self.store().tag(repository, tag, to);
        }
    }
}

/// A running registry. Dropping it closes the listener and every connection.
pub struct OciServer {
    pub url: String,
    shared: Arc<Shared>,
    listening: Listening,
}

impl OciServer {
    /// The contents, to look at or to change behind the client's back. Not to be held over an await.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store()
    }

    pub fn tokens_issued(&self) -> usize {
        self.shared.gate.tokens_issued()
    }

    /// Every token given so far is worthless from now on.
    pub fn forget_tokens(&self) {
        self.shared.gate.forget_tokens();
    }
}

impl Deref for OciServer {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.listening.traffic
    }
}

/// Starts a registry on 127.0.0.1.
pub async fn start_oci(store: Store, options: OciOptions) -> std::io::Result<OciServer> {
    let port = Port::bind(options.port).await?;
    let url = port.url.clone();
    let mut semantics = options.profile.semantics();
    semantics.referrers = options.referrers.unwrap_or(semantics.referrers);
    let realm = format!("{url}/token");
    let gate = Gate::new(options.auth, options.grants, options.anonymous_pull, options.token_life, realm);
    let shared = Arc::new(Shared {
        store: Mutex::new(store),
        semantics,
        deletes: options.deletes,
        read_only: options.read_only,
        gate,
    });
    let listening = port.open(Arc::clone(&shared));
    if options.profile == Profile::Hostile {
        super::hostile::arm(listening.traffic.faults());
    }
    Ok(OciServer { url, shared, listening })
}
