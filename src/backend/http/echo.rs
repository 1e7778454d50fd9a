//! Some servers, and every debugging proxy, repeat in an error what they were sent. Such an error is not shown and not
//! logged: it would carry the password to wherever the sentence goes (safety.md A9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::AUTHORIZATION;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::form_urlencoded;

use super::content::Content;
use super::wire::{Outgoing, Purpose};

/// Shorter ones occur in any text.
const LEAST: usize = 4;
/// Fields of a sign-in whose values are secret.
const SECRETS: [&str; 3] = ["password", "refresh_token", "client_secret"];

/// The body of an error, or nothing where it repeats a secret of the request.
pub fn without(body: Bytes, out: &Outgoing) -> Bytes {
    let repeats = |secret: &SecretString| {
        let secret = secret.expose_secret().as_bytes();
        secret.len() >= LEAST && body.windows(secret.len()).any(|part| part == secret)
    };
    if secrets(out).iter().any(repeats) { Bytes::new() } else { body }
}

fn secrets(out: &Outgoing) -> Vec<SecretString> {
    let mut found = Vec::new();
    let sent = out.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((_, sent)) = sent.and_then(|value| value.split_once(' ')) {
        let pair = STANDARD.decode(sent).ok().map(Zeroizing::new);
        let pair = pair.as_ref().and_then(|pair| std::str::from_utf8(pair).ok());
        found.extend(pair.and_then(|pair| pair.split_once(':')).map(|(_, password)| SecretString::from(password)));
        found.push(SecretString::from(sent));
    }
    // Keys of systems that have headers of their own for them.
    let others = out.headers.iter().filter(|(name, value)| value.is_sensitive() && **name != AUTHORIZATION);
    found.extend(others.filter_map(|(_, value)| value.to_str().ok()).map(SecretString::from));
    match &out.content {
        Content::Form(form) => {
            let fields = form_urlencoded::parse(form.expose_secret().as_bytes());
            let secret = fields.filter(|(name, _)| SECRETS.contains(&&**name));
            found.extend(secret.map(|(_, value)| SecretString::from(value.into_owned())));
        }
        Content::Bytes(bytes) if out.purpose == Purpose::Token => {
            let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let secret = SECRETS.iter().filter_map(|name| document.get(name)?.as_str());
            found.extend(secret.map(SecretString::from));
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::credential;
    use super::*;
    use std::time::Duration;

    fn sent(password: &str, form: Option<&str>) -> Outgoing {
        let mut headers = reqwest::header::HeaderMap::new();
        let basic = credential::basic("me", &SecretString::from(password)).expect("a header");
        headers.insert(AUTHORIZATION, basic);
        Outgoing {
            method: reqwest::Method::POST,
            url: "https://r.example/token".parse().expect("a URL"),
            headers,
            content: form.map_or(Content::Nothing, |form| Content::Form(form.into())),
            purpose: Purpose::Token,
            gzip: false,
            first_byte: Duration::ZERO,
            cap: 0,
            tap: None,
        }
    }

    #[test]
    fn a_body_that_repeats_a_secret_is_dropped() {
        let form = "grant_type=refresh_token&refresh_token=s3cr3t%2B2&client_id=tagboat";
        let out = sent("s3cr3t 1", Some(form));
        let kept = |text: &str| without(Bytes::from(text.to_owned()), &out).len() == text.len();
        for text in ["", "no such user me", "tagboat may not", "s3cr3t", "refresh_token"] {
            assert!(kept(text), "{text}");
        }
        for text in ["wrong: s3cr3t 1", "Basic bWU6czNjcjN0IDE=", "{\"refresh_token\":\"s3cr3t+2\"}"] {
            assert!(!kept(text), "{text}");
        }
        let short = sent("a", None);
        assert_eq!(without(Bytes::from_static(b"bad"), &short), "bad");
    }

    #[test]
    fn keys_in_other_headers_and_in_json_are_secrets_too() {
        let mut out = sent("s3cr3t 1", None);
        let mut key = reqwest::header::HeaderValue::from_static("key-0815");
        key.set_sensitive(true);
        out.headers.insert("x-api-key", key);
        out.headers.insert("x-workspace-id", reqwest::header::HeaderValue::from_static("a workspace"));
        let document = r#"{"client_id":"key-id","client_secret":"very s3cr3t"}"#;
        out.content = Content::Bytes(Bytes::from_static(document.as_bytes()));
        let kept = |text: &str, out: &Outgoing| !without(Bytes::from(text.to_owned()), out).is_empty();
        assert!(kept("a workspace of key-id", &out));
        assert!(!kept("wrong: key-0815", &out) && !kept("wrong: very s3cr3t", &out));
        out.purpose = Purpose::Registry;
        assert!(kept("wrong: very s3cr3t", &out), "what is changed is no sign-in");
    }
}
