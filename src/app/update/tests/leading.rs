//! Searches, groups, and repositories that live elsewhere.

use std::sync::Arc;

use super::*;
use crate::app::pane::repositories;
use crate::domain::capability::{Ability, Support};
use crate::domain::registry::BackendKind;
use crate::domain::repository::{Elsewhere, Group, GroupFilter, RepoInfo};

const ONE: RegistryId = RegistryId(0);

fn repo(name: &str) -> RepoName {
    RepoName::loose(name).unwrap()
}

fn names(names: &[&str]) -> Event {
    Event::Repositories(names.iter().map(|name| Listed::Valid(repo(name))).collect())
}

/// A registry of this kind, whose list has these names.
pub(super) fn listed(kind: BackendKind, caps: Capabilities, rows: &[&str]) -> (State, Vec<Effect>) {
    let mut state = state(&["one", "two"]);
    state.registry_mut(ONE).profile.kind = kind;
    state.registry_mut(ONE).caps = caps;
    state.registry_mut(ONE).link = Link::Up;
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Repositories);
    let mut effects = load(&mut state, id, names(rows));
    effects.extend(load(&mut state, id, Event::RepositoriesEnd(end())));
    (state, effects)
}

fn searchable(rows: &[&str]) -> (State, Vec<Effect>) {
    let caps = Capabilities { abilities: &[Ability::Search], ..Capabilities::default() };
    listed(BackendKind::DockerV1, caps, rows)
}

fn shown(state: &State) -> Vec<String> {
    let Place::Repositories(id) = state.pane().place else { panic!("not in a list") };
    let rows = &state.cache.catalogs[&id].rows;
    // Headings are no rows.
    let rows = state.pane().list.shown.iter().filter_map(|row| rows.get(*row as usize));
    rows.map(|row| repositories::text(row).to_owned()).collect()
}

fn search(state: &mut State, keys: &str) -> RequestId {
    let effects = press(state, &format!("g s {keys} enter"));
    find(&effects, |q| matches!(q, Query::Search(_)))
}

#[test]
fn a_search_takes_the_place_of_the_list_and_leaves_it_as_it_was() {
    let (mut state, _) = searchable(&["a", "b", "c"]);
    press(&mut state, "j j");
    let first = search(&mut state, "x");
    assert!(shown(&state).is_empty());
    load(&mut state, first, names(&["x1", "x2"]));
    assert_eq!(shown(&state), ["x1", "x2"]);
    // A new one gives the old one up, and its late answer is nobody's.
    let effects = press(&mut state, "g s backspace y enter");
    assert!(effects.iter().any(|e| matches!(e, Effect::Abort { id } if *id == first)));
    let second = find(&effects, |q| *q == Query::Search("y".to_owned()));
    load(&mut state, first, names(&["late"]));
    load(&mut state, second, names(&["y"]));
    load(&mut state, second, Event::RepositoriesEnd(end()));
    assert_eq!(shown(&state), ["y"]);
    assert_eq!(state.sought, ["x", "y"]);
    // Into what was found, and back to it.
    press(&mut state, "enter");
    assert_eq!(state.pane().place, Place::Tags(ONE, repo("y")));
    press(&mut state, "esc");
    assert_eq!(shown(&state), ["y"]);
    press(&mut state, "esc");
    assert_eq!((shown(&state), state.pane().list.cursor), (vec!["a".into(), "b".into(), "c".into()], 2));
    press(&mut state, "esc");
    assert_eq!(state.pane().place, Place::Registries);
}

#[test]
fn the_list_goes_on_arriving_behind_a_search() {
    let (mut state, _) = searchable(&["a", "b"]);
    let effects = press(&mut state, "r");
    let list = find(&effects, |q| *q == Query::Repositories);
    let found = search(&mut state, "z");
    load(&mut state, found, names(&["z"]));
    load(&mut state, list, names(&["b", "c"]));
    let effects = load(&mut state, list, Event::RepositoriesEnd(end()));
    assert_eq!(shown(&state), ["z"]);
    // What is kept for the next visit is the list.
    let saved = effects.iter().find_map(|e| match e {
        Effect::Save { list: crate::app::effect::SavedList::Repositories(rows), .. } => Some(rows.len()),
        _ => None,
    });
    assert_eq!(saved, Some(2));
    let effects = press(&mut state, "r");
    assert_eq!(fetches(&effects).len(), 1, "{effects:?}");
    let again = find(&effects, |q| *q == Query::Search("z".to_owned()));
    press(&mut state, "esc");
    assert_eq!(shown(&state), ["b", "c"]);
    load(&mut state, again, names(&["late"]));
    assert_eq!(shown(&state), ["b", "c"]);
}

