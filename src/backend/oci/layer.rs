//! A blob of any size, handed on while it is read, and verified before its last bytes are.

use bytes::Bytes;
use sha2::{Digest as _, Sha256, Sha512};
use tokio::sync::mpsc;

use super::Oci;
use super::content::scope;
use crate::backend::BlobRef;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Call, Piece, Tap, limits};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, RepoName, hex};

impl Oci {
    pub(super) async fn pass_blob(&self, repo: &RepoName, blob: &BlobRef, into: mpsc::Sender<Bytes>) -> Result<()> {
        let path = format!("/v2/{repo}/blobs/{}", blob.digest);
        let scope = scope(repo);
        let mut reading = Reading::new(blob, into);
        let mut tries = 1;
        loop {
            let from = reading.taken;
            let (tap, pieces) = Tap::new();
            let request = self.http.send_to(Call::layer(&path, &scope, blob.size, from), tap);
            let (answer, read) = tokio::join!(request, reading.take(pieces, from));
            read?;
            match answer {
                Ok(_) => return reading.finish(self.http.host()).await,
                // Again from where it broke off, as long as there is progress.
                Err(error) if broke_off(&error) && tries < limits::TRIES => {
                    tries = if reading.taken > from { 1 } else { tries + 1 };
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn broke_off(error: &Error) -> bool {
    error.status.is_none() && matches!(error.kind, ErrorKind::Network | ErrorKind::BadAnswer | ErrorKind::Timeout)
}

struct Reading<'a> {
    blob: &'a BlobRef,
    into: mpsc::Sender<Bytes>,
    hasher: Hasher,
    /// Bytes so far, those held back included.
    taken: u64,
    /// The last piece: it goes out when more has come, or when all is verified.
    held: Bytes,
}

impl<'a> Reading<'a> {
    fn new(blob: &'a BlobRef, into: mpsc::Sender<Bytes>) -> Self {
        Self { blob, into, hasher: Hasher::of(&blob.digest), taken: 0, held: Bytes::new() }
    }

    /// The pieces of one answer to a request for what comes after `from`.
    async fn take(&mut self, mut pieces: mpsc::Receiver<Piece>, from: u64) -> Result<()> {
        let mut at = from;
        while let Some(piece) = pieces.recv().await {
            match piece {
                // A server that knows no ranges begins at the beginning.
                Piece::Begin { status } => at = if status == 206 { from } else { 0 },
                Piece::Bytes(bytes) => {
                    let known = usize::try_from(self.taken.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
                    at += bytes.len() as u64;
                    self.pass(bytes.slice(known..)).await?;
                }
            }
        }
        Ok(())
    }

    async fn pass(&mut self, bytes: Bytes) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.taken += bytes.len() as u64;
        self.hasher.update(&bytes);
        let before = std::mem::replace(&mut self.held, bytes);
        self.hand_on(before).await
    }

    async fn hand_on(&self, bytes: Bytes) -> Result<()> {
        let gone = || Error::new(ErrorKind::Cancelled, "nobody reads this blob any more");
        if bytes.is_empty() { Ok(()) } else { self.into.send(bytes).await.map_err(|_| gone()) }
    }

    async fn finish(self, host: &str) -> Result<()> {
        let BlobRef { digest, size } = self.blob;
        if self.taken != *size {
            let what =
                format!("{host} has {} bytes of the blob {}, which should have {size}", self.taken, digest.short());
            return Err(Error::new(ErrorKind::BadAnswer, what));
        }
        let held = self.held.clone();
        if self.hasher.clone().end(digest) == Some(false) {
            let what = format!("{host} sent content that does not match its digest {digest}");
            return Err(
                Error::new(ErrorKind::BadAnswer, what).hint("It was not used: the registry's storage may be damaged.")
            );
        }
        self.hand_on(held).await
    }
}

#[derive(Clone)]
enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
    /// An algorithm that cannot be computed here; the server that gets the bytes may.
    Unknown,
}

impl Hasher {
    fn of(digest: &Digest) -> Self {
        match digest {
            Digest::Sha256(_) => Self::Sha256(Sha256::new()),
            Digest::Other(text) if text.starts_with("sha512:") => Self::Sha512(Sha512::new()),
            Digest::Other(_) => Self::Unknown,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
            Self::Unknown => {}
        }
    }

    fn end(self, digest: &Digest) -> Option<bool> {
        match self {
            Self::Sha256(hasher) => Some(*digest == Digest::Sha256(hasher.finalize().into())),
            Self::Sha512(hasher) => Some(digest.to_string() == format!("sha512:{}", hex(&hasher.finalize()))),
            Self::Unknown => None,
        }
    }
}
