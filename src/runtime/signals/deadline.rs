//! The end comes, even when the main thread is stuck: a terminal that takes no more bytes (a stalled SSH connection,
//! Ctrl-S) blocks the write of a frame, and with it the loop that would have handled the signal.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::runtime::terminal;

/// What the loop has to come to its end by itself.
const PATIENCE: Duration = Duration::from_secs(2);
/// For a last attempt to restore a terminal that may be the very thing that is stuck.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// From here on a signal that ends the program does so after `PATIENCE` at the latest, a second one at once.
pub fn enforce() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("deadline".to_owned()).spawn(move || {
        let code = runtime.block_on(async {
            let first = ending().await?;
            tokio::select! {
                second = ending() => { second?; }
                () = tokio::time::sleep(PATIENCE) => {}
            }
            Ok::<i32, io::Error>(128 + first)
        });
        // Without handlers there is nothing to enforce; the loop has them too and reports it.
        let Ok(code) = code else { return };
        let (done, wait) = mpsc::channel();
        thread::spawn(move || {
            let restored = terminal::restore();
            done.send(restored)
        });
        // Restored or not, the time is over.
        let _ = wait.recv_timeout(LAST_WORDS);
        end(code);
    })?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "main is stuck and cannot return; what could be restored has been")]
fn end(code: i32) -> ! {
    std::process::exit(code)
}

/// The number of the next signal that ends the program.
async fn ending() -> io::Result<i32> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok(SignalKind::terminate().as_raw_value()),
        _ = quit.recv() => Ok(SignalKind::quit().as_raw_value()),
        _ = hangup.recv() => Ok(SignalKind::hangup().as_raw_value()),
        _ = interrupt.recv() => Ok(SignalKind::interrupt().as_raw_value()),
    }
}
