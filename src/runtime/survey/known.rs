//! Manifests by digest, and everything below them.

use std::collections::{HashMap, HashSet};

use tokio::sync::watch;

use super::polite::{Patience, polite};
use super::{Progress, Step};
use crate::backend::{Backend, Result};
use crate::domain::cleanup::{Found, ManifestFact};
use crate::domain::reference::{Digest, Reference, RepoName};

/// Manifests read for one plan. What is beyond stays unknown, and so nothing is deleted by its digest.
const MOST: usize = 1_000_000;

/// Manifests that have been read. They do not change, so a second survey of the same repository asks only for new ones.
#[derive(Debug, Default)]
pub struct Known(HashMap<Digest, Found>);

impl From<HashMap<Digest, Found>> for Known {
    fn from(found: HashMap<Digest, Found>) -> Self {
        Self(found)
    }
}

impl Known {
    /// Reads these and the entries of indexes, at every depth.
    pub async fn read(
        &mut self,
        backend: &dyn Backend,
        repo: &RepoName,
        from: impl IntoIterator<Item = Digest>,
        progress: &watch::Sender<Progress>,
    ) -> Result<()> {
        let mut seen: HashSet<Digest> = HashSet::new();
        let mut level: Vec<Digest> = from.into_iter().filter(|digest| seen.insert(digest.clone())).collect();
        let (mut done, mut patience) = (0, Patience::default());
        while !level.is_empty() {
            // Missing and unreadable ones are asked again: they may be there by now.
            let (had, wanted): (Vec<_>, Vec<_>) = level.into_iter().partition(|digest| self.fact(digest).is_some());
            let room = MOST.saturating_sub(self.0.len());
            let mut fresh = Vec::new();
            let ask = |digest: Digest| async move {
                let answer = backend.manifest(repo, &Reference::Digest(digest.clone())).await;
                (digest, answer)
            };
            done += had.len();
            let of = seen.len();
            let read = polite(backend, wanted.into_iter().take(room), ask, |(digest, answer)| {
                let found = match answer {
                    Ok(manifest) => Found::Read(ManifestFact::from(&manifest)),
                    Err(error) if error.is_not_found() => Found::Missing,
                    Err(error) => Found::Unreadable(patience.failed(error)?.what),
                };
                if matches!(found, Found::Read(_)) {
                    patience.fine();
                }
                done += 1;
                progress.send_replace(Progress { step: Step::Manifests, done, of });
                self.0.insert(digest.clone(), found);
                fresh.push(digest);
                Ok(())
            });
            read.await?;
            let facts = had.iter().chain(&fresh).filter_map(|digest| self.fact(digest));
            let children = facts.flat_map(|fact| fact.children.iter());
            level = children.filter(|digest| seen.insert((*digest).clone())).cloned().collect();
        }
        Ok(())
    }

    pub fn fact(&self, digest: &Digest) -> Option<&ManifestFact> {
        match self.0.get(digest) {
            Some(Found::Read(fact)) => Some(fact),
            _ => None,
        }
    }

    pub fn is_missing(&self, digest: &Digest) -> bool {
        self.0.get(digest) == Some(&Found::Missing)
    }

    /// These manifests and everything below them, as far as it was read.
    pub fn below<'a>(&'a self, from: impl IntoIterator<Item = &'a Digest>) -> HashSet<&'a Digest> {
        let mut open: Vec<&Digest> = from.into_iter().collect();
        let mut all = HashSet::new();
        while let Some(digest) = open.pop() {
            if all.insert(digest) {
                open.extend(self.fact(digest).into_iter().flat_map(|fact| fact.children.iter()));
            }
        }
        all
    }

    pub fn into_found(self) -> HashMap<Digest, Found> {
        self.0
    }
}
