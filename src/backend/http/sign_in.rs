//! Asking a realm for a token (oci-distribution.md §3.4).

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};
use url::{Url, form_urlencoded};

use super::content::Content;
use super::redirect;
use super::retry::{Next, Retry};
use super::token::{self, Token};
use super::wire::{Outgoing, Purpose, Reply, Wire};
use super::{credential, failure, limits, realm};
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::secret::Credential;

const CLIENT: &str = "tagboat";

/// What to ask for. The scope wanted now comes first: some token servers read only that one.
#[derive(Clone, Debug)]
pub struct Wish {
    pub realm: Url,
    pub service: Option<String>,
    pub scopes: Vec<String>,
}

/// The realm must have passed `realm::resolve`, and `realm::trust` unless the credential is anonymous.
pub async fn fetch(wire: &Wire, wish: &Wish, credential: &Credential) -> Result<Token> {
    let mut reply = match credential {
        Credential::IdentityToken(secret) => {
            ask(wire, post(wish, &[("grant_type", "refresh_token"), ("refresh_token", secret.expose_secret())])).await?
        }
        _ => ask(wire, get(wish, credential)).await?,
    };
    if reply.status == 405
        && let Credential::Basic { username, password } = credential
    {
        let form =
            [("grant_type", "password"), ("username", username.as_str()), ("password", password.expose_secret())];
        reply = ask(wire, post(wish, &form)).await?;
    }
    let host = realm::host_of(&wish.realm);
    if reply.status == 200
        && let Some(token) = token::parse(&reply.body, Instant::now(), Timestamp::now())
    {
        return Ok(token);
    }
    Err(refusal(&host, &reply, credential))
}

fn refusal(host: &str, reply: &Reply, credential: &Credential) -> Error {
    let said = failure::parse(&reply.body);
    let status = reply.status;
    let (kind, what) = match (status, credential) {
        (401 | 403, Credential::Anonymous) => (ErrorKind::SignIn, format!("{host} wants a sign-in")),
        (401, _) => (ErrorKind::SignIn, format!("{host} refused the user name or password")),
        // GHCR and Hub do not tell the two apart (oci-distribution.md §3.4).
        (403, _) => (
            ErrorKind::Denied,
            format!("{host} gave no token: the credentials are wrong, or there is no such repository for this account"),
        ),
        (400 | 404 | 405, Credential::IdentityToken(_)) => (
            ErrorKind::SignIn,
            format!(
                "the sign-in server {host} does not take identity tokens ({status}); a user name and password are needed"
            ),
        ),
        (429, _) => (ErrorKind::RateLimited, format!("the sign-in server {host} wants us to wait (429)")),
        _ => {
            let kind = if status >= 500 { ErrorKind::Server } else { ErrorKind::BadAnswer };
            let with = match status {
                _ if failure::is_html(&reply.headers, &reply.body) => " with a web page",
                200 => " with no token that can be used",
                _ => "",
            };
            (kind, format!("the sign-in server {host} did not answer properly: {status}{with}"))
        }
    };
    let what = said.message.as_ref().filter(|_| status != 200).map_or(what.clone(), |said| format!("{what}: {said}"));
    failure::with_status(Error::new(kind, what), status, &said)
}

fn get(wish: &Wish, credential: &Credential) -> Outgoing {
    let mut out = outgoing(wish, Method::GET);
    {
        let mut query = out.url.query_pairs_mut();
        if let Some(service) = &wish.service {
            query.append_pair("service", service);
        }
        for scope in &wish.scopes {
            query.append_pair("scope", scope);
        }
        query.append_pair("client_id", CLIENT);
        if let Credential::Basic { username, .. } = credential {
            query.append_pair("account", username);
        }
    }
    if let Credential::Basic { username, password } = credential
        && let Some(value) = credential::basic(username, password)
    {
        out.headers.insert(AUTHORIZATION, value);
    }
    out
}

fn post(wish: &Wish, grant: &[(&str, &str)]) -> Outgoing {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant);
    if let Some(service) = &wish.service {
        form.append_pair("service", service);
    }
    form.append_pair("client_id", CLIENT);
    if !wish.scopes.is_empty() {
        form.append_pair("scope", &wish.scopes.join(" "));
    }
    let mut out = outgoing(wish, Method::POST);
    out.content = Content::Form(SecretString::from(form.finish()));
    out
}

fn outgoing(wish: &Wish, method: Method) -> Outgoing {
    Outgoing {
        method,
        url: wish.realm.clone(),
        headers: HeaderMap::new(),
        content: Content::Nothing,
        purpose: Purpose::Token,
        gzip: false,
        first_byte: limits::FIRST_BYTE,
        cap: limits::TOKEN_ANSWER,
        tap: None,
    }
}

/// A GET is sent again like any other; a POST only after a 429.
async fn ask(wire: &Wire, out: Outgoing) -> Result<Reply> {
    let mut retry = Retry::new(wire.total);
    let safe = out.method == Method::GET;
    loop {
        let started = Instant::now();
        let asked = timeout(retry.left(), redirect::follow(wire, out.clone())).await;
        retry.spend(started.elapsed());
        let next = match &asked {
            Ok(Ok(reply)) if safe || reply.status == 429 => retry.after_status(reply.status, &reply.headers),
            Ok(Err(fault)) if safe && fault.again => retry.after_fault(),
            _ => Next::Stop,
        };
        match next {
            Next::Wait(wait) | Next::Pause(wait) => tokio::time::sleep(wait).await,
            Next::Stop => {
                let late =
                    || Error::new(ErrorKind::Timeout, format!("{} did not answer in time", realm::host_of(&out.url)));
                return asked.map_err(|_| late())?.map_err(Error::from);
            }
        }
    }
}
