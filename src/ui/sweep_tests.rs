//! The plan of a deletion of whole repositories, as it looks.

use super::fixture::{self, Words, look};
use super::tests::{rows, theme};
use crate::app::modal::Modal;
use crate::app::modal::sweep::SweepDialog;
use crate::app::state::State;
use crate::domain::capability::Takes;
use crate::domain::clean;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;
use crate::domain::repository::RepoInfo;
use crate::domain::sweep::{Fact, Known, Protected, Snapshot, Tags};

fn fact(repo: &str, n: usize) -> Fact {
    let tags: Vec<TagName> = (0..n).map(|n| TagName::parse(&format!("1.{n}")).unwrap()).collect();
    let info = RepoInfo { images: Some(7), pushed: "2026-10-30T09:00:00Z".parse().ok(), ..RepoInfo::default() };
    let mut protected = Protected::default();
    if repo.starts_with("prod") {
        protected.add(&tags[0], "1.*");
    }
    Fact::new(RepoName::loose(repo).unwrap(), &info, Some(Tags::of(&tags, true)), protected)
}

fn dialog(takes: Takes, words: &Words, wanted: &[&str], now: jiff::Timestamp) -> SweepDialog {
    let known = |repo: &&str| {
        let known = match *repo {
            "gone/away" => Known::Gone,
            "closed/door" => Known::Unread(clean::line(&words.prose)),
            "used/entry" => Known::Here(Box::new(Fact { in_use: true, favourite: true, ..fact(repo, 3) })),
            repo => Known::Here(Box::new(fact(repo, 12))),
        };
        (RepoName::loose(repo).unwrap(), known)
    };
    let repos: Vec<(RepoName, Known)> = wanted.iter().map(known).collect();
    let mut dialog = SweepDialog::new(RegistryId(1), repos.iter().map(|(repo, _)| repo.clone()).collect());
    let snapshot = Snapshot {
        registry: "lab".to_owned(),
        origin: "https://lab.example.com".to_owned(),
        scope: Some(words.invalid.clone()),
        account: Some(words.prose.clone()),
        takes,
        time: now,
        repos,
    };
    dialog.take(snapshot, false, now);
    dialog
}

fn with(takes: Takes, size: (u16, u16), ascii: bool, words: &Words, wanted: &[&str]) -> State {
    let mut state = fixture::with(1, size.0, size.1, fixture::looks("mono", ascii), words);
    state.registry_mut(RegistryId(1)).caps.repository_delete = takes;
    let dialog = dialog(takes, words, wanted, state.now);
    state.modals.push(Modal::Sweep(Box::new(dialog)));
    look(&mut state);
    state
}

const MANY: [&str; 6] =
    ["team/api", "team/a/very/long/path/to/the/repository", "used/entry", "prod/api", "gone/away", "closed/door"];

pub fn opened(size: (u16, u16), ascii: bool, words: &Words) -> State {
    let mut state = with(Takes::Everything, size, ascii, words, &MANY);
    fixture::press(&mut state, "tab enter", words);
    state
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

#[test]
fn what_cannot_be_undone_what_goes_and_the_question_are_there_at_every_size() {
    for size in [(120, 36), (80, 24), (60, 20), (60, 15)] {
        let state = with(Takes::Everything, size, true, &Words::default(), &MANY);
        let screen = screen(&state);
        for words in
            ["Cannot be undone", "3 repositories", "3 lab", "team/api", "[ Cancel ]", "[ Delete 3 repositories ]"]
        {
            assert!(screen.contains(words), "{size:?} {words}\n{screen}");
        }
    }
    let size = (120, 36);
    let state = with(Takes::Everything, size, true, &Words::default(), &MANY);
    let screen = screen(&state);
    for words in
        ["27 tags", "21 images", "IN USE", "favourite", "1 [ ] too", "1.0", "not there any more", "built by CI"]
    {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}

#[test]
fn the_words_are_those_of_the_system() {
    let said = |takes, wanted: &[&str]| screen(&with(takes, (80, 24), true, &Words::default(), wanted));
    let one = said(Takes::Entry, &["team/api"]);
    assert!(
        one.contains("Remove plan")
            && one.contains("at their registries stay")
            && one.contains("y removes it")
            && !one.contains("delete"),
        "{one}"
    );
    let used = said(Takes::Entry, &["used/entry"]);
    assert!(used.contains("something in use") && used.contains("Type the repository's name: used/entry"), "{used}");
    let tags = said(Takes::Tags, &["team/api"]);
    assert!(tags.contains("with 12 tags; images stay") && tags.contains("[ Delete 1 repository ]"), "{tags}");
}

#[test]
fn the_row_under_the_cursor_is_explained() {
    let size = (120, 36);
    let mut state = with(Takes::Everything, size, true, &Words::default(), &["prod/api", "team/api"]);
    fixture::press(&mut state, "tab enter", &Words::default());
    let first = screen(&state);
    assert!(first.contains("deletes the repository with 12 tags and 7 images"), "{first}");
    fixture::press(&mut state, "j", &Words::default());
    let second = screen(&state);
    assert!(second.contains("it holds protected tags: 1.0"), "{second}");
}

#[test]
fn the_foot_says_what_enter_does_where_the_focus_is() {
    let mut state = with(Takes::Entry, (120, 36), true, &Words::default(), &["team/api"]);
    let foot = |state: &State| screen(state).lines().last().unwrap_or_default().to_owned();
    assert!(!foot(&state).contains("Enter"), "{}", foot(&state));
    fixture::press(&mut state, "tab", &Words::default());
    assert!(foot(&state).contains("Enter detail"), "{}", foot(&state));
    fixture::press(&mut state, "tab", &Words::default());
    assert!(foot(&state).contains("Enter start"), "{}", foot(&state));
}
