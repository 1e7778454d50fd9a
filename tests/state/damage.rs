//! What may be found in a file's place, and running the program beside it without waiting for ever.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::support::program::Said;

/// After this long the program hangs.
const PATIENCE: Duration = Duration::from_secs(30);

pub enum Damage {
    /// Of these bytes only so many.
    Cut(Vec<u8>, usize),
    /// These bytes, but for the pages after the first.
    Middle(Vec<u8>),
    Random,
    /// 100 MB of nothing.
    Huge,
    NewerDatabase,
    NewerSecrets,
    Directory,
    Fifo,
    LinkToFifo,
    /// A link to itself.
    Loop,
    /// A link to nothing, in a directory that is not there.
    Dangling,
}

impl std::fmt::Debug for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Cut(_, length) => return write!(f, "cut at {length}"),
            Self::Middle(_) => "other pages",
            Self::Random => "random bytes",
            Self::Huge => "100 MB",
            Self::NewerDatabase => "a newer database",
            Self::NewerSecrets => "newer secrets",
            Self::Directory => "a directory",
            Self::Fifo => "a FIFO",
            Self::LinkToFifo => "a link to a FIFO",
            Self::Loop => "a link to itself",
            Self::Dangling => "a dangling link",
        };
        f.write_str(name)
    }
}

impl Damage {
    /// Puts it in this place.
    pub fn at(&self, path: &Path) {
        if path.exists() {
            std::fs::remove_file(path).unwrap();
        }
        let link = |to: &Path| std::os::unix::fs::symlink(to, path).unwrap();
        match self {
            Self::Cut(bytes, length) => std::fs::write(path, &bytes[..*length]).unwrap(),
            Self::Middle(bytes) => {
                let mut bytes = bytes.clone();
                assert!(bytes.len() > 8192);
                bytes[4096..].fill(0xa5);
                std::fs::write(path, bytes).unwrap();
            }
            Self::Random => std::fs::write(path, noise(20_000)).unwrap(),
            Self::Huge => std::fs::File::create(path).unwrap().set_len(100 << 20).unwrap(),
            Self::NewerDatabase => {
                let made = rusqlite::Connection::open(path).unwrap();
                made.pragma_update(None, "user_version", 99).unwrap();
            }
            Self::NewerSecrets => std::fs::write(path, r#"{"version":99,"entries":{}}"#).unwrap(),
            Self::Directory => std::fs::create_dir(path).unwrap(),
            Self::Fifo => fifo(path),
            Self::LinkToFifo => {
                let pipe = path.with_extension("pipe");
                fifo(&pipe);
                link(&pipe);
            }
            Self::Loop => link(path),
            Self::Dangling => link(&path.with_file_name("nowhere").join("file")),
        }
    }
}

pub fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The same bytes every time, of every kind.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// What was kept of a file that could not be understood.
pub fn kept_beside(path: &Path) -> Vec<PathBuf> {
    let name = format!("{}.bad-", path.file_name().unwrap().to_str().unwrap());
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.file_name().unwrap().to_string_lossy().starts_with(&name)).collect()
}

/// Runs it to its end, which must come.
#[track_caller]
pub fn in_time(command: Command) -> Said {
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    within(command, PATIENCE).unwrap_or_else(|| panic!("{arguments:?} hangs"))
}

/// `None` when it had to be killed.
pub fn within(mut command: Command, time: Duration) -> Option<Said> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pipes: [Box<dyn std::io::Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    let (done, wait) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let texts = pipes.map(|mut pipe| {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).map(|_| bytes).unwrap()
        });
        // Both are closed: it has ended, or will at once.
        let _ = done.send(());
        texts
    });
    let ended = wait.recv_timeout(time).is_ok();
    if !ended {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let [stdout, stderr] = reader.join().unwrap();
    ended.then(|| Output { status, stdout, stderr }.into())
}
