//! Data by address. Panes look at it; answers fill it, also when their pane was left meanwhile.

mod catalog;
mod chunks;
mod listing;
mod outage;
mod rows;
mod tags;
#[cfg(test)]
mod tests;
mod told;

use std::collections::HashMap;

use super::msg::RequestId;
use crate::domain::error::ErrorReport;
use crate::domain::image::{Image, Referrers};
use crate::domain::page::ListEnd;
use crate::domain::reference::{Digest, Reference, RepoName};
use crate::domain::registry::RegistryId;

pub use catalog::{Catalog, RepoRow};
pub use chunks::Chunks;
pub use listing::{Listing, Moved, Row};
pub use outage::Outage;
pub use rows::Rows;
pub use tags::{Seen, TagList, TagRow};
pub use told::{Kept, TagsTold, Telling, Told};

/// How far a list is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    #[default]
    NotAsked,
    Loading(RequestId),
    Done(ListEnd),
    Failed(ErrorReport),
}

/// One value read from a registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    Loading(RequestId),
    Here(Box<T>),
    Failed(ErrorReport),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum TagCount {
    #[default]
    NotAsked,
    Asked,
    Known(usize),
    Failed(Box<ErrorReport>),
}

pub type ImageKey = (RegistryId, RepoName, Reference, Option<Digest>);

#[derive(Clone, Debug, Default)]
pub struct Cache {
    pub catalogs: HashMap<RegistryId, Catalog>,
    /// Lists in whose place something searched for is shown.
    pub aside: HashMap<RegistryId, Catalog>,
    pub tags: HashMap<(RegistryId, RepoName), TagList>,
    pub images: HashMap<ImageKey, Remote<Image>>,
    pub referrers: HashMap<(RegistryId, RepoName, Digest), Remote<Referrers>>,
}

impl Cache {
    /// Whether something searched for is in the place of the list.
    pub fn is_search(&self, registry: RegistryId) -> bool {
        self.aside.contains_key(&registry)
    }

    /// The list of a registry, also while a search is in its place.
    pub fn list(&self, registry: RegistryId) -> Option<&Catalog> {
        self.aside.get(&registry).or_else(|| self.catalogs.get(&registry))
    }

    pub fn list_mut(&mut self, registry: RegistryId) -> &mut Catalog {
        match self.aside.get_mut(&registry) {
            Some(list) => list,
            None => self.catalogs.entry(registry).or_default(),
        }
    }

    /// The rows of a repository: in the list, and among what was searched for.
    pub fn rows_mut<'a>(
        &'a mut self,
        registry: RegistryId,
        repo: &'a RepoName,
    ) -> impl Iterator<Item = &'a mut RepoRow> + 'a {
        let Self { catalogs, aside, .. } = self;
        let both = [catalogs.get_mut(&registry), aside.get_mut(&registry)];
        both.into_iter().flatten().filter_map(move |catalog| catalog.row_mut(repo))
    }

    /// Another account may see other things: nothing of this registry stays.
    pub fn forget(&mut self, registry: RegistryId) {
        let shown = self.catalogs.remove(&registry);
        self.aside.remove(&registry);
        // What was searched for is searched for again.
        if let Some(term) = shown.and_then(|catalog| catalog.term) {
            self.aside.insert(registry, Catalog::default());
            self.catalogs.insert(registry, Catalog::search(term));
        }
        self.tags.retain(|key, _| key.0 != registry);
        self.images.retain(|key, _| key.0 != registry);
        self.referrers.retain(|key, _| key.0 != registry);
    }
}
