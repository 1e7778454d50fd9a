//! The dialog, from the key in the list to the job.

use std::sync::Arc;

use super::*;
use crate::app::effect::Effect;
use crate::app::job::Work;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::modal::Modal;
use crate::app::modal::confirm::Focus;
use crate::app::msg::{Event, Msg};
use crate::app::pane::Place;
use crate::app::state::{Link, Looks, Registry, State};
use crate::app::update::{start, update};
use crate::domain::capability::{Ability, Capabilities, Takes};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::TagName;
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::RepoInfo;
use crate::domain::sweep::{Known, Protected, Tags};

const ABILITIES: &[Ability] = &[Ability::DeleteRepositories];
const LAB: RegistryId = RegistryId(0);

pub fn name(text: &str) -> RepoName {
    RepoName::loose(text).unwrap()
}

struct Bench {
    state: State,
    effects: Vec<Effect>,
}

impl Bench {
    fn new(takes: Takes, change: impl FnOnce(&mut State)) -> Self {
        let profile = RegistryProfile {
            name: "lab".to_owned(),
            kind: BackendKind::Alauda,
            url: "https://lab.example".to_owned(),
            ..RegistryProfile::default()
        };
        let looks =
            Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".to_owned() };
        let mut state = State::new(
            vec![Registry::new(profile, true)],
            Keymap::builtin(),
            looks,
            "2026-11-01T09:00:00Z".parse().unwrap(),
        );
        update(&mut state, Msg::Resize(120, 36));
        start(&mut state);
        let registry = state.registry_mut(LAB);
        registry.link = Link::Up;
        registry.caps = Capabilities { abilities: ABILITIES, repository_delete: takes, ..Capabilities::default() };
        change(&mut state);
        let mut bench = Self { state, effects: Vec::new() };
        bench.press("enter");
        let id = bench.asked(|effect| match effect {
            Effect::Fetch { id, query: crate::app::effect::Query::Repositories, .. } => Some(*id),
            _ => None,
        });
        let names = ["a/one", "b/two", "c/three", "d/four"].map(|text| Listed::Valid(name(text)));
        bench.told(Msg::Loaded { id, event: Event::Repositories(names.into()) });
        let end = ListEnd { complete: true, note: None };
        bench.told(Msg::Loaded { id, event: Event::RepositoriesEnd(Ok(end)) });
        bench
    }

    fn told(&mut self, msg: Msg) {
        self.effects = update(&mut self.state, msg);
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.told(Msg::Key(key.parse().unwrap()));
        }
    }

    fn write(&mut self, text: &str) {
        text.chars().for_each(|c| self.told(Msg::Key(Key::char(c))));
    }

    fn asked<T>(&self, which: impl Fn(&Effect) -> Option<T>) -> T {
        self.effects.iter().find_map(which).unwrap_or_else(|| panic!("{:?}", self.effects))
    }

    /// It is drawn, and looked at for a moment.
    fn look(&mut self) {
        self.told(Msg::Shown(self.state.now));
        self.told(Msg::Tick(self.state.now + jiff::SignedDuration::from_millis(300)));
    }

    /// What was asked for is read: a tag `latest` in each, which these patterns protect.
    fn answer(&mut self, change: impl Fn(&mut Known)) {
        let (id, repos) = self.asked(|effect| match effect {
            Effect::SurveyRepositories { id, repos, .. } => Some((*id, repos.clone())),
            _ => None,
        });
        let takes = self.state.registry(LAB).caps.repository_delete;
        let now = self.state.now;
        let repos = repos.into_iter().map(|(repo, protection)| {
            let tag = TagName::parse("latest").unwrap();
            let row = crate::domain::filter::Row { name: "latest", ..Default::default() };
            let mut protected = Protected::default();
            protection.of(&row, now).into_iter().for_each(|by| protected.add(&tag, by));
            let tags = Tags::of(std::slice::from_ref(&tag), true);
            let fact = Fact::new(repo.clone(), &RepoInfo::default(), Some(tags), protected);
            let mut known = Known::Here(Box::new(fact));
            change(&mut known);
            (repo, known)
        });
        let snapshot = Snapshot {
            registry: "lab".to_owned(),
            origin: "https://lab.example".to_owned(),
            scope: None,
            account: None,
            takes,
            time: now,
            repos: repos.collect(),
        };
        self.told(Msg::Loaded { id, event: Event::RepositoriesRead(Ok(Box::new(snapshot))) });
    }

    fn dialog(&self) -> &SweepDialog {
        match self.state.modals.last() {
            Some(Modal::Sweep(dialog)) => dialog,
            other => panic!("{other:?}"),
        }
    }

    fn ready(&self) -> &Ready {
        match &self.dialog().stage {
            Stage::Ready(ready) => ready,
            other => panic!("{other:?}"),
        }
    }

    fn going(&self) -> Vec<String> {
        self.ready().plan.repos().map(ToString::to_string).collect()
    }

    fn started(&self) -> Option<Arc<Sweep>> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::StartJob { work: Work::Sweep(sweep), .. } => Some(Arc::clone(sweep)),
            _ => None,
        })
    }
}

