//! Adding a registry: tried first, asked what it is, signed in to.

use super::registry_tests::{dialog, first, saved, writes};
use super::tests::{press, report, state};
use super::*;
use crate::app::effect::{Keep, Query};
use crate::app::modal::Modal;
use crate::app::modal::add_registry::AddRegistry;
use crate::app::trial::{Part, Tried};
use crate::domain::error::ErrorKind;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::secret::Credential;

fn adding(state: &State) -> &AddRegistry {
    match state.modals.last() {
        Some(Modal::AddRegistry(add)) => add,
        other => panic!("the add dialog is open, not {other:?}"),
    }
}

fn is(url: &str, kind: BackendKind) -> Msg {
    Msg::RegistryTested(Box::new(Tried { url: url.to_owned(), kind: Some(kind), ..Tried::default() }))
}

fn is_nothing(url: &str, part: Part, kind: ErrorKind) -> Msg {
    let failed = Some((part, report(kind)));
    Msg::RegistryTested(Box::new(Tried { url: url.to_owned(), failed, ..Tried::default() }))
}

/// From the address to the button.
const TO_ADD: &str = "tab tab tab tab tab tab tab tab tab";

#[test]
fn adding_a_registry_tests_it_first_when_asked() {
    let mut state = state(&["one"]);
    press(&mut state, "+ r . e x a m p l e");
    press(&mut state, TO_ADD);
    let effects = press(&mut state, "right enter");
    let [Effect::TestRegistry(trial)] = &effects[..] else { panic!("{effects:?}") };
    assert!(trial.profile.name == "r.example" && trial.detect && !trial.only_kind && trial.credential.is_none());
    update(&mut state, is_nothing("https://r.example", Part::Tls, ErrorKind::Tls));
    assert!(adding(&state).waiting.is_none());
    assert!(adding(&state).tried.as_ref().is_some_and(|tried| matches!(tried.failed, Some((Part::Tls, _)))));
    press(&mut state, "enter");
    update(&mut state, is("https://r.example", BackendKind::DockerV1));
    // What a test has found out is not asked again.
    let effects = press(&mut state, "left enter");
    assert_eq!(saved(&effects), ["r.example"]);
    assert!(state.modals.is_empty());
    assert_eq!(state.pane().list.selected(), Some(1));
    assert_eq!(state.registry(RegistryId(1)).profile.kind, BackendKind::DockerV1);
}

#[test]
fn what_it_is_is_asked_before_it_is_added() {
    let mut state = state(&["one"]);
    press(&mut state, "+ r . e x a m p l e");
    let effects = press(&mut state, &format!("{TO_ADD} enter"));
    let [Effect::TestRegistry(trial)] = &effects[..] else { panic!("{effects:?}") };
    assert!(trial.only_kind && trial.detect);
    let effects = update(&mut state, is("https://r.example", BackendKind::DockerV1));
    assert_eq!(saved(&effects), ["r.example"]);
    assert_eq!(state.registry(RegistryId(1)).profile.kind, BackendKind::DockerV1);

    // Nobody answers: it can be added all the same, but only once that is known.
    press(&mut state, "+ s . e x a m p l e");
    press(&mut state, &format!("{TO_ADD} enter"));
    let effects = update(&mut state, is_nothing("https://s.example", Part::Host, ErrorKind::Network));
    assert!(saved(&effects).is_empty() && adding(&state).error.is_some());
    assert_eq!(saved(&press(&mut state, "enter")), ["s.example"]);
    assert_eq!(state.registry(RegistryId(2)).profile.kind, BackendKind::Oci);
}

#[test]
fn an_answer_for_another_address_than_is_there_by_now_adds_nothing() {
    let mut state = state(&["one"]);
    press(&mut state, "+ r . e x");
    press(&mut state, &format!("{TO_ADD} enter"));
    press(&mut state, "backtab backtab backtab backtab backtab backtab backtab backtab backtab a");
    let effects = update(&mut state, is("https://r.ex", BackendKind::DockerV1));
    assert!(saved(&effects).is_empty());
    assert!(
        matches!(&effects[..], [Effect::TestRegistry(trial)] if trial.profile.url == "https://r.exa"),
        "{effects:?}"
    );
}

