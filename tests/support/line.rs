//! A terminal line whose other end the test holds alone: when it lets go, the terminal is gone.
#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;

use super::pty;

/// After this long a test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Line {
    master: Option<File>,
    parser: vt100::Parser,
    child: Child,
}

/// Whose the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The program's session has it: when it goes, a hangup comes.
    Session,
    /// Nobody's: no signal tells that it is gone, as after `nohup` or with a terminal multiplexer that was killed.
    Nobody,
}

impl Line {
    /// The program on a line of 120 columns and 36 rows.
    pub fn start(home: &TempDir, owner: Owner, arguments: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 36, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let line = || {
            use std::os::unix::fs::OpenOptionsExt as _;
            let flags = rustix::fs::OFlags::NOCTTY.bits().cast_signed();
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(&name).unwrap()
        };
        let program = env!("CARGO_BIN_EXE_tagboat");
        let mut command = match owner {
            Owner::Session => {
                let mut command = Command::new("/usr/bin/setsid");
                command.args(["--ctty", program]);
                command
            }
            Owner::Nobody => Command::new(program),
        };
        command.args(arguments).env_clear().envs(pty::env(home));
        let child = command.stdin(line()).stdout(line()).stderr(Stdio::null()).spawn().unwrap();
        let rows = NonZeroU16::new(36).unwrap();
        let parser = vt100::Parser::new(rows, NonZeroU16::new(120).unwrap(), 0);
        Self { master: Some(File::from(master)), parser, child }
    }

    /// Reads until the screen is as wanted.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut buffer = [0; 16 * 1024];
        while !wanted(&self.parser.screen().contents()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let master = self.master.as_mut().expect("a terminal");
            let readable = poll(
                &mut [PollFd::new(master, PollFlags::IN)],
                Some(&Timespec { tv_sec: i64::try_from(left.as_secs()).unwrap(), tv_nsec: 0 }),
            );
            let n = if readable == Ok(0) { 0 } else { master.read(&mut buffer).unwrap_or(0) };
            assert!(n > 0, "waited for {what:?}; screen:\n{}", self.parser.screen().contents());
            self.parser.process(&buffer[..n]);
        }
    }

    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text));
    }

    /// As a hand does it: not at once.
    pub fn press(&mut self, keys: &str) {
        pty::pause(Duration::from_millis(40));
        self.master.as_mut().expect("a terminal").write_all(keys.as_bytes()).unwrap();
    }

    pub fn id(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// The terminal is gone.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// Reads what is still drawn, and waits for the end, for so long at most.
    #[track_caller]
    pub fn end(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it has not ended; screen:\n{}", self.parser.screen().contents());
            match &mut self.master {
                Some(master) => {
                    let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
                    if poll(&mut [PollFd::new(master, PollFlags::IN)], Some(&moment)) == Ok(1)
                        && let Ok(n) = master.read(&mut buffer)
                    {
                        self.parser.process(&buffer[..n]);
                    }
                }
                None => pty::pause(Duration::from_millis(5)),
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
