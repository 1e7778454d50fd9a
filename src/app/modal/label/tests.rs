use super::*;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::modal::Modal;
use crate::app::msg::{Event, Msg};
use crate::app::state::{Looks, Pending, Registry};
use crate::app::update::{go_to, update};
use crate::domain::label::{Change, Entry, Kept, note};
use crate::domain::page::Listed;
use crate::domain::registry::RegistryProfile;

const ORIGIN: &str = "https://r.example";

struct Run {
    state: State,
    kept: Vec<Change>,
}

impl Run {
    fn new() -> Self {
        let looks =
            Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".into() };
        let profile = RegistryProfile { name: "r".into(), url: ORIGIN.into(), ..RegistryProfile::default() };
        let rows = vec![Registry::new(profile, true)];
        let mut state = State::new(rows, Keymap::builtin(), looks, jiff::Timestamp::UNIX_EPOCH);
        state.book.kept = Kept { labels: Label::built_in(), ..Kept::default() };
        let target = super::super::prompt::Target { registry: RegistryId(0), repo: Some(repo()), reference: None };
        go_to(&mut state, target);
        let id = *state.inflight.iter().find(|(_, p)| matches!(p, Pending::Tags(..))).unwrap().0;
        let names = ["pr-1", "pr-2", "zeta"].map(|name| Listed::Valid(TagName::parse(name).unwrap()));
        let mut run = Self { state, kept: Vec::new() };
        run.tell(Msg::Loaded { id, event: Event::Tags(names.into()) });
        run
    }

    fn tell(&mut self, msg: Msg) {
        for effect in update(&mut self.state, msg) {
            if let Effect::ChangeLabels(changes) = effect {
                self.kept.extend(changes);
            }
        }
    }

    /// Keys with blanks between them; a word in quotes is typed.
    fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ') {
            match word.strip_prefix('\'') {
                Some(text) => text.chars().for_each(|c| self.tell(Msg::Key(Key::char(c)))),
                None => self.tell(Msg::Key(word.parse().unwrap())),
            }
        }
        self
    }

    fn entry(&self, tag: &str) -> Entry {
        self.state.book.kept.entry(ORIGIN, &repo(), &TagName::parse(tag).unwrap())
    }

    fn dialog(&self) -> &LabelDialog {
        let Some(Modal::Label(dialog)) = self.state.modals.last() else { panic!("no dialog") };
        dialog
    }

    /// What the effects kept is what the state says.
    fn check(&self) {
        let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
        kept.apply(&self.kept);
        let sorted = |mut kept: Kept| {
            kept.labels.sort_by(|a, b| a.name.cmp(&b.name));
            kept
        };
        assert_eq!(sorted(kept), sorted(self.state.book.kept.clone()));
        assert!(self.state.modals.is_empty());
    }
}

fn repo() -> RepoName {
    RepoName::parse("team/app").unwrap()
}

fn is(name: &str) -> Chosen {
    Chosen::Is(name.into())
}

#[test]
fn a_letter_and_enter_label_a_tag_and_u_takes_it_back() {
    let mut run = Run::new();
    run.press("c s enter");
    assert_eq!(run.entry("pr-1").label, is("stale"));
    run.press("c - enter");
    assert_eq!(run.entry("pr-1"), Entry::default());
    run.press("u");
    assert_eq!(run.entry("pr-1").label, is("stale"));
    run.press("u");
    assert_eq!(run.entry("pr-1"), Entry::default());
    run.check();
}

#[test]
fn marks_are_labelled_together_and_keep_what_is_not_touched() {
    let mut run = Run::new();
    run.press("c k enter a c");
    assert!(run.dialog().mixed && run.dialog().spot() == Spot::AsIs && run.dialog().tags.len() == 3);
    run.press("backtab backtab backtab 'ask_first enter");
    assert_eq!(run.entry("pr-1"), Entry { label: is("keep"), note: note("ask_first") });
    assert_eq!(run.entry("zeta"), Entry { label: Chosen::ByRule, note: note("ask_first") });
    run.press("c s enter");
    assert_eq!(run.entry("zeta"), Entry { label: is("stale"), note: note("ask_first") });
    // One change of three tags is one to take back, and the marks before it come back after it.
    run.press("u u");
    assert_eq!(run.entry("pr-1"), Entry { label: is("keep"), note: None });
    assert_eq!(run.state.pane().marks.len(), 3);
    run.press("u");
    assert!(run.state.pane().marks.is_empty());
    run.check();
}

#[test]
fn different_notes_are_left_alone_unless_something_is_typed() {
    let mut run = Run::new();
    run.press("c backtab backtab backtab 'one enter a c");
    assert_eq!((run.dialog().note_was.as_deref(), run.dialog().note.value()), (None, ""));
    run.press("b enter");
    assert_eq!(run.entry("pr-1"), Entry { label: is("broken"), note: note("one") });
    assert_eq!(run.entry("pr-2").note, None);
    run.check();
}

