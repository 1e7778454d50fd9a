//! A cache of content by digest. What is behind it is the store's business.

use super::reference::Digest;

/// Immutable content by digest. `get` hands out only bytes whose digest was checked again.
pub trait ContentCache: Send + Sync {
    /// The bytes and the media type they were stored under.
    fn get(&self, digest: &Digest) -> Option<(Vec<u8>, String)>;
    fn put(&self, digest: &Digest, media_type: &str, bytes: &[u8]);
}

/// A cache that keeps nothing.
pub struct NoCache;

impl ContentCache for NoCache {
    fn get(&self, _: &Digest) -> Option<(Vec<u8>, String)> {
        None
    }
    fn put(&self, _: &Digest, _: &str, _: &[u8]) {}
}
