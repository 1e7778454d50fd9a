//! What a request carries.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Body;
use secrecy::SecretString;
use tokio::sync::mpsc;

#[derive(Clone, Default)]
pub enum Content {
    #[default]
    Nothing,
    /// Fields of a web form. Secret: it is how passwords go to token servers.
    Form(SecretString),
    Bytes(Bytes),
    Flow(Arc<Flow>),
}

/// Without what it holds: documents carry passwords, too.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Form(_) => f.write_str("Form"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Flow(flow) => write!(f, "Flow({})", flow.length),
        }
    }
}

impl Content {
    /// What is taken from somebody else while it is sent can be sent only once.
    pub fn repeatable(&self) -> bool {
        !matches!(self, Self::Flow(_))
    }
}

/// Bytes that arrive while they are sent, and the number of them that was promised.
#[derive(Debug)]
pub struct Flow {
    pub length: u64,
    source: Mutex<Option<mpsc::Receiver<Bytes>>>,
    moved: Arc<AtomicU64>,
}

impl Flow {
    pub fn new(length: u64, source: mpsc::Receiver<Bytes>) -> Self {
        Self { length, source: Mutex::new(Some(source)), moved: Arc::default() }
    }

    /// The body, the first time it is asked for. It breaks off where there are too few bytes or too many, and the
    /// request with it: the server then has half an upload, never a wrong blob.
    pub fn body(&self) -> Option<Body> {
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let from = (source, self.length, Arc::clone(&self.moved));
        Some(Body::wrap_stream(stream::unfold(Some(from), |from| async {
            let (mut source, left, moved) = from.filter(|(_, left, _)| *left > 0)?;
            let broken = |why| Some((Err(io::Error::new(io::ErrorKind::UnexpectedEof, why)), None));
            let Some(bytes) = source.recv().await else { return broken("the content ended too early") };
            let Some(left) = left.checked_sub(bytes.len() as u64) else { return broken("there is too much content") };
            moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            Some((Ok(bytes), Some((source, left, moved))))
        })))
    }

    /// Waits as long as anything moves; `None` when for this long nothing did.
    pub async fn patiently<T>(&self, longest: Duration, sending: impl Future<Output = T>) -> Option<T> {
        let mut sending = std::pin::pin!(sending);
        loop {
            let before = self.moved.load(Ordering::Relaxed);
            match tokio::time::timeout(longest, &mut sending).await {
                Ok(done) => return Some(done),
                Err(_) if self.moved.load(Ordering::Relaxed) == before => return None,
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    /// What goes out of these pieces, where this many bytes were promised.
    async fn out(length: u64, pieces: &[&'static str]) -> Option<Bytes> {
        let (sender, source) = mpsc::channel(pieces.len().max(1));
        for piece in pieces {
            sender.send(Bytes::from_static(piece.as_bytes())).await.expect("room");
        }
        drop(sender);
        let flow = Flow::new(length, source);
        let body = flow.body().expect("the first time");
        assert!(flow.body().is_none(), "and never again");
        body.collect().await.ok().map(|all| all.to_bytes())
    }

    #[tokio::test]
    async fn as_many_bytes_as_promised_or_none_at_all() {
        assert_eq!(out(6, &["abc", "def"]).await.as_deref(), Some(&b"abcdef"[..]));
        assert_eq!(out(0, &[]).await.as_deref(), Some(&b""[..]));
        assert_eq!(out(6, &["abc"]).await, None, "too few");
        assert_eq!(out(4, &["abc", "def"]).await, None, "too many");
    }
}
