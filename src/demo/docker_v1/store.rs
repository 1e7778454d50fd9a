//! What a registry of the first protocol holds, in memory.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::archive::Archive;
use super::image::{Image, Sum};
use super::path::{quoted, stored};

#[derive(Clone, Debug, Default)]
pub struct Tag {
    pub image: String,
    /// Who set it, and when.
    pub info: Value,
}

#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// By the names of their files. One with a name that is not its own escaped form is listed with null, because the
    /// server escapes it once more when it reads the file.
    pub tags: BTreeMap<String, Tag>,
    /// The list of images it was announced with; a repository without was never announced, and no search finds it.
    pub images: Option<String>,
    pub private: bool,
    pub description: Option<String>,
    pub stars: Option<u32>,
    pub official: bool,
    pub automated: bool,
    /// The index was told to delete it, and waits for the registry.
    pub leaving: bool,
}

impl Repository {
    /// Each tag with its image, as they are listed.
    pub fn listed(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let image = |name: &String| self.tags.get(&stored(name)).map(|tag| tag.image.as_str());
        self.tags.keys().map(move |name| (name.as_str(), image(name)))
    }

    pub fn tag(&self, name: &str) -> Option<&Tag> {
        self.tags.get(&stored(name))
    }
}

/// A registry's contents. Tests build their own, or change those of a running server.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// By `namespace/name`.
    pub repositories: BTreeMap<String, Repository>,
    /// In the order they were announced, which is the order of a search.
    pub announced: Vec<String>,
    pub images: BTreeMap<String, Image>,
}

impl Store {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    /// A repository that a search finds.
    pub fn announce(&mut self, name: &str, images: &str) -> &mut Repository {
        if !self.announced.iter().any(|known| known == name) {
            self.announced.push(name.to_owned());
        }
        let repository = self.repository(name);
        repository.images = Some(images.to_owned());
        repository
    }

    pub fn forget(&mut self, name: &str) {
        self.announced.retain(|known| known != name);
    }

    pub fn tag(&mut self, repository: &str, tag: &str, image: &str, info: Value) {
        let tag = stored(tag);
        self.repository(repository).tags.insert(tag, Tag { image: image.to_owned(), info });
    }

    /// Whole and finished, with the checksum it should have. Its ancestry is its parent's, when there is one.
    pub fn add_image(&mut self, fields: &Value, layer: Archive) -> String {
        let id = fields["id"].as_str().unwrap_or("").to_owned();
        let ancestry = self.ancestry(&id, fields["parent"].as_str());
        let sum = Sum::Lazy(OnceLock::new());
        let image = Image { json: fields.to_string().into(), layer: Some(layer), sum, ancestry, ..Image::default() };
        self.images.insert(id.clone(), image);
        id
    }

    pub(super) fn ancestry(&self, id: &str, parent: Option<&str>) -> Vec<String> {
        let above = parent.and_then(|parent| self.images.get(parent)).map(|image| image.ancestry.clone());
        std::iter::once(id.to_owned()).chain(above.unwrap_or_default()).collect()
    }

    /// Takes the tags and what is noted of them. Stops, with what is gone by then gone, at a tag that is listed and
    /// cannot be read.
    pub(super) fn empty(&mut self, name: &str) -> bool {
        let Some(repository) = self.repositories.get_mut(name) else { return false };
        let names: Vec<String> = repository.tags.keys().cloned().collect();
        names.iter().all(|listed| repository.tags.remove(&quoted(listed)).is_some())
    }
}

/// The note on a tag that a client leaves in its `User-Agent`: `docker/1.6.0 go/go1.4.2 kernel/3.13 os/linux arch/amd64`.
pub(super) fn note(agent: &str, now: i64) -> Value {
    let mut note = json!({"last_update": now});
    for word in agent.split_whitespace() {
        let Some((key, value)) = word.split_once('/').filter(|(key, value)| !key.is_empty() && !value.is_empty())
        else {
            continue;
        };
        let value = value.split('/').next().unwrap_or(value);
        match key {
            "docker" => note["docker_version"] = value.into(),
            "go" => note["docker_go_version"] = value.into(),
            "arch" | "kernel" | "os" => note[key] = value.to_lowercase().into(),
            _ => {}
        }
    }
    note
}
