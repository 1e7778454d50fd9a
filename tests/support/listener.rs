//! A server on loopback that answers what a test says and keeps everything it was asked: what it saw is the proof of
//! where a secret went. It speaks HTTP/1.1, one request a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn is_for(&self, path: &str) -> bool {
        self.line.split(' ').nth(1).is_some_and(|target| target.split('?').next() == Some(path))
    }
}

pub struct Listener {
    pub address: SocketAddr,
    scheme: &'static str,
    log: Arc<Mutex<Vec<Seen>>>,
}

type Answer = dyn Fn(&Seen) -> Vec<u8> + Send + Sync;

impl Listener {
    pub fn start(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::serve(Arc::new(answer), None)
    }

    /// With `server.pem` and `server.key` of this directory.
    pub fn start_tls(dir: &Path, answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        // The first to come sets it; all set the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain: Vec<_> = CertificateDer::pem_file_iter(dir.join("server.pem"))
            .and_then(Iterator::collect)
            .expect("the server's certificate");
        let key = PrivateKeyDer::from_pem_file(dir.join("server.key")).expect("the server's key");
        let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        Self::serve(Arc::new(answer), Some(Arc::new(config.expect("a certificate and its key"))))
    }

    fn serve(answer: Arc<Answer>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let log: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, answer, tls) = (Arc::clone(&kept), Arc::clone(&answer), tls.clone());
                std::thread::spawn(move || match tls {
                    None => one(stream, &kept, &*answer),
                    Some(config) => {
                        let session = rustls::ServerConnection::new(config).expect("a session");
                        one(rustls::StreamOwned::new(session, stream), &kept, &*answer);
                    }
                });
            }
        });
        Self { address, scheme, log }
    }

    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The same server under another name: another origin.
    pub fn url_by_name(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.address.port())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.log.lock().expect("the log").clone()
    }
}

/// Reads a request, keeps it, answers it, closes. A client that goes away early is no fault of the test.
fn one(mut stream: impl Read + Write, log: &Mutex<Vec<Seen>>, say: &Answer) {
    let Some(seen) = read(&mut stream) else {
        let _ = stream.write_all(&answer(400, &[], ""));
        return;
    };
    log.lock().expect("the log").push(seen.clone());
    let _ = stream.write_all(&say(&seen)).and_then(|()| stream.flush());
}

/// The head and as much body as it announces.
pub fn read(stream: &mut impl Read) -> Option<Seen> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
        // The first byte of TLS, for one: what servers then do is to answer 400.
        if !head[0].is_ascii_alphabetic() {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let mut lines = text.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut seen = Seen { line, headers, body: String::new() };
    let length = seen.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8_lossy(&body).into_owned();
    Some(seen)
}

/// An answer with a cookie nobody may send back.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\nset-cookie: session=sticky\r\n");
    text += &format!("content-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let mut bytes = (text + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Where another program may listen: nobody does, at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Where nobody listens, nor will while the tests run: the port stays taken, or the test beside this one would get it.
pub fn closed_port() -> u16 {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let port = socket.local_addr().expect("its address").port();
    std::mem::forget(socket);
    port
}
