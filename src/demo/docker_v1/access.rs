//! Tokens and cookies: an index gives the first, the registry checks them and may give the second.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::StatusCode;
use hyper::header::{SET_COOKIE, WWW_AUTHENTICATE};

use super::answer;
use super::options::IndexRules;
use crate::demo::auth::random_id;
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;

/// A repository and the kind of access to it: `read`, `write` or `delete`.
type Grant = (String, String);

#[derive(Default)]
pub(super) struct Tokens {
    /// By signature.
    given: Mutex<HashMap<String, Grant>>,
    /// By the value of the cookie.
    sessions: Mutex<HashMap<String, HashSet<Grant>>>,
    count: AtomicUsize,
}

/// Who may pass: for which repository, and with which cookie from now on.
pub(super) struct Pass {
    pub repository: String,
    pub cookie: Option<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tokens {
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Every token and cookie so far is worthless from now on.
    pub fn forget(&self) {
        lock(&self.given).clear();
        lock(&self.sessions).clear();
    }

    /// The text of a new token, without the word in front.
    pub fn give(&self, repository: &str, access: &str) -> String {
        let signature = random_id();
        lock(&self.given).insert(signature.clone(), (repository.to_owned(), access.to_owned()));
        self.count.fetch_add(1, Ordering::Relaxed);
        format!("signature={signature},repository=\"{repository}\",access={access}")
    }

    /// Whether a registry lets this through: `repository` is that of the path, where the path has one.
    pub fn check(&self, request: &Request, repository: Option<&str>, rules: IndexRules) -> Option<Pass> {
        if let Some(header) = request.header("authorization") {
            return self.by_token(request, header, repository, rules);
        }
        let cookie = request.header("cookie").filter(|_| rules.cookie)?;
        let value = cookie.split("; ").find_map(|pair| pair.strip_prefix("session="))?;
        let sessions = lock(&self.sessions);
        let fits = |(of, access): &&Grant| repository.is_none_or(|name| name == of) && allows(access, request);
        let (repository, _) = sessions.get(value)?.iter().find(fits)?;
        Some(Pass { repository: repository.clone(), cookie: None })
    }

    fn by_token(&self, request: &Request, header: &str, repository: Option<&str>, rules: IndexRules) -> Option<Pass> {
        // The word may stand there twice: some clients put theirs in front of the index's.
        let scheme = header.split(' ').next().unwrap_or("");
        if !scheme.eq_ignore_ascii_case("token") {
            return None;
        }
        let fields = fields(header);
        let field = |name: &str| fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| *value);
        let grant = (field("repository").to_owned(), field("access").to_owned());
        if repository.is_some_and(|name| name != grant.0) || !allows(&grant.1, request) {
            return None;
        }
        let signature = field("signature");
        let mut given = lock(&self.given);
        if *given.get(signature)? != grant {
            return None;
        }
        if rules.single_use {
            given.remove(signature);
        }
        let cookie = rules.cookie.then(|| self.session(request, grant.clone()));
        Some(Pass { repository: grant.0, cookie })
    }

    /// Every check of a token gives the cookie a new value, which takes over what the old one opened.
    fn session(&self, request: &Request, grant: Grant) -> String {
        let mut sessions = lock(&self.sessions);
        let old = request.header("cookie").and_then(|text| text.split("; ").find_map(|c| c.strip_prefix("session=")));
        let mut grants = old.and_then(|value| sessions.remove(value)).unwrap_or_default();
        grants.insert(grant);
        let value = random_id();
        sessions.insert(value.clone(), grants);
        value
    }
}

/// A token of one kind opens the methods of that kind and no others; HEAD is none of reading.
fn allows(access: &str, request: &Request) -> bool {
    match request.method.as_str() {
        "GET" => access == "read",
        "POST" | "PUT" => access == "write",
        "DELETE" => access == "delete",
        _ => false,
    }
}

/// `key=value` or `key="value"`, between commas.
fn fields(header: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for part in header.split(',') {
        let Some((key, value)) = part.split_once('=') else { continue };
        found.push((key.rsplit(' ').next().unwrap_or(key), value.trim_matches('"')));
    }
    found
}

pub(super) fn refused() -> Answer {
    let mut answer = answer::error(StatusCode::UNAUTHORIZED, "Requires authorization");
    reply::set(&mut answer, WWW_AUTHENTICATE, "Token");
    answer
}

pub(super) fn set_cookie(answer: &mut Answer, value: &str) {
    reply::set(answer, SET_COOKIE, &format!("session={value}; Path=/; HttpOnly"));
}
