//! The history, an operation of it, and jobs: as they look, and from the key to what leaves the core.

use std::sync::Arc;

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use crate::app::effect::Effect;
use crate::app::history::{Counts, Details, Item, Keeps, Operation, Stand, Standing, State as Recorded, Told};
use crate::app::job::{JobEvent, Step, Work};
use crate::app::modal::Modal;
use crate::app::msg::{Event, Msg};
use crate::app::state::{State, Tone};
use crate::app::update::update;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Method;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::{BackendKind, Mode};
use crate::domain::undo::{ManifestBack, Now, Prospect, TagBack};

const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];
pub(super) const ID: &str = "20261031-091428-3f2a";

pub(super) fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

pub(super) fn told(stand: Stand, registry: &str, words: &Words) -> Told {
    let mut counts = Counts::default();
    [Outcome::Done, Outcome::Done, Outcome::Failed].into_iter().for_each(|outcome| counts.add(outcome));
    Told {
        time: "2026-10-31T09:14:28Z".parse().unwrap(),
        stand,
        registry: registry.to_owned(),
        origin: format!("https://{registry}.example.com"),
        account: Some(words.invalid.clone()),
        kind: crate::domain::registry::BackendKind::Oci,
        repo: RepoName::parse("team/search").unwrap(),
        sets: false,
        changed: None,
        undoes: None,
        undone: Vec::new(),
        tags: 3,
        manifests: 1,
        repos: 0,
        takes: Default::default(),
        counts,
        restorable: 2,
        damaged: false,
        words: format!("{ID} {registry} team/search pr-1 pr-2 latest done failed"),
    }
}

pub(super) fn details(stand: Stand, registry: &str, words: &Words) -> Details {
    let item = |name: &str, with: Option<&str>, outcome: Outcome, why: Option<&str>| Item {
        repo: None,
        tag: Some(tag(name)),
        with: with.map(tag),
        digest: Some(Digest::of(name.as_bytes())),
        method: Some(Method::DeleteManifest),
        state: Recorded::Ended(outcome),
        why: why.map(clean::line),
        restorable: outcome == Outcome::Done,
    };
    let items = vec![
        item("pr-1", None, Outcome::Done, None),
        item("latest", Some("pr-1"), Outcome::Done, None),
        item("pr-2", None, Outcome::Failed, Some(&words.prose)),
    ];
    Details { told: told(stand, registry, words), items, kept: 1, omitted: 0 }
}

fn operations(words: &Words) -> Vec<Operation> {
    let one = |id: &str, told: Told| Operation { id: id.to_owned(), told: Ok(Box::new(told)) };
    let undo = Told { undoes: Some(ID.to_owned()), ..told(Stand::Ended, "prod", words) };
    let taken = Told { undone: vec!["20261031-200000-0002".to_owned()], ..told(Stand::Ended, "prod", words) };
    vec![
        one("20261101-080000-0001", told(Stand::Running, "prod", words)),
        one("20261031-200000-0002", undo),
        one(ID, told(Stand::Ended, "lab", words)),
        one("20261030-091428-0004", told(Stand::Unfinished, "lab", words)),
        one("20261029-091428-0005", taken),
        Operation { id: "20261028-091428-0006".to_owned(), told: Err(clean::line(&words.prose)) },
    ]
}

/// Presses keys; what asks for the history is answered, and the rest is returned.
pub(super) fn press(state: &mut State, keys: &str, stand: Stand, registry: &str, words: &Words) -> Vec<Effect> {
    let mut rest = Vec::new();
    for key in keys.split(' ') {
        let mut effects = update(state, Msg::Key(key.parse().unwrap()));
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::ReadHistory => {
                    effects.extend(update(state, Msg::HistoryRead(Ok(operations(words)))));
                }
                Effect::ReadOperation { journal } => {
                    let read = Ok(Box::new(details(stand, registry, words)));
                    effects.extend(update(state, Msg::OperationRead { journal, read }));
                }
                other => rest.push(other),
            }
        }
    }
    rest
}

/// An operation of the history is looked at.
pub(super) fn opened(size: (u16, u16), ascii: bool, words: &Words) -> State {
    let mut state = fixture::with(2, size.0, size.1, fixture::looks("mono", ascii), words);
    press(&mut state, "g x j j enter", Stand::Ended, "lab", words);
    state
}

