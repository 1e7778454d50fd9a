//! Who else may read or write a file.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::domain::clean::{self, Clean};

/// What to say about a file that is not only its owner's. Empty when there is no such file.
pub fn warnings(path: &Path) -> Vec<Clean> {
    let Ok(metadata) = path.metadata() else { return Vec::new() };
    let shown = path.display();
    let mut said = Vec::new();
    if !is_ours(&metadata) {
        said.push(clean::line(&format!("{shown} belongs to another user.")));
    }
    if metadata.mode() & 0o022 != 0 {
        said.push(clean::line(&format!("Others can change {shown}. Run: chmod go-w {shown}")));
    } else if metadata.mode() & 0o044 != 0 {
        said.push(clean::line(&format!("Others can read {shown}. Run: chmod 600 {shown}")));
    }
    said
}

/// For files that hold secrets or name programs to run: who can write them could run anything as us.
pub fn refuse_if_others_write(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let owner_ok = is_ours(metadata) || metadata.uid() == 0;
    if owner_ok && metadata.mode() & 0o002 == 0 {
        return Ok(());
    }
    let shown = path.display();
    let why = format!("not used, because others can write it; run: chmod go-w {shown}");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

pub(super) fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}
