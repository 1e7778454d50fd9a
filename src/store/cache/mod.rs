//! `cache.db`: content by digest and the last lists seen. May be deleted at any time.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _};

use super::sqlite::{self, Schema};
use crate::domain::clean::{Clean, line};
use crate::domain::content::ContentCache;
use crate::domain::reference::Digest;

mod entries;
mod lists;
#[cfg(test)]
mod tests;
mod writer;

pub use lists::{ListKey, SavedTag};
use writer::{Job, Writer};

/// A rowid table: with the blobs in a `WITHOUT ROWID` tree both file and time double (measured). Lists lie in pieces: one
/// of 100,000 tags as a whole would need as much memory as the rows on the screen.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS content (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, media_type TEXT NOT NULL, used INTEGER NOT NULL,
        size INTEGER NOT NULL, bytes BLOB NOT NULL);
    CREATE INDEX IF NOT EXISTS content_used ON content (used);
    DROP TABLE IF EXISTS list;
    CREATE TABLE list (
        id INTEGER PRIMARY KEY, origin TEXT NOT NULL, account TEXT NOT NULL, repository TEXT NOT NULL,
        time INTEGER NOT NULL, UNIQUE (origin, account, repository));
    CREATE TABLE piece (list INTEGER NOT NULL, lines TEXT NOT NULL);
    CREATE INDEX piece_list ON piece (list);
    CREATE TRIGGER list_gone AFTER DELETE ON list BEGIN DELETE FROM piece WHERE list = old.id; END;
";
const SCHEMA: Schema = Schema { version: 2, tables: TABLES, synchronous: "NORMAL", checked: false };

/// Jobs that wait for the disk; more are dropped, because a cache must never make anybody wait.
const QUEUE: usize = 4096;
const QUEUED_BYTES: usize = 64 << 20;
/// Manifests end at 4 MiB by the specification.
const LARGEST: usize = 4 << 20;
/// Using an entry is written down once a day, not at every look.
const TOUCH_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

pub struct Cache {
    reader: Mutex<Connection>,
    /// `None` only while dropping: the writer ends when it is gone.
    jobs: Option<SyncSender<Job>>,
    /// Keeps the writer from gathering; `None` as `jobs`.
    hurry: Option<SyncSender<()>>,
    queued: Arc<AtomicUsize>,
    writer: Option<JoinHandle<()>>,
}

impl Cache {
    /// The second value is to be said once. An error says why this run has no cache.
    pub fn open(dir: &Path, max_mib: u32) -> Result<(Self, Option<Clean>), Clean> {
        let path = dir.join("cache.db");
        let (writing, said) = sqlite::open(&path, &SCHEMA)?;
        let (reading, _) = sqlite::open(&path, &SCHEMA)?;
        reading
            .pragma_update(None, "query_only", true)
            .map_err(|error| line(&format!("The cache is not used: {error}.")))?;
        let (jobs, inbox) = sync_channel(QUEUE);
        let queued = Arc::new(AtomicUsize::new(0));
        let writer = Writer::new(writing, path, Arc::clone(&queued), u64::from(max_mib) << 20);
        let (hurry, hurried) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("cache".into())
            .spawn(move || writer.run(&inbox, &hurried))
            .map_err(|error| line(&format!("The cache is not used: {error}.")))?;
        Ok((
            Self { reader: Mutex::new(reading), jobs: Some(jobs), hurry: Some(hurry), queued, writer: Some(thread) },
            said,
        ))
    }

    /// Forgets everything; waits until it is gone from the disk. False when that failed.
    pub fn clear(&self) -> bool {
        let (done, wait) = sync_channel(1);
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job::Clear(done)).is_ok());
        if let Some(hurry) = &self.hurry {
            // Full: it has been told.
            let _ = hurry.try_send(());
        }
        sent && wait.recv().unwrap_or(false)
    }

    fn offer(&self, job: Job) {
        let size = job.size();
        if self.queued.fetch_add(size, Ordering::Relaxed) > QUEUED_BYTES
            || self.jobs.as_ref().is_none_or(|jobs| jobs.try_send(job).is_err())
        {
            self.queued.fetch_sub(size, Ordering::Relaxed);
        }
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let found = query(&self.reader.lock().unwrap_or_else(PoisonError::into_inner));
        if found.as_ref().is_err_and(sqlite::is_broken) {
            self.offer(Job::GiveUp);
        }
        // What cannot be read is not in the cache.
        found.ok()
    }
}

impl ContentCache for Cache {
    fn get(&self, digest: &Digest) -> Option<(Vec<u8>, String)> {
        let key = key(digest);
        let (bytes, media_type, used): (Vec<u8>, String, i64) = self
            .read(|connection| {
                connection
                    .prepare_cached("SELECT bytes, media_type, used FROM content WHERE digest = ?1")?
                    .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()
            })
            .flatten()?;
        if digest.matches(&bytes) != Some(true) {
            self.offer(Job::Remove(key.to_vec()));
            return None;
        }
        if now() - used > TOUCH_AFTER.as_secs().cast_signed() {
            self.offer(Job::Touch(key.to_vec()));
        }
        Some((bytes, media_type))
    }

    fn put(&self, digest: &Digest, media_type: &str, bytes: &[u8]) {
        if bytes.len() <= LARGEST {
            self.offer(Job::Put { digest: digest.clone(), media_type: media_type.to_owned(), bytes: bytes.to_vec() });
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        (self.jobs, self.hurry) = (None, None);
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been reported by the panic hook already.
            let _ = writer.join();
        }
    }
}

fn key(digest: &Digest) -> &[u8] {
    match digest {
        Digest::Sha256(bytes) => bytes,
        Digest::Other(text) => text.as_bytes(),
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs().cast_signed())
}
