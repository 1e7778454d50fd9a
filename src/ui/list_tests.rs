//! What lists say of themselves.

use super::fixture::{self, Words};
use super::registry_tests;
use super::tests::{rows, theme};
use crate::app::arrange::Ticket;
use crate::app::cache::{Phase, Remote};
use crate::app::msg::RequestId;
use crate::app::pane::Place;
use crate::app::state::{Link, State};
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::TagName;

fn press(state: &mut State, keys: &str) {
    fixture::press(state, keys, &Words::default());
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

fn tags() -> State {
    fixture::state(2, 120, 36, fixture::looks("mono", true))
}

fn title(state: &State) -> String {
    let screen = screen(state);
    let line = screen.lines().find(|line| line.contains("Tags  ")).unwrap();
    line[line.find("Tags  ").unwrap()..].split(" -").next().unwrap().to_owned()
}

#[test]
fn the_title_counts_what_is_folded_what_is_filtered_and_what_is_still_arranged() {
    let mut state = tags();
    assert_eq!(title(&state), "Tags  42, 1 attached to images  sort: name");
    // Rows are on their way to the screen: nothing of the list is hidden for that.
    state.pane_mut().list.arranging = Some(Ticket(7));
    state.pane_mut().list.shown.truncate(20);
    assert_eq!(title(&state), "Tags  42, 1 attached to images  sort: name");
    let mut state = tags();
    press(&mut state, ".");
    assert_eq!(title(&state), "Tags  43  sort: name");
    press(&mut state, "/ s h a enter");
    assert_eq!(title(&state), "Tags  1/43 shown  filter: sha  sort: name");
    // A mark on a tag that is folded elsewhere is shown among the marks.
    press(&mut state, "space esc . M");
    assert_eq!(title(&state), "Tags  1/43 shown  marked only  sort: name");
}

#[test]
fn what_is_marked_says_how_much_of_it_nobody_knows_yet() {
    let foot = |state: &State| {
        let screen = screen(state);
        let line = screen.lines().rev().find(|line| line.contains(" marked")).unwrap();
        line.split(" -").next().unwrap().trim_start_matches(['+', ' ']).to_owned()
    };
    let mut state = tags();
    press(&mut state, "space");
    // The registry refused one of the tags.
    assert_eq!(foot(&state), "1 marked = 1 digest; 1 tag not read yet may share them");
    // More tags come, and nobody has read them.
    let Place::Tags(id, repo) = state.pane().place.clone() else { panic!("no tags") };
    let grow = |state: &mut State, names: &[&str]| {
        let list = state.cache.tags.get_mut(&(id, repo.clone())).unwrap();
        list.page(names.iter().map(|name| Listed::Valid(TagName::parse(name).unwrap())).collect());
        state.pane_mut().marked.take();
    };
    grow(&mut state, &["zz1", "zz2"]);
    assert_eq!(foot(&state), "1 marked = 1 digest; 3 tags not read yet may share them");
    press(&mut state, "X / l a t e s t enter space esc");
    grow(&mut state, &["zz3", "zz4"]);
    assert_eq!(foot(&state), "1 marked = 1 digest; 2 more share them, 3 unread may");
    let alone = foot(&state);
    // What is attached to an image is not looked up while it is folded, and no tag of a release.
    let hex = "a".repeat(64);
    grow(&mut state, &[&format!("sha256-{hex}")]);
    assert_eq!(foot(&state), alone);
    // Those that are marked are not among the others.
    press(&mut state, "X a");
    assert!(foot(&state).contains("(3 not read yet)"), "{}", foot(&state));
    state.cache.tags.get_mut(&(id, repo)).unwrap().phase = Phase::Loading(RequestId(900));
    assert!(foot(&state).ends_with("; list not complete"), "{}", foot(&state));
}

/// Without a frame there is no border to say it at.
#[test]
fn the_smallest_screens_say_how_complete_a_list_is_and_what_is_marked() {
    for size in [(60, 15), (40, 8)] {
        let status = |state: &State| {
            let screen = rows(&fixture::draw(state, &theme(state)));
            screen[screen.len() - 2].trim().to_owned()
        };
        let mut state = fixture::state(1, size.0, size.1, fixture::looks("mono", true));
        assert_eq!(status(&state), "complete: 10 names");
        let Place::Repositories(id) = state.pane().place.clone() else { panic!("no repositories") };
        state.cache.catalogs.get_mut(&id).unwrap().phase = Phase::Loading(RequestId(900));
        assert_eq!(status(&state), "as of 0s ago, reading again");
        let mut state = fixture::state(2, size.0, size.1, fixture::looks("mono", true));
        assert_eq!(status(&state), "complete: 43 tags");
        press(&mut state, "space");
        let said = status(&state);
        assert!(said.starts_with("1 marked = 1 digest; "), "{size:?}: {said}");
        // What is told now goes before it, and a question has the line for itself.
        state.tell(Clean::fixed("now"), crate::app::state::Tone::Info);
        assert_eq!(status(&state), "now");
        state.notice = None;
        press(&mut state, "?");
        assert!(!status(&state).contains("marked"), "{}", status(&state));
    }
}

#[test]
fn groups_of_one_digest_come_together_the_youngest_first() {
    let mut state = tags();
    press(&mut state, "s 2");
    let Place::Tags(id, repo) = state.pane().place.clone() else { panic!("no tags") };
    for reverse in [false, true] {
        let list = state.tags(id, &repo).unwrap();
        let known: Vec<_> = state.pane().list.shown.iter().filter_map(|row| list.rows.at(*row).state.info()).collect();
        let groups: Vec<_> = known.chunk_by(|a, b| a.digest == b.digest).collect();
        assert!(groups.iter().any(|group| group.len() == 3), "latest, stable-candidate and their release");
        let mut digests: Vec<_> = groups.iter().map(|group| &group[0].digest).collect();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), groups.len(), "each group is in one piece");
        let dated: Vec<_> = groups.iter().filter_map(|group| group[0].created).collect();
        assert!(if reverse { dated.is_sorted() } else { dated.is_sorted_by(|a, b| a >= b) }, "{dated:?}");
        press(&mut state, "s 2");
    }
}

