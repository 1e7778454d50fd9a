//! What people do with several keys, looking at the screen in between.
#![cfg(unix)]

use std::time::Duration;

use super::pty::{Pty, pause};

/// A question is taken as meant when it has been on the screen for a while.
pub fn look() {
    pause(Duration::from_millis(350));
}

impl Pty {
    /// A filter, and back into the list once the screen says that it holds.
    #[track_caller]
    pub fn narrow(&mut self, text: &str, says: &str) {
        self.filter(text);
        self.wait_for(says);
        self.press("\r");
        self.wait_until("the list", |screen| !screen.contains("Enter keep"));
    }

    /// `t` and another name; what has that name now is known. The button is not pressed.
    #[track_caller]
    pub fn name_tag(&mut self, name: &str) {
        self.press("t");
        self.wait_for("New tag");
        self.wait_for("on this image already");
        self.press("\x15");
        self.press(name);
        self.wait_for("Exists ");
        self.wait_until("the target is seen", |screen| !screen.contains("Exists  ..."));
    }

    /// From the field that asks for it: types it, and presses the button behind it.
    #[track_caller]
    pub fn type_what_is_asked(&mut self, asked: &str) {
        self.press(asked);
        self.wait_for("matches");
        self.press("\t");
        look();
        self.press("\r");
    }

    /// In the history: the operation is taken back, once its number is typed.
    #[track_caller]
    pub fn take_back(&mut self, says: &str) {
        self.press("u");
        self.wait_for(says);
        look();
        self.press("\t");
        self.type_what_is_asked("1");
    }
}
