//! What GCR and Artifact Registry add to a list of tags (oci-distribution.md §4.5): which tags each manifest has, so that a
//! tag on a known manifest needs no request, and which repositories lie below, where no catalogue says it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::json::Object;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{Digest, RepoName, TagName};

/// Tags whose digest is kept, of all repositories together.
const MOST: usize = 100_000;
/// Repositories below one that are named.
const NAMED: usize = 8;

/// What the lists of this connection said.
#[derive(Default)]
pub(super) struct Mapped(Mutex<HashMap<RepoName, One>>);

#[derive(Default)]
struct One {
    /// None where two manifests claim the tag: then only the tag itself says where it is.
    digests: HashMap<TagName, Option<Digest>>,
    below: Vec<RepoName>,
}

impl Mapped {
    fn lists(&self) -> MutexGuard<'_, HashMap<RepoName, One>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list is read anew: what an earlier one said is old.
    pub(super) fn begin(&self, repo: &RepoName) {
        self.lists().remove(repo);
    }

    /// A page of it.
    pub(super) fn page(&self, repo: &RepoName, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        let Some(page) = Object::parse(&text).filter(|page| page.has("manifest") || page.has("child")) else { return };
        let mut lists = self.lists();
        if lists.values().map(|one| one.digests.len()).sum::<usize>() >= MOST {
            lists.clear();
        }
        let one = lists.entry(repo.clone()).or_default();
        let manifests = page.object("manifest").unwrap_or_default();
        for (digest, tags) in manifests.members().filter_map(|(name, raw)| Some((Digest::parse(name).ok()?, raw))) {
            for tag in Object::parse(tags).unwrap_or_default().texts("tag") {
                let Ok(tag) = TagName::parse(&tag) else { continue };
                if one.digests.len() >= MOST {
                    return;
                }
                match one.digests.entry(tag) {
                    Entry::Vacant(free) => _ = free.insert(Some(digest.clone())),
                    Entry::Occupied(mut taken) if taken.get().as_ref() != Some(&digest) => _ = taken.insert(None),
                    Entry::Occupied(_) => {}
                }
            }
        }
        let below = page.texts("child").into_iter().filter_map(|name| RepoName::parse(&format!("{repo}/{name}")).ok());
        one.below.extend(below.take(MOST - one.below.len().min(MOST)));
    }

    /// Where the list says that this tag is. Good for one reading: who asks again wants to know anew.
    pub(super) fn take(&self, repo: &RepoName, tag: &TagName) -> Option<Digest> {
        self.lists().get_mut(repo)?.digests.remove(tag)?
    }

    /// A word about the repositories below, where there are any.
    pub(super) fn below(&self, repo: &RepoName) -> Option<Clean> {
        let lists = self.lists();
        let below = &lists.get(repo)?.below;
        let named: Vec<&str> = below.iter().take(NAMED).map(RepoName::as_str).collect();
        let more = if below.len() > NAMED { ", ..." } else { "" };
        (!below.is_empty()).then(|| clean::line(&format!("{} below it: {}{more}", below.len(), named.join(", "))))
    }
}
