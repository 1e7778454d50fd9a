//! The error every backend call ends with: a kind to act on, a sentence to show, nothing secret.

use std::time::Duration;

use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How far a request came. For a write that is the question: what was answered was not done, what was not answered may
/// have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Nothing left: refused here, or no connection was made.
    #[default]
    NotSent,
    /// The server answered, and the answer was a refusal.
    Answered,
    /// It was sent, or may have been, and no answer came. Only another look at the registry tells what happened.
    Unanswered,
}

/// Names of fields as the system has them, with what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, Clean)>);

#[derive(Clone, Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    pub kind: ErrorKind,
    pub delivery: Delivery,
    /// One sentence: what went wrong and where (host, status, the registry's own code and message).
    pub what: Clean,
    /// One sentence: what to do, where there is something better than the kind's own advice.
    pub hint: Option<Clean>,
    pub status: Option<u16>,
    /// The registry's error code (`MANIFEST_UNKNOWN`).
    pub code: Option<Clean>,
    pub retry_after: Option<Duration>,
    /// For `UntrustedRealm`: the host that wants the password.
    pub realm: Option<Box<Clean>>,
    /// What the system said of single fields of what was sent: a form shows it where they are.
    pub fields: Option<Box<Fields>>,
    /// The answer was larger than it may be. Not said of a sign-in, which comes before what was asked for.
    pub over_cap: bool,
}

impl Error {
    pub fn new(kind: ErrorKind, what: impl AsRef<str>) -> Self {
        Self {
            kind,
            delivery: Delivery::NotSent,
            what: clean::line(what.as_ref()),
            hint: None,
            status: None,
            code: None,
            retry_after: None,
            realm: None,
            fields: None,
            over_cap: false,
        }
    }

    pub fn unsupported(what: &str) -> Self {
        Self::new(ErrorKind::Unsupported, format!("this registry does not support {what}"))
    }

    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(clean::line(hint.as_ref()));
        self
    }

    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// A write that may have been done all the same (safety.md F5).
    pub fn outcome_unknown(&self) -> bool {
        self.delivery == Delivery::Unanswered
    }

    pub fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    pub fn report(&self) -> ErrorReport {
        ErrorReport {
            kind: self.kind,
            what: self.what.clone(),
            hint: self.hint.clone().unwrap_or_else(|| Clean::fixed(advice(self.kind))),
            realm: self.realm.as_deref().cloned(),
            fields: self.fields.as_ref().map(|fields| fields.0.clone()).unwrap_or_default(),
            unsure: self.outcome_unknown(),
        }
    }
}

/// What to do when nothing more specific is known.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SignIn => "Sign in: press e, or run `tagboat login`.",
        ErrorKind::Denied => "Ask for the missing right, or sign in with another account (e).",
        ErrorKind::UntrustedRealm => {
            "Go on only if you know that this is its sign-in server (trusted_realms in the config remembers it)."
        }
        ErrorKind::NotEncrypted => "Use https, or allow plain http for this registry in the config.",
        ErrorKind::NotFound => "It is not there, or hidden from this account.",
        ErrorKind::Unsupported => "The registry cannot do this.",
        ErrorKind::RateLimited => "Wait, then press r.",
        ErrorKind::Network => "Check the address, the network and the proxy, then press r.",
        ErrorKind::Tls => "Add the registry's CA file (ca_cert in the config, or --ca-cert).",
        ErrorKind::Timeout => "The server is slow or silent; press r to try again.",
        ErrorKind::BadAnswer => "Check that the address is a registry and that no proxy answers in its place.",
        ErrorKind::OtherKind => "Add it with kind = \"docker-v1\" in the config.",
        ErrorKind::TooLarge => {
            "It is read only when asked for in spite of its size: the view of the image can do that."
        }
        ErrorKind::Server => "The registry has a problem; press r to try again.",
        ErrorKind::Refused => "The registry refused the request.",
        ErrorKind::Forbidden => "tagboat refuses this for safety.",
        ErrorKind::Config => "Correct the configuration.",
        ErrorKind::Cancelled => "Cancelled.",
        ErrorKind::Internal => "This is a fault in tagboat; the log has more.",
    }
}
