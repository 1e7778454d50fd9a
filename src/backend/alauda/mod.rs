//! Alauda (灵雀云): image repositories, API v1. It looks like Docker Registry v1 and is not: the same paths have other
//! answers, so what it is comes from the config and never from looking (alauda.md §8.1).

mod account;
mod assumed;
mod changes;
mod convert;
mod failure;
mod lists;
mod sign_in;
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::http::{Answer, Ask, Http};
use super::joined::Memory;
use super::{Backend, Context, Error, Resolved, Result, Sent};
use crate::domain::capability::{Ability, Capabilities, DeleteSemantics, Place, Support};
use crate::domain::change::{Change, Changed, Doomed, Part, Parts};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorKind;
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::{RepoInfo, Scope};
use crate::domain::secret::Credential;
use crate::domain::tag::DigestInfo;

use sign_in::SignIn;

/// Rows that lists brought and that are kept in memory, twice over (`Memory`).
const KEPT: usize = 100_000;

const ABILITIES: &[Ability] =
    &[Ability::CreateRepository, Ability::EditRepository, Ability::DeleteRepositories, Ability::Scopes];
const PARTS: Parts = Parts {
    create: &[Part::Name, Part::Description, Part::FullDescription, Part::Visibility],
    edit: &[Part::Description, Part::FullDescription, Part::Visibility],
};
/// Where the image host is known.
const WITH_IMAGES: &[Ability] = &[
    Ability::CreateRepository,
    Ability::EditRepository,
    Ability::DeleteRepositories,
    Ability::Scopes,
    Ability::OpenElsewhere,
];

pub struct Alauda {
    http: Http,
    sign_in: SignIn,
    root: &'static str,
    /// From the config; the user's own where that names none.
    namespace: Option<String>,
    user: OnceLock<String>,
    image_host: Option<String>,
    repositories: Memory<RepoName, Arc<RepoInfo>>,
    tags: Memory<(RepoName, TagName), Digest>,
    listed: AtomicBool,
    /// Servers of older editions have no call to delete a tag (§5).
    keeps_tags: AtomicBool,
}

impl Alauda {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let http = Http::new(profile, context)?;
        let namespace = profile.namespace.clone().filter(|name| !name.is_empty());
        if let Some(name) = namespace.as_deref().filter(|name| !account::is_namespace(name)) {
            return Err(Error::new(ErrorKind::Config, format!("“{name}” cannot be a namespace of Alauda")));
        }
        Ok(Self {
            sign_in: SignIn::new(context, profile.host().to_ascii_lowercase()),
            root: assumed::root(http.base()),
            image_host: assumed::image_host(http.base()),
            http,
            namespace,
            user: OnceLock::new(),
            repositories: Memory::new(KEPT),
            tags: Memory::new(KEPT),
            listed: AtomicBool::new(false),
            keeps_tags: AtomicBool::new(false),
        })
    }

    /// Any answer.
    async fn send(&self, ask: Ask<'_>) -> Result<Answer> {
        let path = format!("{}/generate-api-token/", self.root);
        self.sign_in.ask(&self.http, &path, ask).await
    }

    /// A success, or the error that the answer is.
    async fn ask(&self, ask: Ask<'_>) -> Result<Answer> {
        let op = ask.op;
        let answer = self.send(ask).await?;
        match answer.status {
            200..300 => Ok(answer),
            _ => Err(failure::declined(&self.http, op, &answer)),
        }
    }

    /// `/v1/repositories/NAMESPACE/NAME`; a name is one part of a path (§2).
    fn path(&self, repo: &RepoName) -> Result<String> {
        match repo.as_str().split_once('/') {
            Some((_, name)) if !name.contains('/') => Ok(format!("{}/repositories/{repo}", self.root)),
            _ => Err(Error::new(
                ErrorKind::Forbidden,
                format!("“{repo}” is no repository of Alauda: those are NAMESPACE/NAME"),
            )),
        }
    }
}

