//! Many items by one request, at ML Space and at Alauda: whatever goes wrong, what is reported deleted is deleted, what
//! is not is not, and nothing else changed.

mod alauda;
mod broken_off;
mod faults;
mod images;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tagboat::backend::{Backend, Settings};
use tagboat::demo::ml_space::{Image, Repository, Store, Tag, catalogue};
use tagboat::demo::{Fault, Logged, MlSpaceOptions, MlSpaceServer, Rule, start_ml_space};
use tagboat::domain::cleanup::{Choices, Marks, Plan};
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::Digest;
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::uuid::Uuid;
use tagboat::runtime::batch::{Batch, Event, Report};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::{Journals, State};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use crate::support::cleanup::REPO;
use crate::support::cleanup::{drained, make};
use crate::support::client::{basic, profile, tag, try_connect};

/// `a1`, `a2`, `a3` on one image; `b`, `c`, `d`, `e` on one each; an image without a tag; and as many more tags on an
/// image of their own each.
pub fn store(more: usize) -> Store {
    let mut store = catalogue();
    let like = store.workspaces[0].repositories.iter().find(|one| !one.images.is_empty()).expect("images").clone();
    let (image, tag) = (like.images[0].clone(), like.images[0].tags[0].clone());
    let mut number = 0_u128;
    let mut id = || {
        number += 1;
        Uuid::with_bits(number)
    };
    let mut one = |names: &[String]| Image {
        id: id(),
        digest: Digest::of(names.join(" ").as_bytes()).to_string(),
        tags: names.iter().map(|name| Tag { id: id(), name: name.clone(), ..tag.clone() }).collect(),
        ..image.clone()
    };
    let mut names: Vec<Vec<String>> = vec![["a1", "a2", "a3"].map(str::to_owned).to_vec()];
    names.extend(["b", "c", "d", "e"].map(|name| vec![name.to_owned()]));
    names.push(Vec::new());
    names.extend((0..more).map(|n| vec![format!("n{n:03}")]));
    let images = names.iter().map(|names| one(names)).collect();
    let id = Uuid::with_bits(u128::MAX);
    store.workspaces[0].repositories.push(Repository { id, name: REPO.to_owned(), images, ..like });
    store
}

pub struct World {
    pub server: MlSpaceServer,
    pub backend: Arc<dyn Backend>,
    home: TempDir,
}

impl World {
    pub async fn new(more: usize) -> Self {
        let server = start_ml_space(store(more), MlSpaceOptions::default()).await.expect("a free port");
        let backend = connect(&server);
        Self { server, backend, home: tempfile::tempdir().expect("a directory") }
    }

    pub fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    pub fn repository(&self) -> Repository {
        self.server.store().workspaces[0].named(REPO).expect("the repository").clone()
    }

    /// Changes it behind everybody's back.
    pub fn change(&self, with: impl FnOnce(&mut Repository)) {
        let mut store = self.server.store();
        let id = store.workspaces[0].named(REPO).expect("the repository").id;
        with(store.workspaces[0].repository_mut(id).expect("the repository"));
    }

    pub async fn plan(&self, marks: &Marks, choices: &Choices) -> Plan {
        make(&*self.backend, &self.server.url, marks, choices).await
    }

    /// For what goes: three tags of four, or three images.
    pub async fn plan_of(&self, what: What) -> Plan {
        let plan = self.plan(&marks(what.marks()), &what.choices()).await;
        assert_eq!(plan.items.len(), 3, "{plan:#?}");
        self.server.clear_log();
        plan
    }

    pub fn batch(&self, plan: &Plan, events: mpsc::Sender<Event>) -> Batch {
        batch(self.backend.clone(), &self.server.url, plan, self.journals(), events)
    }

    pub fn sent(&self, method: &str, part: &str) -> Vec<Logged> {
        let hit = |seen: &Logged| seen.method == method && format!("{}?{}", seen.path, seen.query).contains(part);
        self.server.log().into_iter().filter(hit).collect()
    }

    pub fn on_delete(&self, fault: Fault) -> Rule {
        Rule::on("/docker_registry/v2/", fault).method("DELETE")
    }

