//! One process at a time between read and write.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

const PATIENCE: Duration = Duration::from_secs(5);

/// Held until dropped. The kernel lets go when the process dies, so a stale lock cannot exist.
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a program that is being started holds a copy of the file until it runs (flock(2)).
        // What fails here ends with that copy.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// Locks `<path>.lock`. The file itself is no good for that: it is replaced by every write.
pub fn lock(path: &Path) -> io::Result<Lock> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed())
        .open(PathBuf::from(name))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK | Errno::INTR) => in_turn(file),
        at_once => locked(file, at_once),
    }
}

fn locked(file: File, outcome: Result<(), Errno>) -> io::Result<Lock> {
    match outcome {
        // A network file system without locks: an unlocked write beats none.
        Ok(()) | Err(Errno::NOLCK | Errno::NOTSUP | Errno::NOSYS) => Ok(Lock { file }),
        Err(error) => Err(error.into()),
    }
}

/// Waits in the kernel's queue, on a thread that can be given up: who asks again and again may never find it free.
fn in_turn(file: File) -> io::Result<Lock> {
    let (done, wait) = mpsc::channel();
    std::thread::Builder::new().name("lock".to_owned()).spawn(move || {
        let outcome = loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Err(Errno::INTR) => {}
                outcome => break outcome,
            }
        };
        // When nobody waits any more the file is closed, and with it the lock is gone.
        let _ = done.send(locked(file, outcome));
    })?;
    let given_up = || io::Error::new(io::ErrorKind::WouldBlock, "another tagboat holds the lock");
    wait.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(given_up()))
}
