//! What a clean-up would do: which tags rules mark, what a deletion takes along, what it frees, how it is asked for.
//!
//! All of it works on what was read, and sends nothing. A [`Snapshot`] holds the facts of one repository, [`Rules`] or a
//! person mark tags, [`plan`] makes a [`Plan`]: a value that is shown, saved, and run as it is, never derived anew from
//! a selection. What is not known counts as shared or used, never as free.

pub mod confirm;
pub mod item;
pub mod plan;
pub mod protection;
pub mod referrer_tag;
pub mod rule;
pub mod snapshot;

pub use confirm::{Ask, Confirm, Tier};
pub use item::{Item, Method, Role};
pub use plan::{Bytes, Choices, Keeper, Kept, Left, Marks, Plan, Siblings};
pub use protection::Protection;
pub use rule::{Candidate, Keep, KeepBy, Marked, Per, Rules};
pub use snapshot::{Blob, Deletes, Found, ManifestFact, Snapshot, TagFact, Target};
