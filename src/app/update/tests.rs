//! The core, driven by literal messages.

mod alone;
mod changes;
mod details;
mod explore;
mod layers;
mod leading;
mod lists;
mod marking;
mod outage;
mod scopes;
mod take_back;
mod telling;

use super::*;
use crate::app::cache::Phase;
use crate::app::effect::Query;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::msg::{Event, RequestId};
use crate::app::pane::Place;
use crate::app::state::{Looks, Registry};
use crate::domain::capability::Capabilities;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::domain::tag::TagState;

pub(super) fn profile(name: &str) -> RegistryProfile {
    RegistryProfile { name: name.to_owned(), url: format!("https://{name}.example"), ..RegistryProfile::default() }
}

pub(super) fn state(names: &[&str]) -> State {
    let rows = names.iter().map(|n| Registry::new(profile(n), true)).collect();
    let looks =
        Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".to_owned() };
    let mut state = State::new(rows, Keymap::builtin(), looks, jiff::Timestamp::UNIX_EPOCH);
    update(&mut state, Msg::Resize(80, 24));
    start(&mut state);
    state
}

pub(super) fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| update(state, Msg::Key(key.parse::<Key>().unwrap()))).collect()
}

/// The requests among effects, by id.
pub(super) fn fetches(effects: &[Effect]) -> Vec<(RequestId, Query)> {
    let fetch = |e: &Effect| match e {
        Effect::Fetch { id, query, .. } => Some((*id, query.clone())),
        _ => None,
    };
    effects.iter().filter_map(fetch).collect()
}

pub(super) fn find(effects: &[Effect], wanted: impl Fn(&Query) -> bool) -> RequestId {
    fetches(effects).into_iter().find(|(_, q)| wanted(q)).expect("the request was sent").0
}

pub(super) fn load(state: &mut State, id: RequestId, event: Event) -> Vec<Effect> {
    update(state, Msg::Loaded { id, event })
}

pub(super) fn tags(names: &[&str]) -> Vec<Listed<TagName>> {
    names.iter().map(|n| Listed::Valid(TagName::parse(n).unwrap())).collect()
}

pub(super) fn end() -> Result<ListEnd, ErrorReport> {
    Ok(ListEnd { complete: true, note: None })
}

pub(super) fn report(kind: ErrorKind) -> ErrorReport {
    ErrorReport::new(kind, Clean::fixed("what"), Clean::fixed("hint"))
}

/// A state that shows the tags a, b, c of `one/app`; the second value is what the list made it ask for.
pub(super) fn at_tags() -> (State, Vec<Effect>) {
    at_tags_named(&["a", "b", "c"])
}

pub(super) fn at_tags_named(names: &[&str]) -> (State, Vec<Effect>) {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![Listed::Valid(RepoName::parse("app").unwrap())]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| matches!(q, Query::Tags(_)));
    let mut asked = load(&mut state, id, Event::Tags(tags(names)));
    asked.extend(load(&mut state, id, Event::TagsEnd(end())));
    (state, asked)
}

fn list(state: &State) -> &crate::app::cache::TagList {
    state.tags(RegistryId(0), &RepoName::parse("app").unwrap()).unwrap()
}

#[test]
fn registries_on_screen_say_hello_once() {
    let names: Vec<String> = (0..40).map(|n| format!("r{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let state = state(&names);
    let greeted = state.inflight.values().filter(|p| matches!(p, Pending::Connect(_))).count();
    assert_eq!(greeted, 12);
}

#[test]
fn the_first_rows_are_shown_before_the_list_is_complete() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![Listed::Valid(RepoName::parse("app").unwrap())]));
    assert_eq!(state.pane().list.shown.len(), 1);
    assert!(matches!(state.cache.catalogs[&RegistryId(0)].phase, Phase::Loading(_)));
}

#[test]
fn visible_tags_ask_for_their_details() {
    let (_, asked) = at_tags();
    let queries = fetches(&asked);
    assert!(queries.iter().any(|(_, q)| matches!(q, Query::Details(_, tags) if tags.len() == 3)), "{queries:?}");
}

