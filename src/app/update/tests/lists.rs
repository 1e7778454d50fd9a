//! Long lists, reloads, and lists of another account.

use super::*;
use crate::app::arrange::{Job, Ticket};
use crate::app::cache::Row as _;
use crate::app::effect::SavedList;

fn recall_of(effects: &[Effect], repo: Option<&str>) -> RequestId {
    let wanted = repo.map(|repo| RepoName::parse(repo).unwrap());
    let recall = |effect: &Effect| match effect {
        Effect::Recall { id, repo, .. } if *repo == wanted => Some(*id),
        _ => None,
    };
    effects.iter().find_map(recall).expect("the old list is looked for")
}

fn saved(effects: &[Effect]) -> Vec<(jiff::Timestamp, usize)> {
    let saved = |effect: &Effect| match effect {
        Effect::Save { time, list: SavedList::Tags(_, rows), .. } => Some((*time, rows.len())),
        Effect::Save { time, list: SavedList::Repositories(rows), .. } => Some((*time, rows.len())),
        _ => None,
    };
    effects.iter().filter_map(saved).collect()
}

/// The arrangement asked for last among effects, made.
fn job(effects: Vec<Effect>) -> Option<(Ticket, Job, bool)> {
    let job = |effect| match effect {
        Effect::Arrange { ticket, job, calm } => Some((ticket, *job, calm)),
        _ => None,
    };
    effects.into_iter().filter_map(job).next_back()
}

fn answer(state: &mut State, (ticket, job, _): (Ticket, Job, bool)) -> Vec<Effect> {
    update(state, Msg::Arranged { ticket, arranged: Some(job.run()) })
}

pub(super) fn numbered(range: std::ops::Range<usize>) -> Vec<Listed<TagName>> {
    range.map(|n| Listed::Valid(TagName::parse(&format!("t{n}")).unwrap())).collect()
}

/// Details of these tags, each on a digest of its own.
pub(super) fn known(names: &[&str]) -> Vec<(TagName, TagState)> {
    let info = |name: &str| crate::domain::tag::DigestInfo {
        digest: crate::domain::reference::Digest::of(name.as_bytes()),
        media_type: "x".into(),
        kind: crate::domain::image::ManifestKind::Manifest,
        created: None,
        size: None,
        platforms: std::sync::Arc::default(),
        artifact: None,
    };
    names.iter().map(|name| (TagName::parse(name).unwrap(), TagState::Known(std::sync::Arc::new(info(name))))).collect()
}

/// The tags pane of a repository whose list is being read; nothing has come yet.
pub(super) fn reading() -> (State, RequestId) {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![Listed::Valid(RepoName::parse("app").unwrap())]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let id = find(&press(&mut state, "enter"), |q| matches!(q, Query::Tags(_)));
    (state, id)
}

fn at_many(count: usize) -> State {
    let (mut state, id) = reading();
    load(&mut state, id, Event::Tags(numbered(0..count)));
    let effects = load(&mut state, id, Event::TagsEnd(end()));
    if let Some(job) = job(effects) {
        answer(&mut state, job);
    } else {
        // The one that the page asked for is still being made: its answer brings the next.
        let ticket = state.pane().list.arranging.unwrap();
        let next = update(&mut state, Msg::Arranged { ticket, arranged: None });
        let next = job(next).unwrap();
        answer(&mut state, next);
    }
    state
}

fn selected(state: &State) -> &str {
    list(state).rows.at(state.pane().list.selected().unwrap()).text()
}

#[test]
fn the_first_page_is_shown_at_once_however_long_the_list_will_be() {
    let (mut state, id) = reading();
    load(&mut state, id, Event::Tags(numbered(0..2_000)));
    assert_eq!(state.pane().list.shown.len(), 2_000);
}

#[test]
fn a_long_list_is_not_arranged_page_by_page() {
    let (mut state, id) = reading();
    let mut asked = Vec::new();
    for page in 0..50 {
        asked.extend(job(load(&mut state, id, Event::Tags(numbered(page * 2_000..page * 2_000 + 2_000)))));
    }
    assert_eq!(asked.len(), 1, "one is under way, the others wait for it");
    let first = asked.pop().unwrap();
    assert!(first.2, "rows alone are no hurry");
    let next = job(answer(&mut state, first)).expect("more came meanwhile");
    assert!(job(answer(&mut state, next)).is_none());
    assert_eq!(state.pane().list.shown.len(), 100_000);
}

#[test]
fn only_the_newest_of_what_was_typed_is_shown() {
    let mut state = at_many(10_000);
    press(&mut state, "/");
    let first = job(press(&mut state, "9")).unwrap();
    let second = job(press(&mut state, "8")).unwrap();
    assert!(!first.2 && !second.2);
    answer(&mut state, first);
    assert_eq!(state.pane().list.shown.len(), 10_000, "an older one is dropped");
    answer(&mut state, second);
    assert_eq!(state.pane().list.shown.len(), 299);
}

