//! What more than one test needs.

pub mod images;
pub mod pty;
pub mod registry;
pub mod tree;
