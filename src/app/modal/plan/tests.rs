//! The dialog, driven by keys; and facts of a repository to make plans from.

mod asking;
mod keeping;
mod reading;
mod running;
mod shifting;

use std::collections::HashMap;

use super::*;
use crate::app::effect::Effect;
use crate::app::job::Work;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::modal::Modal;
use crate::app::modal::confirm::Focus;
use crate::app::msg::{Event, Msg};
use crate::app::pane::Place;
use crate::app::state::{Looks, Registry, State};
use crate::app::update::update;
use crate::domain::capability::{DeleteSemantics, Support};
use crate::domain::cleanup::{
    Blob, Deletes, Found, Item, ManifestFact, Method, Plan, Protection, TagFact, Target, Tier,
};
use crate::domain::image::ManifestKind;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::registry::{BackendKind, RegistryProfile};

/// What deletes by digest only, as distribution 2.8 does.
pub const BY_DIGEST: Deletes = Deletes { tag: Support::No, manifest: Support::Yes, vendor: false, tags_first: false };
/// What can take a tag alone, as distribution 3 can.
pub const BY_TAG: Deletes = Deletes { tag: Support::Yes, manifest: Support::Yes, vendor: false, tags_first: false };

/// A repository with these tags, each with what it points at. What begins with `release` is an index of two entries.
pub fn snapshot<'a>(
    registry: &str,
    repo: &RepoName,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    deletes: Deletes,
    protection: Protection,
    time: Timestamp,
) -> Snapshot {
    let digest = |of: &str| Digest::of(of.as_bytes());
    let mut manifests = HashMap::new();
    let fact = |of: &str, children: Vec<Digest>| {
        let kind = if children.is_empty() { ManifestKind::Manifest } else { ManifestKind::Index };
        let blob = |name: String, size| Blob { digest: digest(&name), size: Some(size) };
        let own = vec![blob(format!("{of}-config"), 2_000), blob(format!("{of}-layer"), 5_000_000)];
        let blobs = if children.is_empty() { own } else { Vec::new() };
        Found::Read(ManifestFact {
            media_type: "application/vnd.oci.image.manifest.v1+json".into(),
            kind,
            size: 600,
            children: children.into(),
            blobs: blobs.into(),
            subject: None,
            warnings: Vec::new(),
        })
    };
    let mut facts = Vec::new();
    for (name, target) in tags {
        let mut children = Vec::new();
        if target.starts_with("release") {
            for part in ["amd64", "arm64"] {
                let child = format!("{target}-{part}");
                children.push(digest(&child));
                manifests.insert(digest(&child), fact(&child, Vec::new()));
            }
        }
        manifests.insert(digest(target), fact(target, children));
        let name = TagName::parse(name).unwrap();
        facts.push(TagFact {
            name,
            target: Target::At(digest(target)),
            info: None,
            pushed: None,
            label: None,
            note: None,
        });
    }
    Snapshot {
        registry: registry.to_owned(),
        origin: format!("https://{registry}.example"),
        kind: BackendKind::Oci,
        repo: repo.clone(),
        time,
        tags: facts,
        complete: true,
        deep: true,
        manifests,
        referrers: HashMap::new(),
        referrers_known: true,
        deletes,
        protection,
    }
}

const TAGS: [(&str, &str); 6] = [
    ("latest", "release-2"),
    ("v1", "release-1"),
    ("v2", "release-2"),
    ("pr-1", "pr-1"),
    ("pr-2", "pr-2"),
    ("demo", "pr-2"),
];

struct Bench {
    state: State,
    deletes: Deletes,
    /// Milliseconds since the test began.
    clock: i64,
    effects: Vec<Effect>,
}

