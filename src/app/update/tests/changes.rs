//! Changes by a system's own interface: favourites that the system keeps.

use std::sync::Arc;

use super::*;
use crate::app::action::Action;
use crate::app::msg::ChangeId;
use crate::domain::capability::{Ability, Place as Kept};
use crate::domain::change::{Change, Changed};
use crate::domain::registry::{BackendKind, Mode};
use crate::domain::repository::RepoInfo;

const ONE: RegistryId = RegistryId(0);

fn repo(name: &str) -> RepoName {
    RepoName::parse(name).unwrap()
}

fn info(favourite: bool) -> Arc<RepoInfo> {
    Arc::new(RepoInfo { favourite: Some(favourite), ..RepoInfo::default() })
}

/// The repositories a and b of a system that keeps favourites; b is one.
fn at_repositories() -> State {
    let mut state = state(&["one"]);
    state.registry_mut(ONE).profile.kind = BackendKind::MlSpace;
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    let told = vec![(repo("a"), info(false)), (repo("b"), info(true))];
    load(&mut state, id, Event::RepositoriesTold(told));
    load(&mut state, id, Event::Repositories(["a", "b"].map(|name| Listed::Valid(repo(name))).to_vec()));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let caps = Capabilities { favourites: Kept::Server, ..Capabilities::default() };
    state.registry_mut(ONE).caps = caps;
    // Favourites are first.
    press(&mut state, "G");
    state
}

fn is(state: &State, name: &str) -> bool {
    state.cache.catalogs[&ONE].named(name).unwrap().favourite
}

/// What was sent, and its number.
fn sent(effects: &[Effect]) -> Option<(ChangeId, String, bool)> {
    let mut sent = effects.iter().filter_map(|effect| match effect {
        Effect::Change { id, change, .. } => match &**change {
            Change::Favourite { repo, on } => Some((*id, repo.to_string(), *on)),
            other => panic!("{other:?}"),
        },
        Effect::SetFavourite { .. } => panic!("the system keeps them"),
        _ => None,
    });
    let first = sent.next();
    assert!(sent.next().is_none(), "one at a time");
    first
}

fn answer(state: &mut State, id: ChangeId, result: Result<Changed, ErrorReport>) -> Vec<Effect> {
    update(state, Msg::Changed { id, result })
}

fn said(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn read_again(effects: &[Effect]) -> RequestId {
    find(effects, |query| matches!(query, Query::Repository(name) if name.as_str() == "a"))
}

#[test]
fn what_the_system_says_is_shown_and_a_wish_at_once() {
    let mut state = at_repositories();
    assert!(is(&state, "b") && !is(&state, "a"));
    let (id, name, on) = sent(&press(&mut state, "f")).expect("sent");
    assert_eq!((name.as_str(), on, is(&state, "a")), ("a", true, true));
    assert!(state.favourites.is_empty() && state.animating());
    let effects = answer(&mut state, id, Ok(Changed::Confirmed));
    assert!(sent(&effects).is_none() && state.changing.is_empty());
    // The confirmed value is what counts, and the answer to a change comes once.
    let read = read_again(&effects);
    load(&mut state, read, Event::Repository(Ok(info(true))));
    assert!(is(&state, "a"));
    assert!(answer(&mut state, id, Ok(Changed::NotConfirmed)).is_empty());
    let (_, name, on) = sent(&press(&mut state, "u")).expect("taken back by the system");
    assert_eq!((name.as_str(), on, is(&state, "a")), ("a", false, false));
}

#[test]
fn the_last_wish_wins_and_nothing_is_sent_for_nothing() {
    let mut state = at_repositories();
    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    assert!(sent(&press(&mut state, "u")).is_none(), "its answer is waited for");
    assert!(!is(&state, "a"));
    let (second, _, on) = sent(&answer(&mut state, id, Ok(Changed::Confirmed))).expect("the last wish");
    assert!(!on && !is(&state, "a"));
    assert!(sent(&answer(&mut state, second, Ok(Changed::Confirmed))).is_none());

    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    assert!(sent(&press(&mut state, "u f")).is_none());
    assert!(sent(&answer(&mut state, id, Ok(Changed::Confirmed))).is_none(), "it is so already");
    assert!(is(&state, "a"));
}

#[test]
fn a_refusal_puts_it_back_says_why_and_leaves_nothing_to_take_back() {
    let mut state = at_repositories();
    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    let effects = answer(&mut state, id, Err(report(ErrorKind::Denied)));
    assert!(!is(&state, "a"));
    assert_eq!(said(&state), "a is no favourite: what. hint");
    read_again(&effects);
    press(&mut state, "u");
    assert!(said(&state).contains("nothing to take back"), "{}", said(&state));
}

#[test]
fn an_answer_that_never_came_is_looked_up() {
    let mut state = at_repositories();
    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    let lost = ErrorReport { unsure: true, ..report(ErrorKind::Timeout) };
    let effects = answer(&mut state, id, Err(lost));
    assert!(sent(&effects).is_none() && !is(&state, "a"));
    assert!(said(&state).contains("not known whether a was changed"), "{}", said(&state));
    load(&mut state, read_again(&effects), Event::Repository(Ok(info(true))));
    assert!(is(&state, "a"), "it was done");

    // Taken, and not seen.
    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    let effects = answer(&mut state, id, Ok(Changed::NotConfirmed));
    assert!(is(&state, "a") && said(&state).contains("still shows it as one"), "{}", said(&state));
    read_again(&effects);
}

#[test]
fn a_list_that_was_read_meanwhile_is_older_than_the_wish() {
    let mut state = at_repositories();
    press(&mut state, "f");
    let id = find(&press(&mut state, "r"), |q| *q == Query::Repositories);
    load(&mut state, id, Event::RepositoriesTold(vec![(repo("a"), info(false)), (repo("b"), info(false))]));
    assert!(is(&state, "a") && !is(&state, "b"));
}

#[test]
fn leaving_the_view_gives_no_change_up_and_quitting_waits_for_it() {
    let mut state = at_repositories();
    let (id, ..) = sent(&press(&mut state, "f")).expect("sent");
    let effects = press(&mut state, "esc q");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert!(said(&state).contains("Waiting for the answer"), "{}", said(&state));
    let effects = answer(&mut state, id, Ok(Changed::Confirmed));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Quit)));

    let mut state = at_repositories();
    press(&mut state, "f");
    let effects = press(&mut state, "q q");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Quit)), "it need not be waited for");
}