#[test]
fn a_search_that_is_left_by_a_jump_is_over() {
    let (mut state, _) = searchable(&["a"]);
    search(&mut state, "z");
    press(&mut state, "g r");
    assert!(!state.cache.is_search(ONE) && !state.inflight.values().any(|p| *p == Pending::Search(ONE)));
    press(&mut state, "enter");
    assert_eq!(shown(&state), ["a"]);
}

#[test]
fn a_search_that_fails_says_so_and_a_sign_in_asks_it_again() {
    let (mut state, _) = searchable(&["a"]);
    let id = search(&mut state, "z");
    load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::SignIn))));
    assert!(matches!(state.modals.last(), Some(Modal::SignIn(_))));
    press(&mut state, "esc");
    let mut effects = Vec::new();
    signing::begin_again(&mut state, ONE, &mut effects);
    find(&effects, |q| *q == Query::Search("z".to_owned()));
    press(&mut state, "esc");
    assert!(matches!(state.cache.catalogs[&ONE].phase, Phase::Loading(_)), "of the list nothing was kept either");
}

#[test]
fn what_cannot_be_listed_is_searched() {
    let (state, _) = searchable(&[]);
    let Some(Modal::Search(dialog)) = state.modals.last() else { panic!("{:?}", state.modals) };
    assert!(dialog.why.as_ref().unwrap().as_str().contains("lists nothing"));
    // Where there is no search either, nothing opens; nor where there is a list.
    let (state, _) = listed(BackendKind::DockerV1, Capabilities::default(), &[]);
    assert!(state.modals.is_empty());
    let (state, _) = searchable(&["a"]);
    assert!(state.modals.is_empty());
    let (mut state, _) = listed(BackendKind::Oci, Capabilities::default(), &["a"]);
    press(&mut state, "g s");
    assert!(state.modals.is_empty() && state.notice.unwrap().text.as_str().contains("no search of its own"));
}

#[test]
fn terms_of_this_run_come_back() {
    let (mut state, _) = searchable(&["a"]);
    for term in ["o n e", "t w o", "o n e"] {
        search(&mut state, &format!("ctrl-u {term}"));
    }
    assert_eq!(state.sought, ["two", "one"]);
    let effects = press(&mut state, "g s up up enter");
    find(&effects, |q| *q == Query::Search("two".to_owned()));
}

#[test]
fn a_chooser_that_failed_asks_again_and_a_closed_one_gives_up() {
    let (mut state, _) = listed(BackendKind::Alauda, Capabilities::default(), &["r"]);
    let effects = press(&mut state, "g w");
    let id = find(&effects, |q| *q == Query::Scopes);
    load(&mut state, id, Event::Scopes(Err(report(ErrorKind::Server))));
    let effects = press(&mut state, "enter");
    let id = find(&effects, |q| *q == Query::Scopes);
    let effects = press(&mut state, "esc");
    assert!(effects.iter().any(|e| matches!(e, Effect::Abort { id: other } if *other == id)));
    assert!(state.modals.is_empty());
}

fn cloud() -> Capabilities {
    Capabilities { tags: Support::No, abilities: &[Ability::OpenElsewhere], ..Capabilities::default() }
}

/// Docker Cloud with one entry, which is said to live at `url`.
fn entry(url: &str, repository: &str) -> State {
    let (mut state, _) = listed(BackendKind::DockerCloud, cloud(), &["two.example/app"]);
    let there = Elsewhere { url: url.to_owned(), repository: repository.to_owned() };
    let info = RepoInfo { elsewhere: Some(there), ..RepoInfo::default() };
    state.cache.list_mut(ONE).tell(repo("two.example/app"), Arc::new(info));
    state
}

