//! Sets the terminal up and puts it back, whatever ends the program.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::output::Output;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuardOptions {
    pub mouse: bool,
    /// Not on the alternate screen, which screen readers lose the place on.
    pub main_screen: bool,
}

/// One thing that was changed and has to be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Raw,
    AlternateScreen,
    MainScreen,
    BracketedPaste,
    Mouse,
    Cursor,
}

impl Step {
    fn set(self) -> &'static [u8] {
        match self {
            Self::Raw => b"",
            Self::AlternateScreen => b"\x1b[?1049h",
            Self::MainScreen => b"\x1b[999;1H",
            Self::BracketedPaste => b"\x1b[?2004h",
            Self::Mouse => b"\x1b[?1000h\x1b[?1006h",
            Self::Cursor => b"\x1b[?25l",
        }
    }

    fn undo(self) -> &'static [u8] {
        match self {
            Self::Raw => b"",
            Self::AlternateScreen => b"\x1b[?1049l",
            // The prompt comes below what was drawn.
            Self::MainScreen => b"\x1b[999;1H\r\n",
            Self::BracketedPaste => b"\x1b[?2004l",
            Self::Mouse => b"\x1b[?1006l\x1b[?1000l",
            Self::Cursor => b"\x1b[?25h",
        }
    }
}

/// Raw mode, apart so that tests run without a terminal.
trait Line {
    fn raw(&mut self, on: bool) -> io::Result<()>;
}

struct Tty;

impl Line for Tty {
    fn raw(&mut self, on: bool) -> io::Result<()> {
        if on { crossterm::terminal::enable_raw_mode() } else { crossterm::terminal::disable_raw_mode() }
    }
}

/// What has been done so far, in order.
struct Steps<L, W> {
    line: L,
    out: W,
    done: Vec<Step>,
    options: GuardOptions,
}

impl<L: Line, W: Write> Steps<L, W> {
    fn enter(&mut self) -> io::Result<()> {
        let screen = if self.options.main_screen { Step::MainScreen } else { Step::AlternateScreen };
        let mut plan = vec![Step::Raw, screen, Step::BracketedPaste];
        if self.options.mouse {
            plan.push(Step::Mouse);
        }
        plan.push(Step::Cursor);
        for step in plan {
            if self.done.contains(&step) {
                continue;
            }
            // Noted first: a write that failed half-way may still have reached the terminal.
            self.done.push(step);
            let result = match step {
                Step::Raw => self.line.raw(true),
                Step::MainScreen => {
                    // What the shell has shown moves up out of sight instead of being drawn over.
                    let up = "\n".repeat(super::size().height.into());
                    self.out.write_all(step.set()).and_then(|()| self.out.write_all(up.as_bytes()))
                }
                _ => self.out.write_all(step.set()),
            };
            if let Err(error) = result {
                let _ = self.leave();
                return Err(error);
            }
        }
        self.out.flush()
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.options.mouse = on;
        if on == self.done.contains(&Step::Mouse) || self.done.is_empty() {
            return Ok(());
        }
        if on {
            self.done.push(Step::Mouse);
            self.out.write_all(Step::Mouse.set())?;
        } else {
            self.done.retain(|step| *step != Step::Mouse);
            self.out.write_all(Step::Mouse.undo())?;
        }
        self.out.flush()
    }

    /// Goes on after an error, so that one failing step does not keep the others from being undone.
    fn leave(&mut self) -> io::Result<()> {
        if self.done.is_empty() {
            return Ok(());
        }
        // A frame may have been cut off inside a synchronized update, a scroll region or a colour.
        let mut bytes = b"\x1b[?2026l\x1b[r\x1b[m".to_vec();
        let raw = self.done.contains(&Step::Raw);
        // Clicks that are reported to a shell become typed text, so this is not left to what we think was done.
        self.done.retain(|step| *step != Step::Mouse);
        bytes.extend_from_slice(Step::Mouse.undo());
        for step in self.done.drain(..).rev() {
            bytes.extend_from_slice(step.undo());
        }
        let written = self.out.write_all(&bytes).and_then(|()| self.out.flush());
        let cooked = if raw { self.line.raw(false) } else { Ok(()) };
        written.and(cooked)
    }
}

static STATE: Mutex<Option<Steps<Tty, Output>>> = Mutex::new(None);

