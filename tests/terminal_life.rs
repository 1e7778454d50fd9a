//! However it ends, the terminal is as it was before.
#![cfg(unix)]

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::pty::{self, Pty};

fn demo(env: &[(&str, &str)]) -> Pty {
    let pty = Pty::start_with(&["demo"], 100, 30, env);
    pty.wait_for("demo-oci");
    pty
}

#[track_caller]
fn assert_restored(pty: &Pty, code: u32) {
    assert_eq!(pty.end(), code);
    assert!(pty.settings_are_back(), "the line settings have changed");
    let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
    let last = raw.rfind("\x1b[?1049l").expect("the alternate screen is left");
    for undo in ["\x1b[?25h", "\x1b[?1000l", "\x1b[?2004l"] {
        assert!(raw[last.saturating_sub(64)..].contains(undo), "{undo:?}");
    }
    assert!(!raw[last..].contains("\x1b[?25l") && !raw[last..].contains("\x1b[?2026h"), "drawn after the end");
}

#[test]
fn every_end_restores_the_terminal() {
    let mut pty = demo(&[]);
    pty.press("q");
    assert_restored(&pty, 0);
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)] {
        let pty = demo(&[]);
        pty.signal(signal);
        assert_restored(&pty, code);
    }
}

#[test]
fn a_panic_restores_the_terminal_first_and_then_speaks() {
    let pty = Pty::start_with(&["demo"], 100, 30, &[("TAGBOAT_TEST_PANIC", "main")]);
    assert_restored(&pty, 101);
    let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
    let left = raw.rfind("\x1b[?1049l").unwrap();
    assert!(raw[left..].contains("stopped because of an internal error"), "{}", &raw[left..]);
    assert!(!raw[..left].contains("internal error"));
}

#[test]
fn a_panic_in_a_task_does_not_touch_the_screen() {
    let mut pty = demo(&[("TAGBOAT_TEST_PANIC", "task")]);
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    let log = pty.home().join("state/tagboat/tagboat.log");
    pty.wait_until("the log tells", |_| {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("asked for by a test"))
    });
    assert!(!String::from_utf8_lossy(&pty.raw_output()).contains("asked for by a test"));
    pty.press("q");
    assert_restored(&pty, 0);
}

/// The demo on a terminal line that is nobody's session: no hangup comes when it goes.
fn on_a_bare_line(home: &tempfile::TempDir) -> (std::fs::File, std::process::Child) {
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let line = || std::fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_tagboat"))
        .arg("demo")
        .env_clear()
        .envs(pty::env(home))
        .stdin(line())
        .stdout(line())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (std::fs::File::from(master), child)
}

/// Asserts that it ends with this code in this time; it is killed when it does not.
#[track_caller]
fn assert_ends(mut child: std::process::Child, time: Duration, code: i32) {
    let pid = rustix::process::Pid::from_child(&child);
    let (ended, wait) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait().unwrap()));
    let status = wait.recv_timeout(time);
    if status.is_err() {
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
    assert_eq!(status.expect("gone in time").code(), Some(code));
}

/// A terminal that is gone without any signal: no session of ours, so nobody sends a hangup.
#[test]
fn without_a_terminal_it_is_gone_in_three_seconds() {
    let home = tempfile::tempdir().unwrap();
    let (mut master, child) = on_a_bare_line(&home);
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&seen).contains("demo-oci") {
        let n = master.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..n]);
    }
    drop(master);
    assert_ends(child, Duration::from_secs(3), 129);
}

/// Nobody reads the terminal: the frame that is being written never ends.
#[test]
fn a_stuck_terminal_does_not_hold_up_the_end() {
    let home = tempfile::tempdir().unwrap();
    let (mut master, child) = on_a_bare_line(&home);
    let mut first = [0; 1];
    master.read_exact(&mut first).unwrap();
    // Redraws until the line is full: then nothing more can be sent, and the program is stuck.
    let (full, wait) = mpsc::channel();
    let mut keys = master.try_clone().unwrap();
    std::thread::spawn(move || {
        use std::io::Write as _;
        while keys.write_all(b"\x0c").is_ok() && full.send(()).is_ok() {}
    });
    while wait.recv_timeout(Duration::from_secs(2)).is_ok() {}
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert_ends(child, Duration::from_secs(5), 143);
}

