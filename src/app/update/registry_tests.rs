//! The way in: first run, import, adding, signing in, places, typed repositories.

use std::path::PathBuf;

use super::tests::{at_tags, find, load, press, profile, report, state, tags};
use super::*;
use crate::app::cache::Phase;
use crate::app::effect::{Keep, Query};
use crate::app::modal::Modal;
use crate::app::modal::import::Import;
use crate::app::msg::{Event, Hello};
use crate::app::pane::Place;
use crate::domain::capability::Capabilities;
use crate::domain::error::ErrorKind;
use crate::domain::page::ListEnd;
use crate::domain::reference::RepoName;
use crate::domain::registry::{CredentialPlace, RegistryId};
use crate::domain::secret::Account;

fn found(state: &mut State, names: &[&str]) -> Vec<Effect> {
    let registries = names.iter().map(|name| (profile(name), Clean::fixed("helper: pass"))).collect();
    update(state, Msg::Found { registries, notes: Vec::new() })
}

pub(super) fn first(names: &[&str]) -> State {
    let mut state = state(&[]);
    first_run(&mut state);
    found(&mut state, names);
    state
}

pub(super) fn dialog(state: &State) -> &Import {
    match state.modals.last() {
        Some(Modal::Import(dialog)) => dialog,
        other => panic!("the import screen is open, not {other:?}"),
    }
}

pub(super) fn saved(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| match effect {
        Effect::SaveRegistry(profile) => Some(profile.name.clone()),
        _ => None,
    };
    effects.iter().filter_map(name).collect()
}

pub(super) fn writes(effects: &[Effect]) -> bool {
    effects.iter().any(|e| {
        matches!(e, Effect::SaveRegistry(_) | Effect::SaveLooks { .. } | Effect::ChangeRegistry { keys: [_, ..], .. })
    })
}

#[test]
fn the_first_run_checks_what_was_found_and_writes_nothing_before_enter() {
    let mut state = state(&[]);
    first_run(&mut state);
    assert!(dialog(&state).searching);
    let effects = found(&mut state, &["one", "two", "three"]);
    let known = effects.iter().filter(|e| matches!(e, Effect::KnowRegistry(_))).count();
    let asked = effects.iter().filter(|e| matches!(e, Effect::Fetch { query: Query::Connect, .. })).count();
    assert_eq!((known, asked), (3, 3));
    let effects = press(&mut state, "a a j space space tab space tab space tab");
    assert!(!writes(&effects), "{effects:?}");
    assert_eq!((state.looks.theme.as_str(), state.looks.ascii), ("dark", false), "looks are shown at once");
    // All on, then `a` off and on; the second and third rows were turned off.
    let effects = press(&mut state, "enter");
    assert_eq!(saved(&effects), ["one"]);
    assert!(effects.iter().any(|e| matches!(e, Effect::SaveLooks { theme: Some("dark"), ascii: Some(false) })));
    assert!(state.modals.is_empty());
    assert_eq!(state.pane().list.shown, [0], "what was not imported is not listed beside it");
}

#[test]
fn the_first_run_can_be_skipped_and_shows_what_it_found() {
    let mut state = first(&["one", "two"]);
    let effects = press(&mut state, "esc");
    assert!(state.modals.is_empty() && !writes(&effects));
    assert_eq!(state.pane().list.shown, [0, 1]);
    assert!(state.registries.iter().all(|registry| !registry.saved));
}

#[test]
fn the_demo_starts_within_the_run_and_is_not_written() {
    let mut state = first(&[]);
    assert!(press(&mut state, "t").iter().any(|e| matches!(e, Effect::StartDemo)));
    let effects = update(&mut state, Msg::DemoStarted(Ok(vec![profile("demo-oci")])));
    assert!(state.modals.is_empty() && !writes(&effects));
    assert_eq!(state.pane().place, Place::Repositories(RegistryId(0)));
    let mut state = first(&[]);
    press(&mut state, "t");
    update(&mut state, Msg::DemoStarted(Err(Clean::fixed("no port"))));
    assert!(matches!(state.modals.last(), Some(Modal::Import(_))));
    assert_eq!(state.notice.as_ref().map(|n| n.tone), Some(Tone::Bad));
}

#[test]
fn a_run_can_begin_at_the_first_registry_whatever_its_name() {
    let mut state = state(&["zulu", "alpha", "mike"]);
    super::start(&mut state);
    super::begin_at_first(&mut state);
    assert_eq!(state.pane().list.selected(), Some(0));
    assert_ne!(state.pane().list.cursor, 0);
}

