//! Favourites, labels, notes, typed repositories and the last place. Several tagboats may run at once: every change is one transaction on one row.

mod labels;
#[cfg(test)]
mod labels_tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, utimensat};

use super::private;
use super::sqlite::{self, Schema};
use crate::domain::clean::{self, Clean};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS favourite (
        registry TEXT NOT NULL, repository TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (registry, repository));
    CREATE TABLE IF NOT EXISTS typed (
        registry TEXT NOT NULL, repository TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (registry, repository));
    CREATE TABLE IF NOT EXISTS place (
        id INTEGER PRIMARY KEY CHECK (id = 1), registry TEXT NOT NULL, repository TEXT, tag TEXT);
    CREATE TABLE IF NOT EXISTS label (
        name TEXT PRIMARY KEY, letter TEXT NOT NULL, colour TEXT NOT NULL, since INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS tag (
        origin TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL, label TEXT, note TEXT,
        since INTEGER NOT NULL, PRIMARY KEY (origin, repository, tag));
    CREATE TABLE IF NOT EXISTS label_rule (
        origin TEXT NOT NULL, filter TEXT NOT NULL, label TEXT NOT NULL, since INTEGER NOT NULL,
        PRIMARY KEY (origin, filter));
    -- Once, so that a label that was removed stays so.
    INSERT OR IGNORE INTO label SELECT column1, column2, column3, 0 FROM (VALUES
        ('keep', 'K', 'green'), ('release', 'R', 'blue'), ('stale', 'S', 'yellow'), ('broken', 'B', 'red'))
        WHERE (SELECT user_version FROM pragma_user_version) < 2;
";
/// The tables with what somebody put there, the labels first.
const KEPT: [&str; 5] = ["label", "tag", "label_rule", "favourite", "typed"];
const SCHEMA: Schema = Schema { version: 2, tables: TABLES, synchronous: "FULL", checked: true };

/// A registry is named as in the config, so that a changed address keeps its favourites.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Favourite {
    pub registry: String,
    pub repository: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastPlace {
    pub registry: String,
    pub repository: Option<String>,
    pub tag: Option<String>,
}

pub struct StateStore(Mutex<Inner>);

struct Inner {
    connection: Connection,
    warning: Option<Clean>,
    /// `None` while all is in memory.
    file: Option<PathBuf>,
    /// SQLite's number for what others wrote; it does not change by our own writes.
    version: i64,
}

impl StateStore {
    /// `None`, or a directory where it cannot be kept: in memory for this run. See `take_warning`.
    pub fn open(dir: Option<&Path>) -> Result<Self, rusqlite::Error> {
        let file = dir.map(|dir| dir.join("state.db"));
        let opened = file.as_deref().map(|file| sqlite::open(file, &SCHEMA));
        let (connection, warning, file) = match opened {
            Some(Ok((connection, warning))) => (connection, warning, file),
            Some(Err(why)) => (in_memory()?, Some(not_saved(why.as_str())), None),
            None => (in_memory()?, None, None),
        };
        let version = data_version(&connection).unwrap_or_default();
        Ok(Self(Mutex::new(Inner { connection, warning, file, version })))
    }

    /// The file whose time changes after every change, by whomever. `None` when nothing is saved.
    pub fn file(&self) -> Option<PathBuf> {
        self.inner().file.clone()
    }

    /// Whether somebody else has written since this was last asked.
    pub fn changed_elsewhere(&self) -> bool {
        let mut inner = self.inner();
        let before = inner.version;
        // When it cannot be read, the next reading of rows says so.
        inner.version = data_version(&inner.connection).unwrap_or(before);
        inner.version != before
    }

    /// What to tell the user, once.
    pub fn take_warning(&self) -> Option<Clean> {
        self.inner().warning.take()
    }

    /// In order of registry and repository. Reads the file, so it also shows what another tagboat changed.
    pub fn favourites(&self) -> Vec<Favourite> {
        self.named("SELECT registry, repository FROM favourite ORDER BY registry, repository")
    }

    pub fn set_favourite(&self, registry: &str, repository: &str, on: bool) {
        let change = if on {
            "INSERT OR IGNORE INTO favourite VALUES (?1, ?2, unixepoch())"
        } else {
            "DELETE FROM favourite WHERE registry = ?1 AND repository = ?2"
        };
        self.write(|connection| connection.execute(change, [registry, repository]));
    }

    /// Repositories that were opened by typing their names, where the registry does not list them.
    pub fn typed(&self) -> Vec<Favourite> {
        self.named("SELECT registry, repository FROM typed ORDER BY registry, repository")
    }

    pub fn set_typed(&self, registry: &str, repository: &str, on: bool) {
        let change = if on {
            "INSERT OR IGNORE INTO typed VALUES (?1, ?2, unixepoch())"
        } else {
            "DELETE FROM typed WHERE registry = ?1 AND repository = ?2"
        };
        self.write(|connection| connection.execute(change, [registry, repository]));
    }

    fn named(&self, query: &str) -> Vec<Favourite> {
        let read = |connection: &Connection| {
            connection
                .prepare_cached(query)?
                .query_map([], |row| Ok(Favourite { registry: row.get(0)?, repository: row.get(1)? }))?
                .collect::<Result<Vec<_>, _>>()
        };
        self.read(read).unwrap_or_default()
    }

    pub fn last_place(&self) -> Option<LastPlace> {
        let read = |connection: &Connection| {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(LastPlace { registry: row.get(0)?, repository: row.get(1)?, tag: row.get(2)? })
            };
            connection.query_row("SELECT registry, repository, tag FROM place", [], row).optional()
        };
        self.read(read).flatten()
    }

    pub fn set_last_place(&self, place: &LastPlace) {
        self.write(|connection| {
            connection.execute(
                "INSERT OR REPLACE INTO place VALUES (1, ?1, ?2, ?3)",
                params![place.registry, place.repository, place.tag],
            )
        });
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, query: impl Fn(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let mut inner = self.inner();
        match query(&inner.connection) {
            Ok(found) => Some(found),
            Err(error) => {
                inner.warning.get_or_insert_with(|| clean::line(&format!("The saved state cannot be read: {error}.")));
                None
            }
        }
    }

    /// A full or read-only disk must not stop the work: from the first failure on, this run keeps its state in memory.
    fn write(&self, change: impl Fn(&Connection) -> rusqlite::Result<usize>) {
        let mut inner = self.inner();
        // In turn, as when it is opened. SQLite alone would lose nothing either, but might give up waiting.
        let _turn = inner.file.as_deref().and_then(|file| private::lock(file).ok());
        let Err(error) = transact(&mut inner.connection, &change) else {
            return inner.file.as_deref().map_or((), ring);
        };
        let Ok(mut memory) = in_memory() else { return };
        copy(&inner.connection, &memory);
        // In memory nothing of the above can fail again, and if it does the change is lost as the warning says.
        let _ = transact(&mut memory, &change);
        (inner.connection, inner.file) = (memory, None);
        inner.warning = Some(not_saved(&error.to_string()));
    }
}

fn transact(
    connection: &mut Connection,
    change: &impl Fn(&Connection) -> rusqlite::Result<usize>,
) -> rusqlite::Result<()> {
    // Deferred transactions that turn into writers fail without waiting for the other instance.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change(&transaction)?;
    transaction.commit()
}

/// Others watch the file. That the log was written to told them nothing: a commit is seen only after it. By path,
/// because closing a descriptor of our own would drop the locks that SQLite holds on the file.
fn ring(file: &Path) {
    let nothing = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    let times = Timestamps { last_access: nothing(UTIME_OMIT), last_modification: nothing(UTIME_NOW) };
    // Where that fails the others see the change with the next one.
    let _ = utimensat(CWD, file, &times, AtFlags::empty());
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

/// As much as can be read; the disk is failing already.
fn copy(from: &Connection, to: &Connection) {
    // Those that a new store begins with.
    let _ = to.execute("DELETE FROM label", []);
    for table in KEPT {
        let rows = from.prepare(&format!("SELECT * FROM {table} ORDER BY rowid")).and_then(|mut found| {
            let columns = found.column_count();
            let row = |row: &rusqlite::Row<'_>| (0..columns).map(|n| row.get::<_, Value>(n)).collect();
            found.query_map([], row)?.collect::<rusqlite::Result<Vec<Vec<Value>>>>()
        });
        for row in rows.unwrap_or_default() {
            let places = vec!["?"; row.len()].join(", ");
            let _ = to.execute(&format!("INSERT INTO {table} VALUES ({places})"), rusqlite::params_from_iter(row));
        }
    }
}

fn not_saved(why: &str) -> Clean {
    clean::line(&format!("Favourites, labels and the last place are not saved in this run: {why}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn what_is_saved_is_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let place = LastPlace { registry: "r".into(), repository: Some("a/b".into()), tag: None };
        {
            let store = StateStore::open(Some(dir.path())).unwrap();
            store.set_favourite("r", "b", true);
            store.set_favourite("r", "a", true);
            store.set_favourite("r", "a", true);
            store.set_favourite("r", "b", false);
            store.set_last_place(&place);
            store.set_typed("r", "hidden/one", true);
            store.set_typed("r", "gone", true);
            store.set_typed("r", "gone", false);
            for file in std::fs::read_dir(dir.path()).unwrap() {
                assert_eq!(file.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
            }
        }
        let store = StateStore::open(Some(dir.path())).unwrap();
        assert_eq!(store.favourites(), [Favourite { registry: "r".into(), repository: "a".into() }]);
        assert_eq!(store.typed(), [Favourite { registry: "r".into(), repository: "hidden/one".into() }]);
        assert_eq!((store.last_place(), store.take_warning()), (Some(place), None));
    }

    #[test]
    fn two_instances_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for registry in ["one", "two"] {
                let store = StateStore::open(Some(dir.path())).unwrap();
                scope.spawn(move || {
                    for n in 0..500 {
                        store.set_favourite(registry, &(n / 2).to_string(), n % 4 != 3);
                    }
                    assert_eq!(store.take_warning(), None);
                });
            }
        });
        // Of each pair of toggles on one name, the odd names end off.
        assert_eq!(StateStore::open(Some(dir.path())).unwrap().favourites().len(), 250);
    }

    #[test]
    fn only_what_others_write_is_a_change_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let [ours, theirs] = [(); 2].map(|()| StateStore::open(Some(dir.path())).unwrap());
        ours.set_favourite("r", "a", true);
        assert!(!ours.changed_elsewhere());
        theirs.set_favourite("r", "b", true);
        assert!(ours.changed_elsewhere() && !ours.changed_elsewhere());
        assert_eq!(ours.favourites().len(), 2);
        assert_eq!(ours.file(), Some(dir.path().join("state.db")));
        assert_eq!(StateStore::open(None).unwrap().file(), None);
    }

    #[test]
    fn a_place_that_cannot_be_used_means_memory_and_one_warning() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("state.db")).unwrap();
        let store = StateStore::open(Some(dir.path())).unwrap();
        store.set_favourite("r", "a", true);
        assert_eq!(store.favourites().len(), 1);
        assert!(store.take_warning().is_some() && store.take_warning().is_none());
        let fifo = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(fifo.path().join("state.db")).status().unwrap();
        assert!(made.success() && StateStore::open(Some(fifo.path())).unwrap().take_warning().is_some());
        assert_eq!(StateStore::open(None).unwrap().take_warning(), None);
    }

    #[test]
    fn a_write_that_fails_keeps_what_was_known() {
        let dir = tempfile::tempdir().unwrap();
        let store = StateStore::open(Some(dir.path())).unwrap();
        store.set_favourite("r", "a", true);
        store.set_typed("r", "t", true);
        store.inner().connection.pragma_update(None, "query_only", true).unwrap();
        store.set_favourite("r", "b", true);
        store.set_favourite("r", "c", true);
        assert_eq!((store.favourites().len(), store.typed().len()), (3, 1));
        assert!(store.take_warning().is_some() && store.take_warning().is_none());
    }

    #[test]
    fn broken_and_newer_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state.db");
        std::fs::write(&file, "no database at all, only some text, longer than a header").unwrap();
        let store = StateStore::open(Some(dir.path())).unwrap();
        assert!(store.take_warning().unwrap().as_str().contains(".bad-"));
        store.set_favourite("r", "a", true);
        drop(store);
        Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(StateStore::open(Some(dir.path())).unwrap().take_warning().unwrap().as_str().contains("newer"));
    }
}
