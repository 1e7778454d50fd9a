//! Reads what a copy takes along, and what its target has. Sends nothing that changes anything.

use std::collections::HashSet;

use jiff::Timestamp;

use super::referrers;
use crate::backend::{Backend, Error, Result};
use crate::domain::capability::Ability;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Protection;
use crate::domain::error::ErrorKind;
use crate::domain::filter::Row;
use crate::domain::image::{Manifest, ManifestKind};
use crate::domain::parts::Parts;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::BackendKind;
use crate::domain::transfer::{Call, Painting, Piece, Spot, TagMove, Transfer, Way, blobs};
use crate::runtime::batch::look::{self, Look};

/// Manifests of one copy. The largest multi-platform images have some dozens, with their attestations.
pub(super) const MANIFESTS: usize = 1_000;
/// Bytes of manifests of one copy.
const BYTES: usize = 64 << 20;

pub struct Wanted {
    pub from: Spot,
    pub source: Reference,
    pub to: Spot,
    pub tag: TagName,
    /// Signatures, SBOMs and what else refers to it go along.
    pub referrers: bool,
    /// Where the target keeps colours.
    pub colour: Painting,
    /// Of the target.
    pub protection: Protection,
}

pub async fn prepare(from: &dyn Backend, to: &dyn Backend, wanted: &Wanted) -> Result<Transfer> {
    let way = Way::between(&wanted.from, &wanted.to);
    if way == Way::Tag && to.capabilities().can(Ability::SetTag) {
        return call(to, wanted).await;
    }
    if let Some(end) = [from, to].into_iter().find(|end| end.kind() != BackendKind::Oci) {
        let what = format!("copying images by the interface of {}", end.kind().word());
        let hint = "Pull the image and push it with docker, at the image's own registry.";
        return Err(Error::unsupported(&what).hint(hint));
    }
    let root = from.manifest(&wanted.from.repo, &wanted.source).await?;
    let digest = root.digest.clone();
    let mut taken = Taken { pieces: Vec::new(), known: HashSet::new(), bytes: 0 };
    if way == Way::Tag {
        taken.add(piece(root))?;
    } else {
        taken.tree(from, &wanted.from.repo, root).await?;
    }
    let mut more = referrers::Along::default();
    if wanted.referrers && way != Way::Tag {
        more = referrers::read(from, to, wanted, &mut taken).await?;
    }
    let before = at(to, &wanted.to.repo, &wanted.tag).await?;
    // An image that others refer to is there before them, so that nobody finds them referring to nothing.
    let alone = more.digests.is_empty();
    let sent = taken.pieces.iter().filter(|piece| way != Way::Tag && !more.by_tag.contains(&piece.digest));
    let by_digest = sent.map(|piece| piece.digest.clone()).filter(|one| !alone || *one != digest).collect();
    let mut warnings = more.warnings;
    let needed = if way == Way::Tag { Vec::new() } else { needed(&taken.pieces, &mut warnings)? };
    let mut tags = more.tags;
    tags.push(TagMove { tag: wanted.tag.clone(), digest, before });
    Ok(Transfer {
        from: wanted.from.clone(),
        source: wanted.source.clone(),
        to: wanted.to.clone(),
        way,
        call: None,
        blobs: needed,
        pieces: taken.pieces,
        by_digest,
        tags,
        protected: protected(&wanted.protection, &wanted.tag),
        warnings,
    })
}

/// The image is there, and so is all of it: only what the tag is on is looked at, and the colour it has.
async fn call(backend: &dyn Backend, wanted: &Wanted) -> Result<Transfer> {
    let repo = &wanted.to.repo;
    let digest = backend.resolve(repo, &wanted.source).await?.digest;
    let before = at(backend, repo, &wanted.tag).await?;
    let facts = before.as_ref().and_then(|_| backend.tag(repo, &wanted.tag));
    let colour_before = facts.and_then(|facts| facts.colour_text.as_ref().map(ToString::to_string));
    let colour = match &wanted.colour {
        Painting::AsItIs => colour_before.clone(),
        Painting::Is(colour) => colour.clone(),
    };
    Ok(Transfer {
        from: wanted.from.clone(),
        source: wanted.source.clone(),
        to: wanted.to.clone(),
        way: Way::Tag,
        call: Some(Call { colour, colour_before }),
        blobs: Vec::new(),
        pieces: Vec::new(),
        by_digest: Vec::new(),
        tags: vec![TagMove { tag: wanted.tag.clone(), digest, before }],
        protected: protected(&wanted.protection, &wanted.tag),
        warnings: Vec::new(),
    })
}

