//! Disks that are full or read-only, and homes that are not there. What was known stays known for the run, what was
//! written before stays whole, and the user hears it.

use std::path::Path;
use std::process::Command;

use tagboat::store::state::StateStore;

use super::damage::in_time;
use crate::support::listener::{Listener, answer};
use crate::support::program::{Demo, Place};
use crate::support::pty::{self, Pty};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tagboat");

/// A shell that runs the program with files of at most so many KiB, as a full disk has room for: what is beyond that
/// fails, and the signal that would end the program is ignored.
fn full(place: &Place, kib: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("/bin/bash");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""), PROGRAM]).args(arguments);
    command.env_clear().envs(pty::env(&place.home)).stdin(std::process::Stdio::null());
    command
}

/// A shell that runs the program without the right to write where permissions forbid it, which root has.
fn unprivileged() -> Vec<&'static str> {
    match rustix::process::geteuid().is_root() {
        true => vec!["/usr/bin/setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", PROGRAM],
        false => vec![PROGRAM],
    }
}

fn read_only(dir: &Path, on: bool) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, PermissionsExt::from_mode(if on { 0o500 } else { 0o700 })).unwrap();
}

fn files(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn commands_run_on_a_full_disk() {
    let demo = Demo::start(&[]);
    for kib in [0, 1, 8, 40] {
        let place = Place::new("");
        let ran = in_time(full(&place, kib, &["tags", &demo.repo("team/checkout/api"), "--json", "--plain-http"]));
        assert_eq!(ran.code, Some(0), "{kib}: {}", ran.err);
        assert_eq!(ran.json()["tags"].as_array().map(Vec::len), Some(63), "{kib}");
    }
}

#[test]
fn favourites_survive_a_full_disk() {
    let place = Place::new("");
    let state = place.path().join("state/tagboat");
    std::fs::create_dir_all(&state).unwrap();
    let store = StateStore::open(Some(&state)).unwrap();
    for n in 0..200 {
        store.set_favourite("r", &format!("a/repository/with/a/name/{n}"), true);
    }
    drop(store);
    // Room to open it, not to write to it.
    let limit = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let config = "[[registry]]\nname = \"shop\"\nurl = \"http://127.0.0.1:1\"\nplain_http = true\n";
    std::fs::write(place.path().join("config.toml"), config).unwrap();
    let mut pty = Pty::start_program("/bin/bash", place.home, &["-c", limit, PROGRAM], 160, 30, &[]);
    pty.wait_for("Registries (1)");
    pty.press("f");
    pty.wait_for("★");
    pty.press("gl");
    pty.wait_for("not saved in this run");
    pty.press("\x1b");
    pty.wait_for("Registries (1)");
    assert_eq!(StateStore::open(Some(&state)).unwrap().favourites().len(), 200);
    pty.press("\x03");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn secrets_and_config_stay_whole_on_a_full_disk() {
    let server = Listener::start(|seen| match seen.header("authorization") {
        Some(_) => answer(200, &[], "{}"),
        None => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    });
    let place = Place::new("");
    let file = place.path().join("state/tagboat/credentials.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let entry = |n: usize| format!(r#""r{n}.test":{{"kind":"basic","username":"u","secret":"p"}}"#);
    let entries: Vec<String> = (0..40).map(entry).collect();
    let before = format!(r#"{{"version":1,"entries":{{{}}}}}"#, entries.join(","));
    std::fs::write(&file, &before).unwrap();
    let password = place.path().join("password");
    std::fs::write(&password, "p\n").unwrap();
    let login = ["login", &server.url(), "-u", "me", "--password-stdin", "--keep", "own"];
    for kib in [0, 1, 2] {
        let mut command = full(&place, kib, &login);
        command.stdin(std::fs::File::open(&password).unwrap());
        let ran = in_time(command);
        assert!(!matches!(ran.code, Some(0) | None) && ran.err.contains("credentials.json"), "{kib}: {}", ran.err);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "{kib}");
        assert!(!files(file.parent().unwrap()).iter().any(|name| name.contains("tagboat-tmp")), "{kib}");
    }
}

#[test]
fn a_directory_nobody_may_write_to_is_said_and_worked_without() {
    let place = Place::new("");
    let state = place.path().join("state/tagboat");
    std::fs::create_dir_all(&state).unwrap();
    let known = |n: usize| assert_eq!(StateStore::open(Some(&state)).unwrap().favourites().len(), n);
    StateStore::open(Some(&state)).unwrap().set_favourite("r", "a", true);
    read_only(&state, true);
    let command = unprivileged();
    let mut run = Command::new(command[0]);
    run.args(&command[1..]).args(["registries", "--json"]).env_clear().envs(pty::env(&place.home));
    let ran = in_time(run);
    assert_eq!((ran.code, ran.out.trim()), (Some(0), "[]"), "{}", ran.err);
    assert!(ran.err.contains("not saved in this run") && ran.err.contains("--state-dir"), "{}", ran.err);
    let mut pty = Pty::start_program(command[0], place.home, &command[1..], 160, 30, &[]);
    pty.wait_for("tagboat");
    pty.press("gl");
    pty.wait_for("not saved in this run");
    pty.press("\x1b");
    pty.press("\x03");
    pty.press("q");
    assert_eq!(pty.end(), 0);
    read_only(&state, false);
    known(1);
}

#[test]
fn without_a_home_it_runs_and_says_so_once() {
    let unset = ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TAGBOAT_CONFIG"];
    for home in [None, Some("relative"), Some("/proc/self/nowhere"), Some("/dev/null")] {
        let place = Place::new("");
        let mut command = place.command(&["registries", "--json"]);
        for name in unset {
            command.env_remove(name);
        }
        command.current_dir(place.path());
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let before = files(place.path());
        let ran = in_time(command);
        assert_eq!((ran.code, ran.out.trim()), (Some(0), "[]"), "{home:?}: {}", ran.err);
        let said = ran.err.matches("saved in this run").count();
        assert!((1..=2).contains(&said), "{home:?}: {}", ran.err);
        assert_eq!(files(place.path()), before, "nothing in the current directory");
    }
}
