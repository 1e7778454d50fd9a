//! What a person at a terminal feels: the program in a pty, its bytes counted and timed.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

/// So much silence ends the answer to a key.
const SILENCE: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Screen {
    chunks: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    keys: Box<dyn std::io::Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    pub started: Instant,
}

/// The answer to one key.
#[derive(Clone, Copy, Default)]
pub struct Answer {
    pub bytes: usize,
    pub first: Duration,
    pub last: Duration,
}

impl Screen {
    pub fn start(home: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let size = PtySize { cols: 120, rows: 36, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tagboat"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in [("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")] {
            command.env(name, value);
        }
        command.env("HOME", home);
        let mut reader = pair.master.try_clone_reader()?;
        let keys = pair.master.take_writer()?;
        let started = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let (sender, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..n].to_vec())).is_err() {
                    return;
                }
            }
        });
        let parser = vt100::Parser::new(36.try_into()?, 120.try_into()?, 0);
        Ok(Self { chunks, parser, keys, child, _master: pair.master, started })
    }

    /// Until the screen is as wanted; returns when the bytes that made it so had come.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Instant> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.chunks.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok((at, bytes)) => {
                    self.parser.process(&bytes);
                    if wanted(&self.text()) {
                        return Ok(at);
                    }
                }
                Err(why) => bail!("{what}: {why}; the screen:\n{}", self.text()),
            }
        }
    }

    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Takes what comes until it is quiet for `silence`; `None` when nothing comes at all.
    pub fn settle(&mut self, silence: Duration) -> anyhow::Result<Option<Answer>> {
        let begun = Instant::now();
        let mut answer: Option<Answer> = None;
        loop {
            match self.chunks.recv_timeout(silence) {
                Ok((at, bytes)) => {
                    self.parser.process(&bytes);
                    let since = at.saturating_duration_since(begun);
                    let answer = answer.get_or_insert(Answer { first: since, ..Answer::default() });
                    answer.bytes += bytes.len();
                    answer.last = since;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => bail!("the program ended:\n{}", self.text()),
            }
        }
    }

    /// Presses the key so many times, each after the answer to the one before; the medians, and the longest time.
    pub fn press(&mut self, key: &str, times: usize) -> anyhow::Result<(Answer, Duration)> {
        let mut answers = Vec::new();
        for _ in 0..times {
            self.keys.write_all(key.as_bytes())?;
            self.keys.flush()?;
            answers.push(self.settle(SILENCE)?.with_context(|| format!("no answer to {key:?}"))?);
        }
        let middle = |mut all: Vec<u128>| {
            all.sort_unstable();
            all[all.len() / 2]
        };
        let bytes = middle(answers.iter().map(|a| a.bytes as u128).collect()) as usize;
        let time = |of: fn(&Answer) -> Duration| {
            Duration::from_micros(middle(answers.iter().map(|a| of(a).as_micros()).collect()) as u64)
        };
        let worst = answers.iter().map(|a| a.last).max().unwrap_or_default();
        Ok((Answer { bytes, first: time(|a| a.first), last: time(|a| a.last) }, worst))
    }

    /// The most memory it has had, in KiB.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
