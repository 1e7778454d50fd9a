//! Files the user asked for: lists, reports. Theirs, not ours: with the usual permissions, whole or not at all, and
//! never in place of another file by accident.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::naming::rename_new;

/// Writes the file. An existing one is replaced only if asked to; otherwise the error is `AlreadyExists`.
pub fn save(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "that is a directory"));
    }
    // Told before the work, and, since another program may be faster, again when it gets its name.
    if !replace && path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = dir.join(format!(".tagboat-tmp-{:016x}", RandomState::new().hash_one(path)));
    let written = write(&temporary, bytes).and_then(|()| match replace {
        true => std::fs::rename(&temporary, path),
        false => rename_new(&temporary, path),
    });
    // After a rename it is gone already; after an error that one is what to report.
    let _ = std::fs::remove_file(&temporary);
    written?;
    // Some file systems cannot do this for a directory; the file itself is safe.
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// `~/` is the home, as in a shell; everything else is relative to where the program was started.
pub fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_unasked_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("list.json");
        save(&file, b"one", false).unwrap();
        assert_eq!(save(&file, b"two", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&file).unwrap(), b"one");
        save(&file, b"two", true).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_dangling_link_counts_as_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert_eq!(save(&link, b"x", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(!dir.path().join("nowhere").exists());
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(save(dir.path(), b"", true).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(save(&dir.path().join("no/such"), b"", false).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn the_tilde_is_the_home() {
        assert_eq!(expand("~/a", Some(Path::new("/h"))), Path::new("/h/a"));
        assert_eq!(expand("~/a", None), Path::new("~/a"));
        assert_eq!(expand("a/b", Some(Path::new("/h"))), Path::new("a/b"));
    }
}
