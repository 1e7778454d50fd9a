//! Another tag on an image, from the key to the job, as it looks.

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use crate::app::history::Keeps;
use crate::app::job::{JobEvent, Step, Work};
use crate::app::modal::Modal;
use crate::app::msg::{Event, Msg};
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::outcome::{Ended, Outcome};

const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];

/// The tags of a registry marked PROD; the other one is not.
fn state(size: (u16, u16)) -> State {
    let mut state = fixture::state(2, size.0, size.1, fixture::looks("mono", true));
    for (n, registry) in state.registries.iter_mut().enumerate() {
        registry.profile.env = (n == 1).then(|| "PROD".to_owned());
    }
    state
}

fn press(state: &mut State, keys: &str) {
    fixture::press(state, keys, &Words::default());
}

fn kind(state: &mut State, text: &str) {
    for c in text.chars() {
        press(state, &c.to_string());
    }
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

/// Tab by tab back to the choice of the registry, and to the other one.
fn elsewhere(state: &mut State) {
    press(state, "backtab backtab right tab tab");
}

#[test]
fn what_is_typed_is_judged_and_the_target_is_looked_at() {
    for size in SIZES {
        let mut state = state(size);
        press(&mut state, "t");
        let text = screen(&state);
        for part in ["New tag", "From   lab/team/checkout/api:", "Repository", "Valid   yes,", "Exists"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        press(&mut state, "enter");
        assert!(screen(&state).contains("That is where it is"), "{}", screen(&state));
        press(&mut state, "!");
        assert!(screen(&state).contains("Valid   no"), "{}", screen(&state));
        press(&mut state, "backspace x");
        let text = screen(&state);
        assert!(text.contains("Exists  yes, on") && text.contains("the digest does not change"), "{text}");
        elsewhere(&mut state);
        assert!(screen(&state).contains("with all its platforms, through here"), "{}", screen(&state));
        press(&mut state, "esc");
        assert!(state.modals.is_empty());
    }
}

#[test]
fn a_tag_of_a_registry_marked_prod_is_moved_only_by_its_repositorys_name() {
    for size in SIZES {
        let mut state = state(size);
        press(&mut state, "t x enter");
        let text = screen(&state);
        for part in ["Move an existing tag?", "is on", "goes to", "Type team/checkout/api", "PROD"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        update(&mut state, Msg::Paste("team/checkout/api".to_owned()));
        press(&mut state, "enter y enter");
        assert!(matches!(state.modals.last(), Some(Modal::Overwrite(_))) && state.jobs.is_empty());
        press(&mut state, "backspace");
        kind(&mut state, "team/checkout/api");
        press(&mut state, "enter");
        assert_eq!(state.jobs.len(), 1);
        assert!(matches!(state.modals.last(), Some(Modal::Progress(_))));
        assert!(screen(&state).contains("Job 1  tag 1 item"), "{}", screen(&state));
    }
}

#[test]
fn another_registry_asks_yes_or_no_and_enter_alone_is_no() {
    let mut state = state(SIZES[0]);
    for (keys, jobs) in [("enter", 0), ("esc", 0), ("n", 0), ("y", 1)] {
        press(&mut state, "t");
        elsewhere(&mut state);
        press(&mut state, "enter");
        assert!(screen(&state).contains("y  move it"), "{}", screen(&state));
        press(&mut state, keys);
        assert_eq!(state.jobs.len(), jobs, "{keys}");
    }
}

/// Nothing would know what the tag was on.
#[test]
fn without_a_history_a_key_is_not_enough_to_move_a_tag() {
    for size in SIZES {
        let mut state = state(size);
        state.history.keeps = Keeps::Off;
        press(&mut state, "t");
        elsewhere(&mut state);
        press(&mut state, "enter");
        let text = screen(&state);
        for part in ["Type 1 to move it", "history is switched off", "no undo moves the tag back"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        press(&mut state, "y enter");
        assert!(matches!(state.modals.last(), Some(Modal::Overwrite(_))) && state.jobs.is_empty());
        press(&mut state, "backspace 1 enter");
        assert_eq!(state.jobs.len(), 1);
    }
}

/// A copy that is under way, to the second registry.
fn running(size: (u16, u16)) -> State {
    let mut state = state(size);
    press(&mut state, "t");
    elsewhere(&mut state);
    press(&mut state, "enter y");
    let job = state.jobs[0].id;
    let mut tell = |event| drop(update(&mut state, Msg::Job { job, event }));
    tell(JobEvent::Began { journal: "20261101-090000-3f2a".to_owned() });
    tell(JobEvent::Ended { at: 0, ended: Ended::done() });
    tell(JobEvent::Item { at: 1, step: Step::Sending });
    tell(JobEvent::Moved { at: 1, bytes: 50 << 20 });
    state
}

#[test]
fn bytes_are_what_a_copy_shows_and_it_can_be_left() {
    for size in SIZES {
        let mut state = running(size);
        let text = screen(&state);
        for part in ["Job 1  copy 3 items", "150", "of 200", "75%", "layer or config", "verified there"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        press(&mut state, "b");
        assert!(state.modals.is_empty() && screen(&state).contains("75%"), "{}", screen(&state));
        press(&mut state, "g j enter x");
        assert!(state.jobs[0].stopping);
    }
}

#[test]
fn what_was_not_copied_is_tried_again_whole() {
    let mut state = running(SIZES[0]);
    let job = state.jobs[0].id;
    let skipped = |why| Ended::because(Outcome::Skipped, crate::domain::clean::Clean::fixed(why));
    let items = vec![Ended::done(), skipped("stopped"), skipped("stopped")];
    update(&mut state, Msg::Job { job, event: JobEvent::Finished { items, stopped: None } });
    assert!(screen(&state).contains("goes on with what is missing"), "{}", screen(&state));
    press(&mut state, "r");
    let [Work::Copy(first), Work::Copy(second)] = [&state.jobs[0].work, &state.jobs[1].work] else { panic!("copies") };
    assert_eq!(first.transfer, second.transfer);
}

/// The old name goes by a plan like any other, and only when all of the new one is there.
#[test]
fn a_rename_ends_with_the_plan_for_the_old_name() {
    for (outcome, planned) in [(Outcome::Done, true), (Outcome::Failed, false)] {
        let mut state = state(SIZES[0]);
        press(&mut state, "t x tab right backtab enter");
        kind(&mut state, "team/checkout/api");
        press(&mut state, "enter");
        let job = state.jobs[0].id;
        let items = vec![Ended::because(outcome, crate::domain::clean::Clean::fixed("it is so"))];
        let finished = JobEvent::Finished { items, stopped: None };
        update(&mut state, Msg::Job { job, event: finished });
        assert_eq!(matches!(state.modals.last(), Some(Modal::Plan(_))), planned, "{outcome:?}");
        assert_eq!(state.jobs.len(), 1, "nothing is deleted without a word");
    }
}

#[test]
fn where_nothing_may_be_written_it_says_why() {
    let mut state = state(SIZES[0]);
    state.registries[1].profile.mode = crate::domain::registry::Mode::ReadOnly;
    press(&mut state, "t x");
    assert!(screen(&state).contains("that registry is read-only"), "{}", screen(&state));
    press(&mut state, "enter");
    assert!(screen(&state).contains("Nothing is sent") && state.inflight.is_empty(), "{}", screen(&state));
    press(&mut state, "esc");
    state.read_only = true;
    press(&mut state, "t");
    assert!(state.modals.is_empty() && screen(&state).contains("read-only (--read-only)"), "{}", screen(&state));
}

#[test]
fn an_image_that_moved_meanwhile_is_not_tagged() {
    let mut state = state(SIZES[0]);
    press(&mut state, "t x");
    let Some(Modal::NewTag(dialog)) = state.modals.last_mut() else { panic!("no dialog") };
    dialog.digest = Some(crate::domain::reference::Digest::of(b"as it was shown"));
    press(&mut state, "enter");
    assert!(screen(&state).contains("Look again") && state.jobs.is_empty(), "{}", screen(&state));
}

/// An answer that comes after the name has changed is not the answer to the name that is there.
#[test]
fn old_answers_are_dropped() {
    let mut state = state(SIZES[0]);
    update(&mut state, Msg::Key("t".parse().unwrap()));
    let old = *state.inflight.keys().max().expect("a look");
    update(&mut state, Msg::Key("x".parse().unwrap()));
    assert!(!state.inflight.contains_key(&old));
    update(&mut state, Msg::Loaded { id: old, event: Event::TagLooked(Ok(None)) });
    assert!(screen(&state).contains("Exists  ..."), "{}", screen(&state));
}

#[test]
fn the_dialogs_look_like_this() {
    for size in SIZES {
        let mut dialog = state(size);
        press(&mut dialog, "t x");
        insta::assert_snapshot!(format!("new_tag_{}", size.0), screen(&dialog));
        press(&mut dialog, "enter");
        insta::assert_snapshot!(format!("overwrite_{}", size.0), screen(&dialog));
        insta::assert_snapshot!(format!("copying_{}", size.0), screen(&running(size)));
    }
}
