//! Nothing a registry says drives the terminal, through every screen and every command.
#![cfg(unix)]

mod corpus;
mod registry;

use corpus::{TRACE, faults_of_screen, faults_of_text};
use registry::REPO;

use crate::support::program::Place;
use crate::support::pty::Pty;

#[track_caller]
fn assert_clean(pty: &Pty) {
    let faults = faults_of_screen(&pty.raw_output());
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.iter().take(10).cloned().collect::<Vec<_>>().join("\n")
    );
}

fn config(url: &str) -> String {
    format!("[[registry]]\nname = \"evil\"\nurl = \"{url}\"\ncredential = \"store\"\n")
}

/// Up and down through a list, so that every row and every preview is drawn.
fn walk(pty: &mut Pty) {
    for key in ["G", "gg", "\x04", "\x04", "\x15", "p", "j", "k", "p", "z", "z"] {
        pty.press(key);
    }
    for _ in 0..12 {
        pty.press("j");
    }
}

#[test]
fn every_screen_in_the_programs_own_vocabulary() {
    let server = registry::start();
    for (cols, rows) in [(140, 45), (80, 24), (45, 12)] {
        let mut pty = Pty::start_configured(&config(&server.url()), &[], cols, rows, &[]);
        pty.wait_for("evil");
        pty.press("\r");
        pty.wait_for("evil/app");
        assert!(pty.screen().contains(TRACE));
        walk(&mut pty);
        for refused in ["evil/denied", "evil/broken", "evil/secret"] {
            pty.go_to(&format!("evil/{refused}"));
            pty.press("\r");
            pty.wait_until(refused, |screen| screen.contains(TRACE) || screen.contains("assword"));
            pty.press("\x03");
        }
        pty.go_to(&format!("evil/{REPO}"));
        pty.press("\r");
        pty.wait_for("latest‹U+200B›");
        walk(&mut pty);
        for dialog in ["?", ":", "s", "y", "'", "e"] {
            pty.press(dialog);
            pty.press("\x03");
        }
        // Pasted by a user, from wherever.
        pty.press("/");
        pty.press("\x1b[200~\u{9b}31m\u{202e}\u{200b}x\u{1b}]0;t\u{7}\x1b[201~");
        pty.press("\x03");
        pty.go_to(&format!("evil/{REPO}:latest"));
        pty.press("\r");
        pty.wait_until("the image", |screen| screen.contains("> latest") && screen.contains(TRACE));
        for panel in ["1", "2", "3", "4", "5", "6", "w"] {
            pty.press(panel);
            walk(&mut pty);
        }
        pty.press("q");
        assert_eq!(pty.end(), 0);
        assert_clean(&pty);
    }
}

#[test]
fn the_demo_profile_is_no_better_off() {
    let mut pty = Pty::start_with(&["demo", "--profile", "hostile"], 120, 36, &[]);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("adm‹U+200B›in");
    walk(&mut pty);
    pty.go_to("demo-oci/lab/labels\r");
    pty.wait_for("la‹U+200B›test");
    walk(&mut pty);
    pty.press("q");
    assert_eq!(pty.end(), 0);
    assert_clean(&pty);
}

#[test]
fn names_that_look_alike_are_shown_apart() {
    let server = registry::start();
    let place = Place::new(&config(&server.url()));
    let names = place.run(&["tags", "evil/evil/app", "--names"]).out;
    let latest: Vec<&str> = names.lines().filter(|line| line.starts_with("latest")).collect();
    assert_eq!(latest, ["latest", "latest‹U+200B›"]);
}

#[test]
fn every_command_writes_plain_text() {
    let server = registry::start();
    let place = Place::new(&config(&server.url()));
    let image = format!("evil/{REPO}");
    let (latest, child) = (format!("{image}:latest"), format!("{image}:child"));
    let mut traced = 0;
    for arguments in [
        &["registries"][..],
        &["repos", "evil"],
        &["tags", &image],
        &["tags", &image, "--names"],
        &["tags", "evil/evil/denied"],
        &["tags", "evil/evil/broken", "--timeout", "2s"],
        &["tags", "evil/evil/secret"],
        &["tags", "evil/evil/none"],
        &["inspect", &latest],
        &["inspect", &child],
        &["inspect", "evil/\u{1b}]0;t\u{7}/x"],
        &["repos", "\u{9b}31m\u{202e}"],
        &["repos", "evil", "--filter", "age>\u{1b}[2J"],
        &["repos", "evil", "--\u{1b}[2J"],
    ] {
        for format in [None, Some("--json"), Some("--jsonl"), Some("--csv")] {
            let lists = matches!(arguments[0], "repos" | "tags");
            if !lists && matches!(format, Some("--jsonl" | "--csv")) {
                continue;
            }
            let said = place.run(&arguments.iter().copied().chain(format).collect::<Vec<_>>());
            traced += usize::from(said.out.contains(TRACE) || said.err.contains(TRACE));
            for text in [&said.out, &said.err] {
                let faults = faults_of_text(text, "\n");
                assert!(faults.is_empty(), "{arguments:?} {format:?}: {faults:?}");
            }
            if matches!(format, Some("--json" | "--jsonl")) {
                assert!(said.out.is_ascii(), "{arguments:?}");
                for line in said.out.lines() {
                    serde_json::from_str::<serde_json::Value>(line)
                        .unwrap_or_else(|why| panic!("{arguments:?}: {why}: {line}"));
                }
            }
        }
    }
    assert!(traced > 15, "the corpus did not come through: {traced}");
}
