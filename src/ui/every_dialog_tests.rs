//! Every dialog there is, at every size, with every text.

use std::sync::Arc;

use proptest::prelude::*;

use super::fixture::{self, Words};
use super::tests::{foreign, rows, straight, theme};
use super::{draw, form_tests, history_tests, registry_tests, sweep_tests, told_tests};
use crate::app::key::Key;
use crate::app::modal::groups::{Details, Groups};
use crate::app::modal::scopes::Scopes;
use crate::app::modal::search::Search;
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::msg::Msg;
use crate::app::state::{Link, State};
use crate::app::update::update;
use crate::domain::capability::{Ability, Place};
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::repository::{Group, Scope};

const DIALOGS: [&str; 29] = [
    "repository",
    "password",
    "groups",
    "search",
    "scopes",
    "sweep",
    "label-file",
    "new-tag",
    "overwrite",
    "plan",
    "progress",
    "operation",
    "rule",
    "help",
    "palette",
    "sort",
    "copy",
    "save",
    "prompt",
    "sign-in",
    "add",
    "ca-file",
    "import",
    "messages",
    "about",
    "ask",
    "label",
    "recolour",
    "layer",
];

/// A new dialog does not compile here until it has a name, and `every_dialog_is_opened` fails until it is opened.
fn name(modal: &Modal) -> &'static str {
    match modal {
        Modal::Help(_) => "help",
        Modal::Palette(_) => "palette",
        Modal::Sort(_) => "sort",
        Modal::Copy(_) => "copy",
        Modal::Save(_) => "save",
        Modal::Rule(_) => "rule",
        Modal::NewTag(_) => "new-tag",
        Modal::Overwrite(_) => "overwrite",
        Modal::Label(_) => "label",
        Modal::Recolour(_) => "recolour",
        Modal::LabelFile(_) => "label-file",
        Modal::Layer(_) => "layer",
        Modal::Plan(_) => "plan",
        Modal::Sweep(_) => "sweep",
        Modal::Progress(_) => "progress",
        Modal::Operation(_) => "operation",
        Modal::Prompt(_) => "prompt",
        Modal::Search(_) => "search",
        Modal::Groups(_) => "groups",
        Modal::Scopes(_) => "scopes",
        Modal::SignIn(_) => "sign-in",
        Modal::AddRegistry(_) => "add",
        Modal::CaFile(_) => "ca-file",
        Modal::Import(_) => "import",
        Modal::Messages(_) => "messages",
        Modal::Repository(_) => "repository",
        Modal::Password(_) => "password",
        Modal::About(_) => "about",
        Modal::Ask(_) => "ask",
    }
}

/// A state with this dialog on top, and words from outside in it where it has any.
fn open(dialog: &str, size: (u16, u16), ascii: bool, words: &Words) -> State {
    let report = |kind| ErrorReport::new(kind, clean::line(&words.prose), Clean::fixed("Do something about it."));
    let (pane, keys) = match dialog {
        "help" => (2, "?"),
        "palette" => (2, ":"),
        "sort" => (2, "s"),
        "rule" => (2, "m"),
        "new-tag" | "overwrite" => (2, "t"),
        "label" | "recolour" => (2, "c"),
        "label-file" => (2, ": i m p o r t - l a b e l s enter"),
        "layer" => (3, "3 g d"),
        "plan" => (2, "s 2 g g space space d"),
        "progress" => (2, "s 2 g g d"),
        "sweep" => return sweep_tests::opened(size, ascii, words),
        "operation" => return history_tests::opened(size, ascii, words),
        "copy" => (2, "y"),
        "save" => (2, "o"),
        "prompt" => (1, "'"),
        "sign-in" | "ca-file" => (0, "e"),
        "add" => (0, "+"),
        "messages" => (0, "g l"),
        // Only where something is said.
        "about" => {
            let mut state = told_tests::repositories(BackendKind::MlSpace, size, "mono", ascii, words);
            fixture::press(&mut state, "w", words);
            return state;
        }
        // Registries and jobs raise it; what it says comes from them.
        "ask" => {
            let mut state = fixture::with(0, size.0, size.1, fixture::looks("mono", ascii), words);
            let intent = Intent::TrustPlain { registry: RegistryId(0) };
            let lines = vec![clean::line(&words.prose)];
            state.modals.push(Modal::Ask(Ask { title: "Send the password?", lines, intent }));
            return state;
        }
        "repository" | "password" => return form_tests::opened(dialog, size, ascii, words),
        // Only some kinds of registries have these.
        "search" | "scopes" | "groups" => {
            let mut state = fixture::with(1, size.0, size.1, fixture::looks("mono", ascii), words);
            let id = RegistryId(0);
            state.sought = vec![words.prose.clone(), words.invalid.clone()];
            let why = Some(clean::line(&words.prose));
            if dialog == "search" {
                state.modals.push(Modal::Search(Search::new(id, "", why)));
                return state;
            }
            if dialog == "groups" {
                let mut groups = Groups::new(id);
                let group = |name: &str| {
                    let (key, name) = (name.to_owned(), clean::line(name));
                    let (host, more) = (name.clone(), vec![(name.clone(), name.clone())]);
                    let raw = Some(words.prose.as_str().into());
                    Arc::new(Group { key, name, host, port: Some(5000), encrypted: true, official: false, more, raw })
                };
                let [first, second] = [group(&words.prose), group(&words.invalid)];
                let read = Some(Ok(first.clone()));
                groups.details = Some(Details { key: first.key.clone(), waiting: None, read });
                groups.found = Some(Ok(vec![first, second]));
                state.modals.push(Modal::Groups(Box::new(groups)));
                return state;
            }
            state.registry_mut(id).profile.kind = BackendKind::MlSpace;
            let mut scopes = Scopes::new(id, why);
            let scope = |name: &str| Scope {
                id: name.to_owned(),
                name: clean::line(name),
                more: vec![(clean::line(&words.prose), clean::line(&words.prose))],
            };
            scopes.found = Some(Ok([&words.prose, &words.invalid].map(|name| scope(name)).to_vec()));
            state.modals.push(Modal::Scopes(Box::new(scopes)));
            return state;
        }
        "import" => {
            let mut state = registry_tests::first(size);
            state.looks.ascii = ascii;
            return state;
        }
        other => panic!("nobody opens {other}"),
    };
    let mut state = fixture::with(pane, size.0, size.1, fixture::looks("mono", ascii), words);
    for registry in &mut state.registries {
        if dialog == "layer" {
            registry.caps.abilities = &[Ability::Layers];
        }
        registry.trail = vec![clean::line(&words.prose)];
        registry.profile.name.push_str(&words.invalid);
        if dialog == "recolour" {
            registry.caps.colours = Place::Server;
        }
        if dialog == "ca-file" {
            registry.link = Link::Down(report(ErrorKind::Tls));
        }
    }
    fixture::press(&mut state, keys, words);
    if matches!(dialog, "plan" | "progress") {
        fixture::look(&mut state);
    }
    if dialog == "overwrite" {
        fixture::press(&mut state, "x enter", words);
    }
    if dialog == "progress" {
        fixture::run(&mut state, words);
    }
    state
}