fn with_state<T>(use_it: impl FnOnce(&mut Option<Steps<Tty, Output>>) -> T) -> T {
    // A panic elsewhere while the lock was held leaves a list that is still true.
    use_it(&mut STATE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Undoes what was done to the terminal. Callable from anywhere, any number of times: panic hook, signal handling,
/// error paths and the guard's own drop all come here.
pub fn restore() -> io::Result<()> {
    with_state(|state| state.as_mut().map_or(Ok(()), Steps::leave))
}

/// Whether the terminal is set up for the interface right now.
pub fn is_active() -> bool {
    with_state(|state| state.as_ref().is_some_and(|steps| !steps.done.is_empty()))
}

/// While it lives the terminal belongs to the interface; dropping it restores the terminal.
#[derive(Debug)]
#[must_use = "dropping the guard restores the terminal"]
pub struct Guard {
    _only_made_here: (),
}

impl Guard {
    pub fn enter(options: GuardOptions) -> io::Result<Self> {
        let out = Output::stdout()?;
        with_state(|state| {
            if let Some(steps) = state.as_mut() {
                steps.leave()?;
            }
            state.insert(Steps { line: Tty, out, done: Vec::new(), options }).enter()
        })?;
        Ok(Self { _only_made_here: () })
    }

    /// Sets the terminal up again after `restore`, or after someone else has changed it (a shell that stopped and
    /// continued us puts its own line settings back). The screen must be repainted afterwards.
    pub fn resume(&self) -> io::Result<()> {
        with_state(|state| {
            state.as_mut().map_or(Ok(()), |steps| {
                steps.leave()?;
                steps.enter()
            })
        })
    }
}

impl Guard {
    /// Turns mouse reports on or off while the interface runs.
    pub fn set_mouse(&self, on: bool) -> io::Result<()> {
        with_state(|state| state.as_mut().map_or(Ok(()), |steps| steps.mouse(on)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A terminal that is gone cannot be restored, and there is nobody left to tell.
        let _ = restore();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct FakeLine {
        calls: Vec<bool>,
        fails: bool,
    }

    impl Line for FakeLine {
        fn raw(&mut self, on: bool) -> io::Result<()> {
            self.calls.push(on);
            if self.fails {
                return Err(io::Error::other("no terminal"));
            }
            Ok(())
        }
    }

    fn steps(mouse: bool) -> Steps<FakeLine, Vec<u8>> {
        Steps {
            line: FakeLine::default(),
            out: Vec::new(),
            done: Vec::new(),
            options: GuardOptions { mouse, main_screen: false },
        }
    }

    fn sent(steps: &mut Steps<FakeLine, Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut steps.out)).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn the_mouse_can_be_switched_and_is_undone_once() {
        let mut steps = steps(false);
        steps.enter().unwrap();
        sent(&mut steps);
        steps.mouse(true).unwrap();
        steps.mouse(true).unwrap();
        assert_eq!(sent(&mut steps), "^[?1000h^[?1006h");
        steps.mouse(false).unwrap();
        assert_eq!(sent(&mut steps), "^[?1006l^[?1000l");
        steps.leave().unwrap();
        assert_eq!(sent(&mut steps).matches("?1000l").count(), 1);
    }

    #[test]
    fn undoes_in_reverse_order_what_was_done() {
        let mut steps = steps(true);
        steps.enter().unwrap();
        assert_eq!(sent(&mut steps), "^[?1049h^[?2004h^[?1000h^[?1006h^[?25l");
        steps.leave().unwrap();
        assert_eq!(sent(&mut steps), "^[?2026l^[r^[m^[?1006l^[?1000l^[?25h^[?2004l^[?1049l");
        assert_eq!(steps.line.calls, [true, false]);
    }

    #[test]
    fn the_main_screen_is_used_where_it_is_wanted() {
        let mut steps = steps(false);
        steps.options.main_screen = true;
        steps.enter().unwrap();
        steps.leave().unwrap();
        let sent = sent(&mut steps);
        assert!(!sent.contains("1049") && sent.ends_with("^[999;1H^M^J".replace("^M^J", "\r\n").as_str()), "{sent:?}");
    }

    #[test]
    fn twice_is_harmless() {
        let mut steps = steps(false);
        steps.leave().unwrap();
        assert_eq!(sent(&mut steps), "");
        steps.enter().unwrap();
        steps.enter().unwrap();
        assert_eq!(sent(&mut steps), "^[?1049h^[?2004h^[?25l");
        steps.leave().unwrap();
        steps.leave().unwrap();
        assert_eq!(sent(&mut steps), "^[?2026l^[r^[m^[?1006l^[?1000l^[?25h^[?2004l^[?1049l");
        assert_eq!(steps.line.calls, [true, false]);
    }

    #[test]
    fn a_failed_setup_is_undone() {
        let mut steps = steps(false);
        steps.line.fails = true;
        assert!(steps.enter().is_err());
        assert!(steps.done.is_empty());
        assert!(!sent(&mut steps).contains("1049"));
        assert_eq!(steps.line.calls, [true, false]);
    }

    #[test]
    fn restoring_without_a_guard_does_nothing() {
        restore().unwrap();
        assert!(!is_active());
    }
}
