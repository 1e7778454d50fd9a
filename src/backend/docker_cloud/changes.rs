//! Adding an entry, the account it is pulled with, removing it (docker-cloud.md §5.3 to §5.5). Each is sent once.

use std::sync::{Arc, PoisonError};

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::{DockerCloud, wire};
use crate::backend::Sent;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Op};
use crate::domain::change::{Changed, Form};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;

/// The record of a change that the service keeps (§3).
const ACTION: &str = "x-dockercloud-action-uri";
/// More than this is a server that talks, not one that records.
const RECORDS: usize = 16;

impl DockerCloud {
    pub(super) async fn add(&self, form: &Form) -> Result<Changed> {
        let mut body = login(form.username.as_deref(), form.password.as_ref());
        body.insert("name".to_owned(), form.repo.as_str().into());
        let path = format!("{}repository/", self.root);
        let op = Op::Change("adding an external repository");
        let ask = Ask { turn: Some(&form.repo), ..Ask::json(op, Method::POST, &path, &body.into()) };
        let answer = self.ask(ask).await.map_err(|error| match error.status {
            Some(409) => error.hint("It is already in the list: open it there."),
            _ => error,
        })?;
        self.record(&answer);
        Ok(self.confirm(&form.repo).await)
    }

    /// Nothing shows a login, so what is confirmed is that the entry is there and the service took it.
    pub(super) async fn set_login(
        &self,
        repo: &RepoName,
        username: Option<&str>,
        password: Option<&SecretString>,
    ) -> Result<Changed> {
        let body = login(username, password);
        if body.is_empty() {
            return Err(Error::new(ErrorKind::Forbidden, "neither a user name nor a password was given"));
        }
        let uri = self.uri(repo).await?;
        let op = Op::Change("changing an account to pull with");
        let ask = Ask { turn: Some(repo), ..Ask::json(op, Method::PATCH, &uri, &body.into()) };
        let answer = self.ask(ask).await?;
        self.record(&answer);
        Ok(self.confirm(repo).await)
    }

    pub(super) async fn remove(&self, repo: &RepoName) -> Result<Sent> {
        let uri = match self.uri(repo).await {
            Ok(uri) => uri,
            Err(error) if error.is_not_found() => return Ok(Sent::Gone),
            Err(error) => return Err(error),
        };
        let op = Op::Change("removing an external repository");
        let ask = Ask { method: Method::DELETE, turn: Some(repo), ..Ask::get(op, &uri) };
        match self.ask(ask).await {
            Ok(answer) => {
                self.record(&answer);
                Ok(Sent::Done)
            }
            Err(error) if error.status == Some(404) => Ok(Sent::Gone),
            Err(error) if error.status == Some(409) => {
                Err(error.hint("A service still uses it: change or remove the service first."))
            }
            Err(error) => Err(error),
        }
    }

    async fn confirm(&self, repo: &RepoName) -> Changed {
        match self.look(repo).await {
            Ok(_) => Changed::Confirmed,
            Err(_) => Changed::NotConfirmed,
        }
    }

    /// The path the service itself gave for this entry (§1).
    async fn uri(&self, repo: &RepoName) -> Result<Arc<str>> {
        let known = match self.known.get(repo) {
            Some(known) => known,
            None => self.look(repo).await?,
        };
        let uri = known.uri.unwrap_or_else(|| format!("{}repository/{repo}/", self.root).into());
        if wire::safe_uri(&uri) { Ok(uri) } else { Err(wire::unsafe_uri(&self.http)) }
    }

    fn record(&self, answer: &Answer) {
        let Some(uri) = answer.headers.get(ACTION).and_then(|value| value.to_str().ok()) else { return };
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.len() < RECORDS {
            notices.push(clean::line(&format!("recorded by {} as {uri}", self.http.host())));
        }
    }
}

/// Only what was given is sent.
fn login(username: Option<&str>, password: Option<&SecretString>) -> Map<String, Value> {
    let username = username.map(|text| ("username".to_owned(), text.into()));
    let password = password.map(|secret| ("password".to_owned(), secret.expose_secret().into()));
    username.into_iter().chain(password).collect()
}
