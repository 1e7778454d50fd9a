//! An image that gets another tag, here or elsewhere: what is sent in which order, worked out before anything is.
//!
//! Blobs come before the manifests that name them, entries before their index, and the tag last: at no time is there a
//! tag that leads to half an image.

mod call;
mod fallback;
mod tagging;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use super::clean::Clean;
use super::image::ManifestKind;
use super::parts::Parts;
use super::reference::{Digest, Reference, RepoName, TagName};

pub use call::{Call, Painting};
pub use fallback::{ATTACHED, fallback_tag, merged};
pub use tagging::{Tagging, VERSION as TAGGING_VERSION};

/// A repository of a registry, by what it stands for and not by where it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// As named in the config, or the host where it has no name.
    pub registry: String,
    /// `RegistryProfile::url`
    pub origin: String,
    pub repo: RepoName,
}

/// How content gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is there: only a tag is set.
    Tag,
    /// The registry links blobs of one repository into the other, where it does that.
    Mount,
    /// Through here, from one registry to the other.
    Stream,
}

impl Way {
    pub fn between(from: &Spot, to: &Spot) -> Self {
        match (from.origin == to.origin, from.repo == to.repo) {
            (true, true) => Self::Tag,
            (true, false) => Self::Mount,
            (false, _) => Self::Stream,
        }
    }
}

/// A manifest that goes along, with the bytes it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub digest: Digest,
    pub media_type: Arc<str>,
    pub kind: ManifestKind,
    pub bytes: Arc<[u8]>,
    pub parts: Parts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub digest: Digest,
    pub size: u64,
}

/// A tag of the target, and what it is on before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMove {
    pub tag: TagName,
    pub digest: Digest,
    pub before: Option<Digest>,
}

/// What is sent where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub from: Spot,
    pub source: Reference,
    pub to: Spot,
    pub way: Way,
    /// Where the system sets tags by a call of its own; then nothing of the rest is sent.
    pub call: Option<Call>,
    /// Everything that is sent by digest or by tag; entries before their index. The image itself is among them.
    pub pieces: Vec<Piece>,
    /// Those of them that are sent by digest, in this order; the others go under their tags alone.
    pub by_digest: Vec<Digest>,
    /// Each once, in the order of the manifests that need them.
    pub blobs: Vec<Blob>,
    /// The one that was asked for is the last.
    pub tags: Vec<TagMove>,
    /// The pattern that protects the wanted tag.
    pub protected: Option<String>,
    pub warnings: Vec<Clean>,
}

/// One thing that is sent, or found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    Blob(&'a Blob),
    Manifest(&'a Digest),
    Tag(&'a TagMove),
}

/// What somebody has to say before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// A new tag takes nothing away.
    Free,
    /// A tag is moved: yes, with both digests in sight.
    Yes,
    /// The tag is protected, or the registry is marked PROD: the repository's name is typed.
    Name,
}

impl Transfer {
    /// The wanted tag.
    pub fn wanted(&self) -> Option<&TagMove> {
        self.tags.last()
    }

    /// What the wanted tag is on, where that is something else.
    pub fn replaces(&self) -> Option<&Digest> {
        let wanted = self.wanted()?;
        wanted.before.as_ref().filter(|before| **before != wanted.digest)
    }

    pub fn piece(&self, digest: &Digest) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.digest == *digest)
    }

    /// What becomes of each is told by its position here.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let blobs = self.blobs.iter().map(Step::Blob);
        blobs.chain(self.by_digest.iter().map(Step::Manifest)).chain(self.tags.iter().map(Step::Tag))
    }

    /// There already, as far as the tag tells, and nothing else was asked for.
    pub fn is_done(&self) -> bool {
        self.tags.iter().all(|one| one.before.as_ref() == Some(&one.digest))
    }

    pub fn bytes(&self) -> u64 {
        self.blobs.iter().fold(0, |sum, blob| sum.saturating_add(blob.size))
    }

    pub fn consent(&self, production: bool) -> Consent {
        match (self.replaces(), production || self.protected.is_some()) {
            (None, _) => Consent::Free,
            (Some(_), false) => Consent::Yes,
            (Some(_), true) => Consent::Name,
        }
    }
}

/// The blobs these manifests need, each once; or the one whose size nobody knows.
pub fn blobs(pieces: &[Piece]) -> Result<Vec<Blob>, Digest> {
    let mut seen = HashSet::new();
    let parts = pieces.iter().flat_map(|piece| &piece.parts.blobs);
    let mut blobs = Vec::new();
    for part in parts.filter(|part| seen.insert(&part.digest)) {
        let size = part.size.ok_or_else(|| part.digest.clone())?;
        blobs.push(Blob { digest: part.digest.clone(), size });
    }
    Ok(blobs)
}