impl Bench {
    fn new(deletes: Deletes) -> Self {
        let profile = RegistryProfile {
            name: "one".to_owned(),
            url: "https://one.example".to_owned(),
            ..RegistryProfile::default()
        };
        let looks =
            Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".to_owned() };
        let mut state = State::new(vec![Registry::new(profile, true)], Keymap::builtin(), looks, Timestamp::UNIX_EPOCH);
        update(&mut state, Msg::Resize(80, 24));
        let mut bench = Self { state, deletes, clock: 1_000_000, effects: Vec::new() };
        bench.wait(0);
        let place = Place::Tags(RegistryId(0), RepoName::parse("app").unwrap());
        let target = crate::app::modal::prompt::Target {
            registry: RegistryId(0),
            repo: Some(RepoName::parse("app").unwrap()),
            reference: None,
        };
        let effects = crate::app::update::go_to(&mut bench.state, target);
        assert_eq!(bench.state.pane().place, place);
        bench.answer(effects);
        bench
    }

    fn wait(&mut self, milliseconds: i64) {
        self.clock += milliseconds;
        let now = Timestamp::from_millisecond(self.clock).unwrap();
        update(&mut self.state, Msg::Tick(now));
    }

    /// Answers what is asked, keeps what only the outside can do.
    fn answer(&mut self, effects: Vec<Effect>) {
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            let events = match &effect {
                Effect::Fetch { query: crate::app::effect::Query::Tags(_), .. } => {
                    let names = TAGS.iter().map(|(name, _)| Listed::Valid(TagName::parse(name).unwrap()));
                    vec![Event::Tags(names.collect()), Event::TagsEnd(Ok(ListEnd { complete: true, note: None }))]
                }
                Effect::Survey { repo, protection, marks, choices, .. } => {
                    let now = self.state.now;
                    let mut snapshot = snapshot("one", repo, TAGS, self.deletes, protection.clone(), now);
                    if !choices.needs_manifests(marks, &self.deletes) {
                        (snapshot.deep, snapshot.referrers_known) = (false, false);
                        snapshot.manifests.clear();
                    }
                    vec![Event::Surveyed(Ok(Box::new(snapshot)))]
                }
                _ => Vec::new(),
            };
            let id = match &effect {
                Effect::Fetch { id, .. } | Effect::Survey { id, .. } => *id,
                _ => RequestId(0),
            };
            for event in events {
                waiting.extend(update(&mut self.state, Msg::Loaded { id, event }));
            }
            self.effects.push(effect);
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            let effects = update(&mut self.state, Msg::Key(key.parse::<Key>().unwrap()));
            self.answer(effects);
        }
    }

    fn enter(&mut self, text: &str) {
        for c in text.chars() {
            let effects = update(&mut self.state, Msg::Key(Key::char(c)));
            self.answer(effects);
        }
    }

    /// The plan is drawn, and looked at.
    fn look(&mut self) {
        let now = self.state.now;
        update(&mut self.state, Msg::Shown(now));
        self.wait(300);
    }

    fn mark(&mut self, names: &[&str]) {
        for name in names {
            self.state.pane_mut().mark([TagName::parse(name).unwrap()], Vec::new());
        }
    }

    fn dialog(&self) -> &PlanDialog {
        match self.state.modals.last() {
            Some(Modal::Plan(dialog)) => dialog,
            other => panic!("no plan but {other:?}"),
        }
    }

    fn ready(&self) -> &Ready {
        match &self.dialog().stage {
            Stage::Ready(ready) => ready,
            other => panic!("not ready: {other:?}"),
        }
    }

    fn lost(&self) -> Vec<String> {
        let mut lost: Vec<String> = self.ready().plan.lost_tags().map(ToString::to_string).collect();
        lost.sort();
        lost
    }

    fn started(&self) -> Vec<&Plan> {
        let mut plans = Vec::new();
        for effect in &self.effects {
            if let Effect::StartJob { work: Work::Delete(plan), .. } = effect {
                plans.push(&**plan);
            }
        }
        plans
    }
}

