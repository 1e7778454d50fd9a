//! What the user does, as the program sees it: keys, pastes, clicks, a new size, or a terminal that is gone.

mod convert;
mod guard;
mod source;

pub use guard::KeyGuard;
pub use source::Source;

use crate::app::key::Key;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// Text the terminal marked as pasted; it may hold line breaks and control characters.
    Paste(String),
    /// Keys that came too fast to be typed were dropped; sent once per burst.
    PasteBurst,
    Resize(u16, u16),
    Click {
        x: u16,
        y: u16,
    },
    Wheel {
        x: u16,
        y: u16,
        up: bool,
    },
    /// The terminal is gone; nothing follows. Treat it like a hangup.
    Lost,
}
