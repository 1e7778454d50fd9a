//! Registries that are gone, and registries that count.

use super::lists::{known, numbered, reading};
use super::*;
use crate::app::cache::TagCount;
use crate::app::list::Column;

fn failed(kind: ErrorKind, names: &[TagName]) -> Event {
    Event::Details(names.iter().map(|name| (name.clone(), TagState::Failed(report(kind).into()))).collect())
}

/// The details asked for among effects.
fn details(effects: &[Effect]) -> Vec<(RequestId, Vec<TagName>)> {
    let details = |(id, query)| match query {
        Query::Details(_, tags) => Some((id, tags)),
        _ => None,
    };
    fetches(effects).into_iter().filter_map(details).collect()
}

fn aborted(effects: &[Effect], wanted: RequestId) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Abort { id } if *id == wanted))
}

/// 3,000 tags sorted by size, so that all details are wanted; the second value is what was asked for.
fn sorted_by_size() -> (State, Vec<(RequestId, Vec<TagName>)>) {
    let (mut state, id) = reading();
    let mut effects = load(&mut state, id, Event::Tags(numbered(0..3_000)));
    effects.extend(load(&mut state, id, Event::TagsEnd(end())));
    state.pane_mut().list.sort.column = Column::Size;
    let mut asked = details(&effects);
    want_details(&mut state, &mut effects);
    asked = details(&effects).into_iter().chain(asked.drain(..0)).collect();
    (state, asked)
}

#[test]
fn a_registry_that_is_gone_is_not_asked_once_a_row() {
    let (mut state, asked) = sorted_by_size();
    assert_eq!(asked.len(), 2);
    let (first, names) = asked[0].clone();
    let effects = load(&mut state, first, failed(ErrorKind::Network, &names[..2]));
    assert!(effects.is_empty(), "two may be an accident");
    let effects = load(&mut state, first, failed(ErrorKind::Network, &names[2..3]));
    assert!(asked.iter().all(|(id, _)| aborted(&effects, *id)), "{effects:?}");
    assert!(details(&effects).is_empty());
    assert_eq!(state.notice.as_ref().unwrap().text.as_str(), "what; r tries again");
    for keys in ["j", "G", "s 4", "esc enter"] {
        assert!(details(&press(&mut state, keys)).is_empty(), "{keys}");
    }
    assert!(list(&state).rows.iter().all(|row| !row.asked));

    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    let effects = load(&mut state, id, Event::Tags(numbered(0..3_000)));
    assert!(!details(&effects).is_empty(), "a reload starts again");
}

#[test]
fn an_answer_between_two_failures_shows_that_somebody_is_there() {
    let (mut state, asked) = sorted_by_size();
    let (id, names) = &asked[0];
    for name in names.chunks(3) {
        load(&mut state, *id, failed(ErrorKind::Timeout, &name[..1]));
        load(&mut state, *id, failed(ErrorKind::Timeout, &name[1..2.min(name.len())]));
        load(&mut state, *id, failed(ErrorKind::BadAnswer, &name[2.min(name.len())..]));
    }
    assert!(list(&state).outage.stopped().is_none() && state.inflight.contains_key(id));
}

#[test]
fn what_is_known_stays_known_when_nobody_answers() {
    let (mut state, asked) = at_tags();
    let id = find(&asked, |q| matches!(q, Query::Details(..)));
    load(&mut state, id, Event::Details(known(&["a", "b"])));
    let reload = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    let mut effects = load(&mut state, reload, Event::Tags(tags(&["a", "b", "c"])));
    effects.extend(load(&mut state, reload, Event::TagsEnd(end())));
    let (id, names) = details(&effects).remove(0);
    for (kind, name, stays) in
        [(ErrorKind::Network, "a", true), (ErrorKind::SignIn, "a", true), (ErrorKind::Server, "b", false)]
    {
        let name = names.iter().find(|n| n.as_str() == name).unwrap();
        let again = load(&mut state, id, failed(kind, std::slice::from_ref(name)));
        assert!(details(&again).is_empty());
        let row = list(&state).row(name).unwrap();
        assert_eq!(row.state.info().is_some(), stays, "{kind:?}");
        assert_eq!(list(&state).is_fresh(row), !stays, "what stays is marked as old");
    }
    let effects = load(&mut state, id, Event::DetailsEnd);
    assert!(details(&effects).iter().all(|(_, tags)| tags.iter().all(|tag| tag.as_str() != "a")), "not in circles");
}

#[test]
fn no_details_are_asked_of_a_registry_whose_list_was_refused_a_connection() {
    let (mut state, id) = reading();
    let asked = details(&load(&mut state, id, Event::Tags(numbered(0..5))));
    let effects = load(&mut state, id, Event::TagsEnd(Err(report(ErrorKind::Network))));
    assert!(aborted(&effects, asked[0].0) && details(&effects).is_empty(), "{effects:?}");
}

#[test]
fn counts_of_tags_end_with_the_connection_too() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    let names: Vec<RepoName> = (0..9).map(|n| RepoName::parse(&format!("r{n}")).unwrap()).collect();
    let page = names.iter().cloned().map(Listed::Valid).collect();
    let counts = find(&load(&mut state, id, Event::Repositories(page)), |q| matches!(q, Query::TagCounts(_)));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    for name in &names[..3] {
        assert!(state.inflight.contains_key(&counts));
        load(&mut state, counts, Event::TagCount(name.clone(), Err(report(ErrorKind::Network))));
    }
    assert!(!state.inflight.contains_key(&counts));
    let catalog = &state.cache.catalogs[&RegistryId(0)];
    assert_eq!(catalog.rows.iter().filter(|row| row.tags == TagCount::NotAsked).count(), 6);
    assert!(fetches(&press(&mut state, "j")).is_empty());
    assert!(!fetches(&press(&mut state, "r")).is_empty());
}

#[test]
fn the_last_requests_of_an_allowance_are_kept_for_what_is_on_screen() {
    let (mut state, asked) = sorted_by_size();
    let learned = |few_left| Event::Learned(Box::new(Capabilities { few_left, ..Capabilities::default() }), None);
    let effects = load(&mut state, asked[0].0, learned(true));
    assert!(asked.iter().all(|(id, _)| aborted(&effects, *id)));
    let on_screen = state.pane().list.on_screen().len();
    let visible = details(&effects);
    assert_eq!(visible.iter().map(|(_, tags)| tags.len()).collect::<Vec<_>>(), [on_screen]);
    let (id, names) = &visible[0];
    let names: Vec<&str> = names.iter().map(TagName::as_str).collect();
    load(&mut state, *id, Event::Details(known(&names)));
    assert!(details(&load(&mut state, *id, Event::DetailsEnd)).is_empty(), "the rest waits");
    let next = details(&press(&mut state, "pagedown"));
    assert!(!next.is_empty(), "who looks may see");
    let effects = load(&mut state, next[0].0, learned(false));
    assert!(details(&effects).iter().any(|(_, tags)| tags.len() > on_screen), "a new allowance");
}
