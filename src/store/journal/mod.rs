//! What was about to be changed in a registry, and what became of it: one file per operation, written before a request
//! goes out and after its answer (safety.md F1), so that whatever ends the program, the next start knows what was done,
//! what was not, and what has to be looked at.
//!
//! A file is a sequence of JSON lines, only ever appended to. The process that writes it holds its lock; a file without
//! an end that nobody holds is unfinished work. Ended ones are the history, and hold the manifests that undo needs.

mod entry;
mod line;
mod reader;
mod shelf;
mod writer;

#[cfg(test)]
mod forms_tests;
#[cfg(test)]
mod tests;

pub use entry::{Header, Item, KeptManifest, Placeholder, PlaceholderStep, Progress, State, Told};
pub use reader::Trouble;
pub use shelf::{Entry, Found, Journals, Stage};
pub use writer::Journal;

/// Bytes of manifests one operation keeps for undo (safety.md F12).
pub const KEPT_MOST: u64 = 64 << 20;

/// The forms of the files. A newer one is left alone. A line of a new kind needs no new form, if whoever passes it over
/// misses nothing; an operation of a new kind does. The first has deletions of tags and images, tags that were set, and
/// what took these back; it is written for them still, so that older tagboats go on reading them.
const FIRST: u32 = 1;
/// It has operations on whole repositories and changes by a system's own interface, too.
const NEWEST: u32 = 2;
