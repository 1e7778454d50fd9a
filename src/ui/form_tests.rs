//! Forms of repositories and new passwords, as they are drawn.

use std::sync::Arc;

use secrecy::SecretString;

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::modal::password::PasswordDialog;
use crate::app::modal::repository::RepositoryDialog;
use crate::app::msg::Msg;
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::capability::Capabilities;
use crate::domain::change::{Part, Parts};
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::repository::RepoInfo;
use crate::domain::secret::OneTime;

const ALL: Parts =
    Parts { create: &[Part::Name], edit: &[Part::Description, Part::FullDescription, Part::Visibility, Part::Labels] };

/// One of the dialogs, with words from outside in it.
pub fn opened(dialog: &str, size: (u16, u16), ascii: bool, words: &Words) -> State {
    let mut state = fixture::with(1, size.0, size.1, fixture::looks("mono", ascii), words);
    let host = Clean::fixed("api.example");
    state.modals.push(match dialog {
        "password" => Modal::Password(Box::new(PasswordDialog::new(RegistryId(0), host, state.now))),
        _ => {
            let caps = Capabilities { parts: ALL, ..Capabilities::default() };
            let repo = RepoName::loose("acme/web").unwrap();
            let mut form = RepositoryDialog::of(RegistryId(0), BackendKind::Alauda, host, &caps, repo);
            form.has_read(Ok(Arc::new(RepoInfo {
                description: Some(clean::line(&words.prose)),
                full_description: Some(clean::block(&format!("one\n{}\nthree", words.prose))),
                labels: vec![clean::line(&words.invalid), clean::line("gpu")],
                public: Some(true),
                ..RepoInfo::default()
            })));
            form.form.wrong.push((0, clean::line(&words.prose)));
            form.error = Some(clean::line(&words.prose));
            Modal::Repository(Box::new(form))
        }
    });
    state
}

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| update(state, Msg::Key(key.parse().unwrap()))).collect()
}

const WIDE: &str = "\u{524d}\u{7aef}\u{7684}\u{4ed3}\u{5e93}";

#[test]
fn wide_texts_stand_in_their_fields_and_the_cursor_behind_them() {
    for size in [(120, 36), (80, 24), (60, 20)] {
        let words = Words { prose: WIDE.to_owned(), ..Words::default() };
        let mut state = opened("repository", size, true, &words);
        press(&mut state, "end x");
        let text = screen(&state);
        assert!(text.contains(&format!("{WIDE}x")), "{size:?}\n{text}");
        // Far more than the field is wide: its end is seen, whole.
        update(&mut state, Msg::Paste(WIDE.repeat(40) + "end"));
        let text = screen(&state);
        assert!(text.contains("end "), "{size:?}\n{text}");
    }
}

#[test]
fn the_control_with_the_focus_is_on_screen_at_every_size() {
    for size in [(120, 36), (80, 24), (60, 20), (44, 8)] {
        let mut state = opened("repository", size, true, &Words::default());
        for wanted in ["Description", "Full text", "Who sees it", "new:", "[ Save ]", "[ Cancel ]"] {
            let text = screen(&state);
            assert!(text.contains(wanted), "{wanted} at {size:?}\n{text}");
            press(&mut state, "tab");
        }
    }
}

fn secret_of(state: &mut State, text: &str) {
    fixture::look(state);
    let effects = press(state, "y");
    let [Effect::MakePassword { id, registry }] = effects.as_slice() else { panic!("{effects:?}") };
    let (id, registry) = (*id, *registry);
    assert!(screen(state).contains("waiting for the answer"));
    let secret = OneTime::new(SecretString::from(text.to_owned()));
    update(state, Msg::PasswordMade { id, registry, result: Ok(secret) });
}

const SECRET: &str = "Hb4_q-Zz19.kLmn";

