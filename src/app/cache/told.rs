//! Which of the things that a system may say of its repositories and tags it does say.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::reference::TagName;
use crate::domain::repository::{RepoInfo, TagFacts};

/// Something worth a column, a sort or a filter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    Description,
    Tags,
    Images,
    Stars,
    Pulls,
    Pushes,
    Public,
    InUse,
    Updated,
    Pushed,
    Pulled,
    Group,
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told(u16);

impl Told {
    pub fn has(self, what: Telling) -> bool {
        self.0 & (1 << what as u16) != 0
    }

    /// The registry says nothing but names.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn hear(&mut self, info: &RepoInfo) {
        let said = [
            (Telling::Description, info.description.as_ref().is_some_and(|text| !text.is_empty())),
            (Telling::Tags, info.tags.is_some()),
            (Telling::Images, info.images.is_some()),
            (Telling::Stars, info.stars.is_some()),
            (Telling::Pulls, info.pulls.is_some()),
            (Telling::Pushes, info.pushes.is_some()),
            (Telling::Public, info.public.is_some()),
            (Telling::InUse, info.in_use.is_some()),
            (Telling::Updated, info.updated.is_some()),
            (Telling::Pushed, info.pushed.is_some()),
            (Telling::Pulled, info.pulled.is_some()),
            (Telling::Group, info.group.is_some()),
        ];
        for (what, _) in said.into_iter().filter(|(_, said)| *said) {
            self.0 |= 1 << what as u16;
        }
    }
}

/// What a system keeps of tags besides their images.
pub type Kept = HashMap<TagName, Arc<TagFacts>>;

/// Which of the things that a system may keep of tags it does keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagsTold {
    pub colour: bool,
    pub pushed: bool,
    pub pulled: bool,
    pub signed: bool,
}

impl TagsTold {
    pub fn hear(&mut self, facts: &TagFacts) {
        self.colour |= facts.colour_text.as_ref().is_some_and(|text| !text.is_empty());
        self.pushed |= facts.pushed.is_some();
        self.pulled |= facts.pulled.is_some();
        self.signed |= facts.signed.is_some();
    }
}
