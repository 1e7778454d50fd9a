//! Plain values: no I/O, no screen, no clock. Everything above speaks in these types.

pub mod address;
pub mod capability;
pub mod change;
pub mod clean;
pub mod cleanup;
pub mod colour;
pub mod content;
pub mod css;
#[cfg(all(test, unix))]
pub mod damaged;
#[cfg(all(test, unix))]
mod damaged_tests;
pub mod error;
pub mod filter;
pub mod home;
pub mod image;
pub mod inventory;
pub mod label;
pub mod lookalike;
pub mod order;
pub mod outcome;
pub mod page;
pub mod parts;
pub mod recorded;
pub mod reference;
pub mod registry;
pub mod repository;
pub mod secret;
pub mod sweep;
pub mod tag;
pub mod text;
pub mod transfer;
pub mod undo;
pub mod uuid;
pub mod words;
