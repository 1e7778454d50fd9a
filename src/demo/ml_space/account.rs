//! Who may sign in, and what is checked before a call is answered.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::json;

use super::answer::{self, Checked, Detail};
use super::check::Check;
use super::store::Store;
use crate::demo::auth::random_id;
use crate::demo::reply::Answer;
use crate::demo::request::Request;
use crate::domain::uuid::Uuid;

/// A person's key or that of a service account.
#[derive(Clone)]
pub struct Account {
    pub key_id: String,
    pub key_secret: String,
    pub email: String,
    /// A service account has no password for Docker (§2.4).
    pub person: bool,
    /// What `docker login` takes at this moment.
    pub password: String,
    /// The `x-api-key` of every workspace this account may use.
    pub api_keys: BTreeMap<Uuid, String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("email", &self.email).field("person", &self.person).finish_non_exhaustive()
    }
}

struct Token {
    /// Where its account stands in the store.
    account: usize,
    ends: Instant,
}

/// The tokens that were given.
pub(super) struct Gate {
    pub life: Duration,
    tokens: Mutex<HashMap<String, Token>>,
    issued: AtomicUsize,
}

/// Codes of a 401 (§7).
const WRONG_KEY: u32 = 1;
const NO_API_KEY: u32 = 9;
const WRONG_API_KEY: u32 = 10;
const NO_AUTHORIZATION: u32 = 19;
const TOKEN_OVER: u32 = 20;
const TOKEN_WRONG: u32 = 21;

impl Gate {
    pub fn new(life: Duration) -> Self {
        Self { life, tokens: Mutex::default(), issued: AtomicUsize::new(0) }
    }

    pub fn issued(&self) -> usize {
        self.issued.load(Ordering::Relaxed)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, Token>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every token given so far is over from now on (401, code 20).
    pub fn expire(&self) {
        let now = Instant::now();
        self.tokens().values_mut().for_each(|token| token.ends = now);
    }

    /// No token given so far is known any more (401, code 21).
    pub fn forget(&self) {
        self.tokens().clear();
    }

    /// `service_auth`: asked without any of the headers (§2.1).
    pub fn sign_in(&self, store: &Store, request: &Request) -> Answer {
        let mut check = Check::new(request);
        let (id, secret) = (check.text("client_id"), check.text("client_secret"));
        let (Some(id), Some(secret)) = (id, secret) else { return check.refusal() };
        let known = store.accounts.iter().position(|a| a.key_id == id && a.key_secret == secret);
        let Some(account) = known else { return unauthorized(WRONG_KEY, "invalid user credentials") };
        let text = format!("eyJ{}{}", random_id(), random_id());
        self.tokens().insert(text.clone(), Token { account, ends: Instant::now() + self.life });
        self.issued.fetch_add(1, Ordering::Relaxed);
        answer::ok(&json!({
            "token": {"access_token": text, "token_type": "Bearer", "expires_in": self.life.as_secs()},
            "status": "ok", "error_code": 0, "error_message": "",
        }))
    }

    /// Whose token this is; with and without `Bearer` (§2).
    pub fn account(&self, request: &Request) -> Checked<usize> {
        let Some(sent) = request.header("authorization").filter(|value| !value.is_empty()) else {
            return Err(unauthorized(NO_AUTHORIZATION, "Authorization header is missing").into());
        };
        let text = sent.strip_prefix("Bearer ").unwrap_or(sent);
        let tokens = self.tokens();
        let Some(token) = tokens.get(text) else {
            return Err(unauthorized(TOKEN_WRONG, "Token is not valid").into());
        };
        if token.ends <= Instant::now() {
            return Err(unauthorized(TOKEN_OVER, "Token has expired").into());
        }
        Ok(token.account)
    }

    /// The three headers of a registry call, in the order of §9: which account, which workspace.
    pub fn pass(&self, store: &Store, request: &Request) -> Checked<(usize, Uuid)> {
        let Some(workspace) = request.header("x-workspace-id") else {
            return Err(answer::invalid(&[Detail::missing("header", "x-workspace-id")]).into());
        };
        let at = self.account(request)?;
        let Some(key) = request.header("x-api-key").filter(|key| !key.is_empty()) else {
            return Err(unauthorized(NO_API_KEY, "x-api-key header is missing").into());
        };
        let known = |workspace| store.accounts.get(at)?.api_keys.get(&workspace);
        match Uuid::parse(workspace).filter(|workspace| known(*workspace).is_some_and(|known| known == key)) {
            Some(workspace) => Ok((at, workspace)),
            None => Err(unauthorized(WRONG_API_KEY, "x-api-key does not belong to this workspace").into()),
        }
    }
}

/// The key of the workspace in the header, or in the query as the vendor's plug-in asks.
pub(super) fn api_key(store: &Store, account: usize, request: &Request) -> Answer {
    let workspace = request.parameter("workspace_id").or_else(|| request.header("x-workspace-id").map(str::to_owned));
    let workspace = workspace.as_deref().and_then(Uuid::parse);
    let key = workspace.and_then(|workspace| store.accounts.get(account)?.api_keys.get(&workspace));
    match key {
        Some(key) => answer::ok(&json!({"x-api-key": key})),
        None => answer::invalid_argument("role model access checking error"),
    }
}

/// A GET that changes something: the password before this one stops working (§2.4).
pub(super) fn new_password(store: &mut Store, account: usize) -> Answer {
    match store.accounts.get_mut(account) {
        Some(account) if account.person => {
            account.password = random_id();
            answer::ok(&json!({"password": account.password}))
        }
        _ => answer::invalid_argument("password is available for personal accounts only"),
    }
}

fn unauthorized(code: u32, message: &str) -> Answer {
    answer::with(StatusCode::UNAUTHORIZED, &json!({"error_code": code, "error_message": message}))
}