#[test]
fn stopped_and_continued_in_a_shell_with_another_size() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    let args = ["--norc", "--noprofile", "--noediting", "-i"];
    let mut pty = Pty::start_program("/bin/bash", home, &args, 100, 30, &[("PS1", "shell> ")]);
    pty.wait_for("shell> ");
    pty.press("stty -g | cksum | sed 's/^/before /'\r");
    pty.wait_until("the settings", |screen| screen.lines().any(|line| line.starts_with("before ")));
    let settings = |screen: &str, word: &str| {
        screen.lines().find_map(|line| line.strip_prefix(word)).map(str::trim).unwrap_or_default().to_owned()
    };
    let before = settings(&pty.screen(), "before ");
    let program = env!("CARGO_BIN_EXE_tagboat");
    pty.press(&format!("{program} demo\r"));
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.press("\x1a");
    pty.wait_for("Stopped");
    pty.press("stty -g | cksum | sed 's/^/while /'\r");
    pty.wait_until("the settings", |screen| screen.lines().any(|line| line.starts_with("while ")));
    assert_eq!(settings(&pty.screen(), "while "), before);
    pty.resize(80, 20);
    pty.press("fg\r");
    pty.wait_for("complete: 66 names");
    pty.wait_until("as wide as the terminal", |screen| {
        screen.lines().nth(1).is_some_and(|line| line.chars().count() == 80 && line.contains("Repositories"))
    });
    pty.press("q");
    pty.wait_until("the prompt", |screen| screen.contains("fg") && screen.trim_end().ends_with("shell>"));
    pty.press("stty -g | cksum | sed 's/^/after /'\r");
    pty.wait_until("the settings", |screen| screen.lines().any(|line| line.starts_with("after ")));
    assert_eq!(settings(&pty.screen(), "after "), before);
    pty.press("exit 0\r");
    assert_eq!(pty.end(), 0);
}

#[test]
fn terminals_that_cannot_show_it_are_told_in_one_sentence() {
    for (term, words) in [("dumb", "TERM is \"dumb\""), ("", "TERM is not set")] {
        let pty = Pty::start_with(&["demo"], 80, 24, &[("TERM", term)]);
        assert_eq!(pty.end(), 2);
        let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
        assert!(raw.contains(words) && !raw.contains('\x1b'), "{raw}");
        assert_eq!(raw.trim().lines().count(), 2, "{raw}");
    }
}

#[test]
fn a_wrong_config_is_told_on_the_screen() {
    for (config, words) in
        [("them = 'dark'", "config.toml:1:1: unknown key “them”"), ("[keys.tags]\nmark = 'v'", "config.toml:2:1: ")]
    {
        let mut pty = Pty::start_configured(config, &["demo"], 140, 30, &[]);
        pty.wait_for("Started with defaults. ");
        pty.wait_for(words);
        pty.press("\r");
        pty.wait_for("complete: 66 names");
        pty.press("q");
        assert_restored(&pty, 0);
    }
}

#[test]
fn accessible_means_no_frames_no_other_screen_and_a_cursor_to_read_by() {
    let mut pty = Pty::start_with(&["demo", "--accessible"], 120, 30, &[]);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    let screen = pty.screen();
    assert!(!screen.contains(['│', '─', '┌', '█', '|']), "{screen}");
    let (row, _) = pty.cursor();
    assert!(screen.lines().nth(row.into()).is_some_and(|line| line.starts_with(" ▌")), "{row}: {screen}");
    pty.press("j");
    pty.wait_until("the cursor row", |screen| {
        screen.lines().nth(usize::from(row) + 1).is_some_and(|l| l.starts_with(" ▌"))
    });
    assert_eq!(pty.cursor().0, row + 1);
    pty.press("q");
    assert_eq!(pty.end(), 0);
    assert!(pty.settings_are_back());
    let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
    assert!(!raw.contains("\x1b[?1049") && raw.ends_with("\r\n"), "{:?}", &raw[raw.len() - 60..]);
}
