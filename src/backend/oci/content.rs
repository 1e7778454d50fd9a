//! Manifests and configs: from memory, from the cache, from the registry; each verified, each fetched once.

use std::sync::Arc;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};

use super::accept::MANIFESTS;
use super::convert::{self, Received, Unfit};
use super::inline;
use crate::backend::Resolved;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Call, Http, Op, limits};
use crate::backend::joined::{Joined, Memory};
use crate::domain::content::ContentCache;
use crate::domain::error::ErrorKind;
use crate::domain::image::{Descriptor, Manifest, ManifestKind};
use crate::domain::reference::{Digest, Reference, RepoName};

/// Bytes of content kept in memory, twice over (`Memory`).
const MEMORY: usize = 4 << 20;
/// Larger content is left to the cache on disk.
const MEMORY_ENTRY: usize = 256 << 10;

/// Up to which size a manifest or a config is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Usual,
    /// Somebody wants this one although it is large.
    Large,
}

impl Reach {
    fn within(self, usual: u64) -> u64 {
        match self {
            Self::Usual => usual,
            Self::Large => limits::LARGE,
        }
    }

    /// What to say of content that is larger: whether asking for it explicitly may help.
    fn explain(self, error: Error) -> Error {
        match self {
            _ if !error.over_cap => error,
            Self::Usual => Error { kind: ErrorKind::TooLarge, ..error },
            Self::Large => error.hint("No manifest and no config above that size is read."),
        }
    }
}

type Stored = (Arc<[u8]>, Arc<str>);

pub(super) struct Contents {
    cache: Arc<dyn ContentCache>,
    memory: Memory<Digest, Stored>,
    // By repository too: a blob that one repository denies may be there in another.
    manifests: Joined<(RepoName, Digest), Arc<Manifest>>,
    blobs: Joined<(RepoName, Digest), Arc<[u8]>>,
}

impl Contents {
    pub(super) fn new(cache: Arc<dyn ContentCache>) -> Self {
        Self { cache, memory: Memory::new(MEMORY), manifests: Joined::default(), blobs: Joined::default() }
    }

    pub(super) fn stored(&self, digest: &Digest) -> Option<Stored> {
        if let Some(stored) = self.memory.get(digest) {
            return Some(stored);
        }
        let (bytes, media_type) = self.cache.get(digest)?;
        let stored: Stored = (bytes.into(), media_type.into());
        self.remember(digest, &stored);
        Some(stored)
    }

    fn remember(&self, digest: &Digest, stored: &Stored) {
        if stored.0.len() <= MEMORY_ENTRY {
            self.memory.put(digest.clone(), stored.clone(), stored.0.len());
        }
    }

    /// Keeps content whose bytes have the digest it is kept under.
    fn store(&self, digest: &Digest, media_type: &str, bytes: &Arc<[u8]>) {
        if self.memory.get(digest).is_none() {
            self.remember(digest, &(bytes.clone(), media_type.into()));
            self.cache.put(digest, media_type, bytes);
        }
    }

    /// A manifest as the cache has it.
    pub(super) fn stored_manifest(&self, digest: &Digest) -> Option<Manifest> {
        let (body, media_type) = self.stored(digest)?;
        let asked = Reference::Digest(digest.clone());
        let received = Received { asked: &asked, content_type: &media_type, header_digest: None, body: &body };
        convert::manifest(&received).ok()
    }

    /// A manifest by digest.
    pub(super) async fn manifest(&self, http: &Http, repo: &RepoName, digest: &Digest) -> Result<Arc<Manifest>> {
        if let Some(manifest) = self.stored_manifest(digest) {
            return Ok(Arc::new(manifest));
        }
        let asked = Reference::Digest(digest.clone());
        let key = (repo.clone(), digest.clone());
        self.manifests.run(key, || async { self.fetch(http, repo, &asked, |_| ()).await.map(Arc::new) }).await
    }

    /// A manifest from the registry, whatever the cache has. The way to read a tag. `look` sees its digest before it is
    /// stored.
    pub(super) async fn fetch(
        &self,
        http: &Http,
        repo: &RepoName,
        asked: &Reference,
        look: impl FnOnce(&Digest),
    ) -> Result<Manifest> {
        self.read(http, repo, asked, Reach::Usual, look).await
    }

    /// A manifest that somebody asked for: not joined with reads that have another reach.
    pub(super) async fn explicit(
        &self,
        http: &Http,
        repo: &RepoName,
        asked: &Reference,
        reach: Reach,
    ) -> Result<Manifest> {
        if let Reference::Digest(digest) = asked
            && let Some(manifest) = self.stored_manifest(digest)
        {
            return Ok(manifest);
        }
        self.read(http, repo, asked, reach, |_| ()).await
    }

