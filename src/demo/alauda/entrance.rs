//! Tokens: how one is made, and who gets in with it (§1, §1.1).

use std::sync::{Mutex, PoisonError};

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::server::Shared;
use super::{refusal, wrong_field};
use crate::demo::reply::{self, Answer};
use crate::demo::request::{Request, form};
use crate::demo::seed::noise_of;

/// The token that is good now: one lives until a new one is made (§1.1).
#[derive(Default)]
struct Current {
    token: Option<SecretString>,
    issued: usize,
    revoked_at: Option<String>,
}

pub(super) struct Entrance(Mutex<Current>);

impl Entrance {
    pub fn new(token: Option<SecretString>) -> Self {
        Self(Mutex::new(Current { token, ..Current::default() }))
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Current) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn revoke(&self) {
        self.with(|current| {
            current.token = None;
            current.revoked_at = Some(now());
        });
    }

    pub fn issued(&self) -> usize {
        self.with(|current| current.issued)
    }

    /// When a token was last made or taken back.
    pub fn revoked_at(&self) -> Option<String> {
        self.with(|current| current.revoked_at.clone())
    }

    fn issue(&self) -> SecretString {
        self.with(|current| {
            current.issued += 1;
            current.revoked_at = Some(now());
            let part = |salt: u64| noise_of(&format!("token {}", current.issued), salt);
            let token = SecretString::from(format!("{:016x}{:016x}{:08x}", part(1), part(2), part(3) >> 32));
            current.token = Some(token.clone());
            token
        })
    }

    /// `None` when the request may pass.
    pub fn check(&self, request: &Request) -> Option<Answer> {
        let text = match request.header("authorization").and_then(|value| value.strip_prefix("Token ")) {
            None => "Authentication credentials were not provided.",
            Some(given) => {
                let good = self.with(|c| c.token.as_ref().is_some_and(|token| token.expose_secret() == given));
                if good {
                    return None;
                }
                "Invalid token"
            }
        };
        let mut answer = refusal(StatusCode::UNAUTHORIZED, text);
        reply::set(&mut answer, WWW_AUTHENTICATE, "Token");
        Some(answer)
    }
}

/// The moment as the service writes it (§2).
pub(super) fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// One field of a body that is JSON or a form: clients send both (§8.7).
fn field(request: &Request, name: &str) -> Option<String> {
    match request.object() {
        Some(object) => object.get(name).and_then(Value::as_str).map(str::to_owned),
        None => {
            let text = String::from_utf8_lossy(&request.body);
            form(&text).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        }
    }
}

/// `POST /v1/generate-api-token/`
pub(super) fn token(shared: &Shared, request: &Request) -> Answer {
    let options = &shared.options;
    let (Some(user), Some(password)) = (field(request, "username"), field(request, "password")) else {
        let missing = if field(request, "username").is_none() { "username" } else { "password" };
        return wrong_field(missing, "This field is required.");
    };
    if user != options.user || password != options.password.expose_secret() {
        // Which status it is, is not documented; the framework's token call has this one.
        return wrong_field("non_field_errors", "Unable to login with provided credentials.");
    }
    let token = shared.entrance.issue();
    let mut body = json!({ "token": token.expose_secret() });
    if options.names_user {
        let namespace = field(request, "organization").unwrap_or_else(|| options.user.clone());
        body["namespace"] = namespace.into();
        body["username"] = options.user.as_str().into();
        body["email"] = format!("{}@example.cn", options.user).into();
    }
    let mut answer = reply::document(StatusCode::OK, &body);
    reply::set(&mut answer, CACHE_CONTROL, "no-store");
    answer
}
