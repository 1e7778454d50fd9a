//! Cookies that a registry gives in the place of a token: kept for the host that set them, and sent to no other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::backend::http::{limits, secret_header};

/// What one host may leave here.
const MOST: usize = 20;

#[derive(Default)]
pub(super) struct Jar(Mutex<HashMap<String, BTreeMap<String, SecretString>>>);

impl Jar {
    /// Takes what an answer of this host sets. Whatever domain a cookie names, it stays with its host.
    pub fn take(&self, from: &Url, headers: &HeaderMap) -> bool {
        let mut jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = jar.entry(origin(from)).or_default();
        let mut set = false;
        for header in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = header.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if gone || value.is_empty() {
                cookies.remove(name);
            } else if header.len() <= limits::HEADER && (cookies.len() < MOST || cookies.contains_key(name)) {
                cookies.insert(name.to_owned(), SecretString::from(value.to_owned()));
                set = true;
            }
        }
        set
    }

    pub fn header(&self, to: &Url) -> Option<HeaderValue> {
        let jar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = jar.get(&origin(to)).filter(|cookies| !cookies.is_empty())?;
        let pairs: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect();
        secret_header("", &SecretString::from(pairs.join("; ")))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    fn set(jar: &Jar, from: &str, cookies: &[&'static str]) -> bool {
        let headers = cookies.iter().map(|cookie| (SET_COOKIE, HeaderValue::from_static(cookie)));
        jar.take(&url(from), &headers.collect())
    }

    fn sent(jar: &Jar, to: &str) -> Option<String> {
        jar.header(&url(to)).map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_cookie_stays_with_its_host() {
        let jar = Jar::default();
        assert!(set(&jar, "https://r.example/v1/", &["session=one; Path=/; Domain=example", "csrf=2"]));
        assert_eq!(sent(&jar, "https://r.example/x").as_deref(), Some("csrf=2; session=one"));
        for other in ["https://example/", "https://a.r.example/", "https://r.example:5000/", "http://r.example/"] {
            assert_eq!(sent(&jar, other), None, "{other}");
        }
        assert!(set(&jar, "https://r.example/", &["session=two"]));
        assert_eq!(sent(&jar, "https://r.example/").as_deref(), Some("csrf=2; session=two"));
        assert!(!set(&jar, "https://r.example/", &["session=x; Max-Age=0", "nothing", "csrf="]));
        assert_eq!(sent(&jar, "https://r.example/"), None);
        assert!(jar.header(&url("https://r.example/")).is_none_or(|value| value.is_sensitive()));
    }
}
