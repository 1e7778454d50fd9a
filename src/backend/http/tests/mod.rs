//! Whole requests against raw servers on loopback.

mod asks;
#[cfg(unix)]
mod damaged;
mod server;
mod sign_in;
mod strange_sign_in;
mod transfer;
mod waits;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::*;
use crate::backend::Settings;
use crate::domain::content::NoCache;
use crate::domain::secret::{Credential, CredentialSource, Found};

/// Gives one credential a look-up, the last one for ever.
struct Source {
    given: Vec<Credential>,
    asked: AtomicUsize,
}

#[async_trait]
impl CredentialSource for Source {
    async fn lookup(&self, _host: &str) -> Found {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let credential = self.given.get(number).or(self.given.last()).cloned().unwrap_or_default();
        Found { credential, ..Found::default() }
    }
}

fn basic(password: &str) -> Credential {
    Credential::Basic { username: "me".into(), password: password.into() }
}

fn open(url: &str, given: Vec<Credential>) -> (Http, Arc<Source>) {
    open_with(url, given, Settings::default())
}

fn open_with(url: &str, given: Vec<Credential>, settings: Settings) -> (Http, Arc<Source>) {
    let source = Arc::new(Source { given, asked: AtomicUsize::new(0) });
    let context = Context { credentials: Arc::clone(&source) as _, cache: Arc::new(NoCache), settings };
    let profile = RegistryProfile { name: "test".into(), url: url.into(), ..RegistryProfile::default() };
    (Http::new(&profile, &context).expect("client"), source)
}

fn call(op: Op, path: &str) -> Call<'_> {
    Call { op, head: false, path, query: None, accept: Some("application/json"), range: None, scope: None, cap: 4096 }
}
