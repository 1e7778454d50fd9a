//! What a backend's writes answer with, and content on its way from one registry to another.

use crate::domain::clean::Clean;
use crate::domain::reference::Digest;

/// What a registry answered to a DELETE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Accepted. Whether it is gone tells only another look (oci-distribution.md §11.3).
    Done,
    /// 404: it was not there, or is hidden from this account.
    Gone,
    /// The answer is a success, and what was deleted is told without this one: it was not there, or was left where it
    /// is. Another look tells (ml-space.md §5).
    Left,
}

/// What a registry answered to a DELETE of something that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteProbe {
    On,
    /// Switched off for everybody; the registry's words.
    Off(Clean),
    /// Not for this account; the registry's words.
    Denied(Clean),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mounted {
    Done,
    /// The registry did not find it there, or does not mount: it has to be uploaded.
    No,
}

/// A blob as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRef {
    pub digest: Digest,
    /// Bytes. Neither more nor less of them is taken or sent.
    pub size: u64,
}
