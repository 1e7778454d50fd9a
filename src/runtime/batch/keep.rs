//! The manifests that undo will need, read before the first request that takes them away.

use std::collections::HashSet;
use std::sync::Arc;

use crate::backend::{Backend, Error};
use crate::domain::cleanup::{Item, Method, Plan};
use crate::domain::reference::{Digest, Reference};

/// The exact bytes of a manifest.
#[derive(Clone, Debug)]
pub struct Kept {
    pub digest: Digest,
    pub media_type: String,
    pub bytes: Arc<[u8]>,
}

/// What has to be kept of an item, without what is kept `already`. Of an index that is deleted its entries too: what
/// collects garbage may take them with it. A tag alone leaves its manifest where it is; there an error is no obstacle,
/// unless nobody answers at all.
pub async fn read(
    backend: &dyn Backend,
    plan: &Plan,
    item: &Item,
    already: &HashSet<Digest>,
) -> Result<Vec<Kept>, Error> {
    let Some(digest) = &item.digest else { return Ok(Vec::new()) };
    let needed = !matches!(item.method, Method::Untag | Method::Vendor);
    let with_entries = item.method == Method::DeleteManifest;
    let (mut open, mut seen, mut kept) = (vec![digest.clone()], HashSet::new(), Vec::new());
    while let Some(next) = open.pop() {
        if already.contains(&next) || !seen.insert(next.clone()) {
            continue;
        }
        let manifest = match backend.manifest(&plan.repo, &Reference::Digest(next.clone())).await {
            Ok(manifest) => manifest,
            Err(error) if needed && next == *digest => return Err(error),
            Err(error) if error.kind.is_no_answer() => return Err(error),
            // An entry that is missing now was missing before, and cannot be brought back.
            Err(_) => continue,
        };
        if with_entries {
            open.extend(manifest.children.iter().map(|child| child.digest.clone()));
        }
        // Signed schema 1 goes by a digest that its bytes do not have, and could not be checked when it is put back.
        if next.matches(&manifest.raw) != Some(false) {
            kept.push(Kept { digest: next, media_type: manifest.media_type.to_string(), bytes: manifest.raw });
        }
    }
    Ok(kept)
}
