use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::StateStore;
use crate::domain::colour::Colour;
use crate::domain::label::{Change, Chosen, Kept, Label, TAGS_MOST, note};
use crate::domain::reference::{RepoName, TagName};

const ORIGIN: &str = "https://r.example";

fn open(dir: &Path) -> StateStore {
    StateStore::open(Some(dir)).unwrap()
}

fn repo() -> RepoName {
    RepoName::parse("team/app").unwrap()
}

fn label(tag: &str, to: &str) -> Change {
    let to = if to.is_empty() { Chosen::ByRule } else { Chosen::Is(to.into()) };
    Change::Label { origin: ORIGIN.into(), repo: repo(), tag: TagName::parse(tag).unwrap(), to }
}

fn say(tag: &str, text: &str) -> Change {
    Change::Note { origin: ORIGIN.into(), repo: repo(), tag: TagName::parse(tag).unwrap(), to: note(text) }
}

fn rule(filter: &str, label: Option<&str>) -> Change {
    Change::Rule { origin: ORIGIN.into(), filter: filter.into(), label: label.map(Into::into) }
}

/// The store, and what the same changes make of a value, are the same.
#[test]
fn what_is_saved_is_what_the_changes_say() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
    assert_eq!(open(dir.path()).labels(), kept);
    let none =
        Change::Label { origin: ORIGIN.into(), repo: repo(), tag: TagName::parse("free").unwrap(), to: Chosen::None };
    for changes in [
        vec![label("a", "stale"), say("a", "ask first"), label("b", "keep"), none],
        vec![rule("pr-*", Some("stale")), rule("x", Some("keep")), rule("age>30d", Some("broken"))],
        vec![Change::Put(Label::new("new", 'N', Colour::Rgb(1, 2, 3))), label("c", "new")],
        vec![Change::Put(Label::new("keep", 'Q', Colour::Ansi(12)))],
        vec![label("b", ""), say("c", "note alone"), label("c", "")],
        vec![Change::Rename { from: "stale".into(), to: "old".into() }],
        vec![Change::Rename { from: "old".into(), to: "keep".into() }],
        vec![rule("x", None), rule("pr-*", Some("keep"))],
        vec![Change::Remove("old".into()), Change::Remove("never".into())],
    ] {
        open(dir.path()).change_labels(&changes);
        kept.apply(&changes);
        assert_eq!(open(dir.path()).labels(), kept, "{changes:?}");
    }
    assert_eq!(kept.entry(ORIGIN, &repo(), &TagName::parse("a").unwrap()).note, note("ask first"));
}

#[test]
fn what_is_taken_back_is_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.change_labels(&[label("a", "stale"), say("a", "x"), rule("pr-*", Some("stale"))]);
    let mut kept = store.labels();
    let before = kept.clone();
    let back = kept.apply(&[Change::Remove("stale".into())]);
    store.change_labels(&[Change::Remove("stale".into())]);
    assert_eq!(store.labels(), kept);
    store.change_labels(&back);
    let mut after = store.labels();
    // It comes back as the last one.
    after.labels.sort_by(|a, b| a.name.cmp(&b.name));
    let mut before = before;
    before.labels.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(after, before);
}

#[test]
fn a_label_that_was_removed_does_not_come_back_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["keep", "release", "stale", "broken"] {
        open(dir.path()).change_labels(&[Change::Remove(name.into())]);
    }
    assert!(open(dir.path()).labels().labels.is_empty());
}

#[test]
fn two_instances_change_different_halves_of_one_tag() {
    let dir = tempfile::tempdir().unwrap();
    let [ours, theirs] = [(); 2].map(|()| open(dir.path()));
    std::thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|n| ours.change_labels(&[label(&format!("t{}", n % 20), "keep")])));
        scope.spawn(|| (0..200).for_each(|n| theirs.change_labels(&[say(&format!("t{}", n % 20), &n.to_string())])));
    });
    assert!(ours.changed_elsewhere() && theirs.changed_elsewhere());
    let kept = ours.labels();
    let entries = kept.entries(ORIGIN, &repo()).unwrap();
    assert_eq!(entries.len(), 20);
    for entry in entries.values() {
        assert_eq!(entry.label, Chosen::Is("keep".into()));
        assert!(entry.note.as_ref().unwrap().parse::<u32>().unwrap() >= 180);
    }
    assert_eq!((kept, ours.take_warning()), (theirs.labels(), theirs.take_warning()));
}