fn needed(pieces: &[Piece], warnings: &mut Vec<Clean>) -> Result<Vec<crate::domain::transfer::Blob>> {
    let foreign = pieces.iter().map(|piece| piece.parts.foreign.len()).sum::<usize>();
    if foreign > 0 {
        // Their `urls` are never asked, and registries take the manifest without them (safety.md A5).
        let text = format!("{foreign} layers are kept elsewhere by design, and are not copied");
        warnings.push(clean::line(&text));
    }
    blobs(pieces).map_err(|digest| {
        let what = format!("the image does not say how large {} is, so it is not copied", digest.short());
        Error::new(ErrorKind::Unsupported, what)
    })
}

/// What a pattern needs beside the name is not read here, and counts for the protection.
fn protected(protection: &Protection, tag: &TagName) -> Option<String> {
    let row = Row { name: tag.as_str(), ..Row::default() };
    protection.of(&row, Timestamp::now()).map(str::to_owned)
}

/// What the tag is on; `None` where it, or its repository, is not there.
pub(super) async fn at(backend: &dyn Backend, repo: &RepoName, tag: &TagName) -> Result<Option<Digest>> {
    match look::tag(backend, repo, tag).await {
        Look::At(digest) => Ok(Some(digest)),
        Look::Missing => Ok(None),
        Look::Failed(error) => Err(error),
    }
}

/// What goes along so far.
pub(super) struct Taken {
    pub pieces: Vec<Piece>,
    known: HashSet<Digest>,
    bytes: usize,
}

impl Taken {
    pub fn has(&self, digest: &Digest) -> bool {
        self.known.contains(digest)
    }

    pub fn add(&mut self, piece: Piece) -> Result<()> {
        self.bytes += piece.bytes.len();
        if self.pieces.len() >= MANIFESTS || self.bytes > BYTES {
            let what = "the image has more manifests than tagboat copies";
            return Err(Error::new(ErrorKind::TooLarge, what).hint("Copy its platforms one by one, by their digests."));
        }
        if self.known.insert(piece.digest.clone()) {
            self.pieces.push(piece);
        }
        Ok(())
    }

    /// An image with everything below it, what is below first.
    pub async fn tree(&mut self, from: &dyn Backend, repo: &RepoName, root: Manifest) -> Result<()> {
        // `Err`: to be read. An index comes back behind its entries.
        let mut open = vec![Ok((root, false))];
        let mut entered = HashSet::new();
        while let Some(next) = open.pop() {
            let (manifest, below) = match next {
                Ok(read) => read,
                Err(digest) if self.has(&digest) || entered.contains(&digest) => continue,
                Err(digest) => (entry(from, repo, &digest).await?, false),
            };
            if below || manifest.children.is_empty() {
                whole(&manifest)?;
                self.add(piece(manifest))?;
                continue;
            }
            if entered.len() + self.pieces.len() >= MANIFESTS {
                return Err(Error::new(ErrorKind::TooLarge, "the index has more entries than tagboat copies"));
            }
            if entered.insert(manifest.digest.clone()) {
                let children: Vec<Digest> = manifest.children.iter().map(|child| child.digest.clone()).collect();
                open.push(Ok((manifest, true)));
                open.extend(children.into_iter().rev().map(Err));
            }
        }
        Ok(())
    }
}

async fn entry(from: &dyn Backend, repo: &RepoName, digest: &Digest) -> Result<Manifest> {
    from.manifest(repo, &Reference::Digest(digest.clone())).await.map_err(|error| {
        if !error.is_not_found() {
            return error;
        }
        let what = format!("the image is not whole: its entry {} is not there", digest.short());
        Error { kind: ErrorKind::NotFound, ..Error::new(ErrorKind::NotFound, what) }
            .hint("Copy the platforms that are there, by their digests.")
    })
}

/// What cannot be relied on is not brought anywhere.
fn whole(manifest: &Manifest) -> Result<()> {
    if manifest.kind == ManifestKind::Schema1 {
        let what = "a manifest of the old form (Docker schema 1) is not copied";
        let hint = "Registries convert or refuse it. Pull and push the image with a tool that converts it.";
        return Err(Error::new(ErrorKind::Unsupported, what).hint(hint));
    }
    match manifest.warnings.first() {
        Some(warning) => {
            let what = format!("the manifest {} is not copied: {warning}", manifest.digest.short());
            Err(Error::new(ErrorKind::Forbidden, what))
        }
        None => Ok(()),
    }
}

pub(super) fn piece(manifest: Manifest) -> Piece {
    Piece {
        parts: Parts::of(&manifest.raw),
        digest: manifest.digest,
        media_type: manifest.media_type,
        kind: manifest.kind,
        bytes: manifest.raw,
    }
}
