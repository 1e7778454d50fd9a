//! The program in a terminal of its own: keys go in, what a user would see comes out. Everything waits for the program,
//! never for the clock.
#![cfg(unix)]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::{Journals, Told};
use tempfile::TempDir;

/// After this long a test has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Around every frame.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

#[derive(Default)]
struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// Inside a synchronized update: the screen is half drawn.
    drawing: bool,
    /// The terminal has been read to its end.
    read: bool,
    exit: Option<u32>,
}

impl Seen {
    fn frames(&self) -> usize {
        self.raw.windows(BEGIN.len()).filter(|w| *w == BEGIN).count()
    }

    fn take(&mut self, bytes: &[u8]) {
        // A marker may have come in two pieces.
        let from = self.raw.len().saturating_sub(BEGIN.len() - 1);
        self.raw.extend_from_slice(bytes);
        self.parser.process(bytes);
        if let Some(last) = self.raw[from..].windows(BEGIN.len()).rfind(|w| *w == BEGIN || *w == END) {
            self.drawing = last == BEGIN;
        }
    }
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
    /// Bytes a second that the line carries; 0: as many as come.
    speed: AtomicUsize,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen());
        self.changed.notify_all();
    }
}

pub struct Pty {
    shared: Arc<Shared>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    pid: Pid,
    /// The line settings before the program started.
    settings: String,
    home: TempDir,
}

/// The variables a test starts the program with; everything it could keep goes below `home`.
pub fn env(home: impl AsRef<Path>) -> Vec<(&'static str, String)> {
    let at = |name: &str| home.as_ref().join(name).display().to_string();
    vec![
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("HOME", at("")),
        ("TMPDIR", at("")),
        ("XDG_CONFIG_HOME", at("config")),
        ("XDG_STATE_HOME", at("state")),
        ("XDG_CACHE_HOME", at("cache")),
        ("XDG_DATA_HOME", at("data")),
        ("XDG_RUNTIME_DIR", at("run")),
        ("DOCKER_CONFIG", at("docker")),
        ("TAGBOAT_CONFIG", at("config.toml")),
        ("LANG", "C.UTF-8".to_owned()),
        ("TERM", "xterm-256color".to_owned()),
    ]
}

impl Pty {
    pub fn start(args: &[&str], cols: u16, rows: u16) -> Self {
        Self::start_with(args, cols, rows, &[])
    }

    /// With these variables over the usual ones.
    pub fn start_with(args: &[&str], cols: u16, rows: u16, more: &[(&str, &str)]) -> Self {
        Self::start_configured("", args, cols, rows, more)
    }

    /// With the files that are there.
    pub fn start_in(home: TempDir, args: &[&str], cols: u16, rows: u16, more: &[(&str, &str)]) -> Self {
        Self::start_program(env!("CARGO_BIN_EXE_tagboat"), home, args, cols, rows, more)
    }

    /// With this config.
    pub fn start_configured(config: &str, args: &[&str], cols: u16, rows: u16, more: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self::start_in(home, args, cols, rows, more)
    }

    /// Any program, to start tagboat from.
    pub fn start_program(
        program: &str,
        home: TempDir,
        args: &[&str],
        cols: u16,
        rows: u16,
        more: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(home.path());
        command.env_clear();
        for (name, value) in env(&home) {
            command.env(name, value);
        }
        for (name, value) in more {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let settings = format!("{:?}", pair.master.get_termios());
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let pid = child.process_id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap())).unwrap();