#[test]
fn a_secret_typed_there_goes_the_way_of_the_sign_in_and_not_into_the_config() {
    let mut state = state(&["one"]);
    // Five kinds on is ML Space.
    press(&mut state, "+ m l . e x backtab space space space space space tab tab tab tab tab");
    press(&mut state, "k e y tab s e c r e t tab space");
    let effects = press(&mut state, "tab tab tab tab enter");
    assert_eq!(saved(&effects), ["ml.ex"]);
    let Some(Effect::SaveRegistry(profile)) = effects.iter().find(|e| matches!(e, Effect::SaveRegistry(_))) else {
        panic!("{effects:?}")
    };
    assert_eq!((profile.kind, profile.username.as_deref()), (BackendKind::MlSpace, Some("key")));
    let sent = effects.iter().find_map(|effect| match effect {
        Effect::SignIn { credential, keep, .. } => Some((credential, *keep)),
        _ => None,
    });
    assert!(
        matches!(sent, Some((Credential::Basic { username, .. }, Keep::Store)) if username == "key"),
        "{effects:?}"
    );
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Fetch { query: Query::Connect, .. })));
    assert!(!format!("{effects:?} {:?}", state.modals).contains("\"secret\""), "it is nowhere to be read");
    // Refused: the dialog of the sign-in stays, with what was typed.
    update(&mut state, Msg::SignedIn(Err(report(ErrorKind::SignIn))));
    assert!(matches!(state.modals.last(), Some(Modal::SignIn(dialog)) if dialog.error.is_some()));
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let mut state = state(&["one"]);
    press(&mut state, "+ r . e x tab o n e");
    let effects = press(&mut state, "tab tab tab tab tab tab tab tab enter");
    assert!(effects.is_empty());
    assert!(adding(&state).error.as_ref().is_some_and(|e| e.as_str().contains("already")));
}

#[test]
fn the_name_of_a_forgotten_registry_is_free_again() {
    let mut state = state(&["one", "two"]);
    press(&mut state, "d");
    assert_eq!(state.hidden.len(), 1);
    press(&mut state, "'");
    let Some(Modal::Prompt(prompt)) = state.modals.last() else { panic!("the prompt is open") };
    let names: Vec<_> = prompt.matches(&state).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["two"], "a place that is forgotten is none to go to");
    press(&mut state, "esc");
    press(&mut state, "+ r . e x tab o n e");
    press(&mut state, "tab tab tab tab tab tab tab tab enter");
    assert_eq!(saved(&update(&mut state, is("https://r.ex", BackendKind::Oci))), ["one"]);
    assert!(state.modals.is_empty());

    // Which other one came meanwhile is no reason to have two of a name.
    let effects = press(&mut state, "u");
    assert!(effects.is_empty() && state.hidden.len() == 1);
    assert!(state.notice.as_ref().is_some_and(|n| n.text.as_str() == "There is a registry named one already."));
}

#[test]
fn a_registry_added_on_the_import_screen_is_a_row_of_it() {
    let mut state = first(&[]);
    assert!(dialog(&state).rows.is_empty());
    press(&mut state, "enter");
    assert!(dialog(&state).error.is_some(), "Enter has nothing to import");
    press(&mut state, "+ r . e x a m p l e");
    press(&mut state, &format!("{TO_ADD} enter"));
    let effects = update(&mut state, is("https://r.example", BackendKind::Oci));
    assert!(!writes(&effects));
    assert!(effects.iter().any(|e| matches!(e, Effect::KnowRegistry(p) if p.url == "https://r.example")));
    assert_eq!(dialog(&state).rows.len(), 1);
    assert_eq!(saved(&press(&mut state, "enter")), ["r.example"]);
}
