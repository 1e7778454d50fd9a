//! What the registry has now.

use std::time::Duration;

use tokio::time::Instant;

use crate::backend::{Backend, Error};
use crate::domain::error::ErrorKind;
use crate::domain::inventory::Inventory;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};

/// Never less than this, which is what a disk may need.
const FRESH: Duration = Duration::from_millis(20);

/// A look ahead that is older than a round trip is repeated.
pub fn is_old(looked: Instant, backend: &dyn Backend) -> bool {
    looked.elapsed() > FRESH.max(backend.latency().unwrap_or_default())
}

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

/// Looks at many things of one repository: by a request each, or all of them in one list where that is what tells.
pub struct Looks<'a> {
    backend: &'a dyn Backend,
    repo: &'a RepoName,
    listed: Option<Result<Inventory, Error>>,
}

impl<'a> Looks<'a> {
    pub async fn new(backend: &'a dyn Backend, repo: &'a RepoName) -> Self {
        let listed = match backend.looks_by_list() {
            true => Some(list(backend, repo).await),
            false => None,
        };
        Self { backend, repo, listed }
    }

    pub async fn tag(&self, name: &TagName) -> Look {
        let on = |all: &Inventory| all.tags.iter().find(|(tag, _)| tag == name).map(|(_, digest)| digest.clone());
        match &self.listed {
            None => tag(self.backend, self.repo, name).await,
            Some(listed) => found(listed, on),
        }
    }

    pub async fn manifest(&self, digest: &Digest) -> Look {
        let there = |all: &Inventory| {
            let known = all.bare.contains(digest) || all.tags.iter().any(|(_, on)| on == digest);
            known.then(|| digest.clone())
        };
        match &self.listed {
            None => manifest(self.backend, self.repo, digest).await,
            Some(listed) => found(listed, there),
        }
    }
}

fn found(listed: &Result<Inventory, Error>, find: impl Fn(&Inventory) -> Option<Digest>) -> Look {
    match listed {
        Err(error) => Look::Failed(error.clone()),
        Ok(all) => match find(all) {
            Some(digest) => Look::At(digest),
            None if all.ended => Look::Missing,
            None => Look::Failed(Error::new(ErrorKind::BadAnswer, "the list of tags is not complete")),
        },
    }
}

/// What every tag is on, read for this. A repository that is not there has none: its last tag took it along.
pub async fn list(backend: &dyn Backend, repo: &RepoName) -> Result<Inventory, Error> {
    match backend.inventory(repo).await {
        Ok(Some(inventory)) => Ok(inventory),
        Ok(None) => Err(Error::unsupported("telling what every tag is on")),
        Err(error) if error.is_not_found() => Ok(Inventory { ended: true, named: true, ..Inventory::default() }),
        Err(error) => Err(error),
    }
}
