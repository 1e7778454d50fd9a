//! Sign-in (ml-space.md §2): a token for the account, a key for its workspace, and every call with both. Each is asked
//! for once for all who wait, and again when an answer says that it is over.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::failure::{self, NO_KEY, NO_NAMESPACE, WRONG_KEY, WRONG_SECRET};
use super::{convert, wire};
use crate::backend::Context;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Credentials, Held, Http, Op, limits, secret_header};
use crate::backend::json::Object;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;
use crate::domain::repository::Scope;
use crate::domain::secret::Credential;
use crate::domain::uuid::Uuid;

/// A token is renewed so long before its end.
const MARGIN: Duration = Duration::from_secs(60);
/// The life of a token that does not say it.
const LIFE: u64 = 3600;

const WORKSPACES: Op = Op::List("listing workspaces");
const KEY: Op = Op::Read("asking for the key of the workspace");

/// A call of the API.
#[derive(Clone, Copy)]
pub(super) struct Want<'a> {
    pub op: Op,
    pub method: &'a Method,
    /// Below the API's base.
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub body: Option<&'a Value>,
    pub turn: Option<&'a RepoName>,
    /// A 401 says that nothing was done, so that the call goes out again after a new sign-in. Never for a password.
    pub again: bool,
}

impl<'a> Want<'a> {
    pub fn get(op: Op, path: &'a str) -> Self {
        Self { op, method: &Method::GET, path, query: None, body: None, turn: None, again: true }
    }

    pub fn change(op: Op, method: &'a Method, path: &'a str, body: &'a Value) -> Self {
        Self { op, method, path, query: None, body: Some(body), turn: None, again: true }
    }
}

/// A secret of which there is a newer one sometimes.
#[derive(Clone)]
struct Kept {
    secret: SecretString,
    /// Which one it is, so that those who failed with the same one renew it once.
    number: u64,
    /// `None`: it is not for a second call.
    until: Option<Instant>,
}

impl Kept {
    fn is_good(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }
}

#[derive(Default)]
struct Slot {
    kept: Option<Kept>,
    given: u64,
}

impl Slot {
    fn put(&mut self, secret: SecretString, until: Option<Instant>) -> Kept {
        self.given += 1;
        let kept = Kept { secret, number: self.given, until };
        self.kept = Some(kept.clone());
        kept
    }

    /// Unless somebody has got a newer one meanwhile.
    fn forget(&mut self, number: u64) {
        self.kept.take_if(|kept| kept.number == number);
    }
}

pub(super) struct Session {
    credentials: Credentials,
    token: Mutex<Slot>,
    key: Mutex<Slot>,
    /// As the config has it: an id or a name.
    configured: Option<String>,
    workspace: OnceCell<Looked>,
}

/// The workspace that is looked at.
struct Looked {
    id: Uuid,
    /// What the server says of it, where the config says nothing.
    told: Option<Arc<Scope>>,
}

impl Session {
    pub fn new(context: &Context, host: &str, configured: Option<String>) -> Self {
        Self {
            credentials: Credentials::new(Arc::clone(&context.credentials), host.to_owned()),
            token: Mutex::default(),
            key: Mutex::default(),
            configured: configured.filter(|text| !text.trim().is_empty()),
            workspace: OnceCell::new(),
        }
    }

    /// A call to the registry of the workspace, with all three headers. Any answer but a 401 that another sign-in
    /// mends.
    pub async fn send(&self, http: &Http, want: Want<'_>) -> Result<Answer> {
        let workspace = self.workspace(http).await?;
        let (mut token, mut key) = (self.token(http).await?, self.key(http, workspace).await?);
        let (mut renewed, mut rekeyed) = (false, false);
        loop {
            let mut ask = ask(want)?;
            ask = with_token(http, ask, &token)?.header("x-workspace-id", plain(&workspace.to_string())?);
            ask = ask.header("x-api-key", secret_header("", &key.secret).ok_or_else(|| unfit(http, "key"))?);
            let answer = http.ask(ask).await?;
            if answer.status != 401 || answer.foreign {
                return Ok(answer);
            }
            match failure::code(&answer) {
                Some(WRONG_SECRET | NO_NAMESPACE) => return Ok(answer),
                Some(NO_KEY | WRONG_KEY) => {
                    self.key.lock().await.forget(key.number);
                    if rekeyed || !want.again {
                        return Ok(answer);
                    }
                    rekeyed = true;
                    key = self.key(http, workspace).await?;
                }
                _ => {
                    self.token.lock().await.forget(token.number);
                    if renewed || !want.again {
                        return Ok(answer);
                    }
                    renewed = true;
                    token = self.token(http).await?;
                }
            }
        }
    }

