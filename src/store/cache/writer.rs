//! The one thread that writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{key, now};
use crate::domain::reference::Digest;
use crate::store::{private, sqlite};

/// Jobs of one transaction: enough to make a commit cheap, few enough not to lock another instance out.
const BATCH: usize = 256;
/// So long jobs are gathered for a transaction. One for each manifest would cost as much time as reading it (measured).
const GATHER: Duration = Duration::from_millis(200);

/// Takes a piece of a list; whole lines.
pub(super) type Put<'a> = dyn FnMut(&str) -> rusqlite::Result<()> + 'a;
type Write = Box<dyn FnOnce(&mut Put<'_>) -> rusqlite::Result<()> + Send>;

pub(super) enum Job {
    Put {
        digest: Digest,
        media_type: String,
        bytes: Vec<u8>,
    },
    Touch(Vec<u8>),
    Remove(Vec<u8>),
    List {
        origin: String,
        account: String,
        repository: String,
        /// Seconds since 1970.
        time: i64,
        /// About as many bytes as there will be.
        size: usize,
        /// Writes it out, on the thread that nobody waits for.
        write: Write,
    },
    Clear(SyncSender<bool>),
    /// The file turned out to be broken.
    GiveUp,
}

impl Job {
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Put { bytes, .. } => bytes.len(),
            Self::List { size, .. } => *size,
            Self::Touch(_) | Self::Remove(_) | Self::Clear(_) | Self::GiveUp => 0,
        }
    }
}

pub(super) struct Writer {
    connection: Connection,
    path: PathBuf,
    broken: bool,
    queued: Arc<AtomicUsize>,
    limit: u64,
}

impl Writer {
    pub(super) fn new(connection: Connection, path: PathBuf, queued: Arc<AtomicUsize>, limit: u64) -> Self {
        Self { connection, path, broken: false, queued, limit }
    }

    /// `hurry` says that somebody waits; so does its end.
    pub(super) fn run(mut self, inbox: &Receiver<Job>, hurry: &Receiver<()>) {
        let (mut added, mut full) = (0, false);
        // What an earlier run with a larger limit left.
        let mut stored = self.stored();
        self.shrink(&mut stored);
        while let Ok(first) = inbox.recv() {
            let mut batch = vec![first];
            // Behind a full batch others wait already.
            if !full {
                // Somebody waits, or the time is over: either way it is time to write.
                let _ = hurry.recv_timeout(GATHER);
            }
            batch.extend(inbox.try_iter().take(BATCH - 1));
            full = batch.len() == BATCH;
            let size: usize = batch.iter().map(Job::size).sum();
            let mut replies = Vec::new();
            let written = self.write(batch, &mut replies, &mut added);
            self.broken |= written.as_ref().is_err_and(sqlite::is_broken);
            let done = written.is_ok();
            self.queued.fetch_sub(size, Ordering::Relaxed);
            stored += std::mem::take(&mut added);
            if !replies.is_empty() {
                // Deleted rows stay readable in the file until it is rewritten.
                let gone = done && self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").is_ok();
                stored = self.stored();
                for reply in replies {
                    // Nobody waits any more: then nobody needs the answer.
                    let _ = reply.send(gone);
                }
            }
            self.shrink(&mut stored);
        }
        if self.broken {
            self.make_way();
        }
    }

    /// A cache is too large to be looked through at every start, so damage shows in use: the next start begins anew.
    fn make_way(&self) {
        match private::keep_as_bad(&self.path) {
            Ok(kept) => {
                sqlite::remove_sides(&self.path);
                tracing::warn!("the cache was broken; it was kept as {}", kept.display());
            }
            Err(error) => tracing::warn!("the cache is broken and cannot be moved away: {error}"),
        }
    }

    fn write(&mut self, batch: Vec<Job>, replies: &mut Vec<SyncSender<bool>>, added: &mut u64) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = match transaction {
            Ok(transaction) => transaction,
            Err(error) => {
                replies.extend(batch.into_iter().filter_map(|job| match job {
                    Job::Clear(reply) => Some(reply),
                    _ => None,
                }));
                return Err(error);
            }
        };
        let mut outcome = Ok(());
        for job in batch {
            let size = job.size() as u64;
            if matches!(job, Job::GiveUp) {
                self.broken = true;
                continue;
            }
            let written = match job {
                Job::Clear(reply) => {
                    replies.push(reply);
                    transaction.execute_batch("DELETE FROM content; DELETE FROM list")
                }
                other => one(&transaction, other),
            };
            *added += size;
            outcome = outcome.and(written);
        }
        outcome?;
        transaction.commit()
    }

    fn stored(&self) -> u64 {
        let sum = "SELECT (SELECT coalesce(sum(size), 0) FROM content)
                        + (SELECT coalesce(sum(length(lines)), 0) FROM piece)";
        self.connection.query_row(sum, [], |row| row.get::<_, i64>(0)).map_or(0, |sum| sum.unsigned_abs())
    }

    /// Oldest out, down to nine tenths so that it does not happen at every write.
    fn shrink(&mut self, stored: &mut u64) {
        if *stored <= self.limit {
            return;
        }
        // Another instance writes too, and a put may have replaced itself: count again.
        *stored = self.stored();
        let goal = self.limit / 10 * 9;
        while *stored > goal {
            let oldest = "DELETE FROM content WHERE id IN (SELECT id FROM content ORDER BY used, id LIMIT 64)";
            let lists = "DELETE FROM list WHERE rowid IN (SELECT rowid FROM list ORDER BY time LIMIT 4)";
            let gone = self.connection.execute(oldest, []).and_then(|content| match content {
                0 => self.connection.execute(lists, []),
                some => Ok(some),
            });
            if !gone.is_ok_and(|count| count > 0) {
                return;
            }
            *stored = self.stored();
        }
    }
}

fn one(transaction: &Transaction<'_>, job: Job) -> rusqlite::Result<()> {
    match job {
        Job::Put { digest, media_type, bytes } => {
            if digest.matches(&bytes) == Some(true) {
                transaction
                    .prepare_cached(
                        "INSERT INTO content (digest, media_type, used, size, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (digest) DO UPDATE SET media_type = excluded.media_type, used = excluded.used,
                         size = excluded.size, bytes = excluded.bytes",
                    )?
                    .execute(params![key(&digest), media_type, now(), bytes.len().cast_signed(), bytes])?;
            }
        }
        Job::Touch(digest) => {
            transaction
                .prepare_cached("UPDATE content SET used = ?2 WHERE digest = ?1")?
                .execute(params![digest, now()])?;
        }
        Job::Remove(digest) => {
            transaction.prepare_cached("DELETE FROM content WHERE digest = ?1")?.execute([digest])?;
        }
        Job::List { origin, account, repository, time, write, .. } => {
            transaction
                .prepare_cached("DELETE FROM list WHERE origin = ?1 AND account = ?2 AND repository = ?3")?
                .execute(params![origin, account, repository])?;
            transaction
                .prepare_cached("INSERT INTO list (origin, account, repository, time) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![origin, account, repository, time])?;
            let list = transaction.last_insert_rowid();
            let mut insert = transaction.prepare_cached("INSERT INTO piece (list, lines) VALUES (?1, ?2)")?;
            write(&mut |lines| insert.execute(params![list, lines]).map(drop))?;
        }
        Job::Clear(_) | Job::GiveUp => {}
    }
    Ok(())
}
