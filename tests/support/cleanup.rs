//! A small repository, clean-ups of it, and whether what was reported is what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tagboat::backend::Backend;
use tagboat::demo::{Image, Made, OciOptions, OciServer, Profile, Push, Repository, Store, start_oci};
use tagboat::domain::capability::Support;
use tagboat::domain::cleanup::{Choices, Marks, Plan, Protection, Snapshot, plan};
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::{Digest, TagName};
use tagboat::runtime::batch::{Batch, Event, Report};
use tagboat::runtime::survey::{Place, Progress, Seen, Wanted, survey};
use tagboat::runtime::undo::{Prospect, Restore, prospect};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::client::{repo, tag};
use super::walk::anonymous;

pub const REPO: &str = "team/app";

/// How tags are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The tag alone; distribution 3.
    Untag,
    /// The manifest by its digest; distribution 2.8.
    Digest,
    /// The placeholder way; distribution 2.8.
    Placeholder,
    /// By its digest where a tag could go alone; distribution 3.
    DigestOn3,
    /// The placeholder way by a plan that took the same registry for one that deletes by digest only.
    PlaceholderOn3,
}

impl Way {
    pub const ALL: [Self; 5] = [Self::Untag, Self::Digest, Self::Placeholder, Self::DigestOn3, Self::PlaceholderOn3];

    pub fn is_placeholder(self) -> bool {
        matches!(self, Self::Placeholder | Self::PlaceholderOn3)
    }

    pub fn is_digest(self) -> bool {
        matches!(self, Self::Digest | Self::DigestOn3)
    }

    pub fn profile(self) -> Profile {
        match self {
            Self::Untag | Self::DigestOn3 | Self::PlaceholderOn3 => Profile::Distribution3,
            Self::Digest | Self::Placeholder => Profile::Reference,
        }
    }

    /// What a repository is told to lose.
    pub fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Untag => &["a1", "b", "c"],
            // What stands alone goes by its digest also here.
            Self::Placeholder | Self::PlaceholderOn3 => &["a1", "a2", "b"],
            Self::Digest | Self::DigestOn3 => &["b", "c", "d"],
        }
    }

    pub fn choices(self) -> Choices {
        match self {
            Self::Untag => Choices::default(),
            Self::Digest | Self::DigestOn3 => Choices { manifests: true, ..Choices::default() },
            Self::Placeholder | Self::PlaceholderOn3 => Choices { placeholder: true, ..Choices::default() },
        }
    }

    /// The request that takes the first marked tag away.
    pub fn first_path(self, world: &World) -> String {
        match self {
            Self::Untag => "/manifests/a1".to_owned(),
            Self::Digest | Self::DigestOn3 => format!("/manifests/{}", world.at("b")),
            Self::Placeholder | Self::PlaceholderOn3 => "/manifests/sha256:".to_owned(),
        }
    }
}

fn image(push: &mut Push<'_>, name: &str, platform: &str) -> Made {
    push.image(&Image {
        created: "2026-03-04T05:06:07Z".to_owned(),
        platform: platform.to_owned(),
        layers: vec![("base".to_owned(), 10), (format!("{name} {platform}"), 20)],
        labels: vec![("name".to_owned(), name.to_owned())],
        docker: false,
    })
}

/// `a1`, `a2`, `a3` on one image; `b`, `c`, `d`, `e` on one each; the index `i` of two platforms, and the index `j` of one
/// of them and another.
pub fn store() -> Store {
    let mut store = Store::new();
    let mut push = Push::to(&mut store, REPO);
    let a = image(&mut push, "a", "linux/amd64");
    push.tag(&["a1", "a2", "a3"], &a);
    for name in ["b", "c", "d", "e"] {
        let made = image(&mut push, name, "linux/amd64");
        push.tag(&[name], &made);
    }
    let [amd, arm, s390] = ["linux/amd64", "linux/arm64", "linux/s390x"].map(|p| image(&mut push, "multi", p));
    let i = push.index(&[amd, arm.clone()]);
    push.tag(&["i"], &i);
    let j = push.index(&[arm, s390]);
    push.tag(&["j"], &j);
    store
}

