//! What was read of one repository: the facts a plan is made from.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::protection::Protection;
use super::rule::Candidate;
use crate::domain::capability::{Capabilities, DeleteSemantics, Support};
use crate::domain::clean::Clean;
use crate::domain::filter::{Field, Row, RowState};
use crate::domain::image::{Manifest, ManifestKind};
use crate::domain::label::Labels;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;
use crate::domain::tag::DigestInfo;

#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The registry's name in the config.
    pub registry: String,
    /// Its address, `RegistryProfile::url`: a plan runs nowhere else.
    pub origin: String,
    pub kind: BackendKind,
    pub repo: RepoName,
    /// When it was read; ages are counted from here.
    pub time: Timestamp,
    pub tags: Vec<TagFact>,
    /// The list of tags was read to its end, and every entry of it is in `tags`. Entries that are no tag names make it
    /// incomplete: what they point at cannot be asked.
    pub complete: bool,
    /// Manifests were asked for. Where they were not, tags can go and nothing else: who uses a manifest is not known.
    pub deep: bool,
    /// Everything that was asked for by digest: what tags point at, the children of indexes at every depth, referrers,
    /// and manifests without a tag where the registry names them.
    pub manifests: HashMap<Digest, Found>,
    /// What refers to a digest, by the API and by fall-back tags. The `subject` of a manifest counts beside it.
    pub referrers: HashMap<Digest, Vec<Digest>>,
    /// The referrers of every manifest were asked for, and answered.
    pub referrers_known: bool,
    pub deletes: Deletes,
    pub protection: Protection,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TagFact {
    pub name: TagName,
    pub target: Target,
    /// What a row shows of it; `None` where that was not read.
    pub info: Option<Arc<DigestInfo>>,
    /// Where the system keeps that.
    pub pushed: Option<Timestamp>,
    /// The operator's own label.
    pub label: Option<Arc<str>>,
    pub note: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    At(Digest),
    /// Listed, but there is no manifest (oci-distribution.md §4.5).
    Dangling,
    /// It was not asked, or the answer was an error.
    Unknown(Clean),
}

/// What asking for a digest gave. A digest nobody asked for is not in the map, and as unknown as an unreadable one.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Read(ManifestFact),
    /// 404.
    Missing,
    Unreadable(Clean),
}

#[derive(Clone, Debug, PartialEq)]
pub struct ManifestFact {
    pub media_type: Arc<str>,
    pub kind: ManifestKind,
    /// Bytes of the manifest itself.
    pub size: u64,
    /// An index's entries.
    pub children: Arc<[Digest]>,
    /// Config and layers.
    pub blobs: Arc<[Blob]>,
    pub subject: Option<Digest>,
    /// As `Manifest::warnings`: nothing is planned from a manifest that has any.
    pub warnings: Vec<Clean>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub digest: Digest,
    pub size: Option<u64>,
}

/// How the registry deletes, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Deletes {
    /// A tag alone.
    pub tag: Support,
    /// A manifest by its digest, with every tag on it.
    pub manifest: Support,
    /// Tags are deleted by the system's own API.
    pub vendor: bool,
    /// A manifest is refused while a tag is on it (Google's registries, oci-distribution.md §11.1).
    pub tags_first: bool,
}

impl Deletes {
    /// Not known counts: whoever refuses a tag's deletion has not deleted anything else.
    pub fn can_untag(&self) -> bool {
        self.vendor || self.tag != Support::No
    }

    /// Whether manifests are deleted by their digest was seen, one way or the other.
    pub fn is_known_by_digest(&self) -> bool {
        self.manifest != Support::Unknown
    }

    pub fn can_delete_manifests(&self) -> bool {
        self.manifest != Support::No
    }
}

impl From<&Capabilities> for Deletes {
    fn from(capabilities: &Capabilities) -> Self {
        let (tag, manifest) = match capabilities.delete {
            DeleteSemantics::Unsupported => (Support::No, Support::No),
            DeleteSemantics::TagOnly => (Support::Yes, Support::Unknown),
            DeleteSemantics::ManifestAndAllItsTags => (Support::No, Support::Unknown),
            DeleteSemantics::Unknown => (capabilities.tag_delete, Support::Unknown),
        };
        Self { tag, manifest, ..Self::default() }
    }
}

