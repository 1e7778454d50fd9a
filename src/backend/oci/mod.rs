//! OCI Distribution and Docker Registry v2.

mod accept;
mod content;
mod convert;
#[cfg(all(test, unix))]
mod damaged_tests;
mod details;
mod explore;
mod image;
mod inline;
mod layer;
mod lessons;
mod listing;
mod mapped;
mod referrers;
mod stream;
mod tree;
mod walk;
mod writes;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::mpsc;

use super::http::{Answer, Call, Flow, Http, Op, Tap, limits, link};
use super::{Backend, BlobRef, Context, DeleteProbe, Error, Mounted, Resolved, Result, Sent};
use crate::domain::capability::{Capabilities, Deletes, Support};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::image::{Image, Manifest, Platform, Referrers};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::tag::DigestInfo;

use crate::backend::joined::{Interned, Joined, Memory};
use content::{Contents, Reach};
use details::Habit;
use lessons::Lessons;
use listing::{Kind, Unlisted};
use mapped::Mapped;
use walk::{Bounds, Page, Part};

/// Rows of tags kept in memory, twice over (`Memory`).
const INFOS: usize = 100_000;

const DOCKER_HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

pub struct Oci {
    http: Http,
    contents: Contents,
    infos: Memory<Digest, Arc<DigestInfo>>,
    deriving: Joined<(RepoName, Digest), Arc<DigestInfo>>,
    platforms: Interned<[Platform]>,
    texts: Interned<str>,
    habit: Habit,
    lessons: Lessons,
    mapped: Mapped,
    /// A GET has confirmed the 404 of a HEAD, so the next one needs no confirmation.
    head_tells_absence: AtomicBool,
    capabilities: Mutex<Capabilities>,
    host: String,
}

impl Oci {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        let host = profile.host().to_ascii_lowercase();
        let backend = Self {
            http: Http::new(profile, context)?,
            contents: Contents::new(context.cache.clone()),
            infos: Memory::new(INFOS),
            deriving: Joined::default(),
            platforms: Interned::default(),
            texts: Interned::default(),
            // A HEAD is free of Docker Hub's pull limit (oci-distribution.md §16).
            habit: Habit::new(DOCKER_HUB.contains(&host.as_str())),
            lessons: Lessons::default(),
            mapped: Mapped::default(),
            head_tells_absence: AtomicBool::new(false),
            capabilities: Mutex::default(),
            host,
        };
        if backend.never_lists() {
            backend.learn(|known| (known.listing, known.listing_note) = (Support::No, Some(no_list())));
        }
        Ok(backend)
    }

    fn learn(&self, change: impl FnOnce(&mut Capabilities)) {
        change(&mut self.capabilities.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn learn_referrers(&self, support: Support) {
        self.learn(|known| known.referrers = support);
    }

    fn referrers_support(&self) -> Support {
        self.known_by_now().referrers
    }

    fn known_by_now(&self) -> Capabilities {
        self.capabilities.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn list<T>(
        &self,
        list: List<'_>,
        parse: fn(&str) -> Option<T>,
        pages: mpsc::Sender<Vec<Listed<T>>>,
    ) -> Result<ListEnd> {
        let fetch = |query, parts| self.page(list, query, parts);
        walk::walk(parse, pages, Bounds::default(), fetch).await
    }

    /// One page; its names go out while it arrives.
    async fn page(&self, list: List<'_>, query: Option<String>, parts: mpsc::Sender<Part>) -> Result<Page> {
        let List { kind, path, scope, repo } = list;
        let (op, cap) = match kind {
            Kind::Repositories => (Op::Catalog, limits::LIST_PAGE),
            Kind::Tags => (Op::Tags, limits::TAGS_PAGE),
        };
        let call = content::call(op, path, scope, cap);
        let call = Call { accept: Some(accept::LIST), query: query.as_deref(), ..call };
        let (tap, pieces) = Tap::new();
        let (answer, rest) = tokio::join!(self.http.send_to(call, tap), stream::read(kind, pieces, parts));
        let answer = Answer { body: rest.body, ..answer? };
        let entries = rest.entries.map_err(|why| match why {
            Unlisted::Shape => self.http.misshapen(op, &answer),
            Unlisted::Reported(said) => self.http.refused(op, &answer, &said),
        })?;
        let next = link::next_query(&answer.headers);
        if let Some(repo) = repo {
            self.mapped.page(repo, &answer.body);
            if next.is_some() {
                self.learn(|known| known.paging = Support::Yes);
            } else if walk::explicit_n(query.as_deref()).is_some_and(|n| rest.sent > n) {
                self.learn(|known| known.paging = Support::No);
            }
        }
        Ok(Page { entries, bytes: rest.bytes, next })
    }

    /// What the answer to a request for the catalogue says of it.
    fn learn_listing<T>(&self, answer: &Result<T>) {
        match answer {
            Ok(_) => self.learn(|known| (known.listing, known.listing_note) = (Support::Yes, None)),
            Err(error) if refuses_listing(error) => {
                self.learn(|known| (known.listing, known.listing_note) = (Support::No, Some(no_list())));
            }
            Err(_) => {}
        }
    }

    /// Whether asking for a catalogue is known to be in vain: Docker Hub has none, and GHCR's lists the whole world
    /// (oci-distribution.md §4.6).
    fn never_lists(&self) -> bool {
        self.host == "ghcr.io" || DOCKER_HUB.contains(&self.host.as_str())
    }
}

/// A list, and where it is.
#[derive(Clone, Copy)]
struct List<'a> {
    kind: Kind,
    path: &'a str,
    scope: &'a str,
    /// Whose tags it has.
    repo: Option<&'a RepoName>,
}

const CATALOGUE: List<'_> =
    List { kind: Kind::Repositories, path: "/v2/_catalog", scope: "registry:catalog:*", repo: None };

fn tags_path(repo: &RepoName) -> String {
    format!("/v2/{repo}/tags/list")
}

fn no_list() -> Clean {
    Clean::fixed("this registry does not list repositories")
}

fn lists_nothing() -> Error {
    Error::new(ErrorKind::Unsupported, "this registry does not list repositories")
        .hint("Type a repository's name to open it.")
}

/// Statuses that mean "no catalogue for you" (oci-distribution.md §4.6).
fn refuses_listing(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind, K::SignIn | K::Denied | K::NotFound | K::Unsupported)
        || matches!(error.status, Some(401 | 403 | 404 | 405 | 501))
}

