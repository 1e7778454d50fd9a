//! What the workspaces hold, in memory.

use serde_json::Value;

use super::account::Account;
use crate::demo::auth::random_id;
use crate::domain::uuid::Uuid;

/// Everything behind the API. Tests build their own, or change those of a running stand-in.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub accounts: Vec<Account>,
    pub workspaces: Vec<Workspace>,
}

/// A workspace and the registry that comes with it.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub id: Uuid,
    pub name: String,
    pub namespace: String,
    pub project_id: Uuid,
    pub project_name: String,
    pub owner_email: String,
    /// The compute it may use, as the API gives it; no call here reads it.
    pub allocations: Vec<Value>,
    pub registry_id: Uuid,
    pub created_at: String,
    pub updated_at: String,
    pub repositories: Vec<Repository>,
}

#[derive(Clone, Debug)]
pub struct Repository {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub labels: Option<Vec<String>>,
    pub created_at: String,
    pub updated_at: String,
    pub favorite: bool,
    pub images: Vec<Image>,
}

#[derive(Clone, Debug)]
pub struct Image {
    pub id: Uuid,
    pub digest: String,
    pub size: u64,
    pub push_time: String,
    pub pull_time: Option<String>,
    pub extra_attrs: Value,
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug)]
pub struct Tag {
    pub id: Uuid,
    pub name: String,
    pub push_time: String,
    pub pull_time: Option<String>,
    pub signed: bool,
    pub color: Option<String>,
}

impl Store {
    pub fn workspace(&self, id: Uuid) -> Option<&Workspace> {
        self.workspaces.iter().find(|workspace| workspace.id == id)
    }

    pub fn workspace_mut(&mut self, id: Uuid) -> Option<&mut Workspace> {
        self.workspaces.iter_mut().find(|workspace| workspace.id == id)
    }
}

impl Workspace {
    pub fn repository(&self, id: Uuid) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.id == id)
    }

    pub fn named(&self, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.name == name)
    }

    pub fn image(&self, id: Uuid) -> Option<(&Repository, &Image)> {
        let of = |repository: &'_ Repository| repository.images.iter().position(|image| image.id == id);
        self.repositories.iter().find_map(|repository| Some((repository, &repository.images[of(repository)?])))
    }

    pub fn tag(&self, id: Uuid) -> Option<(&Repository, &Image, &Tag)> {
        let images = self.repositories.iter().flat_map(|r| r.images.iter().map(move |image| (r, image)));
        images.flat_map(|(r, image)| image.tags.iter().map(move |tag| (r, image, tag))).find(|(.., tag)| tag.id == id)
    }

    pub fn repository_mut(&mut self, id: Uuid) -> Option<&mut Repository> {
        self.repositories.iter_mut().find(|repository| repository.id == id)
    }

    pub fn tag_mut(&mut self, id: Uuid) -> Option<&mut Tag> {
        let images = self.repositories.iter_mut().flat_map(|repository| &mut repository.images);
        images.flat_map(|image| &mut image.tags).find(|tag| tag.id == id)
    }

    /// With everything in it (assumption A5). False when there is no such repository.
    pub fn delete_repository(&mut self, id: Uuid) -> bool {
        gone(&mut self.repositories, |repository| repository.id == id)
    }

    /// With its tags (assumption A5).
    pub fn delete_image(&mut self, id: Uuid) -> bool {
        self.repositories.iter_mut().any(|repository| gone(&mut repository.images, |image| image.id == id))
    }

    /// The image stays, also without any tag (assumption A5).
    pub fn delete_tag(&mut self, id: Uuid) -> bool {
        let mut images = self.repositories.iter_mut().flat_map(|repository| &mut repository.images);
        images.any(|image| gone(&mut image.tags, |tag| tag.id == id))
    }
}

fn gone<T>(list: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> bool {
    let at = list.iter().position(wanted);
    at.map(|at| list.remove(at)).is_some()
}

pub(super) fn new_id() -> Uuid {
    Uuid::with_bits(u128::from_str_radix(&random_id(), 16).unwrap_or_default())
}

/// The present, to the microsecond, as the API writes times.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::from_microsecond(jiff::Timestamp::now().as_microsecond());
    now.unwrap_or_default().to_string()
}