    async fn read(
        &self,
        http: &Http,
        repo: &RepoName,
        asked: &Reference,
        reach: Reach,
        look: impl FnOnce(&Digest),
    ) -> Result<Manifest> {
        let answer = ask_manifest(http, repo, asked, false, reach).await?;
        let received = Received {
            asked,
            content_type: header(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or(""),
            header_digest: header(&answer.headers, DIGEST_HEADER),
            body: &answer.body,
        };
        let manifest = convert::manifest(&received).map_err(|why| match why {
            Unfit::Shape => http.misshapen(Op::Manifest, &answer),
            Unfit::Mismatch { asked, got } => mismatch(http, &asked, &got),
        })?;
        look(&manifest.digest);
        // Schema 1 goes by a digest that its bytes do not have (§5.4).
        let verified = || manifest.warnings.is_empty() || manifest.digest.matches(&manifest.raw) == Some(true);
        if manifest.kind != ManifestKind::Schema1 && verified() {
            self.store(&manifest.digest, &manifest.media_type, &manifest.raw);
            if manifest.kind != ManifestKind::Unknown {
                for inline in inline::contents(&manifest.raw) {
                    self.store(&inline.digest, &inline.media_type, &inline.bytes.into());
                }
            }
        }
        Ok(manifest)
    }

    /// A config, verified against its descriptor.
    pub(super) async fn blob(
        &self,
        http: &Http,
        repo: &RepoName,
        descriptor: &Descriptor,
        reach: Reach,
    ) -> Result<Arc<[u8]>> {
        let digest = &descriptor.digest;
        if let Some((bytes, _)) = self.stored(digest) {
            return Ok(bytes);
        }
        let read = || self.fetch_blob(http, repo, descriptor, reach);
        match reach {
            Reach::Usual => self.blobs.run((repo.clone(), digest.clone()), read).await,
            // Who joins a read has its reach.
            Reach::Large => read().await,
        }
    }

    async fn fetch_blob(
        &self,
        http: &Http,
        repo: &RepoName,
        descriptor: &Descriptor,
        reach: Reach,
    ) -> Result<Arc<[u8]>> {
        let digest = &descriptor.digest;
        let cap = reach.within(limits::CONFIG);
        if descriptor.size.is_some_and(|size| size > cap) {
            let (name, most) = (digest.short(), cap / limits::MIB);
            let what = format!("the config {name} of {repo} is larger than the {most} MiB that are read");
            return Err(reach.explain(Error { over_cap: true, ..Error::new(ErrorKind::BadAnswer, what) }));
        }
        let path = format!("/v2/{repo}/blobs/{digest}");
        let answer = http.send(call(Op::Blob, &path, &scope(repo), cap)).await.map_err(|e| reach.explain(e))?;
        match digest.matches(&answer.body) {
            Some(false) => return Err(mismatch(http, digest, &Digest::of(&answer.body))),
            None => return Ok(answer.body.as_ref().into()),
            Some(true) => {}
        }
        if descriptor.size.is_some_and(|size| size != answer.body.len() as u64) {
            let what =
                format!("{} has a config {} of another length than its manifest says", http.host(), digest.short());
            return Err(Error::new(ErrorKind::BadAnswer, what));
        }
        let bytes: Arc<[u8]> = answer.body.as_ref().into();
        self.store(digest, descriptor.media_type.as_str(), &bytes);
        Ok(bytes)
    }
}

fn mismatch(http: &Http, asked: &Digest, got: &Digest) -> Error {
    let host = http.host();
    let what = format!("{host} sent content that does not match its digest: asked for {asked}, got {got}");
    Error::new(ErrorKind::BadAnswer, what)
        .hint("Nothing of it was used. The registry's storage may be damaged, or something on the way changes answers.")
}

pub(super) const DIGEST_HEADER: &str = "docker-content-digest";

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn scope(repo: &RepoName) -> String {
    format!("repository:{repo}:pull")
}

pub(super) fn call<'a>(op: Op, path: &'a str, scope: &'a str, cap: u64) -> Call<'a> {
    Call { op, head: false, path, query: None, accept: None, range: None, scope: Some(scope), cap }
}

async fn ask_manifest(http: &Http, repo: &RepoName, asked: &Reference, head: bool, reach: Reach) -> Result<Answer> {
    let path = format!("/v2/{repo}/manifests/{asked}");
    let scope = scope(repo);
    let call = call(Op::Manifest, &path, &scope, reach.within(limits::MANIFEST));
    http.send(Call { head, accept: Some(MANIFESTS), ..call }).await.map_err(|error| reach.explain(error))
}

/// What a HEAD says; `None` where it names no digest.
pub(super) async fn head(http: &Http, repo: &RepoName, asked: &Reference) -> Result<Option<Resolved>> {
    let answer = ask_manifest(http, repo, asked, true, Reach::Usual).await?;
    let Some(digest) = header(&answer.headers, DIGEST_HEADER).and_then(|text| Digest::parse(text).ok()) else {
        return Ok(None);
    };
    if let Reference::Digest(asked) = asked
        && *asked != digest
    {
        let what = format!("{} answered with {digest} when asked for {asked}", http.host());
        return Err(Error::new(ErrorKind::BadAnswer, what));
    }
    Ok(Some(Resolved {
        digest,
        media_type: convert::essence(header(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or("")).into(),
        size: header(&answer.headers, CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok()),
    }))
}

/// Whether a GET may know what this HEAD did not: a HEAD has no error body, and some servers refuse it (§5.3).
pub(super) fn worth_a_get(error: &Error) -> bool {
    matches!(error.status, Some(400 | 403 | 404 | 405))
}