    /// The workspaces of the account.
    pub async fn workspaces(&self, http: &Http) -> Result<Vec<wire::Workspace>> {
        let want = Want::get(WORKSPACES, "/workspaces/v3/");
        let answer = self.send_with(http, want, Ok).await?;
        if answer.status != 200 {
            return Err(failure::declined(http, want.op, &answer));
        }
        let text = String::from_utf8_lossy(&answer.body);
        let list = Object::parse(&text).and_then(|body| wire::list(body.raw("workspaces")?, wire::workspace));
        Ok(list.ok_or_else(|| http.misshapen(want.op, &answer))?.entries)
    }

    /// The workspace this is about: the one of the config, or the only one there is.
    pub async fn workspace(&self, http: &Http) -> Result<Uuid> {
        Ok(self.workspace.get_or_try_init(|| self.choose(http)).await?.id)
    }

    /// The only one there is, where the config names none; known as soon as something was read there.
    pub fn only_one(&self) -> Option<Arc<Scope>> {
        self.workspace.get()?.told.clone()
    }

    async fn choose(&self, http: &Http) -> Result<Looked> {
        if let Some(id) = self.configured.as_deref().and_then(Uuid::parse) {
            return Ok(Looked { id, told: None });
        }
        let all = self.workspaces(http).await?;
        let fits = |one: &&wire::Workspace| self.configured.as_ref().is_none_or(|name| *name == one.name);
        let mut fitting = all.iter().filter(fits);
        if let (Some(one), None) = (fitting.next(), fitting.next()) {
            return Ok(Looked { id: one.id, told: self.configured.is_none().then(|| Arc::new(convert::scope(one))) });
        }
        let what = match &self.configured {
            Some(name) if all.iter().any(|one| one.name == *name) => {
                format!("{} has more than one workspace {name}", http.host())
            }
            Some(name) => format!("{} has no workspace {name} for this account", http.host()),
            None if all.is_empty() => format!("this account has no workspace at {}", http.host()),
            None => format!("{} has {} workspaces, and the config does not say which", http.host(), all.len()),
        };
        let names: Vec<String> = all.iter().map(|one| format!("{} ({})", one.id, one.name)).collect();
        let error = Error::new(ErrorKind::Config, what);
        Err(if names.is_empty() { error } else { error.hint(format!("Choose one of: {}.", names.join(", "))) })
    }

    /// A call that needs the token alone.
    async fn send_with<'a>(
        &self,
        http: &Http,
        want: Want<'a>,
        more: impl Fn(Ask<'a>) -> Result<Ask<'a>>,
    ) -> Result<Answer> {
        let mut renewed = false;
        loop {
            let token = self.token(http).await?;
            let answer = http.ask(more(with_token(http, ask(want)?, &token)?)?).await?;
            let over = answer.status == 401 && !answer.foreign;
            if !over || matches!(failure::code(&answer), Some(WRONG_SECRET | NO_NAMESPACE)) {
                return Ok(answer);
            }
            self.token.lock().await.forget(token.number);
            if renewed {
                return Ok(answer);
            }
            renewed = true;
        }
    }

    /// The key of the workspace (§2.2). Whoever comes while it is asked for waits for that answer.
    async fn key(&self, http: &Http, workspace: Uuid) -> Result<Kept> {
        let mut slot = self.key.lock().await;
        if let Some(kept) = &slot.kept {
            return Ok(kept.clone());
        }
        let want = Want::get(KEY, "/workspaces/v1/x_api_key");
        let id = workspace.to_string();
        // The vendor's plug-in sends an empty key, too.
        let more = |ask: Ask<'static>| {
            Ok(ask.header("x-workspace-id", plain(&id)?).header("x-api-key", HeaderValue::from_static("")))
        };
        let answer = self.send_with(http, want, more).await?;
        match answer.status {
            200 => {}
            // "role model access checking error": a 400 that means a missing right.
            400 => {
                let mut error = failure::declined(http, KEY, &answer);
                error.kind = ErrorKind::Denied;
                return Err(error.hint(format!("Choose a workspace that this account may use; this one is {id}.")));
            }
            _ => return Err(failure::declined(http, KEY, &answer)),
        }
        let text = String::from_utf8_lossy(&answer.body);
        let key = Object::parse(&text).and_then(|body| body.some_text("x-api-key"));
        let key = key.filter(|key| key.len() <= limits::TOKEN).map(SecretString::from);
        Ok(slot.put(key.ok_or_else(|| http.misshapen(KEY, &answer))?, None))
    }

    /// The token. Whoever comes while one is asked for waits for that answer.
    async fn token(&self, http: &Http) -> Result<Kept> {
        let mut slot = self.token.lock().await;
        if let Some(kept) = slot.kept.as_ref().filter(|kept| kept.is_good()) {
            return Ok(kept.clone());
        }
        let mut held = self.credentials.get().await;
        loop {
            let (answer, sent) = self.sign_in(http, &held).await?;
            if answer.status == 200 {
                let (token, until) = read_token(&answer).ok_or_else(|| http.misshapen(Op::SignIn, &answer))?;
                self.credentials.accepted(sent).await;
                return Ok(slot.put(token, until));
            }
            let error = failure::declined(http, Op::SignIn, &answer);
            if answer.status != 401 {
                return Err(error);
            }
            match self.credentials.rejected(sent).await {
                Some(fresh) => held = fresh,
                None => return Err(error),
            }
        }
    }

    async fn sign_in(&self, http: &Http, held: &Held) -> Result<(Answer, u64)> {
        let needs = |what: String| {
            Error::new(ErrorKind::SignIn, what).hint("Sign in with the Key ID as user and the Key Secret as password.")
        };
        let Credential::Basic { username, password } = &held.credential else {
            return Err(needs(format!("{} needs a Key ID and its Key Secret", http.host())));
        };
        if self.credentials.is_refused(held.generation).await {
            return Err(needs(format!("{} has refused this Key ID and Secret before", http.host())));
        }
        http.may_send_secrets()?;
        let body = json!({"client_id": username, "client_secret": password.expose_secret()});
        let mut ask = Ask::json(Op::SignIn, Method::POST, "/service_auth", &body);
        ask.cap = limits::TOKEN_ANSWER;
        Ok((http.ask(ask).await?, held.generation))
    }
}

