//! The terminal: what is sent to it, and how it is left as it was found.

pub mod backend;
pub mod guard;
mod output;
mod paint;
pub mod panic;
mod sgr;
mod shadow;

#[cfg(test)]
mod pane_tests;
#[cfg(test)]
mod screen_tests;

pub use backend::{Screen, ScreenOptions};
pub use guard::{Guard, GuardOptions, restore};
pub use output::{Output, check_tty, size};

/// The screen the program draws on.
pub type Terminal = ratatui::Terminal<Screen<Output>>;