#[test]
fn a_new_label_has_a_name_a_letter_and_a_colour() {
    let mut run = Run::new();
    run.press("c n enter");
    assert!(run.dialog().error.is_some(), "it needs a name");
    run.press("'canary backtab '#ff8800 backtab 'q enter");
    assert_eq!(run.entry("pr-1").label, is("canary"));
    let made = run.state.book.kept.labels.last().unwrap();
    assert_eq!((made.letter, made.colour), ('q', Colour::Rgb(0xff, 0x88, 0)));
    // A letter that nobody gave is one of the name's.
    run.press("j c n 'soak enter");
    assert_eq!(run.state.book.kept.labels.last().unwrap().letter, 'O');
    run.check();
}

#[test]
fn labels_are_renamed_recoloured_and_removed() {
    let mut run = Run::new();
    run.press("c s enter c tab tab tab ctrl-u 'old backtab right enter");
    assert_eq!(run.entry("pr-1").label, is("old"));
    let old = run.state.book.kept.labels.iter().find(|label| &*label.name == "old").unwrap();
    assert_eq!((old.letter, old.colour), ('S', Colour::Ansi(4)));
    run.press("c delete");
    assert!(run.dialog().rows.iter().any(|row| row.removed));
    run.press("enter");
    assert_eq!(run.entry("pr-1"), Entry::default());
    assert_eq!(run.state.book.kept.labels.len(), 3);
    run.press("u");
    assert_eq!(run.entry("pr-1").label, is("old"));
    run.check();
}

#[test]
fn nonsense_is_refused_where_it_stands() {
    for (keys, focus, word) in [
        ("c s tab tab tab ctrl-u 'keep enter", Focus::Name, "two labels"),
        ("c s tab tab tab ctrl-u 'none enter", Focus::Name, "none"),
        ("c s tab 'K enter", Focus::Letter, "same letter"),
        ("c s tab tab '#12 enter", Focus::Colour, "#RRGGBB"),
        ("c s tab tab tab tab space tab ctrl-u '~( enter", Focus::Pattern, "Rule"),
        ("c s tab tab tab tab space tab ctrl-u 'label:x enter", Focus::Pattern, "Rule"),
    ] {
        let mut run = Run::new();
        run.press(keys);
        let dialog = run.dialog();
        assert_eq!(dialog.focus, focus, "{keys}");
        assert!(dialog.error.as_ref().is_some_and(|error| error.as_str().contains(word)), "{:?}", dialog.error);
        run.press("esc");
        assert_eq!(run.state.book.kept.tags.len(), 0);
        run.check();
    }
}

#[test]
fn a_rule_labels_what_matches_and_a_choice_wins_over_it() {
    let mut run = Run::new();
    run.press("c s tab tab tab tab space");
    assert_eq!(run.dialog().pattern.value(), "pr-*");
    run.press("enter");
    let labels = run.state.labels(RegistryId(0), &repo());
    assert_eq!(labels.rules.len(), 1);
    // The second tag has it from the rule, so that there is something to leave it to.
    run.press("j c");
    assert_eq!(run.dialog().spot(), Spot::AsIs);
    run.press("- enter");
    assert_eq!(run.entry("pr-2").label, Chosen::None);
    run.press("c = enter");
    assert_eq!(run.entry("pr-2").label, Chosen::ByRule);
    // The dialog knows the rule of the label, and takes it away.
    run.press("c s");
    assert!(run.dialog().rule);
    run.press("tab tab tab tab space enter");
    assert!(run.state.labels(RegistryId(0), &repo()).rules.is_empty());
    run.check();
}

#[test]
fn labels_of_the_config_are_not_changed_here() {
    let mut run = Run::new();
    run.state.book.configured.labels = vec![Label::new("stale", 'X', Colour::Ansi(1))];
    run.press("c x");
    assert!(!run.dialog().stops().contains(&Focus::Name));
    run.press("delete");
    assert!(run.dialog().error.is_some());
    run.press("enter");
    assert_eq!(run.entry("pr-1").label, is("stale"));
    assert_eq!(run.kept.len(), 1);
}

#[test]
fn lists_follow_when_they_ask_for_labels() {
    let mut run = Run::new();
    run.press("G c s enter / 'label:stale enter");
    assert_eq!(run.state.pane().list.shown.len(), 1);
    // The row that is no longer stale leaves.
    run.press("c - enter");
    assert!(run.state.pane().list.shown.is_empty());
    run.press("u esc");
    assert_eq!(run.state.pane().list.shown.len(), 3);
    run.press("s");
    let Some(Modal::Sort(menu)) = run.state.modals.last() else { panic!("no menu") };
    let at = menu.columns.iter().position(|column| *column == crate::app::list::Column::Label).unwrap();
    run.press(&format!("{}", at + 1));
    let first = run.state.pane().list.shown[0];
    let tags = run.state.tags(RegistryId(0), &repo()).unwrap();
    assert_eq!(tags.rows.get(first as usize).map(crate::app::pane::tags::text), Some("zeta"));
}

#[test]
fn what_another_instance_changes_appears() {
    let mut run = Run::new();
    run.press("/ 'label:keep enter");
    assert!(run.state.pane().list.shown.is_empty());
    let mut theirs = run.state.book.kept.clone();
    let tag = TagName::parse("zeta").unwrap();
    theirs.apply(&[Change::Label { origin: ORIGIN.into(), repo: repo(), tag, to: is("keep") }]);
    run.tell(Msg::Remembered(crate::app::msg::Saved { labels: theirs, ..Default::default() }));
    assert_eq!(run.state.pane().list.shown.len(), 1);
}
