//! What nothing is asked about can be taken back.

use super::*;
use crate::app::list::{Column, Sort};

fn said(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn set(effects: &[Effect]) -> Vec<(String, Option<String>, bool)> {
    let set = |effect: &Effect| match effect {
        Effect::SetFavourite { registry, repository, on } => {
            Some((registry.clone(), repository.as_ref().map(ToString::to_string), *on))
        }
        _ => None,
    };
    effects.iter().filter_map(set).collect()
}

#[test]
fn a_favourite_is_taken_back_whichever_row_the_cursor_is_on() {
    let mut state = state(&["one", "two"]);
    press(&mut state, "G f");
    assert!(state.registry(RegistryId(1)).favourite);
    press(&mut state, "G");
    assert_eq!(state.pane().list.selected(), Some(0), "the favourite is the first now");
    assert_eq!(set(&press(&mut state, "u")), [("two".to_owned(), None, false)]);
    assert!(!state.registry(RegistryId(1)).favourite && state.favourites.is_empty());
    assert_eq!(said(&state), "Taken back: two is no favourite any more.");

    // And one that was taken off comes back.
    press(&mut state, "f f");
    assert_eq!(set(&press(&mut state, "u")).len(), 1);
    assert_eq!(state.favourites.len(), 1);
}

#[test]
fn a_favourite_repository_is_taken_back() {
    let (mut state, _) = at_tags();
    press(&mut state, "esc");
    let name = "app";
    assert_eq!(set(&press(&mut state, "f")), [("one".to_owned(), Some(name.to_owned()), true)]);
    assert_eq!(set(&press(&mut state, "u")), [("one".to_owned(), Some(name.to_owned()), false)]);
    assert!(state.favourites.is_empty());
    press(&mut state, "u");
    assert!(said(&state).contains("nothing to take back"), "{}", said(&state));
}

#[test]
fn the_order_of_a_list_is_taken_back_and_marks_after_it() {
    let (mut state, _) = at_tags();
    press(&mut state, "space s enter");
    assert_eq!(state.pane().list.sort, Sort { column: Column::Name, reverse: true });
    press(&mut state, "u");
    assert_eq!(state.pane().list.sort, Sort::default());
    assert_eq!(said(&state), "Taken back: sorted by name.");
    assert_eq!(state.pane().marks.len(), 1, "one at a time");
    press(&mut state, "u");
    assert!(state.pane().marks.is_empty());
}

#[test]
fn protection_by_hand_and_a_lifted_one_are_taken_back() {
    let (mut state, _) = at_tags();
    let guarded = |state: &State| state.guarded.values().map(std::collections::BTreeSet::len).sum::<usize>();
    press(&mut state, "!");
    assert_eq!(guarded(&state), 1);
    press(&mut state, "j u");
    assert_eq!(guarded(&state), 0);
    assert!(said(&state).starts_with("Taken back: a is "), "{}", said(&state));

    press(&mut state, "g g");
    state.cleanup.protect = vec!["a".to_owned()];
    press(&mut state, "!");
    assert_eq!(state.pane().lifted.len(), 1);
    press(&mut state, "u");
    assert!(state.pane().lifted.is_empty() && guarded(&state) == 0);
}

#[test]
fn what_is_not_possible_here_is_named_in_a_word() {
    let (mut state, _) = at_tags();
    state.read_only = true;
    press(&mut state, "d");
    assert_eq!(said(&state), "delete: tagboat runs read-only (--read-only)");
    press(&mut state, "t");
    assert_eq!(said(&state), "new tag, rename or copy: tagboat runs read-only (--read-only)");
}

#[test]
fn a_registry_that_was_forgotten_comes_back() {
    let mut state = state(&["one", "two"]);
    let effects = press(&mut state, "d");
    assert!(matches!(&effects[..], [Effect::ForgetRegistry(RegistryId(0))]), "{effects:?}");
    assert!(state.modals.is_empty(), "nothing is asked");
    assert_eq!(said(&state), "one left the list and the config; nothing was sent to it.  u brings it back.");
    assert_eq!(state.pane().list.selected(), Some(1));
    let effects = press(&mut state, "u");
    assert!(effects.iter().any(|e| matches!(e, Effect::BringBack(RegistryId(0)))));
    assert!(state.hidden.is_empty());
    assert_eq!(state.pane().list.selected(), Some(0), "under the cursor");
    press(&mut state, "u");
    assert!(said(&state).contains("nothing to take back"));
}
