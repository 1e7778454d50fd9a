//! One request of a plan, with everything that has to be known to send it or to refuse it.

use std::sync::Arc;

use crate::domain::clean::Clean;
use crate::domain::reference::{Digest, TagName};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The tag alone, by the OCI interface.
    Untag,
    /// The manifest by its digest; every tag on it goes along.
    DeleteManifest,
    /// A placeholder takes the tag and is deleted (oci-distribution.md §11.4).
    Placeholder,
    /// The tag, by the system's own interface.
    Vendor,
}

impl Method {
    const ALL: [Self; 4] = [Self::Untag, Self::DeleteManifest, Self::Placeholder, Self::Vendor];

    /// The word of interface.md §2.
    pub fn word(self) -> &'static str {
        match self {
            Self::Untag => "untag",
            Self::DeleteManifest => "delete-manifest",
            Self::Placeholder => "placeholder",
            Self::Vendor => "vendor",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}

/// Why an item is in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A marked tag, or the manifest of one.
    Marked,
    /// Nothing reaches it from a tag.
    Untagged,
    /// The entry of an index that goes.
    Child,
    /// It refers to something that goes.
    Referrer,
}

impl Role {
    const ALL: [Self; 4] = [Self::Marked, Self::Untagged, Self::Child, Self::Referrer];

    pub fn word(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Untagged => "untagged",
            Self::Child => "child",
            Self::Referrer => "referrer",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `None`: a manifest without a tag, or one whose tags have items of their own before this one.
    pub tag: Option<TagName>,
    /// What the tag was on; it must still be there when the request goes out. `None`: a dangling tag, which must still
    /// be dangling.
    pub digest: Option<Digest>,
    pub method: Method,
    pub role: Role,
    pub media_type: Option<Arc<str>>,
    /// Every tag on the digest, this one included; one list for all items on a digest. Empty where the tags of a manifest
    /// go before it.
    pub tags: Arc<[TagName]>,
    /// The entries of the index.
    pub children: Arc<[Digest]>,
    /// What refers to the digest.
    pub referrers: Arc<[Digest]>,
    /// The indexes that list the digest.
    pub indexes: Arc<[Digest]>,
    /// Manifests that earlier items delete. Unless all of them are gone, this one must not be sent: it would break
    /// what is still there.
    pub after: Vec<Digest>,
    /// A protected tag goes, whose protection was lifted.
    pub protected: bool,
    pub warnings: Vec<Clean>,
    /// Bytes that nothing in the repository holds any more once this item is done.
    pub frees: u64,
}

impl Item {
    /// The other tags on the digest. They go with `DeleteManifest` and stay otherwise, unless they have own items.
    pub fn siblings(&self) -> impl Iterator<Item = &TagName> {
        self.tags.iter().filter(|tag| Some(*tag) != self.tag.as_ref())
    }

    /// The tags this item takes away.
    pub fn takes(&self) -> &[TagName] {
        match self.method {
            Method::DeleteManifest => &self.tags,
            _ => self.tag.as_slice(),
        }
    }

    /// The manifest this item deletes.
    pub fn deletes(&self) -> Option<&Digest> {
        self.digest.as_ref().filter(|_| self.method == Method::DeleteManifest)
    }
}
