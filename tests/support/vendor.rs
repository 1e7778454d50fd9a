//! Clients of systems that are not OCI, and a credential that can change while they run.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tagboat::backend::{Backend, Context, Error, Settings, open};
use tagboat::demo::{Fault, Logged};
use tagboat::domain::content::NoCache;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::RepoName;
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::{Credential, CredentialSource, Found};

/// Where the client looks its secret up; a test puts another one there.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<Credential>>);

impl Keys {
    pub fn new(credential: Credential) -> Self {
        Self(Arc::new(Mutex::new(credential)))
    }

    pub fn set(&self, credential: Credential) {
        *self.0.lock().expect("no test panics with it") = credential;
    }
}

#[async_trait]
impl CredentialSource for Keys {
    async fn lookup(&self, _host: &str) -> Found {
        Found { credential: self.0.lock().expect("no test panics with it").clone(), ..Found::default() }
    }
}

pub fn profile(kind: BackendKind, url: &str, namespace: Option<&str>) -> RegistryProfile {
    RegistryProfile {
        name: "test".to_owned(),
        kind,
        url: url.to_owned(),
        namespace: namespace.map(str::to_owned),
        plain_http: true,
        ..RegistryProfile::default()
    }
}

pub fn client(profile: &RegistryProfile, keys: &Keys, settings: Settings) -> Result<Arc<dyn Backend>, Error> {
    open(profile, &Context { credentials: Arc::new(keys.clone()), cache: Arc::new(NoCache), settings })
}

pub fn name(text: &str) -> RepoName {
    RepoName::loose(text).expect("a repository")
}

/// What a server can answer instead, and what that is for a client that has read it to the end.
pub fn refusals() -> Vec<(Fault, ErrorKind)> {
    let half = || Fault::Answer { status: 200, headers: Vec::new(), body: b"{\"objects\": [{\"na".to_vec() };
    vec![
        (Fault::status(403), ErrorKind::Denied),
        (Fault::status(404), ErrorKind::NotFound),
        (Fault::status(405), ErrorKind::Unsupported),
        (Fault::status(500), ErrorKind::Server),
        (Fault::html_error(502), ErrorKind::Server),
        (Fault::Html, ErrorKind::BadAnswer),
        (half(), ErrorKind::BadAnswer),
        (Fault::Truncate(12), ErrorKind::BadAnswer),
    ]
}

/// Everything a client could have let slip: errors and what stands around them.
pub fn assert_unsaid(said: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

pub fn count(log: &[Logged], method: &str) -> usize {
    log.iter().filter(|sent| sent.method == method).count()
}
