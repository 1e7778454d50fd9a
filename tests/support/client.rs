//! The client as a library, with the credential a test gives it.

use std::sync::Arc;

use async_trait::async_trait;
use tagboat::backend::{Backend, Context, Error, Settings, open};
use tagboat::domain::content::NoCache;
use tagboat::domain::page::Listed;
use tagboat::domain::reference::{RepoName, TagName};
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::{Credential, CredentialSource, Found};
use tokio::sync::mpsc;

struct Fixed(Credential);

#[async_trait]
impl CredentialSource for Fixed {
    async fn lookup(&self, _host: &str) -> Found {
        Found { credential: self.0.clone(), ..Found::default() }
    }
}

pub fn profile(url: &str) -> RegistryProfile {
    RegistryProfile {
        name: "test".to_owned(),
        url: url.to_owned(),
        plain_http: url.starts_with("http://"),
        ..RegistryProfile::default()
    }
}

pub fn try_connect(
    profile: &RegistryProfile,
    credential: Credential,
    settings: Settings,
) -> Result<Arc<dyn Backend>, Error> {
    let context = Context { credentials: Arc::new(Fixed(credential)), cache: Arc::new(NoCache), settings };
    open(profile, &context)
}

pub fn connect(profile: &RegistryProfile, credential: Credential) -> Arc<dyn Backend> {
    try_connect(profile, credential, Settings::default()).expect("a client")
}

pub fn basic(user: &str, password: &str) -> Credential {
    Credential::Basic { username: user.to_owned(), password: password.into() }
}

pub fn repo(name: &str) -> RepoName {
    RepoName::parse(name).expect("a repository")
}

pub fn tag(name: &str) -> TagName {
    TagName::parse(name).expect("a tag")
}

/// Reads pages until the sender is gone.
async fn gather<T: ToString>(mut pages: mpsc::Receiver<Vec<Listed<T>>>) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(page) = pages.recv().await {
        names.extend(page.into_iter().map(|name| match name {
            Listed::Valid(name) => name.to_string(),
            Listed::Invalid(text) => panic!("{text} is not a name"),
        }));
    }
    names
}

pub async fn repositories(backend: &dyn Backend) -> Result<Vec<String>, Error> {
    let (sender, receiver) = mpsc::channel(4);
    let (end, names) = tokio::join!(backend.repositories(sender), gather(receiver));
    end.map(|end| {
        assert!(end.complete);
        names
    })
}

pub async fn tags(backend: &dyn Backend, name: &str) -> Result<Vec<String>, Error> {
    let (sender, receiver) = mpsc::channel(4);
    let name = repo(name);
    let (end, mut names) = tokio::join!(backend.tags(&name, sender), gather(receiver));
    names.sort();
    end.map(|_| names)
}