#[test]
fn the_cursor_stays_on_its_row_while_the_list_is_arranged_elsewhere() {
    let mut state = at_many(10_000);
    press(&mut state, "j j j j");
    assert_eq!(selected(&state), "t4");
    let job = job(press(&mut state, "/ 4")).unwrap();
    press(&mut state, "enter j");
    assert_eq!(selected(&state), "t5");
    press(&mut state, "k");
    answer(&mut state, job);
    assert_eq!(selected(&state), "t4");
    assert_eq!(state.pane().list.cursor, 0, "the first that matches");
    assert!(state.pane().list.on_screen().contains(&state.pane().list.selected().unwrap()));
}

#[test]
fn an_arrangement_that_failed_is_not_waited_for() {
    let mut state = at_many(10_000);
    let (ticket, ..) = job(press(&mut state, "/ 9")).unwrap();
    update(&mut state, Msg::Arranged { ticket, arranged: None });
    assert_eq!(state.pane().list.arranging, None);
    assert!(job(press(&mut state, "8")).is_some());
}

#[test]
fn details_of_a_long_list_rearrange_it_once_at_a_time() {
    let mut state = at_many(10_000);
    let effects = press(&mut state, "s 4");
    let details = find(&effects, |q| matches!(q, Query::Details(..)));
    let sorted = job(effects).unwrap();
    answer(&mut state, sorted);
    let one = |n: usize| (TagName::parse(&format!("t{n}")).unwrap(), TagState::Dangling);
    let asked: Vec<_> = (0..200).filter_map(|n| job(load(&mut state, details, Event::Details(vec![one(n)])))).collect();
    assert_eq!(asked.len(), 1);
}

#[test]
fn rows_that_left_take_the_cursor_and_the_marks_along_with_nobody_else() {
    let (mut state, _) = at_tags_named(&["a", "b", "c", "d"]);
    press(&mut state, "j j");
    assert_eq!(selected(&state), "c");
    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    load(&mut state, id, Event::Tags(tags(&["c", "d", "e"])));
    assert_eq!(state.pane().list.shown.len(), 5, "old rows stay until the list is complete");
    load(&mut state, id, Event::TagsEnd(end()));
    assert_eq!((selected(&state), state.pane().list.shown.len()), ("c", 3));
}

#[test]
fn a_pane_below_follows_a_reload_too() {
    let (mut state, _) = at_tags_named(&["a", "b", "c"]);
    press(&mut state, "j j");
    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    press(&mut state, "enter");
    assert!(matches!(state.pane().place, Place::Image(..)));
    load(&mut state, id, Event::Tags(tags(&["c", "z"])));
    load(&mut state, id, Event::TagsEnd(end()));
    press(&mut state, "esc");
    assert_eq!(selected(&state), "c");
}

#[test]
fn a_failed_catalogue_keeps_its_rows_and_says_so() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![Listed::Valid(RepoName::parse("app").unwrap())]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let id = find(&press(&mut state, "r"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::Network))));
    let catalog = &state.cache.catalogs[&RegistryId(0)];
    assert!(matches!(catalog.phase, Phase::Failed(_)) && catalog.old_since().is_some());
    assert_eq!(state.pane().list.shown.len(), 1);
}

#[test]
fn after_a_sign_out_nothing_is_read_before_the_credential_is_erased() {
    let (mut state, _) = at_tags();
    let mut effects = Vec::new();
    act::act(&mut state, crate::app::action::Action::SignOut, &mut effects);
    assert!(effects.iter().any(|e| matches!(e, Effect::SignOut { .. })), "{effects:?}");
    assert!(fetches(&effects).is_empty());
    let registry = RegistryId(0);
    let effects = update(&mut state, Msg::SignedOut { registry, text: Clean::fixed("out") });
    let position = |wanted: &dyn Fn(&Effect) -> bool| effects.iter().position(wanted).unwrap();
    let closed = position(&|e| matches!(e, Effect::Disconnect { .. }));
    let read = position(&|e| matches!(e, Effect::Fetch { query: Query::Tags(_), .. }));
    assert!(closed < read, "the connection of the old account is not used again");
    assert!(list(&state).rows.is_empty() && state.pane().list.shown.is_empty());
}

