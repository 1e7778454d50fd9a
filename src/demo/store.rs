//! What a registry holds, in memory. Everything has the digest it goes by; the bytes of layers are made while they are
//! sent.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::Value;

use super::layer::{Described, Layer};
use crate::domain::reference::Digest;

pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

#[derive(Clone, Debug)]
pub enum Blob {
    Bytes(Bytes),
    Layer(Layer),
}

impl Blob {
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Layer(layer) => layer.size(),
        }
    }
}

/// A manifest, exactly as it was pushed.
#[derive(Clone, Debug)]
pub struct Document {
    pub media_type: Arc<str>,
    pub bytes: Bytes,
}

impl Document {
    /// The fields, or null when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub fn is_index(&self) -> bool {
        matches!(&*self.media_type, OCI_INDEX | DOCKER_LIST)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Repository {
    pub tags: BTreeMap<String, Digest>,
    pub manifests: HashMap<Digest, Document>,
    pub blobs: HashSet<Digest>,
    /// In the catalogue, but its tag list is 404: a repository that only ever had blobs mounted (§4.5).
    pub never_tagged: bool,
}

impl Repository {
    pub fn tags_on(&self, digest: &Digest) -> usize {
        self.tags.values().filter(|d| *d == digest).count()
    }

    /// Whether an index of this repository names the digest.
    pub fn is_child(&self, digest: &Digest) -> bool {
        let wanted = digest.to_string();
        let names = |doc: &Document| {
            doc.json()["manifests"].as_array().is_some_and(|list| list.iter().any(|m| m["digest"] == wanted.as_str()))
        };
        self.manifests.values().filter(|doc| doc.is_index()).any(names)
    }
}

/// A registry's contents. Tests build their own, or change those of a running server.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub repositories: BTreeMap<String, Repository>,
    pub blobs: HashMap<Digest, Blob>,
    /// What was made of layers so far: most images share some.
    layers: HashMap<Layer, Described>,
    /// Uploads under way, by their id.
    pub uploads: HashMap<String, Vec<u8>>,
}

impl Store {
    pub fn new() -> Self {
        Self::default()
    }

    /// The repository, made if it is not there.
    pub fn repository(&mut self, name: &str) -> &mut Repository {
        if !self.repositories.contains_key(name) {
            self.repositories.insert(name.to_owned(), Repository::default());
        }
        self.repositories.get_mut(name).expect("inserted above")
    }

    pub fn add_blob(&mut self, repository: &str, bytes: impl Into<Bytes>) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        self.blobs.insert(digest.clone(), Blob::Bytes(bytes));
        self.repository(repository).blobs.insert(digest.clone());
        digest
    }

    /// A layer of about `size` bytes; the same name is the same layer everywhere.
    pub fn add_layer(&mut self, repository: &str, name: &str, size: u64) -> Described {
        let layer = Layer::new(name, size);
        let described = match self.layers.get(&layer) {
            Some(described) => described.clone(),
            None => {
                let described = layer.describe();
                self.blobs.insert(described.digest.clone(), Blob::Layer(layer.clone()));
                self.layers.insert(layer, described.clone());
                described
            }
        };
        self.repository(repository).blobs.insert(described.digest.clone());
        described
    }

    pub fn add_manifest(&mut self, repository: &str, media_type: &str, bytes: impl Into<Bytes>) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        let document = Document { media_type: media_type.into(), bytes };
        self.repository(repository).manifests.insert(digest.clone(), document);
        digest
    }

    pub fn tag(&mut self, repository: &str, tag: &str, digest: &Digest) {
        self.repository(repository).tags.insert(tag.to_owned(), digest.clone());
    }

    /// The digest a tag has now.
    pub fn resolve(&self, repository: &str, tag: &str) -> Option<Digest> {
        self.repositories.get(repository)?.tags.get(tag).cloned()
    }

    /// A blob as seen from a repository: content of other repositories is out of reach.
    pub fn blob(&self, repository: &str, digest: &Digest) -> Option<&Blob> {
        self.repositories.get(repository)?.blobs.get(digest).and_then(|digest| self.blobs.get(digest))
    }

    /// Names in the order distribution walks its directories: `/` sorts before everything (§4.4).
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.repositories.keys().map(String::as_str).collect();
        names.sort_by(|a, b| a.split('/').cmp(b.split('/')));
        names
    }
}
