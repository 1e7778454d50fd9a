//! Keys as slow lines and careless hands send them.
#![cfg(unix)]

use std::time::Duration;

use crate::support::pty::{self, Pty};

/// Arrows, editing keys and function keys, as xterm and the Linux console send them.
const KEYS: [&str; 30] = [
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1bOA",
    "\x1bOB",
    "\x1bOC",
    "\x1bOD",
    "\x1b[H",
    "\x1b[F",
    "\x1bOH",
    "\x1bOF",
    "\x1b[1~",
    "\x1b[2~",
    "\x1b[3~",
    "\x1b[4~",
    "\x1b[5~",
    "\x1b[6~",
    "\x1bOP",
    "\x1bOQ",
    "\x1bOR",
    "\x1bOS",
    "\x1b[15~",
    "\x1b[24~",
    "\x1b[[A",
    "\x1b[[E",
    "\x1b[Z",
    "\x1b[1;5D",
    "\x1b[3;2~",
    "\x1b[I",
];

fn pause(milliseconds: u64) {
    // The gaps of a slow line are what is tested, not something to wait for.
    pty::pause(Duration::from_millis(milliseconds));
}

fn tags() -> Pty {
    let mut pty = Pty::start_with(&["demo"], 100, 30, &[]);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.filter("checkout/api");
    pty.wait_for("1/66 shown");
    pty.press("\r");
    pty.press("\r");
    pty.wait_for("complete: 63 tags");
    pty
}

#[test]
fn keys_in_pieces_change_nothing_but_the_view() {
    let mut pty = tags();
    for (n, key) in KEYS.iter().enumerate() {
        let gap = [10, 30, 80][n % 3];
        for byte in key.as_bytes() {
            pty.send(std::str::from_utf8(std::slice::from_ref(byte)).unwrap());
            pause(gap);
        }
        assert!(pty.running(), "{key:?}");
        let screen = pty.screen();
        assert!(!screen.contains('●') && !screen.contains("marked"), "{key:?} marked something:\n{screen}");
        assert!(!screen.contains("Forget") && !screen.contains("Theme:"), "{key:?}:\n{screen}");
    }
}

#[test]
fn a_burst_of_keys_is_no_command() {
    for burst in ["d\r31\r", " a q\rq\r", "yes q please"] {
        let mut pty = tags();
        pty.send(burst);
        pty.wait_for("looked like a paste");
        assert!(pty.running(), "{burst:?}");
        let screen = pty.screen();
        assert!(screen.contains("complete: 63 tags") && !screen.contains('●'), "{burst:?}\n{screen}");
    }
}

/// Too short to be told from quick hands; then it must not be enough to change anything.
#[test]
fn a_delete_and_enters_in_one_go_change_nothing() {
    let mut pty = tags();
    pty.send("dy\r\r");
    pty.press("gt");
    pty.wait_for("complete: 63 tags");
    let screen = pty.screen();
    assert!(!screen.contains('●') && !screen.contains("marked"), "{screen}");
}

#[test]
fn the_mouse_works_where_it_is_wanted() {
    let click = |x: u16, y: u16| format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m");
    let row = |screen: &str| screen.lines().position(|line| line.contains('▌'));
    let mut pty = Pty::start_with(&["demo", "--mouse"], 100, 30, &[]);
    pty.wait_for("demo-oci");
    assert!(String::from_utf8_lossy(&pty.raw_output()).contains("\x1b[?1000h"));
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.send(&click(20, 10));
    pty.wait_until("the cursor where the click was", |screen| row(screen) == Some(9));
    pty.send("\x1b[<65;20;10M");
    pty.wait_until("three rows down", |screen| row(screen) == Some(12));
    pty.send("\x1b[<64;20;10M");
    pty.wait_until("and back", |screen| row(screen) == Some(9));
    // Nothing below a dialog is reached.
    pty.press("?");
    pty.wait_for("THIS VIEW");
    pty.send(&click(20, 12));
    pty.send("\x1b[<65;20;10M");
    pty.press("\x1b");
    pty.wait_until("the cursor where it was", |screen| !screen.contains("THIS VIEW") && row(screen) == Some(9));
    pty.press("gm");
    pty.wait_for("Mouse off");
    assert!(String::from_utf8_lossy(&pty.raw_output()).contains("\x1b[?1000l"));
    pty.press("q");
    assert_eq!(pty.end(), 0);
    let off = Pty::start_with(&["demo"], 100, 30, &[("TAGBOAT_MOUSE", "0")]);
    off.wait_for("demo-oci");
    assert!(!String::from_utf8_lossy(&off.raw_output()).contains("\x1b[?1000h"));
}
