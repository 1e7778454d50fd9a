//! Pasted, typed ahead, or left over from a broken escape sequence: none of it deletes.

use std::time::Duration;

use tagboat::demo::{Fault, Profile, Rule};

use super::{REPO, SIZES, Site, look};
use crate::support::pty;

/// What was sent before has been taken by now, and no job has begun.
#[track_caller]
fn nothing_happened(site: &mut Site, case: &str) {
    // Whatever is open is closed; then the answer to a key that was pressed after everything else is seen.
    for _ in 0..4 {
        site.pty.press("\x1b");
    }
    // A key right behind an Esc may be read as one with it.
    site.pty.press("\x0c");
    site.pty.go_to(REPO);
    site.pty.press("\r");
    site.pty.wait_for("complete: 9 tags");
    let screen = site.pty.screen();
    assert!(!screen.contains("Job 1"), "{case}:\n{screen}");
    assert_eq!(site.deletes(), [""; 0], "{case}");
    assert_eq!(site.tags().len(), 9, "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bursts_and_pastes_before_the_plan_is_there() {
    let mut site = Site::new(Profile::Distribution3, SIZES[0], "").await;
    for text in ["dy\r\r", "dy", "d\r", "d\t\ty\r", "d\t\t\t\r\r", "ad9\t\r", "d1\t\ry", "yes, dy\r"] {
        site.pty.send(text);
        nothing_happened(&mut site, &format!("{text:?} in one go"));
        site.pty.press(&format!("\x1b[200~{text}\x1b[201~"));
        nothing_happened(&mut site, &format!("{text:?} pasted"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_typed_ahead_of_a_plan_that_is_being_read() {
    for early in ["y", "\r", "\t\r", "\t\t\ty"] {
        let mut site = Site::new(Profile::Distribution3, SIZES[1], "").await;
        // Slow enough that the keys come while it is read.
        let slow = Fault::Delay(Duration::from_millis(600));
        site.server.faults().add(Rule::on("/tags/list", slow));
        site.pty.press("d");
        site.pty.wait_for("Delete plan");
        for key in early.chars() {
            site.pty.press(&key.to_string());
        }
        nothing_happened(&mut site, &format!("{early:?} typed ahead"));
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bursts_and_pastes_into_an_open_plan() {
    for marks in ["", "a"] {
        let mut site = Site::new(Profile::Distribution3, SIZES[0], "").await;
        for text in ["y\r", "yyyyyy", "\t\t\r", "\t\t9\t\r", "team/app\t\r", "\t\tteam/app\t\r\r"] {
            for pasted in [true, false] {
                site.pty.press(marks);
                site.plan();
                if pasted {
                    site.pty.press(&format!("\x1b[200~{text}\x1b[201~"));
                } else if text.len() >= 5 || !marks.is_empty() {
                    // Fewer keys of a plan for one tag may be a quick hand.
                    site.pty.send(text);
                }
                nothing_happened(&mut site, &format!("{text:?} into a plan, marked by {marks:?}, pasted: {pasted}"));
            }
        }
    }
}

/// A marked paste does not even fill the field. One that cannot be told from typing does, and starts nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_paste_into_the_field_does_not_start() {
    let mut site = Site::new(Profile::Distribution3, SIZES[1], "").await;
    for (text, seen) in [
        ("\x1b[200~team/app\r\x1b[201~", "Pasted text confirms nothing here"),
        ("team/app\t\r", "matches"),
        ("team/app\r\r\t\r", "matches"),
    ] {
        site.pty.press("a");
        site.pty.wait_for("9 marked");
        site.plan();
        site.pty.press("\t");
        site.pty.press("\t");
        look();
        site.pty.press(text);
        site.pty.wait_for(seen);
        nothing_happened(&mut site, &format!("{text:?} into the field"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_sequences_in_pieces() {
    for size in SIZES {
        let mut site = Site::new(Profile::Distribution3, size, "").await;
        for (n, key) in ["\x1b[D", "\x1b[A", "\x1bOP", "\x1b[1~", "\x1b[3~", "\x1b[Z", "\x1b[1;5D"].iter().enumerate() {
            for gap in [15, 40, 90] {
                if n % 2 == 0 {
                    site.plan();
                }
                for byte in key.chars() {
                    site.pty.send(&byte.to_string());
                    pty::pause(Duration::from_millis(gap));
                }
                nothing_happened(&mut site, &format!("{key:?} with gaps of {gap} ms"));
            }
        }
    }
}