#[test]
fn later_finds_are_offered_and_known_hosts_are_not() {
    let mut state = state(&["one"]);
    found(&mut state, &["one", "two"]);
    assert_eq!((state.registries.len(), state.pane().list.shown.len()), (2, 1));
    press(&mut state, "i");
    assert_eq!(dialog(&state).rows.len(), 1);
    assert_eq!(saved(&press(&mut state, "enter")), ["two"]);
    assert_eq!(state.pane().list.shown.len(), 2);
    press(&mut state, "i");
    assert!(state.modals.is_empty() && state.notice.is_some());
}

#[test]
fn help_comes_over_the_import_screen_and_goes_back_to_it() {
    let mut state = first(&["one"]);
    press(&mut state, "?");
    assert!(matches!(state.modals.last(), Some(Modal::Help(_))));
    press(&mut state, "esc");
    assert_eq!(dialog(&state).rows.len(), 1);
}

fn connected(state: &mut State, result: Result<Capabilities, crate::domain::error::ErrorReport>, hello: Hello) {
    let id = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Connect(_))).unwrap().0;
    load(state, id, Event::Connected(result, Box::new(hello)));
}

#[test]
fn who_we_are_and_how_quick_it_is_is_remembered_and_logged() {
    let mut state = state(&["one"]);
    let account = Account { user: Some(Clean::fixed("bob")), from: Some(Clean::fixed("helper:pass")) };
    let rtt = Some(std::time::Duration::from_millis(12));
    let caps = Capabilities { auth: Some("bearer"), transport: Some("h2"), ..Capabilities::default() };
    connected(
        &mut state,
        Ok(caps),
        Hello { account: Some(account.clone()), rtt, auth: Some("bearer"), ..Hello::default() },
    );
    assert_eq!((state.registries[0].account.as_ref(), state.registries[0].rtt), (Some(&account), rtt));
    let last = state.messages.last().unwrap();
    assert_eq!((last.text.as_str(), last.registry), ("connected as bob: h2, bearer", Some(RegistryId(0))));
}

#[test]
fn a_certificate_nobody_knows_is_answered_with_a_ca_file() {
    let mut state = state(&["one"]);
    connected(&mut state, Err(report(ErrorKind::Tls)), Hello::default());
    press(&mut state, "e c a tab enter");
    let Some(Modal::CaFile(ca)) = state.modals.last() else { panic!("the CA dialog is open") };
    assert!(ca.error.is_some() && !ca.busy, "a relative path is refused");
    let effects = press(&mut state, "home / tab enter");
    assert!(matches!(&effects[..], [Effect::TryCa { file, .. }] if file == &PathBuf::from("/ca")), "{effects:?}");
    let tried = |result| Msg::CaTried { registry: RegistryId(0), result };
    update(&mut state, tried(Err(report(ErrorKind::Tls))));
    assert!(matches!(state.modals.last(), Some(Modal::CaFile(d)) if !d.busy));
    press(&mut state, "enter");
    let effects = update(&mut state, tried(Ok(PathBuf::from("/ca"))));
    assert!(effects.iter().any(|e| matches!(e, Effect::ChangeRegistry { keys: ["ca_cert"], .. })));
    assert!(effects.iter().any(|e| matches!(e, Effect::Fetch { query: Query::Connect, .. })));
    assert!(state.modals.is_empty());
}

#[test]
fn testing_an_account_keeps_the_dialog_and_changes_nothing() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "e b o b tab p w tab tab tab enter");
    assert!(matches!(effects.last(), Some(Effect::TestSignIn { .. })), "{effects:?}");
    assert!(press(&mut state, "enter").is_empty(), "not twice at a time");
    update(&mut state, Msg::SignInTested(Ok(vec![Clean::fixed("catalog ok")])));
    let Some(Modal::SignIn(dialog)) = state.modals.last() else { panic!("the dialog is open") };
    assert!(dialog.waiting.is_none() && dialog.tested.len() == 1);
    press(&mut state, "enter");
    update(&mut state, Msg::SignInTested(Err(report(ErrorKind::SignIn))));
    let Some(Modal::SignIn(dialog)) = state.modals.last() else { panic!("the dialog is open") };
    assert!(dialog.error.is_some() && dialog.tested.is_empty());
}

#[test]
fn a_secret_is_looked_for_where_it_was_put() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "e b o b tab p w tab right tab enter");
    assert!(matches!(effects.last(), Some(Effect::SignIn { keep: Keep::Store, .. })), "{effects:?}");
    let effects = update(&mut state, Msg::SignedIn(Ok(Clean::fixed("in"))));
    assert!(effects.iter().any(|e| matches!(e, Effect::ChangeRegistry { keys: ["credential"], .. })));
    assert_eq!(state.registries[0].profile.credential, CredentialPlace::Store);
}

fn repo(name: &str) -> RepoName {
    RepoName::parse(name).unwrap()
}

