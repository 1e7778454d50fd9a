//! A request taken apart, and the record of it.

use hyper::HeaderMap;
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::HOST;
use serde_json::{Map, Value};

use crate::domain::reference::{Digest, RepoName, TagName};

/// One request as it arrived. Tests read these to prove where credentials went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub method: String,
    pub path: String,
    /// Without the `?`; empty when there is none.
    pub query: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it is text: token requests carry secrets there.
    pub body: String,
}

impl Logged {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

pub(super) struct Request {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The longest body the log keeps.
const LOGGED_BODY: usize = 4096;

impl Request {
    pub fn logged(&self) -> Logged {
        let value = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        Logged {
            method: self.method.to_string(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.iter().map(|(name, v)| (name.to_string(), value(v))).collect(),
            body: String::from_utf8_lossy(&self.body[..self.body.len().min(LOGGED_BODY)]).into_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The origin the client thinks it talks to: distribution builds its Locations from this (§10).
    pub fn origin(&self) -> String {
        format!("http://{}", self.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1"))
    }

    pub fn parameter(&self, name: &str) -> Option<String> {
        form(&self.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The body, when it is a JSON object.
    pub fn object(&self) -> Option<Map<String, Value>> {
        serde_json::from_slice(&self.body).ok()
    }

    pub fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }
}

/// The pairs of a query or of a form body, decoded.
pub(super) fn form(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(key, true), decode(value, true))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// A path, decoded. A plus is a plus there.
pub(super) fn decoded(path: &str) -> String {
    decode(path, false)
}

fn decode(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 2;
            }
            None => out.push(if plus_is_blank && bytes[at] == b'+' { b' ' } else { bytes[at] }),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Go's `url.QueryEscape`.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{b:02X}")),
        }
        out
    })
}

/// What a path below `/v2/` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Ping,
    Catalogue,
    Tags(&'a str),
    Manifest(&'a str, &'a str),
    Blob(&'a str, &'a str),
    Uploads(&'a str),
    Upload(&'a str, &'a str),
    Referrers(&'a str, Digest),
}

/// What distribution's router takes for a digest; whether it is one is found out later.
fn like_digest(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+.=".contains(&b));
    text.split_once(':').is_some_and(|(algorithm, rest)| part(algorithm) && part(rest))
}

/// A digest of an algorithm that distribution knows.
pub(super) fn known_digest(text: &str) -> Option<Digest> {
    let known = ["sha256:", "sha512:"].iter().any(|algorithm| text.starts_with(algorithm));
    Digest::parse(text).ok().filter(|_| known)
}

impl<'a> Route<'a> {
    /// `None` for everything distribution's router answers with a plain 404, invalid names and digests included.
    pub fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/v2/")?;
        match rest {
            "" => return Some(Self::Ping),
            "_catalog" => return Some(Self::Catalogue),
            _ => {}
        }
        let named = |name: &'a str| RepoName::parse(name).is_ok().then_some(name);
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return named(name).map(Self::Tags);
        }
        if let Some((name, id)) = rest.rsplit_once("/blobs/uploads/") {
            let name = named(name)?;
            return Some(if id.is_empty() { Self::Uploads(name) } else { Self::Upload(name, id) });
        }
        let (head, last) = rest.rsplit_once('/')?;
        let (name, kind) = head.rsplit_once('/')?;
        let name = named(name)?;
        match kind {
            "manifests" if TagName::parse(last).is_ok() || like_digest(last) => Some(Self::Manifest(name, last)),
            "blobs" if like_digest(last) => Some(Self::Blob(name, last)),
            "referrers" => Digest::parse(last).ok().map(|digest| Self::Referrers(name, digest)),
            _ => None,
        }
    }

    pub fn repository(&self) -> Option<&'a str> {
        match self {
            Self::Ping | Self::Catalogue => None,
            Self::Tags(name)
            | Self::Manifest(name, _)
            | Self::Blob(name, _)
            | Self::Uploads(name)
            | Self::Upload(name, _)
            | Self::Referrers(name, _) => Some(name),
        }
    }
}
