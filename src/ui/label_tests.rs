//! Labels on the screen: a letter everywhere, and a colour where there are colours.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use super::theme::{Depth, Theme};
use crate::app::key::Key;
use crate::app::msg::Msg;
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::colour::Colour;
use crate::domain::label::{Kept, Label};

fn typed(state: &mut State, text: &str) {
    for c in text.chars() {
        update(state, Msg::Key(Key::char(c)));
    }
}

/// The list of tags, where two have labels, one of them a note, and a rule labels the builds.
fn tags(size: (u16, u16), name: &str, ascii: bool) -> State {
    let words = Words::default();
    let mut state = fixture::state(2, size.0, size.1, fixture::looks(name, ascii));
    let mut labels = Label::built_in();
    labels.push(Label::new("canary", 'C', Colour::Rgb(255, 135, 0)));
    state.book.kept = Kept { labels, ..Kept::default() };
    fixture::press(&mut state, "c r backtab backtab backtab", &words);
    typed(&mut state, "rollback target, see 日本");
    fixture::press(&mut state, "enter j j c c enter", &words);
    fixture::press(&mut state, "j c s tab tab tab tab space tab ctrl-u", &words);
    typed(&mut state, "pr-*");
    fixture::press(&mut state, "enter k k k", &words);
    fixture::settle(&mut state, &words);
    // What was said of it goes.
    for seconds in [1, 60] {
        let now = state.now + jiff::SignedDuration::from_secs(seconds);
        update(&mut state, Msg::Tick(now));
    }
    state
}

fn drawn(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

#[test]
fn labels_look_like_this() {
    for size in [(120, 36), (80, 24), (60, 15)] {
        let state = tags(size, "ansi16", false);
        insta::assert_snapshot!(format!("labels_{}x{}", size.0, size.1), drawn(&state));
    }
}

#[test]
fn the_dialog_looks_like_this() {
    for (size, ascii) in [((120, 36), false), ((80, 24), true), ((60, 15), true)] {
        let mut state = tags(size, "ansi16", ascii);
        fixture::press(&mut state, "c tab tab", &Words::default());
        let screen = drawn(&state);
        assert!(!ascii || screen.replace(['日', '本'], "").is_ascii(), "{screen}");
        insta::assert_snapshot!(format!("label_dialog_{}x{}", size.0, size.1), screen);
    }
}

/// How the letter before this tag looks.
fn letter(buffer: &Buffer, tag: &str) -> (String, Color, Modifier) {
    let width = usize::from(buffer.area.width);
    for row in buffer.content.chunks(width) {
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        // Signs of one cell each come before it, so that characters are cells.
        let at = text.find(&format!(" {tag} ")).map(|at| text[..at].chars().count());
        // Further right is the title of the preview.
        if let Some(at) = at.filter(|at| *at < 20).and_then(|at| at.checked_sub(1)) {
            return (row[at].symbol().to_owned(), row[at].fg, row[at].modifier);
        }
    }
    panic!("no row {tag}");
}

#[test]
fn a_letter_is_always_there_and_its_colour_is_the_nearest() {
    for (name, depth, canary, release) in [
        ("ansi16", Depth::True, Color::Rgb(255, 135, 0), Color::Blue),
        ("ansi16", Depth::Indexed, Color::Indexed(208), Color::Blue),
        ("ansi16", Depth::Sixteen, Color::Yellow, Color::Blue),
        ("mono", Depth::True, Color::Reset, Color::Reset),
    ] {
        let state = tags((120, 36), name, false);
        let buffer = fixture::draw(&state, &Theme::of(&state.looks).within(depth));
        let [(c, canary_is, bold), (r, release_is, _)] = ["v1.4.0", "v1.0.0"].map(|tag| letter(&buffer, tag));
        assert_eq!((c.as_str(), r.as_str()), ("C", "R"), "{name} {depth:?}");
        assert!(bold.contains(Modifier::BOLD));
        assert_eq!((canary_is, release_is), (canary, release), "{name} {depth:?}");
    }
}

#[test]
fn a_rule_labels_rows_and_the_preview_says_which() {
    let mut state = tags((120, 36), "mono", false);
    fixture::press(&mut state, "/", &Words::default());
    typed(&mut state, "label:stale");
    fixture::press(&mut state, "enter G", &Words::default());
    fixture::settle(&mut state, &Words::default());
    assert!(state.pane().list.shown.len() > 25);
    let screen = drawn(&state);
    assert!(screen.contains("S stale  (rule: pr-*)"), "{screen}");
    fixture::press(&mut state, "enter", &Words::default());
    let screen = drawn(&state);
    assert!(screen.contains("S stale"), "{screen}");
}

#[test]
fn the_accessible_screen_reads_the_row_of_the_dialog() {
    let mut looks = fixture::looks("mono", true);
    looks.accessible = true;
    let mut state = fixture::state(2, 80, 24, looks);
    state.book.kept.labels = Label::built_in();
    fixture::press(&mut state, "c s", &Words::default());
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| super::draw(frame, &state, &theme(&state))).unwrap();
    let at = ratatui::backend::Backend::get_cursor_position(terminal.backend_mut()).unwrap();
    let line = rows(terminal.backend().buffer())[usize::from(at.y)].clone();
    assert!(line.contains("stale") && line.contains("(o)"), "{line}");
}
