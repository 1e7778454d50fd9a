//! A layer fetched or pushed by itself, with everything captured when it was confirmed.

use crate::domain::reference::{Digest, RepoName};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOrder {
    pub registry: String,
    pub repo: RepoName,
    pub image: Digest,
    /// Bytes of the layer, where they are known.
    pub size: Option<u64>,
    pub way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Into this file; an existing one only with `replace`.
    Fetch {
        path: String,
        replace: bool,
    },
    Push(Push),
}

/// The two files, as they were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub document: String,
    pub layer: String,
    /// Of the document, so that nothing else is sent than what was shown.
    pub digest: Digest,
}

/// Whether an image is at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    There,
    Missing,
    /// Its push broke off: nobody can read it until it is pushed again.
    Half,
}

/// What a push would do. Nothing was sent that changes anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPlan {
    pub order: LayerOrder,
    pub document: u64,
    /// What the layer's first bytes are those of.
    pub form: &'static str,
    pub now: Presence,
    pub parent: Option<(Digest, Presence)>,
}

impl PushPlan {
    /// Why there is nothing to confirm.
    pub fn obstacle(&self) -> Option<&'static str> {
        match (&self.parent, self.now) {
            (_, Presence::There) => Some("The image is there already, and images never change: nothing to send."),
            (Some((_, Presence::Missing)), _) => Some("Its parent is not there: push that one first."),
            (Some((_, Presence::Half)), _) => Some("The push of its parent broke off: push that one again first."),
            _ => None,
        }
    }
}

/// What a file is going to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSpot {
    /// Whole, because nobody remembers where the program was started.
    pub path: String,
    /// Bytes that are there of it already.
    pub part: Option<u64>,
}
