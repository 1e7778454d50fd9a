//! Edits of the config by others, while the program runs.

use super::tests::{at_tags, find, press, profile, report, state};
use super::*;
use crate::app::effect::Query;
use crate::app::keymap::Keymap;
use crate::app::msg::Configured;
use crate::app::pane::Place;
use crate::app::state::Looks;
use crate::domain::colour::Colour;
use crate::domain::error::ErrorKind;
use crate::domain::label::{self, Label, LabelRule};
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryId, RegistryProfile};

fn edit(before: &[RegistryProfile], after: &[RegistryProfile]) -> Configured {
    let (before, after) = (before.to_vec(), after.to_vec());
    Configured { before, after, looks: None, keymap: None, cleanup: None, labels: None, later: Vec::new() }
}

fn take(state: &mut State, edit: Configured) -> Vec<Effect> {
    update(state, Msg::Configured(Box::new(edit)))
}

fn shown(state: &State) -> Vec<String> {
    let rows = state.panes[0].list.shown.iter();
    rows.map(|row| state.registries[*row as usize].profile.name.clone()).collect()
}

fn said(state: &State) -> String {
    state.notice.as_ref().map(|notice| notice.text.to_string()).unwrap_or_default()
}

#[test]
fn registries_come_and_go_with_the_file() {
    let mut state = state(&["one", "two"]);
    let [one, two, three] = ["one", "two", "three"].map(profile);
    state.favourites.insert(("three".to_owned(), None));
    let effects = take(&mut state, edit(&[one.clone(), two.clone()], &[two.clone(), three.clone()]));
    assert_eq!(shown(&state), ["three", "two"], "favourites first");
    assert!(matches!(&effects[0], Effect::KnowRegistry(profile) if **profile == three));
    find(&effects, |q| *q == Query::Connect);
    assert_eq!(said(&state), "The config was edited: one removed; three added.");
    // Put back, it is a row again.
    take(&mut state, edit(&[two.clone(), three.clone()], &[one, two, three]));
    assert_eq!(shown(&state), ["three", "one", "two"]);
}

#[test]
fn what_the_program_wrote_itself_is_no_news() {
    let mut state = state(&["one", "two"]);
    state.registries[0].profile.credential = CredentialPlace::Store;
    press(&mut state, "j d y");
    state.notice = None;
    let stored = RegistryProfile { credential: CredentialPlace::Store, ..profile("one") };
    let effects = take(&mut state, edit(&[profile("one"), profile("two")], &[stored]));
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!((said(&state).as_str(), shown(&state)), ("", vec!["one".to_owned()]));
}

#[test]
fn what_holds_for_this_run_only_is_left_alone() {
    let mut state = state(&["asked", "here"]);
    take(&mut state, edit(&[], &[profile("new")]));
    assert_eq!(shown(&state), ["asked", "here", "new"]);
}

#[test]
fn settings_of_an_open_registry_change_in_place() {
    let (mut state, _) = at_tags();
    let new = RegistryProfile {
        mode: Mode::ReadOnly,
        env: Some("PROD".to_owned()),
        protect: vec!["v*".to_owned()],
        repositories: vec![RepoName::parse("pinned").unwrap()],
        ..profile("one")
    };
    press(&mut state, "space");
    let effects = take(&mut state, edit(&[profile("one")], std::slice::from_ref(&new)));
    assert!(matches!(&effects[..], [Effect::ChangeRegistry { keys: [], .. }]), "{effects:?}");
    assert_eq!(state.registry(RegistryId(0)).profile, new);
    // The list is still there, and the marks.
    assert_eq!((state.pane().list.shown.len(), state.pane().marks.len()), (3, 1));
    assert!(state.cache.catalogs[&RegistryId(0)].rows.iter().any(|row| row.pinned));
    assert_eq!(said(&state), "The config was edited: one changed.");
}

#[test]
fn a_workspace_that_the_file_leaves_open_stays_the_one_of_this_run() {
    let (mut state, _) = at_tags();
    let open = RegistryProfile { kind: BackendKind::MlSpace, ..profile("one") };
    state.registry_mut(RegistryId(0)).profile = open.with_scope(Some("told".to_owned()));
    let edited = RegistryProfile { protect: vec!["v*".to_owned()], ..open.clone() };
    let effects = take(&mut state, edit(&[open], std::slice::from_ref(&edited)));
    let changed = |e: &Effect| matches!(e, Effect::ChangeRegistry { profile, .. } if profile.scope() == Some("told"));
    assert!(effects.len() == 1 && changed(&effects[0]), "{effects:?}");
    assert_eq!(state.registry(RegistryId(0)).profile, edited.with_scope(Some("told".to_owned())));
    // The file says it now, too: nothing is another one.
    let told = edited.with_scope(Some("told".to_owned()));
    take(&mut state, edit(std::slice::from_ref(&edited), std::slice::from_ref(&told)));
    assert!(state.hidden.is_empty() && state.registries.len() == 1, "{}", said(&state));
    // Another workspace is another registry, and one that is gone is gone.
    for (after, known) in [(vec![edited.with_scope(Some("other".to_owned()))], 2), (Vec::new(), 1)] {
        let (mut state, _) = at_tags();
        state.registry_mut(RegistryId(0)).profile = told.clone();
        take(&mut state, edit(std::slice::from_ref(&edited), &after));
        assert!(state.hidden.contains(&RegistryId(0)) && state.registries.len() == known, "{}", said(&state));
    }
}

