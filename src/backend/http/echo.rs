//! Some servers, and every debugging proxy, repeat in an error what they were sent. Such an error is not shown and not
//! logged: it would carry the password to wherever the sentence goes (safety.md A9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::AUTHORIZATION;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::content::Content;
use super::wire::Outgoing;

/// Shorter ones occur in any text.
const LEAST: usize = 4;

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
    if let Content::Form(form) = &out.content {
        let fields = form_urlencoded::parse(form.expose_secret().as_bytes());
        let secret = fields.filter(|(name, _)| matches!(&**name, "password" | "refresh_token"));
        found.extend(secret.map(|(_, value)| SecretString::from(value.into_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::credential;
    use super::super::wire::Purpose;
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
}
