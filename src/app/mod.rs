//! What the program is, apart from any screen: keys, actions, state.

pub mod action;
pub mod key;
pub mod keymap;
