//! runtime

pub mod input;
pub mod signals;
pub mod terminal;
pub mod world;
