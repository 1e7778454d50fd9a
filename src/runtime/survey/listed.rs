//! Facts from a list that says what every tag is on.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::polite::{Patience, polite};
use super::tags::{Seen, Sighting};
use super::{Progress, Step};
use crate::backend::{Backend, Result};
use crate::domain::cleanup::{Blob, Found, ManifestFact, TagFact, Target};
use crate::domain::image::ManifestKind;
use crate::domain::inventory::Inventory;
use crate::domain::reference::{Digest, RepoName, TagName};

/// Its tags. What a row shows of them is asked for only where it is wanted, and was not `seen` for the same image.
pub(super) async fn listed(
    backend: &dyn Backend,
    repo: &RepoName,
    inventory: &Inventory,
    details: bool,
    seen: &Seen,
    progress: &watch::Sender<Progress>,
) -> Result<Vec<TagFact>> {
    let mut facts: Vec<TagFact> = inventory.tags.iter().map(|(tag, on)| fact(tag, on, seen.tags.get(tag))).collect();
    for fact in &mut facts {
        fact.pushed = backend.tag(repo, &fact.name).and_then(|told| told.pushed);
    }
    if !details {
        return Ok(facts);
    }
    let asked: Vec<(usize, &TagName)> = inventory
        .tags
        .iter()
        .enumerate()
        .filter(|(at, _)| facts[*at].info.is_none())
        .map(|(at, (tag, _))| (at, tag))
        .collect();
    let (mut done, of) = (0, asked.len());
    let mut patience = Patience::default();
    let ask = |(at, tag): (usize, &TagName)| {
        let tag = tag.clone();
        async move { (at, backend.tag_info(repo, &tag).await) }
    };
    polite(backend, asked, ask, |(at, answer)| {
        match answer {
            Ok(info) => {
                patience.fine();
                // It may have moved since the list; what it was on then is what counts.
                facts[at].info = Some(info).filter(|info| facts[at].target.digest() == Some(&info.digest));
            }
            Err(error) => drop(patience.failed(error)?),
        }
        done += 1;
        progress.send_replace(Progress { step: Step::Tags, done, of });
        Ok(())
    })
    .await?;
    Ok(facts)
}

fn fact(tag: &TagName, on: &Digest, seen: Option<&Sighting>) -> TagFact {
    let info = seen.filter(|(digest, _)| digest == on).and_then(|(_, info)| info.clone());
    TagFact { name: tag.clone(), target: Target::At(on.clone()), info, pushed: None, label: None, note: None }
}

/// Its images. They list nothing and nothing refers to them; what they hold, and so what goes with them, is not told.
pub(super) fn images(inventory: &Inventory) -> HashMap<Digest, Found> {
    let one = |digest: &Digest| {
        let held = Blob { digest: digest.clone(), size: None };
        Found::Read(ManifestFact {
            media_type: "".into(),
            kind: ManifestKind::Manifest,
            size: 0,
            children: Arc::default(),
            blobs: [held].into(),
            subject: None,
            warnings: Vec::new(),
        })
    };
    let tagged = inventory.tags.iter().map(|(_, digest)| digest);
    tagged.chain(&inventory.bare).map(|digest| (digest.clone(), one(digest))).collect()
}
