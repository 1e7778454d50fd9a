//! The client module: the only code that knows HTTP. Pages of a list go out through a channel as they arrive, so that
//! nobody waits for the last one; everything else is one call, one answer. Dropping a future cancels its request.

mod alauda;
mod copy;
mod detect;
mod docker_cloud;
mod docker_v1;
pub mod error;
pub mod http;
mod image_config;
mod joined;
mod json;
pub mod layers;
mod ml_space;
pub mod oci;
mod paged;
mod platform;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use tokio::sync::mpsc;

pub use copy::{Copied, Place, copy_blob};
pub use detect::detect;
pub use error::{Delivery, Error, Result};
pub use write::{BlobRef, DeleteProbe, Mounted, Sent};

use crate::domain::capability::{Capabilities, Deletes};
use crate::domain::change::{Change, Changed, Doomed};
use crate::domain::clean::Clean;
use crate::domain::content::ContentCache;
use crate::domain::image::{Image, Manifest, Referrers};
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::{Elsewhere, Group, GroupFilter, RepoInfo, Scope, TagFacts};
use crate::domain::secret::{Credential, CredentialSource};
use crate::domain::tag::DigestInfo;

/// What a HEAD of a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub digest: Digest,
    pub media_type: Arc<str>,
    pub size: Option<u64>,
}

/// A registry. Every method has a default that answers `Unsupported`; a backend overrides what its system can do.
#[async_trait]
pub trait Backend: Send + Sync {
    fn kind(&self) -> BackendKind;

    /// What is known so far; narrowed at run time as calls are refused.
    fn capabilities(&self) -> Capabilities;

    /// Says hello: reachable, a registry, which sign-in it wants; with credentials, that they are taken.
    async fn connect(&self) -> Result<Capabilities>;

    /// Asks what nothing has shown yet, by a request each: whether it lists, in pages, referrers. For whoever looks at the
    /// registry and reads nothing of it; `sample` is a repository of it, where one is known. False: somebody began to
    /// read, which shows the same, and this gave way.
    async fn explore(&self, _sample: Option<&RepoName>) -> bool {
        true
    }

    /// Every repository, page by page. Ends early, without error, when the receiver is gone.
    async fn repositories(&self, _pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        Err(Error::unsupported("listing repositories"))
    }

    /// Every tag of a repository, page by page.
    async fn tags(&self, _repo: &RepoName, _pages: mpsc::Sender<Vec<Listed<TagName>>>) -> Result<ListEnd> {
        Err(Error::unsupported("listing tags"))
    }

    /// The digest a reference has now. One HEAD (or a GET where HEAD does not answer it).
    async fn resolve(&self, _repo: &RepoName, _reference: &Reference) -> Result<Resolved> {
        Err(Error::unsupported("resolving a tag"))
    }

    /// What every tag is on now, by one reading of the list; `None` where no list says it.
    async fn inventory(&self, _repo: &RepoName) -> Result<Option<Inventory>> {
        Ok(None)
    }

    /// What one tag is on is read from the list of all: looks at many tags are one reading.
    fn looks_by_list(&self) -> bool {
        false
    }

    /// What a tag row shows. Asks the cache first where the digest is known; one GET otherwise, plus the config and
    /// the children that have not been seen before.
    async fn tag_info(&self, _repo: &RepoName, _tag: &TagName) -> Result<Arc<DigestInfo>> {
        Err(Error::unsupported("reading a tag"))
    }

    /// By digest it may come from the cache: whether the registry still has it, `resolve` tells.
    async fn manifest(&self, _repo: &RepoName, _reference: &Reference) -> Result<Manifest> {
        Err(Error::unsupported("reading a manifest"))
    }

    /// Everything the image pane shows; `platform` picks an index's child for config and layers (linux/amd64, else
    /// the first image, when `None`).
    async fn image(&self, _repo: &RepoName, _reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        Err(Error::unsupported("reading an image"))
    }

    /// The same where the manifest itself, the one of the platform or the config is larger than is read without being
    /// asked for (32 MiB instead of 4). For a single image that somebody wants to see, never for rows of a list.
    async fn large_image(&self, _repo: &RepoName, _reference: &Reference, _platform: Option<&Digest>) -> Result<Image> {
        Err(Error::unsupported("reading an image of this size"))
    }

