//! Images are copied whole, by every way there is, and nothing else is touched: against the demo's servers, and against
//! Debian's `docker-registry`.

mod commands;
mod cutter;
mod faults;
mod real;
mod referrers;
mod undo;
mod ways;

use std::sync::Arc;

use tagboat::backend::{Backend, Error};
use tagboat::demo::{OciOptions, OciServer, Store, start_oci};
use tagboat::domain::cleanup::Protection;
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::transfer::{Painting, Spot, Transfer};
use tagboat::runtime::batch::Event;
use tagboat::runtime::batch::Report;
use tagboat::runtime::copy::{Copy, Finished, Wanted, prepare};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::cleanup::{drained, store};
use crate::support::client::{repo, tag};
use crate::support::walk::anonymous;

/// A registry with images, another one that is empty, and a place for journals.
struct Pair {
    from: OciServer,
    to: OciServer,
    home: TempDir,
}

/// One end of a copy.
#[derive(Clone)]
struct End {
    backend: Arc<dyn Backend>,
    spot: Spot,
}

impl End {
    fn new(url: &str, name: &str) -> Self {
        let spot = Spot { registry: "test".to_owned(), origin: url.to_owned(), repo: repo(name) };
        Self { backend: anonymous(url), spot }
    }
}

impl Pair {
    async fn new() -> Self {
        Self::of(store(), OciOptions::default(), OciOptions::default()).await
    }

    async fn of(store: Store, from: OciOptions, to: OciOptions) -> Self {
        let from = start_oci(store, from).await.expect("a free port");
        let to = start_oci(Store::new(), to).await.expect("a free port");
        Self { from, to, home: tempfile::tempdir().expect("a directory") }
    }

    fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    fn source(&self) -> End {
        End::new(&self.from.url, crate::support::cleanup::REPO)
    }

    fn target(&self) -> End {
        End::new(&self.to.url, "mirror/app")
    }

    fn copy(&self, from: &End, to: &End, transfer: Transfer, events: mpsc::Sender<Event>) -> Copy {
        Copy {
            from: from.backend.clone(),
            to: to.backend.clone(),
            origins: (from.spot.origin.clone(), to.spot.origin.clone()),
            account: None,
            transfer: Arc::new(transfer),
            journals: self.journals(),
            events,
            stop: CancellationToken::new(),
        }
    }

    async fn run(&self, from: &End, to: &End, transfer: Transfer) -> (Finished, Vec<Event>) {
        let (events, receiver) = mpsc::channel(64);
        drained(self.copy(from, to, transfer, events).run(), receiver).await
    }

    /// From the first registry to the second.
    async fn across(&self, name: &str, new: &str) -> Finished {
        let (from, to) = (self.source(), self.target());
        let transfer = plan(&from, name, &to, new, false).await.expect("a transfer");
        self.run(&from, &to, transfer).await.0
    }
}

async fn plan(from: &End, name: &str, to: &End, new: &str, referrers: bool) -> Result<Transfer, Error> {
    let wanted = Wanted {
        from: from.spot.clone(),
        source: Reference::Tag(tag(name)),
        to: to.spot.clone(),
        tag: tag(new),
        referrers,
        colour: Painting::AsItIs,
        protection: Protection::default(),
    };
    prepare(&*from.backend, &*to.backend, &wanted).await
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.items.iter().map(|ended| ended.outcome).collect()
}

#[track_caller]
fn is_done(finished: &Finished) {
    let report = &finished.report;
    assert!(report.stopped.is_none() && finished.error.is_none() && report.said.is_empty(), "{report:?}");
    assert!(outcomes(report).iter().all(|outcome| *outcome == Outcome::Done), "{report:?}");
    assert_eq!(report.totals.left, 0);
}

/// What a tag leads to is the same on both sides, to the byte and down to the last blob.
#[track_caller]
fn same_tree(from: &OciServer, at: (&str, &str), to: &OciServer, there: (&str, &str)) {
    // Both may be one server, whose store is lent once at a time.
    let of = |server: &OciServer, name: &str| server.store().repositories[name].clone();
    let (left, right) = (of(from, at.0), of(to, there.0));
    let root = left.tags[at.1].clone();
    assert_eq!(right.tags.get(there.1), Some(&root), "{there:?}");
    let mut open = vec![root];
    let mut blobs = 0;
    while let Some(digest) = open.pop() {
        let (a, b) = (&left.manifests[&digest], &right.manifests[&digest]);
        assert_eq!((&a.bytes, &a.media_type), (&b.bytes, &b.media_type));
        let json = a.json();
        let named =
            |value: &serde_json::Value| Digest::parse(value["digest"].as_str().expect("a digest")).expect("one");
        open.extend(json["manifests"].as_array().into_iter().flatten().map(named));
        let layers = json["layers"].as_array().into_iter().flatten();
        for blob in layers.chain(Some(&json["config"]).filter(|config| config.is_object())).map(named) {
            assert!(right.blobs.contains(&blob), "{blob}");
            blobs += 1;
        }
    }
    assert!(blobs > 0, "an image without blobs proves little");
}

fn writes(server: &OciServer) -> Vec<String> {
    let log = server.log();
    let writes = log.iter().filter(|one| !matches!(one.method.as_str(), "GET" | "HEAD"));
    writes.map(|one| format!("{} {}?{}", one.method, one.path, one.query)).collect()
}
