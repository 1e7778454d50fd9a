//! What the screen says of keys is true.

use ratatui::buffer::Buffer;

use super::chrome;
use super::fixture::{self, Words};
use super::tests::{PANES, rows, theme};
use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::list::Field;
use crate::app::modal::Modal;
use crate::app::modal::help::{Left, Row};
use crate::app::msg::Msg;
use crate::app::pane::Place;
use crate::app::state::{Link, State};
use crate::app::update::update;
use crate::domain::capability::Ability;
use crate::domain::registry::BackendKind;
use crate::ui::widget;

fn view(pane: usize) -> State {
    fixture::state(pane, 120, 36, fixture::looks("mono", true))
}

fn screen(state: &State) -> Buffer {
    fixture::draw(state, &theme(state))
}

#[test]
fn each_hint_of_the_footer_does_something_in_the_view_that_shows_it() {
    for (pane, name) in PANES.iter().enumerate() {
        let hints = chrome::footer(&view(pane));
        assert!(hints.len() >= 7, "{name}: {hints:?}");
        for (label, word) in hints {
            let key: Key =
                label.to_lowercase().parse().expect("the first key of what the footer shows is a single one");
            // A panel that has the focus already stays as it is, so the key is tried after another one, too.
            let works = ["ctrl-l", "down", "tab"].iter().any(|first| {
                let mut state = view(pane);
                fixture::press(&mut state, first, &Words::default());
                let before = screen(&state);
                let effects = update(&mut state, Msg::Key(key));
                // A notice alone says why nothing was done.
                !effects.is_empty() || (state.notice.is_none() && screen(&state) != before)
            });
            assert!(works, "{name}: {label} {word} does nothing");
        }
    }
}

#[test]
fn the_keys_shown_in_the_footer_fit_and_help_is_always_there() {
    for (pane, name) in PANES.iter().enumerate() {
        for (width, height) in super::tests::SIZES {
            let state = fixture::state(pane, width, height, fixture::looks("mono", true));
            let rows = rows(&fixture::draw(&state, &theme(&state)));
            let footer = rows.last().unwrap();
            assert!(footer.ends_with("? help"), "{name} {width}x{height}: {footer}");
        }
    }
}

/// What the help has of one action: its keys and its words, put together again from the lines they take.
fn helped(state: &mut State, action: Action) -> (String, String) {
    let Some(Modal::Help(help)) = state.modals.last_mut() else { panic!("no help") };
    help.query = Field::new(action.title().to_owned());
    let help = help.clone();
    let (mut keys, mut words) = (Vec::new(), Vec::new());
    for row in help.columns(state).concat() {
        if let Row::Entry { left: Left::Text(left), text, .. } = row {
            keys.extend(left.split_whitespace().map(str::to_owned));
            words.extend(text.split_whitespace().map(str::to_owned));
        }
    }
    (keys.join(" "), words.join(" "))
}

#[test]
fn every_default_key_is_in_the_help_of_its_view() {
    let keymap = Keymap::builtin();
    for size in [(120, 36), (80, 24), (60, 15), (40, 8)] {
        for (pane, name) in PANES.iter().enumerate() {
            let mut state = fixture::state(pane, size.0, size.1, fixture::looks("mono", true));
            fixture::press(&mut state, "?", &Words::default());
            for action in Action::ALL {
                let keys = keymap.keys(name, *action);
                let (shown, words) = helped(&mut state, *action);
                assert_eq!(words.contains(action.title()), !keys.is_empty(), "{} in {name}: {words}", action.name());
                for key in keys {
                    assert!(shown.contains(&widget::key_label(&key)), "{key} of {} in {name}: {shown}", action.name());
                }
            }
        }
    }
}

/// The help of a view, as far as one screen goes.
fn help(pane: usize, size: (u16, u16), keys: &str) -> String {
    let mut state = fixture::state(pane, size.0, size.1, fixture::looks("mono", true));
    fixture::press(&mut state, keys, &Words::default());
    format!("{name} at {size:?}\n{screen}\n\n", name = PANES[pane], screen = rows(&screen(&state)).join("\n"))
}

/// What makes and edits repositories is named where the system has it.
#[test]
fn the_footer_of_repositories_names_what_the_system_can() {
    for (able, size) in [(true, (120, 36)), (true, (80, 24)), (false, (120, 36))] {
        let mut state = fixture::state(1, size.0, size.1, fixture::looks("mono", true));
        let Place::Repositories(id) = state.pane().place else { panic!("no list") };
        let both: &[Ability] = &[Ability::CreateRepository, Ability::EditRepository];
        let registry = state.registry_mut(id);
        (registry.profile.kind, registry.link) = (BackendKind::Alauda, Link::Up);
        registry.caps.abilities = if able { both } else { &[] };
        let footer = rows(&screen(&state)).pop().unwrap();
        for words in ["+ create", "E edit"] {
            assert_eq!(footer.contains(words), able, "{footer}");
        }
        assert!(footer.ends_with("? help"), "{footer}");
    }
}

