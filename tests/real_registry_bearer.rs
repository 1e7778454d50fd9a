//! The client against Debian's `docker-registry` with TLS, an own CA and a token server.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tagboat::backend::{Backend, Settings};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::Reference;
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::Credential;
use tempfile::TempDir;

use crate::support::certificates;
use crate::support::client::{self, repo, repositories, tag, tags};
use crate::support::images::{Image, OCI_MANIFEST};
use crate::support::registry::{Options, PASSWORD, Registry, TokenAuth, USER};
use crate::support::tokens::{self, Mood, Tokens};

struct Site {
    registry: Registry,
    tokens: Tokens,
    image: Image,
    dir: TempDir,
}

impl Site {
    /// With `app:1` in it.
    async fn start() -> Self {
        let dir = TempDir::new().expect("a directory");
        certificates::for_loopback(dir.path());
        let tokens = Tokens::start(dir.path(), &[("repository:app", &["pull"])]);
        let trusted = dir.path().join("trusted.pem");
        std::fs::copy(dir.path().join("jwt.pem"), &trusted).expect("the key the registry trusts");
        let token = TokenAuth { realm: tokens.realm(), bundle: trusted };
        let mut registry = Registry::start(Options { tls: true, token: Some(token), ..Options::default() });
        registry.bearer = Some(tokens.issue(&["repository:app:pull,push", "repository:other:pull,push"]));
        let image = Image::new(OCI_MANIFEST, "bearer", "amd64");
        registry.push("app", &image, &["1", "latest"]).await;
        registry.push("other", &image, &["1"]).await;
        // Two CAs, one of the registry and one of the token server.
        let registrys = registry.ca.as_ref().map(|ca| std::fs::read(ca).expect("a CA")).expect("TLS");
        let both = [registrys, std::fs::read(dir.path().join("ca.pem")).expect("a CA")].concat();
        std::fs::write(dir.path().join("both.pem"), both).expect("a file");
        Self { registry, tokens, image, dir }
    }

    fn profile(&self) -> RegistryProfile {
        RegistryProfile { ca_cert: Some(self.dir.path().join("both.pem")), ..client::profile(&self.registry.url) }
    }

    /// The registry comes back and trusts this key.
    fn trust(&mut self, pem: &Path) {
        std::fs::copy(pem, self.dir.path().join("trusted.pem")).expect("the key");
        self.registry.restart();
    }

    fn connect(&self) -> Arc<dyn Backend> {
        client::connect(&self.profile(), client::basic(USER, PASSWORD))
    }
}

#[tokio::test]
async fn tokens_are_fetched_and_kept_and_everything_reads() {
    let site = Site::start().await;
    let backend = site.connect();
    backend.connect().await.expect("signed in");
    assert_eq!(backend.capabilities().auth, Some("bearer"));
    assert_eq!(tags(&*backend, "app").await.expect("tags"), ["1", "latest"]);
    let info = backend.tag_info(&repo("app"), &tag("1")).await.expect("a tag");
    assert_eq!(info.digest.to_string(), site.image.digest());
    let image = backend.image(&repo("app"), &Reference::Tag(tag("1")), None).await.expect("an image");
    assert_eq!((&*image.manifest.raw, image.layers.len()), (&*site.image.manifest, 2));
    // One for the greeting, one for the repository.
    assert_eq!(site.tokens.seen().len(), 2, "{:?}", site.tokens.seen());
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_and_asked_for_once() {
    let site = Site::start().await;
    let backend = site.connect();
    for (error, right) in [
        (repositories(&*backend).await.expect_err("no right"), "registry:catalog:*"),
        (tags(&*backend, "other").await.expect_err("no right"), "repository:other:pull"),
    ] {
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
        assert!(error.to_string().contains(right), "{error}");
    }
    assert_eq!(site.tokens.seen().len(), 2, "{:?}", site.tokens.seen());
    assert_eq!(tags(&*backend, "app").await.expect("the right it has"), ["1", "latest"]);
}

#[tokio::test]
async fn a_wrong_password_and_none_are_told_apart_from_a_missing_right() {
    let site = Site::start().await;
    for credential in [Credential::Anonymous, client::basic(USER, "s3cr3t-wrong")] {
        let wrong = !credential.is_anonymous();
        let backend = client::connect(&site.profile(), credential);
        let error = tags(&*backend, "app").await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::SignIn, "{error}");
        assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
        if wrong {
            assert!(error.to_string().contains(&site.tokens.host()), "{error}");
        }
    }
    let sent = site.tokens.seen().iter().filter(|seen| seen.header("authorization").is_some()).count();
    assert_eq!(sent, 1, "a wrong password is sent once");
}

#[tokio::test]
async fn a_token_that_the_registry_no_longer_takes_is_renewed_once() {
    let mut site = Site::start().await;
    let backend = site.connect();
    tags(&*backend, "app").await.expect("tags");
    // The keys are changed: tokens that were good are not any more.
    tokens::new_key(site.dir.path());
    site.trust(&site.dir.path().join("jwt.pem"));
    let before = site.tokens.seen().len();
    assert_eq!(tags(&*backend, "app").await.expect("with a new token"), ["1", "latest"]);
    assert_eq!(site.tokens.seen().len(), before + 1);

    // And when the new one is no better, that is the end.
    let elsewhere = TempDir::new().expect("a directory");
    tokens::new_key(elsewhere.path());
    site.trust(&elsewhere.path().join("jwt.pem"));
    let error = tags(&*backend, "app").await.expect_err("nobody takes these");
    assert!(matches!(error.kind, ErrorKind::SignIn | ErrorKind::Denied), "{error}");
    assert_eq!(site.tokens.seen().len(), before + 2);
}

#[tokio::test]
async fn a_token_server_that_fails_is_named() {
    let site = Site::start().await;
    for (mood, kind, part) in [
        (Mood::Down, ErrorKind::Server, "503"),
        (Mood::WebPage, ErrorKind::BadAnswer, "web page"),
        (Mood::NoToken, ErrorKind::BadAnswer, "no token"),
        (Mood::Silent, ErrorKind::Timeout, "in time"),
    ] {
        site.tokens.set(mood);
        let settings = Settings { timeout: Some(Duration::from_secs(1)), ..Settings::default() };
        let credential = client::basic(USER, PASSWORD);
        let backend = client::try_connect(&site.profile(), credential, settings).expect("a client");
        let error = tags(&*backend, "app").await.expect_err("no token");
        assert_eq!(error.kind, kind, "{mood:?}: {error}");
        let text = error.to_string();
        assert!(text.contains(&site.tokens.host()) && text.contains(part), "{mood:?}: {text}");
    }
}

#[tokio::test]
async fn the_certificate_of_the_token_server_counts_too() {
    let elsewhere = TempDir::new().expect("a directory");
    certificates::for_loopback(elsewhere.path());
    let other = Tokens::start(elsewhere.path(), &[]);
    let token = TokenAuth { realm: other.realm(), bundle: elsewhere.path().join("jwt.pem") };
    let registry = Registry::start(Options { tls: true, token: Some(token), ..Options::default() });
    let profile = RegistryProfile { ca_cert: registry.ca.clone(), ..client::profile(&registry.url) };
    let backend = client::connect(&profile, client::basic(USER, PASSWORD));
    let error = tags(&*backend, "app").await.expect_err("a token server of another CA");
    assert_eq!(error.kind, ErrorKind::Tls, "{error}");
    assert!(error.to_string().contains(&other.host()), "{error}");
    assert!(other.seen().is_empty());
}
