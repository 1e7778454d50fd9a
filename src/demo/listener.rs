//! A listener on loopback and what stands behind it: takes requests, records them, lets the faults at them, hands them on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::faults::{self, Fault, Faults};
use super::reply::{Answer, Closed};
use super::request::{Logged, Request};

/// What answers the requests of one port.
pub(super) trait Site: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Answer;

    /// A fault that changes the contents, after the request was carried out.
    fn change(&self, _fault: &Fault) {}
}

/// What went over a listener, and what is to go wrong there.
#[derive(Default)]
pub struct Traffic {
    faults: Faults,
    log: Mutex<Vec<Logged>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Traffic {
    /// Every request so far, in the order of arrival.
    pub fn log(&self) -> Vec<Logged> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn clear_log(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The most requests that were open at one time.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
}

/// A port that is taken, so that its URL is known before what answers there is made.
pub(super) struct Port {
    pub url: String,
    listener: TcpListener,
}

impl Port {
    /// 0 lets the system choose.
    pub async fn bind(port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        Ok(Self { url: format!("http://{}", listener.local_addr()?), listener })
    }

    pub fn open<S: Site>(self, site: Arc<S>) -> Listening {
        let traffic = Arc::new(Traffic::default());
        let task = tokio::spawn(accept(self.listener, Arc::new(Served { site, traffic: Arc::clone(&traffic) })));
        Listening { traffic, task }
    }
}

/// Dropping it closes the listener and every connection.
pub(super) struct Listening {
    pub traffic: Arc<Traffic>,
    task: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Served<S> {
    site: Arc<S>,
    traffic: Arc<Traffic>,
}

/// The set holds every connection, so they end with this task.
async fn accept<S: Site>(listener: TcpListener, served: Arc<Served<S>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, Arc::clone(&served)))),
                // Out of file descriptors, most likely: the ones in use must come back first.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<S: Site>(stream: TcpStream, served: Arc<Served<S>>) {
    // Small answers on kept connections would otherwise wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let served = Arc::clone(&served);
        async move { serve(&*served.site, &served.traffic, request).await }
    });
    // An error here is the peer's leaving, or a fault that closes the connection.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Uploads are kept in memory, so there is an end to what is read.
const BODY_CAP: usize = 64 << 20;

struct Open<'a>(&'a Traffic);

impl<'a> Open<'a> {
    fn count(traffic: &'a Traffic) -> Self {
        let now = traffic.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        traffic.peak.fetch_max(now, Ordering::Relaxed);
        Self(traffic)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(site: &impl Site, traffic: &Traffic, incoming: hyper::Request<Incoming>) -> Result<Answer, Closed> {
    let _open = Open::count(traffic);
    let (parts, body) = incoming.into_parts();
    let body: Bytes = Limited::new(body, BODY_CAP).collect().await.map_err(|_| Closed)?.to_bytes();
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
    };
    traffic.log.lock().unwrap_or_else(PoisonError::into_inner).push(request.logged());
    let faults = traffic.faults.take(&request);
    let mut answer = None;
    for fault in &faults {
        answer = faults::before(fault).await;
    }
    let mut answer = answer.unwrap_or_else(|| site.answer(&request));
    for fault in &faults {
        match fault {
            Fault::Silence => std::future::pending().await,
            Fault::Move { .. } => site.change(fault),
            _ => answer = faults::after(fault, answer)?,
        }
    }
    Ok(answer)
}
