//! A pane is an address and a cursor; the data is in the cache.

pub mod done;
pub mod image;
pub mod marks;
pub mod preview;
pub mod registries;
pub mod repositories;
pub mod tags;
pub mod words;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use self::marks::Change;
use self::tags::MarkCount;
use super::list::{Column, List};
use super::state::State;
use crate::domain::clean::Clean;
use crate::domain::filter::Of;
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;
pub use image::{ImageView, Tab};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Registries,
    Repositories(RegistryId),
    Tags(RegistryId, RepoName),
    Image(RegistryId, RepoName, Reference),
    /// Of this run.
    Jobs,
    /// Of all runs.
    History,
}

impl Place {
    pub fn registry(&self) -> Option<RegistryId> {
        match self {
            Self::Registries | Self::Jobs | Self::History => None,
            Self::Repositories(id) | Self::Tags(id, _) | Self::Image(id, _, _) => Some(*id),
        }
    }

    /// It holds what a registry has, and not what was done.
    pub fn is_content(&self) -> bool {
        !matches!(self, Self::Jobs | Self::History)
    }

    /// The table of the keymap that holds here.
    pub fn view(&self) -> &'static str {
        match self {
            Self::Registries => "registries",
            Self::Repositories(_) => "repositories",
            Self::Tags(..) => "tags",
            Self::Image(..) => "image",
            Self::Jobs => "jobs",
            Self::History => "history",
        }
    }

    /// What its filter may ask.
    pub fn filters(&self) -> Of {
        match self {
            Self::Repositories(_) => Of::Repositories,
            Self::Tags(..) => Of::Tags,
            Self::Registries | Self::Image(..) | Self::Jobs | Self::History => Of::Rules,
        }
    }
}

/// What the list on screen can be sorted by.
pub fn columns(state: &State) -> Vec<Column> {
    match &state.pane().place {
        Place::Registries => registries::COLUMNS.to_vec(),
        Place::Repositories(id) => {
            let told = state.cache.catalogs.get(id).map(|catalog| catalog.told);
            repositories::columns(told.unwrap_or_default())
        }
        Place::Tags(id, repo) => tags::columns(state.tags(*id, repo).map(|list| list.told).unwrap_or_default()),
        Place::Image(..) | Place::Jobs | Place::History => Vec::new(),
    }
}

#[derive(Clone, Debug)]
pub struct Pane {
    pub place: Place,
    pub list: List,
    /// Marked tags, by name: they survive sort, filter and reload.
    pub marks: BTreeSet<TagName>,
    /// Marked repositories, by name as well.
    pub repos: BTreeSet<RepoName>,
    /// What a rule of these marks would have marked, but spared, with the reason.
    pub spared: BTreeMap<TagName, Clean>,
    /// A rule asks for manifests that no tag leads to, too.
    pub untagged: bool,
    /// Changes of the marks, the newest last, to be taken back.
    pub changes: Vec<Change>,
    /// Protected tags that may go all the same, lifted one by one.
    pub lifted: BTreeSet<TagName>,
    /// What is said of the marks; emptied whenever something it depends on changes.
    pub marked: OnceCell<MarkCount>,
    pub only_marked: bool,
    /// Show tags that belong to an image (`sha256-...`) as rows of their own.
    pub unfold: bool,
    /// Only favourites.
    pub only_favourites: bool,
    /// Only repositories that live at this registry.
    pub group: Option<Clean>,
    /// Repositories as a tree.
    pub tree: repositories::Tree,
    /// On a narrow screen: the preview instead of the list. On a wide one: no preview when set.
    pub swap_preview: bool,
    pub zoom: bool,
    /// What the preview still shows while the cursor moves on.
    pub held: Option<preview::Held>,
    pub image: ImageView,
    /// The pane of the list, as it was left for a search.
    pub behind: Option<Box<Pane>>,
}

impl Pane {
    pub fn at(place: Place) -> Self {
        let mut list = List::default();
        list.filter.of = place.filters();
        Self {
            place,
            list,
            marks: BTreeSet::new(),
            repos: BTreeSet::new(),
            spared: BTreeMap::new(),
            untagged: false,
            changes: Vec::new(),
            lifted: BTreeSet::new(),
            marked: OnceCell::new(),
            only_marked: false,
            unfold: false,
            only_favourites: false,
            group: None,
            tree: repositories::Tree::default(),
            swap_preview: false,
            zoom: false,
            held: None,
            image: ImageView::default(),
            behind: None,
        }
    }
}
