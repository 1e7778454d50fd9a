//! Sign-in: a user name and password give a token, and the token goes with every request (alauda.md §1, §1.1).

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;

use super::{assumed, failure};
use crate::backend::Context;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Credentials, Held, Http, Op, limits, secret_header};
use crate::backend::json::Object;
use crate::domain::error::ErrorKind;
use crate::domain::secret::Credential;

#[derive(Clone)]
struct Token {
    value: SecretString,
    /// Which one it is of those this process has used.
    number: u64,
    /// The credential it is, or was made from.
    generation: u64,
    /// It was not made here but looked up.
    given: bool,
}

pub(super) struct SignIn {
    credentials: Credentials,
    /// Held while a token is made, so that one is made for everybody who waits: each new one ends the one before.
    current: tokio::sync::Mutex<Option<Token>>,
    made: Mutex<Option<SecretString>>,
}

impl SignIn {
    pub fn new(context: &Context, host: String) -> Self {
        let credentials = Credentials::new(Arc::clone(&context.credentials), host);
        Self { credentials, current: tokio::sync::Mutex::default(), made: Mutex::default() }
    }

    /// Any answer. After a 401 a new token is made, once, and the request sent again: a 401 means that it was not done.
    pub async fn ask(&self, http: &Http, path: &str, ask: Ask<'_>) -> Result<Answer> {
        let token = self.token(http, path, None).await?;
        let answer = http.ask(signed(ask.clone(), token.as_ref())?).await?;
        // Another origin's 401 is its own affair.
        if answer.status != 401 || answer.foreign {
            self.proven(token.as_ref(), &answer).await;
            return Ok(answer);
        }
        let stale = token.map(|token| token.number);
        match self.token(http, path, Some(stale.unwrap_or(0))).await? {
            Some(fresh) if Some(fresh.number) != stale => {
                let answer = http.ask(signed(ask, Some(&fresh))?).await?;
                self.proven(Some(&fresh), &answer).await;
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }

    /// The token made from a password: what is stored in the password's place.
    pub fn made(&self) -> Option<SecretString> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whose account it is, where the credential says so.
    pub async fn user(&self) -> Option<String> {
        match self.credentials.get().await.credential {
            Credential::Basic { username, .. } => Some(username),
            _ => None,
        }
    }

    async fn proven(&self, token: Option<&Token>, answer: &Answer) {
        if let Some(token) = token.filter(|_| answer.status < 400) {
            self.credentials.accepted(token.generation).await;
        }
    }

    /// The token to use; another than `stale`. `None`: there is nothing to sign in with.
    async fn token(&self, http: &Http, path: &str, stale: Option<u64>) -> Result<Option<Token>> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| stale != Some(token.number)) {
            return Ok(Some(token.clone()));
        }
        let old = current.take();
        let number = old.as_ref().map_or(0, |token| token.number) + 1;
        let held = match &old {
            // A token that was given is a credential like any other: the same one is not sent again.
            Some(token) if token.given => self.credentials.rejected(token.generation).await,
            Some(_) => Some(self.credentials.get().await),
            None => {
                let held = self.credentials.get().await;
                match stale {
                    Some(_) => self.credentials.rejected(held.generation).await,
                    None => Some(held),
                }
            }
        };
        let Some(held) = held else {
            *current = old;
            return Ok(None);
        };
        let token = match &held.credential {
            Credential::Anonymous => return Ok(None),
            Credential::IdentityToken(value) | Credential::RegistryToken(value) => {
                self.stop_if_refused(http, &held).await?;
                http.may_send_secrets()?;
                Token { value: value.clone(), number, generation: held.generation, given: true }
            }
            Credential::Basic { .. } => {
                let (value, generation) = self.make(http, path, held).await?;
                *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
                Token { value, number, generation, given: false }
            }
        };
        *current = Some(token.clone());
        Ok(Some(token))
    }

    async fn stop_if_refused(&self, http: &Http, held: &Held) -> Result<()> {
        if self.credentials.is_refused(held.generation).await {
            let what = format!("{} refused this sign-in before; it was not sent again", http.host());
            return Err(Error::new(ErrorKind::SignIn, what));
        }
        Ok(())
    }

    /// One request a password: servers that count failures would count every try.
    async fn make(&self, http: &Http, path: &str, mut held: Held) -> Result<(SecretString, u64)> {
        http.may_send_secrets()?;
        loop {
            let Credential::Basic { username, password } = &held.credential else {
                return Err(Error::new(ErrorKind::SignIn, "the user name and password are gone"));
            };
            self.stop_if_refused(http, &held).await?;
            let body = {
                use secrecy::ExposeSecret as _;
                json!({"username": username, "password": password.expose_secret()})
            };
            let answer = http.ask(Ask::json(Op::SignIn, Method::POST, path, &body)).await?;
            match answer.status {
                200..300 => {
                    self.credentials.accepted(held.generation).await;
                    return Ok((read(http, &answer)?, held.generation));
                }
                404 | 405 => {
                    let what = format!("there is no Alauda API at {}: it makes no tokens", http.host());
                    return Err(Error { status: Some(answer.status), ..Error::new(ErrorKind::BadAnswer, what) });
                }
                status if assumed::means_wrong_password(status) => {
                    let Some(other) = self.credentials.rejected(held.generation).await else {
                        let error = failure::declined(http, Op::SignIn, &answer);
                        let error = Error { kind: ErrorKind::SignIn, ..error };
                        return Err(error.hint("The user name or the password is wrong: sign in again (e)."));
                    };
                    held = other;
                }
                _ => return Err(failure::declined(http, Op::SignIn, &answer)),
            }
        }
    }
}

fn read(http: &Http, answer: &Answer) -> Result<SecretString> {
    let document: Object<'_> = http.json(Op::SignIn, answer)?;
    let token = document.some_text("token").filter(|token| token.len() <= limits::TOKEN).map(SecretString::from);
    token.filter(|token| secret_header("Token ", token).is_some()).ok_or_else(|| http.misshapen(Op::SignIn, answer))
}

fn signed<'a>(ask: Ask<'a>, token: Option<&Token>) -> Result<Ask<'a>> {
    let Some(token) = token else { return Ok(ask) };
    let odd = || Error::new(ErrorKind::Config, "the token holds what a request cannot carry");
    Ok(ask.header("authorization", secret_header("Token ", &token.value).ok_or_else(odd)?))
}
