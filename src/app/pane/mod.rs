//! A pane is an address and a cursor; the data is in the cache.

pub mod image;
pub mod registries;
pub mod repositories;
pub mod tags;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use self::tags::MarkCount;
use super::list::List;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Registries,
    Repositories(RegistryId),
    Tags(RegistryId, RepoName),
    Image(RegistryId, RepoName, Reference),
}

impl Place {
    pub fn registry(&self) -> Option<RegistryId> {
        match self {
            Self::Registries => None,
            Self::Repositories(id) | Self::Tags(id, _) | Self::Image(id, _, _) => Some(*id),
        }
    }

    /// The table of the keymap that holds here.
    pub fn view(&self) -> &'static str {
        match self {
            Self::Registries => "registries",
            Self::Repositories(_) => "repositories",
            Self::Tags(..) => "tags",
            Self::Image(..) => "image",
        }
    }
}

/// The parts of the image pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Overview,
    Platforms,
    Layers,
    History,
    Referrers,
    Raw,
}

impl Tab {
    pub const ALL: [Self; 6] =
        [Self::Overview, Self::Platforms, Self::Layers, Self::History, Self::Referrers, Self::Raw];

    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Platforms => "Platforms",
            Self::Layers => "Layers",
            Self::History => "History",
            Self::Referrers => "Referrers",
            Self::Raw => "Raw",
        }
    }

    pub fn step(self, by: isize) -> Self {
        let here = Self::ALL.iter().position(|t| *t == self).unwrap_or(0) as isize;
        Self::ALL[(here + by).rem_euclid(Self::ALL.len() as isize) as usize]
    }
}

#[derive(Clone, Debug, Default)]
pub struct ImageView {
    pub tab: Tab,
    /// First line shown of the tab's text.
    pub scroll: usize,
    /// Lines the tab's text had when last measured; scrolling stops there.
    pub lines: usize,
    /// Cursor in the platform list.
    pub platform: usize,
    /// The platform picked for config and layers.
    pub picked: Option<Digest>,
}

#[derive(Clone, Debug)]
pub struct Pane {
    pub place: Place,
    pub list: List,
    /// Marked tags, by name: they survive sort, filter and reload.
    pub marks: BTreeSet<TagName>,
    /// What is said of the marks; emptied whenever something it depends on changes.
    pub marked: OnceCell<MarkCount>,
    pub only_marked: bool,
    /// Show tags that belong to an image (`sha256-...`) as rows of their own.
    pub unfold: bool,
    /// Only favourites.
    pub only_favourites: bool,
    /// On a narrow screen: the preview instead of the list. On a wide one: no preview when set.
    pub swap_preview: bool,
    pub zoom: bool,
    pub image: ImageView,
}

impl Pane {
    pub fn at(place: Place) -> Self {
        Self {
            place,
            list: List::default(),
            marks: BTreeSet::new(),
            marked: OnceCell::new(),
            only_marked: false,
            unfold: false,
            only_favourites: false,
            swap_preview: false,
            zoom: false,
            image: ImageView::default(),
        }
    }
}
