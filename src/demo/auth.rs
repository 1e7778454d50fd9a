//! Sign-in: the challenges of distribution, and a token server on the same listener.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::reply::{self, Answer};
use super::request::{Request, Route, form};
use crate::domain::reference::hex;

/// How a registry wants its users to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Auth {
    #[default]
    Open,
    Basic {
        user: String,
        password: String,
    },
    Bearer {
        user: String,
        password: String,
    },
}

/// The refresh token the token server gives and takes.
pub const REFRESH_TOKEN: &str = "demo-refresh-5f1c9a2e";

pub(super) const SERVICE: &str = "demo-registry";

/// One thing a request needs, as scopes spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Access {
    kind: String,
    name: String,
    action: String,
}

struct Token {
    access: Vec<Access>,
    expires: Instant,
}

pub(super) struct Gate {
    pub auth: Auth,
    /// The actions the user's tokens may hold; what else is asked for is left out without an error (§3.4).
    pub grants: Vec<&'static str>,
    pub anonymous_pull: bool,
    pub token_life: Duration,
    pub realm: String,
    tokens: Mutex<HashMap<String, Token>>,
    issued: AtomicUsize,
}

impl Gate {
    pub fn new(
        auth: Auth,
        grants: Vec<&'static str>,
        anonymous_pull: bool,
        token_life: Duration,
        realm: String,
    ) -> Self {
        Self { auth, grants, anonymous_pull, token_life, realm, tokens: Mutex::default(), issued: AtomicUsize::new(0) }
    }

    pub fn tokens_issued(&self) -> usize {
        self.issued.load(Ordering::Relaxed)
    }

    pub fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// `None` when the request may pass, else the challenge.
    pub fn check(&self, request: &Request, route: &Route<'_>) -> Option<Answer> {
        let needed = needed(request, route);
        match &self.auth {
            Auth::Open => None,
            Auth::Basic { user, password } => {
                let passed = basic(request).is_some_and(|pair| pair == (user.clone(), password.clone()));
                (!passed).then(|| challenge("Basic realm=\"basic-realm\"", &needed))
            }
            Auth::Bearer { .. } => {
                let problem = self.bearer_problem(request, &needed)?;
                let mut text = format!("Bearer realm=\"{}\",service=\"{SERVICE}\"", self.realm);
                if !needed.is_empty() {
                    text.push_str(&format!(",scope=\"{}\"", scope_text(&needed)));
                }
                if !problem.is_empty() {
                    text.push_str(&format!(",error=\"{problem}\""));
                }
                Some(challenge(&text, &needed))
            }
        }
    }

    /// The `error` of the challenge, empty when nothing was presented; `None` when the token is good.
    fn bearer_problem(&self, request: &Request, needed: &[Access]) -> Option<&'static str> {
        let Some(token) = request.header("authorization").and_then(|v| v.strip_prefix("Bearer ")) else {
            return Some("");
        };
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.get(token) {
            Some(token) if token.expires > Instant::now() => {
                let all = needed.iter().all(|access| token.access.contains(access));
                (!all).then_some("insufficient_scope")
            }
            _ => Some("invalid_token"),
        }
    }

    /// The token end point: GET with Basic or nothing, POST with a refresh token or a password.
    pub fn token(&self, request: &Request) -> Answer {
        let Auth::Bearer { user, password } = &self.auth else { return reply::not_found() };
        let posted = request.method == Method::POST;
        let fields = form(if posted { std::str::from_utf8(&request.body).unwrap_or("") } else { &request.query });
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let signed_in = if posted {
            match field("grant_type") {
                "refresh_token" => Some(field("refresh_token") == REFRESH_TOKEN),
                "password" => Some(field("username") == user && field("password") == password),
                _ => return oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            }
        } else if request.headers.contains_key(AUTHORIZATION) {
            Some(basic(request).is_some_and(|pair| pair == (user.clone(), password.clone())))
        } else {
            None
        };
        if signed_in == Some(false) {
            return oauth_error(StatusCode::UNAUTHORIZED, "invalid_grant");
        }
        let asked = fields.iter().filter(|(key, _)| key == "scope").flat_map(|(_, value)| value.split(' '));
        let may = |access: &Access| match signed_in {
            Some(_) => self.grants.contains(&access.action.as_str()),
            None => self.anonymous_pull && access.action == "pull",
        };
        let access: Vec<Access> = asked.flat_map(parse_scope).filter(may).collect();
        let scope = scope_text(&access);
        let wants_refresh = field("offline_token") == "true" || field("access_type") == "offline";
        let mut body = self.issue(access);
        if posted {
            body["scope"] = Value::from(scope);
        }
        if signed_in.is_some() && wants_refresh {
            body["refresh_token"] = Value::from(REFRESH_TOKEN);
        }
        reply::json(&body)
    }

    fn issue(&self, access: Vec<Access>) -> Value {
        let token = random_id();
        let expires = Instant::now() + self.token_life;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(token.clone(), Token { access, expires });
        self.issued.fetch_add(1, Ordering::Relaxed);
        json!({
            "token": token,
            "access_token": token,
            "expires_in": self.token_life.as_secs(),
            "issued_at": jiff::Timestamp::now().to_string(),
        })
    }
}

