//! Signals as a stream, and stopping the program like the shell expects.

#[cfg(unix)]
mod deadline;

use std::io;

use crate::runtime::terminal::Guard;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGQUIT, with its number: end, and exit with 128 plus the number.
    Terminate(i32),
    /// The terminal is gone.
    Hangup,
    /// SIGINT from outside; Ctrl-C in the interface arrives as a key.
    Interrupt,
    /// SIGTSTP from outside; Ctrl-Z in the interface arrives as a key.
    Suspend,
    /// The program runs again; the terminal may have been changed meanwhile.
    Continue,
}

impl Signal {
    /// The exit code of a program ended by this signal.
    pub fn exit_code(self) -> Option<i32> {
        let number = match self {
            Self::Terminate(number) => number,
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Suspend | Self::Continue => return None,
        };
        Some(128 + number)
    }
}

#[cfg(unix)]
mod imp {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{Guard, Signal, io};
    use rustix::process::{self, Signal as Number};
    use tokio::signal::unix::{self, SignalKind};

    /// The next SIGCONT ends our own `suspend`, which has set the terminal up again already.
    static EXPECTED_CONTINUE: AtomicBool = AtomicBool::new(false);

    pub struct Signals {
        terminate: unix::Signal,
        quit: unix::Signal,
        hangup: unix::Signal,
        interrupt: unix::Signal,
        suspend: unix::Signal,
        resume: unix::Signal,
    }

    impl Signals {
        /// Needs a tokio runtime. From here on these signals no longer end the program by themselves.
        pub fn new() -> io::Result<Self> {
            let on = |number: Number| unix::signal(SignalKind::from_raw(number.as_raw()));
            Ok(Self {
                terminate: on(Number::TERM)?,
                quit: on(Number::QUIT)?,
                hangup: on(Number::HUP)?,
                interrupt: on(Number::INT)?,
                suspend: on(Number::TSTP)?,
                resume: on(Number::CONT)?,
            })
        }

        /// The next signal; may be dropped and called again without losing one.
        pub async fn next(&mut self) -> Signal {
            loop {
                let signal = tokio::select! {
                    biased;
                    Some(()) = self.terminate.recv() => Signal::Terminate(Number::TERM.as_raw()),
                    Some(()) = self.quit.recv() => Signal::Terminate(Number::QUIT.as_raw()),
                    Some(()) = self.hangup.recv() => Signal::Hangup,
                    Some(()) = self.interrupt.recv() => Signal::Interrupt,
                    Some(()) = self.suspend.recv() => Signal::Suspend,
                    Some(()) = self.resume.recv() => Signal::Continue,
                    else => std::future::pending().await,
                };
                if signal != Signal::Continue || !EXPECTED_CONTINUE.swap(false, Ordering::Relaxed) {
                    return signal;
                }
            }
        }
    }

    /// Gives the terminal back, stops the program and sets the terminal up again when it continues. `false` if
    /// nothing was done because no shell could continue us.
    ///
    /// Call it on the main thread: the kernel prefers that thread for a signal to the process, so the stop takes
    /// effect before this function goes on. The whole process group is stopped, because a wrapper that waits for us
    /// (`cargo run`, a script) would otherwise keep the shell waiting too.
    pub fn suspend(guard: &Guard) -> io::Result<bool> {
        let led_by_session = process::getsid(None).is_ok_and(|session| session == process::getpgrp());
        if led_by_session {
            return Ok(false);
        }
        super::super::terminal::restore()?;
        EXPECTED_CONTINUE.store(true, Ordering::Relaxed);
        process::kill_current_process_group(Number::STOP)?;
        guard.resume()?;
        Ok(true)
    }
}

#[cfg(not(unix))]
mod imp {
    use super::{Guard, Signal, io};

    pub struct Signals(());

    impl Signals {
        pub fn new() -> io::Result<Self> {
            Ok(Self(()))
        }

        pub async fn next(&mut self) -> Signal {
            if tokio::signal::ctrl_c().await.is_ok() {
                return Signal::Interrupt;
            }
            std::future::pending().await
        }
    }

    /// There are no signals whose handling could be late.
    pub fn enforce() -> io::Result<()> {
        Ok(())
    }

    /// There is no stopping here.
    pub fn suspend(_guard: &Guard) -> io::Result<bool> {
        Ok(false)
    }
}

#[cfg(unix)]
pub use deadline::enforce;
#[cfg(not(unix))]
pub use imp::enforce;
pub use imp::{Signals, suspend};

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn exit_codes() {
        assert_eq!(Signal::Terminate(15).exit_code(), Some(143));
        assert_eq!(Signal::Hangup.exit_code(), Some(129));
        assert_eq!(Signal::Interrupt.exit_code(), Some(130));
        assert_eq!(Signal::Continue.exit_code(), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn delivers_signals() {
        let mut signals = super::Signals::new().unwrap();
        let own = rustix::process::getpid();
        for (number, expected) in [
            (rustix::process::Signal::TERM, Signal::Terminate(15)),
            (rustix::process::Signal::HUP, Signal::Hangup),
            (rustix::process::Signal::TSTP, Signal::Suspend),
        ] {
            rustix::process::kill_process(own, number).unwrap();
            assert_eq!(signals.next().await, expected);
        }
    }
}
