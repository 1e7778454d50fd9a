//! The listener: takes requests, records them, lets the faults at them, hands them to the routes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::auth::{Auth, Gate};
use super::faults::{self, Fault, Faults};
use super::profile::{Profile, Semantics};
use super::reply::{Answer, Closed};
use super::request::{Logged, Request};
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
    faults: Faults,
    log: Mutex<Vec<Logged>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Shared {
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running registry. Dropping it closes the listener and every connection.
pub struct OciServer {
    pub url: String,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

impl OciServer {
    /// Every request so far, in the order of arrival.
    pub fn log(&self) -> Vec<Logged> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn clear_log(&self) {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

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

    /// The most requests that were open at one time.
    pub fn peak(&self) -> usize {
        self.shared.peak.load(Ordering::Relaxed)
    }
}

impl Drop for OciServer {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Starts a registry on 127.0.0.1.
pub async fn start_oci(store: Store, options: OciOptions) -> std::io::Result<OciServer> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await?;
    let url = format!("http://{}", listener.local_addr()?);
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
        faults: Faults::default(),
        log: Mutex::default(),
        in_flight: AtomicUsize::new(0),
        peak: AtomicUsize::new(0),
    });
    if options.profile == Profile::Hostile {
        super::hostile::arm(&shared.faults);
    }
    let listener = tokio::spawn(accept(listener, Arc::clone(&shared)));
    Ok(OciServer { url, shared, listener })
}

/// The set holds every connection, so they end with this task.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, Arc::clone(&shared)))),
                // Out of file descriptors, most likely: the ones in use must come back first.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers on kept connections would otherwise wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { serve(&shared, request).await }
    });
    // An error here is the peer's leaving, or a fault that closes the connection.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Uploads are kept in memory, so there is an end to what is read.
const BODY_CAP: usize = 64 << 20;

struct Open<'a>(&'a Shared);

impl<'a> Open<'a> {
    fn count(shared: &'a Shared) -> Self {
        let now = shared.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        shared.peak.fetch_max(now, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(shared: &Shared, incoming: hyper::Request<Incoming>) -> Result<Answer, Closed> {
    let _open = Open::count(shared);
    let (parts, body) = incoming.into_parts();
    let body: Bytes = Limited::new(body, BODY_CAP).collect().await.map_err(|_| Closed)?.to_bytes();
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
    };
    shared.log.lock().unwrap_or_else(PoisonError::into_inner).push(request.logged());
    let faults = shared.faults.take(&request);
    let mut answer = None;
    for fault in &faults {
        answer = faults::before(fault).await;
    }
    let mut answer = answer.unwrap_or_else(|| routes::answer(shared, &request));
    for fault in &faults {
        match fault {
            Fault::Silence => std::future::pending().await,
            Fault::Move { repository, tag, to } => shared.store().tag(repository, tag, to),
            _ => answer = faults::after(fault, answer)?,
        }
    }
    Ok(answer)
}