#[test]
fn another_account_reads_again_and_another_address_is_another_registry() {
    let (mut state, _) = at_tags();
    let other = RegistryProfile { username: Some("bot".to_owned()), ..profile("one") };
    let effects = take(&mut state, edit(&[profile("one")], std::slice::from_ref(&other)));
    let place = |wanted: fn(&Effect) -> bool| effects.iter().position(wanted).unwrap();
    let changed = place(|e| matches!(e, Effect::ChangeRegistry { .. }));
    let read = place(|e| matches!(e, Effect::Fetch { .. }));
    let disconnected = place(|e| matches!(e, Effect::Disconnect { registry: RegistryId(0) }));
    assert!(changed < read && disconnected < read);
    find(&effects, |q| matches!(q, Query::Tags(_)));
    press(&mut state, "space");
    let moved = RegistryProfile { url: "https://elsewhere.example".to_owned(), ..other.clone() };
    take(&mut state, edit(&[other], &[moved]));
    // What is open stays what it was: what is marked there is not marked elsewhere.
    assert!(matches!(state.pane().place, Place::Tags(RegistryId(0), _)));
    assert_eq!(state.registry(RegistryId(0)).profile.url, "https://one.example");
    assert_eq!(said(&state), "The config was edited: one is another registry.");
    press(&mut state, "esc esc esc");
    assert_eq!(state.pane().list.shown, [1]);
    assert_eq!(state.registry(RegistryId(1)).profile.url, "https://elsewhere.example");
}

#[test]
fn a_certificate_that_was_missing_is_tried_at_once() {
    let mut state = state(&["one"]);
    state.registries[0].link = Link::Down(report(ErrorKind::Tls));
    let new = RegistryProfile { ca_cert: Some("/ca.pem".into()), ..profile("one") };
    let effects = take(&mut state, edit(&[profile("one")], &[new]));
    find(&effects, |q| *q == Query::Connect);
}

#[test]
fn looks_and_keys_hold_at_once_and_the_rest_is_named() {
    let mut state = state(&["one"]);
    let tables = [("everywhere".to_owned(), [("zoom".to_owned(), vec!["Z".to_owned()])].into())].into();
    let keymap = Keymap::with(&tables).unwrap();
    let looks = Looks { theme: "dark".to_owned(), mouse: true, ..state.looks.clone() };
    let edit = Configured {
        looks: Some(looks.clone()),
        keymap: Some(Box::new(keymap.clone())),
        later: vec!["slow", "[cache]"],
        ..edit(&[], &[])
    };
    let effects = take(&mut state, edit);
    assert!(matches!(&effects[..], [Effect::SetMouse(true), Effect::ApplyLooks]), "{effects:?}");
    assert_eq!((&state.looks, &state.keymap), (&looks, &keymap));
    assert_eq!(said(&state), "The config was edited: keys changed; looks changed; from the next start: slow, [cache].");
    update(&mut state, Msg::Misconfigured(Clean::fixed("config.toml:3:1: no")));
    assert_eq!(state.notice.as_ref().unwrap().tone, Tone::Bad);
}

#[test]
fn labels_of_the_config_hold_at_once_and_leave_with_it() {
    let (mut state, _) = at_tags();
    let rule = LabelRule::parse("a", "stale").unwrap();
    let labels = label::Configured { labels: vec![Label::new("stale", 'S', Colour::Ansi(3))], rules: vec![rule] };
    let repo = RepoName::parse("app").unwrap();
    press(&mut state, "/ l a b e l : s t a l e enter");
    assert!(state.pane().list.shown.is_empty());
    take(&mut state, Configured { labels: Some(Box::new(labels)), ..edit(&[], &[]) });
    // The list that a filter asked for labels follows.
    assert_eq!((state.pane().list.shown.len(), state.labels(RegistryId(0), &repo).palette.len()), (1, 1));
    assert_eq!(said(&state), "The config was edited: labels changed.");
    take(&mut state, Configured { labels: Some(Box::default()), ..edit(&[], &[]) });
    assert!(state.pane().list.shown.is_empty() && state.labels(RegistryId(0), &repo).palette.is_empty());
}

#[test]
fn only_favourites_are_shown_where_that_is_asked() {
    let mut state = state(&["one", "two", "three"]);
    press(&mut state, "* j");
    assert!(shown(&state).is_empty());
    press(&mut state, "esc");
    assert_eq!(shown(&state), ["one", "three", "two"]);
    press(&mut state, "G f");
    assert_eq!(shown(&state), ["two", "one", "three"], "favourites first");
    press(&mut state, "*");
    assert_eq!(shown(&state), ["two"]);
    // One of another tagboat, too.
    let favourites = ["one", "two"].map(|name| (name.to_owned(), None)).into();
    update(&mut state, Msg::Remembered(crate::app::msg::Saved { favourites, ..Default::default() }));
    assert_eq!(shown(&state), ["one", "two"]);
    press(&mut state, "*");
    assert_eq!(shown(&state).len(), 3);
}
