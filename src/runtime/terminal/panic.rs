//! What a panic may do to the screen.
//!
//! A panic on the main thread ends the program: the terminal is restored first, then the message is printed. A panic
//! on any other thread is a failed task; the executor reports it as an error on the screen, so here it only goes to
//! the log: printing it would tear the screen, restoring the terminal would take it away from a living program.

use std::any::Any;
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::thread;

/// Call on the main thread, before the terminal is set up. `log` is the file the user is pointed to.
pub fn install_hook(log: Option<PathBuf>) {
    let main = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        let text = describe(info);
        tracing::error!(panic = %text, "internal error");
        if thread::current().id() == main {
            // Nothing to be done about a terminal that is gone; the message still goes to standard error.
            let _ = super::guard::restore();
            eprintln!("{}", message(&text, log.as_deref()));
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
    format!("{} ({place})", payload(info.payload()))
}

/// Only text is shown; values a panic carries may hold anything.
fn payload(payload: &dyn Any) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn message(text: &str, log: Option<&Path>) -> String {
    let log = log.map_or_else(String::new, |path| format!("\nThe log is in {}.", path.display()));
    format!("tagboat stopped because of an internal error: {text}{log}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_plain_text() {
        assert_eq!(payload(&"a\x1b[2Jb\nc"), "a [2Jb c");
        assert_eq!(payload(&String::from("owned")), "owned");
        assert_eq!(payload(&42_u8), "no message");
    }

    #[test]
    fn the_message_names_the_log() {
        let text = message("boom (a.rs:1)", Some(Path::new("/state/tagboat.log")));
        assert!(text.ends_with("The log is in /state/tagboat.log."));
        assert!(!message("boom", None).contains("log"));
    }
}