#[test]
fn every_dialog_is_opened() {
    for dialog in DIALOGS {
        let state = open(dialog, (120, 36), true, &Words::default());
        assert_eq!(state.modals.last().map(name), Some(dialog));
    }
}

#[test]
fn every_dialog_has_its_frame_and_a_way_out_at_every_usable_size() {
    for dialog in DIALOGS {
        for size in super::tests::SIZES {
            let mut state = open(dialog, size, true, &Words::default());
            let screen = rows(&fixture::draw(&state, &theme(&state)));
            let text = screen.join("\n");
            assert!(text.is_ascii(), "{dialog} at {size:?}\n{text}");
            assert!(screen.iter().filter(|row| row.starts_with('+') || row.contains(" +")).count() >= 2, "{text}");
            // The first run is left by Enter, or by its second button.
            if dialog != "import" {
                fixture::press(&mut state, "esc", &Words::default());
                assert!(state.modals.is_empty(), "{dialog} at {size:?}");
            }
        }
    }
}

/// Keys that move, type, choose and close.
const KEYS: [&str; 16] = [
    "tab",
    "backtab",
    "down",
    "up",
    "left",
    "right",
    "space",
    "enter",
    "pagedown",
    "x",
    "/",
    "K",
    "\u{65e5}",
    "backspace",
    "g",
    "G",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_dialog_is_drawn_at_any_size(
        dialog in proptest::sample::select(DIALOGS.to_vec()),
        width in 1_u16..200,
        height in 1_u16..60,
        small in any::<bool>(),
        ascii in any::<bool>(),
        invalid in foreign(),
        prose in foreign(),
        pasted in foreign(),
        keys in proptest::collection::vec(proptest::sample::select(KEYS.to_vec()), 0..6),
    ) {
        let size = if small { (width % 60 + 1, height % 20 + 1) } else { (width, height) };
        let words = Words { invalid, prose };
        let mut state = open(dialog, size, ascii, &words);
        straight(&fixture::draw(&state, &theme(&state)))?;
        update(&mut state, Msg::Paste(pasted));
        straight(&fixture::draw(&state, &theme(&state)))?;
        for key in keys {
            let key: Key = key.parse().unwrap();
            update(&mut state, Msg::Key(key));
            straight(&fixture::draw(&state, &theme(&state)))?;
        }
    }
}

/// A mark that one library gives no column, and the other one: the row was a column short.
#[test]
fn half_width_marks_take_the_columns_they_are_given() {
    for dialog in DIALOGS {
        for size in [(44, 8), (80, 24), (120, 36)] {
            let words = Words { prose: "\u{ff9e}".repeat(9), invalid: "\u{ff76}\u{ff9e}".to_owned() };
            let mut state = open(dialog, size, true, &words);
            update(&mut state, Msg::Paste("\u{ff9e}".repeat(3)));
            straight(&fixture::draw(&state, &theme(&state))).unwrap_or_else(|why| panic!("{dialog} {size:?}: {why}"));
        }
    }
}

/// With another size while a dialog is open, nothing of the old one is left.
#[test]
fn dialogs_follow_the_size_of_the_screen() {
    for dialog in DIALOGS {
        let mut resized = open(dialog, (120, 36), true, &Words::default());
        update(&mut resized, Msg::Resize(80, 24));
        let fresh = open(dialog, (80, 24), true, &Words::default());
        let screen = |state: &State| {
            let backend = ratatui::backend::TestBackend::new(80, 24);
            let mut terminal = ratatui::Terminal::new(backend).unwrap();
            terminal.draw(|frame| draw(frame, state, &theme(state))).unwrap();
            rows(terminal.backend().buffer())
        };
        assert_eq!(screen(&resized), screen(&fresh), "{dialog}");
    }
}
