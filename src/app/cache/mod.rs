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
pub use told::{TagsTold, Telling, Told};

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
    pub tags: HashMap<(RegistryId, RepoName), TagList>,
    pub images: HashMap<ImageKey, Remote<Image>>,
    pub referrers: HashMap<(RegistryId, RepoName, Digest), Remote<Referrers>>,
}

impl Cache {
    /// Another account may see other things: nothing of this registry stays.
    pub fn forget(&mut self, registry: RegistryId) {
        self.catalogs.remove(&registry);
        self.tags.retain(|key, _| key.0 != registry);
        self.images.retain(|key, _| key.0 != registry);
        self.referrers.retain(|key, _| key.0 != registry);
    }
}
