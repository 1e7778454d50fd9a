//! ML Space (Cloud.ru): one registry per workspace, with colours on its tags and favourites (ml-space.md).

mod assumed;
mod changes;
mod convert;
mod failure;
mod known;
mod listing;
mod session;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::mpsc;

use self::known::{Contents, Image as Row, Repositories, Tag};
use self::session::Session;
use super::http::{Http, Op};
use super::joined::{Joined, Memory};
use super::json::Object;
use super::{Backend, Context, DeleteProbe, Error, Resolved, Result, Sent, Settings};
use crate::domain::capability::{Ability, Capabilities, DeleteSemantics, Deletes, Learnt, Place, Support};
use crate::domain::change::{Change, Changed, Doomed, Part, Parts};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorKind;
use crate::domain::image::{Image, Manifest};
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::{RepoInfo, Scope, TagFacts};
use crate::domain::tag::DigestInfo;
use crate::domain::uuid::Uuid;

/// Where the API is below a bare host (§1).
const BASE: &str = "/public/v2";
/// Images and tags kept of all repositories that were looked at, twice over (`Memory`).
const ROWS: usize = 100_000;
/// Tags handed over at a time.
const BATCH: usize = 2_000;
const IMAGE: Op = Op::Read("reading an image");

const ABILITIES: [Ability; 6] = [
    Ability::SetTag,
    Ability::DeleteImages,
    Ability::DeleteRepositories,
    Ability::EditRepository,
    Ability::GeneratePassword,
    Ability::Scopes,
];

pub struct MlSpace {
    http: Http,
    session: Session,
    repositories: Repositories,
    contents: Memory<RepoName, Arc<Contents>>,
    loading: Joined<RepoName, Arc<Contents>>,
    naming: Joined<(), ()>,
}

impl MlSpace {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let most = context.settings.max_in_flight.unwrap_or(assumed::IN_FLIGHT).min(assumed::IN_FLIGHT);
        let settings = Settings { max_in_flight: Some(most), ..context.settings.clone() };
        let url = with_base(&profile.url);
        let http = Http::new(
            &RegistryProfile { url, ..profile.clone() },
            &Context { settings, credentials: Arc::clone(&context.credentials), cache: Arc::clone(&context.cache) },
        )?;
        let host = profile.host().split('/').next().unwrap_or_default();
        Ok(Self {
            session: Session::new(context, host, profile.workspace.clone()),
            http,
            repositories: Repositories::default(),
            contents: Memory::new(ROWS),
            loading: Joined::default(),
            naming: Joined::default(),
        })
    }

    /// The row of a tag, as it was read last.
    async fn row(&self, repo: &RepoName, tag: &TagName) -> Result<Tag> {
        let known = self.contents_of(repo).await?;
        if let Some(row) = known.tags.get(tag) {
            return Ok(row.clone());
        }
        self.row_now(repo, tag).await
    }

    async fn row_now(&self, repo: &RepoName, tag: &TagName) -> Result<Tag> {
        let row = self.load(repo).await?.tags.get(tag).cloned();
        row.ok_or_else(|| self.absent(&format!("{repo}:{tag}")))
    }

    async fn image_id(&self, repo: &RepoName, digest: &Digest) -> Result<Uuid> {
        let id = |known: &Contents| known.image_of(digest).map(|image| image.id);
        if let Some(id) = id(&*self.contents_of(repo).await?) {
            return Ok(id);
        }
        let now = self.load(repo).await?;
        id(&now).ok_or_else(|| self.absent(&format!("image {} of {repo}", digest.short())))
    }

    fn absent(&self, what: &str) -> Error {
        Error::new(ErrorKind::NotFound, format!("{} has no {what}", self.http.host()))
    }

    /// What a tag is on now: its image's own list of tags tells, and where that has it no more, the list of all.
    async fn resolve_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        if let Some(row) = self.contents.get(repo).and_then(|known| known.tags.get(tag).cloned()) {
            match self.tags_of(row.image).await {
                // Under another id it was deleted and set again, which is to be known before it is deleted.
                Ok(tags) if tags.iter().any(|one| one.id == row.id && one.name == tag.as_str()) => return Ok(row.info),
                Ok(_) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.row_now(repo, tag).await?.info)
    }

    async fn resolve_digest(&self, repo: &RepoName, digest: &Digest) -> Result<Arc<DigestInfo>> {
        let row: Option<Row> = self.load(repo).await?.image_of(digest).cloned();
        let info = row.and_then(|row| row.info);
        info.ok_or_else(|| self.absent(&format!("image {} of {repo}", digest.short())))
    }

    async fn read_image(&self, repo: &RepoName, reference: &Reference) -> Result<Image> {
        let tag = match reference {
            Reference::Digest(digest) => return self.image_by(self.image_id(repo, digest).await?, digest, None).await,
            Reference::Tag(tag) => tag,
        };
        let row = self.row(repo, tag).await?;
        match self.image_by(row.image, &row.info.digest, Some(tag)).await {
            // It was deleted, or the tag is on another one by now.
            Err(error) if error.is_not_found() => {
                let row = self.row_now(repo, tag).await?;
                self.image_by(row.image, &row.info.digest, None).await
            }
            read => read,
        }
    }

    /// An image by its id; not found, where it does not have that tag.
    async fn image_by(&self, id: Uuid, digest: &Digest, tag: Option<&TagName>) -> Result<Image> {
        let answer = self.read(IMAGE, &format!("/docker_registry/v2/images/{id}"), None).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let object = Object::parse(&text);
        let image = object.as_ref().and_then(wire::image).ok_or_else(|| self.http.misshapen(IMAGE, &answer))?;
        if tag.is_some_and(|tag| !image.tags.iter().any(|one| one.name == tag.as_str())) {
            return Err(self.absent("such tag on this image"));
        }
        Ok(convert::image(&image, digest.clone()))
    }
}

