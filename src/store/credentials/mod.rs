//! Where secrets come from and where they go.

use std::io;

use crate::domain::clean::{self, Clean};

mod chain;
mod docker;
mod docker_write;
mod helper;
mod host;
mod known;
mod own;
mod session;
mod sign;

pub use chain::{Chain, Credentials};
pub use known::Known;
pub use sign::SaveIn;

/// Why a secret was not saved or removed. Never holds the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialError(pub Clean);

impl CredentialError {
    fn new(message: &str) -> Self {
        Self(clean::line(message))
    }

    fn io(what: &str, error: &io::Error) -> Self {
        Self::new(&format!("{what}: {error}"))
    }
}

#[cfg(all(test, unix))]
mod damaged_tests;
#[cfg(test)]
mod tests;
