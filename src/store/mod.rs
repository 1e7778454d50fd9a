//! What stays on disk: places, config, credentials, journals, cache and state.

pub mod cache;
pub mod config;
pub mod credentials;
pub mod env;
pub mod exchange;
pub mod journal;
mod naming;
pub mod part;
pub mod places;
pub mod private;
pub mod save;
mod sqlite;
pub mod state;

pub use sqlite::is_network;
