//! What a token allows, read from the token itself where it is a JWT of the distribution's form
//! (docs.docker.com, "Token Authentication Implementation"). Shown, and never relied on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::clean::{self, Clean};

/// Scopes shown of one token.
const MOST: usize = 8;

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    access: Vec<Access>,
}

#[derive(Deserialize)]
struct Access {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    actions: Vec<String>,
}

pub fn granted(token: &SecretString) -> Vec<Clean> {
    let claims = token.expose_secret().split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.and_then(|bytes| serde_json::from_slice::<Claims>(&bytes).ok());
    let access = claims.map(|claims| claims.access).unwrap_or_default();
    let words = |one: Access| clean::line(&format!("{} {}: {}", one.kind, one.name, one.actions.join(", ")));
    access.into_iter().take(MOST).map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> SecretString {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).into()
    }

    #[test]
    fn scopes_are_read_and_cleaned() {
        let claims = r#"{"access":[{"type":"repository","name":"a\u001b[2J","actions":["pull","push"]}],"sub":"me"}"#;
        let found = granted(&token(claims));
        assert_eq!(found.len(), 1);
        assert!(found[0].as_str().starts_with("repository a") && found[0].as_str().ends_with(": pull, push"));
        assert!(!found[0].as_str().contains('\u{1b}'));
    }

    #[test]
    fn tokens_of_other_forms_say_nothing() {
        for text in ["opaque", "a.b.c", "e30.e30.x", ""] {
            assert!(granted(&text.to_owned().into()).is_empty(), "{text}");
        }
    }
}
