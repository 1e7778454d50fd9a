//! What a tag row shows, with the fewest requests.
//!
//! A GET of the tag costs what a HEAD costs, one round trip, and brings the manifest along; so an unseen repository is
//! read by GET. A repository whose manifests turn out to be known already is read by HEAD, which moves no content and
//! on Docker Hub does not count as a pull (oci-distribution.md §16). `Habit` learns from each answer which it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Oci;
use super::content::{self, Reach};
use super::convert::is_image_config;
use super::tree;
use crate::backend::error::Result;
use crate::backend::{image_config, platform};
use crate::domain::image::{Descriptor, ImageConfig, Manifest, ManifestKind, Platform};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::tag::DigestInfo;

/// For each repository: how often the content of its tags was known before it was asked for.
pub(super) struct Habit {
    scores: Mutex<HashMap<RepoName, i8>>,
    start: i8,
}

impl Habit {
    const MOST: i8 = 8;

    pub(super) fn new(head_first: bool) -> Self {
        Self { scores: Mutex::default(), start: if head_first { Self::MOST } else { 0 } }
    }

    fn head_first(&self, repo: &RepoName) -> bool {
        let scores = self.scores.lock().unwrap_or_else(PoisonError::into_inner);
        scores.get(repo).copied().unwrap_or(self.start) > 0
    }

    /// A miss weighs more: a HEAD that was in vain is a request lost, a GET of known content only its bytes.
    fn learn(&self, repo: &RepoName, known: bool) {
        let mut scores = self.scores.lock().unwrap_or_else(PoisonError::into_inner);
        let score = scores.entry(repo.clone()).or_insert(self.start);
        *score = if known { (*score + 1).min(Self::MOST) } else { (*score - 2).max(0) };
    }
}

impl Oci {
    pub(super) async fn read_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        if let Some(digest) = self.mapped.take(repo, tag) {
            match self.info_of(repo, &digest).await {
                // It has moved since.
                Err(error) if error.is_not_found() => {}
                info => return info,
            }
        }
        let reference = Reference::Tag(tag.clone());
        if self.habit.head_first(repo) {
            match content::head(&self.http, repo, &reference).await {
                Ok(Some(resolved)) => {
                    let known = self.known(&resolved.digest);
                    self.habit.learn(repo, known);
                    return self.info_of(repo, &resolved.digest).await;
                }
                Ok(None) => {}
                Err(error) if content::worth_a_get(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let manifest = self.contents.fetch(&self.http, repo, &reference, |digest| {
            self.habit.learn(repo, self.known(digest));
        });
        let manifest = manifest.await?;
        if let Some(info) = self.infos.get(&manifest.digest) {
            return Ok(info);
        }
        self.derive_once(repo, Arc::new(manifest)).await
    }

    fn known(&self, digest: &Digest) -> bool {
        self.infos.get(digest).is_some() || self.contents.stored(digest).is_some()
    }

    async fn info_of(&self, repo: &RepoName, digest: &Digest) -> Result<Arc<DigestInfo>> {
        if let Some(info) = self.infos.get(digest) {
            return Ok(info);
        }
        let manifest = self.contents.manifest(&self.http, repo, digest).await?;
        self.derive_once(repo, manifest).await
    }

    /// Tags on one digest arrive together: their row is worked out once.
    async fn derive_once(&self, repo: &RepoName, manifest: Arc<Manifest>) -> Result<Arc<DigestInfo>> {
        let key = (repo.clone(), manifest.digest.clone());
        self.deriving.run(key, || self.derive(repo, manifest)).await
    }

    async fn derive(&self, repo: &RepoName, manifest: Arc<Manifest>) -> Result<Arc<DigestInfo>> {
        let mut info = DigestInfo {
            digest: manifest.digest.clone(),
            media_type: self.texts.one(manifest.media_type.clone()),
            kind: manifest.kind,
            created: None,
            size: None,
            platforms: Arc::default(),
            artifact: manifest.artifact_type.as_ref().map(|text| self.texts.one(text.as_str().into())),
        };
        let mut whole = true;
        match manifest.kind {
            ManifestKind::Index => {
                let nodes = self.tree(repo, &manifest).await?;
                info.size = tree::tree_size(&nodes);
                whole = info.size.is_some();
                info.platforms = nodes.iter().filter_map(|node| shown_platform(&node.descriptor)).cloned().collect();
                if let Some(config) = tree::pick(&nodes).and_then(tree::Node::manifest).and_then(|m| m.config.as_ref())
                {
                    let read = self.image_config(repo, config).await?;
                    whole &= read.is_some();
                    info.created = read.and_then(|config| config.created);
                }
            }
            _ => {
                info.size = tree::size([manifest.as_ref()]);
                if let Some(config) = manifest.config.as_ref().filter(|c| is_image_config(c.media_type.as_str())) {
                    let read = self.image_config(repo, config).await?;
                    whole = read.is_some();
                    info.created = read.as_ref().and_then(|config| config.created);
                    info.platforms = read.and_then(|config| config.platform).into_iter().collect();
                }
            }
        }
        info.created = info.created.or_else(|| stated_date(&manifest));
        info.platforms = self.platforms.one(info.platforms);
        let info = Arc::new(info);
        // Content of a digest never changes, but a child that is missing now may be pushed again.
        if whole && manifest.warnings.is_empty() {
            self.infos.put(manifest.digest.clone(), info.clone(), 1);
        }
        Ok(info)
    }

    /// The config of an image; `None` where it cannot be had and the rest can be shown without.
    pub(super) async fn image_config(&self, repo: &RepoName, config: &Descriptor) -> Result<Option<ImageConfig>> {
        match self.read_config(repo, config, Reach::Usual).await {
            Err(error) if tree::concerns_one(&error) => Ok(None),
            read => read,
        }
    }
}

/// The platform of an index entry that counts as one.
fn shown_platform(entry: &Descriptor) -> Option<&Platform> {
    entry.platform.as_ref().filter(|platform| entry.attests.is_none() && !platform::is_unknown(platform))
}

/// Artifacts have no config with a date; many say it in an annotation.
fn stated_date(manifest: &Manifest) -> Option<jiff::Timestamp> {
    let is_date = |key: &str| key == "org.opencontainers.image.created";
    let (_, text) = manifest.annotations.iter().find(|(key, _)| is_date(key.as_str()))?;
    image_config::date(text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_earns_its_heads() {
        let habit = Habit::new(false);
        let repo = RepoName::parse("a/b").unwrap();
        assert!(!habit.head_first(&repo));
        habit.learn(&repo, true);
        assert!(habit.head_first(&repo));
        habit.learn(&repo, false);
        assert!(!habit.head_first(&repo));
        for _ in 0..200 {
            habit.learn(&repo, true);
        }
        assert!(habit.head_first(&repo));
        for _ in 0..5 {
            habit.learn(&repo, false);
        }
        assert!(!habit.head_first(&repo));
    }
}