#[test]
fn a_superseded_answer_is_dropped() {
    let (mut state, _) = at_tags();
    let first = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    let second = press(&mut state, "r");
    assert!(second.iter().any(|e| matches!(e, Effect::Abort { id } if *id == first)));
    load(&mut state, first, Event::Tags(tags(&["stale"])));
    load(&mut state, first, Event::TagsEnd(end()));
    assert!(list(&state).row(&TagName::parse("stale").unwrap()).is_none());
    assert!(matches!(list(&state).phase, Phase::Loading(_)));
}

#[test]
fn leaving_gives_details_up_and_keeps_the_list() {
    let (mut state, asked) = at_tags();
    let details = find(&asked, |q| matches!(q, Query::Details(..)));
    let effects = press(&mut state, "esc");
    assert!(effects.iter().any(|e| matches!(e, Effect::Abort { id } if *id == details)));
    assert_eq!(list(&state).rows.len(), 3);
    let effects = press(&mut state, "enter");
    assert!(!fetches(&effects).iter().any(|(_, q)| matches!(q, Query::Tags(_))), "the list is not read again");
    assert!(fetches(&effects).iter().any(|(_, q)| matches!(q, Query::Details(..))), "the details are");
}

#[test]
fn escape_closes_the_innermost_thing_first_and_never_quits() {
    let (mut state, _) = at_tags();
    press(&mut state, "/ a enter v");
    assert_eq!(state.pane().list.shown.len(), 1);
    assert!(state.pane().list.anchor.is_some());
    press(&mut state, "esc");
    assert!(state.pane().list.anchor.is_none() && state.pane().list.filter.filter.is_some());
    press(&mut state, "esc");
    assert!(state.pane().list.filter.filter.is_none());
    assert!(matches!(state.pane().place, Place::Tags(..)));
    let effects = press(&mut state, "esc esc esc esc esc");
    assert_eq!(state.pane().place, Place::Registries);
    assert!(!effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn marks_survive_filter_sort_and_reload() {
    let (mut state, _) = at_tags();
    press(&mut state, "space space");
    press(&mut state, "/ c enter");
    let count = crate::app::pane::tags::count_marks(list(&state), state.pane()).clone();
    assert_eq!((count.tags, count.hidden), (2, 2));
    press(&mut state, "esc s 4");
    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    load(&mut state, id, Event::Tags(tags(&["c", "b", "a"])));
    load(&mut state, id, Event::TagsEnd(end()));
    assert_eq!(state.pane().marks.len(), 2);
}

#[test]
fn what_the_filter_cannot_know_yet_is_shown_and_not_marked_with_the_others() {
    let (mut state, asked) = at_tags();
    // Nothing is read: every tag may be that large.
    press(&mut state, "/ s i z e > 1 k enter");
    assert_eq!(state.pane().list.shown.len(), 3);
    for keys in ["a", "i", "v G space"] {
        press(&mut state, keys);
        assert!(state.pane().marks.is_empty(), "{keys}");
        let said = state.notice.take().unwrap().text.to_string();
        assert_eq!(said, "3 rows were left out: what the filter asks of them is not read yet.");
    }
    let mut large = lists::known(&["b"]);
    let TagState::Known(info) = &mut large[0].1 else { panic!("not known") };
    std::sync::Arc::get_mut(info).unwrap().size = Some(5000);
    let id = find(&asked, |q| matches!(q, Query::Details(..)));
    load(&mut state, id, Event::Details(large));
    press(&mut state, "a");
    assert_eq!(state.pane().marks.iter().map(TagName::as_str).collect::<Vec<_>>(), ["b"]);
    assert!(state.notice.take().unwrap().text.as_str().starts_with("2 rows were left out"));
    // One that is under the cursor is meant, whatever is known of it.
    press(&mut state, "X g g space");
    assert_eq!(state.pane().marks.len(), 1);
    // A filter of names is certain from the start.
    press(&mut state, "X esc / c enter a");
    assert_eq!(state.pane().marks.len(), 1);
}

#[test]
fn a_range_is_marked_and_escape_drops_it() {
    let (mut state, _) = at_tags();
    press(&mut state, "v G space");
    assert_eq!(state.pane().marks.len(), 3);
    press(&mut state, "X g g v j esc");
    assert!(state.pane().marks.is_empty());
}

#[test]
fn sorting_by_details_asks_for_all_of_them() {
    let many: Vec<String> = (0..500).map(|n| format!("t{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (mut state, effects) = at_tags_named(&many);
    let asked = |effects: &[Effect]| -> usize {
        let count = |(_, q): (RequestId, Query)| if let Query::Details(_, tags) = q { tags.len() } else { 0 };
        fetches(effects).into_iter().map(count).sum()
    };
    assert_eq!(asked(&effects), 18, "what is on screen, and nothing that could slow it down");
    let id = find(&effects, |q| matches!(q, Query::Details(..)));
    let (_, Query::Details(_, first)) = fetches(&effects).remove(0) else { panic!("details") };
    let dangling = first.into_iter().map(|name| (name, TagState::Dangling)).collect();
    assert_eq!(asked(&load(&mut state, id, Event::Details(dangling))), 18, "the next page");
    assert_eq!(asked(&load(&mut state, id, Event::DetailsEnd)), 0);
    let effects = press(&mut state, "s 4");
    assert_eq!(asked(&effects), 256, "the next chunk of the rest");
}

#[test]
fn a_refused_read_asks_for_credentials_and_then_goes_on_where_it_was() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::SignIn))));
    assert!(matches!(state.modals.last(), Some(Modal::SignIn(_))));
    press(&mut state, "b o b tab p w");
    let effects = press(&mut state, "tab tab enter");
    assert!(effects.iter().any(|e| matches!(e, Effect::SignIn { .. })));
    let effects = update(&mut state, Msg::SignedIn(Ok(Clean::fixed("in"))));
    assert!(state.modals.is_empty());
    assert!(fetches(&effects).iter().any(|(_, q)| *q == Query::Repositories));
    assert_eq!(state.pane().place, Place::Repositories(RegistryId(0)));
}

