//! The directory of journals: new ones, unfinished ones, the history and its bounds.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::entry::{KeptManifest, Told};
use super::reader::{self, Trouble};
use super::{FIRST, Header, Journal, NEWEST};
use crate::domain::clean::Clean;
use crate::domain::reference::Digest;
use crate::store::config::HistorySettings;
use crate::store::naming::rename_new;
use crate::store::private;

const SUFFIX: &str = ".journal";
/// Longer than the last line of an ended journal.
const TAIL: u64 = 256;

/// All journals of a state directory.
#[derive(Clone, Debug)]
pub struct Journals {
    dir: PathBuf,
    history: HistorySettings,
}

/// Journals, and what to say about those that could not be read.
#[derive(Debug, Default)]
pub struct Found {
    pub journals: Vec<Told>,
    pub said: Vec<Clean>,
}

/// Where an operation stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A tagboat is at it.
    Running,
    /// It broke off.
    Unfinished,
    Ended,
}

/// One journal.
#[derive(Debug)]
pub enum Entry {
    Told(Stage, Box<Told>),
    /// It is there, and cannot be read here.
    Unread {
        id: String,
        why: Clean,
    },
}

impl Journals {
    /// Touches no file.
    pub fn new(state_dir: &Path, history: HistorySettings) -> Self {
        Self { dir: state_dir.join("journal"), history }
    }

    /// A journal for an operation that is about to begin; on disk when this returns.
    pub fn begin(&self, header: &Header) -> io::Result<Journal> {
        private::create_dir(&self.dir)?;
        private::remove_leftovers(&self.dir);
        // Under its own name only with its first line, and locked: whoever sees it sees that somebody is at it.
        let (temporary, file) = private::temporary(&self.dir, 0o600)?;
        let begun = lock(&file).and_then(|_| self.name(file, &temporary, header));
        if begun.is_err() {
            // That error is the one to report.
            let _ = std::fs::remove_file(&temporary);
        }
        begun
    }

