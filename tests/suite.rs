//! The integration tests: one binary, so that the program is linked once.

mod backend_contract;
mod backend_oci;
mod commands;
mod demo_like_distribution;
mod demo_skopeo;
mod docs;
mod hostile;
mod leaks;
mod login;
mod memory;
mod picture;
mod proxies;
mod real_content;
mod real_registry;
mod real_registry_bearer;
mod secrets;
mod state;
mod strangers;
mod support;
mod terminal;
mod terminal_keys;
mod terminal_life;
mod tidy;
mod tls;
