//! Docker Registry API v1, with the tokens of an index: repositories are found by search, tags name images, and an image
//! is a chain of layers with a JSON document each (docker-v1.md).

mod assumed;
mod changes;
mod convert;
mod cookie;
mod failure;
mod images;
mod layers;
mod lists;
mod session;
mod token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use self::convert::Step;
use self::lists::Known;
use self::session::{Session, To, Way};
use super::http::{Answer, Ask, Credentials, Http, Op, limits};
use super::joined::{Joined, Memory};
use super::layers::{LayerFacts, Layers, Pushed};
use super::{Backend, Context, DeleteProbe, Error, Resolved, Result, Sent};
use crate::domain::capability::{Ability, Capabilities, DeleteSemantics, Deletes, Learnt, Support, Takes};
use crate::domain::change::{Change, Changed, Doomed, Part, Parts};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::image::{Image, Manifest, Referrers};
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::{RepoInfo, TagFacts};
use crate::domain::tag::DigestInfo;

/// Rows kept in memory, twice over (`Memory`).
const INFOS: usize = 50_000;
/// Bytes of documents kept in memory, likewise.
const DOCUMENTS: usize = 16 << 20;
/// Repositories whose last list is kept.
const LISTS: usize = 64;

const ABILITIES: [Ability; 6] = [
    Ability::SetTag,
    Ability::DeleteRepositories,
    Ability::CreateRepository,
    Ability::EditRepository,
    Ability::Layers,
    Ability::Search,
];
const PARTS: Parts = Parts { create: &[Part::Name, Part::Visibility], edit: &[Part::Visibility] };

/// Where the search answered that there is none.
const WITHOUT_SEARCH: [Ability; 5] =
    [Ability::SetTag, Ability::DeleteRepositories, Ability::CreateRepository, Ability::EditRepository, Ability::Layers];

pub struct DockerV1 {
    http: Http,
    session: Session,
    finding: Joined<(), Way>,
    infos: Memory<RepoName, Arc<RepoInfo>>,
    tags: Memory<RepoName, Known>,
    facts: Memory<(RepoName, TagName), Arc<TagFacts>>,
    /// By image id, which is one for the whole registry.
    steps: Memory<Arc<str>, Arc<Step>>,
    reading: Joined<Arc<str>, Arc<Step>>,
    chains: Memory<Arc<str>, Arc<[Arc<str>]>>,
    capabilities: Mutex<Capabilities>,
}