#[test]
fn what_each_choice_adds_is_seen_before_anything_is_confirmed() {
    let mut bench = Bench::new(BY_DIGEST);
    bench.mark(&["pr-1", "pr-2", "v1"]);
    bench.press("d");
    bench.look();
    // `demo` is on the digest of pr-2, and nobody marked it.
    assert_eq!(bench.lost(), ["pr-1", "v1"]);
    assert_eq!(bench.ready().kept(Keeper::Held), (1, 1));
    assert_eq!(bench.ready().plan.left.children.len(), 2);
    bench.press("1");
    bench.look();
    assert_eq!(bench.lost(), ["demo", "pr-1", "pr-2", "v1"]);
    bench.press("1");
    bench.look();
    bench.press("2");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1", "v1"]);
    assert_eq!(bench.ready().plan.lost_manifests().count(), 4);
    bench.press("2");
    bench.look();
    bench.press("4");
    bench.look();
    assert_eq!(bench.dialog().choice(4), Some(Choice::Placeholder));
    let by_placeholder = |item: &&Item| item.method == Method::Placeholder;
    assert_eq!(bench.ready().plan.items.iter().filter(by_placeholder).count(), 1);
    assert_eq!(bench.lost(), ["pr-1", "pr-2", "v1"]);
    assert!(bench.started().is_empty());
}

#[test]
fn where_a_tag_goes_alone_nothing_else_does_until_it_is_chosen() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1", "pr-2"]);
    assert_eq!(bench.ready().plan.lost_manifests().count(), 0);
    assert_eq!(bench.dialog().choice(4), Some(Choice::Manifests));
    bench.press("4");
    bench.look();
    assert_eq!(bench.ready().plan.lost_manifests().count(), 1);
    bench.press("2");
    bench.look();
    bench.press("4");
    assert!(!bench.dialog().choices.deletes_manifests());
}

#[test]
fn protected_tags_stay_until_they_are_lifted_and_then_the_name_is_asked_for() {
    let mut bench = Bench::new(BY_TAG);
    bench.state.cleanup.protect = vec!["v1".to_owned()];
    bench.mark(&["pr-1", "v1"]);
    bench.press("d");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1"]);
    assert_eq!(bench.ready().kept(Keeper::Protection).0, 1);
    bench.press("esc");
    bench.state.pane_mut().lifted.insert(TagName::parse("v1").unwrap());
    bench.press("d");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1", "v1"]);
    assert_eq!(bench.ready().ask.tier, Tier::Name);
}

#[test]
fn where_nothing_may_be_deleted_the_key_says_why() {
    type Change = fn(&mut State);
    let cases: [(Change, &str); 4] = [
        (|state| state.read_only = true, "--read-only"),
        (|state| state.registries[0].profile.mode = crate::domain::registry::Mode::ReadOnly, "read-only in the config"),
        (|state| state.registries[0].caps.delete = DeleteSemantics::Unsupported, "switched off"),
        (|state| state.cleanup.unread = true, "mistake"),
    ];
    for (change, why) in cases {
        let mut bench = Bench::new(BY_TAG);
        change(&mut bench.state);
        bench.press("d");
        assert!(bench.state.modals.is_empty());
        assert!(bench.state.notice.as_ref().unwrap().text.as_str().contains(why), "{why}");
    }
}

#[test]
fn a_plan_that_is_given_up_while_its_facts_are_read_ends_the_reading() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    let effects = update(&mut bench.state, Msg::Key(Key::char('d')));
    let id = effects.iter().find_map(|effect| match effect {
        Effect::Survey { id, .. } => Some(*id),
        _ => None,
    });
    let id = id.unwrap();
    let progress = Reading { what: "manifests", done: 3, of: 9 };
    update(&mut bench.state, Msg::Loaded { id, event: Event::Surveying(progress) });
    assert!(matches!(&bench.dialog().stage, Stage::Reading { progress: now, .. } if *now == progress));
    let effects = update(&mut bench.state, Msg::Key("esc".parse().unwrap()));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Abort { id: own } if *own == id)));
    assert!(bench.state.modals.is_empty() && !bench.state.inflight.contains_key(&id));
}

#[test]
fn an_old_plan_is_made_again_before_it_runs() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    bench.look();
    bench.wait(6 * 60 * 1000);
    bench.press("y");
    assert!(bench.started().is_empty());
    bench.look();
    bench.press("y");
    assert_eq!(bench.started().len(), 1);
}
