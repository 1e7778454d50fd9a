//! Images: a chain of documents, each with a layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;

use super::convert::{self, Step};
use super::session::To;
use super::{DockerV1, assumed, failure};
use crate::backend::Resolved;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Op, limits};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::image::{Descriptor, Image, ImageConfig, LayerRow, Manifest, ManifestKind};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::tag::DigestInfo;

const TAG: Op = Op::Read("reading a tag");
const DOCUMENT: Op = Op::Read("reading an image");
const ANCESTRY: Op = Op::Read("reading an ancestry");
const DOCUMENT_TYPE: &str = "application/json";

impl DockerV1 {
    /// The id a reference has now; never from memory.
    pub(super) async fn id(&self, repo: &RepoName, reference: &Reference) -> Result<Arc<str>> {
        match reference {
            Reference::Tag(tag) => {
                let path = format!("/v1/repositories/{}/tags/{tag}", assumed::full(repo));
                let answer = self.call(To::Read(repo), Ask { cap: limits::PING, ..Ask::get(TAG, &path) }).await?;
                let answer = self.taken(TAG, answer)?;
                convert::id_of(&answer.body).ok_or_else(|| self.http.misshapen(TAG, &answer))
            }
            Reference::Digest(digest) => image_id(digest),
        }
    }

    pub(super) async fn settle(&self, repo: &RepoName, reference: &Reference) -> Result<Resolved> {
        let id = self.id(repo, reference).await?;
        if let Reference::Digest(_) = reference {
            self.fetch(repo, &id).await?;
        }
        let digest = convert::digest(&id).ok_or_else(|| no_id(&id))?;
        Ok(Resolved { digest, media_type: DOCUMENT_TYPE.into(), size: None })
    }

    /// What the list said of it, if it said it; one request for the document otherwise. How large the whole chain is is
    /// told where it was read already: asking for it takes a request for each layer.
    pub(super) async fn row(&self, repo: &RepoName, tag: &TagName) -> Result<Arc<DigestInfo>> {
        let listed = self.tags.get(repo).and_then(|tags| tags.get(tag).cloned());
        let id = match listed {
            Some(id) => id,
            None => self.id(repo, &Reference::Tag(tag.clone())).await?,
        };
        let step = self.step(repo, &id).await?;
        Ok(Arc::new(DigestInfo {
            digest: convert::digest(&id).ok_or_else(|| no_id(&id))?,
            media_type: DOCUMENT_TYPE.into(),
            kind: ManifestKind::Unknown,
            created: step.config.created,
            size: self.chains.get(&id).and_then(|chain| self.known_size(&chain)),
            platforms: step.config.platform.clone().into_iter().collect(),
            artifact: None,
        }))
    }

    fn known_size(&self, chain: &[Arc<str>]) -> Option<u64> {
        chain.iter().map(|id| self.steps.get(id)?.size).sum()
    }

    /// The document of an image. It never changes, so it is read once.
    pub(super) async fn step(&self, repo: &RepoName, id: &Arc<str>) -> Result<Arc<Step>> {
        if let Some(step) = self.steps.get(id) {
            return Ok(step);
        }
        self.reading.run(Arc::clone(id), || self.fetch(repo, id)).await
    }

    pub(super) async fn fetch(&self, repo: &RepoName, id: &Arc<str>) -> Result<Arc<Step>> {
        let answer = self.document(repo, id).await?;
        let answer = self.taken(DOCUMENT, answer)?;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let size = header("x-docker-size").and_then(|text| text.trim().parse::<i64>().ok());
        let size = size.and_then(|size| u64::try_from(size).ok());
        let checksum = header("x-docker-checksum-payload").or_else(|| header("x-docker-checksum"));
        let step = convert::step(id, &answer.body, size, checksum);
        let step = Arc::new(step.ok_or_else(|| self.http.misshapen(DOCUMENT, &answer))?);
        self.steps.put(Arc::clone(id), Arc::clone(&step), answer.body.len());
        Ok(step)
    }

    pub(super) async fn document(&self, repo: &RepoName, id: &str) -> Result<Answer> {
        let path = format!("/v1/images/{id}/json");
        self.call(To::Read(repo), Ask { cap: limits::CONFIG, ..Ask::get(DOCUMENT, &path) }).await
    }