impl DockerV1 {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let mut profile = profile.clone();
        // People copy the address with the path the old clients wanted; every path here begins with it.
        profile.url = profile.url.trim_end_matches('/').trim_end_matches("/v1").to_owned();
        let credentials = Credentials::new(Arc::clone(&context.credentials), profile.host().to_owned());
        let capabilities = Capabilities {
            delete: DeleteSemantics::TagOnly,
            tag_delete: Support::Yes,
            repository_delete: Takes::Tags,
            referrers: Support::No,
            paging: Support::No,
            abilities: &ABILITIES,
            parts: PARTS,
            ..Capabilities::default()
        };
        Ok(Self {
            http: Http::new(&profile, context)?,
            session: Session::new(credentials),
            finding: Joined::default(),
            infos: Memory::new(INFOS),
            tags: Memory::new(LISTS),
            facts: Memory::new(INFOS),
            steps: Memory::new(DOCUMENTS),
            reading: Joined::default(),
            chains: Memory::new(INFOS),
            capabilities: Mutex::new(capabilities),
        })
    }

    fn learn(&self, change: impl FnOnce(&mut Capabilities)) {
        change(&mut self.capabilities.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Something else than a registry of this protocol answered the greeting.
    async fn stranger(&self, answer: &Answer) -> Error {
        let host = self.http.host();
        // A page with such a status is that of a proxy whose registry is away.
        if answer.status >= 500 || (answer.status != 404 && !failure::is_page(answer)) {
            return self.declined(Op::Ping, answer);
        }
        let error = Error::new(ErrorKind::BadAnswer, format!("there is no registry of the first protocol at {host}"));
        let second = self.http.ask(Ask { cap: limits::PING, ..Ask::get(Op::Ping, "/v2/") }).await;
        let error = match second {
            Ok(answer) if matches!(answer.status, 200 | 401) && !failure::is_page(&answer) => {
                error.hint("It speaks the second protocol: give it the kind oci.")
            }
            _ => error.hint("Check the address: it is the one before /v1/."),
        };
        Error { status: Some(answer.status), ..error }
    }

    /// Whether the server takes what we sign in with. Where everybody is welcome nothing is sent.
    async fn sign_in(&self) -> Result<()> {
        let op = Op::Read("the sign-in");
        let ask = Ask { cap: limits::PING, ..Ask::get(op, "/v1/users/") };
        let answer = match self.way().await? {
            Way::Index if !self.session.has_password().await => return Ok(()),
            _ => self.call(To::Index, ask).await?,
        };
        match answer.status {
            // Not every server has accounts.
            404 | 405 => Ok(()),
            403 => Err(self.declined(op, &answer).hint("The account is not active: its confirmation may be missing.")),
            _ => self.taken(op, answer).map(drop),
        }
    }
}

#[async_trait]
impl Backend for DockerV1 {
    fn kind(&self) -> BackendKind {
        BackendKind::DockerV1
    }

    fn capabilities(&self) -> Capabilities {
        let known = self.capabilities.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let way = self.session.known();
        let (delete, tag_delete) = match way {
            Some(Way::Index) => (DeleteSemantics::Unsupported, Support::No),
            _ => (known.delete, known.tag_delete),
        };
        Capabilities {
            abilities: if known.listing == Support::No { &WITHOUT_SEARCH } else { &ABILITIES },
            delete,
            tag_delete,
            auth: way.map(Way::word),
            transport: self.http.transport(),
            rate_limit: self.http.rate_limit(),
            few_left: self.http.few_left(),
            ..known
        }
    }

    async fn connect(&self) -> Result<Capabilities> {
        let (_, answer) = self.greet().await?;
        let greeted = (200..300).contains(&answer.status) && !failure::is_page(&answer);
        if !greeted && answer.status != 401 {
            return Err(self.stranger(&answer).await);
        }
        self.sign_in().await?;
        Ok(self.capabilities())
    }

    async fn repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        self.list(pages).await
    }

    async fn tags(&self, repo: &RepoName, pages: mpsc::Sender<Vec<Listed<TagName>>>) -> Result<ListEnd> {
        self.list_tags(repo, pages).await
    }

    async fn resolve(&self, repo: &RepoName, reference: &Reference) -> Result<Resolved> {
        self.settle(repo, reference).await
    }

    async fn inventory(&self, repo: &RepoName) -> Result<Option<Inventory>> {
        self.all_tags(repo).await.map(Some)
    }

    async fn tag_info(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        self.row(repo, tag).await
    }

    async fn manifest(&self, repo: &RepoName, reference: &Reference) -> Result<Manifest> {
        self.whole(repo, reference).await.map(|image| image.manifest)
    }

    async fn image(&self, repo: &RepoName, reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        self.whole(repo, reference).await
    }

    async fn large_image(&self, repo: &RepoName, reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        self.whole(repo, reference).await
    }

    async fn referrers(&self, _repo: &RepoName, _digest: &Digest) -> Result<Referrers> {
        Ok(Referrers::default())
    }

    fn repository(&self, repo: &RepoName) -> Option<Arc<RepoInfo>> {
        self.infos.get(repo)
    }

    async fn read_repository(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        self.look_up(repo).await
    }

    fn tag(&self, repo: &RepoName, tag: &TagName) -> Option<Arc<TagFacts>> {
        self.facts.get(&(repo.clone(), tag.clone()))
    }

    async fn search(&self, term: &str, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        self.find(term, pages).await
    }

    async fn delete_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        self.remove_tag(repo, tag).await
    }

    async fn probe_delete(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Ok(DeleteProbe::Off(Clean::fixed("images of this sort of registry are never deleted")))
    }

    /// The protocol tells, without a request.
    async fn probe_untag(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Ok(match self.way().await? {
            Way::Index => DeleteProbe::Off(clean::line(changes::INDEXED)),
            _ => DeleteProbe::On,
        })
    }

    fn deletes(&self, _repo: &RepoName) -> Deletes {
        let (support, by) = match self.session.known() {
            Some(Way::Index) => (Support::No, changes::INDEXED),
            _ => (Support::Yes, "the protocol deletes tags alone, and their images stay"),
        };
        let tag = Learnt { support, by: Some(Clean::fixed(by)) };
        let manifest = Learnt { support: Support::No, by: None };
        Deletes { tag, manifest }
    }

    /// An image cannot be put back by its document: it stays when its tags go, so a tag is set on it again.
    async fn put_manifest(
        &self,
        repo: &RepoName,
        reference: &Reference,
        _media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest> {
        match reference {
            Reference::Tag(tag) => self.tag_again(repo, tag, &bytes).await,
            Reference::Digest(_) => Err(Error::unsupported("putting an image there by its document")),
        }
    }

    async fn change(&self, change: &Change) -> Result<Changed> {
        self.carry_out(change).await
    }

    async fn delete(&self, doomed: &Doomed) -> Result<Vec<Sent>> {
        let mut sent = Vec::with_capacity(doomed.len());
        match doomed {
            Doomed::Tags(repo, tags) => {
                for tag in tags {
                    sent.push(self.remove_tag(repo, tag).await?);
                }
            }
            Doomed::Repositories(repos) => {
                for repo in repos {
                    sent.push(self.remove_repository(repo).await?);
                }
            }
            Doomed::Images(..) => {
                return Err(Error::unsupported("deleting images: they stay when their tags are gone"));
            }
        }
        Ok(sent)
    }

    fn layers(&self) -> Option<&dyn Layers> {
        Some(self)
    }

    fn latency(&self) -> Option<Duration> {
        self.http.latency()
    }

    fn notices(&self) -> Vec<Clean> {
        self.http.notices()
    }

    fn parallelism(&self) -> usize {
        self.http.parallelism()
    }
}

#[async_trait]
impl Layers for DockerV1 {
    async fn layer(&self, repo: &RepoName, image: &Digest) -> Result<LayerFacts> {
        self.facts(repo, image).await
    }

    async fn read_layer(
        &self,
        repo: &RepoName,
        image: &Digest,
        facts: &LayerFacts,
        from: u64,
        into: mpsc::Sender<Bytes>,
    ) -> Result<()> {
        self.pass_layer(repo, image, facts.size, from, into).await
    }

    async fn push(&self, repo: &RepoName, document: Bytes, size: u64, layer: mpsc::Receiver<Bytes>) -> Result<Pushed> {
        self.send_image(repo, document, size, layer).await
    }
}
