//! Keeps two accidents of terminals from becoming commands. Pure: time is passed in.
//!
//! *Split escape.* On a slow link the bytes of an arrow key arrive one by one, and crossterm 0.29 then reports Esc, `[`
//! and `D` (measured with a gap of 30 ms). A lone Esc is therefore held for [`SPLIT`]: delivered at once it would
//! already have gone back a step when the rest of the arrow key arrives. If `[` or `O` follows in time, the pieces are
//! put together again for the arrow keys, Home and End, and dropped for all others.
//!
//! *Unmarked paste.* A terminal without bracketed paste sends `dy` and a newline as three keys. [`BURST`] keys within
//! [`BURST_TIME`] outside a text field are no typing: they are dropped, and so is what follows until there is a pause.
//! Keys are judged together as they were read, so a whole paste is dropped, not only its end, and no key typed by hand
//! waits. A held key repeats itself and may arrive in clumps; only changes of the key count.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Input;
use crate::app::key::{Key, KeyCode};

pub const SPLIT: Duration = Duration::from_millis(50);
pub const BURST_TIME: Duration = Duration::from_millis(30);
pub const BURST: usize = 5;

/// How far into a split sequence we are, and when its last piece came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Split {
    None,
    Esc(Instant),
    /// After `ESC [`; `bare` until a parameter has come.
    Csi {
        at: Instant,
        bare: bool,
    },
    /// After `ESC O`.
    Ss3(Instant),
}

#[derive(Debug)]
pub struct KeyGuard {
    split: Split,
    /// When keys that count towards a burst came.
    burst: VecDeque<Instant>,
    last: Option<(Key, Instant)>,
    dropping: bool,
}

impl Default for KeyGuard {
    fn default() -> Self {
        Self { split: Split::None, burst: VecDeque::new(), last: None, dropping: false }
    }
}

impl KeyGuard {
    /// Takes what was read at once, and appends what may be acted on. `in_text`: a text field has the focus, so pasted
    /// text is welcome.
    pub fn batch(
        &mut self,
        inputs: impl IntoIterator<Item = Input>,
        now: Instant,
        in_text: bool,
        out: &mut VecDeque<Input>,
    ) {
        let mut staged = Vec::new();
        for input in inputs {
            match input {
                Input::Key(key) => self.rejoin(key, now, &mut staged),
                other => {
                    self.release(&mut staged);
                    staged.push(other);
                }
            }
        }
        self.drop_burst(staged, now, in_text, out);
    }

    /// When `expire` has to be called, if nothing comes before.
    pub fn deadline(&self) -> Option<Instant> {
        match self.split {
            Split::Esc(at) => Some(at + SPLIT),
            _ => None,
        }
    }

    /// Delivers an Esc that was one.
    pub fn expire(&mut self, now: Instant, out: &mut VecDeque<Input>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.split = Split::None;
            out.push_back(Input::Key(Key::plain(KeyCode::Esc)));
        }
    }

    /// Ends a sequence that something else has interrupted.
    fn release(&mut self, out: &mut Vec<Input>) {
        if let Split::Esc(_) = std::mem::replace(&mut self.split, Split::None) {
            out.push(Input::Key(Key::plain(KeyCode::Esc)));
        }
    }

    fn rejoin(&mut self, key: Key, now: Instant, out: &mut Vec<Input>) {
        let in_time = |at: Instant| now.saturating_duration_since(at) <= SPLIT;
        match (self.split, key.text()) {
            (Split::Esc(at), Some('[')) if in_time(at) => {
                self.split = Split::Csi { at: now, bare: true };
                return;
            }
            (Split::Esc(at), Some('O')) if in_time(at) => {
                self.split = Split::Ss3(now);
                return;
            }
            // parameters, and the second bracket of F1 to F5 on the Linux console
            (Split::Csi { at, bare }, Some(c)) if in_time(at) && (matches!(c, '0'..='?') || (bare && c == '[')) => {
                self.split = Split::Csi { at: now, bare: false };
                return;
            }
            (Split::Csi { at, bare }, Some(c)) if in_time(at) => {
                self.split = Split::None;
                out.extend(cursor_key(c).filter(|_| bare));
                return;
            }
            (Split::Ss3(at), Some(c)) if in_time(at) => {
                self.split = Split::None;
                out.extend(cursor_key(c));
                return;
            }
            _ => self.release(out),
        }
        if key == Key::plain(KeyCode::Esc) {
            self.split = Split::Esc(now);
        } else {
            out.push(Input::Key(key));
        }
    }

    fn drop_burst(&mut self, staged: Vec<Input>, now: Instant, in_text: bool, out: &mut VecDeque<Input>) {
        if in_text {
            self.burst.clear();
            self.last = None;
            self.dropping = false;
            out.extend(staged);
            return;
        }
        let recent = |at: Instant| now.saturating_duration_since(at) <= BURST_TIME;
        self.burst.retain(|at| recent(*at));
        if !self.last.is_some_and(|(_, at)| recent(at)) {
            self.last = None;
            self.dropping = false;
        }
        for input in &staged {
            if let Some(key) = pasted(input) {
                if self.last.is_none_or(|(last, _)| last != key) {
                    self.burst.push_back(now);
                }
                self.last = Some((key, now));
            }
        }
        let was_dropping = self.dropping;
        self.dropping |= self.burst.len() >= BURST;
        if self.dropping && !was_dropping {
            out.push_back(Input::PasteBurst);
        }
        let dropping = self.dropping;
        out.extend(staged.into_iter().filter(|input| !dropping || pasted(input).is_none()));
    }
}

/// The key, if it is one that pasted text consists of.
fn pasted(input: &Input) -> Option<Key> {
    match input {
        Input::Key(key)
            if key.text().is_some() || matches!(key.code, KeyCode::Enter | KeyCode::Tab) || *key == Key::ctrl('j') =>
        {
            Some(*key)
        }
        _ => None,
    }
}

fn cursor_key(last: char) -> Option<Input> {
    let code = match last {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'H' => KeyCode::Home,
        'F' => KeyCode::End,
        _ => return None,
    };
    Some(Input::Key(Key::plain(code)))
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