pub struct World {
    pub server: OciServer,
    pub backend: Arc<dyn Backend>,
    pub home: TempDir,
}

impl World {
    pub async fn new(profile: Profile) -> Self {
        Self::with(OciOptions { profile, ..OciOptions::default() }).await
    }

    pub async fn with(options: OciOptions) -> Self {
        let server = start_oci(store(), options).await.expect("a free port");
        let backend = anonymous(&server.url);
        Self { server, backend, home: tempfile::tempdir().expect("a directory") }
    }

    pub fn at(&self, name: &str) -> Digest {
        self.server.store().resolve(REPO, name).expect("a tag")
    }

    pub fn repository(&self) -> Repository {
        self.server.store().repositories[REPO].clone()
    }

    pub fn journals(&self) -> Journals {
        Journals::new(self.home.path(), HistorySettings::default())
    }

    pub async fn snapshot(&self, wanted: &Wanted) -> Snapshot {
        self.survey(wanted, &Seen::default()).await
    }

    pub async fn survey(&self, wanted: &Wanted, seen: &Seen) -> Snapshot {
        snapshot(&*self.backend, &self.server.url, wanted, seen).await
    }

    /// A plan for these tags, from what is there now.
    pub async fn plan(&self, marks: &[&str], choices: &Choices) -> Plan {
        let marks = Marks { tags: marks.iter().map(|name| tag(name)).collect(), ..Marks::default() };
        make(&*self.backend, &self.server.url, &marks, choices).await
    }

    pub async fn plan_way(&self, way: Way) -> Plan {
        let choices = way.choices();
        if way.profile() == Profile::Reference {
            // What a first refusal teaches.
            let refused = self.backend.delete_tag(&repo(REPO), &tag("nothing-like-this")).await;
            assert!(refused.is_err(), "2.8 deletes no tags");
        }
        let plan = if way == Way::PlaceholderOn3 {
            let marks = Marks { tags: way.marks().iter().map(|name| tag(name)).collect(), ..Marks::default() };
            let wanted = Wanted { manifests: true, referrers_of: marks.tags.clone(), ..Wanted::default() };
            let mut snapshot = self.snapshot(&wanted).await;
            snapshot.deletes.tag = Support::No;
            plan(&snapshot, &marks, &choices)
        } else {
            self.plan(way.marks(), &choices).await
        };
        assert_eq!(plan.items.len(), 3, "{plan:?}");
        self.server.clear_log();
        plan
    }

    pub fn batch(&self, plan: &Plan, events: mpsc::Sender<Event>) -> Batch {
        Batch {
            backend: self.backend.clone(),
            origin: self.server.url.clone(),
            account: None,
            plan: Arc::new(plan.clone()),
            journals: self.journals(),
            events,
            stop: CancellationToken::new(),
        }
    }

    /// Puts back what an operation took away, as far as that goes, and takes note of what it says.
    pub async fn undo(&self, id: &str, overwrite: &[&str]) -> Report {
        let prospect = self.prospect(id).await;
        let (events, receiver) = mpsc::channel(4);
        let restore = Restore {
            backend: self.backend.clone(),
            origin: self.server.url.clone(),
            account: None,
            journals: self.journals(),
            prospect,
            overwrite: overwrite.iter().map(|name| tag(name)).collect(),
            events,
            stop: CancellationToken::new(),
        };
        drained(restore.run(), receiver).await.0
    }

    pub async fn prospect(&self, id: &str) -> Prospect {
        prospect(&*self.backend, &self.journals(), id, true).await.expect("an operation that has ended")
    }

    pub async fn run(&self, plan: &Plan) -> (Report, Vec<Event>) {
        let (events, receiver) = mpsc::channel(4);
        drained(self.batch(plan, events).run(), receiver).await
    }

    pub fn deletes_sent(&self) -> usize {
        self.server.log().iter().filter(|one| one.method == "DELETE").count()
    }
}

/// The repository, with nothing of it protected or labelled.
fn place(origin: &str) -> Place {
    Place {
        registry: "test".to_owned(),
        origin: origin.to_owned(),
        repo: repo(REPO),
        protection: Protection::default(),
        labels: tagboat::domain::label::Labels::default(),
    }
}

