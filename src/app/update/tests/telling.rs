//! What systems say of repositories and tags besides their names.

use std::sync::Arc;

use super::*;
use crate::app::cache::{RepoRow, TagCount, Telling};
use crate::domain::capability::{Place as Kept, Support};
use crate::domain::repository::{RepoInfo, TagFacts};

fn repo(name: &str) -> RepoName {
    RepoName::parse(name).unwrap()
}

fn page(names: &[&str]) -> Event {
    Event::Repositories(names.iter().map(|name| Listed::Valid(repo(name))).collect())
}

fn told(name: &str, info: RepoInfo) -> Event {
    Event::RepositoriesTold(vec![(repo(name), Arc::new(info))])
}

fn row<'a>(state: &'a State, name: &str) -> &'a RepoRow {
    state.cache.catalogs[&RegistryId(0)].named(name).expect("a row")
}

fn reading() -> (State, RequestId) {
    let mut state = state(&["one"]);
    let id = find(&press(&mut state, "enter"), |q| *q == Query::Repositories);
    (state, id)
}

#[test]
fn what_the_system_counts_is_not_asked_for() {
    let (mut state, id) = reading();
    let effects = load(&mut state, id, told("a", RepoInfo { tags: Some(7), ..RepoInfo::default() }));
    assert!(fetches(&effects).is_empty(), "{effects:?}");
    let effects = load(&mut state, id, page(&["a", "b"]));
    let counts = fetches(&effects).into_iter().filter_map(|(_, query)| match query {
        Query::TagCounts(repos) => Some(repos),
        _ => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [[repo("b")]]);
    assert_eq!(row(&state, "a").tags, TagCount::Known(7));
    let told = state.cache.catalogs[&RegistryId(0)].told;
    assert!(told.has(Telling::Tags) && !told.has(Telling::Pulls) && !told.is_empty());
    load(&mut state, id, Event::RepositoriesEnd(end()));
    assert!(row(&state, "a").is_listed() && row(&state, "b").info.is_none());
}

#[test]
fn nothing_is_counted_where_no_repository_has_tags() {
    let (mut state, id) = reading();
    state.registry_mut(RegistryId(0)).caps.tags = Support::No;
    assert!(fetches(&load(&mut state, id, page(&["a", "b"]))).is_empty());
    assert_eq!(row(&state, "a").tags, TagCount::NotAsked);
}

#[test]
fn the_favourites_of_a_system_are_its_own() {
    for (kept, expected) in [(Kept::Server, [true, false]), (Kept::Local, [true, true])] {
        let (mut state, id) = reading();
        state.registry_mut(RegistryId(0)).caps.favourites = kept;
        state.favourites.insert(("one".to_owned(), Some(repo("b"))));
        load(&mut state, id, told("a", RepoInfo { favourite: Some(true), ..RepoInfo::default() }));
        load(&mut state, id, page(&["a", "b"]));
        load(&mut state, id, Event::RepositoriesEnd(end()));
        assert_eq!(["a", "b"].map(|name| row(&state, name).favourite), expected, "{kept:?}");
    }
}

#[test]
fn a_repository_that_is_gone_takes_along_what_was_said_of_it() {
    let (mut state, id) = reading();
    load(&mut state, id, told("a", RepoInfo { pulls: Some(1), ..RepoInfo::default() }));
    load(&mut state, id, page(&["a", "b"]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let id = find(&press(&mut state, "r"), |q| *q == Query::Repositories);
    load(&mut state, id, page(&["b"]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    assert!(state.cache.catalogs[&RegistryId(0)].named("a").is_none());
}

#[test]
fn what_is_kept_of_a_tag_stays_as_long_as_the_tag() {
    let (mut state, id) = reading();
    load(&mut state, id, page(&["app"]));
    load(&mut state, id, Event::RepositoriesEnd(end()));
    let id = find(&press(&mut state, "enter"), |q| matches!(q, Query::Tags(_)));
    let key = (RegistryId(0), repo("app"));
    let facts = |signed| Arc::new(TagFacts { signed: Some(signed), ..TagFacts::default() });
    let [a, b] = ["a", "b"].map(|name| TagName::parse(name).unwrap());
    load(&mut state, id, Event::TagsTold(vec![(a.clone(), facts(true)), (b.clone(), facts(false))]));
    load(&mut state, id, Event::Tags(tags(&["a", "b"])));
    load(&mut state, id, Event::TagsEnd(end()));
    assert_eq!(state.cache.tags[&key].facts[&b].signed, Some(false));
    let id = find(&press(&mut state, "r"), |q| matches!(q, Query::Tags(_)));
    load(&mut state, id, Event::Tags(tags(&["a"])));
    load(&mut state, id, Event::TagsEnd(end()));
    let facts = &state.cache.tags[&key].facts;
    assert!(facts.contains_key(&a) && !facts.contains_key(&b));
}