    /// Runs it, and compares the end with the report and the journal.
    pub async fn run(&self, case: &str, plan: &Plan, moved: &[(&str, &str)]) -> (Report, Vec<Event>) {
        let before = self.repository();
        let (events, receiver) = mpsc::channel(4);
        let (report, events) = drained(self.batch(plan, events).run(), receiver).await;
        agree(case, &before, &self.repository(), plan, &report, moved);
        let told = events.iter().filter(|event| matches!(event, Event::Ended { .. })).count();
        assert_eq!(told, plan.items.len(), "{case}: every item is told once");
        let recorded = self.journals().history().journals.remove(0);
        assert!(recorded.ended.is_some() && !recorded.damaged, "{case}");
        for (item, ended) in recorded.items.iter().zip(&report.items) {
            assert_eq!(item.state, State::Ended(ended.outcome), "{case}: {recorded:?}");
        }
        (report, events)
    }
}

pub fn connect(server: &MlSpaceServer) -> Arc<dyn Backend> {
    let workspace = server.store().workspaces[0].id.to_string();
    let person = server.store().accounts[0].clone();
    let place = RegistryProfile { kind: BackendKind::MlSpace, workspace: Some(workspace), ..profile(&server.url) };
    try_connect(&place, basic(&person.key_id, &person.key_secret), Settings::default()).expect("a client")
}

pub fn batch(
    backend: Arc<dyn Backend>,
    origin: &str,
    plan: &Plan,
    journals: Journals,
    events: mpsc::Sender<Event>,
) -> Batch {
    let (origin, plan, stop) = (origin.to_owned(), Arc::new(plan.clone()), CancellationToken::new());
    Batch { backend, origin, account: None, plan, journals, events, stop }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Tags,
    Images,
}

impl What {
    pub const BOTH: [Self; 2] = [Self::Tags, Self::Images];

    pub fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Tags => &["a1", "b", "c"],
            Self::Images => &["b", "c", "d"],
        }
    }

    pub fn choices(self) -> Choices {
        Choices { manifests: self == Self::Images, ..Choices::default() }
    }
}

pub fn marks(names: &[&str]) -> Marks {
    Marks { tags: names.iter().map(|name| tag(name)).collect(), ..Marks::default() }
}

pub fn outcomes(report: &Report) -> Vec<Outcome> {
    report.items.iter().map(|ended| ended.outcome).collect()
}

pub fn body(seen: &Logged) -> Value {
    serde_json::from_str(&seen.body).expect("JSON")
}

/// Every tag, and what it is on.
pub fn tags_of(repository: &Repository) -> BTreeMap<String, String> {
    let images = repository.images.iter();
    images.flat_map(|image| image.tags.iter().map(|tag| (tag.name.clone(), image.digest.clone()))).collect()
}

fn images_of(repository: &Repository) -> BTreeSet<String> {
    repository.images.iter().map(|image| image.digest.clone()).collect()
}

/// `moved`: tags that somebody else put on what another tag was on.
fn agree(case: &str, before: &Repository, after: &Repository, plan: &Plan, report: &Report, moved: &[(&str, &str)]) {
    assert_eq!(report.items.len(), plan.items.len(), "{case}");
    let (was, mut tags, mut images) = (tags_of(before), tags_of(before), images_of(before));
    tags.extend(moved.iter().map(|(name, on)| ((*name).to_owned(), was[*on].clone())));
    let (mut open, mut unsure) = (BTreeSet::new(), BTreeSet::new());
    for (item, ended) in plan.items.iter().zip(&report.items) {
        assert!(ended.outcome == Outcome::Done || ended.why.is_some(), "{case}: {:?} without a reason", ended.outcome);
        let takes: Vec<String> = item.takes().iter().map(ToString::to_string).collect();
        let deletes = item.deletes().map(ToString::to_string);
        match ended.outcome {
            Outcome::Done | Outcome::Gone => {
                tags.retain(|name, _| !takes.contains(name));
                images.retain(|digest| Some(digest) != deletes.as_ref());
            }
            Outcome::Unknown => {
                open.extend(takes);
                unsure.extend(deletes);
            }
            Outcome::Changed | Outcome::Refused | Outcome::Failed | Outcome::Skipped => {}
        }
    }
    let sure = |mut tags: BTreeMap<String, String>| {
        tags.retain(|name, _| !open.contains(name));
        tags
    };
    assert_eq!(sure(tags_of(after)), sure(tags), "{case}: tags; {report:#?}");
    let known = |images: BTreeSet<String>| -> Vec<String> { images.difference(&unsure).cloned().collect() };
    assert_eq!(known(images_of(after)), known(images), "{case}: images; {report:#?}");
}
