//! What more than one test needs.

pub mod certificates;
pub mod cleanup;
pub mod client;
pub mod clients;
pub mod gestures;
pub mod images;
pub mod line;
pub mod listener;
pub mod many;
pub mod program;
pub mod proxy;
pub mod pty;
pub mod registry;
pub mod skopeo;
pub mod sweeps;
pub mod tokens;
pub mod tree;
pub mod vendor;
pub mod walk;
