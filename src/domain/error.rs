//! What went wrong, in words and in a kind that code can act on.

use super::clean::Clean;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// 401 without usable credentials, or credentials that were refused.
    SignIn,
    /// Signed in, but not allowed: 403, or 401 with `insufficient_scope`.
    Denied,
    /// The registry wants the password sent to a host nobody confirmed yet (`Error::realm`).
    UntrustedRealm,
    /// Credentials would travel over plain http, and nobody allowed that yet.
    NotEncrypted,
    NotFound,
    /// The server cannot do it: 405, 501, `UNSUPPORTED`.
    Unsupported,
    /// 429, or a wait longer than we are willing to sit out.
    RateLimited,
    /// DNS, connect, reset.
    Network,
    Tls,
    Timeout,
    /// The server answered, but not what the protocol says: HTML, truncated JSON, wrong digest, over a cap.
    BadAnswer,
    /// A registry answered, of another kind than it was taken for: Docker Registry v1 where OCI was expected.
    OtherKind,
    /// A manifest or a config over the usual cap, and perhaps not over the one of an explicit request.
    TooLarge,
    /// 5xx.
    Server,
    /// 4xx that is none of the above.
    Refused,
    /// We refuse: read-only mode, an unsafe redirect, an invalid name.
    Forbidden,
    Config,
    Cancelled,
    /// Our own fault, or the disk's.
    Internal,
}

impl ErrorKind {
    /// It says nothing of what was asked for: nobody answered, or not to us, or not now.
    pub fn is_no_answer(self) -> bool {
        matches!(
            self,
            Self::Network
                | Self::Tls
                | Self::Timeout
                | Self::SignIn
                | Self::UntrustedRealm
                | Self::NotEncrypted
                | Self::RateLimited
        )
    }

    /// The exit code of a command that ends with this error (interface.md §1).
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Config => 2,
            Self::SignIn | Self::Denied | Self::UntrustedRealm | Self::NotEncrypted => 3,
            Self::NotFound => 4,
            Self::Network | Self::Tls | Self::Timeout | Self::BadAnswer | Self::OtherKind | Self::TooLarge => 5,
            Self::Server | Self::RateLimited => 5,
            Self::Unsupported | Self::Forbidden | Self::Refused => 6,
            Self::Cancelled => 130,
            Self::Internal => 1,
        }
    }
}

/// An error ready to be shown: comparable, cloneable, free of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    pub kind: ErrorKind,
    /// One sentence: what went wrong, and where.
    pub what: Clean,
    /// One sentence: what to do about it.
    pub hint: Clean,
    /// For `UntrustedRealm`: the host that wants the password.
    pub realm: Option<Clean>,
    /// What the system said of single fields of what was sent, by the names it has for them: a form shows it there.
    pub fields: Vec<(String, Clean)>,
    /// A change that may have been done all the same: only another look tells.
    pub unsure: bool,
}

impl ErrorReport {
    pub fn new(kind: ErrorKind, what: Clean, hint: Clean) -> Self {
        Self { kind, what, hint, realm: None, fields: Vec::new(), unsure: false }
    }
}
