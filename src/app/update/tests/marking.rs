//! Marks by hand and by rule, taking them back, and protection.

use std::sync::Arc;

use super::*;
use crate::app::modal::rule::Rule;
use crate::app::state::Tone;
use crate::domain::cleanup::Rules;
use crate::domain::filter::Filter;
use crate::domain::image::ManifestKind;
use crate::domain::reference::Digest;
use crate::domain::tag::DigestInfo;

fn info(of: &str, days: i64) -> TagState {
    TagState::Known(Arc::new(DigestInfo {
        digest: Digest::of(of.as_bytes()),
        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
        kind: ManifestKind::Manifest,
        created: Some(jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * (1_000 - days))),
        size: Some(1),
        platforms: [].into(),
        artifact: None,
    }))
}

fn marks(state: &State) -> Vec<String> {
    state.pane().marks.iter().map(ToString::to_string).collect()
}

/// Types into the dialog on top.
fn enter(state: &mut State, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| update(state, Msg::Key(Key::char(c)))).collect()
}

fn dialog(state: &State) -> &Rule {
    let Some(Modal::Rule(dialog)) = state.modals.last() else { panic!("no rule dialog") };
    dialog
}

fn go_to(state: &mut State, name: &str) {
    let at = list(state).position(name).unwrap();
    let place = state.pane().list.shown.iter().position(|row| *row == at).unwrap();
    state.pane_mut().list.move_to(place);
}

/// A day long after everything that the rows tell of.
fn at_builds() -> State {
    let (mut state, asked) = at_tags_named(&["latest", "pr-1", "pr-2", "pr-3", "v1.0.0", "v1.1.0", "v2.0.0"]);
    update(&mut state, Msg::Tick(jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 1_000)));
    let id = find(&asked, |q| matches!(q, Query::Details(..)));
    let tag = |name: &str, days| (TagName::parse(name).unwrap(), info(name, days));
    let known = vec![tag("latest", 1), tag("pr-1", 90), tag("pr-2", 60), tag("v1.0.0", 50), tag("v1.1.0", 40)];
    load(&mut state, id, Event::Details(known));
    state
}

#[test]
fn every_change_of_marks_can_be_taken_back() {
    let (mut state, _) = at_tags();
    press(&mut state, "space");
    press(&mut state, "a");
    press(&mut state, "i");
    assert!(marks(&state).is_empty());
    press(&mut state, "u");
    assert_eq!(marks(&state), ["a", "b", "c"]);
    press(&mut state, "X u u");
    assert_eq!(marks(&state), ["a"]);
    press(&mut state, "u");
    assert!(marks(&state).is_empty());
    press(&mut state, "u");
    assert!(state.notice.unwrap().text.as_str().contains("nothing to take back"));
}

#[test]
fn a_rule_marks_what_it_says_and_says_what_it_cannot_judge() {
    let mut state = at_builds();
    press(&mut state, "m");
    enter(&mut state, "pr-*");
    press(&mut state, "tab tab");
    enter(&mut state, "30d");
    let found = dialog(&state).found(&state).unwrap().as_ref().unwrap();
    assert_eq!((found.tags.len(), found.unknown.len()), (2, 1));
    assert!(marks(&state).is_empty());
    // The rule asks for what was not read.
    let open = state.inflight.values().filter(|p| matches!(p, Pending::Details(..))).count();
    assert!(open > 0);
    let id = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Details(..))).unwrap().0;
    load(&mut state, id, Event::Details(vec![(TagName::parse("pr-3").unwrap(), info("pr-3", 2))]));
    let found = dialog(&state).found(&state).unwrap().as_ref().unwrap();
    assert_eq!((found.tags.len(), found.unknown.len()), (2, 0));
    press(&mut state, "tab tab tab tab tab enter");
    assert_eq!(marks(&state), ["pr-1", "pr-2"]);
    press(&mut state, "u");
    assert!(marks(&state).is_empty());
}