#[test]
fn a_name_that_is_not_valid_says_so_instead_of_waiting() {
    let state = tags();
    let screen = screen(&state);
    let row = screen.lines().find(|line| line.contains("Not/Valid")).unwrap();
    assert!(row.contains("not valid"), "{row}");
}

#[test]
fn an_incomplete_list_says_it_once_and_a_long_foot_is_marked_as_cut() {
    let mut state = tags();
    let Place::Tags(id, repo) = state.pane().place.clone() else { panic!("no tags") };
    let key = (id, repo);
    let list = state.cache.tags.get_mut(&key).unwrap();
    let note = Some(Clean::fixed("incomplete: a page brought nothing new"));
    list.phase = Phase::Done(ListEnd { complete: false, note });
    let text = screen(&state);
    assert!(text.contains("+ incomplete, 43 tags: a page brought nothing new -"), "{text}");
    let list = state.cache.tags.get_mut(&key).unwrap();
    let why = "incomplete: the registry closed the line before the end; 17 entries skipped; 12 duplicates dropped";
    let note = Some(Clean::fixed(why));
    list.phase = Phase::Done(ListEnd { complete: false, note });
    let text = screen(&state);
    assert!(text.contains(".. +"), "{text}");
}

#[test]
fn referrers_that_are_not_all_say_so_above_those_that_were_read() {
    for (found, next) in [(true, "signature"), (false, "")] {
        let mut state = fixture::state(3, 80, 24, fixture::looks("mono", true));
        for one in state.cache.referrers.values_mut() {
            let Remote::Here(referrers) = one else { panic!("not read") };
            referrers.incomplete = Some(Clean::fixed("incomplete: the third page was 403"));
            if !found {
                referrers.list.clear();
            }
        }
        press(&mut state, "5");
        let text = screen(&state);
        let mut rows = text.lines().skip_while(|row| !row.contains("incomplete: the third page was 403"));
        assert!(rows.next().is_some(), "{text}");
        assert!(rows.next().is_some_and(|row| row.contains(next)), "{text}");
        assert!(!text.contains("Nothing refers to this image"), "who knows? {text}");
    }
}

#[test]
fn a_refused_catalogue_says_so_beside_the_rows_that_are_pinned() {
    let mut state = fixture::state(1, 80, 24, fixture::looks("mono", true));
    let what = Clean::fixed("lab.example.com does not let this account list repositories");
    let hint = Clean::fixed("Open one by its name.");
    let report = ErrorReport::new(ErrorKind::Denied, what, hint);
    let Place::Repositories(id) = state.pane().place else { panic!("no repositories") };
    state.cache.catalogs.get_mut(&id).unwrap().phase = Phase::Failed(report);
    let text = screen(&state);
    for part in ["legacy/checkout", "does not let this account list", "'  opens a repository whose name you type"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(text.contains("e  signs in with another account") && text.contains("r  tries again"), "{text}");
}

#[test]
fn a_certificate_nobody_knows_leads_to_the_key_for_the_ca_file() {
    for size in [(120, 36), (80, 24)] {
        let mut state = registry_tests::three(size);
        let report = ErrorReport::new(
            ErrorKind::Tls,
            Clean::fixed("an authority this machine does not know"),
            Clean::fixed("Add the registry's CA file."),
        );
        let row = state.pane().list.selected().unwrap();
        state.registries[row as usize].link = Link::Down(report);
        fixture::settle(&mut state, &Words::default());
        let text = registry_tests::frame(&state);
        assert!(text.contains("e  adds a CA file"), "{text}");
    }
}