pub(super) fn viewed(size: (u16, u16)) -> State {
    let mut state = fixture::state(2, size.0, size.1, fixture::looks("mono", true));
    press(&mut state, "g x", Stand::Ended, "lab", &Words::default());
    state
}

pub(super) fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

pub(super) fn prospect(in_use: bool) -> Prospect {
    let digest = |name: &str| Digest::of(name.as_bytes());
    let lost = ManifestBack::Lost(Clean::fixed("the registry has thrown content of it away: 0123456789ab"));
    let latest = if in_use { TagBack::InUse(digest("other")) } else { TagBack::Free };
    Prospect {
        id: ID.to_owned(),
        registry: "lab".to_owned(),
        origin: "https://lab.example.com".to_owned(),
        kind: BackendKind::Oci,
        repo: RepoName::parse("team/search").unwrap(),
        manifests: vec![(digest("pr-1"), ManifestBack::Possible), (digest("pr-2"), lost)],
        tags: vec![
            (tag("pr-1"), digest("pr-1"), TagBack::Free),
            (tag("latest"), digest("pr-1"), latest),
            (tag("pr-2"), digest("pr-2"), TagBack::Lost),
        ],
    }
}

/// What the registry says is here, and was looked at for a moment.
fn weighed(size: (u16, u16), registry: &str, in_use: bool) -> State {
    let mut state = viewed(size);
    let asked = press(&mut state, "j j u", Stand::Ended, registry, &Words::default());
    let id = asked.iter().find_map(|effect| match effect {
        Effect::Weigh { id, journal, .. } if journal == ID => Some(*id),
        _ => None,
    });
    let id = id.unwrap_or_else(|| panic!("nothing is asked: {asked:?}\n{}", screen(&state)));
    update(&mut state, Msg::Loaded { id, event: Event::Weighed(Ok(Box::new(prospect(in_use)))) });
    fixture::look(&mut state);
    state
}

fn examined(size: (u16, u16)) -> State {
    let mut state = viewed(size);
    let asked = press(&mut state, "j j j enter c", Stand::Unfinished, "lab", &Words::default());
    let id = asked.iter().find_map(|effect| match effect {
        Effect::Examine { id, .. } => Some(*id),
        _ => None,
    });
    let stands = [
        ("pr-1", Now::Done),
        ("pr-2", Now::OnPlaceholder(Digest::of(b"placeholder"))),
        ("pr-3", Now::NotBegun),
        ("pr-4", Now::Moved(Digest::of(b"other"))),
    ];
    let standing = stands.map(|(name, now)| {
        let digest = Some(Digest::of(name.as_bytes()));
        Standing { tag: Some(tag(name)), repo: None, digest, now }
    });
    let event = Event::Examined(Ok(standing.into()));
    update(&mut state, Msg::Loaded { id: id.expect("the registry is asked"), event });
    fixture::look(&mut state);
    state
}

fn started(effects: &[Effect]) -> Option<&Work> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartJob { work, .. } => Some(work),
        _ => None,
    })
}

fn keys(state: &mut State, keys: &str) -> Vec<Effect> {
    press(state, keys, Stand::Ended, "lab", &Words::default())
}

#[test]
fn the_history_looks_like_this() {
    let mut out = String::new();
    for size in SIZES {
        let mut state = viewed(size);
        out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
        keys(&mut state, "j j enter");
        out += &format!(
            "{}\n\n{}\n\n{}\n\n",
            screen(&state),
            screen(&weighed(size, "lab", true)),
            screen(&examined(size))
        );
    }
    assert!(out.is_ascii());
    insta::assert_snapshot!(out);
}

#[test]
fn jobs_look_like_this() {
    let mut out = String::new();
    for size in SIZES {
        let mut state = weighed(size, "lab", false);
        keys(&mut state, "y");
        let job = state.jobs[0].id;
        let mut tell = |event| drop(update(&mut state, Msg::Job { job, event }));
        tell(JobEvent::Began { journal: "20261101-090000-0007".to_owned() });
        tell(JobEvent::Ended { at: 0, ended: Ended::done() });
        tell(JobEvent::Item { at: 1, step: Step::Sending });
        keys(&mut state, "esc g j");
        out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
        let items = vec![Ended::done(); 5];
        update(&mut state, Msg::Job { job, event: JobEvent::Finished { items, stopped: None } });
        out += &format!("{}\n\n", screen(&state));
    }
    assert!(out.is_ascii());
    insta::assert_snapshot!(out);
}

