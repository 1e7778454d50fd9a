//! Docker Cloud: a list of registries, and of repositories that live at them. It serves no images; a repository is opened
//! at its own registry.

mod assumed;
mod changes;
mod convert;
mod failure;
mod lists;
mod sign_in;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::http::{Answer, Ask, Http, Op};
use super::joined::Memory;
use super::{Backend, Context, Error, Result, Sent};
use crate::domain::capability::{Ability, Capabilities, DeleteSemantics, Place, Support, Takes};
use crate::domain::change::{Change, Changed, Doomed, Part, Parts};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::{Elsewhere, Group, GroupFilter, RepoInfo, Scope};

use sign_in::SignIn;

/// Rows that the lists brought and that are kept in memory, twice over (`Memory`).
const KEPT: usize = 100_000;

const ABILITIES: &[Ability] =
    &[Ability::CreateRepository, Ability::DeleteRepositories, Ability::RepositoryCredentials, Ability::OpenElsewhere];

const PARTS: Parts = Parts { create: &[Part::Name, Part::Account], edit: &[Part::Account] };

/// What a list, or a later look, said of an entry.
#[derive(Clone)]
struct Known {
    info: Arc<RepoInfo>,
    /// The path to use for any later call on it (§1).
    uri: Option<Arc<str>>,
}

pub struct DockerCloud {
    http: Http,
    sign_in: SignIn,
    /// `/api/repo/v1/` with the namespace.
    root: String,
    namespace: Option<String>,
    known: Memory<RepoName, Known>,
    registries: Mutex<HashMap<String, Arc<Group>>>,
    listing: Mutex<Support>,
    notices: Mutex<Vec<Clean>>,
}

impl DockerCloud {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let namespace = match profile.namespace.as_deref().filter(|name| !name.is_empty()) {
            None => String::new(),
            Some(name) => format!("{}/", namespace(name)?),
        };
        Ok(Self {
            http: Http::new(profile, context)?,
            namespace: profile.namespace.clone().filter(|name| !name.is_empty()),
            sign_in: SignIn::new(context, profile.host().to_ascii_lowercase()),
            root: format!("/api/repo/v1/{namespace}"),
            known: Memory::new(KEPT),
            registries: Mutex::default(),
            listing: Mutex::default(),
            notices: Mutex::default(),
        })
    }

    /// A success, or the error that the answer is.
    async fn ask(&self, ask: Ask<'_>) -> Result<Answer> {
        let op = ask.op;
        let answer = self.sign_in.ask(&self.http, ask).await?;
        match answer.status {
            200..300 => Ok(answer),
            _ => Err(failure::declined(&self.http, op, &answer)),
        }
    }
}

/// A namespace that can be addressed.
fn namespace(name: &str) -> Result<&str> {
    let safe = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && !name.starts_with('.');
    if safe && !assumed::LISTS.contains(&name) {
        return Ok(name);
    }
    Err(Error::new(ErrorKind::Config, format!("“{name}” cannot be a namespace of Docker Cloud")))
}

#[async_trait]
impl Backend for DockerCloud {
    fn kind(&self) -> BackendKind {
        BackendKind::DockerCloud
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            restores: Support::No,
            listing: *self.listing.lock().unwrap_or_else(PoisonError::into_inner),
            paging: Support::No,
            tags: Support::No,
            delete: DeleteSemantics::Unsupported,
            tag_delete: Support::No,
            repository_delete: Takes::Entry,
            referrers: Support::No,
            favourites: Place::Local,
            colours: Place::None,
            abilities: ABILITIES,
            parts: PARTS,
            rate_limit: self.http.rate_limit(),
            few_left: self.http.few_left(),
            auth: Some("basic"),
            transport: self.http.transport(),
            ..Capabilities::default()
        }
    }

    /// The list of registries: what the vendor's own check of credentials answered is not documented (§2).
    async fn connect(&self) -> Result<Capabilities> {
        self.greet().await?;
        Ok(self.capabilities())
    }

    async fn repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        let end = self.walk_repositories(pages).await;
        if end.is_ok() {
            *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = Support::Yes;
        }
        end
    }

    fn repository(&self, repo: &RepoName) -> Option<Arc<RepoInfo>> {
        self.known.get(repo).map(|known| known.info)
    }

    fn elsewhere(&self, repo: &RepoName) -> Option<Elsewhere> {
        self.home(repo)
    }

    async fn read_repository(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        self.look(repo).await.map(|known| known.info)
    }

    /// The list of organisations is not in this API (§6): the user's own, and the one of the config.
    async fn scopes(&self) -> Result<Vec<Scope>> {
        let own = Scope { id: String::new(), name: Clean::fixed("your own"), more: Vec::new() };
        let configured = self.namespace.iter().map(|name| Scope {
            id: name.clone(),
            name: clean::identifier(name),
            more: Vec::new(),
        });
        Ok(std::iter::once(own).chain(configured).collect())
    }

    async fn groups(&self, filter: &GroupFilter) -> Result<Vec<Arc<Group>>> {
        self.read_registries(filter).await
    }

    async fn group(&self, key: &str) -> Result<Arc<Group>> {
        self.read_registry(key).await
    }

    async fn change(&self, change: &Change) -> Result<Changed> {
        match change {
            Change::Create(form) => self.add(form).await,
            Change::Credentials { repo, username, password } => {
                self.set_login(repo, username.as_deref(), password.as_ref()).await
            }
            _ => Err(Error::unsupported("this change")),
        }
    }

    /// The entry only: the repository at its own registry stays (§5.5).
    async fn delete(&self, doomed: &Doomed) -> Result<Vec<Sent>> {
        match doomed {
            Doomed::Repositories(repos) => match repos.as_slice() {
                [repo] => Ok(vec![self.remove(repo).await?]),
                _ => Err(Error::unsupported("removing several entries by one request")),
            },
            Doomed::Tags(..) | Doomed::Images(..) => Err(Error::unsupported("deleting tags and images")),
        }
    }

    fn latency(&self) -> Option<std::time::Duration> {
        self.http.latency()
    }

    fn notices(&self) -> Vec<Clean> {
        let mut notices = std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner));
        notices.extend(self.http.notices());
        notices
    }

    fn parallelism(&self) -> usize {
        self.http.parallelism()
    }
}

const LIST_REPOSITORIES: Op = Op::List("listing external repositories");
const LIST_REGISTRIES: Op = Op::List("listing registries");
