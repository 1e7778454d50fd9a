//! What a command writes to.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Stop, json};
use crate::domain::clean;

/// Between two lines of progress.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Io<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    pub json: bool,
    pub quiet: bool,
    /// Progress may be drawn on `err`.
    pub progress: bool,
    /// A signal came: what changes a registry ends after the request in flight, and says how far it came.
    pub stop: CancellationToken,
    drawn: Option<Instant>,
}

impl<'a> Io<'a> {
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, json: false, quiet: false, progress: false, stop: CancellationToken::new(), drawn: None }
    }

    pub fn print_json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        json::write(&mut *self.out, value)?;
        self.out.flush()
    }

    /// One sentence on stderr. That stderr is gone is no reason to stop.
    pub fn note(&mut self, text: &str) {
        self.clear();
        if !self.quiet {
            let _ = writeln!(self.err, "tagboat: {}", clean::line(text));
        }
    }

    pub fn progress(&mut self, text: impl FnOnce() -> String) {
        if !self.progress || self.drawn.is_some_and(|drawn| drawn.elapsed() < PAUSE) {
            return;
        }
        self.drawn = Some(Instant::now());
        let _ = write!(self.err, "\r\x1b[K{}", clean::line(&text())).and_then(|()| self.err.flush());
    }

    pub fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(self.err, "\r\x1b[K").and_then(|()| self.err.flush());
        }
    }
}

/// Ends a command: says why it stopped, if it did, and gives the exit code.
pub fn report(outcome: Result<u8, Stop>, io: &mut Io<'_>) -> u8 {
    io.clear();
    // SIGPIPE, as other programs end by it.
    const CLOSED: u8 = 128 + 13;
    let stop = match outcome {
        Ok(code) => match io.out.flush().map_err(Stop::from) {
            Ok(()) => return code,
            Err(stop) => stop,
        },
        Err(stop) => stop,
    };
    let Stop::Failed(failure) = stop else { return CLOSED };
    let _ = io.out.flush();
    if io.json {
        let error = json!({ "kind": failure.kind, "message": failure.message, "hint": failure.hint });
        let _ = io.print_json(&json!({ "error": error }));
    }
    let message = failure.message.trim_end_matches('.');
    let end = if message.ends_with(['?', '!']) { "" } else { "." };
    let _ = writeln!(io.err, "tagboat: {message}{end}\n{}", failure.hint);
    failure.code
}