#[async_trait]
impl Backend for Oci {
    fn kind(&self) -> BackendKind {
        BackendKind::Oci
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            auth: self.http.scheme(),
            transport: self.http.transport(),
            rate_limit: self.http.rate_limit(),
            few_left: self.http.few_left(),
            granted: self.http.granted(),
            ..self.known_by_now()
        }
    }

    async fn connect(&self) -> Result<Capabilities> {
        let ping = Call {
            op: Op::Ping,
            head: false,
            path: "/v2/",
            query: None,
            accept: None,
            range: None,
            scope: None,
            cap: limits::PING,
        };
        let answer = match self.http.send(ping).await {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Err(self.stranger(&error).await),
            Err(error) => return Err(error),
        };
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let is_page = convert::essence(content_type) == "text/html" || answer.body.trim_ascii_start().starts_with(b"<");
        if is_page && answer.foreign {
            let what = format!("something between you and {} sent us on to a web page elsewhere", self.host);
            let hint =
                "It may be the sign-in page of the network, or the address is no registry; open it in a browser.";
            return Err(Error::new(ErrorKind::BadAnswer, what).hint(hint));
        }
        if is_page {
            let what = format!("{} answered with a web page: this is no registry, or a login page", self.host);
            return Err(Error::new(ErrorKind::BadAnswer, what));
        }
        Ok(self.capabilities())
    }

    async fn explore(&self, sample: Option<&RepoName>) -> bool {
        self.look_around(sample).await
    }

    async fn repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        if self.never_lists() {
            return Err(lists_nothing());
        }
        let parse = |text: &str| RepoName::parse(text).ok();
        let end = self.list(CATALOGUE, parse, pages).await;
        self.learn_listing(&end);
        // A sign-in may still open the list, so that error stays what it is.
        end.map_err(|error| match error.kind {
            ErrorKind::SignIn | ErrorKind::Denied => error,
            _ if refuses_listing(&error) => lists_nothing(),
            _ => error,
        })
    }

    async fn tags(&self, repo: &RepoName, pages: mpsc::Sender<Vec<Listed<TagName>>>) -> Result<ListEnd> {
        let (path, scope) = (tags_path(repo), content::scope(repo));
        let parse = |text: &str| TagName::parse(text).ok();
        self.mapped.begin(repo);
        let list = List { kind: Kind::Tags, path: &path, scope: &scope, repo: Some(repo) };
        let end = self.list(list, parse, pages).await?;
        let notes = [end.note, self.mapped.below(repo)].into_iter().flatten().map(|note| note.to_string());
        let notes = notes.collect::<Vec<_>>().join("; ");
        Ok(ListEnd { note: (!notes.is_empty()).then(|| clean::line(&notes)), ..end })
    }

    async fn resolve(&self, repo: &RepoName, reference: &Reference) -> Result<Resolved> {
        let mut absent = false;
        match content::head(&self.http, repo, reference).await {
            Ok(Some(resolved)) => return Ok(resolved),
            Ok(None) => {}
            Err(error) if error.status == Some(404) => {
                if self.head_tells_absence.load(Ordering::Relaxed) {
                    return Err(error);
                }
                absent = true;
            }
            Err(error) if content::worth_a_get(&error) => {}
            Err(error) => return Err(error),
        }
        let manifest = self.contents.fetch(&self.http, repo, reference, |_| ()).await;
        if absent && manifest.as_ref().is_err_and(|error| error.status == Some(404)) {
            self.head_tells_absence.store(true, Ordering::Relaxed);
        }
        let manifest = manifest?;
        let size = Some(manifest.raw.len() as u64);
        Ok(Resolved { digest: manifest.digest, media_type: manifest.media_type, size })
    }

    async fn tag_info(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        self.read_tag(repo, tag).await
    }

    async fn manifest(&self, repo: &RepoName, reference: &Reference) -> Result<Manifest> {
        match reference {
            Reference::Tag(_) => self.contents.fetch(&self.http, repo, reference, |_| ()).await,
            Reference::Digest(digest) => {
                self.contents.manifest(&self.http, repo, digest).await.map(Arc::unwrap_or_clone)
            }
        }
    }

    async fn image(&self, repo: &RepoName, reference: &Reference, platform: Option<&Digest>) -> Result<Image> {
        let manifest = self.manifest(repo, reference).await?;
        self.read_image(repo, manifest, platform, Reach::Usual).await
    }

    async fn large_image(&self, repo: &RepoName, reference: &Reference, platform: Option<&Digest>) -> Result<Image> {
        let manifest = self.contents.explicit(&self.http, repo, reference, Reach::Large).await?;
        self.read_image(repo, manifest, platform, Reach::Large).await
    }

    async fn referrers(&self, repo: &RepoName, digest: &Digest) -> Result<Referrers> {
        self.read_referrers(repo, digest).await
    }

    async fn referred_by(&self, repo: &RepoName, digest: &Digest) -> Result<Option<Referrers>> {
        self.by_api_alone(repo, digest).await
    }

    async fn delete_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        self.drop_tag(repo, tag).await
    }

    async fn delete_manifest(&self, repo: &RepoName, digest: &Digest) -> Result<Sent> {
        self.drop_manifest(repo, digest).await
    }

    async fn probe_delete(&self, repo: &RepoName) -> Result<DeleteProbe> {
        self.probe(repo).await
    }

    async fn probe_untag(&self, repo: &RepoName) -> Result<DeleteProbe> {
        self.probe_tag(repo).await
    }

    fn deletes(&self, repo: &RepoName) -> Deletes {
        self.lessons.of(repo)
    }

    async fn put_manifest(&self, repo: &RepoName, at: &Reference, media_type: &str, bytes: Bytes) -> Result<Digest> {
        self.send_manifest(repo, at, media_type, bytes).await
    }

    async fn has_blob(&self, repo: &RepoName, digest: &Digest) -> Result<bool> {
        self.knows_blob(repo, digest).await
    }

    async fn put_blob(&self, repo: &RepoName, bytes: Bytes) -> Result<Digest> {
        self.send_blob(repo, bytes).await
    }

    async fn mount_blob(&self, repo: &RepoName, digest: &Digest, from: &RepoName) -> Result<Mounted> {
        self.mount(repo, digest, from).await
    }

    async fn read_blob(&self, repo: &RepoName, blob: &BlobRef, into: mpsc::Sender<Bytes>) -> Result<()> {
        self.pass_blob(repo, blob, into).await
    }

    async fn write_blob(&self, repo: &RepoName, blob: &BlobRef, from: mpsc::Receiver<Bytes>) -> Result<()> {
        self.send_flow(repo, blob, Flow::new(blob.size, from)).await
    }

    fn notices(&self) -> Vec<Clean> {
        self.http.notices()
    }

    fn parallelism(&self) -> usize {
        self.http.parallelism()
    }

    fn latency(&self) -> Option<std::time::Duration> {
        self.http.latency()
    }
}
