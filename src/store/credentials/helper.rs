//! `docker-credential-<suffix>`: a foreign program that gets and gives secrets.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::host::Host;
use crate::domain::clean::{self, Clean};
use crate::domain::secret::Credential;
use crate::store::env::Env;

/// The exact words of the protocol; everything else is a failure.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// The user name that marks an identity token.
const TOKEN: &str = "<token>";
const LARGEST: usize = 1 << 20;
/// A daemon that the helper left behind may hold the pipe open.
const AFTER_EXIT: Duration = Duration::from_millis(500);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelperError {
    #[error("“{0}” is not a name of a helper: letters, digits and . _ - only")]
    BadName(Clean),
    #[error("docker-credential-{0} is not in PATH")]
    Missing(Clean),
    #[error("it has no credentials")]
    NotFound,
    #[error("{0}")]
    Failed(Clean),
    #[error("no answer after {} s, stopped", .0.as_secs())]
    TimedOut(Duration),
    #[error("it printed more than 1 MiB, stopped")]
    TooMuch,
    #[error("its answer is not what the protocol says")]
    BadAnswer,
}

#[derive(Clone)]
pub(super) struct Helper {
    program: PathBuf,
    timeout: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    username: &'a str,
    secret: &'a str,
}

impl Helper {
    pub(super) fn find(suffix: &str, env: &Env, timeout: Duration) -> Result<Self, HelperError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if suffix.is_empty() || !suffix.bytes().all(allowed) {
            return Err(HelperError::BadName(clean::identifier(suffix)));
        }
        let name = format!("docker-credential-{suffix}");
        let path = env.raw("PATH").unwrap_or_default();
        let is_program = |file: &PathBuf| {
            file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        // Relative entries are left out: the current directory must not decide which program gets secrets.
        let program = std::env::split_paths(&path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(&name))
            .find(is_program)
            .ok_or_else(|| HelperError::Missing(clean::identifier(suffix)))?;
        Ok(Self { program, timeout })
    }

    pub(super) async fn get(&self, host: &Host) -> Result<Credential, HelperError> {
        let answer = match self.call("get", host.key().as_bytes()).await {
            Err(HelperError::NotFound) if !host.is_hub() => {
                self.call("get", format!("https://{}", host.key()).as_bytes()).await
            }
            other => other,
        }?;
        let answer: Answer = serde_json::from_slice(&answer).map_err(|_| HelperError::BadAnswer)?;
        let secret = SecretString::from(answer.secret);
        if secret.expose_secret().is_empty() {
            return Err(HelperError::NotFound);
        }
        Ok(match answer.username.as_str() {
            TOKEN => Credential::IdentityToken(secret),
            _ => Credential::Basic { username: answer.username, password: secret },
        })
    }

    pub(super) async fn store(&self, host: &Host, credential: &Credential) -> Result<(), HelperError> {
        let (username, secret) = match credential {
            Credential::Basic { username, password } => (username.as_str(), password),
            Credential::IdentityToken(token) => (TOKEN, token),
            Credential::RegistryToken(_) | Credential::Anonymous => {
                return Err(HelperError::Failed(Clean::fixed("helpers keep passwords and identity tokens only")));
            }
        };
        let entry = Entry { server_url: host.key(), username, secret: secret.expose_secret() };
        let entry = Zeroizing::new(serde_json::to_vec(&entry).map_err(|_| HelperError::BadAnswer)?);
        self.call("store", &entry).await.map(drop)
    }

    pub(super) async fn erase(&self, host: &Host) -> Result<(), HelperError> {
        self.call("erase", host.key().as_bytes()).await.map(drop)
    }

    /// Names of servers; no secret.
    pub(super) async fn list(&self) -> Result<Vec<String>, HelperError> {
        let answer = self.call("list", b"unused").await?;
        let servers: std::collections::BTreeMap<String, serde::de::IgnoredAny> =
            serde_json::from_slice(&answer).map_err(|_| HelperError::BadAnswer)?;
        Ok(servers.into_keys().collect())
    }

    async fn call(&self, verb: &str, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, HelperError> {
        let failed = |error: io::Error| HelperError::Failed(clean::line(&error.to_string()));
        let mut command = Command::new(&self.program);
        command.arg(verb).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        session_of_its_own(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        // Dropped at time-out, at an error and when the caller gives up: then the whole group ends.
        let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let mut out = Zeroizing::new(Vec::with_capacity(16 << 10));
        let mut err = Zeroizing::new(Vec::new());
        let work = async {
            let feed = async {
                if let Some(mut stdin) = stdin {
                    // A helper need not read what it does not need.
                    let _ = stdin.write_all(input).await;
                }
                Ok(())
            };
            let pipes =
                async { tokio::try_join!(feed, read_all(stdout, &mut out), read_all(stderr, &mut err)).map(drop) };
            tokio::pin!(pipes);
            let status = tokio::select! {
                biased;
                read = &mut pipes => { read?; child.wait().await.map_err(failed)? }
                status = child.wait() => {
                    let status = status.map_err(failed)?;
                    // Nothing more will come; what was printed is in the pipes.
                    if let Ok(read) = tokio::time::timeout(AFTER_EXIT, &mut pipes).await { read? }
                    status
                }
            };
            Ok(status)
        };
        let status =
            tokio::time::timeout(self.timeout, work).await.map_err(|_| HelperError::TimedOut(self.timeout))??;
        group.0 = None;
        if status.success() {
            return Ok(out);
        }
        Err(failure(&out, &err, status.code()))
    }
}

/// Without a terminal: a helper must not ask on, or write to, the screen we draw (safety.md H7).
#[allow(unsafe_code, reason = "nothing safe runs code in a child before it becomes another program")]
fn session_of_its_own(command: &mut Command) {
    // SAFETY: between fork and exec only calls that are safe in a signal handler are allowed; setsid is one, and
    // nothing here allocates or locks.
    unsafe { command.pre_exec(|| rustix::process::setsid().map(drop).map_err(io::Error::from)) };
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> Result<(), HelperError> {
    let Some(pipe) = pipe else { return Ok(()) };
    let read = pipe.take(LARGEST as u64 + 1).read_to_end(into).await;
    match read {
        Ok(size) if size > LARGEST => Err(HelperError::TooMuch),
        Ok(_) => Ok(()),
        Err(error) => Err(HelperError::Failed(clean::line(&error.to_string()))),
    }
}

/// By the protocol the message is on stdout; some helpers write to stderr all the same.
fn failure(out: &[u8], err: &[u8], code: Option<i32>) -> HelperError {
    let out = String::from_utf8_lossy(out);
    if out.trim() == NOT_FOUND {
        return HelperError::NotFound;
    }
    let err = String::from_utf8_lossy(err);
    let message = if out.trim().is_empty() { err.trim() } else { out.trim() };
    if message.is_empty() {
        let how = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        return HelperError::Failed(clean::line(&format!("it ended with {how} and no message")));
    }
    HelperError::Failed(clean::line(&message.chars().take(500).collect::<String>()))
}

/// The helper and all it started, killed when dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            // It may be gone already.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}
