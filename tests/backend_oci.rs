//! The client against a registry that misbehaves: every answer that must not be believed, and that nothing is lost by
//! it. The registry is the demo's, on loopback, with its faults.

mod answers;
mod content;
mod documents;
mod economy;
mod explore;
mod large;
mod lists;
mod mapped;
mod redirects;
mod referrers;
mod refusals;
mod slow;
mod streamed;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use tagboat::backend::{Backend, Error, Settings};
use tagboat::demo::{Fault, Image, Made, OciOptions, OciServer, Profile, Push, Rule, Store, start_oci};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::secret::Credential;

use crate::support::client::{profile, try_connect};
use crate::support::walk::tags;

const APP: &str = "team/app";

/// A registry and a client of it.
struct Pair {
    server: OciServer,
    backend: Arc<dyn Backend>,
}

impl Pair {
    /// `team/app` with the tag `v1`, and the semantics of distribution 3, whose tags come in pages.
    async fn start() -> Self {
        Self::with(one_image(), Settings::default()).await
    }

    /// A request that takes longer than this has failed: no test waits for what never comes.
    async fn impatient(limit: Duration) -> Self {
        Self::with(one_image(), Settings { timeout: Some(limit), ..Settings::default() }).await
    }

    async fn with(store: Store, settings: Settings) -> Self {
        let options = OciOptions { profile: Profile::Distribution3, ..OciOptions::default() };
        let server = start_oci(store, options).await.expect("loopback has a free port");
        let backend = try_connect(&profile(&server.url), Credential::Anonymous, settings).expect("a client");
        Self { server, backend }
    }

    fn fault(&self, path: &str, fault: Fault) {
        self.server.faults().add(Rule::on(path, fault));
    }

    /// How many requests came for a path or query with this text.
    fn asked(&self, part: &str) -> usize {
        self.asked_by("", part)
    }

    fn asked_by(&self, method: &str, part: &str) -> usize {
        let hit = |seen: &&tagboat::demo::Logged| {
            seen.method.contains(method) && format!("{}?{}", seen.path, seen.query).contains(part)
        };
        self.server.log().iter().filter(hit).count()
    }

    fn host(&self) -> &str {
        self.server.url.trim_start_matches("http://")
    }

    /// A sentence with the host in it, something to do, and nothing a terminal could take for a command.
    #[track_caller]
    fn is_clear(&self, error: &Error, kind: ErrorKind, words: &[&str]) {
        let report = error.report();
        let what = report.what.to_string();
        assert_eq!(error.kind, kind, "{what}");
        assert!(what.contains(self.host()), "no host in: {what}");
        for word in words {
            assert!(what.contains(word), "no “{word}” in: {what}");
        }
        assert!(!report.hint.is_empty(), "{what}: nothing to do about it");
        assert!(what.len() < 800 && !what.chars().any(char::is_control), "{what:?}");
    }

    /// Whatever came before, the same client reads on.
    async fn still_works(&self) {
        self.server.faults().clear();
        self.backend.connect().await.expect("a registry");
        let list = tags(&*self.backend, APP).await.expect("tags");
        assert!(list.end.complete && !list.names.is_empty(), "{list:?}");
    }
}

fn image(name: &str, platform: &str) -> Image {
    Image {
        created: "2026-03-04T05:06:07Z".to_owned(),
        platform: platform.to_owned(),
        layers: vec![(name.to_owned(), 2048)],
        labels: Vec::new(),
        docker: false,
    }
}

fn one_image() -> Store {
    let mut store = Store::new();
    push(&mut store, "v1");
    store
}

/// An image of its own under this tag of `team/app`.
fn push(store: &mut Store, tag: &str) -> Made {
    let mut push = Push::to(store, APP);
    let made = push.image(&image(tag, "linux/amd64"));
    push.tag(&[tag], &made);
    made
}

/// `team/app` with that many tags on one digest, `t000` and on.
fn many_tags(count: usize) -> Store {
    let mut store = Store::new();
    let made = push(&mut store, "t000");
    for n in 1..count {
        store.tag(APP, &format!("t{n:03}"), &made.digest);
    }
    store
}

/// An answer with status 200 and this body.
fn body(text: impl AsRef<[u8]>) -> Fault {
    typed("application/json", text)
}

fn typed(media_type: &str, text: impl AsRef<[u8]>) -> Fault {
    let headers = vec![("content-type".to_owned(), media_type.to_owned())];
    Fault::Answer { status: 200, headers, body: text.as_ref().to_vec() }
}
