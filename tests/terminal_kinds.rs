//! Terminals of several kinds: few colours, another program in between, slow lines, only one end of two.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;

use crate::support::program::{Demo, Place};
use crate::support::pty::{self, Pty};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tagboat");

/// A terminal that is read by the test itself.
struct Line {
    master: std::fs::File,
    name: String,
}

impl Line {
    fn open(cols: u16, rows: u16) -> Self {
        let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        Self { master: master.into(), name }
    }

    fn end(&self) -> Stdio {
        std::fs::OpenOptions::new().read(true).write(true).open(&self.name).unwrap().into()
    }

    /// Reads until this has come; everything that has.
    fn read_until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let mut buffer = [0; 512];
        loop {
            let n = self.master.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..n]);
            let all = String::from_utf8_lossy(&seen);
            if all.contains(text) {
                return all.into_owned();
            }
        }
    }
}

fn tags(args: &[&str], more: &[(&str, &str)]) -> Pty {
    let mut pty = Pty::start_with(args, 100, 30, more);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.press("\r");
    pty.wait_for("complete: ");
    pty
}

/// Codes of all SGR sequences, as numbers.
fn codes(pty: &Pty) -> Vec<Vec<u32>> {
    let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
    let sgr = regex::Regex::new("\x1b\\[([0-9;:]*)m").unwrap();
    sgr.captures_iter(&raw).map(|m| m[1].split([';', ':']).filter_map(|code| code.parse().ok()).collect()).collect()
}

#[test]
fn sixteen_colours_are_sent_in_their_short_forms() {
    for theme in ["ansi16", "dark", "light", "high-contrast"] {
        let mut pty = tags(&["demo", "--theme", theme], &[("TERM", "linux")]);
        pty.press("?");
        pty.wait_for("THIS VIEW");
        let all: Vec<u32> = codes(&pty).concat();
        let short = |code: &u32| matches!(code, 0..=9 | 22..=29 | 30..=37 | 39 | 40..=47 | 49 | 90..=97 | 100..=107);
        assert!(all.iter().all(short), "{theme}: {:?}", all.iter().find(|code| !short(code)));
        assert!(all.iter().any(|code| matches!(code, 30..=37 | 90..=97)), "{theme}: there is colour");
        pty.press("\x1b");
        pty.press("\x03");
        pty.press("q");
        pty.end();
    }
}

/// A tmux server of the test's own; it must not outlive it.
struct Server {
    socket: String,
}

impl Server {
    fn run(&self, arguments: &[&str]) -> String {
        let tmux = Command::new("tmux").args(["-S", &self.socket]).args(arguments).output();
        let output = tmux.unwrap_or_else(|why| panic!("tmux cannot be started ({why}); tests/run.sh installs it"));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn inside_tmux_it_is_drawn_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    let server = Server { socket: home.path().join("socket").display().to_string() };
    let shell = "exec env 'PS1=shell> ' /bin/bash --norc --noprofile --noediting";
    let arguments = ["-S", &server.socket, "-f", "/dev/null", "-u", "new-session", "-x", "100", "-y", "30", shell];
    let mut pty = Pty::start_program("/usr/bin/tmux", home, &arguments, 100, 30, &[]);
    pty.wait_for("shell> ");
    pty.press(&format!("{PROGRAM} demo\r"));
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    let pane = server.run(&["capture-pane", "-p"]);
    assert!(pane.contains("complete: 66 names") && pane.contains("a/b/c/d"), "{pane}");
    pty.resize(70, 20);
    pty.wait_until("as narrow as the terminal", |screen| {
        let head = screen.lines().next().unwrap_or_default().trim_end();
        head.starts_with(" demo-oci") && head.ends_with("not encrypted") && screen.contains("a/b/c/d")
    });
    pty.press("q");
    pty.wait_until("the shell again", |screen| screen.contains("shell> ") && !screen.contains("66 names"));
    let flags = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}";
    assert_eq!(server.run(&["display-message", "-p", flags]).trim(), "0 1 0");
    pty.press("exit\r");
    assert_eq!(pty.end(), 0);
}

fn start_on(home: &TempDir, arguments: &[&str], input: Stdio, output: Stdio) -> std::process::Child {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().envs(pty::env(home)).stdin(input).stdout(output).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    home
}

#[test]
fn a_slow_line_is_given_few_frames() {
    let [slow, quick] = [&["demo", "--slow"][..], &["demo"]].map(|args| {
        let mut pty = tags(args, &[]);
        let said = pty.screen().contains("This connection is slow");
        pty.press("q");
        assert!(pty.end() == 0 && !said, "it was asked for, so it is no news");
        pty.frames()
    });
    assert!(slow <= quick, "{slow} {quick}");
}