impl From<&Manifest> for ManifestFact {
    fn from(manifest: &Manifest) -> Self {
        let blobs = manifest.config.iter().chain(&manifest.layers);
        Self {
            media_type: manifest.media_type.clone(),
            kind: manifest.kind,
            size: manifest.raw.len() as u64,
            children: manifest.children.iter().map(|child| child.digest.clone()).collect(),
            blobs: blobs.map(|blob| Blob { digest: blob.digest.clone(), size: blob.size }).collect(),
            subject: manifest.subject.as_ref().map(|subject| subject.digest.clone()),
            warnings: manifest.warnings.clone(),
        }
    }
}

impl Found {
    pub fn fact(&self) -> Option<&ManifestFact> {
        match self {
            Self::Read(fact) => Some(fact),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}

impl ManifestFact {
    /// Something can be planned from it.
    pub fn is_sound(&self) -> bool {
        self.warnings.is_empty() && self.kind != ManifestKind::Unknown
    }
}

impl Target {
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::At(digest) => Some(digest),
            Self::Dangling | Self::Unknown(_) => None,
        }
    }
}

impl Snapshot {
    /// What was read of a digest.
    pub fn fact(&self, digest: &Digest) -> Option<&ManifestFact> {
        self.manifests.get(digest).and_then(Found::fact)
    }

    /// What the operator put on the tags.
    pub fn label(&mut self, labels: &Labels) {
        if labels.is_empty() {
            for tag in &mut self.tags {
                (tag.label, tag.note) = (None, None);
            }
            return;
        }
        let given = |one: &Candidate<'_>| match labels.of(one.tag, &one.row, self.time) {
            Field::Is(given) => Some(Arc::from(given.label)),
            Field::Absent | Field::NotLoaded => None,
        };
        let noted = |one: &Candidate<'_>| labels.note(one.tag).map(Arc::from);
        let said: Vec<_> = self.candidates().iter().map(|one| (given(one), noted(one))).collect();
        for (tag, said) in self.tags.iter_mut().zip(said) {
            (tag.label, tag.note) = said;
        }
    }

    /// The tags as rules and filters see them.
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut shared: HashMap<&Digest, usize> = HashMap::with_capacity(self.tags.len());
        for digest in self.tags.iter().filter_map(|tag| tag.target.digest()) {
            *shared.entry(digest).or_default() += 1;
        }
        let row = |tag| self.row(tag, |digest| shared.get(digest).copied());
        let pushed = |tag: &TagFact| tag.pushed.map_or(Field::Absent, Field::Is);
        self.tags.iter().map(|tag| Candidate { tag: &tag.name, row: row(tag), pushed: pushed(tag) }).collect()
    }

    /// `shared`: how many tags are on a digest. With an incomplete list that is not known.
    pub fn row<'a>(&self, tag: &'a TagFact, shared: impl Fn(&Digest) -> Option<usize>) -> Row<'a> {
        let info = tag.info.as_deref();
        let state = match &tag.target {
            Target::At(_) => RowState::Ok,
            Target::Dangling => RowState::Dangling,
            Target::Unknown(_) => RowState::Error,
        };
        let digest = tag.target.digest();
        Row {
            name: tag.name.as_str(),
            created: field(tag, info.map(|info| info.created)),
            size: field(tag, info.map(|info| info.size)),
            digest,
            platforms: info.map(|info| &*info.platforms),
            shared: digest.filter(|_| self.complete).and_then(shared),
            label: tag.label.as_deref().map_or(Field::Absent, Field::Is),
            note: tag.note.as_deref(),
            state: Some(state),
            ..Row::default()
        }
    }
}

/// A dangling tag has no content that could still be read.
fn field<T>(tag: &TagFact, read: Option<Option<T>>) -> Field<T> {
    match read {
        Some(value) => value.map_or(Field::Absent, Field::Is),
        None if tag.target == Target::Dangling => Field::Absent,
        None => Field::NotLoaded,
    }
}
