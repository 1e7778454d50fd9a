//! Layers by themselves: systems whose images are chains of them let each be fetched and pushed alone.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::Result;
use crate::domain::reference::{Digest, RepoName, hex};

/// What is known of a layer before its bytes are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerFacts {
    /// The image's own document, byte for byte.
    pub document: Arc<[u8]>,
    /// Bytes, where the server says so.
    pub size: Option<u64>,
    /// What the server keeps to compare with.
    pub checksum: Option<Arc<str>>,
}

/// Whether the bytes of a layer are those that were pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// Theirs, and the one of these bytes.
    Differs {
        told: Arc<str>,
        found: String,
    },
    /// The server told nothing to compare with.
    Untold,
}

/// Adds up a layer, from its first byte: what of it lies on disk already, then what comes.
#[derive(Clone)]
pub struct LayerSum {
    hash: Sha256,
    told: Option<Arc<str>>,
}

impl LayerSum {
    pub fn of(facts: &LayerFacts) -> Self {
        Self { hash: begun(&facts.document), told: facts.checksum.clone() }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    pub fn end(self) -> Verdict {
        let found = ended(self.hash);
        match self.told {
            None => Verdict::Untold,
            Some(told) if *told == *found => Verdict::Same,
            Some(told) => Verdict::Differs { told, found },
        }
    }
}

/// The checksum runs over the document, a line end and the layer (docker-v1.md §7).
pub(super) fn begun(document: &[u8]) -> Sha256 {
    let mut hash = Sha256::new();
    hash.update(document);
    hash.update(b"\n");
    hash
}

pub(super) fn ended(hash: Sha256) -> String {
    format!("sha256:{}", hex(&hash.finalize()))
}

/// What became of an image that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// With this checksum.
    Done(String),
    /// It was there already, and images never change: nothing was sent.
    Present,
}

#[async_trait]
pub trait Layers: Send + Sync {
    async fn layer(&self, repo: &RepoName, image: &Digest) -> Result<LayerFacts>;

    /// Hands on the bytes from `from` on, in order. What breaks off goes on where it was, as long as there is progress.
    /// Who takes them adds them up (`LayerSum`): they are what the server has, which need not be what was pushed.
    async fn read_layer(
        &self,
        repo: &RepoName,
        image: &Digest,
        facts: &LayerFacts,
        from: u64,
        into: mpsc::Sender<Bytes>,
    ) -> Result<()>;

    /// Pushes one image: its document, which names it and its parent, and its layer of so many bytes. The parent has to
    /// be there. A push that breaks off leaves an image that nobody can read until it is pushed again.
    async fn push(&self, repo: &RepoName, document: Bytes, size: u64, layer: mpsc::Receiver<Bytes>) -> Result<Pushed>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_compared_with_what_the_server_tells() {
        let facts = |checksum: Option<&str>| LayerFacts {
            document: b"{}".as_slice().into(),
            size: Some(5),
            checksum: checksum.map(Into::into),
        };
        let verdict = |told: Option<&str>| {
            let mut sum = LayerSum::of(&facts(told));
            sum.add(b"la");
            sum.add(b"yer");
            sum.end()
        };
        let found = ended(Sha256::new_with_prefix(b"{}\nlayer"));
        assert_eq!(verdict(Some(&found)), Verdict::Same);
        assert_eq!(verdict(None), Verdict::Untold);
        assert_eq!(verdict(Some("sha256:00")), Verdict::Differs { told: "sha256:00".into(), found });
    }
}