/// `slow = "auto"`: told once, by how long frames take to be written.
#[test]
fn a_slow_line_is_found_out() {
    let demo = Demo::start(&[]);
    let mut pty = Pty::start_with(&["--plain-http", &demo.repo("ci/monorepo")], 250, 120, &[]);
    // All that is read by itself: then nothing but the frames below is drawn.
    pty.wait_until("the rows and the preview", |screen| {
        screen.matches(" amd64").count() > 100 && screen.contains("Labels") && !screen.contains(" reading")
    });
    assert!(!pty.screen().contains("This connection is slow"));
    pty.slow_down(16 * 1024);
    for _frame in 0..4 {
        // The kernel holds about one for a terminal: the next has to wait until that is read.
        let before = pty.frames();
        pty.press("\x0c");
        pty.wait_for_frame(before);
    }
    pty.slow_down(0);
    // A key ends a notice; what it said is in the messages.
    pty.press("gl");
    pty.wait_for("This connection is slow");
    pty.press("\x1b");
    pty.wait_until("the messages are closed", |screen| !screen.contains("This connection is slow"));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

/// The keys come from one terminal, the screen is another, and that one goes.
#[test]
fn without_its_screen_it_ends() {
    let home = home();
    let (keys, mut screen) = (Line::open(100, 30), Line::open(100, 30));
    let mut child = start_on(&home, &["demo"], keys.end(), screen.end());
    screen.read_until("demo-oci");
    drop(screen);
    let mut hand = keys.master.try_clone().unwrap();
    hand.write_all(b"?").unwrap();
    let (ended, wait) = mpsc::channel();
    let pid = rustix::process::Pid::from_child(&child);
    std::thread::spawn(move || ended.send(child.wait().unwrap()));
    let status = wait.recv_timeout(Duration::from_secs(5));
    if status.is_err() {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    assert_eq!(status.expect("gone in time").code(), Some(129));
}

#[test]
fn times_are_local_or_utc() {
    let clock = regex::Regex::new(r"(\d\d):\d\d\S*\s.*listed 66 repositories").unwrap();
    // East of Greenwich by nine hours, by a rule in the variable itself.
    for (args, ahead) in [(&["demo"][..], 9), (&["demo", "--utc"], 0)] {
        let hour = || (jiff::Timestamp::now().as_second() / 3600 + ahead).rem_euclid(24);
        let before = hour();
        let mut pty = tags(args, &[("TZ", "TST-9")]);
        pty.press("gl");
        pty.wait_for("listed 66 repositories");
        let screen = pty.screen();
        let shown: i64 = clock.captures(&screen).unwrap_or_else(|| panic!("{screen}"))[1].parse().unwrap();
        assert!([before, hour()].contains(&shown), "{args:?}: {shown} {screen}");
    }
}

#[test]
fn without_a_cache_none_is_made() {
    let demo = Demo::start(&[]);
    let target = demo.repo("team/checkout/api");
    let cached = |more: &[&str]| {
        let place = Place::new("");
        let ran = place.run(&[&["tags", &target, "--json", "--plain-http"], more].concat());
        assert_eq!((ran.code, ran.json()["tags"].as_array().map(Vec::len)), (Some(0), Some(63)), "{}", ran.err);
        let config = Pty::start_in(place.home, &[&[target.as_str(), "--plain-http"], more].concat(), 100, 30, &[]);
        config.wait_for("complete: 63 tags");
        config.home().join("cache/tagboat/cache.db").exists()
    };
    assert!(cached(&[]) && !cached(&["--no-cache"]));
}

#[test]
fn progress_goes_to_a_terminal_and_to_nothing_else() {
    let demo = Demo::start(&[]);
    let target = demo.repo("team/checkout/api");
    for (more, shown) in [(&[][..], true), (&["--quiet"], false)] {
        let place = Place::new("");
        let mut line = Line::open(80, 24);
        let mut command = place.command(&[&["tags", &target, "--plain-http", "--json"], more].concat());
        let output = command.stderr(line.end()).stdout(Stdio::piped()).output().unwrap();
        drop(command);
        assert!(output.status.success());
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("nothing but JSON");
        assert_eq!(list["tags"].as_array().map(Vec::len), Some(63));
        // Something to read in any case.
        std::fs::OpenOptions::new().write(true).open(&line.name).unwrap().write_all(b"END").unwrap();
        let said = line.read_until("END");
        assert_eq!(said.contains(" tags"), shown, "{said:?}");
        assert_eq!(said.trim_end_matches("END").ends_with("\r\x1b[K"), shown, "wiped at the end: {said:?}");
    }
    let ran = Place::new("").run(&["tags", &target, "--plain-http"]);
    assert_eq!(ran.err, "");
}
