//! What a repository is now.

use crate::backend::{Backend, Error, Result};
use crate::domain::capability::Support;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::sweep::{Fact, Protected, Tags};
use crate::runtime::survey::names;

/// Everything a plan compares; `None` where there is no such repository.
pub async fn fact(
    backend: &dyn Backend,
    repo: &RepoName,
    protected: impl FnOnce(&[TagName]) -> Protected,
) -> Result<Option<Fact>> {
    let lists = backend.capabilities().tags != Support::No;
    let listing = async {
        match lists {
            true => names(backend, repo).await.map(Some),
            false => Ok(None),
        }
    };
    let (info, names) = tokio::join!(backend.read_repository(repo), listing);
    let info = match info {
        Ok(info) => info,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let listed = match names {
        Ok(names) => names.map(|names| (protected(&names.all), Tags::of(&names.all, names.complete))),
        // It is there, and has no list: it never had a tag.
        Err(error) if error.is_not_found() => Some((Protected::default(), Tags::of(&[], true))),
        Err(error) => return Err(error),
    };
    let (protected, tags) = listed.map_or((Protected::default(), None), |(protected, tags)| (protected, Some(tags)));
    Ok(Some(Fact::new(repo.clone(), &info, tags, protected)))
}

/// Whether it is there at all.
#[derive(Clone, Debug)]
pub enum Look {
    Here,
    Gone,
    /// No answer that tells.
    Failed(Error),
}

pub async fn whether_there(backend: &dyn Backend, repo: &RepoName) -> Look {
    match backend.read_repository(repo).await {
        Ok(_) => Look::Here,
        Err(error) if error.is_not_found() => Look::Gone,
        Err(error) => Look::Failed(error),
    }
}
