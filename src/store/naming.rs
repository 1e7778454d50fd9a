//! Files that are written under a name of their own get the right one when they are whole.

use std::io;
use std::path::Path;

/// Renames, unless something has that name: then the error is `AlreadyExists`, and the file stays what it was.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    // Unlike a rename, a link does not replace, however fast another program is.
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links; then a look before has to do.
        Err(_) if to.symlink_metadata().is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}