#[test]
fn a_refused_sign_in_keeps_the_dialog_and_what_was_typed() {
    let mut state = state(&["one"]);
    press(&mut state, "e b o b tab p w tab tab enter");
    update(&mut state, Msg::SignedIn(Err(report(ErrorKind::SignIn))));
    let Some(Modal::SignIn(dialog)) = state.modals.last() else { panic!("the dialog is open") };
    assert!(dialog.waiting.is_none() && dialog.error.is_some());
    assert_eq!(dialog.form.text(1), "bob");
}

#[test]
fn signing_in_forgets_what_the_old_account_saw() {
    let (mut state, _) = at_tags();
    press(&mut state, "e b o b tab p w tab tab enter");
    update(&mut state, Msg::SignedIn(Ok(Clean::fixed("in"))));
    assert!(list(&state).rows.is_empty(), "read again, from nothing");
}

#[test]
fn enter_alone_never_confirms_a_question() {
    let mut state = state(&["one"]);
    let intent = Intent::TrustPlain { registry: RegistryId(0) };
    let ask = Modal::Ask(Ask { title: "Send it?", lines: Vec::new(), intent });
    state.modals.push(ask.clone());
    let effects = press(&mut state, "enter");
    assert!(state.modals.is_empty() && effects.is_empty());
    state.modals.push(ask);
    let effects = press(&mut state, "y");
    assert!(effects.iter().any(|e| matches!(e, Effect::TrustPlain { registry: RegistryId(0) })));
}

