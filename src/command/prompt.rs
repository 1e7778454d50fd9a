//! Questions on the terminal, stdin and stdout being somebody else's.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use secrecy::zeroize::{Zeroize as _, Zeroizing};

/// Nothing typed is shown while this lives.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn new(terminal: &File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        let terminal = terminal.try_clone()?;
        tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing is left to do where the terminal is gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

pub(super) async fn line(question: &str) -> io::Result<String> {
    let mut terminal = open()?;
    write!(terminal, "{question}")?;
    let line = read(terminal).await?;
    Ok(line.trim().to_owned())
}

/// Only a clear yes is one.
pub(super) async fn yes(question: &str) -> io::Result<bool> {
    let answer = line(&format!("{question} [y/N] ")).await?;
    Ok(["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes)))
}

/// Dropping this future, as Ctrl-C does, shows again what is typed; the reading thread is left behind.
pub(super) async fn secret(question: &str) -> io::Result<SecretString> {
    let mut terminal = open()?;
    let _silence = Silence::new(&terminal)?;
    write!(terminal, "{question}")?;
    let line = read(terminal).await?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}

/// The first line of stdin, or everything where there is no line's end.
pub(super) async fn secret_from_stdin() -> io::Result<SecretString> {
    let line = tokio::task::spawn_blocking(|| {
        let mut line = Zeroizing::new(String::with_capacity(4096));
        io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await
    .map_err(io::Error::other)??;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}

async fn read(terminal: File) -> io::Result<Zeroizing<String>> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut line = Zeroizing::new(String::with_capacity(4096));
        match BufReader::new(terminal).read_line(&mut line) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing was typed")),
            Ok(_) => Ok(line),
            Err(error) => {
                line.zeroize();
                Err(error)
            }
        }
    });
    reading.await.map_err(io::Error::other)?
}
