//! Searches, namespaces, groups, and repositories that live elsewhere.

use std::sync::Arc;

use super::*;
use crate::app::pane::repositories;
use crate::domain::capability::{Ability, Support};
use crate::domain::registry::BackendKind;
use crate::domain::repository::{Elsewhere, Group, GroupFilter, RepoInfo, Scope};

const ONE: RegistryId = RegistryId(0);

fn repo(name: &str) -> RepoName {
    RepoName::loose(name).unwrap()
}

fn names(names: &[&str]) -> Event {
    Event::Repositories(names.iter().map(|name| Listed::Valid(repo(name))).collect())
}

/// A registry of this kind, whose list has these names.
fn listed(kind: BackendKind, caps: Capabilities, rows: &[&str]) -> (State, Vec<Effect>) {
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

fn scope(id: &str) -> Scope {
    Scope { id: id.to_owned(), name: clean_name(id), more: Vec::new() }
}

fn clean_name(id: &str) -> Clean {
    crate::domain::clean::identifier(&format!("name-{id}"))
}

/// Opens the chooser with two workspaces.
fn choose(state: &mut State) {
    let effects = press(state, "g w");
    let id = find(&effects, |q| *q == Query::Scopes);
    load(state, id, Event::Scopes(Ok(vec![scope("aa"), scope("bb")])));
}

#[test]
fn another_workspace_is_another_registry() {
    let (mut state, _) = listed(BackendKind::MlSpace, Capabilities::default(), &["r"]);
    state.registry_mut(ONE).profile.workspace = Some("aa".to_owned());
    choose(&mut state);
    let Some(Modal::Scopes(dialog)) = state.modals.last() else { panic!("no chooser") };
    assert_eq!(dialog.cursor, 0, "on the one that is looked at");
    let effects = press(&mut state, "b b enter");
    let two = RegistryId(2);
    let known = effects.iter().find_map(|e| match e {
        Effect::KnowRegistry(profile) => Some(profile.workspace.clone()),
        _ => None,
    });
    assert_eq!(known, Some(Some("bb".to_owned())));
    assert_eq!(state.pane().place, Place::Repositories(two));
    assert!(state.hidden.contains(&ONE) && !state.cache.catalogs.contains_key(&ONE));
    assert!(fetches(&effects).iter().any(|(_, q)| *q == Query::Repositories));
    assert!(!effects.iter().any(|e| matches!(e, Effect::ChangeRegistry { .. })), "for this run");
    assert_eq!(state.registry(two).scope_name, Some(clean_name("bb")));
    assert_ne!(state.registry(ONE).profile.origin(), state.registry(two).profile.origin());
    assert!(!state.inflight.values().any(|p| p.registry() == ONE), "{:?}", state.inflight);
    // Back in the first one, which is read anew; this time it is kept.
    choose(&mut state);
    let effects = press(&mut state, "a a tab enter");
    assert_eq!((state.pane().place.clone(), state.registries.len()), (Place::Repositories(ONE), 3));
    assert!(state.hidden.contains(&two) && !state.hidden.contains(&ONE));
    let kept = effects.iter().find_map(|e| match e {
        Effect::ChangeRegistry { registry, profile, keys } => Some((*registry, profile.workspace.clone(), *keys)),
        _ => None,
    });
    let (id, workspace, keys) = kept.expect("it is written");
    assert_eq!((id, workspace.as_deref()), (ONE, Some("aa")));
    assert!(keys.contains(&"workspace"));
    // Enter on the one that is looked at changes nothing.
    choose(&mut state);
    let effects = press(&mut state, "enter");
    assert!(state.modals.is_empty() && effects.iter().all(|e| !matches!(e, Effect::KnowRegistry(_))), "{effects:?}");
}

#[test]
fn what_is_kept_belongs_to_the_only_workspace() {
    let told = |id| Capabilities { scope: Some(Arc::new(scope(id))), ..Capabilities::default() };
    let settled = |effects: &[Effect]| {
        let mut all = effects.iter().filter_map(|e| match e {
            Effect::SettleScope { registry: ONE, scope } => Some(scope.clone()),
            _ => None,
        });
        (all.next(), all.next())
    };
    for (kind, own, expected) in [
        (BackendKind::MlSpace, None, Some("aa")),
        // What the config says holds; and nobody's own namespace is turned into another.
        (BackendKind::MlSpace, Some("cc"), None),
        (BackendKind::Alauda, None, None),
    ] {
        let mut state = state(&["one"]);
        let profile = &mut state.registry_mut(ONE).profile;
        (profile.kind, profile.workspace) = (kind, own.map(str::to_owned));
        let before = profile.origin();
        let effects = press(&mut state, "enter");
        let id = find(&effects, |q| *q == Query::Repositories);
        let effects = load(&mut state, id, Event::Learned(Box::new(told("aa")), None));
        assert_eq!(settled(&effects), (expected.map(str::to_owned), None), "{kind:?}");
        let registry = state.registry(ONE);
        let workspace = expected.or(own).map(str::to_owned);
        assert_eq!(registry.profile.workspace, workspace, "{kind:?}");
        assert_eq!(registry.scope_name, expected.map(clean_name));
        let origin = expected.map_or(before.clone(), |scope| format!("{before}#{scope}"));
        assert_eq!(registry.profile.origin(), origin);
        // Said again it is nothing new, and nothing that is under way ends.
        let effects = load(&mut state, id, Event::Learned(Box::new(told("aa")), None));
        assert_eq!(settled(&effects), (None, None));
        assert!(state.inflight.contains_key(&id));
    }
}

#[test]
fn where_nobody_said_which_workspace_the_chooser_opens_by_itself() {
    for (kind, opens) in [(BackendKind::MlSpace, true), (BackendKind::Oci, false)] {
        let mut state = state(&["one"]);
        state.registry_mut(ONE).profile.kind = kind;
        let effects = press(&mut state, "enter");
        let id = find(&effects, |q| *q == Query::Repositories);
        load(&mut state, id, Event::RepositoriesEnd(Err(report(ErrorKind::Config))));
        assert_eq!(matches!(state.modals.last(), Some(Modal::Scopes(_))), opens, "{kind:?}");
    }
}

#[test]
fn a_namespace_can_be_typed_and_a_workspace_cannot() {
    for (kind, goes) in [(BackendKind::DockerCloud, true), (BackendKind::MlSpace, false)] {
        let (mut state, _) = listed(kind, Capabilities::default(), &["r"]);
        choose(&mut state);
        press(&mut state, "t e a m - x enter");
        let there = state.registries.last().unwrap().profile.scope().map(str::to_owned);
        assert_eq!(there.as_deref(), goes.then_some("team-x"), "{kind:?}");
    }
    let (mut state, _) = listed(BackendKind::DockerCloud, Capabilities::default(), &["r"]);
    choose(&mut state);
    press(&mut state, ". . / x enter");
    assert_eq!(state.registries.len(), 2, "that is no name");
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
