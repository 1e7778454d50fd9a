//! The only place that knows crossterm's events.

use crossterm::event::{
    Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::Input;
use crate::app::key::{Key, KeyCode};

/// `None` for what the program has no use for.
pub fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) => key(event).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(width, height) => Some(Input::Resize(width, height)),
        Event::Mouse(event) => mouse(event),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    // Windows and the kitty protocol also report releases; a repeat is a press to us.
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::Insert => KeyCode::Insert,
        Code::Delete => KeyCode::Delete,
        Code::F(n) => KeyCode::F(n),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    Some(Key::new(code, held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), held(KeyModifiers::SHIFT)))
}

fn mouse(event: MouseEvent) -> Option<Input> {
    let (x, y) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Input::Click { x, y }),
        MouseEventKind::ScrollUp => Some(Input::Wheel { x, y, up: true }),
        MouseEventKind::ScrollDown => Some(Input::Wheel { x, y, up: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(code: Code, modifiers: KeyModifiers) -> String {
        key(KeyEvent::new(code, modifiers)).unwrap().to_string()
    }

    #[test]
    fn shift_is_levelled() {
        assert_eq!(named(Code::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(named(Code::Char('G'), KeyModifiers::NONE), "G");
        assert_eq!(named(Code::BackTab, KeyModifiers::SHIFT), "backtab");
        assert_eq!(named(Code::Tab, KeyModifiers::SHIFT), "backtab");
        assert_eq!(named(Code::Up, KeyModifiers::SHIFT), "shift-up");
        assert_eq!(named(Code::Char('D'), KeyModifiers::CONTROL | KeyModifiers::SHIFT), "ctrl-d");
        assert_eq!(named(Code::Char(' '), KeyModifiers::CONTROL), "ctrl-space");
    }

    #[test]
    fn releases_and_lone_modifiers_are_no_keys() {
        let mut event = KeyEvent::new(Code::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Repeat;
        assert_eq!(key(event), Some(Key::char('a')));
        event.kind = KeyEventKind::Release;
        assert_eq!(key(event), None);
        assert_eq!(key(KeyEvent::new(Code::CapsLock, KeyModifiers::NONE)), None);
    }

    #[test]
    fn mouse() {
        let event = |kind| input(Event::Mouse(MouseEvent { kind, column: 3, row: 4, modifiers: KeyModifiers::NONE }));
        let click = MouseEventKind::Down(MouseButton::Left);
        assert_eq!(event(click), Some(Input::Click { x: 3, y: 4 }));
        let wheel = Input::Wheel { x: 3, y: 4, up: true };
        assert_eq!(event(MouseEventKind::ScrollUp), Some(wheel));
        assert_eq!(event(MouseEventKind::Moved), None);
    }
}
