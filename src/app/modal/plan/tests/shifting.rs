//! What is deleted is known by its name from the key on, whatever happens to the list behind the dialog
//! (safety.md F6).

use super::*;
use crate::app::cache::Row as _;
use crate::app::effect::Query;

fn listed(names: &[&str]) -> Vec<Listed<TagName>> {
    names.iter().map(|name| Listed::Valid(TagName::parse(name).unwrap())).collect()
}

fn key(bench: &mut Bench, key: &str) -> Vec<Effect> {
    update(&mut bench.state, Msg::Key(key.parse::<Key>().unwrap()))
}

fn under_cursor(bench: &Bench) -> String {
    let Place::Tags(id, repo) = &bench.state.pane().place else { panic!("tags are shown") };
    let row = bench.state.pane().list.selected().unwrap();
    bench.state.tags(*id, repo).unwrap().rows.get(row as usize).unwrap().text().to_owned()
}

/// A repository whose list is read again, with the cursor on `pr-1`, or with `pr-1` marked and the cursor elsewhere.
fn reloading(marked: bool) -> (Bench, RequestId) {
    let mut bench = Bench::new(BY_TAG);
    let effects = key(&mut bench, "r");
    let reload = |effect: &Effect| match effect {
        Effect::Fetch { id, query: Query::Tags(_), .. } => Some(*id),
        _ => None,
    };
    let id = effects.iter().find_map(reload).expect("it is read again");
    bench.press("g g");
    while under_cursor(&bench) != "pr-1" {
        bench.press("j");
    }
    if marked {
        bench.press("space G");
        assert_ne!(under_cursor(&bench), "pr-1");
    }
    (bench, id)
}

#[test]
fn a_list_that_moves_between_the_key_and_the_dialog_does_not_move_the_plan() {
    for marked in [false, true] {
        for still_there in [false, true] {
            let (mut bench, id) = reloading(marked);
            let asked = key(&mut bench, "d");
            let before: Vec<&str> = vec!["0-new", "00-new", "000-new", "v2", "v1"];
            let mut after = vec!["latest", "demo", "pr-2", "pr-0"];
            if still_there {
                after.push("pr-1");
            }
            // The first rows come while the facts are read, the rest while the plan is on the screen.
            update(&mut bench.state, Msg::Loaded { id, event: Event::Tags(listed(&before)) });
            bench.answer(asked);
            bench.look();
            assert_eq!(bench.lost(), ["pr-1"]);
            update(&mut bench.state, Msg::Loaded { id, event: Event::Tags(listed(&after)) });
            let end = Event::TagsEnd(Ok(ListEnd { complete: true, note: None }));
            update(&mut bench.state, Msg::Loaded { id, event: end });
            update(&mut bench.state, Msg::Resize(120, 36));
            assert_eq!(bench.lost(), ["pr-1"], "marked {marked}, still there {still_there}");
            bench.press("y");
            let started = bench.started();
            assert_eq!(started.len(), 1);
            let lost: Vec<_> = started[0].items.iter().map(|item| (item.takes(), item.digest.clone())).collect();
            let (pr_1, digest) = ([TagName::parse("pr-1").unwrap()], Digest::of(b"pr-1"));
            assert_eq!(lost, [(&pr_1[..], Some(digest))]);
        }
    }
}

#[test]
fn rows_that_come_above_the_cursor_leave_it_on_its_tag() {
    let (mut bench, id) = reloading(false);
    update(&mut bench.state, Msg::Loaded { id, event: Event::Tags(listed(&["0-new", "00-new", "pr-0"])) });
    assert_eq!(under_cursor(&bench), "pr-1");
    let all = ["latest", "v1", "v2", "pr-1", "pr-2", "demo"];
    update(&mut bench.state, Msg::Loaded { id, event: Event::Tags(listed(&all)) });
    update(&mut bench.state, Msg::Loaded { id, event: Event::TagsEnd(Ok(ListEnd { complete: true, note: None })) });
    bench.press("s s");
    assert_eq!(under_cursor(&bench), "pr-1", "another order, the same tag");
    bench.press("d");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1"]);
}

#[test]
fn marks_that_the_filter_hides_are_counted_and_listed() {
    let (mut bench, _) = reloading(true);
    bench.press("/");
    bench.enter("v");
    bench.press("enter space d");
    bench.look();
    let mut lost = bench.lost();
    lost.retain(|tag| tag != "pr-1");
    assert_eq!((bench.lost().len(), lost.len()), (2, 1), "the hidden one goes along, and is in the list");
    assert_eq!(bench.ready().ask.typed, "2");
    assert_eq!(bench.ready().rows.len(), 2);
}