pub async fn snapshot(backend: &dyn Backend, origin: &str, wanted: &Wanted, seen: &Seen) -> Snapshot {
    survey(backend, &place(origin), wanted, seen, &watch::Sender::new(Progress::default())).await.expect("a snapshot")
}

pub async fn make(backend: &dyn Backend, origin: &str, marks: &Marks, choices: &Choices) -> Plan {
    let known = tagboat::runtime::survey::deletes(backend, &repo(REPO));
    let wanted = Wanted::for_plan(marks, choices, known, false, false);
    plan(&snapshot(backend, origin, &wanted, &Seen::default()).await, marks, choices)
}

/// Runs to the end, and takes every event.
pub async fn drained<T, E>(work: impl Future<Output = T>, mut receiver: mpsc::Receiver<E>) -> (T, Vec<E>) {
    let mut events = Vec::new();
    let gather = async {
        while let Some(event) = receiver.recv().await {
            events.push(event);
        }
    };
    let (result, ()) = tokio::join!(work, gather);
    (result, events)
}

/// Takes every event, and stops it at one of these.
pub async fn stopping(stop: CancellationToken, mut receiver: mpsc::Receiver<Event>, at: impl Fn(&Event) -> bool) {
    while let Some(event) = receiver.recv().await {
        if at(&event) {
            stop.cancel();
        }
    }
}

/// The state of the server against what was reported: what is reported deleted is deleted, what is not is not, and nothing
/// else changed. `moved`: what somebody else did to tags meanwhile.
pub fn agree(
    case: &str,
    before: &Repository,
    after: &Repository,
    plan: &Plan,
    report: &Report,
    moved: &[(&str, Digest)],
) {
    assert_eq!(report.items.len(), plan.items.len(), "{case}");
    let totals = report.totals;
    let sum =
        totals.done + totals.gone + totals.changed + totals.refused + totals.failed + totals.unknown + totals.skipped;
    assert_eq!((sum, totals.left), (plan.items.len(), 0), "{case}: {totals:?}");
    let mut tags: BTreeMap<String, Digest> = before.tags.clone();
    tags.extend(moved.iter().map(|(name, digest)| ((*name).to_owned(), digest.clone())));
    let mut manifests: BTreeSet<Digest> = before.manifests.keys().cloned().collect();
    let mut open: BTreeSet<&TagName> = BTreeSet::new();
    let mut unsure: BTreeSet<&Digest> = BTreeSet::new();
    for (item, ended) in plan.items.iter().zip(&report.items) {
        if ended.outcome != Outcome::Done {
            assert!(ended.why.is_some(), "{case}: {:?} without a reason", ended.outcome);
        }
        match ended.outcome {
            Outcome::Done | Outcome::Gone => {
                tags.retain(|name, _| !item.takes().iter().any(|tag| tag.as_str() == name));
                manifests.retain(|digest| item.deletes() != Some(digest));
            }
            Outcome::Unknown => {
                open.extend(item.takes());
                unsure.extend(item.deletes());
            }
            // The manifest may have gone from under a tag that was moved in the last moment; that is said.
            Outcome::Changed => {
                let said = ended.why.as_ref().is_some_and(|why| why.as_str().contains("is deleted"));
                unsure.extend(item.deletes().filter(|_| said));
            }
            Outcome::Refused | Outcome::Failed | Outcome::Skipped => {}
        }
    }
    let known = |tags: &BTreeMap<String, Digest>| -> BTreeMap<String, Digest> {
        let sure = |name: &String| !open.iter().any(|tag| tag.as_str() == name);
        tags.iter().filter(|(name, _)| sure(name)).map(|(name, digest)| (name.clone(), digest.clone())).collect()
    };
    assert_eq!(known(&after.tags), known(&tags), "{case}: tags; {report:#?}");
    let there: BTreeSet<Digest> = after.manifests.keys().cloned().collect();
    for digest in manifests.symmetric_difference(&there) {
        // A placeholder that nobody could delete is left, but on no tag.
        let stray = !before.manifests.contains_key(digest) && !after.tags.values().any(|on| on == digest);
        assert!(unsure.contains(digest) || stray, "{case}: manifest {digest}; {report:#?}");
    }
}