#[test]
fn the_filter_finds_a_registry_a_repository_a_tag_and_an_outcome() {
    for (typed, found) in
        [("prod", 3), ("team/search", 5), ("pr-2", 5), ("failed", 5), ("!prod lab", 2), ("nothing", 0)]
    {
        let mut state = viewed((120, 36));
        keys(&mut state, "/");
        typed.chars().for_each(|c| drop(update(&mut state, Msg::Key(crate::app::key::Key::char(c)))));
        assert_eq!(state.pane().list.shown.len(), found, "{typed}");
    }
}

#[test]
fn nothing_comes_back_before_it_is_seen_and_said() {
    let mut state = weighed((120, 36), "lab", true);
    assert!(started(&keys(&mut state, "enter")).is_none(), "the focus is on Cancel");
    let mut state = weighed((120, 36), "lab", true);
    let effects = keys(&mut state, "y");
    let Some(Work::Undo(back)) = started(&effects) else { panic!("{effects:?}") };
    assert!(back.overwrite.is_empty() && back.prospect == prospect(true));
    assert!(matches!(state.modals.last(), Some(Modal::Progress(_))));

    // What moves an existing tag asks for the number.
    let mut state = weighed((120, 36), "lab", true);
    keys(&mut state, "1");
    fixture::look(&mut state);
    assert!(started(&keys(&mut state, "y")).is_none());
    keys(&mut state, "tab 2 tab");
    fixture::look(&mut state);
    let effects = keys(&mut state, "enter");
    let Some(Work::Undo(back)) = started(&effects) else { panic!("{effects:?}\n{}", screen(&state)) };
    assert_eq!(back.overwrite.iter().map(TagName::as_str).collect::<Vec<_>>(), ["latest"]);
}

#[test]
fn a_production_registry_asks_for_the_name_and_keys_typed_ahead_do_not_count() {
    let mut state = viewed((120, 36));
    state.registries[1].profile.env = Some("PROD".to_owned());
    let asked = press(&mut state, "j j u", Stand::Ended, "lab", &Words::default());
    let Some(Effect::Weigh { id, .. }) = asked.last() else { panic!("{asked:?}") };
    let event = Event::Weighed(Ok(Box::new(prospect(false))));
    update(&mut state, Msg::Loaded { id: *id, event });
    // Not on screen yet.
    assert!(started(&keys(&mut state, "y tab tab enter")).is_none());
    fixture::look(&mut state);
    assert!(started(&keys(&mut state, "y")).is_none());
    assert!(screen(&state).contains("Type the repository's name: team/search"), "{}", screen(&state));
    update(&mut state, Msg::Paste("team/search".to_owned()));
    assert!(!screen(&state).contains("matches"), "it is typed, not pasted");
}

#[test]
fn a_registry_that_is_gone_or_elsewhere_is_said_and_nothing_is_asked() {
    for (registry, words) in [("old", "no longer in the config"), ("prod", "by now")] {
        let mut state = viewed((120, 36));
        if registry == "prod" {
            state.registries[0].profile.url = "https://elsewhere.example.com".to_owned();
        }
        let asked = press(&mut state, "j j u", Stand::Ended, registry, &Words::default());
        assert!(asked.is_empty(), "{asked:?}");
        let notice = state.notice.clone().unwrap();
        assert!(notice.text.as_str().contains(words) && notice.tone == Tone::Bad, "{notice:?}");
    }
}

#[test]
fn a_registry_that_wants_a_sign_in_is_asked_again_after_it() {
    let mut state = viewed((120, 36));
    let asked = keys(&mut state, "j j u");
    let Some(Effect::Weigh { id, registry, .. }) = asked.last() else { panic!("{asked:?}") };
    let (id, registry) = (*id, *registry);
    let report = ErrorReport::new(ErrorKind::SignIn, Clean::fixed("It wants a sign-in."), Clean::fixed("Sign in."));
    update(&mut state, Msg::Loaded { id, event: Event::Weighed(Err(report)) });
    let Some(Modal::SignIn(dialog)) = state.modals.last_mut() else { panic!("{:?}", state.modals) };
    dialog.waiting = Some(crate::app::modal::sign_in::Waiting::SignIn);
    let effects = update(&mut state, Msg::SignedIn(Ok(Clean::fixed("Signed in."))));
    let again = effects.iter().any(|effect| matches!(effect, Effect::Weigh { registry: of, .. } if *of == registry));
    assert!(again, "{effects:?}");
    assert!(matches!(state.modals.last(), Some(Modal::Operation(_))));
}