#[test]
fn an_entry_opens_at_the_registry_of_the_list_and_back_comes_to_it() {
    for keys in ["enter", "g o"] {
        let mut state = entry("https://two.example:443/", "app");
        let effects = press(&mut state, keys);
        assert_eq!(state.pane().place, Place::Tags(RegistryId(1), repo("app")));
        let tags = |e: &Effect| matches!(e, Effect::Fetch { registry: RegistryId(1), query: Query::Tags(_), .. });
        assert!(effects.iter().any(tags));
        assert!(!effects.iter().any(|e| matches!(e, Effect::FindKind { .. } | Effect::KnowRegistry(_))));
        press(&mut state, "esc");
        assert_eq!(shown(&state), ["two.example/app"]);
    }
}

#[test]
fn a_registry_that_is_not_in_the_list_is_asked_about_then_added_for_this_run() {
    let mut state = entry("http://10.0.0.7:5000", "team/app");
    let effects = press(&mut state, "enter");
    assert!(effects.iter().all(|e| !matches!(e, Effect::FindKind { .. } | Effect::Fetch { .. })), "{effects:?}");
    let Some(Modal::Ask(ask)) = state.modals.last() else { panic!("nothing asked") };
    let text = ask.lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for part in ["http://10.0.0.7:5000", "internal network", "plain http", "gets nothing of one"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Enter alone is no yes.
    press(&mut state, "enter");
    assert!(state.modals.is_empty() && state.registries.len() == 2);
    press(&mut state, "enter");
    let effects = press(&mut state, "y");
    let id = effects.iter().find_map(|e| match e {
        Effect::FindKind { id, profile } => {
            assert_eq!((profile.username.clone(), profile.plain_http), (None, true));
            Some(*id)
        }
        _ => None,
    });
    let effects = load(&mut state, id.expect("it is asked"), Event::Kind(Ok(BackendKind::DockerV1)));
    let new = &state.registry(RegistryId(2)).profile;
    assert_eq!(
        (new.kind, new.url.as_str(), new.name.as_str()),
        (BackendKind::DockerV1, "http://10.0.0.7:5000", "10.0.0.7:5000")
    );
    assert_eq!(new.username, None);
    assert_eq!(state.pane().place, Place::Tags(RegistryId(2), repo("team/app")));
    assert!(!effects.iter().any(|e| matches!(e, Effect::SaveRegistry(_))), "for this run");
    // From now on it is in the list.
    press(&mut state, "esc enter");
    assert!(state.modals.is_empty());
    assert_eq!(state.pane().place, Place::Tags(RegistryId(2), repo("team/app")));
}

#[test]
fn who_has_gone_on_is_not_pulled_away() {
    let mut state = entry("https://quay.example", "app");
    let effects = press(&mut state, "enter y");
    let id = effects.iter().find_map(|e| if let Effect::FindKind { id, .. } = e { Some(*id) } else { None }).unwrap();
    press(&mut state, "esc");
    load(&mut state, id, Event::Kind(Ok(BackendKind::Oci)));
    assert_eq!((state.pane().place.clone(), state.registries.len()), (Place::Registries, 3));
    let mut state = entry("https://quay.example", "app");
    let effects = press(&mut state, "enter y");
    let id = effects.iter().find_map(|e| if let Effect::FindKind { id, .. } = e { Some(*id) } else { None }).unwrap();
    load(&mut state, id, Event::Kind(Err(report(ErrorKind::Network))));
    assert_eq!(state.registries.len(), 2);
    assert!(state.notice.is_some_and(|notice| notice.tone == Tone::Bad));
}

#[test]
fn an_address_that_no_registry_has_is_not_even_asked_about() {
    for url in ["http://169.254.169.254", "https://u:p@two.example", "file:///etc/x", "https://two.example\u{1b}[2J"] {
        let mut state = entry(url, "app");
        let effects = press(&mut state, "enter");
        assert!(state.modals.is_empty() && fetches(&effects).is_empty(), "{url:?}");
        let notice = state.notice.as_ref().unwrap();
        assert!(notice.tone == Tone::Bad && notice.text.as_str().contains("Nothing was sent"), "{url:?}");
    }
    let mut state = entry("https://two.example", "../../v2/_catalog");
    press(&mut state, "enter");
    assert!(matches!(state.pane().place, Place::Repositories(_)), "a name that is none goes nowhere");
}

#[test]
fn what_is_copied_can_be_pulled() {
    let copied = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut state = entry("https://two.example:8443/", "team/app");
    assert_eq!(copied(&press(&mut state, "y y")).as_deref(), Some("two.example:8443/team/app"));
    let (mut state, _) = listed(BackendKind::DockerCloud, cloud(), &["app"]);
    assert_eq!(copied(&press(&mut state, "y y")).as_deref(), Some("one.example/app"));
}

#[test]
fn a_tag_whose_image_is_elsewhere_opens_there() {
    let caps = Capabilities { abilities: &[Ability::OpenElsewhere], ..Capabilities::default() };
    let (mut state, _) = listed(BackendKind::Alauda, caps, &["acme/web"]);
    let there = Elsewhere { url: "https://two.example".to_owned(), repository: "acme/web".to_owned() };
    let info = RepoInfo { elsewhere: Some(there), ..RepoInfo::default() };
    state.cache.list_mut(ONE).tell(repo("acme/web"), Arc::new(info));
    // Its tags are here.
    let effects = press(&mut state, "enter");
    assert_eq!(state.pane().place, Place::Tags(ONE, repo("acme/web")));
    let id = find(&effects, |q| matches!(q, Query::Tags(_)));
    load(&mut state, id, Event::Tags(tags(&["1.4"])));
    load(&mut state, id, Event::TagsEnd(end()));
    press(&mut state, "enter");
    let tag = Reference::Tag(TagName::parse("1.4").unwrap());
    assert_eq!(state.pane().place, Place::Image(RegistryId(1), repo("acme/web"), tag));
    press(&mut state, "esc");
    assert_eq!(state.pane().place, Place::Tags(ONE, repo("acme/web")));
}

fn group(name: &str, host: &str) -> Arc<Group> {
    let clean = |text: &str| crate::domain::clean::line(text);
    let (key, name, host) = (host.to_owned(), clean(name), clean(host));
    Arc::new(Group { key, name, host, port: None, encrypted: true, official: false, more: Vec::new(), raw: None })
}

#[test]
fn groups_are_filtered_looked_at_and_shown_alone() {
    let rows = ["a.example/x", "a.example/y", "plain"];
    let (mut state, _) = listed(BackendKind::DockerCloud, cloud(), &rows);
    let groups = [group("A", "a.example"), group("Hub", "b.example")];
    for (name, of) in [(rows[0], &groups[0]), (rows[1], &groups[0]), (rows[2], &groups[1])] {
        let info = RepoInfo { group: Some(of.heading()), ..RepoInfo::default() };
        state.cache.list_mut(ONE).tell(repo(name), Arc::new(info));
    }
    let effects = press(&mut state, "g h");
    let id = find(&effects, |q| *q == Query::Groups(GroupFilter::default()));
    load(&mut state, id, Event::Groups(Ok(groups.to_vec())));
    let effects = press(&mut state, "j j space");
    let id = find(&effects, |q| *q == Query::Group("b.example".to_owned()));
    load(&mut state, id, Event::Group(Ok(groups[1].clone())));
    let Some(Modal::Groups(dialog)) = state.modals.last() else { panic!("no dialog") };
    assert!(dialog.details.as_ref().is_some_and(|details| matches!(details.read, Some(Ok(_)))));
    press(&mut state, "enter");
    assert_eq!((shown(&state), state.modals.len()), (vec!["plain".to_owned()], 0));
    press(&mut state, "esc");
    assert_eq!(shown(&state).len(), 3);
    let effects = press(&mut state, "g h");
    let id = find(&effects, |q| matches!(q, Query::Groups(_)));
    load(&mut state, id, Event::Groups(Ok(groups.to_vec())));
    let effects = press(&mut state, "/ h u b tab tab u tab space tab enter");
    let wanted = GroupFilter { name: Some("hub".into()), host: None, uuid: Some("u".into()), official: Some(true) };
    find(&effects, |q| *q == Query::Groups(wanted.clone()));
    press(&mut state, "esc");
    assert!(!state.inflight.values().any(|p| matches!(p, Pending::Groups(_))));
}