#[test]
fn read_only_refuses_before_anything_is_sent() {
    for all in [true, false] {
        let mut state = at_repositories();
        state.read_only = all;
        state.registry_mut(ONE).profile.mode = if all { Mode::ReadWrite } else { Mode::ReadOnly };
        assert!(sent(&press(&mut state, "f")).is_none());
        assert!(!is(&state, "a") && state.changing.is_empty());
        assert!(said(&state).contains("read-only"), "{}", said(&state));
    }
}

#[test]
fn before_it_is_known_who_keeps_favourites_none_is_made() {
    let mut state = state(&["one"]);
    state.registry_mut(ONE).profile.kind = BackendKind::MlSpace;
    let effects = press(&mut state, "enter");
    let id = effects.iter().find_map(|effect| match effect {
        Effect::Recall { id, .. } => Some(*id),
        _ => None,
    });
    let old = Some((jiff::Timestamp::UNIX_EPOCH, vec![repo("a")]));
    load(&mut state, id.expect("a list of an earlier visit"), Event::OldRepositories(old));
    assert!(sent(&press(&mut state, "f")).is_none());
    assert!(said(&state).contains("not connected yet") && state.favourites.is_empty(), "{}", said(&state));
}

/// Why `t` does nothing, as the footer and the help have it, and as it is said when it is pressed.
#[test]
fn where_no_call_sets_a_tag_it_is_said_which_way_there_is() {
    for (kind, why) in [
        (BackendKind::Alauda, "Alauda has no call that sets a tag; docker push does"),
        (BackendKind::DockerCloud, "Docker Cloud keeps no tags; open the repository at its own registry"),
        (BackendKind::MlSpace, "not connected yet, and what it can do is not known"),
        (BackendKind::DockerV1, "not connected yet, and what it can do is not known"),
    ] {
        let (mut state, _) = at_tags();
        state.registry_mut(ONE).profile.kind = kind;
        assert_eq!(availability(&state, Action::NewTag), Err(why), "{kind:?}");
        let effects = press(&mut state, "t");
        assert!(state.modals.is_empty() && effects.is_empty(), "{kind:?} {effects:?}");
        assert!(said(&state).contains(why), "{}", said(&state));
    }
    let (mut state, _) = at_tags();
    state.registry_mut(ONE).profile.kind = BackendKind::DockerV1;
    state.registry_mut(ONE).caps.abilities = &[Ability::SetTag];
    assert_eq!(availability(&state, Action::NewTag), Ok(()));
    state.registry_mut(ONE).profile.mode = Mode::ReadOnly;
    assert!(availability(&state, Action::NewTag).is_err_and(|why| why.contains("read-only")));
}
