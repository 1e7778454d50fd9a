//! What the lists said: the ids behind names, which the API asks for everywhere, and the rows they came with.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::convert;
use super::wire;
use crate::domain::clean::{self, Clean};
use crate::domain::inventory::Inventory;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::repository::{RepoInfo, TagFacts};
use crate::domain::tag::DigestInfo;
use crate::domain::uuid::Uuid;

/// A repository of the list.
#[derive(Clone)]
pub(super) struct Repository {
    pub id: Uuid,
    pub info: Arc<RepoInfo>,
}

/// The repositories by name.
#[derive(Default)]
pub(super) struct Repositories(Mutex<HashMap<RepoName, Repository>>);

impl Repositories {
    fn lock(&self) -> MutexGuard<'_, HashMap<RepoName, Repository>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, name: &RepoName) -> Option<Repository> {
        self.lock().get(name).cloned()
    }

    pub fn put(&self, name: RepoName, one: Repository) {
        self.lock().insert(name, one);
    }

    pub fn forget(&self, name: &RepoName) {
        self.lock().remove(name);
    }

    /// What a complete list did not name is gone.
    pub fn keep(&self, names: &HashSet<RepoName>) {
        self.lock().retain(|name, _| names.contains(name));
    }
}

/// An image of a repository.
#[derive(Clone)]
pub(super) struct Image {
    pub id: Uuid,
    pub digest: Option<Digest>,
    pub info: Option<Arc<DigestInfo>>,
}

#[derive(Clone)]
pub(super) struct Tag {
    pub id: Uuid,
    pub image: Uuid,
    pub info: Arc<DigestInfo>,
    pub facts: Arc<TagFacts>,
    /// As it came, to compare with what was sent.
    pub colour: Option<String>,
}

/// The images of one repository and their tags, as one list had them.
#[derive(Clone, Default)]
pub(super) struct Contents {
    pub images: Vec<Image>,
    pub tags: HashMap<TagName, Tag>,
    /// In the order of the list, names that are none among them.
    pub order: Vec<Listed<TagName>>,
    /// Images that no tag is on.
    pub tagless: usize,
    pub skipped: usize,
}

impl Contents {
    /// One image may be on two pages, each time with a part of its tags (§3): they are joined by its id.
    pub fn read(list: &wire::List<wire::Image<'_>>) -> Self {
        let mut contents = Self { skipped: list.skipped, ..Self::default() };
        let mut seen: HashMap<Uuid, usize> = HashMap::new();
        let mut tagged: HashSet<Uuid> = HashSet::new();
        let mut ids: HashSet<Uuid> = HashSet::new();
        for image in &list.entries {
            let at = *seen.entry(image.id).or_insert_with(|| {
                let info = image.digest.clone().map(|digest| Arc::new(convert::info(image, digest)));
                contents.images.push(Image { id: image.id, digest: image.digest.clone(), info });
                contents.images.len() - 1
            });
            for tag in image.tags.iter().filter(|tag| ids.insert(tag.id)) {
                tagged.insert(image.id);
                let info = contents.images[at].info.clone();
                contents.add(tag, image, info);
            }
        }
        contents.tagless = contents.images.len() - tagged.len();
        contents
    }

    fn add(&mut self, tag: &wire::Tag, image: &wire::Image<'_>, info: Option<Arc<DigestInfo>>) {
        let Ok(name) = TagName::parse(&tag.name) else {
            self.order.push(Listed::Invalid(clean::identifier(&tag.name)));
            return;
        };
        let info = info.unwrap_or_else(|| Arc::new(convert::info(image, convert::digest(image, &name))));
        let facts = Arc::new(convert::tag_facts(tag, image));
        let row = Tag { id: tag.id, image: image.id, info, facts, colour: tag.colour.clone() };
        if self.tags.insert(name.clone(), row).is_none() {
            self.order.push(Listed::Valid(name));
        }
    }

    pub fn image_of(&self, digest: &Digest) -> Option<&Image> {
        self.images.iter().find(|image| image.digest.as_ref() == Some(digest))
    }

    /// An image whose digest the list does not tell cannot be named, so nothing is known for certain of such a list.
    pub fn inventory(&self) -> Inventory {
        let on = |name: &TagName| self.tags.get(name).map(|row| (name.clone(), row.info.digest.clone()));
        let valid = |entry: &Listed<TagName>| match entry {
            Listed::Valid(name) => on(name),
            Listed::Invalid(_) => None,
        };
        let tags: Vec<(TagName, Digest)> = self.order.iter().filter_map(valid).collect();
        let tagged: HashSet<Uuid> = self.tags.values().map(|row| row.image).collect();
        let bare = self.images.iter().filter(|image| !tagged.contains(&image.id));
        let bare = bare.filter_map(|image| image.digest.clone()).collect();
        let named = self.images.iter().all(|image| image.digest.is_some());
        let named = named && tags.len() == self.order.len();
        Inventory { tags, bare, ended: self.skipped == 0, named }
    }

    /// How much of the memory for all repositories this takes.
    pub fn weight(&self) -> usize {
        1 + self.images.len() + self.order.len()
    }

    /// What else there is to say of the list.
    pub fn note(&self) -> Option<Clean> {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let parts = [
            counted(self.skipped, "entry skipped", "entries skipped"),
            counted(self.tagless, "image has no tag", "images have no tag"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| clean::line(&parts.join("; ")))
    }
}
