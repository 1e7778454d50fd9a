//! What the registry has now.

use crate::backend::{Backend, Error};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};

#[derive(Clone, Debug)]
pub enum Look {
    At(Digest),
    Missing,
    /// No answer that tells.
    Failed(Error),
}

impl Look {
    pub fn is_at(&self, digest: &Digest) -> bool {
        matches!(self, Self::At(found) if found == digest)
    }
}

pub async fn tag(backend: &dyn Backend, repo: &RepoName, tag: &TagName) -> Look {
    look(backend, repo, &Reference::Tag(tag.clone())).await
}

pub async fn manifest(backend: &dyn Backend, repo: &RepoName, digest: &Digest) -> Look {
    look(backend, repo, &Reference::Digest(digest.clone())).await
}

async fn look(backend: &dyn Backend, repo: &RepoName, reference: &Reference) -> Look {
    match backend.resolve(repo, reference).await {
        Ok(resolved) => Look::At(resolved.digest),
        Err(error) if error.is_not_found() => Look::Missing,
        Err(error) => Look::Failed(error),
    }
}
