//! Writing a journal. Whoever gets an error from here must not send: what cannot be recorded is not done.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};

use super::entry::{PlaceholderStep, State};
use super::line::{self, BeginDto, KeptDto, Line};
use super::{Header, KEPT_MOST};
use crate::domain::outcome::Ended;
use crate::domain::reference::Digest;

/// An operation that is being recorded. Its lock is held until this is dropped or the process ends.
///
/// These calls wait for the disk.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    id: String,
    /// Bytes of whole lines.
    length: u64,
    kept: HashSet<Digest>,
    kept_bytes: u64,
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Closing is not enough: a program that is being started holds a copy of the file until it runs (flock(2)).
        // What fails here ends with that copy.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl Journal {
    /// Takes over an open and locked file that has nothing in it, nor an id yet.
    pub(super) fn begin(file: File, path: PathBuf, header: &Header) -> io::Result<Self> {
        let begin = BeginDto::of(header)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a plan that is not JSON"))?;
        let mut journal = Self { file, path, id: String::new(), length: 0, kept: HashSet::new(), kept_bytes: 0 };
        journal.append(&Line::Begin(Box::new(begin)))?;
        journal.file.sync_all()?;
        Ok(journal)
    }

    /// Takes over a file with this many bytes of whole lines; what is behind them was never finished.
    pub(super) fn go_on(
        file: File,
        path: PathBuf,
        id: String,
        length: u64,
        kept: Vec<(Digest, u64)>,
    ) -> io::Result<Self> {
        file.set_len(length)?;
        let kept_bytes = kept.iter().map(|(_, size)| size).sum();
        Ok(Self { file, path, id, length, kept: kept.into_iter().map(|(digest, _)| digest).collect(), kept_bytes })
    }

    pub(super) fn named(&mut self, id: String, path: PathBuf) {
        self.id = id;
        self.path = path;
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a manifest for undo. False when there is no room for it: that is noted, and undo will be partial. On disk
    /// with the next step at the latest.
    pub fn keep(&mut self, digest: &Digest, media_type: &str, bytes: &[u8]) -> io::Result<bool> {
        if self.kept.contains(digest) {
            return Ok(true);
        }
        let size = bytes.len() as u64;
        if self.kept_bytes + size > KEPT_MOST {
            self.append(&Line::Omitted { digest: digest.to_string(), size })?;
            return Ok(false);
        }
        self.append(&Line::Kept(KeptDto {
            digest: digest.to_string(),
            media_type: media_type.to_owned(),
            size,
            bytes: Cow::Owned(STANDARD.encode(bytes)),
        }))?;
        self.kept.insert(digest.clone());
        self.kept_bytes += size;
        Ok(true)
    }

    /// Before the request of an item goes out.
    pub fn sending(&mut self, item: usize) -> io::Result<()> {
        self.append(&step(item, State::Sending, None))?;
        self.file.sync_data()
    }

    /// When it is known how an item ended.
    pub fn ended(&mut self, item: usize, ended: &Ended) -> io::Result<()> {
        self.append(&outcome(item, ended))?;
        self.file.sync_data()
    }

    /// Both at once, with one wait for the disk, where nothing was asked of the registry in between.
    pub fn ended_and_sending(&mut self, item: usize, ended: &Ended, next: usize) -> io::Result<()> {
        self.append(&outcome(item, ended))?;
        self.sending(next)
    }

    /// Before one request goes out that is about all of these.
    pub fn sending_all(&mut self, items: impl IntoIterator<Item = usize>) -> io::Result<()> {
        for item in items {
            self.append(&step(item, State::Sending, None))?;
        }
        self.file.sync_data()
    }

    /// When it is known how each of these ended, which one request was about.
    pub fn ended_all<'a>(&mut self, all: impl IntoIterator<Item = &'a (usize, Ended)>) -> io::Result<()> {
        for (item, ended) in all {
            self.append(&outcome(*item, ended))?;
        }
        self.file.sync_data()
    }

    /// Items that will not be sent: nothing went out for them, so they share one wait.
    pub fn skipped(&mut self, items: impl IntoIterator<Item = usize>, ended: &Ended) -> io::Result<()> {
        for item in items {
            self.append(&outcome(item, ended))?;
        }
        self.file.sync_data()
    }

    /// Before a step of the placeholder way. `digest`: the placeholder's manifest.
    pub fn placeholder(&mut self, item: usize, step: PlaceholderStep, digest: &Digest) -> io::Result<()> {
        let step = Cow::Borrowed(line::step_word(step));
        self.append(&Line::Placeholder { item, step, digest: digest.to_string() })?;
        self.file.sync_data()
    }

    /// Nothing more will be sent.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.append(&Line::End { at: Timestamp::now() })?;
        self.file.sync_data()
    }

    fn append(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        if let Err(error) = self.file.write_all(&text) {
            // On a full disk a part of the line may be there, and the next one must not become its end. Where that
            // cannot be helped either, the reader finds a line that it cannot read, and says so.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += text.len() as u64;
        Ok(())
    }
}

fn step(item: usize, state: State, why: Option<String>) -> Line<'static> {
    Line::Step { item, state: Cow::Borrowed(line::state_word(state)), at: Timestamp::now(), why }
}

fn outcome(item: usize, ended: &Ended) -> Line<'static> {
    step(item, State::Ended(ended.outcome), ended.why.as_ref().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::tests::{header, shelf};

    #[test]
    fn what_does_not_fit_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = shelf(dir.path()).begin(&header(1)).unwrap();
        journal.kept_bytes = KEPT_MOST - 3;
        let [large, small] = [&b"four"[..], b"two"].map(|bytes| (Digest::of(bytes), bytes));
        assert!(!journal.keep(&large.0, "a/b", large.1).unwrap());
        assert!(journal.keep(&small.0, "a/b", small.1).unwrap());
        // Again is no second copy.
        assert!(journal.keep(&small.0, "a/b", small.1).unwrap());
        let told = shelf(dir.path()).read(journal.id()).unwrap();
        assert_eq!((told.omitted, told.kept.into_iter().collect::<Vec<_>>()), (vec![large.0], vec![(small.0, 3)]));
    }
}
