//! What cannot be recorded is not done: a state directory that is read-only, and disks that are full from the start or in
//! the middle of a run.
#![cfg(unix)]

mod vendors;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tagboat::demo::Profile;

use crate::support::gestures::look;
use crate::support::many::{Many, REPO};
use crate::support::program::{Place, Said};
use crate::support::pty::{self, Pty};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tagboat");
const COUNT: usize = 12;

fn plan(place: &Place) -> String {
    let file = place.path().join("plan.json").to_str().unwrap().to_owned();
    let said = place.run(&["plan", &format!("r/{REPO}"), "--mark", "0.*", "--with-manifests", "--out", &file]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    file
}

/// What was deleted on the server, by its tags.
fn gone(many: &Many) -> usize {
    many.before.len() - many.tags().len()
}

/// Tags and manifests that the server was asked to delete; a question about something that does not exist is no such.
fn asked(many: &Many) -> usize {
    let known = |name: &String| {
        many.before.contains_key(name) || many.before.values().any(|digest| digest.to_string() == *name)
    };
    many.deletes().iter().filter(|name| known(name)).count()
}

/// Without the right to write where permissions forbid it, which root has.
fn unprivileged() -> Vec<&'static str> {
    match rustix::process::geteuid().is_root() {
        true => vec!["/usr/bin/setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", PROGRAM],
        false => vec![PROGRAM],
    }
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// A state directory that was there before, and cannot be written to.
fn locked(many: &Many) -> (Place, String) {
    let place = Place::new(&many.config());
    let file = plan(&place);
    let state = place.path().join("state/tagboat");
    std::fs::create_dir_all(state.join("journal")).unwrap();
    mode(&state.join("journal"), 0o500);
    mode(&state, 0o500);
    (place, file)
}

fn unlock(home: &Path) {
    let state = home.join("state/tagboat");
    mode(&state, 0o700);
    mode(&state.join("journal"), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_state_directory() {
    for profile in [Profile::Distribution3, Profile::Reference] {
        let many = Many::start(profile, COUNT).await;
        let (place, file) = locked(&many);
        let line = unprivileged();
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).args(["apply", &file, "--confirm", "12", "--json"]);
        let output = command.env_clear().envs(pty::env(&place.home)).stdin(std::process::Stdio::null()).output();
        unlock(place.path());
        let said = Said::from(output.unwrap());
        assert!(said.code.is_some_and(|code| code != 0) && !said.err.is_empty(), "{}{}", said.out, said.err);
        assert_eq!((asked(&many), gone(&many)), (0, 0), "{profile:?}: {}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_state_directory_and_the_screen() {
    let many = Many::start(Profile::Distribution3, COUNT).await;
    let (place, _) = locked(&many);
    let line = unprivileged();
    let target = format!("r/{REPO}");
    let arguments = [&line[1..], &[target.as_str()]].concat();
    let mut pty = Pty::start_program(line[0], place.home, &arguments, 120, 36, &[]);
    pty.wait_for("complete: 13 tags");
    pty.press("d");
    pty.wait_for("Enter alone does not");
    look();
    pty.press("y");
    pty.wait_for("Ended at");
    pty.wait_for("there is no directory to record it in");
    assert_eq!((asked(&many), gone(&many)), (0, 0));
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);
    unlock(pty.home());
}

/// Files of at most so many KiB, as a full disk has room for: what is beyond that fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle() {
    for profile in [Profile::Distribution3, Profile::Reference] {
        let (mut none, mut some) = (0, 0);
        for kib in [0, 4, 8, 12, 16, 20, 24, 32] {
            let case = format!("{profile:?}, {kib} KiB");
            let many = Many::start(profile, COUNT).await;
            let place = Place::new(&many.config());
            let file = plan(&place);
            let limit = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
            let mut command = Command::new("/bin/bash");
            command.args(["-c", &limit, PROGRAM, "apply", &file, "--confirm", "12", "--json"]);
            let output = command.env_clear().envs(pty::env(&place.home)).stdin(std::process::Stdio::null()).output();
            let said = Said::from(output.unwrap());
            let done = said.out.lines().filter(|line| line.contains("\"outcome\":\"done\"")).count();
            assert_eq!((asked(&many), gone(&many)), (done, done), "{case}: {}{}", said.out, said.err);
            if done == COUNT {
                break;
            }
            assert!(said.code.is_some_and(|code| code != 0), "{case}");
            assert!(said.err.contains("recorded") || said.out.contains("recorded"), "{case}: {}{}", said.out, said.err);
            none += usize::from(done == 0);
            some += usize::from(done > 0);
            // What is recorded is right, and what is open is one item at most.
            let history = place.run(&["history", "--json"]).json();
            if let Some(run) = history.get(0) {
                let account = many.account(&case, run);
                assert!(account.done + account.unknown >= done && account.unknown <= 1, "{case}: {account:?}");
            }
        }
        assert!(none > 0 && some > 0, "{profile:?}: full at once, and in the middle: {none}, {some}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_the_owners_alone() {
    let many = Many::start(Profile::Distribution3, COUNT).await;
    let place = Place::new(&many.config());
    let file = plan(&place);
    assert_eq!(place.run(&["apply", &file, "--confirm", "12"]).code, Some(0));
    let journals = place.path().join("state/tagboat/journal");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&journals), mode(journals.parent().unwrap())), (0o700, 0o700));
    let files: Vec<_> = std::fs::read_dir(&journals).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(mode(&files[0]), 0o600);
}