#[test]
fn where_nothing_may_be_changed_nothing_is() {
    for mode in [true, false] {
        let mut state = weighed((120, 36), "lab", false);
        state.read_only = mode;
        if !mode {
            state.registries[1].profile.mode = Mode::ReadOnly;
        }
        assert!(started(&keys(&mut state, "y")).is_none());
        assert!(state.notice.clone().unwrap().text.as_str().contains("read-only"), "{:?}", state.notice);
        assert!(matches!(state.modals.last(), Some(Modal::Operation(_))), "it is still there");
    }
}

#[test]
fn what_broke_off_is_settled_only_on_demand_and_the_rest_can_be_planned() {
    let mut state = fixture::state(2, 120, 36, fixture::looks("mono", true));
    let effects = update(&mut state, Msg::Unfinished(1));
    assert!(effects.is_empty());
    assert!(
        screen(&state).contains("1 unfinished") && screen(&state).contains("was not finished"),
        "{}",
        screen(&state)
    );

    let mut state = examined((120, 36));
    let effects = keys(&mut state, "y");
    let Some(Work::Settle(settling)) = started(&effects) else { panic!("{effects:?}") };
    assert_eq!((settling.id.as_str(), settling.standing.len()), ("20261030-091428-0004", 4));

    let mut state = opened((120, 36), true, &Words::default());
    let effects = keys(&mut state, "p");
    let planned = effects.iter().find_map(|effect| match effect {
        Effect::Survey { marks, .. } => Some(marks.tags.clone()),
        _ => None,
    });
    assert_eq!(planned.unwrap(), [tag("pr-2")]);
}

#[test]
fn without_a_history_it_is_said_before_and_after() {
    let words = Words::default();
    let mut state = fixture::state(2, 120, 36, fixture::looks("mono", true));
    state.history.keeps = Keeps::Off;
    fixture::press(&mut state, "s 2 g g space space d", &words);
    fixture::look(&mut state);
    assert!(screen(&state).contains("cannot be undone"), "{}", screen(&state));
    fixture::press(&mut state, "esc g x", &words);
    update(&mut state, Msg::HistoryRead(Ok(Vec::new())));
    assert!(screen(&state).contains("switched off in the config"), "{}", screen(&state));
}

#[test]
fn the_cursor_stays_on_its_operation_when_another_one_is_recorded() {
    let mut state = viewed((120, 36));
    keys(&mut state, "j j");
    let mut now = operations(&Words::default());
    let mut newer = now[2].clone();
    newer.id = "20261101-090000-0009".to_owned();
    now.insert(0, newer);
    keys(&mut state, "r");
    update(&mut state, Msg::HistoryRead(Ok(now)));
    let at = state.pane().list.selected().unwrap() as usize;
    assert_eq!(state.history.rows[at].id, ID);
    assert_eq!(state.pane().list.shown.len(), 7);
}

#[test]
fn u_after_a_deletion_looks_at_what_it_took() {
    let words = Words::default();
    let mut state = fixture::state(2, 120, 36, fixture::looks("mono", true));
    fixture::press(&mut state, "s 2 g g d", &words);
    fixture::look(&mut state);
    fixture::run(&mut state, &words);
    let job = state.jobs[0].id;
    let items = vec![Ended::done(); Arc::new(state.jobs[0].work.clone()).len()];
    update(&mut state, Msg::Job { job, event: JobEvent::Finished { items, stopped: None } });
    keys(&mut state, "esc");
    let effects = update(&mut state, Msg::Key("u".parse().unwrap()));
    let asks =
        |effect: &Effect| matches!(effect, Effect::ReadOperation { journal } if journal == "20261101-090000-3f2a");
    assert!(effects.iter().any(asks), "{effects:?} {:?}", state.notice);
    state.modals.clear();
    state.history.keeps = Keeps::Off;
    assert!(update(&mut state, Msg::Key("u".parse().unwrap())).is_empty());
    assert!(state.notice.clone().unwrap().text.as_str().contains("switched off"));
}
