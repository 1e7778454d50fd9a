//! The program as its user meets it: in a terminal, with the demo's registries.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::support::pty::{self, Pty};

const ENTER: &str = "\r";
const ESC: &str = "\x1b";
/// In the foot while a filter is typed.
const TYPING: &str = "Enter keep";
const TAGS: &str = "Tags  63";

fn demo() -> Pty {
    demo_with(100, 30, &[])
}

fn demo_with(cols: u16, rows: u16, env: &[(&str, &str)]) -> Pty {
    let pty = Pty::start_with(&["demo"], cols, rows, env);
    pty.wait_for("demo-oci");
    pty
}

fn filter(pty: &mut Pty, text: &str) {
    pty.filter(text);
    pty.wait_for(&format!("/ {text}"));
    pty.press(ENTER);
    pty.wait_until("the filter is kept", |screen| !screen.contains(TYPING));
}

fn open_repository(pty: &mut Pty, name: &str) {
    pty.press(ENTER);
    pty.wait_for("complete: 66 names");
    filter(pty, name);
    pty.wait_for("1/66 shown");
    pty.press(ENTER);
    pty.wait_for("TAG ");
}

/// In the tags of a repository, all of them read.
fn tags(env: &[(&str, &str)]) -> Pty {
    let mut pty = demo_with(100, 30, env);
    open_repository(&mut pty, "checkout/api");
    pty.wait_for("complete: 63 tags");
    pty
}

/// The tag under the cursor.
fn cursor(screen: &str) -> String {
    let row = screen.lines().find_map(|line| line.split_once('▌'));
    let name = row.and_then(|(_, cells)| cells.split_whitespace().find(|word| *word != "●"));
    name.unwrap_or_default().to_owned()
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[track_caller]
fn assert_restored(pty: &Pty) {
    let raw = pty.raw_output();
    let last = &raw[raw.len().saturating_sub(64)..];
    for undo in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"] {
        assert!(contains(last, undo), "{undo:?} is not in {:?}", String::from_utf8_lossy(last));
    }
}

#[track_caller]
fn assert_quits(mut pty: Pty) {
    pty.press("q");
    assert_eq!(pty.end(), 0);
    assert_restored(&pty);
}

#[test]
fn from_the_registries_to_an_image_and_back() {
    let mut pty = demo();
    open_repository(&mut pty, "checkout/api");
    pty.wait_for("complete: 63 tags");
    let latest = tagboat::demo::catalogue().resolve("team/checkout/api", "latest").expect("a tag");
    pty.wait_for(&latest.short());
    pty.wait_for("amd64 arm64");
    pty.press(ENTER);
    pty.wait_for("[2 Config]");
    pty.wait_for("OCI index");
    pty.press(ESC);
    pty.wait_for(TAGS);
    pty.press(ESC);
    pty.wait_for("Repositories  1/66");
    pty.press(ESC);
    pty.wait_until("all repositories or the registries", |screen| !screen.contains("1/66"));
    if !pty.screen().contains("Registries (") {
        pty.press(ESC);
    }
    pty.wait_for("Registries (");
    assert_quits(pty);
}

#[test]
fn every_size_is_drawn() {
    for (cols, rows) in [(80, 24), (60, 15), (40, 8)] {
        let mut pty = demo_with(cols, rows, &[]);
        pty.press(ENTER);
        pty.wait_for("a/b/c/d");
        assert_quits(pty);
    }
    let pty = Pty::start(&["demo"], 20, 5);
    pty.wait_for("terminal too small");
    assert_quits(pty);
}

#[test]
fn every_change_of_size_is_followed() {
    let mut pty = demo();
    pty.press(ENTER);
    pty.wait_for("complete: 66 names");
    for (cols, rows) in [(300, 100), (1, 1), (80, 24), (1, 100), (300, 1), (2, 2), (39, 7), (300, 100)] {
        let before = pty.raw_output().len();
        pty.resize(cols, rows);
        pty.wait_past(before);
        assert!(pty.running(), "{cols}x{rows}");
    }
    pty.wait_for("complete: 66 names");
    pty.resize(1, 1);
    assert_quits(pty);
}

#[test]
fn marks_are_counted_in_the_foot() {
    let mut pty = tags(&[]);
    pty.press(" ");
    pty.wait_for("1 marked = 1 digest");
    pty.press("v");
    pty.wait_for("range:");
    pty.press("jj");
    pty.wait_until("the cursor at v1.6.1", |screen| cursor(screen) == "v1.6.1");
    pty.press(" ");
    pty.wait_for("4 marked = 3 digests");
    pty.press("a");
    pty.wait_for("63 marked");
    pty.press("X");
    pty.wait_for("complete: 63 tags");
    assert!(!pty.screen().contains('●'));
    assert_quits(pty);
}