#[async_trait]
impl Backend for Alauda {
    fn kind(&self) -> BackendKind {
        BackendKind::Alauda
    }

    fn capabilities(&self) -> Capabilities {
        let keeps_tags = self.keeps_tags.load(Ordering::Relaxed);
        Capabilities {
            restores: Support::No,
            listing: if self.listed.load(Ordering::Relaxed) { Support::Yes } else { Support::Unknown },
            paging: Support::No,
            delete: if keeps_tags { DeleteSemantics::Unsupported } else { DeleteSemantics::TagOnly },
            tag_delete: if keeps_tags { Support::No } else { Support::Yes },
            referrers: Support::No,
            favourites: Place::Local,
            colours: Place::Local,
            abilities: if self.image_host.is_some() { WITH_IMAGES } else { ABILITIES },
            parts: PARTS,
            rate_limit: self.http.rate_limit(),
            few_left: self.http.few_left(),
            auth: Some("token"),
            transport: self.http.transport(),
            ..Capabilities::default()
        }
    }

    async fn connect(&self) -> Result<Capabilities> {
        self.who_am_i().await?;
        Ok(self.capabilities())
    }

    async fn repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        let end = self.walk_repositories(pages).await?;
        self.listed.store(true, Ordering::Relaxed);
        Ok(end)
    }

    async fn tags(&self, repo: &RepoName, pages: mpsc::Sender<Vec<Listed<TagName>>>) -> Result<ListEnd> {
        self.walk_tags(repo, pages).await
    }

    async fn resolve(&self, repo: &RepoName, reference: &Reference) -> Result<Resolved> {
        let digest = match reference {
            Reference::Tag(tag) => self.image_of(repo, tag).await?,
            Reference::Digest(_) => return Err(Error::unsupported("looking for an image by its id")),
        };
        Ok(Resolved { digest, media_type: "".into(), size: None })
    }

    async fn inventory(&self, repo: &RepoName) -> Result<Option<Inventory>> {
        self.all_tags(repo).await.map(Some)
    }

    fn looks_by_list(&self) -> bool {
        true
    }

    async fn tag_info(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        let digest = match self.tags.get(&(repo.clone(), tag.clone())) {
            Some(digest) => digest,
            None => self.image_of(repo, tag).await?,
        };
        Ok(Arc::new(convert::row(digest, "".into())))
    }

    fn repository(&self, repo: &RepoName) -> Option<Arc<RepoInfo>> {
        self.repositories.get(repo)
    }

    async fn read_repository(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        self.look(repo).await
    }

    async fn scopes(&self) -> Result<Vec<Scope>> {
        self.namespaces().await
    }

    async fn delete_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        self.untag(repo, tag).await
    }

    async fn change(&self, change: &Change) -> Result<Changed> {
        match change {
            Change::Create(form) => self.create(form).await,
            Change::Edit(form) => self.edit(form).await,
            _ => Err(Error::unsupported("this change")),
        }
    }

    async fn delete(&self, doomed: &Doomed) -> Result<Vec<Sent>> {
        match doomed {
            Doomed::Repositories(repos) if repos.len() == 1 => Ok(vec![self.remove(&repos[0]).await?]),
            Doomed::Tags(repo, tags) if tags.len() == 1 => Ok(vec![self.untag(repo, &tags[0]).await?]),
            Doomed::Images(..) => Err(Error::unsupported("deleting images")),
            _ => Err(Error::unsupported("deleting several things by one request")),
        }
    }

    /// As an identity token, since that is what every place that keeps secrets can hold.
    fn to_keep(&self) -> Option<Credential> {
        self.sign_in.made().map(Credential::IdentityToken)
    }

    fn latency(&self) -> Option<std::time::Duration> {
        self.http.latency()
    }

    fn notices(&self) -> Vec<Clean> {
        self.http.notices()
    }

    fn parallelism(&self) -> usize {
        self.http.parallelism().min(assumed::AT_ONCE)
    }
}
