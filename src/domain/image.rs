//! Manifests, indexes, image configs: the parts tagboat shows and reasons about, every field possibly absent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::clean::Clean;
use super::error::ErrorReport;
use super::reference::Digest;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ManifestKind {
    Index,
    Manifest,
    /// Docker schema 1: legacy, read only.
    Schema1,
    /// The withdrawn OCI artifact manifest: read only.
    Artifact,
    Unknown,
}

impl ManifestKind {
    /// The word of interface.md §2 (`inspect`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Manifest => "manifest",
            Self::Schema1 => "schema1",
            Self::Artifact | Self::Unknown => "unknown",
        }
    }
}

/// `os/arch[/variant]`, normalised (`x86_64` → `amd64`, arm64 `v8` → none).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    pub os: Clean,
    pub architecture: Clean,
    pub variant: Option<Clean>,
    pub os_version: Option<Clean>,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if let Some(variant) = &self.variant {
            write!(f, "/{variant}")?;
        }
        if let Some(version) = &self.os_version {
            write!(f, " {version}")?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    pub digest: Digest,
    /// Bytes; `None` where the server sent no valid number.
    pub size: Option<u64>,
    pub media_type: Clean,
    pub artifact_type: Option<Clean>,
    pub platform: Option<Platform>,
    pub annotations: BTreeMap<Clean, Clean>,
    /// BuildKit: the image this attestation manifest is about.
    pub attests: Option<Digest>,
}

/// A manifest whose bytes were checked against its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub digest: Digest,
    /// As it goes into a `Content-Type` header: lower case, without parameters.
    pub media_type: Arc<str>,
    pub kind: ManifestKind,
    pub raw: Arc<[u8]>,
    /// An index's entries.
    pub children: Vec<Descriptor>,
    pub config: Option<Descriptor>,
    pub layers: Vec<Descriptor>,
    pub subject: Option<Descriptor>,
    pub artifact_type: Option<Clean>,
    pub annotations: BTreeMap<Clean, Clean>,
    /// Things to tell: ambiguous content, a header digest that lies, invalid sizes. Nothing may be planned from a
    /// manifest that has any.
    pub warnings: Vec<Clean>,
}

impl Manifest {
    /// The platforms of an index that are images (attestations and unknown ones left out).
    pub fn platforms(&self) -> impl Iterator<Item = &Descriptor> {
        self.children.iter().filter(|c| c.attests.is_none())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HistoryEntry {
    pub created: Option<Timestamp>,
    /// Without the leading `/bin/sh -c #(nop) ` or `/bin/sh -c `.
    pub created_by: Clean,
    pub comment: Clean,
    pub empty_layer: bool,
}

/// An image's config blob.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImageConfig {
    /// `None` for absent, junk, year 1 and 1970 (reproducible builds set these).
    pub created: Option<Timestamp>,
    pub author: Option<Clean>,
    pub platform: Option<Platform>,
    pub user: Option<Clean>,
    pub workdir: Option<Clean>,
    pub stop_signal: Option<Clean>,
    pub entrypoint: Vec<Clean>,
    pub cmd: Vec<Clean>,
    pub env: Vec<Clean>,
    pub exposed_ports: Vec<Clean>,
    pub volumes: Vec<Clean>,
    pub labels: BTreeMap<Clean, Clean>,
    pub healthcheck: Option<Clean>,
    pub history: Vec<HistoryEntry>,
    pub diff_ids: usize,
    /// The exact bytes, for the raw view and `inspect`.
    pub raw: Arc<[u8]>,
}

/// A layer with the command that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRow {
    pub descriptor: Descriptor,
    pub created_by: Option<Clean>,
}

/// Everything the image pane shows of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub manifest: Manifest,
    /// For an index: its children that could be read, with their size; a child that is 404 is `Missing`.
    pub children: Vec<Child>,
    /// The config of the manifest, or of the index child picked for display.
    pub config: Option<ImageConfig>,
    /// Why there is one that could not be read.
    pub config_error: Option<ErrorReport>,
    /// The platform manifest that `config` and `layers` belong to.
    pub shown: Option<Digest>,
    pub layers: Vec<LayerRow>,
    /// History and layers do not fit together.
    pub history_mismatch: bool,
    /// Compressed bytes: config + layers of an image, the union of distinct blobs of an index's children.
    pub size: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    pub descriptor: Descriptor,
    pub state: ChildState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildState {
    Present {
        size: Option<u64>,
        layers: usize,
    },
    Missing,
    /// Not read (too many, too deep, or an error).
    Unread,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    pub descriptor: Descriptor,
    /// "signature", "sbom", … or the artifact type.
    pub what: Clean,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Referrers {
    pub list: Vec<Referrer>,
    /// Read from the fall-back tag, not from the API.
    pub by_tag: bool,
    /// Why there may be more of them than the list has.
    pub incomplete: Option<Clean>,
}