fn typed(effects: &[Effect]) -> Vec<(String, bool)> {
    let one = |effect: &Effect| match effect {
        Effect::SetTyped { repository, on, .. } => Some((repository.to_string(), *on)),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

/// Opens `typed/one` by its name; what its list answered.
fn type_name(state: &mut State, answer: Result<ListEnd, crate::domain::error::ErrorReport>) -> Vec<Effect> {
    let effects = press(state, "' t y p e d / o n e enter");
    let id = find(&effects, |q| matches!(q, Query::Tags(_)));
    load(state, id, Event::Tags(tags(&["a"])));
    load(state, id, Event::TagsEnd(answer))
}

#[test]
fn a_typed_repository_is_kept_once_it_was_read() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::Unsupported))));
    assert!(matches!(state.cache.catalogs[&RegistryId(0)].phase, Phase::Failed(_)));
    let effects = type_name(&mut state, Ok(ListEnd { complete: true, note: None }));
    assert_eq!(typed(&effects), [("typed/one".to_owned(), true)]);
    press(&mut state, "esc");
    assert_eq!(state.pane().list.shown.len(), 1, "it has a row");
    let id = find(&press(&mut state, "r"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::Unsupported))));
    assert_eq!(state.pane().list.shown.len(), 1, "and keeps it");
}

#[test]
fn a_typed_repository_that_is_not_there_is_not_kept() {
    let mut state = state(&["one"]);
    state.typed.insert(("one".to_owned(), repo("typed/one")));
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesEnd(Ok(ListEnd { complete: true, note: None })));
    assert_eq!(state.pane().list.shown.len(), 1, "of an earlier run");
    let effects = type_name(&mut state, Err(report(ErrorKind::NotFound)));
    assert_eq!(typed(&effects), [("typed/one".to_owned(), false)]);
}

#[test]
fn a_repository_that_the_registry_lists_is_not_a_typed_one() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![crate::domain::page::Listed::Valid(repo("typed/one"))]));
    load(&mut state, id, Event::RepositoriesEnd(Ok(ListEnd { complete: true, note: None })));
    assert!(typed(&type_name(&mut state, Ok(ListEnd { complete: true, note: None }))).is_empty());
}

#[test]
fn the_last_place_survives_the_end_of_the_run() {
    let (state, _) = at_tags();
    let last = last_place(&state).unwrap();
    assert_eq!((last.registry.as_str(), last.repository.as_deref()), ("one", Some("app")));
    let mut next = super::tests::state(&["zero", "one"]);
    from_last_run(&mut next, &last);
    press(&mut next, "-");
    assert_eq!(next.pane().place, Place::Tags(RegistryId(1), repo("app")));
    press(&mut next, "-");
    assert_eq!(next.pane().place, Place::Registries);
    assert_eq!(last_place(&next), Some(last.clone()), "the list of registries is no place to go back to");
    let mut other = super::tests::state(&["two"]);
    from_last_run(&mut other, &last);
    assert!(other.last_place.is_none());
}

#[test]
fn an_image_by_digest_is_a_place_too() {
    let mut state = state(&["one"]);
    let digest = format!("sha256:{}", "ab".repeat(32));
    let last = Remembered { registry: "one".into(), repository: Some("app".into()), reference: Some(digest.clone()) };
    from_last_run(&mut state, &last);
    press(&mut state, "-");
    assert!(matches!(&state.pane().place, Place::Image(_, _, r) if r.to_string() == digest));
    assert_eq!(last_place(&state), Some(last));
}

#[test]
fn messages_are_kept_copied_and_errors_stay_until_a_key() {
    let mut state = state(&["one"]);
    state.messages.clear();
    let at = |seconds| Msg::Tick(jiff::Timestamp::from_second(seconds).unwrap());
    state.tell(Clean::fixed("info"), Tone::Info);
    update(&mut state, at(10));
    update(&mut state, at(15));
    assert!(state.notice.is_some());
    update(&mut state, at(16));
    assert!(state.notice.is_none(), "after six seconds");
    state.tell(Clean::fixed("bad"), Tone::Bad);
    update(&mut state, at(20));
    update(&mut state, at(2000));
    assert!(state.notice.is_some(), "an error stays");
    press(&mut state, "j");
    assert!(state.notice.is_none(), "until a key");
    press(&mut state, ": m e s s a g e s enter");
    assert!(matches!(state.modals.last(), Some(Modal::Messages(_))));
    press(&mut state, "k k k");
    assert!(matches!(state.modals.last(), Some(Modal::Messages(d)) if d.below == 1));
    let effects = press(&mut state, "y");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(text, "1970-01-01T00:00:00Z info\n1970-01-01T00:00:16Z bad");
}
