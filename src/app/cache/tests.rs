use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::domain::clean::Clean;
use crate::domain::error::ErrorKind;
use crate::domain::image::ManifestKind;
use crate::domain::page::Listed;
use crate::domain::reference::TagName;
use crate::domain::tag::{DigestInfo, TagState};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

fn tags(names: &[&str]) -> Vec<Listed<TagName>> {
    names.iter().map(|n| Listed::Valid(tag(n))).collect()
}

fn complete() -> Result<ListEnd, ErrorReport> {
    Ok(ListEnd { complete: true, note: None })
}

fn failure() -> ErrorReport {
    ErrorReport::new(ErrorKind::Network, Clean::fixed("x"), Clean::fixed("y"))
}

fn info(content: &str) -> Arc<DigestInfo> {
    Arc::new(DigestInfo {
        digest: Digest::of(content.as_bytes()),
        media_type: "x".into(),
        kind: ManifestKind::Manifest,
        created: None,
        size: None,
        platforms: Arc::default(),
        artifact: None,
    })
}

fn shown(list: &TagList) -> Vec<&str> {
    list.rows.iter().map(Row::text).collect()
}

fn read(list: &mut TagList, id: u64, names: &[&str]) -> Option<Moved> {
    list.begin(RequestId(id));
    list.page(tags(names));
    list.end(complete(), NOW)
}

#[test]
fn a_reload_brings_rows_at_once_and_takes_rows_only_when_it_is_complete() {
    let mut list = TagList::default();
    assert_eq!(read(&mut list, 1, &["a", "b"]), None);
    list.begin(RequestId(2));
    list.page(tags(&["b", "c"]));
    assert_eq!(shown(&list), ["a", "b", "c"]);
    assert!(!list.is_listed(list.row(&tag("a")).unwrap()) && list.is_listed(list.row(&tag("b")).unwrap()));
    let moved = list.end(complete(), NOW).unwrap();
    assert_eq!(shown(&list), ["b", "c"]);
    assert_eq!([0, 1, 2].map(|old| moved.to(old)), [None, Some(0), Some(1)]);
    assert_eq!(list.position("c"), Some(1));
    assert_eq!(list.position("a"), None);
}

#[test]
fn a_list_that_was_cut_short_takes_nothing_away() {
    let mut list = TagList::default();
    read(&mut list, 1, &["a", "b"]);
    list.begin(RequestId(2));
    list.page(tags(&["b"]));
    assert_eq!(list.end(Ok(ListEnd { complete: false, note: None }), NOW), None);
    assert_eq!(shown(&list), ["a", "b"]);
}

#[test]
fn a_failed_reload_keeps_what_was_there_and_its_age() {
    let mut list = TagList::default();
    read(&mut list, 1, &["a"]);
    assert_eq!(list.old_since(), None);
    list.begin(RequestId(2));
    assert_eq!(list.end(Err(failure()), Timestamp::MAX), None);
    assert_eq!((shown(&list), list.old_since()), (vec!["a"], Some(NOW)));
}

#[test]
fn what_was_read_stays_on_screen_as_old_until_it_is_read_again() {
    let mut list = TagList::default();
    read(&mut list, 1, &["a", "b"]);
    list.set_state(&tag("a"), TagState::Known(info("1")));
    list.set_state(&tag("b"), TagState::Known(info("1")));
    assert_eq!((list.known, list.sharing(&info("1").digest)), (2, 2));
    read(&mut list, 2, &["a"]);
    let row = list.row(&tag("a")).unwrap();
    assert!(row.state.info().is_some() && !list.is_fresh(row));
    assert_eq!((list.known, list.sharing(&info("1").digest)), (0, 1));
    list.set_state(&tag("a"), TagState::Known(info("2")));
    assert!(list.is_fresh(list.row(&tag("a")).unwrap()));
    assert_eq!((list.known, list.sharing(&info("1").digest), list.sharing(&info("2").digest)), (1, 0, 1));
}

#[test]
fn an_old_list_fills_what_is_not_known_and_nothing_else() {
    let mut list = TagList::default();
    list.begin(RequestId(1));
    list.page(tags(&["new", "both"]));
    list.set_state(&tag("both"), TagState::Known(info("new")));
    let old = |name: &str| (tag(name), Some(info("old")));
    list.recall(NOW, vec![old("both"), old("gone"), old("new"), (tag("bare"), None)]);
    assert_eq!(shown(&list), ["new", "both", "gone", "bare"]);
    assert_eq!(list.row(&tag("both")).unwrap().state.info().unwrap().digest, info("new").digest);
    assert_eq!(list.row(&tag("new")).unwrap().state.info().unwrap().digest, info("old").digest);
    assert!(!list.is_listed(list.row(&tag("gone")).unwrap()) && !list.is_fresh(list.row(&tag("new")).unwrap()));
    assert_eq!(list.old_since(), Some(NOW));
    list.end(complete(), NOW);
    assert_eq!(shown(&list), ["new", "both"]);
    assert_eq!(list.sharing(&info("old").digest), 1);
    // Late: the list is complete, so only details are taken.
    list.recall(NOW, vec![old("gone")]);
    assert_eq!(shown(&list), ["new", "both"]);
}

#[test]
fn duplicates_are_one_row_and_attached_tags_are_recognised() {
    let hex = "ab".repeat(32);
    let mut list = TagList::default();
    list.begin(RequestId(1));
    list.page(tags(&["a", "a", &format!("sha256-{hex}"), &format!("sha256-{hex}.sig"), "sha256-12"]));
    assert_eq!((list.rows.len(), list.attached), (4, 2));
    let attached: Vec<_> = list.rows.iter().map(|r| r.attached).collect();
    assert_eq!(attached, [false, true, true, false]);
}

#[test]
fn the_catalogue_reloads_the_same_way_and_pinned_repositories_stay() {
    let repo = |name: &str| RepoName::parse(name).unwrap();
    let listed = |names: &[&str]| names.iter().map(|n| Listed::Valid(repo(n))).collect::<Vec<_>>();
    let mut catalog = Catalog::default();
    catalog.begin(RequestId(1));
    catalog.pin(&repo("pinned"));
    catalog.recall(NOW, vec![repo("a"), repo("b")]);
    catalog.page(listed(&["b", "c"]));
    assert_eq!(catalog.rows.len(), 4);
    catalog.row_mut(&repo("b")).unwrap().favourite = true;
    assert!(catalog.end(complete(), NOW).is_some());
    let names: Vec<_> = catalog.rows.iter().map(Row::text).collect();
    assert_eq!(names, ["pinned", "b", "c"]);
    assert!(catalog.row_mut(&repo("b")).unwrap().favourite);
    catalog.begin(RequestId(2));
    assert_eq!(catalog.end(Err(failure()), NOW), None);
    assert_eq!(catalog.rows.len(), 3);
}

#[test]
fn rows_are_small() {
    assert!(size_of::<TagRow>() <= 48, "{}", size_of::<TagRow>());
}
