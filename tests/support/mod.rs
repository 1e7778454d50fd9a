//! What more than one test needs.

pub mod images;
pub mod registry;
pub mod tree;
