//! The one handle all escape sequences go through, and the questions asked of it.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use ratatui::layout::Size;

/// How long a terminal that takes no more bytes is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Standard output without a buffer: a frame is collected elsewhere and leaves in one write.
#[derive(Debug)]
pub struct Output(File);

impl Output {
    #[cfg(unix)]
    pub fn stdout() -> io::Result<Self> {
        use std::os::fd::AsFd;
        Ok(Self(io::stdout().as_fd().try_clone_to_owned()?.into()))
    }

    #[cfg(windows)]
    pub fn stdout() -> io::Result<Self> {
        use std::os::windows::io::AsHandle;
        Ok(Self(io::stdout().as_handle().try_clone_to_owned()?.into()))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let start = Instant::now();
        loop {
            match self.0.write(bytes) {
                // A program that ran before may have left the terminal in non-blocking mode.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether the interface can run here; otherwise one sentence that says what to do.
pub fn check_tty() -> Result<(), String> {
    check(io::stdin().is_terminal(), io::stdout().is_terminal(), std::env::var("TERM").ok().as_deref())
}

fn check(stdin: bool, stdout: bool, term: Option<&str>) -> Result<(), String> {
    let missing = match (stdin, stdout) {
        (false, false) => "standard input and output are not a terminal",
        (false, true) => "standard input is not a terminal",
        (true, false) => "standard output is not a terminal",
        (true, true) if cfg!(windows) => return Ok(()),
        (true, true) => match term {
            None | Some("") => "TERM is not set",
            Some("dumb") => "TERM is \"dumb\"",
            Some(_) => return Ok(()),
        },
    };
    Err(format!("the interface needs a terminal, but {missing}"))
}

/// The terminal's size; 80x24 when it does not tell (serial lines report 0x0).
pub fn size() -> Size {
    let (width, height) = crossterm::terminal::size().unwrap_or_default();
    if width == 0 || height == 0 { Size::new(80, 24) } else { Size::new(width, height) }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn says_what_is_missing() {
        assert!(check(true, true, Some("xterm-256color")).is_ok());
        assert!(check(true, true, Some("linux")).is_ok());
        for (stdin, stdout, term, words) in [
            (false, true, Some("xterm"), "standard input is not"),
            (true, false, Some("xterm"), "standard output is not"),
            (false, false, None, "input and output are not"),
        ] {
            assert!(check(stdin, stdout, term).unwrap_err().contains(words));
        }
    }

    #[cfg(unix)]
    #[test]
    fn refuses_terminals_without_a_screen() {
        assert!(check(true, true, Some("dumb")).unwrap_err().contains("dumb"));
        assert!(check(true, true, None).unwrap_err().contains("TERM is not set"));
    }
}
