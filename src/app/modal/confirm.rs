//! The question at the foot of what is about to be done. The focus begins on Cancel, and what was typed ahead does not
//! count.

use jiff::{SignedDuration, Timestamp};

use super::form;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::domain::cleanup::{Ask, Tier};

/// Keys that came before a question was on screen, or so soon after, were not meant for it.
pub const GUARD: SignedDuration = SignedDuration::from_millis(250);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Cancel,
    /// What stands above the question.
    List,
    Typed,
    Start,
}

#[derive(Clone, Debug)]
pub struct Confirm {
    pub ask: Ask,
    pub focus: Focus,
    /// There is a list above it, with keys of its own.
    list: bool,
    pub typed: Field,
    /// It was asked before with other numbers: whoever changes them goes on with the list at once.
    again: bool,
    /// When it was drawn.
    shown: Option<Timestamp>,
    /// When the focus came to where it is.
    focused: Timestamp,
}

/// What a key said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing that decides.
    None,
    No,
    Yes,
    /// It is not for the question.
    Other,
}

/// Rows a page of the list above a question moves; the screen may show more or fewer.
const PAGE: usize = 10;

/// Where a key takes the cursor of the list above a question, which has this many rows. `None`: it does not move it.
pub fn walked(key: Key, cursor: usize, rows: usize) -> Option<usize> {
    let last = rows.saturating_sub(1);
    Some(match key.code {
        Code::Down | Code::Char('j') => (cursor + 1).min(last),
        Code::Up | Code::Char('k') => cursor.saturating_sub(1).min(last),
        Code::PageDown => (cursor + PAGE).min(last),
        Code::PageUp => cursor.saturating_sub(PAGE).min(last),
        Code::Home | Code::Char('g') => 0,
        Code::End | Code::Char('G') => last,
        _ => return None,
    })
}

impl Confirm {
    pub fn new(ask: Ask, now: Timestamp) -> Self {
        Self {
            ask,
            focus: Focus::Cancel,
            list: false,
            typed: Field::default(),
            again: false,
            shown: None,
            focused: now,
        }
    }

    pub fn below_a_list(ask: Ask, now: Timestamp) -> Self {
        Self { list: true, ..Self::new(ask, now) }
    }

    /// Something else is asked: what was typed was typed for another question.
    pub fn asks(&mut self, ask: Ask) {
        (self.ask, self.typed, self.again, self.shown) = (ask, Field::default(), true, None);
        if self.focus == Focus::Typed && !self.types() {
            self.focus = Focus::Cancel;
        }
    }

    /// Something has to be typed.
    pub fn types(&self) -> bool {
        matches!(self.ask.tier, Tier::Count | Tier::Name)
    }

    pub fn matches(&self) -> bool {
        self.ask.tier == Tier::Yes || self.ask.accepts(self.typed.value())
    }

    pub fn shown(&mut self, now: Timestamp) {
        self.shown.get_or_insert(now);
    }

    pub fn waits_to_be_shown(&self) -> bool {
        self.shown.is_none()
    }

    /// Keys that came before it was on screen, or so soon after, were not meant for it.
    fn seen(&self, now: Timestamp) -> bool {
        self.shown.is_some_and(|shown| now.duration_since(shown) >= GUARD)
    }

    pub fn key(&mut self, key: Key, now: Timestamp) -> Answer {
        match key.code {
            Code::Esc => Answer::No,
            _ if !self.seen(now) => self.ahead(key),
            Code::Tab => self.turn(true, now),
            Code::BackTab => self.turn(false, now),
            Code::Enter => match self.focus {
                Focus::Cancel => Answer::No,
                // Tab and Enter out of one burst are no decision.
                Focus::Start if self.matches() && now.duration_since(self.focused) >= GUARD => Answer::Yes,
                // Typing ends with Enter by habit; it is not what starts.
                Focus::Start | Focus::Typed => Answer::None,
                Focus::List => Answer::Other,
            },
            Code::Up | Code::Down | Code::PageUp | Code::PageDown => Answer::Other,
            _ if self.focus == Focus::Typed => {
                form::edit(&mut self.typed, key);
                Answer::None
            }
            Code::Char('y') if !key.ctrl && !key.alt && self.ask.tier == Tier::Yes => Answer::Yes,
            Code::Char('q') => Answer::No,
            _ => Answer::Other,
        }
    }

    /// The list takes its keys at once. It has none that starts anything, and `y`, Enter and Tab are the question's.
    fn ahead(&self, key: Key) -> Answer {
        let moves = matches!(key.code, Code::Up | Code::Down | Code::PageUp | Code::PageDown | Code::Home | Code::End);
        let listed = matches!(key.code, Code::Char(c) if !matches!(c, 'y' | 'q')) || moves;
        match self.again && self.list && self.focus != Focus::Typed && listed {
            true => Answer::Other,
            false => Answer::None,
        }
    }

    /// What comes next is for the list.
    pub fn leave_to_list(&mut self, now: Timestamp) {
        (self.focus, self.focused) = (Focus::List, now);
    }

    /// From one place to the next. Starting is the last one, and reached on purpose.
    fn turn(&mut self, forward: bool, now: Timestamp) -> Answer {
        let mut places = vec![Focus::Cancel];
        if self.list {
            places.push(Focus::List);
        }
        if self.types() {
            places.push(Focus::Typed);
        }
        if self.ask.tier != Tier::Nothing {
            places.push(Focus::Start);
        }
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.focus = places[(at + step) % places.len()];
        self.focused = now;
        Answer::None
    }
}
