//! A tag as a row: what is known of the manifest it points at.

use std::sync::Arc;

use jiff::Timestamp;

use super::error::ErrorReport;
use super::image::{ManifestKind, Platform};
use super::reference::Digest;

/// What a digest's content says; the same for every tag on that digest, and for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestInfo {
    pub digest: Digest,
    pub media_type: Arc<str>,
    pub kind: ManifestKind,
    pub created: Option<Timestamp>,
    /// Compressed bytes (interface.md §2); `None` when not everything could be read.
    pub size: Option<u64>,
    pub platforms: Arc<[Platform]>,
    /// The config's media type or the manifest's artifact type, for things that are not images.
    pub artifact: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum TagState {
    #[default]
    NotAsked,
    /// Known.
    Known(Arc<DigestInfo>),
    /// Listed, but its manifest is 404.
    Dangling,
    Failed(Arc<ErrorReport>),
}

impl TagState {
    pub fn info(&self) -> Option<&Arc<DigestInfo>> {
        match self {
            Self::Known(info) => Some(info),
            _ => None,
        }
    }
}
