//! Details while the list scrolls: rows on screen are never held up by slow tags that were on it before.

use super::lists::{known, numbered, reading};
use super::*;
use crate::app::cache::Row as _;
use crate::app::update::details::held_up;
use crate::app::update::waits_for_rest;

/// The requests of details among effects, with their tags.
fn asked(effects: &[Effect]) -> Vec<(RequestId, Vec<String>)> {
    let tags = |(id, query)| match query {
        Query::Details(_, tags) => Some((id, tags.iter().map(ToString::to_string).collect())),
        _ => None,
    };
    fetches(effects).into_iter().filter_map(tags).collect()
}

fn aborted(effects: &[Effect]) -> Vec<RequestId> {
    effects.iter().filter_map(|effect| if let Effect::Abort { id } = effect { Some(*id) } else { None }).collect()
}

/// All but the last `slow` of them come.
fn brings(state: &mut State, chunk: &(RequestId, Vec<String>), slow: usize) -> Vec<Effect> {
    let names: Vec<&str> = chunk.1.iter().map(String::as_str).collect();
    load(state, chunk.0, Event::Details(known(&names[..names.len() - slow])))
}

fn on_screen(state: &State) -> Vec<String> {
    let rows = state.pane().list.on_screen().iter();
    rows.map(|at| list(state).rows.at(*at).text().to_owned()).collect()
}

/// A list whose first page has been asked for; that request.
fn fresh() -> (State, (RequestId, Vec<String>)) {
    let (mut state, id) = reading();
    let effects = load(&mut state, id, Event::Tags(numbered(0..1000)));
    let first = asked(&effects).remove(0);
    assert_eq!(first.1, on_screen(&state));
    (state, first)
}

#[test]
fn a_slow_tag_a_page_holds_up_no_later_page() {
    let (mut state, first) = fresh();
    brings(&mut state, &first, 1);
    for page in 0..20 {
        let effects = press(&mut state, "pagedown");
        let here = on_screen(&state);
        let known = |name: &String| list(&state).row(&TagName::parse(name).unwrap()).unwrap().state.info().is_some();
        let wanted: Vec<&String> = here.iter().filter(|name| !known(name)).collect();
        let mut open = asked(&effects);
        assert!(aborted(&effects).is_empty(), "one slow tag costs no request");
        while let Some(chunk) = open.pop() {
            let effects = brings(&mut state, &chunk, 1);
            assert!(aborted(&effects).is_empty());
            open.extend(asked(&effects));
        }
        let left = wanted
            .iter()
            .filter(|name| list(&state).row(&TagName::parse(name).unwrap()).unwrap().state.info().is_none())
            .count();
        assert!(left <= 2, "page {page}: {left} of {} are not here", here.len());
    }
}

#[test]
fn a_request_with_many_slow_tags_gives_way_to_what_is_on_screen() {
    let (mut state, first) = fresh();
    let half = first.1.len() / 2;
    brings(&mut state, &first, half);
    let mut gone = Vec::new();
    for page in 0..6 {
        let effects = press(&mut state, "pagedown");
        gone.extend(aborted(&effects));
        let is_coming = |name: &String| {
            let row = list(&state).row(&TagName::parse(name).unwrap()).unwrap();
            row.asked || row.state.info().is_some()
        };
        assert!(on_screen(&state).iter().all(is_coming), "page {page}");
        for chunk in asked(&effects) {
            brings(&mut state, &chunk, chunk.1.len() / 2);
        }
    }
    assert!(gone.contains(&first.0), "{gone:?}");
    assert!(gone.iter().all(|id| !state.inflight.contains_key(id)));
    // What it did not bring is asked for when it is on screen again, and only that.
    let again: Vec<String> = asked(&press(&mut state, "g g")).into_iter().flat_map(|(_, tags)| tags).collect();
    assert_eq!(again, first.1[first.1.len() - half..]);
}

#[test]
fn a_page_that_is_only_passed_costs_nothing() {
    let (mut state, _) = fresh();
    press(&mut state, "pagedown pagedown");
    for _ in 0..10 {
        let effects = press(&mut state, "pagedown");
        assert!(aborted(&effects).is_empty() && asked(&effects).is_empty(), "nothing has answered yet");
    }
}

/// Requests that nobody answers are waited for until their time is up: not by who looks at something else.
#[test]
fn where_the_operator_stays_silent_requests_give_way() {
    let (mut state, first) = fresh();
    // The first key of a page's length leaves one row of the page before.
    let effects = press(&mut state, "pagedown pagedown");
    assert!(!held_up(&state), "nothing holds these rows up");
    let mut open = vec![first.0];
    open.extend(asked(&effects).iter().filter(|(_, tags)| tags.len() > 1).map(|(id, _)| *id));
    assert_eq!(open.len(), 2, "{effects:?}");
    for page in 0..4 {
        assert!(asked(&press(&mut state, "pagedown")).is_empty(), "it may be passed only");
        assert!(held_up(&state) && waits_for_rest(&state));
        let effects = update(&mut state, Msg::Rested);
        assert_eq!(aborted(&effects), [open.remove(0)], "page {page}: the oldest, and no more than is needed");
        let [(id, tags)] = &asked(&effects)[..] else { panic!("page {page}: {effects:?}") };
        assert_eq!(*tags, on_screen(&state));
        open.push(*id);
        assert!(!held_up(&state), "done once");
        assert!(update(&mut state, Msg::Rested).is_empty());
    }
    // What was given up is asked for again where it is looked at.
    press(&mut state, "g g");
    let again = asked(&update(&mut state, Msg::Rested));
    assert_eq!(again[0].1, first.1);
}

#[test]
fn where_all_are_wanted_nothing_is_asked_in_vain() {
    let (mut state, first) = fresh();
    brings(&mut state, &first, 0);
    load(&mut state, first.0, Event::DetailsEnd);
    let effects = press(&mut state, "s 4");
    let mut open = asked(&effects);
    open.retain(|(_, tags)| tags.len() == 256);
    assert!(!open.is_empty(), "{effects:?}");
    for chunk in &open {
        brings(&mut state, chunk, 128);
    }
    let effects = press(&mut state, "G");
    assert!(aborted(&effects).is_empty() && asked(&effects).is_empty(), "{effects:?}");
    let effects = update(&mut state, Msg::Rested);
    assert_eq!(aborted(&effects).len(), 1, "{effects:?}");
    let here = on_screen(&state);
    assert!(here.iter().all(|name| asked(&effects)[0].1.contains(name)), "{effects:?}");
}
