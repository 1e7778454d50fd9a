//! Sign-in: the user name and key go with every request; there is no token and no challenge (docker-cloud.md §2).

use std::sync::Arc;

use reqwest::header::HeaderValue;

use crate::backend::Context;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Credentials, Held, Http, basic, secret_header};
use crate::domain::error::ErrorKind;
use crate::domain::secret::Credential;

/// A source that gives another secret each time is not asked for ever.
const ROUNDS: usize = 2;

pub(super) struct SignIn(Credentials);

impl SignIn {
    pub fn new(context: &Context, host: String) -> Self {
        Self(Credentials::new(Arc::clone(&context.credentials), host))
    }

    /// Any answer. After a 401 the secret is looked up again: another one is tried, the same one is not.
    pub async fn ask(&self, http: &Http, ask: Ask<'_>) -> Result<Answer> {
        let mut held = self.0.get().await;
        let mut round = 1;
        loop {
            let answer = http.ask(self.signed(http, ask.clone(), &held).await?).await?;
            // Another origin's 401 is its own affair.
            if answer.status != 401 || answer.foreign {
                if answer.status < 400 {
                    self.0.accepted(held.generation).await;
                }
                return Ok(answer);
            }
            match self.0.rejected(held.generation).await {
                Some(fresh) if round < ROUNDS => held = fresh,
                _ => return Ok(answer),
            }
            round += 1;
        }
    }

    async fn signed<'a>(&self, http: &Http, ask: Ask<'a>, held: &Held) -> Result<Ask<'a>> {
        let Some(value) = header(&held.credential)? else { return Ok(ask) };
        if self.0.is_refused(held.generation).await {
            let what = format!("{} refused the user name or key; they were not sent again", http.host());
            return Err(Error::new(ErrorKind::SignIn, what));
        }
        http.may_send_secrets()?;
        Ok(ask.header("authorization", value))
    }
}

/// A ready-made value goes as it is: containers with an API role are given one.
fn header(credential: &Credential) -> Result<Option<HeaderValue>> {
    let value = match credential {
        Credential::Anonymous => return Ok(None),
        Credential::Basic { username, password } => basic(username, password),
        Credential::IdentityToken(ready) | Credential::RegistryToken(ready) => secret_header("", ready),
    };
    let odd = || Error::new(ErrorKind::Config, "the user name or key holds what a request cannot carry");
    value.map(Some).ok_or_else(odd)
}
