//! Opening a database file that may be broken, newer, or on a file system that cannot share memory.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::private;
use crate::domain::clean::{self, Clean};

/// How long another instance may hold the database.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);
/// The smallest page SQLite knows; all others are multiples of it.
const PAGES: u64 = 512;

/// A database of ours: its tables, and the version of them.
pub(super) struct Schema {
    pub version: i64,
    pub tables: &'static str,
    /// `NORMAL` or `FULL`.
    pub synchronous: &'static str,
    /// Look at every page when it is opened, for a small file whose loss would hurt.
    pub checked: bool,
}

/// Opens or creates. A broken file is kept as `.bad-<time>` and a new one started; what is returned beside the
/// connection is to be said once. An error means: run without it.
pub(super) fn open(path: &Path, schema: &Schema) -> Result<(Connection, Option<Clean>), Clean> {
    let shown = path.display();
    match connect(path, schema) {
        Ok(connection) => Ok((connection, None)),
        Err(Trouble::Broken) => {
            let kept = private::keep_as_bad(path)
                .map_err(|error| clean::line(&format!("{shown} is broken and cannot be moved away: {error}")))?;
            remove_sides(path);
            let said =
                clean::line(&format!("{shown} was broken. It was kept as {} and a new one begun.", kept.display()));
            connect(path, schema).map(|connection| (connection, Some(said))).map_err(|error| error.say(path))
        }
        Err(error) => Err(error.say(path)),
    }
}

/// The files beside a database that was moved away belong to it; mostly there are none.
pub(super) fn remove_sides(path: &Path) {
    for side in sides(path) {
        // What stays is refused by SQLite as not belonging to the new file.
        let _ = std::fs::remove_file(side);
    }
}

/// The logs of a database, and what is shared of them.
fn sides(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-journal", "-shm"].map(|side| {
        let mut name = path.as_os_str().to_owned();
        name.push(side);
        name.into()
    })
}

enum Trouble {
    Broken,
    Newer(i64),
    Io(std::io::Error),
    Other(rusqlite::Error),
}

impl Trouble {
    fn say(self, path: &Path) -> Clean {
        let shown = path.display();
        clean::line(&match self {
            Self::Broken => format!("{shown} is broken."),
            Self::Newer(version) => format!("{shown} was written by a newer tagboat (format {version}): not used."),
            Self::Io(error) => format!("{shown} is not used: {error}."),
            Self::Other(error) => format!("{shown} is not used: {error}."),
        })
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        if is_broken(&error) { Self::Broken } else { Self::Other(error) }
    }
}

pub(super) fn is_broken(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn connect(path: &Path, schema: &Schema) -> Result<Connection, Trouble> {
    private::create_file(path).map_err(Trouble::Io)?;
    // SQLite would wait for ever on a FIFO.
    let metadata = path.metadata().map_err(Trouble::Io)?;
    if !metadata.is_file() {
        return Err(Trouble::Io(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file")));
    }
    // SQLite takes less than a page for nothing at all, and half a page at the end for one that ends in zeroes. A log
    // would make it whole.
    let torn = !metadata.len().is_multiple_of(PAGES);
    if torn && sides(path)[..2].iter().all(|log| log.metadata().map_or(0, |log| log.len()) == 0) {
        return Err(Trouble::Broken);
    }
    // SQLite asks now and then whether it is its turn; against one who writes without a pause it may never be.
    let _turn = private::lock(path).ok();
    let begun = Instant::now();
    loop {
        match set_up(path, schema) {
            // While another instance begins or removes the log SQLite does not wait, whatever the timeout says.
            Err(Trouble::Other(error)) if is_busy(&error) && begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn set_up(path: &Path, schema: &Schema) -> Result<Connection, Trouble> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    // Write-ahead logs need shared memory, which network file systems do not have.
    let journal = if is_network(path) { "DELETE" } else { "WAL" };
    connection.pragma_update(None, "journal_mode", journal)?;
    connection.pragma_update(None, "synchronous", schema.synchronous)?;
    // Writing even the same version again would wait for the disk, at every start.
    if connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == schema.version {
        return if schema.checked && !is_whole(&connection)? { Err(Trouble::Broken) } else { Ok(connection) };
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > schema.version {
        return Err(Trouble::Newer(version));
    }
    transaction.execute_batch(schema.tables)?;
    transaction.pragma_update(None, "user_version", schema.version)?;
    transaction.commit()?;
    Ok(connection)
}

/// SQLite itself looks only at the pages it needs.
fn is_whole(connection: &Connection) -> rusqlite::Result<bool> {
    connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0)).map(|said| said == "ok")
}

/// A file system that has no shared memory, and may be slow.
#[cfg(target_os = "linux")]
pub fn is_network(path: &Path) -> bool {
    const NFS: u64 = 0x6969;
    const SMB: u64 = 0x517b;
    const CIFS: u64 = 0xff53_4d42;
    const SMB2: u64 = 0xfe53_4d42;
    const FUSE: u64 = 0x6573_5546;
    const PLAN9: u64 = 0x0102_1997;
    let kind = |found: rustix::fs::StatFs| found.f_type.cast_unsigned() & 0xffff_ffff;
    rustix::fs::statfs(path).is_ok_and(|found| [NFS, SMB, CIFS, SMB2, FUSE, PLAN9].contains(&kind(found)))
}

#[cfg(not(target_os = "linux"))]
pub fn is_network(_: &Path) -> bool {
    false
}
