//! Takes a deletion back, as far as the registry still has the content: manifests are put back from the journal with the
//! bytes they had, entries of indexes first, then tags; what is back has the digest it had (safety.md F12). And looks at
//! operations that something broke off, so that somebody can decide about them (safety.md F1).

mod prospect;
mod repair;
mod restore;

pub use prospect::prospect;
pub use repair::{Standing, counts_as, examine, repair, unsettled};
pub use restore::Restore;

pub use crate::domain::undo::{ManifestBack, Now, Prospect, Removal, TagBack};
