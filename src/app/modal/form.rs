//! Fields, choices and buttons of a dialog, walked with Tab.

pub mod area;
pub mod labels;

use std::borrow::Cow;
use std::fmt;

use tui_input::InputRequest;

use area::Area;
use labels::Labels;

use super::colour::ColourPicker;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::domain::clean::{self, Clean};

#[derive(Clone)]
pub enum Control {
    Text {
        label: &'static str,
        field: Field,
        secret: bool,
    },
    /// Several lines; Enter is one of them.
    Area {
        label: &'static str,
        area: Area,
    },
    Labels {
        label: &'static str,
        labels: Labels,
    },
    Choice {
        label: &'static str,
        options: Vec<Cow<'static, str>>,
        picked: usize,
    },
    /// A name or #RRGGBB; empty for none.
    Colour {
        label: &'static str,
        picker: ColourPicker,
    },
    Button {
        label: &'static str,
    },
}

/// Without what was typed: it may be a password.
impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { label, .. } => write!(f, "Text({label})"),
            Self::Area { label, .. } => write!(f, "Area({label})"),
            Self::Labels { label, .. } => write!(f, "Labels({label})"),
            Self::Choice { label, picked, .. } => write!(f, "Choice({label}, {picked})"),
            Self::Colour { label, .. } => write!(f, "Colour({label})"),
            Self::Button { label } => write!(f, "Button({label})"),
        }
    }
}

impl Control {
    pub fn text(label: &'static str, value: &str) -> Self {
        Self::Text { label, field: Field::new(value.to_owned()), secret: false }
    }

    pub fn choice(label: &'static str, options: &[&'static str]) -> Self {
        Self::Choice { label, options: options.iter().map(|text| (*text).into()).collect(), picked: 0 }
    }

    pub fn label(&self) -> &'static str {
        match self {
            Self::Text { label, .. }
            | Self::Area { label, .. }
            | Self::Labels { label, .. }
            | Self::Choice { label, .. }
            | Self::Colour { label, .. }
            | Self::Button { label } => label,
        }
    }

    fn is_typed(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Area { .. } | Self::Labels { .. } | Self::Colour { .. })
    }
}

#[derive(Clone, Debug)]
pub struct Form {
    pub controls: Vec<Control>,
    pub focus: usize,
    /// What is wrong with single controls, each said below it.
    pub wrong: Vec<(usize, Clean)>,
}

/// What a key meant to a control of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was for the control.
    Taken,
    /// Above its first line, or below the last one.
    Up,
    Down,
    /// Nothing here.
    Other,
}

/// What a key did to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Nothing,
    Cancelled,
    /// This button was pressed.
    Pressed(usize),
}

impl Form {
    pub fn new(controls: Vec<Control>) -> Self {
        Self { controls, focus: 0, wrong: Vec::new() }
    }

    pub fn typing(&self) -> bool {
        match self.controls.get(self.focus) {
            Some(Control::Text { .. } | Control::Area { .. } | Control::Colour { .. }) => true,
            Some(Control::Labels { labels, .. }) => labels.typing(),
            Some(Control::Choice { .. } | Control::Button { .. }) | None => false,
        }
    }

    /// The text of the field with this position.
    pub fn text(&self, at: usize) -> &str {
        match self.controls.get(at) {
            Some(Control::Text { field, .. }) => field.value(),
            Some(Control::Area { area, .. }) => area.text(),
            _ => "",
        }
    }

    /// The colour field with this position.
    pub fn colour(&self, at: usize) -> Option<&ColourPicker> {
        match self.controls.get(at) {
            Some(Control::Colour { picker, .. }) => Some(picker),
            _ => None,
        }
    }

    pub fn picked(&self, at: usize) -> usize {
        match self.controls.get(at) {
            Some(Control::Choice { picked, .. }) => *picked,
            _ => 0,
        }
    }

    pub fn paste(&mut self, text: &str) {
        match self.controls.get_mut(self.focus) {
            Some(Control::Text { field, .. }) => insert(field, text),
            Some(Control::Area { area, .. }) => area.paste(text),
            Some(Control::Colour { picker, .. }) => picker.paste(text),
            Some(Control::Labels { labels, .. }) if labels.typing() => insert(&mut labels.field, text),
            _ => {}
        }
    }

    /// The control with the focus may want a key for itself.
    fn inside(&mut self, key: Key) -> Step {
        match self.controls.get_mut(self.focus) {
            Some(Control::Area { area, .. }) => area.key(key),
            Some(Control::Labels { labels, .. }) => labels.key(key),
            _ => Step::Other,
        }
    }