#[test]
fn details_near_the_cursor_come_first() {
    let many: Vec<String> = (0..1_000).map(|n| format!("t{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (mut state, first) = at_tags_named(&many);
    let before = find(&first, |q| matches!(q, Query::Details(..)));
    let next = load(&mut state, before, Event::DetailsEnd);
    load(&mut state, find(&next, |q| matches!(q, Query::Details(..))), Event::DetailsEnd);
    press(&mut state, "G");
    let effects = press(&mut state, "s 4");
    let asked = fetches(&effects).into_iter().find_map(|(_, query)| match query {
        Query::Details(_, tags) => Some(tags),
        _ => None,
    });
    let asked: Vec<String> = asked.unwrap().iter().map(ToString::to_string).collect();
    // All are unknown, so the order is still that of the names, and the cursor is at its end.
    assert!(asked.contains(&"t970".to_owned()) && !asked.contains(&"t500".to_owned()), "{asked:?}");
}

#[test]
fn the_list_of_the_last_visit_is_there_before_the_registry_has_answered() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "enter");
    let (recall, fresh) = (recall_of(&effects, None), find(&effects, |q| *q == Query::Repositories));
    let old = jiff::Timestamp::UNIX_EPOCH - jiff::SignedDuration::from_hours(2);
    let app = RepoName::parse("app").unwrap();
    load(&mut state, recall, Event::OldRepositories(Some((old, vec![app.clone()]))));
    assert_eq!(state.pane().list.shown.len(), 1);
    assert_eq!(state.cache.catalogs[&RegistryId(0)].old_since(), Some(old));
    let effects = press(&mut state, "enter");
    let (recall, tags_id) = (recall_of(&effects, Some("app")), find(&effects, |q| matches!(q, Query::Tags(_))));
    let names = ["1.0", "1.1"].map(|n| (TagName::parse(n).unwrap(), None));
    load(&mut state, recall, Event::OldTags(Some((old, names.to_vec()))));
    assert_eq!(state.pane().list.shown.len(), 2);
    assert_eq!(list(&state).old_since(), Some(old));
    let effects = load(&mut state, tags_id, Event::Tags(tags(&["1.1", "1.2"])));
    assert_eq!((state.pane().list.shown.len(), saved(&effects).len()), (3, 0));
    let effects = load(&mut state, tags_id, Event::TagsEnd(end()));
    assert_eq!((state.pane().list.shown.len(), list(&state).old_since()), (2, None));
    assert_eq!(saved(&effects), [(state.now, 2)]);
    let effects = load(&mut state, fresh, Event::Repositories(vec![Listed::Valid(app)]));
    assert!(saved(&effects).is_empty());
    assert_eq!(saved(&load(&mut state, fresh, Event::RepositoriesEnd(end()))), [(state.now, 1)]);
}

#[test]
fn the_old_list_stays_when_the_registry_cannot_be_reached_and_is_not_saved_as_new() {
    let (mut state, id) = reading();
    let recall = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Recall(_, Some(_)))).unwrap().0;
    load(&mut state, id, Event::TagsEnd(Err(report(ErrorKind::Network))));
    let old = jiff::Timestamp::UNIX_EPOCH;
    load(&mut state, recall, Event::OldTags(Some((old, vec![(TagName::parse("1.0").unwrap(), None)]))));
    assert_eq!((state.pane().list.shown.len(), list(&state).old_since()), (1, Some(old)));
    assert!(matches!(list(&state).phase, Phase::Failed(_)));
    assert!(saved(&press(&mut state, "esc")).is_empty());
}

#[test]
fn what_was_read_of_the_tags_is_saved_on_leaving_and_only_if_it_is_new() {
    let (mut state, asked) = at_tags();
    let details = find(&asked, |q| matches!(q, Query::Details(..)));
    load(&mut state, details, Event::Details(known(&["a"])));
    assert_eq!(saved(&press(&mut state, "esc")).len(), 1);
    let effects = press(&mut state, "enter");
    let details = find(&effects, |q| matches!(q, Query::Details(..)));
    load(&mut state, details, Event::Details(known(&["a"])));
    assert!(saved(&press(&mut state, "esc")).is_empty(), "nothing new");
}

#[test]
fn the_old_list_of_another_account_is_dropped() {
    let (mut state, _) = reading();
    let recall = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Recall(_, Some(_)))).unwrap().0;
    press(&mut state, "e b o b tab p w tab tab enter");
    update(&mut state, Msg::SignedIn(Ok(Clean::fixed("in"))));
    let old = (jiff::Timestamp::UNIX_EPOCH, vec![(TagName::parse("secret").unwrap(), None)]);
    load(&mut state, recall, Event::OldTags(Some(old)));
    assert!(list(&state).rows.is_empty());
}

#[test]
fn what_is_summed_up_of_a_list_follows_its_rows() {
    let (mut state, asked) = at_tags();
    let complete = |state: &State| crate::app::pane::repositories::summary(list(state)).complete;
    assert!(!complete(&state));
    let details = find(&asked, |q| matches!(q, Query::Details(..)));
    let all = ["a", "b", "c"].map(|name| (TagName::parse(name).unwrap(), TagState::Dangling));
    load(&mut state, details, Event::Details(all.to_vec()));
    assert!(complete(&state));
    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    assert!(!complete(&state));
    load(&mut state, id, Event::TagsEnd(end()));
}
