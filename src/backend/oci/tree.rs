//! An index and everything below it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Oci;
use crate::backend::error::{Error, Result};
use crate::backend::platform;
use crate::domain::error::ErrorKind;
use crate::domain::image::{Child, ChildState, Descriptor, Manifest, ManifestKind};
use crate::domain::reference::{Digest, RepoName};

/// Limits of oci-distribution.md §7.
const LEVELS: usize = 4;
const ENTRIES: usize = 1000;
/// Children asked for at once; the client's own limit decides how many of them travel.
const AT_ONCE: usize = 64;

/// An entry of an index, or of an index below it, in the order of the indexes.
pub(super) struct Node {
    pub descriptor: Descriptor,
    pub content: Content,
}

pub(super) enum Content {
    Read(Arc<Manifest>),
    Missing,
    /// Too many, too deep, an attestation, or an error that says nothing about the rest.
    Unread,
}

impl Oci {
    /// Reads the children of an index, and theirs. Attestations are listed but not read: they are no platform, and
    /// their blobs are no part of an image's size.
    pub(super) async fn tree(&self, repo: &RepoName, index: &Manifest) -> Result<Vec<Node>> {
        let mut known: HashSet<Digest> = HashSet::from([index.digest.clone()]);
        let mut nodes = Vec::new();
        let mut level: Vec<Descriptor> = index.children.clone();
        for depth in 1..=LEVELS {
            level.retain(|child| known.insert(child.digest.clone()));
            let room = ENTRIES.saturating_sub(nodes.len());
            let read = stream::iter(level.drain(..).enumerate())
                .map(|(at, descriptor)| self.node(repo, descriptor, at < room))
                .buffered(AT_ONCE);
            let read: Vec<Result<Node>> = read.collect().await;
            for node in read {
                let mut node = node?;
                if let Content::Read(manifest) = &node.content {
                    if depth < LEVELS {
                        // One more than is read: it stays unread, and so tells that the tree is not whole.
                        let room = (ENTRIES + 1).saturating_sub(level.len());
                        level.extend(manifest.children.iter().take(room).cloned());
                    } else if manifest.kind == ManifestKind::Index {
                        node.content = Content::Unread;
                    }
                }
                nodes.push(node);
            }
        }
        Ok(nodes)
    }

    async fn node(&self, repo: &RepoName, descriptor: Descriptor, room: bool) -> Result<Node> {
        let content = if !room || descriptor.attests.is_some() {
            Content::Unread
        } else {
            match self.contents.manifest(&self.http, repo, &descriptor.digest).await {
                // A descriptor that lies about the length may lie about the rest (§5.4).
                Ok(manifest) if descriptor.size.is_some_and(|size| size != manifest.raw.len() as u64) => {
                    Content::Unread
                }
                Ok(manifest) => Content::Read(manifest),
                // `garbage-collect --delete-untagged` of distribution 2.8 takes children of tagged indexes (§7).
                Err(error) if error.is_not_found() => Content::Missing,
                Err(error) if concerns_one(&error) => Content::Unread,
                Err(error) => return Err(error),
            }
        };
        Ok(Node { descriptor, content })
    }
}

/// Whether an error is about one piece of content, so that the rest can still be shown.
pub(super) fn concerns_one(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind, K::NotFound | K::BadAnswer | K::TooLarge | K::Denied | K::Refused | K::Unsupported)
}

impl Node {
    pub(super) fn manifest(&self) -> Option<&Arc<Manifest>> {
        match &self.content {
            Content::Read(manifest) => Some(manifest),
            _ => None,
        }
    }

    pub(super) fn child(&self) -> Child {
        let state = match &self.content {
            Content::Read(manifest) if manifest.kind == ManifestKind::Index => {
                ChildState::Present { size: None, layers: 0 }
            }
            Content::Read(manifest) => {
                ChildState::Present { size: size([manifest.as_ref()]), layers: manifest.layers.len() }
            }
            Content::Missing => ChildState::Missing,
            Content::Unread => ChildState::Unread,
        };
        Child { descriptor: self.descriptor.clone(), state }
    }

    fn is_image(&self) -> bool {
        self.descriptor.attests.is_none() && !self.descriptor.platform.as_ref().is_some_and(platform::is_unknown)
    }
}

/// The node shown when nobody chose one: linux/amd64, else the first image that could be read.
pub(super) fn pick(nodes: &[Node]) -> Option<&Node> {
    let mut readable = nodes
        .iter()
        .filter(|node| node.is_image() && node.manifest().is_some_and(|m| m.kind == ManifestKind::Manifest));
    let first = readable.clone().next();
    readable.find(|node| node.descriptor.platform.as_ref().is_some_and(platform::is_preferred)).or(first)
}

/// The size of an index: the union of the distinct blobs below it; `None` when something could not be read.
pub(super) fn tree_size(nodes: &[Node]) -> Option<u64> {
    let counted: Vec<&Node> = nodes.iter().filter(|node| node.descriptor.attests.is_none()).collect();
    let read: Vec<&Manifest> = counted.iter().filter_map(|node| node.manifest().map(AsRef::as_ref)).collect();
    if read.len() < counted.len() { None } else { size(read) }
}

/// Config and layers of these manifests, each blob once; `None` when a size is not known.
pub(super) fn size<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Option<u64> {
    let mut blobs: HashMap<&Digest, u64> = HashMap::new();
    for manifest in manifests {
        match manifest.kind {
            ManifestKind::Index => continue,
            ManifestKind::Manifest | ManifestKind::Artifact => {}
            ManifestKind::Schema1 | ManifestKind::Unknown => return None,
        }
        for blob in manifest.config.iter().chain(&manifest.layers) {
            blobs.insert(&blob.digest, blob.size?);
        }
    }
    blobs.values().try_fold(0_u64, |sum, size| sum.checked_add(*size))
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