    async fn referrers(&self, _repo: &RepoName, _digest: &Digest) -> Result<Referrers> {
        Err(Error::unsupported("reading referrers"))
    }

    /// What refers to a digest, by the API alone; `None` where the registry has none, and fall-back tags tell instead.
    async fn referred_by(&self, _repo: &RepoName, _digest: &Digest) -> Result<Option<Referrers>> {
        Ok(None)
    }

    /// What the last list, or a later look, said of a repository besides its name. Sends nothing.
    fn repository(&self, _repo: &RepoName) -> Option<Arc<RepoInfo>> {
        None
    }

    /// Where a repository of this name lives, or would live. Sends nothing.
    fn elsewhere(&self, repo: &RepoName) -> Option<Elsewhere> {
        self.repository(repo)?.elsewhere.clone()
    }

    /// Everything the system says of one repository.
    async fn read_repository(&self, _repo: &RepoName) -> Result<Arc<RepoInfo>> {
        Err(Error::unsupported("reading what a repository is"))
    }

    /// What the last list of its repository said of a tag besides its image. Sends nothing.
    fn tag(&self, _repo: &RepoName, _tag: &TagName) -> Option<Arc<TagFacts>> {
        None
    }

    /// Repositories that match, as the system itself finds them, page by page.
    async fn search(&self, _term: &str, _pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        Err(Error::unsupported("searching"))
    }

    /// The namespaces, workspaces or registries this account has here.
    async fn scopes(&self) -> Result<Vec<Scope>> {
        Err(Error::unsupported("choosing a namespace or workspace"))
    }

    /// The registries that the external repositories of this account live at.
    async fn groups(&self, _filter: &GroupFilter) -> Result<Vec<Arc<Group>>> {
        Err(Error::unsupported("listing registries"))
    }

    /// One of them, as it is now.
    async fn group(&self, _key: &str) -> Result<Arc<Group>> {
        Err(Error::unsupported("showing a registry"))
    }

    /// What a sign-in with a password gave, to be kept in the password's place. Sends nothing.
    fn to_keep(&self) -> Option<Credential> {
        None
    }

    // Writes. Each is sent once, by us and by the HTTP library, and never follows a redirect; `Error::delivery` tells
    // whether it may have been done. A write that has begun is awaited: who drops its future does not know its outcome.
    // One at a time goes out per repository. A 429 is the caller's to wait for (`Error::retry_after`).

    /// Removes this tag; its manifest and the other tags on it stay. Never falls back to deleting the manifest.
    async fn delete_tag(&self, _repo: &RepoName, _tag: &TagName) -> Result<Sent> {
        Err(Error::unsupported("deleting a tag"))
    }

    /// Removes a manifest, and with it every tag on it.
    async fn delete_manifest(&self, _repo: &RepoName, _digest: &Digest) -> Result<Sent> {
        Err(Error::unsupported("deleting a manifest"))
    }

    /// Whether deletes are taken at all, asked with the DELETE of a random digest. It can hit nothing, but the
    /// registry's log will have it: only right before a delete that needs to know.
    async fn probe_delete(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Err(Error::unsupported("deleting"))
    }

    /// Whether a tag alone can be deleted, asked with the DELETE of a tag that nobody has: `Off` where there is no such
    /// way. `On` says only that it was not refused: who knows no tags here looks for a manifest of that name. As visible,
    /// and as harmless, as `probe_delete`.
    async fn probe_untag(&self, _repo: &RepoName) -> Result<DeleteProbe> {
        Err(Error::unsupported("deleting a tag"))
    }

    /// What the repository's answers have taught about deleting so far.
    fn deletes(&self, _repo: &RepoName) -> Deletes {
        Deletes::default()
    }

    /// Puts these bytes there under a tag (which is moved if it exists) or their digest. The digest is the one the
    /// registry gave them, and the one they have.
    async fn put_manifest(
        &self,
        _repo: &RepoName,
        _reference: &Reference,
        _media_type: &str,
        _bytes: Bytes,
    ) -> Result<Digest> {
        Err(Error::unsupported("writing a manifest"))
    }