#[test]
fn pasted_text_is_never_a_command() {
    let (mut state, _) = at_tags();
    update(&mut state, Msg::Paste("a\rq".to_owned()));
    assert!(state.pane().marks.is_empty() && matches!(state.pane().place, Place::Tags(..)));
    press(&mut state, "/");
    update(&mut state, Msg::Paste("b\r".to_owned()));
    assert_eq!(state.pane().list.filter.input.as_ref().unwrap().value(), "b");
    assert_eq!(state.pane().list.shown.len(), 1);
}

#[test]
fn a_letter_is_text_while_a_field_is_open() {
    let (mut state, _) = at_tags();
    let effects = press(&mut state, "/ q");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Quit)));
    press(&mut state, "esc :");
    let effects = press(&mut state, "q");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn a_panicked_read_is_an_error_and_not_a_spinner_for_ever() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    update(&mut state, Msg::TaskFailed { id });
    assert!(matches!(state.cache.catalogs[&RegistryId(0)].phase, Phase::Failed(_)));
    assert!(!state.inflight.contains_key(&id));
}

#[test]
fn dangling_tags_are_rows_like_any_other() {
    let (mut state, asked) = at_tags();
    let id = find(&asked, |q| matches!(q, Query::Details(..)));
    load(&mut state, id, Event::Details(vec![(TagName::parse("a").unwrap(), TagState::Dangling)]));
    assert_eq!(list(&state).row(&TagName::parse("a").unwrap()).unwrap().state, TagState::Dangling);
    press(&mut state, "/ s t a t e : d a n g l i n g enter");
    assert!(!state.pane().list.shown.is_empty());
}

#[test]
fn connecting_again_is_possible_after_a_failure() {
    let mut state = state(&["one"]);
    let id = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Connect(_))).unwrap().0;
    load(&mut state, id, Event::Connected(Err(report(ErrorKind::Network)), Box::default()));
    assert!(matches!(state.registries[0].link, Link::Down(_)));
    let effects = press(&mut state, "r");
    let id = find(&effects, |q| *q == Query::Connect);
    load(&mut state, id, Event::Connected(Ok(Capabilities::default()), Box::default()));
    assert_eq!(state.registries[0].link, Link::Up);
}

#[test]
fn unreachable_actions_say_why() {
    let mut state = state(&["one"]);
    press(&mut state, "space");
    assert!(state.notice.is_none(), "space is no key here");
    press(&mut state, "g t");
    assert!(state.notice.as_ref().unwrap().text.as_str().contains("choose a repository first"));
}

#[test]
fn what_is_no_name_is_not_opened_and_why_is_said() {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::Repositories(vec![Listed::Invalid(Clean::fixed("../etc"))]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    assert_eq!(fetches(&press(&mut state, "enter")), []);
    assert!(state.notice.as_ref().unwrap().text.as_str().contains("not a valid name"));
    assert_eq!(state.panes.len(), 2);
}

#[test]
fn the_beginning_of_a_name_goes_to_that_name_and_not_to_a_repository_of_its_own() {
    let mut state = state(&["one"]);
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    let listed = ["team/api", "team/web"].map(|n| Listed::Valid(RepoName::parse(n).unwrap()));
    load(&mut state, id, Event::Repositories(listed.into()));
    let place = |state: &State| state.pane().place.clone();
    let repo = |name: &str| Place::Tags(RegistryId(0), RepoName::parse(name).unwrap());

    // While the list is not complete, what was typed may well exist.
    press(&mut state, "' x y z enter");
    assert_eq!(place(&state), repo("xyz"));
    press(&mut state, "esc");
    load(&mut state, id, Event::RepositoriesEnd(end()));
    press(&mut state, "' w e enter");
    assert_eq!(place(&state), repo("team/web"));
    press(&mut state, "esc ' w e down enter");
    assert_eq!(place(&state), repo("we"));
    press(&mut state, "esc ' t e a m / a p i : 1 enter");
    let reference = Reference::Tag(TagName::parse("1").unwrap());
    assert_eq!(place(&state), Place::Image(RegistryId(0), RepoName::parse("team/api").unwrap(), reference));
}
