//! Files and directories that only their owner may read, and that are either the old or the new one, never half.

mod lock;
mod permission;
mod read;
mod write;

pub use lock::{Lock, lock};
pub use permission::{refuse_if_others_write, warnings};
pub use read::{keep_as_bad, open, read};
pub use write::{create_dir, create_file, open_log, probe_writable, remove_leftovers, temporary, write_atomic};
