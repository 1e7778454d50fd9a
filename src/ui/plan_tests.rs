//! The plan of a deletion and its job, as they look; and that the tags nobody marked are seen before anything is
//! confirmed.

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use crate::app::modal::Modal;
use crate::app::modal::plan::{PlanDialog, Stage};
use crate::app::state::State;

const SIZES: [(u16, u16); 4] = [(120, 36), (80, 24), (60, 20), (60, 15)];

fn words() -> Words {
    Words::default()
}

/// Thirty tags are marked; two of them share their digests with tags that are not.
fn marked(size: (u16, u16)) -> State {
    let mut state = fixture::state(2, size.0, size.1, fixture::looks("mono", true));
    let names = (0..28).map(|n| format!("pr-{}-{:06x}", 8800 + n, n * 77_777));
    let names = names.chain(["v1.10.0".to_owned(), "latest".to_owned()]);
    let names: Vec<_> = names.map(|name| crate::domain::reference::TagName::parse(&name).unwrap()).collect();
    state.pane_mut().mark(names, Vec::new());
    state
}

fn planned(size: (u16, u16)) -> State {
    let mut state = marked(size);
    fixture::press(&mut state, "d", &words());
    fixture::look(&mut state);
    state
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

fn dialog(state: &State) -> &PlanDialog {
    match state.modals.last() {
        Some(Modal::Plan(dialog)) => dialog,
        other => panic!("no plan but {other:?}"),
    }
}

#[test]
fn tags_nobody_marked_are_on_the_screen_before_anything_is_confirmed() {
    for size in SIZES {
        for slow in [false, true] {
            let mut state = planned(size);
            state.looks.slow = slow;
            let text = screen(&state);
            assert!(text.contains("stable-candidate"), "{size:?}\n{text}");
            assert!(text.contains("HOLD") && text.contains("NOT marked"), "{size:?}\n{text}");
            let gone: Vec<_> = match &dialog(&state).stage {
                Stage::Ready(ready) => ready.plan.lost_tags().map(ToString::to_string).collect(),
                other => panic!("{other:?}"),
            };
            assert_eq!(gone.len(), 28, "{gone:?}");
            // Included on purpose, they are named as what they are.
            fixture::press(&mut state, "1", &words());
            fixture::look(&mut state);
            let text = screen(&state);
            assert!(text.contains("[x]") && text.contains("31"), "{size:?}\n{text}");
        }
    }
}

#[test]
fn the_plan_looks_like_this() {
    let mut out = String::new();
    for size in SIZES {
        let state = planned(size);
        out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
    }
    assert!(out.is_ascii());
    insta::assert_snapshot!(out);
}

#[test]
fn a_row_of_the_plan_is_explained_in_full() {
    let mut state = planned((80, 24));
    fixture::press(&mut state, "tab enter", &words());
    insta::assert_snapshot!(screen(&state));
}

#[test]
fn what_a_plan_says_is_whole_at_80x24() {
    let whole = |state: &State| {
        let text = screen(state);
        let facts: Vec<&str> = text.lines().skip(2).take_while(|line| !line.contains("-----")).collect();
        assert!(facts.len() >= 7 && facts.iter().all(|line| !line.contains("..")), "{text}");
        text
    };
    let mut state = planned((80, 24));
    whole(&state);
    for choice in ["4", "1", "2", "3"] {
        fixture::press(&mut state, choice, &words());
        fixture::look(&mut state);
        whole(&state);
    }

    // Held back altogether: that frees nothing, and 0B would look like a measurement.
    let mut state = marked((80, 24));
    fixture::press(&mut state, "X", &words());
    let held = crate::domain::reference::TagName::parse("v1.10.0").unwrap();
    state.pane_mut().mark([held], Vec::new());
    fixture::press(&mut state, "d", &words());
    fixture::look(&mut state);
    let text = whole(&state);
    assert!(text.contains("Space      nothing is freed") && text.contains("nothing to delete in this plan"), "{text}");
}

/// Every number there is room for, and every choice, at sizes where words are short.
#[test]
fn no_word_of_a_plan_is_cut_at_60x20() {
    for size in [(60, 20), (80, 24)] {
        let mut state = planned(size);
        for choice in ["4", "1", "2", "3", "4"] {
            fixture::press(&mut state, choice, &words());
            fixture::look(&mut state);
            let text = screen(&state);
            let facts: Vec<&str> = text.lines().skip(2).take_while(|line| !line.contains("-----")).collect();
            assert!(facts.len() >= 6 && facts.iter().all(|line| !line.contains("..")), "{text}");
            assert_eq!(facts.iter().filter(|line| line.contains("] ")).count(), 4, "{text}");
        }
    }
}

#[test]
fn a_filtered_plan_looks_like_this_and_says_that_all_of_it_goes() {
    let mut out = String::new();
    for size in SIZES {
        let mut state = planned(size);
        fixture::press(&mut state, "/ p r - 8 8 0 enter j K G", &words());
        fixture::look(&mut state);
        let text = screen(&state);
        assert!(text.contains("10 of 30 shown") && text.contains("goes"), "{text}");
        assert!(text.contains("Start deleting 27 tags") && text.contains("kept by you"), "{text}");
        out += &format!("{}x{}\n{text}\n\n", size.0, size.1);
        fixture::press(&mut state, "/ x x", &words());
        let text = screen(&state);
        assert!(text.contains("0 of 30 shown") && text.contains("No row of the plan matches"), "{text}");
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_plan_and_a_report_are_saved_as_what_they_are() {
    let mut state = planned((80, 24));
    fixture::press(&mut state, "o", &words());
    let text = screen(&state);
    assert!(text.contains("Save the plan") && text.contains("JSON, for tagboat apply"), "{text}");
    fixture::press(&mut state, "esc", &words());
    fixture::run(&mut state, &words());
    fixture::press(&mut state, "o", &words());
    let text = screen(&state);
    assert!(text.contains("Save a report") && text.contains("JSON, a row a line"), "{text}");
}

#[test]
fn a_job_looks_like_this() {
    let mut out = String::new();
    for size in SIZES {
        let mut state = planned(size);
        fixture::run(&mut state, &words());
        out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
    }
    assert!(out.is_ascii());
    insta::assert_snapshot!(out);
}

/// The cursor's row is on the screen, and so is what asks, at every size there is.
#[test]
fn what_asks_is_always_on_the_screen() {
    for width in (40..160).step_by(7) {
        for height in 8..40 {
            let mut state = planned((width, height));
            let text = screen(&state);
            assert!(text.contains("[ Cancel ]"), "{width}x{height}\n{text}");
            fixture::press(&mut state, "G", &words());
            let text = screen(&state);
            assert!(text.contains(" > "), "{width}x{height}\n{text}");
        }
    }
}

#[test]
fn a_system_that_takes_nothing_back_says_so_before_anything_is_confirmed() {
    for size in SIZES {
        let mut state = planned(size);
        assert!(!screen(&state).contains("undone"), "{size:?}");
        let Some(Modal::Plan(dialog)) = state.modals.last_mut() else { panic!("a plan") };
        let Stage::Ready(ready) = &mut dialog.stage else { panic!("it is ready") };
        std::sync::Arc::make_mut(&mut ready.made.snapshot).kind = crate::domain::registry::BackendKind::MlSpace;
        let text = screen(&state);
        assert!(text.contains("This cannot be undone: ML Space takes nothing back."), "{size:?}\n{text}");
        for foreign in ["anifest", "eferrer", "hildren", "igest", "DIGEST", "arbage", "laceholder", "2 3"] {
            assert!(!text.contains(foreign), "{foreign}: {size:?}\n{text}");
        }
    }
}
