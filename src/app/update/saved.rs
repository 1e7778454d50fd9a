//! Favourites, labels and typed repositories: of earlier runs at the start, and of other tagboats while this one runs.

use std::collections::BTreeSet;

use crate::app::effect::Effect;
use crate::app::msg::Saved;
use crate::app::state::State;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

/// What is saved replaces what was known of it; only what differs is touched, since lists may be long.
pub fn saved(state: &mut State, saved: Saved, effects: &mut Vec<Effect>) {
    favourites(state, saved.favourites);
    let before = std::mem::replace(&mut state.typed, saved.typed);
    for (registry, repo) in state.typed.clone().difference(&before) {
        for id in named(state, registry, true) {
            // A list that was not read yet gets its rows when it is.
            if state.cache.list(id).is_some() {
                state.cache.list_mut(id).pin(repo);
            }
        }
    }
    state.book.kept = saved.labels;
    super::labels::changed(state, effects);
    super::arrange(state);
}

/// These are the favourites.
pub fn favourites(state: &mut State, now: BTreeSet<(String, Option<RepoName>)>) {
    let before = std::mem::replace(&mut state.favourites, now);
    for (registry, repo) in before.symmetric_difference(&state.favourites.clone()) {
        let on = !before.contains(&(registry.clone(), repo.clone()));
        for id in named(state, registry, repo.is_some()) {
            match repo {
                None => state.registry_mut(id).favourite = on,
                Some(repo) => super::favourites::mark_one(state, id, repo, on),
            }
        }
    }
}

fn named(state: &State, name: &str, for_repositories: bool) -> Vec<RegistryId> {
    let ids = 0..state.registries.len() as u32;
    ids.map(RegistryId).filter(|id| state.kept_as(*id, for_repositories) == name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::Keymap;
    use crate::app::state::{Looks, Registry};
    use crate::domain::registry::{BackendKind, RegistryProfile};

    #[test]
    fn rows_follow_what_is_saved() {
        let looks =
            Looks { ascii: false, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".into() };
        let profile = |name: &str| RegistryProfile { name: name.into(), ..RegistryProfile::default() };
        let rows = ["r", "s"].map(|name| Registry::new(profile(name), true)).to_vec();
        let mut state = State::new(rows, Keymap::builtin(), looks, jiff::Timestamp::UNIX_EPOCH);
        let [a, b] = ["a", "b"].map(|name| RepoName::parse(name).unwrap());
        state.cache.catalogs.entry(RegistryId(0)).or_default().pin(&a);
        let favourites = BTreeSet::from([("r".to_owned(), Some(a.clone())), ("s".to_owned(), None)]);
        let typed = BTreeSet::from([("r".to_owned(), b.clone())]);
        let mut effects = Vec::new();
        saved(&mut state, Saved { favourites, typed, ..Saved::default() }, &mut effects);
        assert_eq!(state.registries.iter().map(|r| r.favourite).collect::<Vec<_>>(), [false, true]);
        let row = |state: &mut State, repo| {
            let catalog = state.cache.catalogs.get_mut(&RegistryId(0)).unwrap();
            catalog.row_mut(repo).map(|row| (row.favourite, row.pinned))
        };
        assert_eq!((row(&mut state, &a), row(&mut state, &b)), (Some((true, true)), Some((false, true))));
        assert!(!state.cache.catalogs.contains_key(&RegistryId(1)));
        saved(&mut state, Saved::default(), &mut effects);
        assert!(state.registries.iter().all(|r| !r.favourite) && state.typed.is_empty());
        assert_eq!(row(&mut state, &a), Some((false, true)));
    }

    #[test]
    fn a_favourite_of_one_namespace_is_none_of_another() {
        let looks =
            Looks { ascii: false, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".into() };
        let profile = |namespace: &str| {
            let (name, namespace) = ("r".into(), Some(namespace.into()));
            RegistryProfile { name, namespace, kind: BackendKind::DockerCloud, ..RegistryProfile::default() }
        };
        let rows = ["one", "two"].map(|namespace| Registry::new(profile(namespace), true)).to_vec();
        let mut state = State::new(rows, Keymap::builtin(), looks, jiff::Timestamp::UNIX_EPOCH);
        let repo = RepoName::loose("quay.io/a/b").unwrap();
        for id in [0, 1] {
            state.cache.catalogs.entry(RegistryId(id)).or_default().pin(&repo);
        }
        let favourites = BTreeSet::from([("r#two".to_owned(), Some(repo.clone())), ("r".to_owned(), None)]);
        let typed = BTreeSet::from([("r#one".to_owned(), RepoName::loose("quay.io/c").unwrap())]);
        saved(&mut state, Saved { favourites, typed, ..Saved::default() }, &mut Vec::new());
        let catalogs = [0, 1].map(|id| &state.cache.catalogs[&RegistryId(id)]);
        assert_eq!(catalogs.map(|catalog| catalog.rows.at(0).favourite), [false, true]);
        assert_eq!(catalogs.map(|catalog| catalog.rows.len()), [2, 1]);
        assert!(state.registries.iter().all(|registry| registry.favourite), "the registry is the same");
    }
}
