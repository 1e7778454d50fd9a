//! Plans, one rule a test, and all of them against a simulated server.

mod cases;
mod property;
pub mod server;
pub mod world;
