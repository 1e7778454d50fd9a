//! Plans on Debian's `docker-registry`, which deletes by digest only: what is to stay stays, and undo brings back the same
//! digests.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagboat::backend::Backend;
use tagboat::domain::cleanup::{Choices, Marks, Method, Plan};
use tagboat::domain::outcome::Outcome::{Done, Refused};
use tagboat::domain::reference::Reference;
use tagboat::runtime::batch::{Batch, Report};
use tagboat::runtime::undo::{Restore, prospect};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::cleanup::{REPO, drained, make};
use crate::support::client::{repo, tag, tags};
use crate::support::images::{self, Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::registry::{Options, Registry};
use crate::support::walk::anonymous;

struct Real {
    registry: Registry,
    backend: Arc<dyn Backend>,
    home: TempDir,
}

impl Real {
    fn start(delete: bool) -> Self {
        let registry = Registry::start(Options { delete, ..Options::default() });
        let backend = anonymous(&registry.url);
        Self { registry, backend, home: tempfile::tempdir().expect("a directory") }
    }

    fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    /// Every tag and what it is on.
    async fn state(&self) -> BTreeMap<String, String> {
        let mut state = BTreeMap::new();
        for name in tags(&*self.backend, REPO).await.expect("a list") {
            let resolved = self.backend.resolve(&repo(REPO), &Reference::Tag(tag(&name))).await.expect("a digest");
            state.insert(name, resolved.digest.to_string());
        }
        state
    }

    async fn plan(&self, marks: &[String], choices: &Choices) -> Plan {
        // What it takes to learn that tags are not deleted alone here.
        assert!(self.backend.delete_tag(&repo(REPO), &tag("none")).await.is_err());
        let marks = Marks { tags: marks.iter().map(|name| tag(name)).collect(), ..Marks::default() };
        make(&*self.backend, &self.registry.url, &marks, choices).await
    }

    async fn run(&self, plan: &Plan) -> Report {
        let (events, receiver) = mpsc::channel(64);
        let batch = Batch {
            backend: self.backend.clone(),
            origin: self.registry.url.clone(),
            account: None,
            plan: Arc::new(plan.clone()),
            journals: self.journals(),
            events,
            stop: CancellationToken::new(),
        };
        drained(batch.run(), receiver).await.0
    }

    async fn undo(&self, id: &str) -> Report {
        let prospect = prospect(&*self.backend, &self.journals(), id, true).await.expect("a journal");
        let (events, receiver) = mpsc::channel(64);
        let restore = Restore {
            backend: self.backend.clone(),
            origin: self.registry.url.clone(),
            account: None,
            journals: self.journals(),
            prospect,
            overwrite: Default::default(),
            events,
            stop: CancellationToken::new(),
        };
        drained(restore.run(), receiver).await.0
    }
}

fn names(marks: &[&str]) -> Vec<String> {
    marks.iter().map(|name| (*name).to_owned()).collect()
}

fn all_done(report: &Report) {
    assert!(report.items.iter().all(|ended| ended.outcome == Done) && report.stopped.is_none(), "{report:?}");
}

#[tokio::test]
async fn of_three_tags_on_a_digest_one_goes_and_two_stay() {
    let real = Real::start(true);
    real.registry.push(REPO, &Image::new(OCI_MANIFEST, "a", "amd64"), &["1", "1.0", "latest"]).await;
    let before = real.state().await;
    let plan = real.plan(&names(&["1.0"]), &Choices { placeholder: true, ..Choices::default() }).await;
    assert_eq!(plan.items.iter().map(|item| item.method).collect::<Vec<_>>(), [Method::Placeholder]);
    let report = real.run(&plan).await;
    all_done(&report);
    let mut want = before.clone();
    want.remove("1.0");
    assert_eq!(real.state().await, want);
    all_done(&real.undo(report.journal.as_deref().expect("an id")).await);
    assert_eq!(real.state().await, before);
}

#[tokio::test]
async fn an_index_goes_and_comes_back_and_a_shared_entry_stays() {
    let real = Real::start(true);
    let [amd, arm, s390] = ["amd64", "arm64", "s390x"].map(|arch| Image::new(OCI_MANIFEST, "m", arch));
    let attestation = Image::attestation();
    for child in [&amd, &arm, &s390, &attestation] {
        real.registry.push(REPO, child, &[]).await;
    }
    let (first, second) = (images::index(&[&amd, &arm], &attestation), images::index(&[&arm, &s390], &attestation));
    real.registry.push_manifest(REPO, "first", OCI_INDEX, &first).await;
    real.registry.push_manifest(REPO, "second", OCI_INDEX, &second).await;
    let before = real.state().await;
    let choices = Choices { manifests: true, children: true, ..Choices::default() };
    let plan = real.plan(&names(&["first"]), &choices).await;
    let lost: Vec<String> = plan.lost_manifests().map(ToString::to_string).collect();
    assert_eq!(lost, [images::digest(&first), amd.digest()]);
    let report = real.run(&plan).await;
    all_done(&report);
    let there = async |digest: &str| {
        let digest = tagboat::domain::reference::Digest::parse(digest).expect("a digest");
        real.backend.resolve(&repo(REPO), &Reference::Digest(digest)).await.is_ok()
    };
    assert!(!there(&amd.digest()).await && there(&arm.digest()).await && there(&attestation.digest()).await);
    all_done(&real.undo(report.journal.as_deref().expect("an id")).await);
    assert!(there(&amd.digest()).await && there(&images::digest(&first)).await);
    assert_eq!(real.state().await, before);
}

#[tokio::test]
async fn where_deletion_is_off_nothing_is_touched() {
    let real = Real::start(false);
    real.registry.push(REPO, &Image::new(OCI_MANIFEST, "a", "amd64"), &["1", "2"]).await;
    let before = real.state().await;
    let choices = Choices { placeholder: true, ..Choices::default() };
    let marks = Marks { tags: vec![tag("1")], ..Marks::default() };
    let plan = make(&*real.backend, &real.registry.url, &marks, &choices).await;
    assert!(plan.items.is_empty() && plan.refused.is_some(), "{plan:?}");
    // Switched off after the plan was made: the placeholder is not even pushed.
    let on = Real::start(true);
    on.registry.push(REPO, &Image::new(OCI_MANIFEST, "a", "amd64"), &["1", "2"]).await;
    let plan = on.plan(&names(&["1"]), &choices).await;
    let plan = Plan { origin: real.registry.url.clone(), ..plan };
    let report = real.run(&plan).await;
    assert_eq!(report.items[0].outcome, Refused, "{report:?}");
    assert_eq!(real.state().await, before);
}

#[tokio::test]
async fn many_manifests_are_deleted_one_by_one() {
    let count = 12;
    let real = Real::start(true);
    let mut marks = Vec::new();
    for n in 0..count {
        let name = format!("0.{n}");
        real.registry.push(REPO, &Image::new(OCI_MANIFEST, &name, "amd64"), &[&name]).await;
        marks.push(name);
    }
    real.registry.push(REPO, &Image::new(OCI_MANIFEST, "last", "amd64"), &["stays"]).await;
    let plan = real.plan(&marks, &Choices { manifests: true, ..Choices::default() }).await;
    assert_eq!(plan.items.len(), count);
    let report = real.run(&plan).await;
    all_done(&report);
    assert_eq!(real.state().await.into_keys().collect::<Vec<_>>(), ["stays"]);
}