#[test]
fn a_password_is_on_screen_from_when_it_is_asked_for_until_it_is_closed() {
    for size in [(120, 36), (80, 24), (60, 20)] {
        let mut state = opened("password", size, true, &Words::default());
        secret_of(&mut state, SECRET);
        let masked = screen(&state);
        assert!(masked.contains("****") && !masked.contains(&SECRET[..4]), "{size:?}\n{masked}");
        press(&mut state, "s");
        let shown = screen(&state);
        assert!(shown.contains(SECRET) && !shown.contains("****"), "{size:?}\n{shown}");
        press(&mut state, "s");
        assert!(!screen(&state).contains(&SECRET[..4]));
        press(&mut state, "s esc");
        let closed = screen(&state);
        assert!(state.modals.is_empty() && !closed.contains(&SECRET[..4]) && closed.contains("forgotten"), "{closed}");
        let said: Vec<String> = state.messages.iter().map(|message| format!("{message:?}")).collect();
        assert!(!said.concat().contains(SECRET), "{said:?}");
    }
}

#[test]
fn enter_and_keys_that_came_too_early_make_no_password() {
    let mut state = opened("password", (80, 24), true, &Words::default());
    // It was not on the screen yet.
    assert!(press(&mut state, "y").is_empty());
    let now = state.now;
    update(&mut state, Msg::Shown(now));
    assert!(press(&mut state, "y tab enter").is_empty());
    assert!(screen(&state).contains("stops working at once"));
    update(&mut state, Msg::Tick(now + jiff::SignedDuration::from_millis(300)));
    update(&mut state, Msg::Paste("y".to_owned()));
    assert!(press(&mut state, "enter").is_empty());
    assert!(state.modals.is_empty(), "the focus was on Cancel");
}

#[test]
fn nobody_loses_a_password_with_one_key() {
    let mut state = opened("password", (80, 24), true, &Words::default());
    secret_of(&mut state, SECRET);
    press(&mut state, "esc");
    assert!(screen(&state).contains("Nobody has seen or copied it yet"));
    let copied = press(&mut state, "c");
    assert!(matches!(copied.as_slice(), [Effect::CopySecret(_)]) && !format!("{copied:?}").contains(SECRET));
    assert!(screen(&state).contains("Copied") && !screen(&state).contains(&SECRET[..4]));
    press(&mut state, "esc");
    assert!(state.modals.is_empty());
}

#[test]
fn a_password_that_comes_after_its_dialog_was_closed_is_there() {
    let mut state = opened("password", (80, 24), true, &Words::default());
    fixture::look(&mut state);
    let effects = press(&mut state, "y");
    let [Effect::MakePassword { id, registry }] = effects.as_slice() else { panic!("{effects:?}") };
    press(&mut state, "esc ctrl-c");
    assert!(state.modals.is_empty());
    let result = Ok(OneTime::new(SecretString::from(SECRET.to_owned())));
    update(&mut state, Msg::PasswordMade { id: *id, registry: *registry, result });
    assert!(screen(&state).contains("s  show or hide it"));
}

#[test]
fn what_became_of_the_old_password_is_said() {
    let report = |unsure, kind| ErrorReport {
        kind,
        what: Clean::fixed("api.example broke the connection."),
        hint: Clean::fixed("Look at it."),
        realm: None,
        fields: Vec::new(),
        unsure,
    };
    for (report, words) in [
        (report(true, ErrorKind::Network), "may have been made all the same"),
        (report(false, ErrorKind::Server), "may have made one all the same"),
        (report(false, ErrorKind::Denied), "goes on working"),
    ] {
        let mut state = opened("password", (80, 24), true, &Words::default());
        fixture::look(&mut state);
        let effects = press(&mut state, "y");
        let [Effect::MakePassword { id, registry }] = effects.as_slice() else { panic!("{effects:?}") };
        update(&mut state, Msg::PasswordMade { id: *id, registry: *registry, result: Err(report) });
        let text = screen(&state);
        assert!(text.contains(words), "{text}");
        press(&mut state, "esc");
        assert!(state.modals.is_empty());
    }
}

#[test]
fn what_cannot_be_drawn_in_a_cell_is_not_drawn_as_something_else() {
    let mut state = opened("password", (80, 24), true, &Words::default());
    secret_of(&mut state, "ab\u{1b}[31m\u{524d}");
    press(&mut state, "s");
    let text = screen(&state);
    assert!(text.contains("ab?[31m?") && text.contains("cannot be shown: copy it"), "{text}");
}