    pub fn key(&mut self, key: Key) -> Done {
        let count = self.controls.len().max(1);
        let step = match key.code {
            Code::Esc | Code::Tab | Code::BackTab => Step::Other,
            _ => self.inside(key),
        };
        match key.code {
            _ if step == Step::Taken => {}
            _ if step == Step::Down => self.focus = (self.focus + 1) % count,
            _ if step == Step::Up => self.focus = (self.focus + count - 1) % count,
            Code::Esc => return Done::Cancelled,
            Code::Tab | Code::Down => self.focus = (self.focus + 1) % count,
            Code::BackTab | Code::Up => self.focus = (self.focus + count - 1) % count,
            Code::Enter if self.is_last_text() => match self.first_button() {
                Some(button) => return Done::Pressed(button),
                None => self.focus = (self.focus + 1) % count,
            },
            _ => match self.controls.get_mut(self.focus) {
                Some(Control::Text { .. } | Control::Colour { .. }) if key.code == Code::Enter => {
                    self.focus = (self.focus + 1) % count
                }
                Some(Control::Text { field, .. }) => {
                    edit(field, key);
                }
                Some(Control::Colour { picker, .. }) => drop(picker.key(key)),
                Some(Control::Choice { options, picked, .. }) => match key.code {
                    Code::Right | Code::Char(' ' | 'l') => *picked = (*picked + 1) % options.len().max(1),
                    Code::Left | Code::Char('h') => *picked = (*picked + options.len() - 1) % options.len().max(1),
                    Code::Enter => self.focus = (self.focus + 1) % count,
                    _ => {}
                },
                Some(Control::Button { .. }) => match key.code {
                    Code::Enter | Code::Char(' ') => return Done::Pressed(self.focus),
                    // Buttons stand in one row.
                    Code::Right | Code::Char('l') => self.focus = (self.focus + 1) % count,
                    Code::Left | Code::Char('h') => self.focus = (self.focus + count - 1) % count,
                    _ => {}
                },
                Some(Control::Area { .. } | Control::Labels { .. }) | None => {}
            },
        }
        Done::Nothing
    }

    /// Everything that has to be typed has been: people expect Enter to go on from here.
    fn is_last_text(&self) -> bool {
        let last = self.controls.iter().rposition(Control::is_typed);
        last == Some(self.focus)
    }

    fn first_button(&self) -> Option<usize> {
        self.controls.iter().position(|control| matches!(control, Control::Button { .. }))
    }
}

/// Inserts pasted text: one line, without what cannot be seen. A field shows what it holds, and what nobody sees in it
/// nobody would take out again.
pub fn insert(field: &mut Field, text: &str) {
    for c in text.chars().filter(|c| clean::is_visible(*c)).take(4096) {
        field.handle(InputRequest::InsertChar(c));
    }
}

/// The readline keys of a text field. Returns whether the text changed.
pub fn edit(field: &mut Field, key: Key) -> bool {
    let request = match (key.code, key.ctrl) {
        (Code::Char('a'), true) | (Code::Home, _) => InputRequest::GoToStart,
        (Code::Char('e'), true) | (Code::End, _) => InputRequest::GoToEnd,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        (Code::Char('u'), true) => InputRequest::DeleteLine,
        (Code::Char('k'), true) => InputRequest::DeleteTillEnd,
        (Code::Char('h'), true) | (Code::Backspace, _) => InputRequest::DeletePrevChar,
        (Code::Char('d'), true) | (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, _) => InputRequest::GoToPrevChar,
        (Code::Right, _) => InputRequest::GoToNextChar,
        (Code::Char(c), false) if !key.alt && clean::is_visible(c) => InputRequest::InsertChar(c),
        _ => return false,
    };
    field.handle(request).is_some_and(|change| change.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_after_the_last_thing_to_type_presses_the_first_button() {
        let text = |label| Control::Text { label, field: Field::default(), secret: false };
        let mut form = Form::new(vec![text("User"), text("Password"), Control::Button { label: "Sign in" }]);
        let enter: Key = "enter".parse().unwrap();
        assert!(matches!(form.key(enter), Done::Nothing));
        assert_eq!(form.focus, 1);
        assert!(matches!(form.key(enter), Done::Pressed(2)));
    }

    #[test]
    fn pasted_newlines_press_nothing() {
        let mut form = Form::new(vec![
            Control::Text { label: "User", field: Field::default(), secret: false },
            Control::Button { label: "Save" },
        ]);
        form.paste("b\u{202e}o\u{200b}b\r\n\u{1b}[A");
        assert_eq!(form.text(0), "bob[A");
        assert_eq!(form.focus, 0);
    }
}
