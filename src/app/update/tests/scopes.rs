//! Namespaces and workspaces.

use std::sync::Arc;

use super::leading::listed;
use super::*;
use crate::domain::registry::BackendKind;
use crate::domain::repository::Scope;

const ONE: RegistryId = RegistryId(0);

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
