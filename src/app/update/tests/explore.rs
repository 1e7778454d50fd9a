//! What a registry can do is asked when the cursor rests on it, once, and not while anything is read of it.

use super::*;
use crate::domain::capability::Support;

fn explores(effects: &[Effect]) -> Vec<(u32, RequestId, Option<String>)> {
    let explore = |effect: &Effect| match effect {
        Effect::Fetch { id, registry, query: Query::Explore(sample) } => {
            Some((registry.0, *id, sample.as_ref().map(ToString::to_string)))
        }
        _ => None,
    };
    effects.iter().filter_map(explore).collect()
}

fn connected(state: &mut State, registry: u32, caps: Capabilities) {
    let mine = Pending::Connect(RegistryId(registry));
    let id = *state.inflight.iter().find(|(_, pending)| **pending == mine).expect("it was asked").0;
    load(state, id, Event::Connected(Ok(caps), Box::default()));
}

#[test]
fn the_registry_under_the_cursor_is_asked_once_it_has_answered() {
    let mut state = state(&["one", "two"]);
    assert!(explores(&update(&mut state, Msg::Rested)).is_empty(), "nobody answered yet");
    connected(&mut state, 0, Capabilities::default());
    connected(&mut state, 1, Capabilities::default());
    let asked = explores(&update(&mut state, Msg::Rested));
    assert!(asked.len() == 1 && asked[0].0 == 0, "{asked:?}");
    assert!(explores(&update(&mut state, Msg::Rested)).is_empty(), "it is being asked");
    let known = Capabilities { listing: Support::Yes, ..Capabilities::default() };
    load(&mut state, asked[0].1, Event::Learned(Box::new(known), None));
    load(&mut state, asked[0].1, Event::Explored(true));
    assert_eq!(state.registries[0].caps.listing, Support::Yes);
    assert!(explores(&update(&mut state, Msg::Rested)).is_empty(), "it was asked");
    assert!(explores(&press(&mut state, "down")).is_empty(), "the cursor only passes");
    assert_eq!(explores(&update(&mut state, Msg::Rested))[0].0, 1);
}

#[test]
fn a_read_comes_first_and_what_it_left_open_is_asked_later() {
    let mut state = state(&["one"]);
    connected(&mut state, 0, Capabilities::default());
    let list = find(&press(&mut state, "enter"), |query| *query == Query::Repositories);
    press(&mut state, "esc");
    assert!(explores(&update(&mut state, Msg::Rested)).is_empty(), "its list is being read");
    let names = ["app", "lib"].map(|name| Listed::Valid(RepoName::parse(name).unwrap()));
    load(&mut state, list, Event::Repositories(names.into()));
    load(&mut state, list, Event::RepositoriesEnd(end()));
    state.inflight.clear();
    let asked = explores(&update(&mut state, Msg::Rested));
    assert_eq!(asked[0].2.as_deref(), Some("app"), "a repository is known by now");
    // Another read came between.
    load(&mut state, asked[0].1, Event::Explored(false));
    assert_eq!(explores(&update(&mut state, Msg::Rested)).len(), 1);
}

#[test]
fn nothing_is_asked_that_is_known_or_that_costs_the_last_requests() {
    let yes = Support::Yes;
    let known = Capabilities { listing: yes, paging: yes, referrers: Support::No, ..Capabilities::default() };
    let few = Capabilities { few_left: true, ..Capabilities::default() };
    for caps in [known, few] {
        let mut state = state(&["one"]);
        connected(&mut state, 0, caps);
        assert!(explores(&update(&mut state, Msg::Rested)).is_empty());
    }
}