fn use_it(known: &mut Known) {
    if let Known::Here(fact) = known {
        fact.in_use = true;
    }
}

#[test]
fn marks_are_names_that_survive_sorting_filtering_and_a_reload() {
    let mut bench = Bench::new(Takes::Everything, |_| {});
    bench.press("space j space");
    let marked = |bench: &Bench| bench.state.pane().repos.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(marked(&bench), ["a/one", "c/three"]);
    bench.press("s 1 / f o u r enter");
    assert_eq!(marked(&bench), ["a/one", "c/three"]);
    let catalog = &bench.state.cache.catalogs[&LAB];
    assert_eq!(crate::app::pane::repositories::count_marks(catalog, bench.state.pane()), (2, 2), "both are hidden");
    bench.press("a");
    assert_eq!(marked(&bench), ["a/one", "c/three", "d/four"]);
    bench.press("u");
    assert_eq!(marked(&bench), ["a/one", "c/three"]);
    bench.press("esc i");
    assert_eq!(marked(&bench), ["b/two", "d/four"]);
    bench.press("M");
    assert_eq!(bench.state.pane().list.shown.len(), 2);
    bench.press("X");
    assert!(marked(&bench).is_empty() && bench.state.pane().list.shown.len() == 4);
    bench.press("g g v j space");
    assert_eq!(marked(&bench).len(), 2);
    bench.press("r");
    let id = bench.asked(|effect| match effect {
        Effect::Fetch { id, query: crate::app::effect::Query::Repositories, .. } => Some(*id),
        _ => None,
    });
    bench.told(Msg::Loaded { id, event: Event::Repositories(vec![Listed::Valid(name("0/new"))]) });
    assert_eq!(marked(&bench).len(), 2);
}

#[test]
fn where_repositories_cannot_be_deleted_nothing_is_marked_and_the_reason_is_said() {
    type Change = fn(&mut State);
    let cases: [(Change, &str); 4] = [
        (|state| state.registry_mut(LAB).caps.abilities = &[], "this registry cannot delete repositories"),
        (|state| state.read_only = true, "read-only"),
        (|state| state.registry_mut(LAB).profile.mode = crate::domain::registry::Mode::ReadOnly, "mode = \"ro\""),
        (|state| state.cleanup.unread = true, "the config has a mistake"),
    ];
    for (change, why) in cases {
        let mut bench = Bench::new(Takes::Everything, change);
        for keys in ["space", "v", "a", "i", "d"] {
            bench.press(keys);
            assert!(bench.state.pane().repos.is_empty() && bench.state.modals.is_empty(), "{keys}: {why}");
            let said = bench.state.notice.as_ref().unwrap().text.to_string();
            assert!(said.contains(why), "{keys}: {said}");
        }
    }
}

#[test]
fn enter_alone_or_keys_that_came_before_delete_nothing() {
    let mut bench = Bench::new(Takes::Everything, |_| {});
    bench.press("d");
    assert!(matches!(bench.dialog().stage, Stage::Reading { .. }));
    bench.answer(|_| {});
    // Before it is drawn, and right after.
    bench.press("tab tab");
    bench.write("a/one");
    bench.press("tab enter y enter");
    assert!(bench.started().is_none() && bench.ready().question.focus == Focus::Cancel);
    bench.told(Msg::Shown(bench.state.now));
    bench.press("tab tab y tab enter");
    assert!(bench.started().is_none() && bench.ready().question.typed.value().is_empty());
    bench.look();
    bench.press("y");
    bench.told(Msg::Paste("a/one".to_owned()));
    assert!(bench.started().is_none());
    bench.press("tab tab");
    bench.told(Msg::Paste("a/one\r".to_owned()));
    assert!(bench.ready().question.typed.value().is_empty(), "nothing is pasted into it");
    bench.write("a/on");
    bench.press("tab");
    bench.look();
    bench.press("enter");
    assert!(bench.started().is_none(), "half a name is none");
    bench.press("backtab e tab");
    bench.look();
    bench.press("enter");
    assert_eq!(bench.started().unwrap().repos().cloned().collect::<Vec<_>>(), [name("a/one")]);
    let mut bench = Bench::new(Takes::Everything, |_| {});
    bench.press("d");
    bench.answer(|_| {});
    bench.look();
    bench.press("enter");
    assert!(bench.started().is_none() && bench.state.modals.is_empty(), "Enter is Cancel");
}