#[test]
fn a_state_of_an_older_tagboat_keeps_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join("state.db")).unwrap();
    old.execute_batch(
        "CREATE TABLE favourite (registry TEXT NOT NULL, repository TEXT NOT NULL, since INTEGER NOT NULL,
             PRIMARY KEY (registry, repository));
         CREATE TABLE typed (registry TEXT NOT NULL, repository TEXT NOT NULL, since INTEGER NOT NULL,
             PRIMARY KEY (registry, repository));
         CREATE TABLE place (id INTEGER PRIMARY KEY CHECK (id = 1), registry TEXT NOT NULL, repository TEXT, tag TEXT);
         INSERT INTO favourite VALUES ('r', 'a', 1);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let store = open(dir.path());
    assert_eq!((store.favourites().len(), store.take_warning()), (1, None));
    assert_eq!(store.labels().labels, Label::built_in());
}

#[test]
fn what_somebody_wrote_into_the_file_is_not_trusted() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).change_labels(&[label("good", "keep")]);
    let file = Connection::open(dir.path().join("state.db")).unwrap();
    let long = "x".repeat(10_000);
    for (origin, repository, tag, name, said) in [
        (ORIGIN, "Not/Valid", "a", "keep", "x"),
        (ORIGIN, "team/app", "not valid", "keep", "x"),
        (ORIGIN, "team/app", "bad-label", "\u{1b}[31m", "x"),
        (ORIGIN, "team/app", "long", "keep", long.as_str()),
        (ORIGIN, "team/app", "escape", "keep", "\u{1b}]52;c;AAAA\u{7}\nrm -rf"),
    ] {
        let row = rusqlite::params![origin, repository, tag, name, said];
        file.execute("INSERT INTO tag VALUES (?1, ?2, ?3, ?4, ?5, 0)", row).unwrap();
    }
    file.execute_batch(
        "INSERT INTO tag VALUES ('o', 'team/app', x'00ff', 7, x'ff', 0);
         INSERT INTO label VALUES ('', 'X', 'red', 0), ('two', 'XY', 'red', 0), ('odd', 'O', 'no colour', 0);
         INSERT INTO label_rule VALUES ('o', '~(', 'keep', 0), ('o', 'label:keep', 'keep', 0);",
    )
    .unwrap();
    let kept = open(dir.path()).labels();
    let entries = kept.entries(ORIGIN, &repo()).unwrap();
    let mut names: Vec<_> = entries.keys().map(TagName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["escape", "good", "long"]);
    let escape = &entries[&TagName::parse("escape").unwrap()];
    assert!(!escape.note.as_ref().unwrap().chars().any(char::is_control));
    assert_eq!(entries[&TagName::parse("long").unwrap()].note.as_ref().map(|n| n.len()), Some(200));
    assert!(kept.rules.is_empty());
    let odd = kept.labels.iter().find(|label| &*label.name == "odd").unwrap();
    assert_eq!((kept.labels.len(), odd.colour), (5, Colour::Ansi(3)));
}

#[test]
fn more_than_is_kept_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let file = Connection::open(dir.path().join("state.db")).unwrap();
    file.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO tag SELECT 'o', 'a', 't' || i, 'keep', NULL, 0 FROM n",
        [TAGS_MOST as i64 + 10],
    )
    .unwrap();
    assert_eq!(open(dir.path()).labels().count(), TAGS_MOST);
}

#[test]
fn a_write_that_fails_keeps_all_that_was_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.set_favourite("r", "a", true);
    store.change_labels(&[
        label("a", "keep"),
        say("a", "x"),
        rule("pr-*", Some("stale")),
        Change::Remove("broken".into()),
    ]);
    let mut kept = store.labels();
    store.inner().connection.pragma_update(None, "query_only", true).unwrap();
    let more = [label("b", "stale")];
    store.change_labels(&more);
    kept.apply(&more);
    assert_eq!(store.labels(), kept);
    assert_eq!(store.favourites().len(), 1);
    assert!(store.take_warning().unwrap().as_str().contains("not saved"));
    // What is on disk is as it was before.
    assert_eq!(open(dir.path()).labels().count(), 1);
}

#[test]
fn changes_are_made_together_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let trigger = "CREATE TRIGGER stop BEFORE INSERT ON tag WHEN NEW.tag = 'bad'
                   BEGIN SELECT RAISE(ABORT, 'no room'); END";
    store.inner().connection.execute_batch(trigger).unwrap();
    store.change_labels(&[label("good", "keep"), label("bad", "keep")]);
    assert_eq!(open(dir.path()).labels().count(), 0);
    let tags: Vec<Arc<str>> = store.labels().tags.keys().map(|(origin, _)| origin.clone()).collect();
    assert_eq!(tags, [Arc::from(ORIGIN)]);
}
