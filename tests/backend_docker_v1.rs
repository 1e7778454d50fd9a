//! The client of the first protocol against its stand-in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tagboat::backend::{Backend, Error, Settings};
use tagboat::demo::docker_v1::{
    Access, Archive, DockerV1Options, DockerV1Server, Entry, IndexRules, Store, catalogue, start_docker_v1,
};
use tagboat::domain::reference::{Digest, RepoName};
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::Credential;

use crate::support::client::{self, basic, try_connect};

mod changes;
mod faults;
mod images;
mod layers;
mod lists;
mod sign_in;

const SECRET: &str = "s3cr3t-first";
pub const REPO: &str = "acme/api";

struct Pair {
    server: DockerV1Server,
    backend: Arc<dyn Backend>,
}

fn id(letter: char) -> String {
    letter.to_string().repeat(64)
}

fn image(letter: char) -> Digest {
    Digest::image_id(&id(letter)).expect("an id")
}

fn repo(name: &str) -> RepoName {
    RepoName::loose(name).expect("a name")
}

/// `acme/api` with `1.0` and `latest` on `c`, which stands on `b` and `a`.
pub fn small() -> Store {
    let mut store = Store::new();
    let step = |letter: char, parent: Option<char>, command: &str, size: u64| {
        let mut fields = json!({
            "id": id(letter), "created": "2015-03-09T11:42:07.301938Z", "os": "linux", "architecture": "amd64",
            "container_config": {"Cmd": ["/bin/sh", "-c", command]}, "Size": size,
            "config": {"Cmd": ["/srv/run"], "Env": ["A=b"], "Volumes": null},
        });
        if let Some(parent) = parent {
            fields["parent"] = id(parent).into();
        }
        fields
    };
    let files = [Entry::Folder("./srv/"), Entry::File("./srv/motd", "hello\n")];
    store.add_image(&step('a', None, "#(nop) ADD file:1 in /", 6), Archive::tar(&files));
    store.add_image(&step('b', Some('a'), "apt-get update", 300_000), Archive::large(&[], "srv/run", 300_000));
    store.add_image(&step('c', Some('b'), "#(nop) EXPOSE 8080/tcp", 0), Archive::default());
    for tag in ["1.0", "latest"] {
        store.tag(REPO, tag, &id('c'), json!({"last_update": 1_425_901_327, "docker_version": "1.5.0"}));
    }
    store.announce(REPO, "[]");
    store
}

fn profile(url: &str) -> RegistryProfile {
    RegistryProfile { kind: BackendKind::DockerV1, ..client::profile(url) }
}

fn settings() -> Settings {
    Settings { timeout: Some(Duration::from_secs(5)), ..Settings::default() }
}

fn account() -> Credential {
    basic("ann", SECRET)
}

fn index(rules: IndexRules) -> DockerV1Options {
    let access = Access::Index { user: "ann".to_owned(), password: SECRET.to_owned(), rules };
    DockerV1Options { access, ..DockerV1Options::default() }
}

fn with_password() -> DockerV1Options {
    let access = Access::Basic { user: "ann".to_owned(), password: SECRET.to_owned() };
    DockerV1Options { access, ..DockerV1Options::default() }
}

impl Pair {
    async fn of(store: Store, options: DockerV1Options, credential: Credential) -> Self {
        let server = start_docker_v1(store, options).await.expect("loopback has a free port");
        let backend = try_connect(&profile(&server.url), credential, settings()).expect("a client");
        Self { server, backend }
    }

    async fn start(options: DockerV1Options) -> Self {
        let credential = if options.access == Access::Open { Credential::Anonymous } else { account() };
        Self::of(small(), options, credential).await
    }

    async fn full() -> Self {
        Self::of(catalogue(), DockerV1Options::default(), Credential::Anonymous).await
    }

    /// Requests of a method whose path holds this text, at either port.
    fn asked(&self, method: &str, path: &str) -> usize {
        let mut log = self.server.log();
        if self.server.url != self.server.registry_url {
            log.extend(self.server.registry().log());
        }
        log.iter().filter(|request| request.method == method && request.path.contains(path)).count()
    }

    fn tags(&self) -> Vec<(String, String)> {
        let store = self.server.store();
        let tags = store.repositories.get(REPO).map(|repository| repository.tags.clone()).unwrap_or_default();
        tags.into_iter().map(|(name, tag)| (name, tag.image)).collect()
    }
}

/// A sentence for people, without anything secret.
fn is_clear(error: &Error, parts: &[&str]) {
    let report = error.report();
    for part in parts {
        let said = report.what.as_str().contains(part) || report.hint.as_str().contains(part);
        assert!(said, "{part}: {} {}", report.what, report.hint);
    }
    let all = format!("{error:?} {error} {}", report.hint);
    assert!(!all.contains(SECRET), "{all}");
    assert!(!all.contains("signature="), "{all}");
    assert!(!all.contains('<'), "{all}");
}

fn no_value() -> Value {
    Value::Null
}
