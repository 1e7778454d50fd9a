//! One HTTP client per registry: authentication, redirects, retries, limits, caps and deadlines, for every request.
//! Backends say what they want (`Call`) and get a complete, capped, successful `Answer` or an `Error` with a sentence.

use bytes::Bytes;

use super::{Context, Result};
use crate::domain::registry::RegistryProfile;

/// What kind of request this is: decides deadlines, caps, encodings and what is logged. Every kind has a row in the
/// leak test (safety.md I1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Ping,
    Catalog,
    Tags,
    Manifest,
    Referrers,
    Blob,
}

/// One request to the registry's own origin. The client has no way to send a write yet; that comes with deletes.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub op: Op,
    /// HEAD instead of GET. A HEAD has no body.
    pub head: bool,
    /// Path below the registry's URL, starting with `/v2/`, already safe for a URL.
    pub path: &'a str,
    /// Raw query without `?`.
    pub query: Option<&'a str>,
    pub accept: Option<&'static str>,
    pub if_none_match: Option<&'a str>,
    /// The scope to ask for up front once the origin is known to use Bearer (`repository:x:pull`).
    pub scope: Option<&'a str>,
    /// Most bytes of decoded body; more is a `BadAnswer`.
    pub cap: u64,
}

/// A successful answer (2xx, or 304 to `if_none_match`).
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Bytes,
}

pub struct Http {}

impl Http {
    pub fn new(_profile: &RegistryProfile, _context: &Context) -> Result<Self> {
        Ok(Self {})
    }

    /// Sends, authenticates, follows, retries, reads the whole body.
    pub async fn send(&self, _call: Call<'_>) -> Result<Answer> {
        Err(super::Error::unsupported("anything yet"))
    }

    /// The sign-in scheme seen at this origin so far: "none", "basic", "bearer".
    pub fn scheme(&self) -> Option<&'static str> {
        None
    }

    /// "http, not encrypted", "h2", "http/1.1": of the last answer.
    pub fn transport(&self) -> Option<&'static str> {
        None
    }

    /// Requests the adaptive limit allows in flight now.
    pub fn parallelism(&self) -> usize {
        8
    }
}