    /// Whether the repository says it has the blob. No proof that it can be read (oci-distribution.md §9).
    async fn has_blob(&self, _repo: &RepoName, _digest: &Digest) -> Result<bool> {
        Err(Error::unsupported("looking for a blob"))
    }

    async fn put_blob(&self, _repo: &RepoName, _bytes: Bytes) -> Result<Digest> {
        Err(Error::unsupported("uploading a blob"))
    }

    /// Makes a blob of another repository of this registry one of this repository, without moving its bytes.
    async fn mount_blob(&self, _repo: &RepoName, _digest: &Digest, _from: &RepoName) -> Result<Mounted> {
        Err(Error::unsupported("mounting a blob"))
    }

    /// Hands the blob's bytes on in order. The last ones go out only when all of them have the digest and the size: who
    /// got fewer bytes than `size` got nothing that can be used.
    async fn read_blob(&self, _repo: &RepoName, _blob: &BlobRef, _into: mpsc::Sender<Bytes>) -> Result<()> {
        Err(Error::unsupported("reading a blob"))
    }

    /// Uploads the bytes that come. Too few or too many of them end the upload without a blob.
    async fn write_blob(&self, _repo: &RepoName, _blob: &BlobRef, _from: mpsc::Receiver<Bytes>) -> Result<()> {
        Err(Error::unsupported("uploading a blob"))
    }

    /// One change by the system's own interface. Afterwards it is read again; a change that is taken and not seen is
    /// never sent a second time.
    async fn change(&self, _change: &Change) -> Result<Changed> {
        Err(Error::unsupported("this change"))
    }

    /// One request that deletes these, and what became of each, in their order. At most `batch` of them.
    async fn delete(&self, _doomed: &Doomed) -> Result<Vec<Sent>> {
        Err(Error::unsupported("deleting"))
    }

    /// How many things one request of `delete` takes.
    fn batch(&self) -> usize {
        1
    }

    /// A new password for docker at this system. The old one stops working at once, for every program of this person.
    /// Never sent again, whatever happens.
    async fn generate_password(&self) -> Result<SecretString> {
        Err(Error::unsupported("making a password"))
    }

    /// Layers by themselves, where the system has them so.
    fn layers(&self) -> Option<&dyn layers::Layers> {
        None
    }

    /// The shortest time to an answer so far.
    fn latency(&self) -> Option<std::time::Duration> {
        None
    }

    /// What the registry said beside its answers (warnings, an allowance that runs out), each text once.
    fn notices(&self) -> Vec<Clean> {
        Vec::new()
    }

    /// How many requests this registry may have in flight now; for progress displays and for loops over many tags.
    fn parallelism(&self) -> usize {
        8
    }
}

/// What a connection needs besides the profile.
#[derive(Clone)]
pub struct Context {
    pub credentials: Arc<dyn CredentialSource>,
    pub cache: Arc<dyn ContentCache>,
    pub settings: Settings,
}

/// Settings that hold for every registry of this run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Settings {
    /// No request but GET, HEAD and the token POST leaves, whatever asks for it (safety.md F11).
    pub read_only: bool,
    /// Overrides the whole-request deadline of metadata requests.
    pub timeout: Option<std::time::Duration>,
    /// Upper limit of requests in flight per origin; adaptive below it.
    pub max_in_flight: Option<usize>,
    /// `(registry host, realm host)` pairs the user confirmed (safety.md A3).
    pub trusted_realms: Vec<(String, String)>,
    /// Registry hosts to which credentials may go over plain http (safety.md A6). Loopback needs no entry.
    pub trusted_plain: Vec<String>,
}

/// The one match on the kind of a registry.
pub fn open(profile: &RegistryProfile, context: &Context) -> Result<Arc<dyn Backend>> {
    match profile.kind {
        BackendKind::Oci => Ok(Arc::new(oci::Oci::new(profile, context)?)),
        BackendKind::MlSpace => Ok(Arc::new(ml_space::MlSpace::new(profile, context)?)),
        BackendKind::DockerCloud => Ok(Arc::new(docker_cloud::DockerCloud::new(profile, context)?)),
        BackendKind::Alauda => Ok(Arc::new(alauda::Alauda::new(profile, context)?)),
        BackendKind::DockerV1 => Ok(Arc::new(docker_v1::DockerV1::new(profile, context)?)),
    }
}
