//! An image that is too large to be read unasked, and the key that reads it.

use super::fixture;
use super::tests::{rows, theme};
use crate::app::action::Action;
use crate::app::cache::Remote;
use crate::app::effect::{Effect, Query};
use crate::app::msg::{Event, Msg, RequestId};
use crate::app::state::State;
use crate::app::update::{availability, update};
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};

const KEY: &str = "L  loads it anyway, up to 32 MiB";

fn report(kind: ErrorKind) -> ErrorReport {
    let what = Clean::fixed("registry.example.com sent more than it may.");
    ErrorReport::new(kind, what, Clean::fixed("The advice."))
}

fn press(state: &mut State, key: &str) -> Vec<Effect> {
    update(state, Msg::Key(key.parse().unwrap()))
}

/// The image that was asked for, and whether in spite of its size.
fn asked(effects: &[Effect]) -> Option<(RequestId, bool)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Fetch { id, query: Query::Image { large, .. }, .. } => Some((*id, *large)),
        _ => None,
    })
}

fn refuse(state: &mut State, id: RequestId, kind: ErrorKind) {
    update(state, Msg::Loaded { id, event: Event::Image(Err(report(kind))) });
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

#[test]
fn what_is_too_large_is_read_once_when_asked_for() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut state = fixture::state(2, width, height, fixture::looks("mono", true));
        let (id, large) = asked(&press(&mut state, "enter")).expect("the image");
        assert!(!large);
        refuse(&mut state, id, ErrorKind::TooLarge);
        let shown = screen(&state);
        assert!(shown.contains("sent more than it may") && shown.contains(KEY), "{shown}");
        assert!(rows(&fixture::draw(&state, &theme(&state))).last().unwrap().contains("L load anyway"), "{shown}");
        let (id, large) = asked(&press(&mut state, "L")).expect("the image again");
        assert!(large);
        // Once more too large: there is nothing to offer any more.
        refuse(&mut state, id, ErrorKind::BadAnswer);
        let shown = screen(&state);
        assert!(shown.contains("The advice.") && !shown.contains(KEY), "{shown}");
        assert_eq!(asked(&press(&mut state, "L")), None);
        // The next read is one as any other.
        assert_eq!(asked(&press(&mut state, "r")).map(|(_, large)| large), Some(false));
    }
}

#[test]
fn a_config_that_is_too_large_stands_where_it_would() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut state = fixture::state(3, width, height, fixture::looks("mono", true));
        for image in state.cache.images.values_mut() {
            let Remote::Here(image) = image else { continue };
            (image.config, image.config_error) = (None, Some(report(ErrorKind::TooLarge)));
        }
        let shown = screen(&state);
        assert!(shown.contains("sent more than it may") && shown.contains(KEY), "{shown}");
        assert!(!shown.contains("no image config"), "{shown}");
        let (id, large) = asked(&press(&mut state, "L")).expect("the image again");
        assert!(large);
        refuse(&mut state, id, ErrorKind::BadAnswer);
        assert!(!screen(&state).contains(KEY));
    }
}

#[test]
fn elsewhere_the_key_says_why_not() {
    for pane in 0..4 {
        let mut state = fixture::state(pane, 120, 36, fixture::looks("mono", true));
        let why = availability(&state, Action::LoadLarge).expect_err("nothing is too large");
        assert_eq!(asked(&press(&mut state, "L")), None);
        let notice = format!("{:?}", state.notice);
        // Lists have no such key, the palette greys the command there.
        assert_eq!(notice.contains(why), pane == 3, "{notice}");
    }
}
