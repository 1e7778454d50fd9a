//! Trying something before it is kept: an account, a CA file.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::registries::Connection;
use super::world::World;
use crate::app::modal::repository::Account;
use crate::backend::{self, Backend, Error};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryProfile;
use crate::domain::secret::{Credential, CredentialSource, Found};

/// The typed credential and no other.
pub(super) struct Fixed(pub Credential);

#[async_trait]
impl CredentialSource for Fixed {
    async fn lookup(&self, _host: &str) -> Found {
        Found { credential: self.0.clone(), ..Found::default() }
    }
}

/// What an account may do, a line each. An error means that the sign-in itself was refused.
pub fn account(
    world: &World,
    profile: &RegistryProfile,
    credential: Credential,
) -> impl Future<Output = backend::Result<Vec<Clean>>> + Send + 'static {
    let opened = world.open_as(profile, Arc::new(Fixed(credential)));
    async move {
        let backend = opened?;
        backend.connect().await?;
        let mut lines = vec![match backend.capabilities().auth {
            Some("none") | None => Clean::fixed("sign-in   not asked for, so the password was not checked"),
            Some(_) => Clean::fixed("sign-in   ok"),
        }];
        let first = first_repositories(&*backend).await;
        let sample = match &first {
            Ok(names) => names.iter().find_map(|name| match name {
                Listed::Valid(name) => Some(name.clone()),
                Listed::Invalid(_) => None,
            }),
            Err(_) => None,
        };
        lines.push(match first {
            Ok(_) => Clean::fixed("catalog   ok"),
            Err(error) => refused("catalog", &error)?,
        });
        lines.push(match sample {
            Some(repo) => match first_tags(&*backend, &repo).await {
                // One that never had a tag is in the catalogue and answers 404.
                Err(error) if error.is_not_found() => clean::line(&format!("pull      ok, of {repo}")),
                Ok(()) => clean::line(&format!("pull      ok, of {repo}")),
                Err(error) => refused("pull", &error)?,
            },
            None => Clean::fixed("pull      not tried: no repository is known"),
        });
        Ok(lines)
    }
}

/// A refusal is an answer; anything else ends the test.
fn refused(what: &str, error: &Error) -> backend::Result<Clean> {
    use ErrorKind as K;
    if matches!(error.kind, K::SignIn | K::Denied | K::NotFound | K::Unsupported | K::Refused) {
        Ok(clean::line(&format!("{what:<9} NO: {}", error.what)))
    } else {
        Err(error.clone())
    }
}

/// The first page: the walk ends when nobody takes a second one.
async fn first_repositories(backend: &dyn Backend) -> backend::Result<Vec<Listed<RepoName>>> {
    let (pages, mut incoming) = mpsc::channel(1);
    let take = async {
        let page = incoming.recv().await.unwrap_or_default();
        drop(incoming);
        page
    };
    let (end, page) = tokio::join!(backend.repositories(pages), take);
    end.map(|_| page)
}

async fn first_tags(backend: &dyn Backend, repo: &RepoName) -> backend::Result<()> {
    let (pages, mut incoming) = mpsc::channel(1);
    let take = async {
        incoming.recv().await;
        drop(incoming);
    };
    tokio::join!(backend.tags(repo, pages), take).0.map(drop)
}

/// Whether an account may pull a repository where that lives, a line each.
pub fn pull(
    world: &World,
    connection: backend::Result<Connection>,
    account: Account,
) -> impl Future<Output = backend::Result<Vec<Clean>>> + Send + 'static {
    let Account { repo, username, password } = account;
    let opened = connection.and_then(|connection| {
        let there = connection.backend.elsewhere(&repo).ok_or_else(|| {
            Error::new(ErrorKind::Forbidden, format!("where {repo} lives is not known, so nothing can be tried there"))
        })?;
        let plain_http = there.url.starts_with("http://");
        let profile =
            RegistryProfile { name: repo.to_string(), url: there.url, plain_http, ..RegistryProfile::default() };
        let name = RepoName::parse(&there.repository)
            .map_err(|wrong| Error::new(ErrorKind::Forbidden, format!("{}: {wrong}", there.repository)))?;
        let typed = Arc::new(Fixed(Credential::Basic { username, password }));
        Ok((profile.host().to_owned(), name, world.open_as(&profile, typed)?))
    });
    async move {
        let (host, name, backend) = opened?;
        backend.connect().await?;
        let signed_in = match backend.capabilities().auth {
            Some("none") | None => format!("sign-in   {host} asks for none, so the password was not checked"),
            Some(_) => format!("sign-in   ok at {host}"),
        };
        let pulled = match first_tags(&*backend, &name).await {
            Ok(()) => clean::line(&format!("pull      ok, of {name}")),
            Err(error) => refused("pull", &error)?,
        };
        Ok(vec![clean::line(&signed_in), pulled])
    }
}

/// Whether the certificate is good with this file. A registry that then asks for a sign-in has shown that it is.
pub fn ca_file(
    world: &World,
    profile: &RegistryProfile,
    file: PathBuf,
) -> impl Future<Output = backend::Result<PathBuf>> + Send + 'static {
    let profile = RegistryProfile { ca_cert: Some(file.clone()), ..profile.clone() };
    let opened = world.open_as(&profile, Arc::new(Fixed(Credential::Anonymous)));
    async move {
        match opened?.connect().await {
            Err(error) if error.status.is_none() && !matches!(error.kind, ErrorKind::SignIn) => Err(error),
            _ => Ok(file),
        }
    }
}