#[test]
fn many_are_confirmed_by_their_number_and_the_registry() {
    let mut bench = Bench::new(Takes::Tags, |_| {});
    bench.press("a d");
    bench.answer(|_| {});
    bench.look();
    assert_eq!(bench.ready().question.ask.typed, "4 lab");
    // One is taken out: what was to be typed is another number.
    bench.press("tab K");
    assert_eq!((bench.going().len(), bench.ready().question.ask.typed.as_str()), (3, "3 lab"));
    bench.look();
    bench.press("G K");
    assert_eq!(bench.going().len(), 4, "the row that stays is the last one");
    bench.press("G K");
    bench.look();
    bench.press("tab");
    bench.write("3 lab");
    bench.press("tab");
    bench.look();
    bench.press("enter");
    let plan = bench.started().expect("it begins");
    assert_eq!((plan.items.len(), plan.kept.len()), (3, 1));
    assert!(matches!(bench.state.modals.last(), Some(Modal::Progress(_))));
    assert!(!bench.state.pane().repos.is_empty(), "marks are kept until they are gone");
}

#[test]
fn what_holds_protected_tags_stays_until_somebody_lifts_that() {
    let mut bench = Bench::new(Takes::Everything, |state| state.cleanup.protect = vec!["latest".to_owned()]);
    bench.press("d");
    bench.answer(|_| {});
    bench.look();
    assert!(bench.going().is_empty() && bench.ready().plan.kept[0].why.as_str().contains("latest"));
    bench.press("tab enter y");
    assert!(bench.started().is_none());
    bench.press("1");
    assert_eq!(bench.going(), ["a/one"]);
    assert_eq!(bench.ready().question.ask.why, Some("protected tags"));
    bench.press("1");
    assert!(bench.going().is_empty());
}

#[test]
fn an_entry_in_use_is_asked_about_twice() {
    let mut bench = Bench::new(Takes::Entry, |_| {});
    bench.press("d");
    bench.answer(use_it);
    bench.look();
    bench.press("y tab tab");
    bench.write("a/one");
    bench.press("tab");
    bench.look();
    bench.press("enter");
    assert!(bench.started().is_none() && bench.ready().again);
    assert_eq!(bench.ready().question.focus, Focus::Cancel);
    // What was typed ahead is no answer to the second question, and Enter is no.
    bench.press("y tab tab enter");
    assert!(bench.started().is_none());
    bench.look();
    bench.press("y");
    assert!(bench.started().is_some());
    let mut bench = Bench::new(Takes::Entry, |_| {});
    bench.press("d");
    bench.answer(|_| {});
    bench.look();
    bench.press("y");
    assert!(bench.started().is_some(), "one that nobody uses is a plain yes");
}

#[test]
fn a_plan_that_is_too_old_or_that_is_given_up_sends_nothing() {
    let mut bench = Bench::new(Takes::Entry, |_| {});
    bench.press("d esc");
    assert!(bench.effects.iter().any(|effect| matches!(effect, Effect::Abort { .. })), "{:?}", bench.effects);
    bench.press("d");
    bench.answer(|_| {});
    bench.told(Msg::Tick(bench.state.now + jiff::SignedDuration::from_mins(6)));
    bench.look();
    bench.press("y");
    assert!(bench.started().is_none() && matches!(bench.dialog().stage, Stage::Reading { .. }), "it is read again");
}

#[test]
fn afterwards_the_list_is_right_without_being_read_again() {
    use crate::app::job::JobEvent;
    use crate::domain::outcome::{Ended, Outcome};
    let mut bench = Bench::new(Takes::Everything, |_| {});
    let key = |text: &str| ("lab".to_owned(), Some(name(text)));
    bench.state.favourites.extend([key("b/two"), key("d/four")]);
    bench.press("j v j space d");
    bench.answer(|_| {});
    bench.look();
    bench.press("tab tab");
    bench.write("2 lab");
    bench.press("tab");
    bench.look();
    bench.press("enter");
    let job = bench.state.jobs[0].id;
    bench.press("esc k");
    assert_eq!(bench.state.pane().list.selected(), Some(1));
    let items = vec![Ended::done(), Ended::because(Outcome::Changed, crate::domain::clean::Clean::fixed("moved"))];
    bench.told(Msg::Job { job, event: JobEvent::Finished { items, stopped: None } });
    let rows: Vec<String> =
        bench.state.cache.catalogs[&LAB].rows.iter().map(|row| crate::app::cache::Row::text(row).to_owned()).collect();
    assert_eq!(rows, ["a/one", "c/three", "d/four"]);
    assert_eq!(bench.state.pane().list.shown, [0, 1, 2]);
    assert_eq!(bench.state.pane().list.cursor, 1, "near its old place");
    assert_eq!(bench.state.pane().repos.iter().collect::<Vec<_>>(), [&name("c/three")]);
    assert!(!bench.state.favourites.contains(&key("b/two")) && bench.state.favourites.contains(&key("d/four")));
    let lists =
        |effect: &Effect| matches!(effect, Effect::Fetch { query: crate::app::effect::Query::Repositories, .. });
    assert!(!bench.effects.iter().any(lists), "{:?}", bench.effects);
    assert!(matches!(bench.state.pane().place, Place::Repositories(_)));
}
