//! What is said of operations that set tags, of those that broke off, and which keys are offered.

use super::fixture::{self, Words};
use super::history_tests::{details, press, prospect, screen, tag, viewed};
use crate::app::effect::Effect;
use crate::app::history::Stand;
use crate::app::job::JobEvent;
use crate::app::msg::{Event, Msg};
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;
use crate::domain::registry::BackendKind;
use crate::domain::undo::{Prospect, Removal, TagBack};

/// `u` on an operation, and what the registry says then.
fn weighed(found: Prospect) -> State {
    let mut state = viewed((120, 36));
    let asked = press(&mut state, "j j u", Stand::Ended, "lab", &Words::default());
    let id = asked.iter().find_map(|effect| match effect {
        Effect::Weigh { id, .. } => Some(*id),
        _ => None,
    });
    let event = Event::Weighed(Ok(Box::new(found)));
    update(&mut state, Msg::Loaded { id: id.expect("the registry is asked"), event });
    fixture::look(&mut state);
    state
}

fn set(backs: &[(&str, TagBack)]) -> Prospect {
    let tags = backs.iter().map(|(name, back)| (tag(name), Digest::of(name.as_bytes()), back.clone()));
    Prospect { manifests: Vec::new(), tags: tags.collect(), ..prospect(false) }
}

#[track_caller]
fn shows(state: &State, parts: &[&str], not: &[&str]) {
    let text = screen(state);
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in not {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

#[test]
fn taking_back_a_new_tag_is_said_to_remove_it() {
    let state = weighed(set(&[("new", TagBack::New(Removal::Possible))]));
    let stays = "Only the tag goes: manifests and blobs stay until the registry removes them.";
    let parts = [stays, "Removed again: 1 tag", "[ Remove 1 tag again ]", "moved or removed. Type how many"];
    shows(&state, &parts, &["Comes back", "move used tags"]);
    // The first protocol has images and their layers.
    let first = |removal| Prospect { kind: BackendKind::DockerV1, ..set(&[("new", TagBack::New(removal))]) };
    for removal in [Removal::Possible, Removal::Unasked] {
        let state = weighed(first(removal));
        let says = "it was new, and only the tag is removed; its image and the layers of it stay";
        shows(&state, &["Only the tag goes: its image and the layers of it stay.", says], &["manifest", "blob"]);
    }
    let says = "it was new, and stays with what it is on";
    shows(&weighed(first(Removal::Refused)), &[says], &["manifest", "blob", "placeholder"]);
    let moved = TagBack::Moved(Digest::of(b"there"));
    let state = weighed(set(&[("new", TagBack::New(Removal::Possible)), ("old", moved), ("free", TagBack::Free)]));
    shows(&state, &["Comes back: 1 tag    Moved back: 1 tag    Removed again: 1 tag", "[ Put 3 tags back ]"], &[]);
    let state = weighed(prospect(true));
    shows(&state, &["Comes back: 1 tag, 1 manifest", "1 move used tags, too"], &["Moved back", "Removed again"]);
    let state = weighed(set(&[("there", TagBack::There)]));
    shows(&state, &["Comes back: nothing", "There is nothing to put back"], &[]);
}

#[test]
fn a_new_tag_that_cannot_go_alone_is_said_to_stay() {
    let stuck = || ("new", TagBack::New(Removal::Refused));
    let stays = "it was new, and stays with what it is on: this registry deletes no tag alone";
    let state = weighed(set(&[stuck()]));
    shows(
        &state,
        &["STAYS", "This registry deletes no tag alone", stays],
        &["is removed", "Removed again", "Remove 1"],
    );
    let state = weighed(set(&[stuck(), ("free", TagBack::Free)]));
    shows(&state, &["STAYS", "[ Put 1 tag back ]"], &["is removed", "Removed again"]);
}

#[test]
fn what_only_set_tags_needs_nothing_that_is_kept() {
    let words = Words::default();
    let mut state = viewed((120, 36));
    press(&mut state, "j j enter", Stand::Ended, "lab", &words);
    shows(&state, &["1 manifest kept for undo"], &[" as \n"]);
    let mut set = details(Stand::Ended, "lab", &words);
    (set.kept, set.told.sets, set.told.account) = (0, true, Some(String::new()));
    let (id, read) = ("20261031-091428-3f2a".to_owned(), Ok(Box::new(set)));
    update(&mut state, Msg::OperationRead { journal: id, read });
    shows(&state, &["Tags that were set"], &["manifest is kept", "lab.example.com as"]);
}

#[test]
fn favourites_only_is_said_and_how_to_make_one() {
    let words = Words::default();
    for pane in [0, 1] {
        let mut state = fixture::state(pane, 80, 24, fixture::looks("mono", true));
        (state.favourites, state.registries[0].favourite, state.registries[1].favourite) =
            (Default::default(), false, false);
        let saved = crate::app::msg::Saved { labels: state.book.kept.clone(), ..Default::default() };
        update(&mut state, Msg::Remembered(saved));
        fixture::press(&mut state, "*", &words);
        shows(&state, &["favourites only"], &[]);
        if state.pane().list.shown.is_empty() {
            shows(&state, &["is a favourite here. Esc shows all. f makes one."], &["matches the filter"]);
        }
        fixture::press(&mut state, "*", &words);
        shows(&state, &[], &["favourites only"]);
    }
}

#[test]
fn a_job_offers_the_keys_that_do_something() {
    let words = Words::default();
    let mut state = fixture::state(2, 120, 36, fixture::looks("mono", true));
    fixture::press(&mut state, "s 2 g g space space d", &words);
    fixture::look(&mut state);
    fixture::run(&mut state, &words);
    let job = state.jobs[0].id;
    shows(&state, &["b background", "x stop"], &["r retry failed"]);
    let (items, stopped) = (state.jobs[0].work.len(), None);
    let mut failed = vec![Ended::done(); items];
    failed[0] = Ended { outcome: Outcome::Failed, why: None };
    update(&mut state, Msg::Job { job, event: JobEvent::Finished { items: failed, stopped } });
    shows(&state, &["r retry failed", "o report", "Esc close"], &["b background", "x stop"]);
}