#[test]
fn the_newest_of_each_version_stay() {
    let mut state = at_builds();
    press(&mut state, "m");
    enter(&mut state, "v*");
    press(&mut state, "tab tab tab");
    enter(&mut state, "1");
    press(&mut state, "tab");
    enter(&mut state, "major");
    press(&mut state, "tab right");
    press(&mut state, "tab tab enter");
    assert_eq!(marks(&state), ["v1.0.0"]);
    let kept: Vec<&str> = state.pane().spared.keys().map(TagName::as_str).collect();
    assert_eq!(kept, ["v1.1.0", "v2.0.0"]);
}

#[test]
fn what_makes_no_rule_is_said_and_marks_nothing() {
    let mut state = at_builds();
    for (fields, wrong) in [("tab tab tab x", "not a number"), ("tab tab ?", "Tags"), ("tab tab tab tab m", "Keep")] {
        press(&mut state, "m");
        press(&mut state, fields);
        let said = dialog(&state).found(&state).unwrap().as_ref().unwrap_err().to_string();
        assert!(said.contains(wrong) || said.contains("how many"), "{said}");
        for _ in 0..12 {
            press(&mut state, "tab enter");
            if state.modals.is_empty() {
                break;
            }
        }
        assert!(marks(&state).is_empty());
        state.modals.clear();
    }
}

#[test]
fn a_saved_rule_is_taken_as_it_is() {
    let mut state = at_builds();
    let rules = Rules { mark: vec![Filter::parse("pr-").unwrap()], ..Rules::default() };
    state.cleanup.rules = vec![("builds".to_owned(), rules)];
    press(&mut state, "m backtab right");
    assert_eq!(dialog(&state).saved(&state).unwrap().0, "builds");
    press(&mut state, "tab enter");
    assert_eq!(marks(&state), ["pr-1", "pr-2", "pr-3"]);
}

#[test]
fn rules_spare_what_is_protected_until_that_is_lifted() {
    let mut state = at_builds();
    state.registries[0].profile.protect = vec!["latest".to_owned()];
    state.cleanup.protect = vec!["v2*".to_owned()];
    let by_rule = |state: &mut State| {
        press(state, "m *");
        press(state, "tab tab tab tab tab tab tab enter");
        let marked = marks(state);
        press(state, "u");
        marked
    };
    assert_eq!(by_rule(&mut state), ["pr-1", "pr-2", "pr-3", "v1.0.0", "v1.1.0"]);
    // Lifted by name, one after the other, and back.
    go_to(&mut state, "latest");
    press(&mut state, "!");
    assert!(state.notice.as_ref().unwrap().text.as_str().contains("lifted"), "{:?}", state.notice);
    assert_eq!(by_rule(&mut state).len(), 6);
    press(&mut state, "!");
    assert_eq!(by_rule(&mut state).len(), 5);
    // Nothing protects this one but us.
    go_to(&mut state, "pr-1");
    press(&mut state, "!");
    assert_eq!(by_rule(&mut state), ["pr-2", "pr-3", "v1.0.0", "v1.1.0"]);
    let app = RepoName::parse("app").unwrap();
    let protection = state.protection(RegistryId(0), &app).unwrap();
    let of = |name| protection.of(&crate::domain::filter::Row { name, ..Default::default() }, state.now);
    assert!(of("pr-1").is_some() && of("pr-10").is_none() && of("latest").is_some());
    press(&mut state, "!");
    assert_eq!(by_rule(&mut state).len(), 5);
}

#[test]
fn a_pattern_that_cannot_be_read_protects_everything() {
    let mut state = at_builds();
    state.cleanup.protect = vec!["size>".to_owned()];
    press(&mut state, "m *");
    assert!(dialog(&state).found(&state).unwrap().as_ref().unwrap().tags.is_empty());
    assert!(state.protection(RegistryId(0), &RepoName::parse("app").unwrap()).is_err());
    press(&mut state, "esc");
    assert!(state.notice.is_none_or(|notice| notice.tone != Tone::Bad));
}