    /// `20261121-191428-3f2a`: sorts by time, also within a second, and can be typed.
    fn name(&self, file: File, temporary: &Path, header: &Header) -> io::Result<Journal> {
        let mut journal = Journal::begin(file, temporary.to_owned(), header)?;
        let second = header.time.strftime("%Y%m%d-%H%M%S").to_string();
        let mut part = u64::from(header.time.subsec_nanosecond().unsigned_abs()) * 0x1_0000 / 1_000_000_000;
        loop {
            let id = format!("{second}-{part:04x}");
            let path = self.path(&id);
            match rename_new(temporary, &path) {
                // Another operation began in the same moment, here or in another instance.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => part += 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    journal.named(id, path);
                    break;
                }
            }
        }
        File::open(&self.dir)?.sync_all()?;
        Ok(journal)
    }

    /// Takes unfinished work up again: from here on it is this process's.
    pub fn resume(&self, id: &str) -> Result<(Journal, Told), Trouble> {
        let path = self.known(id)?;
        let (file, _) = private::open(&path, true)?;
        if !lock(&file)? {
            return Err(Trouble::Held);
        }
        let (told, whole) = reader::told(&file, id)?;
        let kept = told.kept.iter().map(|(digest, size)| (digest.clone(), *size)).collect();
        Ok((Journal::go_on(file, path, id.to_owned(), whole, kept)?, told))
    }

    /// The operation is over, and becomes history; the oldest history beyond the bounds goes. Without a history it
    /// leaves nothing behind.
    pub fn end(&self, journal: Journal) -> io::Result<()> {
        journal.end()?;
        self.prune()
    }

    /// What was begun and not ended, and nobody is at; the oldest first. Nothing of it runs by itself.
    pub fn unfinished(&self) -> Found {
        self.found(false)
    }

    /// What was ended, the newest first.
    pub fn history(&self) -> Found {
        let mut found = self.found(true);
        found.journals.reverse();
        found
    }

    /// Every journal there is, the newest first, one at a time: together they may be large.
    pub fn each(&self, mut take: impl FnMut(Entry)) {
        for (id, path) in self.files().into_iter().rev() {
            match self.look(&id) {
                Ok((stage, told)) => take(Entry::Told(stage, Box::new(told))),
                // Another tagboat was quicker to remove it.
                Err(Trouble::Missing) => {}
                Err(trouble) => take(Entry::Unread { id, why: trouble.say(&path) }),
            }
        }
    }

    /// What an operation tells, and whether it still goes on.
    pub fn look(&self, id: &str) -> Result<(Stage, Told), Trouble> {
        let path = self.known(id)?;
        // In this order: what ends meanwhile has ended, and what is let go of without an end has broken off.
        let held = held(&path);
        let told = self.read(id)?;
        let stage = match held {
            _ if told.ended.is_some() || ended(&path) => Stage::Ended,
            true => Stage::Running,
            false => Stage::Unfinished,
        };
        Ok((stage, told))
    }

    /// Whether operations are kept once they have ended.
    pub fn keeps(&self) -> bool {
        self.history.enabled && self.history.keep > 0
    }

    pub fn read(&self, id: &str) -> Result<Told, Trouble> {
        let (file, _) = private::open(&self.known(id)?, false)?;
        reader::told(&file, id).map(|(told, _)| told)
    }

    /// The manifests of an operation, to put back.
    pub fn kept(&self, id: &str) -> Result<HashMap<Digest, KeptManifest>, Trouble> {
        reader::kept(&private::open(&self.known(id)?, false)?.0)
    }

    /// Forgets an operation, unless somebody is at it.
    pub fn remove(&self, id: &str) -> Result<(), Trouble> {
        let path = self.known(id)?;
        if held(&path) {
            return Err(Trouble::Held);
        }
        Ok(std::fs::remove_file(path)?)
    }

    pub fn path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}{SUFFIX}"))
    }

    /// An id is typed by people, and becomes a file name.
    fn known(&self, id: &str) -> Result<PathBuf, Trouble> {
        let fine = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fine { Ok(self.path(id)) } else { Err(Trouble::Missing) }
    }

    /// What cannot be read is said of those that are not known to have ended.
    fn found(&self, over: bool) -> Found {
        let mut found = Found::default();
        for (id, path) in self.files() {
            // Most is known by the last line. Where something stands behind the end, the rest has to be read.
            let known = ended(&path);
            if known && !over || !known && held(&path) {
                continue;
            }
            match self.read(&id) {
                Ok(told) if told.ended.is_some() == over => found.journals.push(told),
                // Another tagboat was quicker to remove it.
                Ok(_) | Err(Trouble::Missing) => {}
                Err(trouble) if known == over => found.said.push(trouble.say(&path)),
                Err(_) => {}
            }
        }
        found
    }

    /// Ids begin with the time, so this is the order of time.
    fn files(&self) -> Vec<(String, PathBuf)> {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return Vec::new() };
        let id = |entry: std::fs::DirEntry| {
            let id = entry.file_name().to_str()?.strip_suffix(SUFFIX)?.to_owned();
            self.known(&id).ok().map(|path| (id, path))
        };
        let mut files: Vec<_> = entries.flatten().filter_map(id).collect();
        files.sort();
        files
    }

    fn prune(&self) -> io::Result<()> {
        let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let mut ended: Vec<_> = self.files().into_iter().filter(|(_, path)| ended(path)).collect();
        let keep = if self.history.enabled { self.history.keep as usize } else { 0 };
        let (mut count, mut bytes) = (0, 0);
        while let Some((_, path)) = ended.pop() {
            count += 1;
            bytes += size(&path);
            if count <= keep && bytes <= u64::from(self.history.max_mib) << 20 {
                continue;
            }
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// False when another process has it.
fn lock(file: &File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        // A network file system without locks: then two tagboats have to be told apart by who started them.
        Err(Errno::NOLCK | Errno::NOTSUP | Errno::NOSYS) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn held(path: &Path) -> bool {
    private::open(path, false)
        .is_ok_and(|(file, _)| matches!(flock(&file, FlockOperation::NonBlockingLockShared), Err(Errno::WOULDBLOCK)))
}

/// Whether the last line is an end, of a form known here. Cheaper than reading all of it.
fn ended(path: &Path) -> bool {
    let both = || -> io::Result<(Vec<u8>, Vec<u8>)> {
        let (mut file, metadata) = private::open(path, false)?;
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        (&mut file).take(TAIL).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(metadata.len().saturating_sub(TAIL)))?;
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok((head, tail))
    };
    let Ok((head, tail)) = both() else { return false };
    let known = |version| head.starts_with(format!("{{\"begin\":{{\"version\":{version},").as_bytes());
    if !(FIRST..=NEWEST).any(known) {
        return false;
    }
    let Some(body) = tail.strip_suffix(b"\n") else { return false };
    body.rsplit(|byte| *byte == b'\n').next().is_some_and(|line| line.starts_with(b"{\"end\":"))
}