/// With the API's path, where the address is a bare host, as the vendor's own plug-in takes it.
fn with_base(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let bare = url.trim_end_matches('/');
    if url[start..].trim_end_matches('/').contains('/') { bare.to_owned() } else { format!("{bare}{BASE}") }
}

#[async_trait]
impl Backend for MlSpace {
    fn kind(&self) -> BackendKind {
        BackendKind::MlSpace
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            restores: Support::No,
            listing: Support::Yes,
            paging: Support::No,
            delete: DeleteSemantics::TagOnly,
            tag_delete: Support::Yes,
            referrers: Support::No,
            favourites: Place::Server,
            colours: Place::Server,
            abilities: &ABILITIES,
            parts: Parts { create: &[], edit: &[Part::Description, Part::Labels] },
            auth: Some("bearer"),
            transport: self.http.transport(),
            scope: self.session.only_one(),
            ..Capabilities::default()
        }
    }

    /// Signs in, asks for the key of the workspace, reads its registry.
    async fn connect(&self) -> Result<Capabilities> {
        self.count().await?;
        Ok(self.capabilities())
    }

    async fn repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        self.walk(Some(pages)).await
    }

    async fn tags(&self, repo: &RepoName, pages: mpsc::Sender<Vec<Listed<TagName>>>) -> Result<ListEnd> {
        let contents = self.load(repo).await?;
        for batch in contents.order.chunks(BATCH) {
            if pages.send(batch.to_vec()).await.is_err() {
                return Ok(ListEnd::default());
            }
        }
        Ok(ListEnd { complete: true, note: contents.note() })
    }

    async fn resolve(&self, repo: &RepoName, reference: &Reference) -> Result<Resolved> {
        let info = match reference {
            Reference::Tag(tag) => self.resolve_tag(repo, tag).await?,
            Reference::Digest(digest) => self.resolve_digest(repo, digest).await?,
        };
        let (digest, media_type) = (info.digest.clone(), Arc::clone(&info.media_type));
        Ok(Resolved { digest, media_type, size: info.size })
    }

    /// Read for this: a reading that is under way may have begun before a deletion.
    async fn inventory(&self, repo: &RepoName) -> Result<Option<Inventory>> {
        Ok(Some(self.read_contents(repo).await?.inventory()))
    }

    fn looks_by_list(&self) -> bool {
        true
    }

    async fn tag_info(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        Ok(self.row(repo, tag).await?.info)
    }

    async fn manifest(&self, repo: &RepoName, reference: &Reference) -> Result<Manifest> {
        Ok(self.read_image(repo, reference).await?.manifest)
    }

    async fn image(&self, repo: &RepoName, reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        self.read_image(repo, reference).await
    }

    async fn large_image(&self, repo: &RepoName, reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        self.read_image(repo, reference).await
    }

    fn repository(&self, repo: &RepoName) -> Option<Arc<RepoInfo>> {
        self.repositories.get(repo).map(|known| known.info)
    }

    async fn read_repository(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        let (text, info) = self.repository_now(repo).await?;
        Ok(Arc::new(RepoInfo { raw: convert::raw(&text), ..(*info).clone() }))
    }

    fn tag(&self, repo: &RepoName, tag: &TagName) -> Option<Arc<TagFacts>> {
        self.contents.get(repo)?.tags.get(tag).map(|row| Arc::clone(&row.facts))
    }

    async fn scopes(&self) -> Result<Vec<Scope>> {
        Ok(self.session.workspaces(&self.http).await?.iter().map(convert::scope).collect())
    }

    async fn delete_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        self.delete_one(&Doomed::Tags(repo.clone(), vec![tag.clone()])).await
    }

    async fn delete_manifest(&self, repo: &RepoName, digest: &Digest) -> Result<Sent> {
        self.delete_one(&Doomed::Images(repo.clone(), vec![digest.clone()])).await
    }

    /// The API's description tells (§5), so nothing is sent for it.
    async fn probe_delete(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Ok(DeleteProbe::On)
    }

    async fn probe_untag(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Ok(DeleteProbe::On)
    }

    fn deletes(&self, _repo: &RepoName) -> Deletes {
        let known = Learnt { support: Support::Yes, by: None };
        Deletes { tag: known.clone(), manifest: known }
    }

    async fn change(&self, change: &Change) -> Result<Changed> {
        self.make(change).await
    }

    async fn delete(&self, doomed: &Doomed) -> Result<Vec<Sent>> {
        self.delete_all(doomed).await
    }

    fn batch(&self) -> usize {
        assumed::BATCH
    }

    async fn generate_password(&self) -> Result<SecretString> {
        self.new_password().await
    }

    fn latency(&self) -> Option<Duration> {
        self.http.latency()
    }

    fn notices(&self) -> Vec<Clean> {
        self.http.notices()
    }

    fn parallelism(&self) -> usize {
        self.http.parallelism().min(assumed::IN_FLIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::with_base;

    #[test]
    fn the_path_is_added_to_a_bare_host_alone() {
        for (url, want) in [
            ("https://api.ai.cloud.ru", "https://api.ai.cloud.ru/public/v2"),
            ("https://api.ai.cloud.ru/", "https://api.ai.cloud.ru/public/v2"),
            ("https://api.ai.cloud.ru/public/v2/", "https://api.ai.cloud.ru/public/v2"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/public/v2"),
            ("https://stand.example/ml/v2", "https://stand.example/ml/v2"),
            ("api.ai.cloud.ru", "api.ai.cloud.ru/public/v2"),
        ] {
            assert_eq!(with_base(url), want);
        }
    }
}
