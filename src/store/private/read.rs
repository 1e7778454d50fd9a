//! Reading files that may be anything: a pipe, a directory, a gigabyte.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;

/// No file of ours or of docker's comes near this.
const LARGEST: u64 = 8 << 20;

/// A file to read from. Never waits: a FIFO or a device is an error.
pub fn open(path: &Path, also_append: bool) -> io::Result<(File, Metadata)> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).append(also_append).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((file, metadata))
}

/// The whole file, or `None` when there is none.
pub fn read(path: &Path) -> io::Result<Option<(Vec<u8>, Metadata)>> {
    let (file, metadata) = match open(path, false) {
        Ok(opened) => opened,
        // A home that is no directory, as accounts of services have it, holds no file either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 8 MiB"));
    }
    Ok(Some((bytes, metadata)))
}

/// Moves a file that cannot be understood out of the way, and keeps it.
pub fn keep_as_bad(path: &Path) -> io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".bad-{now}"));
    let kept = PathBuf::from(name);
    std::fs::rename(path, &kept)?;
    Ok(kept)
}
