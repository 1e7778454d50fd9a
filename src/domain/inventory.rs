//! A repository as one reading has it, where a system's list says what every tag is on.

use super::reference::{Digest, TagName};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// In the order of the list, each once.
    pub tags: Vec<(TagName, Digest)>,
    /// Images that no tag is on, where the list has such.
    pub bare: Vec<Digest>,
    /// The list was read to its end: what is not in it is not there.
    pub ended: bool,
    /// Everything in it is a tag that can be named, on an image that has an id.
    pub named: bool,
}

impl Inventory {
    pub fn complete(&self) -> bool {
        self.ended && self.named
    }
}
