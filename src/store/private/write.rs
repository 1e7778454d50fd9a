//! Creating and replacing files.

use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;

use super::permission::is_ours;

const TEMPORARY: &str = ".tagboat-tmp-";
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Creates a directory and its parents, each for the owner alone. Existing ones stay as they are.
pub fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes sure the file exists, created for the owner alone (databases and logs, which others then open).
pub fn create_file(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// A file to append to, created for the owner alone. A FIFO that nobody reads is an error, not a wait.
pub fn open_log(path: &Path) -> io::Result<File> {
    create_file(path)?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    OpenOptions::new().append(true).custom_flags(flags).open(path)
}

/// Permission bits do not tell: the file system may be read-only, or the user root. The system is asked, not the
/// directory written to: every start comes by here.
pub fn probe_writable(dir: &Path) -> io::Result<()> {
    let asked = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    Ok(rustix::fs::accessat(rustix::fs::CWD, dir, asked, rustix::fs::AtFlags::EACCESS)?)
}

/// Replaces the file as a whole or leaves it alone. Keeps the mode of an existing file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = follow_one_link(path)?;
    let dir = match target.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    create_dir(dir)?;
    let mode = match target.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => metadata.mode() & 0o777,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0o600,
        Err(error) => return Err(error),
    };
    let (name, mut file) = temporary(dir, 0o600)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.set_permissions(PermissionsExt::from_mode(mode)))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&name, &target));
    if let Err(error) = written {
        // The old file is untouched, and this error is the one to report; cleaning up is best effort.
        let _ = std::fs::remove_file(&name);
        return Err(error);
    }
    File::open(dir)?.sync_all()
}

/// Dotfile managers link files into place: write where the link points, but not into another user's directory.
fn follow_one_link(path: &Path) -> io::Result<PathBuf> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => {}
        Ok(_) => return Ok(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(error),
    }
    let link = std::fs::read_link(path)?;
    let target = path.parent().map_or_else(|| link.clone(), |dir| dir.join(&link));
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, why.to_owned()));
    if target.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
        return refuse("a link to a link is not followed");
    }
    match target.parent().map(Path::metadata) {
        Some(Ok(metadata)) if is_ours(&metadata) => Ok(target),
        Some(Ok(_)) => refuse("the link leads into another user's directory"),
        Some(Err(error)) => Err(error),
        None => refuse("the link leads nowhere"),
    }
}

/// A new file under a name of its own, to be renamed when it is whole; `remove_leftovers` finds what was not.
pub fn temporary(dir: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    loop {
        let path = dir.join(format!("{TEMPORARY}{:016x}", RandomState::new().build_hasher().finish()));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (path, file)),
        }
    }
}

/// Removes what a killed process left behind; a younger one may belong to a running process.
pub fn remove_leftovers(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY));
        let old = || {
            let modified = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.modified().ok()?;
            modified.elapsed().ok().map(|age| age > LEFTOVER_AGE)
        };
        if ours && old() == Some(true) {
            // Somebody else's start may be removing it too.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{keep_as_bad, lock, read};
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o777
    }

    #[test]
    fn files_are_private_and_existing_modes_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("deep/er/file");
        write_atomic(&file, b"one").unwrap();
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        write_atomic(&file, b"two").unwrap();
        assert_eq!((mode(&file), read(&file).unwrap().unwrap().0), (0o640, b"two".to_vec()));
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn one_link_is_followed_and_two_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::os::unix::fs::symlink("real", at("link")).unwrap();
        std::os::unix::fs::symlink("link", at("second")).unwrap();
        write_atomic(&at("link"), b"x").unwrap();
        assert!(at("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read(at("real")).unwrap(), b"x");
        assert!(write_atomic(&at("second"), b"y").is_err());
        assert_eq!(std::fs::read(at("real")).unwrap(), b"x");
    }

    #[test]
    fn anything_but_a_file_is_an_error_and_no_wait() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).is_err());
        assert!(write_atomic(dir.path(), b"").is_err());
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert!(read(&fifo).is_err());
        assert!(write_atomic(&fifo, b"").is_err() && open_log(&fifo).is_err());
        assert!(read(&dir.path().join("none")).unwrap().is_none());
        let huge = dir.path().join("huge");
        File::create(&huge).unwrap().set_len(100 << 20).unwrap();
        assert!(read(&huge).is_err());
    }

    #[test]
    fn old_leftovers_go_and_young_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (old, file) = temporary(dir.path(), 0o600).unwrap();
        file.set_modified(std::time::SystemTime::now() - 2 * LEFTOVER_AGE).unwrap();
        let (young, _) = temporary(dir.path(), 0o600).unwrap();
        remove_leftovers(dir.path());
        assert!(!old.exists() && young.exists());
    }

    #[test]
    fn a_lock_keeps_others_out_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        let held = lock(&file).unwrap();
        let (started, start) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn({
            let file = file.clone();
            move || {
                started.send(()).unwrap();
                lock(&file).map(|_| std::time::Instant::now()).unwrap()
            }
        });
        start.recv().unwrap();
        let before = std::time::Instant::now();
        drop(held);
        assert!(waiting.join().unwrap() >= before);
    }

    #[test]
    fn a_bad_file_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        std::fs::write(&file, "bad").unwrap();
        let kept = keep_as_bad(&file).unwrap();
        assert!(!file.exists() && std::fs::read(kept).unwrap() == b"bad");
    }
}