#[test]
fn a_filter_does_not_hide_that_rows_are_marked() {
    let mut pty = tags(&[]);
    pty.press("a");
    pty.wait_for("63 marked");
    filter(&mut pty, "v1.6.0");
    pty.wait_for("62 not shown");
    assert_quits(pty);
}

#[test]
fn pasted_text_is_not_keys() {
    let mut pty = tags(&[]);
    let before = cursor(&pty.screen());
    pty.press("\x1b[200~ qjaq\x1b[201~");
    pty.wait_for("Pasted text is ignored");
    let screen = pty.screen();
    assert!(screen.contains("complete: 63 tags") && !screen.contains('●'), "{screen}");
    assert_eq!(cursor(&screen), before);
    pty.press("j");
    pty.wait_until("the cursor moves", |screen| cursor(screen) != before);
    assert_quits(pty);
}

#[test]
fn text_pasted_without_markers_is_not_keys() {
    let mut pty = tags(&[]);
    let before = cursor(&pty.screen());
    pty.press("a quick quote\rq");
    pty.wait_for("looked like a paste");
    let screen = pty.screen();
    assert!(screen.contains("complete: 63 tags") && !screen.contains('●'), "{screen}");
    assert_eq!(cursor(&screen), before);
    // What is left of a burst is dropped too, so the next key comes after a rest.
    pty.press("\x1b[B");
    pty.wait_until("the cursor moves", |screen| cursor(screen) != before);
    assert!(pty.running());
}

#[test]
fn an_arrow_in_two_pieces_does_not_quit() {
    let mut pty = tags(&[]);
    pty.press(ESC);
    pty.press("[B");
    pty.press("/");
    pty.wait_for(TYPING);
    // On a slow machine the first piece may have been an Esc by itself.
    let screen = pty.screen();
    assert!(screen.contains(TAGS) || screen.contains("Repositories"), "{screen}");
    pty.press("\x03");
    pty.wait_until("the filter is closed", |screen| !screen.contains(TYPING));
    assert_quits(pty);
}

#[test]
fn text_from_a_registry_cannot_drive_the_terminal() {
    let mut pty = demo_with(120, 50, &[]);
    open_repository(&mut pty, "lab/labels");
    pty.wait_for("complete: 1 tag");
    let before = pty.raw_output().len();
    pty.press(ENTER);
    pty.wait_for("2 Config");
    pty.press("z");
    pty.wait_for("image.description=");
    pty.wait_for("0;title");
    pty.wait_for("maintainer=João Müller");
    let raw = pty.raw_output();
    for hostile in ["\x1b]", "\x1b[31mred", "\u{202e}", "\x07"] {
        assert!(!contains(&raw, hostile), "{hostile:?}");
    }
    assert!(!contains(&raw[before..], "\x1b[2J"));
    assert_quits(pty);
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let pty = tags(&[]);
    let long = Duration::from_millis(1200);
    let settled = (0..10).any(|_| pty.quiet_for(long));
    assert!(settled, "the screen never comes to rest");
    assert!(pty.quiet_for(long));
    assert_quits(pty);
}

#[test]
fn no_color_means_no_colour() {
    let pty = tags(&[("NO_COLOR", "1")]);
    let raw = String::from_utf8(pty.raw_output()).unwrap();
    let sgr = regex::Regex::new("\x1b\\[([0-9;:]*)m").unwrap();
    let codes: Vec<u32> =
        sgr.captures_iter(&raw).flat_map(|m| m[1].split([';', ':']).flat_map(str::parse).collect::<Vec<_>>()).collect();
    let colour = |code: &u32| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107);
    assert!(!codes.iter().any(colour), "{codes:?}");
    assert!(codes.contains(&7), "the cursor row is reversed: {codes:?}");
    assert_quits(pty);
}

#[test]
fn without_a_terminal_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tagboat"))
        .arg("demo")
        .env_clear()
        .envs(pty::env(&home))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("terminal") && said.trim().lines().count() == 2, "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn signals_end_it_and_the_terminal_is_restored() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let pty = demo();
        pty.signal(signal);
        let got = pty.end();
        assert_restored(&pty);
        assert_eq!(got, code);
    }
}

#[test]
fn without_utf8_only_ascii_is_written() {
    let mut pty = demo_with(100, 30, &[("LANG", "C")]);
    open_repository(&mut pty, "checkout/api");
    pty.wait_for("complete: 63 tags");
    pty.press("a");
    pty.wait_for("63 marked");
    let screen = pty.screen();
    assert!(screen.is_ascii(), "{screen}");
    assert!(pty.raw_output().is_ascii());
    assert_quits(pty);
}
