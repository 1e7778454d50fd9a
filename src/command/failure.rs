//! Why a command ended early.

use std::io;

use crate::backend;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::store::config::{ConfigError, TargetError};
use crate::store::credentials::CredentialError;

#[derive(Debug)]
pub enum Stop {
    Failed(Failure),
    /// Nobody reads what we write.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The word in JSON.
    pub kind: &'static str,
    pub code: u8,
    pub message: String,
    pub hint: String,
}

impl Failure {
    /// The arguments do not fit.
    pub fn usage(message: &str, hint: &str) -> Self {
        Self { kind: "usage", code: 2, message: safe(message), hint: hint.to_owned() }
    }

    /// For safety, by us; nothing was sent.
    pub fn refused(message: &str, hint: &str) -> Self {
        let kind = ErrorKind::Forbidden;
        Self { kind: word(kind), code: kind.exit_code(), message: safe(message), hint: hint.to_owned() }
    }

    pub fn internal(message: &str, hint: &str) -> Self {
        Self { kind: word(ErrorKind::Internal), code: 1, message: safe(message), hint: hint.to_owned() }
    }
}

fn safe(text: &str) -> String {
    clean::line(text).to_string()
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Failure::internal(&format!("reading or writing failed: {error}"), "Check the disk and the pipe.").into()
    }
}

impl From<backend::Error> for Stop {
    fn from(error: backend::Error) -> Self {
        let report = error.report();
        let own = error.hint.is_none().then(|| advice(report.kind)).flatten();
        Failure {
            kind: word(report.kind),
            code: report.kind.exit_code(),
            message: report.what.to_string(),
            hint: own.map_or_else(|| report.hint.to_string(), str::to_owned),
        }
        .into()
    }
}

/// Where the interface would name a key.
fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::SignIn => "Run `tagboat login`.",
        ErrorKind::Denied => "Ask for the missing right, or sign in with another account.",
        ErrorKind::RateLimited => "Wait, then try again.",
        ErrorKind::Network => "Check the address, the network and the proxy, then try again.",
        ErrorKind::Timeout => "The server is slow or silent; try again, or give it more time with --timeout.",
        ErrorKind::TooLarge => "`tagboat inspect --large` reads it all the same, up to 32 MiB.",
        ErrorKind::Server => "The registry has a problem; try again later.",
        _ => return None,
    })
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        let hint = "Write REGISTRY/REPO[:TAG|@DIGEST]; `tagboat registries` lists the configured names.";
        Failure::usage(error.0.as_str(), hint).into()
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        let hint = "Correct the file; `tagboat config example` shows every key.".to_owned();
        Failure { kind: word(ErrorKind::Config), code: 2, message: error.to_string(), hint }.into()
    }
}

impl From<CredentialError> for Stop {
    fn from(error: CredentialError) -> Self {
        Failure::internal(error.0.as_str(), "Choose another place with --keep, or correct that one.").into()
    }
}

/// The word for a kind in JSON.
pub fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SignIn => "sign-in",
        ErrorKind::Denied => "denied",
        ErrorKind::UntrustedRealm => "untrusted-realm",
        ErrorKind::NotEncrypted => "not-encrypted",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::RateLimited => "rate-limited",
        ErrorKind::Network => "network",
        ErrorKind::Tls => "tls",
        ErrorKind::Timeout => "timeout",
        ErrorKind::BadAnswer | ErrorKind::OtherKind => "bad-answer",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::Server => "server",
        ErrorKind::Refused => "refused",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::Config => "config",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hint_of_a_command_names_a_key() {
        use ErrorKind::{BadAnswer, Denied, Network, NotFound, RateLimited, Server, SignIn, Timeout, Tls, TooLarge};
        for kind in [BadAnswer, Denied, Network, NotFound, RateLimited, Server, SignIn, Timeout, Tls, TooLarge] {
            let Stop::Failed(failure) = Stop::from(backend::Error::new(kind, "x")) else { unreachable!() };
            assert!(!failure.hint.contains("press") && !failure.hint.contains("(e)"), "{}", failure.hint);
        }
    }
}