#[test]
fn the_help_looks_like_this() {
    let mut all = String::new();
    for pane in 0..PANES.len() {
        all += &help(pane, (120, 36), "?");
    }
    for size in [(80, 24), (60, 15), (40, 8)] {
        all += &help(2, size, "?");
    }
    all += &help(2, (80, 24), "? tab tab");
    all += &help(2, (80, 24), "? m a r k");
    all += &help(2, (80, 24), "? s i g n s");
    all += &help(2, (80, 24), "? q q q");
    insta::assert_snapshot!(all);
}

#[test]
fn what_the_config_changed_is_shown_in_the_help() {
    let change = |action: &str, keys: &[&str]| (action.to_owned(), keys.iter().map(ToString::to_string).collect());
    let everywhere = [change("zoom", &[]), change("refresh", &["f5"])].into();
    let tables = [("everywhere".to_owned(), everywhere), ("image".to_owned(), [change("raw", &["b"])].into())].into();
    // High enough for all of it.
    let mut state = fixture::state(2, 120, 48, fixture::looks("mono", true));
    state.keymap = Keymap::with(&tables).unwrap();
    fixture::press(&mut state, "?", &Words::default());
    let text = rows(&screen(&state)).join("\n");
    for part in ["your config changes 3 keys, shown with +", "+no key    zoom this pane", "+F5        refresh"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Of another view's keys nothing is said here.
    assert!(!text.contains("raw manifest"), "{text}");
}

#[test]
fn what_does_nothing_here_says_why_in_the_help() {
    let mut state = view(2);
    fixture::press(&mut state, "?", &Words::default());
    let Some(Modal::Help(help)) = state.modals.last().cloned() else { panic!("no help") };
    let greyed: Vec<String> = help
        .columns(&state)
        .concat()
        .into_iter()
        .filter_map(|row| match row {
            Row::Entry { text, greyed: true, .. } => Some(text),
            _ => None,
        })
        .collect();
    let greyed = greyed.join(" ");
    assert!(greyed.contains("clear marks (nothing is marked)") && greyed.contains("(no filter is set)"), "{greyed}");
}

#[test]
fn every_command_is_in_the_palette_with_its_own_title() {
    for (pane, name) in PANES.iter().enumerate() {
        let mut state = view(pane);
        fixture::press(&mut state, ":", &Words::default());
        let Some(Modal::Palette(palette)) = state.modals.last() else { panic!("no palette") };
        let shown: Vec<Action> = palette.matches(&state).into_iter().map(|(action, _)| action).collect();
        for action in Action::ALL {
            assert!(shown.contains(action), "{} in {name}", action.name());
            assert!(action.title().len() > 1 && !action.short().is_empty(), "{}", action.name());
            let same = Action::ALL.iter().filter(|other| other.title() == action.title()).count();
            assert_eq!(same, 1, "{}", action.title());
        }
    }
}

#[test]
fn the_help_scrolls_to_its_end_and_back_at_once() {
    let mut state = fixture::state(2, 80, 24, fixture::looks("mono", true));
    fixture::press(&mut state, "?", &Words::default());
    for _ in 0..200 {
        fixture::press(&mut state, "down", &Words::default());
    }
    let end = screen(&state);
    assert!(rows(&end).iter().any(|row| row.contains("quit")), "{:?}", rows(&end));
    fixture::press(&mut state, "up", &Words::default());
    assert_ne!(screen(&state), end);
}

/// What changes on a screen with colours changes on one without, row by row: in its text, or in how it is set off.
#[test]
fn nothing_is_said_by_colour_alone() {
    let keys =
        ["j", "space", "space", "k", "v", "j", "esc", "i", "M", "f", "s 2", "3", "tab", "w", "esc", "p", "e", "tab"];
    let mut changes = 0;
    for (pane, name) in PANES.iter().enumerate() {
        let mut coloured = fixture::state(pane, 120, 36, fixture::looks("ansi16", true));
        let mut plain = fixture::state(pane, 120, 36, fixture::looks("mono", true));
        let (mut before, mut before_plain) = (screen(&coloured), screen(&plain));
        for key in keys {
            for state in [&mut coloured, &mut plain] {
                fixture::press(state, key, &Words::default());
                fixture::settle(state, &Words::default());
            }
            let (after, after_plain) = (screen(&coloured), screen(&plain));
            let width = usize::from(after.area.width);
            let differs = |a: &Buffer, b: &Buffer| -> Vec<bool> {
                a.content.chunks(width).zip(b.content.chunks(width)).map(|(a, b)| a != b).collect()
            };
            let (rows, plain_rows) = (differs(&before, &after), differs(&before_plain, &after_plain));
            changes += rows.iter().filter(|changed| **changed).count();
            assert_eq!(rows, plain_rows, "{name}, after {key}");
            (before, before_plain) = (after, after_plain);
        }
    }
    assert!(changes > 100, "{changes}");
}