        let shared = Arc::new(Shared::default());
        shared.seen().parser = vt100::Parser::new(some(rows), some(cols), 0);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let to = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            loop {
                let speed = to.speed.load(Ordering::Relaxed);
                // A tenth of a second's worth at a time.
                let most = if speed == 0 { buffer.len() } else { speed / 10 };
                let Ok(n @ 1..) = reader.read(&mut buffer[..most]) else { break };
                to.change(|seen| seen.take(&buffer[..n]));
                if speed > 0 {
                    pause(Duration::from_millis(100));
                }
            }
            to.change(|seen| seen.read = true);
        });
        let to = Arc::clone(&shared);
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            to.change(|seen| seen.exit = Some(status.exit_code()));
        });
        Self { shared, master: pair.master, keys, pid, settings, home }
    }

    /// Blocks until the screen contains the text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text));
    }

    /// Blocks until the screen is as wanted; `what` names it for the failure.
    #[track_caller]
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.wait(what, |seen| !seen.drawing && wanted(&seen.parser.screen().contents()));
    }

    /// Blocks until more than this has been written.
    #[track_caller]
    pub fn wait_past(&self, bytes: usize) {
        self.wait("more output", |seen| seen.raw.len() > bytes);
    }

    /// How many frames have begun.
    pub fn frames(&self) -> usize {
        self.shared.seen().frames()
    }

    /// Blocks until one more has begun.
    #[track_caller]
    pub fn wait_for_frame(&self, before: usize) {
        self.wait("another frame", |seen| seen.frames() > before);
    }

    #[track_caller]
    fn wait(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.seen();
        while !wanted(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            let ended = seen.read && seen.exit.is_some();
            if left.is_zero() || ended {
                let (exit, screen) = (seen.exit, seen.parser.screen().contents());
                // Not held over the panic: the reader would panic too.
                drop(seen);
                panic!("waited for {what:?}; exit: {exit:?}; screen:\n{screen}");
            }
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Whether nothing is written for this long.
    pub fn quiet_for(&self, time: Duration) -> bool {
        let seen = self.shared.seen();
        let before = seen.raw.len();
        let same = |seen: &mut Seen| seen.raw.len() == before && seen.exit.is_none();
        self.shared.changed.wait_timeout_while(seen, time, same).unwrap().1.timed_out()
    }

    pub fn press(&mut self, bytes: &str) {
        // No person types five keys in 30 ms; the program takes such for a paste.
        pause(Duration::from_millis(40));
        self.keys.write_all(bytes.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Presses the key of a field and types into the field once it is there: on a slow machine the text would be read
    /// together with the key, and such a burst is taken for a paste.
    #[track_caller]
    fn fill(&mut self, key: &str, field: &str, text: &str) {
        self.press(key);
        self.wait_for(field);
        self.press(text);
    }

    #[track_caller]
    pub fn filter(&mut self, text: &str) {
        self.fill("/", "Enter keep", text);
    }

    #[track_caller]
    pub fn go_to(&mut self, text: &str) {
        self.fill("'", "Go to: ", text);
    }

    /// As fast as the line takes it.
    pub fn send(&mut self, bytes: &str) {
        self.keys.write_all(bytes.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// From here on the line carries so many bytes a second.
    pub fn slow_down(&self, speed: usize) {
        self.shared.speed.store(speed, Ordering::Relaxed);
    }

    /// Whether the line settings are those from before the program.
    pub fn settings_are_back(&self) -> bool {
        format!("{:?}", self.master.get_termios()) == self.settings
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Where config and state are.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What it recorded, the newest first: one line an operation, with what was changed and what became of it.
    pub fn recorded(&self) -> Vec<String> {
        let line = |told: &Told| {
            let change = told.change.as_ref().expect("a change");
            let edits: Vec<String> = change.edits.iter().map(|edit| format!("{}: {}", edit.of, edit.words())).collect();
            let ended: Vec<&str> = told.items.iter().map(|item| told.outcome(item).word()).collect();
            format!("{} {}: {} = {}", change.what.word(), told.header.repo, edits.join("; "), ended.join(" "))
        };
        let below = |dir: &str| Journals::new(&self.home().join(dir), HistorySettings::default()).history();
        let found = ["state", "state/tagboat"].map(below);
        assert!(found.iter().all(|found| found.said.is_empty()), "{found:?}");
        found.iter().flat_map(|found| &found.journals).map(line).collect()
    }

    /// A command of the program with the same config and state.
    pub fn beside(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tagboat"));
        command.args(arguments).env_clear().envs(env(&self.home)).stdin(std::process::Stdio::null());
        command
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        self.shared.seen().parser.screen_mut().set_size(some(rows), some(cols));
        self.master.resize(size(cols, rows)).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// The text on the screen, between two frames.
    #[track_caller]
    pub fn screen(&self) -> String {
        self.wait("a whole frame", |seen| !seen.drawing);
        self.shared.seen().parser.screen().contents()
    }

    /// Row and column of the cursor.
    pub fn cursor(&self) -> (u16, u16) {
        self.shared.seen().parser.screen().cursor_position()
    }

    /// Looks at the screen between two frames: its cells have colours, too.
    #[track_caller]
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        self.wait("a whole frame", |seen| !seen.drawing);
        look(self.shared.seen().parser.screen())
    }

    /// Everything written so far, as it came.
    pub fn raw_output(&self) -> Vec<u8> {
        self.shared.seen().raw.clone()
    }

    pub fn running(&self) -> bool {
        self.shared.seen().exit.is_none()
    }

    /// Waits for the end; the exit code.
    #[track_caller]
    pub fn end(&self) -> u32 {
        self.wait("the end", |seen| seen.read && seen.exit.is_some());
        self.shared.seen().exit.unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.shared.seen.lock().is_ok_and(|seen| seen.exit.is_none()) {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

/// For what is slow itself, as hands and lines are; nothing is waited for this way.
pub fn pause(time: Duration) {
    let (_open, never) = std::sync::mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn some(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("a terminal has a size")
}