/// 16 random bytes; an operating system without randomness gets the clock, which is enough to tell ids apart.
pub(super) fn random_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    }
    hex(&bytes)
}

/// What distribution demands for a request (§3.6, observed); OPTIONS needs a sign-in but no right.
fn needed(request: &Request, route: &Route<'_>) -> Vec<Access> {
    let access = |kind: &str, name: &str, action: &str| Access {
        kind: kind.to_owned(),
        name: name.to_owned(),
        action: action.to_owned(),
    };
    if matches!(route, Route::Catalogue) {
        return vec![access("registry", "catalog", "*")];
    }
    let Some(name) = route.repository() else { return Vec::new() };
    let actions: &[&str] = match request.method {
        Method::GET | Method::HEAD => &["pull"],
        Method::PUT | Method::POST | Method::PATCH => &["pull", "push"],
        Method::DELETE => &["delete"],
        _ => &[],
    };
    let mut all: Vec<Access> = actions.iter().map(|action| access("repository", name, action)).collect();
    if request.method == Method::POST
        && let Some(from) = request.parameter("from")
    {
        all.push(access("repository", &from, "pull"));
    }
    all
}

fn scope_text(access: &[Access]) -> String {
    let mut scopes: Vec<(String, Vec<&str>)> = Vec::new();
    for one in access {
        let resource = format!("{}:{}", one.kind, one.name);
        match scopes.iter_mut().find(|(known, _)| *known == resource) {
            Some((_, actions)) => actions.push(&one.action),
            None => scopes.push((resource, vec![&one.action])),
        }
    }
    let texts: Vec<String> =
        scopes.into_iter().map(|(resource, actions)| format!("{resource}:{}", actions.join(","))).collect();
    texts.join(" ")
}

fn parse_scope(scope: &str) -> Vec<Access> {
    let (Some((kind, rest)), Some((_, actions))) = (scope.split_once(':'), scope.rsplit_once(':')) else {
        return Vec::new();
    };
    let name = rest.rsplit_once(':').map_or("", |(name, _)| name);
    let access = |action: &str| Access { kind: kind.to_owned(), name: name.to_owned(), action: action.to_owned() };
    actions.split(',').map(access).collect()
}

pub(super) fn basic(request: &Request) -> Option<(String, String)> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn challenge(text: &str, needed: &[Access]) -> Answer {
    let detail = |a: &Access| json!({"Type": a.kind, "Class": "", "Name": a.name, "Action": a.action});
    let detail: Value = needed.iter().map(detail).collect();
    let mut answer = reply::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "authentication required", &detail);
    reply::set(&mut answer, WWW_AUTHENTICATE, text);
    answer
}

fn oauth_error(status: StatusCode, word: &str) -> Answer {
    let mut answer = reply::json(&json!({"error": word}));
    *answer.status_mut() = status;
    answer
}
