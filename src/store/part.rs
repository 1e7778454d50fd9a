//! A file that arrives in pieces: under a name of its own until it is whole, readable by its owner alone. What is there
//! of it already is gone on with, and an existing file is replaced only when somebody said so.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};

use super::naming::rename_new;

/// Read at once of what is there.
const PIECE: usize = 1 << 18;

pub struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    replace: bool,
    length: u64,
}

/// `FILE.MARK.part`; the mark tells of what it is a part, so that nothing else is gone on with.
fn beside(target: &Path, end: &str) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(end);
    target.with_file_name(name)
}

/// How much is there of it, where a part is; or why there can be no such file.
pub fn look(target: &Path, mark: &str, replace: bool) -> io::Result<Option<u64>> {
    free(target, replace)?;
    match beside(target, &format!("{mark}.part")).symlink_metadata() {
        Ok(there) if there.is_file() => Ok(Some(there.len())),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "its .part is there, and no file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if dir.is_dir() {
                Ok(None)
            } else {
                Err(io::Error::new(io::ErrorKind::NotFound, "there is no such directory"))
            }
        }
        Err(error) => Err(error),
    }
}

fn free(target: &Path, replace: bool) -> io::Result<()> {
    if target.file_name().is_none() || target.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "that is a directory"));
    }
    if !replace && target.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    Ok(())
}

impl Part {
    pub fn open(target: &Path, mark: &str, replace: bool) -> io::Result<Self> {
        free(target, replace)?;
        let path = beside(target, &format!("{mark}.part"));
        // Who can write to the directory could leave a link there that leads to a file of ours, or a pipe.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(flags)
            .open(&path)?;
        let there = file.metadata()?;
        if !there.is_file() || there.uid() != rustix::process::geteuid().as_raw() || there.nlink() != 1 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its .part is there, and no file of yours"));
        }
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| io::Error::new(io::ErrorKind::ResourceBusy, "another download is writing it"))?;
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, path, target: target.to_owned(), replace, length })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// What is there is none of it after all.
    pub fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.length = self.file.seek(SeekFrom::Start(0))?;
        Ok(())
    }

    /// Everything that is there, from the first byte; more can be added afterwards.
    pub fn each(&mut self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; PIECE];
        loop {
            match self.file.read(&mut buffer)? {
                0 => return Ok(()),
                n => take(&buffer[..n]),
            }
        }
    }

    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// It is whole, and gets its name.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        match self.replace {
            true => std::fs::rename(&self.path, &self.target)?,
            false => rename_new(&self.path, &self.target)?,
        }
        let dir = self.target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Some file systems cannot do this for a directory; the file itself is safe.
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
        Ok(())
    }

    /// It is whole, and not what it should be: kept under a name that says so.
    pub fn set_aside(self, end: &str) -> io::Result<PathBuf> {
        let aside = beside(&self.target, end);
        std::fs::rename(&self.path, &aside)?;
        Ok(aside)
    }

    /// Nothing of it is worth keeping.
    pub fn discard(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Closing is not enough: a program that is being started holds a copy of the file until it runs (flock(2)).
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Vec<u8> {
        std::fs::read(path).unwrap()
    }

    #[test]
    fn what_broke_off_is_gone_on_with_and_gets_its_name_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("layer.tar");
        let mut part = Part::open(&target, "aa", false).unwrap();
        part.add(b"one").unwrap();
        assert!(Part::open(&target, "aa", false).is_err(), "it is being written");
        drop(part);
        assert_eq!(look(&target, "aa", false).unwrap(), Some(3));
        assert_eq!(look(&target, "bb", false).unwrap(), None, "that of another layer is none of this one");
        let mut part = Part::open(&target, "aa", false).unwrap();
        let mut there = Vec::new();
        part.each(|bytes| there.extend_from_slice(bytes)).unwrap();
        assert_eq!((part.length(), &there[..]), (3, &b"one"[..]));
        part.add(b"two").unwrap();
        part.finish().unwrap();
        assert_eq!(read(&target), b"onetwo");
        assert_eq!(std::fs::metadata(&target).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_that_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("layer.tar");
        let mut late = Part::open(&target, "aa", false).unwrap();
        late.add(b"new").unwrap();
        std::fs::write(&target, "old").unwrap();
        assert_eq!(late.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists, "it came meanwhile");
        assert_eq!(look(&target, "aa", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&target), b"old");
        Part::open(&target, "aa", true).unwrap().finish().unwrap();
        assert_eq!(read(&target), b"new");
        assert!(look(dir.path(), "aa", true).is_err() && look(&dir.path().join("no/such"), "aa", false).is_err());
    }

    #[test]
    fn links_and_pipes_in_the_place_of_a_part_are_not_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("layer.tar");
        let other = dir.path().join("precious");
        std::fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join("layer.tar.aa.part")).unwrap();
        std::fs::hard_link(&other, dir.path().join("layer.tar.bb.part")).unwrap();
        assert!(Part::open(&target, "aa", false).is_err() && Part::open(&target, "bb", false).is_err());
        assert_eq!(read(&other), b"mine");
    }

    #[test]
    fn what_differs_is_kept_under_a_name_that_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("layer.tar");
        let mut part = Part::open(&target, "aa", false).unwrap();
        part.add(b"bad").unwrap();
        part.restart().unwrap();
        part.add(b"no").unwrap();
        let aside = part.set_aside("differs").unwrap();
        assert_eq!((aside.file_name().unwrap().to_str(), read(&aside)), (Some("layer.tar.differs"), b"no".to_vec()));
        let path = Part::open(&target, "aa", false).unwrap();
        path.discard().unwrap();
        assert!(!target.exists() && std::fs::read_dir(dir.path()).unwrap().count() == 1);
    }
}