fn ask(want: Want<'_>) -> Result<Ask<'_>> {
    let ask = match want.body {
        Some(body) => Ask::json(want.op, want.method.clone(), want.path, body),
        None => Ask { method: want.method.clone(), ..Ask::get(want.op, want.path) },
    };
    Ok(Ask { query: want.query, turn: want.turn, cap: limits::TAGS_PAGE, ..ask })
}

fn with_token<'a>(http: &Http, ask: Ask<'a>, token: &Kept) -> Result<Ask<'a>> {
    http.may_send_secrets()?;
    let value = secret_header("Bearer ", &token.secret).ok_or_else(|| unfit(http, "token"))?;
    Ok(ask.header("authorization", value))
}

fn unfit(http: &Http, what: &str) -> Error {
    Error::new(ErrorKind::BadAnswer, format!("{} gave a {what} that fits into no header", http.host()))
}

fn plain(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| Error::new(ErrorKind::Internal, "an id fits into no header"))
}

/// The token, and until when it is used (§2.1): the fields beside it are out of date.
fn read_token(answer: &Answer) -> Option<(SecretString, Option<Instant>)> {
    let text = String::from_utf8_lossy(&answer.body);
    let token = Object::parse(&text)?.object("token")?;
    let secret = token.some_text("access_token").filter(|text| text.len() <= limits::TOKEN)?;
    let life = token.raw("expires_in").map_or(Some(LIFE as i64), |raw| raw.parse().ok()).unwrap_or(LIFE as i64);
    Some((secret.into(), lasts(life).map(|life| Instant::now() + life)))
}

/// How long a token is used that lives so many seconds; nothing where it is not to be used twice.
fn lasts(seconds: i64) -> Option<Duration> {
    let life = Duration::from_secs(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?);
    Some(life.min(limits::TOKEN_LIFE_MOST).saturating_sub(MARGIN).max(Duration::from_secs(1)))
}

/// Nothing of what is secret here.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let configured = self.configured.as_deref().map(clean::identifier);
        f.debug_struct("Session").field("configured", &configured).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: Default::default(), body: body.to_owned().into(), foreign: false }
    }

    #[test]
    fn a_token_is_renewed_a_minute_early() {
        for (life, used) in [
            (3600, Some(3540)),
            (61, Some(1)),
            (5, Some(1)),
            (1, Some(1)),
            (0, None),
            (-7, None),
            (i64::MAX, Some(86340)),
        ] {
            assert_eq!(lasts(life), used.map(Duration::from_secs), "{life}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_token_says_of_its_life() {
        for (said, used) in [
            ("\"expires_in\":3600", Some(3540)),
            ("\"token_type\":\"Bearer\"", Some(3540)),
            ("\"expires_in\":\"soon\"", Some(3540)),
            ("\"expires_in\":null", Some(3540)),
            ("\"expires_in\":0", None),
        ] {
            let body = format!(r#"{{"token":{{"access_token":"t",{said}}},"status":"error","error_code":7}}"#);
            let (_, until) = read_token(&answer(&body)).expect("a token");
            assert_eq!(until, used.map(|used| Instant::now() + Duration::from_secs(used)), "{said}");
        }
        for body in ["", "{}", r#"{"token":"t"}"#, r#"{"token":{"access_token":""}}"#, r#"{"access_token":"t"}"#] {
            assert!(read_token(&answer(body)).is_none(), "{body}");
        }
    }
}
