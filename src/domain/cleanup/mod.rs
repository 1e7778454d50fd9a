//! What a clean-up would do: which tags rules mark, what a deletion takes along, what it frees, how it is asked for.
//!
//! All of it works on what was read, and sends nothing. A [`Snapshot`] holds the facts of one repository, [`Rules`] or a
//! person mark tags, [`plan()`] makes a [`Plan`]: a value that is shown, saved, and run as it is, never derived anew from
//! a selection. What is not known counts as shared or used, never as free.

mod bytes;
pub mod confirm;
mod doomed;
mod graph;
pub mod item;
mod items;
pub mod json;
mod marking;
mod mentions;
mod nodes;
pub mod plan;
mod planning;
pub mod protection;
pub mod referrer_tag;
pub mod rule;
mod sequence;
pub mod snapshot;
#[cfg(test)]
mod tests;

pub use confirm::{Ask, Confirm, NAME_FROM_AT_MOST, Tier};
pub use item::{Item, Method, Role};
pub use json::InvalidPlan;
pub use plan::{Bytes, Choices, Keeper, Kept, Left, Marks, Plan, Siblings};
pub use planning::plan;
pub use protection::Protection;
pub use rule::{Candidate, Keep, KeepBy, Marked, Per, Rules};
pub use snapshot::{Blob, Deletes, Found, ManifestFact, Snapshot, TagFact, Target};
