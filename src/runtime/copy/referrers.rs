//! What refers to an image goes along: manifests with a `subject`, and cosign's tags. Where the target has no API that
//! lists them, the fall-back tags there are brought up to date (oci-distribution.md §8, §10).

use std::collections::{BTreeMap, HashSet};

use super::prepare::{Taken, Wanted, at, piece};
use crate::backend::{Backend, Result};
use crate::domain::clean::{self, Clean};
use crate::domain::image::ManifestKind;
use crate::domain::parts::Parts;
use crate::domain::reference::{Digest, Reference, TagName};
use crate::domain::transfer::{ATTACHED, Piece, TagMove, fallback_tag, merged};

#[derive(Default)]
pub(super) struct Along {
    /// What refers to something.
    pub digests: HashSet<Digest>,
    /// What is sent under a tag alone.
    pub by_tag: HashSet<Digest>,
    pub tags: Vec<TagMove>,
    pub warnings: Vec<Clean>,
}

pub(super) async fn read(from: &dyn Backend, to: &dyn Backend, wanted: &Wanted, taken: &mut Taken) -> Result<Along> {
    let mut along = Along::default();
    let mut by_subject: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
    // Signatures of SBOMs, too: what is found is asked about like the rest. `Taken` bounds it.
    let mut next = 0;
    while let Some(subject) = taken.pieces.get(next).map(|piece| piece.digest.clone()) {
        next += 1;
        let attached = attached(from, to, wanted, &subject, taken, &mut along).await?;
        let found = from.referrers(&wanted.from.repo, &subject).await?;
        if let Some(why) = &found.incomplete {
            along.warnings.push(clean::line(&format!("what refers to {} is not all known: {why}", subject.short())));
        }
        for referrer in found.list {
            let digest = referrer.descriptor.digest;
            if attached.contains(&digest) {
                continue;
            }
            if !taken.has(&digest) {
                let manifest = from.manifest(&wanted.from.repo, &Reference::Digest(digest.clone())).await?;
                taken.tree(from, &wanted.from.repo, manifest).await?;
            }
            along.digests.insert(digest.clone());
            by_subject.entry(subject.clone()).or_default().push(digest);
        }
    }
    fallback(to, wanted, &by_subject, taken, &mut along).await?;
    Ok(along)
}

/// Signatures under tags. One that is there already is somebody's, and stays.
async fn attached(
    from: &dyn Backend,
    to: &dyn Backend,
    wanted: &Wanted,
    subject: &Digest,
    taken: &mut Taken,
    along: &mut Along,
) -> Result<HashSet<Digest>> {
    let mut found = HashSet::new();
    for tag in ATTACHED.iter().filter_map(|suffix| fallback_tag(subject, suffix)) {
        let Some(digest) = at(from, &wanted.from.repo, &tag).await? else { continue };
        found.insert(digest.clone());
        let before = at(to, &wanted.to.repo, &tag).await?;
        if before.as_ref().is_some_and(|before| *before != digest) {
            along
                .warnings
                .push(clean::line(&format!("{tag} is there already, with another content, and stays as it is")));
            continue;
        }
        if !taken.has(&digest) {
            let manifest = from.manifest(&wanted.from.repo, &Reference::Digest(digest.clone())).await?;
            taken.tree(from, &wanted.from.repo, manifest).await?;
        }
        along.by_tag.insert(digest.clone());
        along.tags.push(TagMove { tag, digest, before });
    }
    Ok(found)
}

async fn fallback(
    to: &dyn Backend,
    wanted: &Wanted,
    by_subject: &BTreeMap<Digest, Vec<Digest>>,
    taken: &mut Taken,
    along: &mut Along,
) -> Result<()> {
    for (subject, referrers) in by_subject {
        match to.referred_by(&wanted.to.repo, subject).await {
            Ok(None) => {}
            Ok(Some(_)) => continue,
            // It knows the route, and not yet the repository.
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        }
        let Some(tag) = fallback_tag(subject, "") else { continue };
        let existing = existing(to, wanted, &tag).await?;
        let added: Vec<_> = referrers
            .iter()
            .filter_map(|digest| taken.pieces.iter().find(|piece| piece.digest == *digest))
            .map(|piece| (&piece.digest, &*piece.media_type, &*piece.bytes))
            .collect();
        let Some(bytes) = merged(existing.as_ref().map(|piece| &*piece.bytes), &added) else { continue };
        let index = Piece {
            digest: Digest::of(&bytes),
            media_type: "application/vnd.oci.image.index.v1+json".into(),
            kind: ManifestKind::Index,
            // Its entries are there by then, or were before.
            parts: Parts::default(),
            bytes: bytes.into(),
        };
        along.by_tag.insert(index.digest.clone());
        let before = existing.map(|piece| piece.digest);
        along.tags.push(TagMove { tag, digest: index.digest.clone(), before });
        taken.add(index)?;
    }
    Ok(())
}

async fn existing(to: &dyn Backend, wanted: &Wanted, tag: &TagName) -> Result<Option<Piece>> {
    match to.manifest(&wanted.to.repo, &Reference::Tag(tag.clone())).await {
        Ok(manifest) => Ok(Some(piece(manifest))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