    /// Child first. One that is being uploaded is given a moment.
    async fn chain(&self, repo: &RepoName, id: &Arc<str>) -> Result<Arc<[Arc<str>]>> {
        if let Some(chain) = self.chains.get(id) {
            return Ok(chain);
        }
        let path = format!("/v1/images/{id}/ancestry");
        let ask = Ask::get(ANCESTRY, &path);
        let mut answer = self.call(To::Read(repo), ask.clone()).await?;
        if failure::is_unfinished(&answer) {
            tokio::time::sleep(assumed::UNFINISHED).await;
            answer = self.call(To::Read(repo), ask).await?;
        }
        let answer = self.taken(ANCESTRY, answer)?;
        let chain = convert::ancestry(&answer.body).ok_or_else(|| self.http.misshapen(ANCESTRY, &answer))?;
        if chain.first() != Some(id) || chain.len() > assumed::CHAIN {
            return Err(self.http.misshapen(ANCESTRY, &answer));
        }
        let chain: Arc<[Arc<str>]> = chain.into();
        self.chains.put(Arc::clone(id), Arc::clone(&chain), chain.len());
        Ok(chain)
    }

    /// Everything there is of it, as far as it can be read: a layer that is missing is shown as missing.
    pub(super) async fn whole(&self, repo: &RepoName, reference: &Reference) -> Result<Image> {
        let id = self.id(repo, reference).await?;
        if let Reference::Tag(tag) = reference {
            self.note(repo, tag).await;
        }
        let chain = self.chain(repo, &id).await?;
        let top = self.step(repo, &id).await?;
        let mut reads = futures_util::stream::iter(chain.iter().cloned())
            .map(|id| async move { (self.step(repo, &id).await, id) })
            .buffered(assumed::AT_A_TIME);
        let mut warnings = Vec::new();
        let mut layers = Vec::with_capacity(chain.len());
        let mut history = Vec::with_capacity(chain.len());
        let mut size = Some(0);
        while let Some((step, id)) = reads.next().await {
            let step = match step {
                Ok(step) => Some(step),
                Err(error) if error.is_not_found() || error.kind == ErrorKind::Refused => {
                    warnings.push(clean::line(&format!("layer {id} cannot be read: {}", error.what)));
                    None
                }
                Err(error) => return Err(error),
            };
            let bytes = step.as_ref().and_then(|step| step.size);
            size = size.zip(bytes).map(|(all, bytes)| all + bytes);
            warnings.extend(step.iter().flat_map(|step| step.warnings.clone()));
            let entry = step.map(|step| step.history.clone()).unwrap_or_default();
            let digest = convert::digest(&id).ok_or_else(|| no_id(&id))?;
            let made_by = Some(entry.created_by.clone()).filter(|text| !text.is_empty());
            layers.push(LayerRow { descriptor: descriptor(digest, bytes), created_by: made_by });
            history.push(entry);
        }
        // The protocol counts from the child, everybody else from the root.
        layers.reverse();
        history.reverse();
        let digest = convert::digest(&id).ok_or_else(|| no_id(&id))?;
        let manifest = Manifest {
            digest,
            media_type: DOCUMENT_TYPE.into(),
            kind: ManifestKind::Unknown,
            raw: Arc::clone(&top.raw),
            children: Vec::new(),
            config: None,
            layers: layers.iter().map(|layer| layer.descriptor.clone()).collect(),
            subject: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
            warnings,
        };
        let config = ImageConfig { history, ..ImageConfig::clone(&top.config) };
        Ok(Image {
            shown: Some(manifest.digest.clone()),
            manifest,
            children: Vec::new(),
            config: Some(config),
            config_error: None,
            layers,
            history_mismatch: false,
            size,
        })
    }

    /// What is noted of a tag is an extra of docker-registry: where it is not offered, nothing is noted.
    async fn note(&self, repo: &RepoName, tag: &TagName) {
        let path = format!("/v1/repositories/{}/tags/{tag}/json", assumed::full(repo));
        let ask = Ask { cap: limits::PING, ..Ask::get(Op::Read("reading the note on a tag"), &path) };
        let facts = match self.call(To::Read(repo), ask).await {
            Ok(answer) if answer.status == 200 => convert::facts(&answer.body),
            _ => None,
        };
        if let Some(facts) = facts {
            self.facts.put((repo.clone(), tag.clone()), Arc::new(facts), 1);
        }
    }
}

pub(super) fn image_id(digest: &Digest) -> Result<Arc<str>> {
    let id = digest.as_image_id().and_then(convert::id);
    id.ok_or_else(|| Error::new(ErrorKind::Forbidden, format!("{digest} is no image id of this sort of registry")))
}

fn no_id(id: &str) -> Error {
    Error::new(ErrorKind::BadAnswer, format!("{} is no image id", clean::identifier(id)))
}

fn descriptor(digest: Digest, size: Option<u64>) -> Descriptor {
    Descriptor {
        digest,
        size,
        media_type: Clean::fixed("application/octet-stream"),
        artifact_type: None,
        platform: None,
        annotations: BTreeMap::new(),
        attests: None,
    }
}
