//! Where nothing may be written, nothing is: every command, every key of the interface and every call of a client against
//! servers of every kind that count what is more than a read.
#![cfg(unix)]

mod keys;
mod kinds;

use clap::CommandFactory as _;
use tagboat::app::action::{Action, Group};
use tagboat::app::keymap::{Keymap, spell};
use tagboat::demo::{Logged, OciOptions, OciServer, Profile, start_oci};

use crate::support::cleanup::{REPO, store};
use crate::support::program::Place;
use crate::support::pty::Pty;

async fn server() -> OciServer {
    start_oci(store(), OciOptions { profile: Profile::Distribution3, ..OciOptions::default() }).await.expect("a port")
}

fn config(server: &OciServer, more: &str) -> String {
    format!("[[registry]]\nname = 'r'\nurl = '{}'\n{more}", server.url)
}

/// Requests that are more than a read, or a sign-in.
fn writes(log: Vec<Logged>) -> Vec<Logged> {
    let reads = |one: &Logged| {
        let read = matches!(one.method.as_str(), "GET" | "HEAD");
        // ML Space makes a new password by a GET.
        read && !one.path.ends_with("generate_password") || one.path.ends_with("auth") || one.path.contains("token")
    };
    log.into_iter().filter(|one| !reads(one)).collect()
}

#[track_caller]
fn nothing_written(case: &str, server: &OciServer) {
    let writes = writes(server.log());
    assert!(writes.is_empty(), "{case}: {writes:?}");
}

/// The lines of each command that are tried; `ID` is an operation that can be undone.
fn lines(command: &str) -> Option<&'static [&'static str]> {
    Some(match command {
        "apply" => &["PLAN --confirm 1", "PLACEHOLDER --confirm 1", "PLAN --dry-run"],
        "undo" => &["ID --yes", "ID --yes --overwrite", "ID --dry-run"],
        "tag" => &["r/team/app:c new", "r/team/app:c d --yes", "r/team/app:c new --dry-run"],
        "copy" => &["r/team/app:c r/team/other:c", "r/team/app:i r/team/other --dry-run"],
        "plan" => {
            &["r/team/app --mark *", "r/team/app --tag a1 --placeholder", "r/team/app --untagged --with-children"]
        }
        "history" => &["", "ID"],
        "registries" | "doctor" | "keys" | "man" => &[""],
        "config" => &["check", "path", "example"],
        "completions" => &["bash"],
        "repos" => &["r"],
        "labels" => &["list", "set r/team/app c --label keep", "favourite r/team/app", "export"],
        "tags" => &["r/team/app", "r/team/app --names"],
        "inspect" => &["r/team/app:a1", "r/team/app:i"],
        "login" | "logout" => &["r"],
        // Of its own registries, which nobody else sees.
        "demo" => &[],
        _ => return None,
    })
}

/// A place with two plans and an operation in its history. One tag is gone.
async fn prepared() -> (OciServer, Place, String) {
    let server = server().await;
    let place = Place::new(&config(&server, ""));
    let file = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let plan = |rules: &[&str], name: &str| {
        let said = place.run(&[&["plan", "r/team/app", "--out", &file(name)], rules].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
    };
    plan(&["--tag", "b"], "plan.json");
    assert_eq!(place.run(&["apply", &file("plan.json"), "--confirm", "1"]).code, Some(0));
    plan(&["--tag", "c"], "plan.json");
    plan(&["--tag", "a1", "--placeholder"], "placeholder.json");
    let id = place.run(&["history", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    server.clear_log();
    (server, place, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_writes_in_read_only_mode() {
    let (server, place, id) = prepared().await;
    let before = server.store().repositories[REPO].tags.clone();
    let mut commands = tagboat::cli::Cli::command();
    commands.build();
    for (mode, flag) in [("", "--read-only"), ("mode = 'ro'\n", "-q")] {
        std::fs::write(place.path().join("config.toml"), config(&server, mode)).unwrap();
        for command in commands.get_subcommands().map(|command| command.get_name()).filter(|name| *name != "help") {
            let Some(lines) = lines(command) else { panic!("{command} is not among what is tried here") };
            for line in lines {
                let words = line.split(' ').filter(|word| !word.is_empty()).map(|word| match word {
                    "ID" => id.clone(),
                    "PLAN" => place.path().join("plan.json").to_str().unwrap().to_owned(),
                    "PLACEHOLDER" => place.path().join("placeholder.json").to_str().unwrap().to_owned(),
                    word => word.to_owned(),
                });
                let words: Vec<String> = [flag.to_owned(), command.to_owned()].into_iter().chain(words).collect();
                let said = place.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
                let case = format!("{mode}{words:?}: {}", said.err);
                nothing_written(&case, &server);
                let refused = matches!(command, "apply" | "copy" | "undo" | "tag") && !line.contains("--dry-run");
                assert_eq!(said.code == Some(6), refused, "{case}: {:?}", said.code);
            }
        }
    }
    assert_eq!(server.store().repositories[REPO].tags, before);
    assert!(server.log().len() > 30, "it was read all the same");
}

/// The same commands where writing is allowed: only dry ones are tried.
#[tokio::test(flavor = "multi_thread")]
async fn no_dry_run_writes() {
    let (server, place, id) = prepared().await;
    let file = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    for line in [
        &["apply", &file("plan.json"), "--dry-run"][..],
        &["apply", &file("placeholder.json"), "--dry-run"],
        &["undo", &id, "--dry-run"],
        &["undo", &id, "--dry-run", "--yes", "--overwrite"],
        &["tag", "r/team/app:c", "new", "--dry-run"],
        &["tag", "r/team/app:c", "d", "--dry-run", "--yes"],
        &["copy", "r/team/app:c", "r/team/other:c", "--dry-run"],
    ] {
        let said = place.run(line);
        assert_eq!(said.code, Some(0), "{line:?}: {}", said.err);
        nothing_written(&format!("{line:?}"), &server);
    }
}

/// Back to the list of tags, whatever a key has opened.
fn home(pty: &mut Pty) {
    for _ in 0..3 {
        pty.press("\x1b");
    }
    // A key right behind an Esc may be read as one with it.
    pty.press("\x0c");
    pty.go_to(REPO);
    pty.press("\r");
    pty.wait_for("Tags  9 ");
    pty.press("a");
    pty.wait_for("9 marked");
}

/// Every key that does something to what is shown, with what confirms and what fills fields behind it.
async fn no_key_writes(mode: &str, arguments: &[&str]) {
    let server = server().await;
    let before = server.store().repositories[REPO].tags.clone();
    let line = [arguments, &["r/team/app"]].concat();
    let mut pty = Pty::start_configured(&config(&server, mode), &line, 120, 36, &[]);
    pty.wait_for("complete: 9 tags");
    pty.press("a");
    pty.wait_for("9 marked");
    let map = Keymap::builtin();
    let mut tried = 0;
    for action in Action::ALL.iter().filter(|action| action.group() == Group::View) {
        let view = if map.keys("tags", *action).is_empty() { "image" } else { "tags" };
        let bound = map.bindings(view).iter().find(|binding| binding.action == *action);
        let Some(binding) = bound else { continue };
        if view == "image" {
            pty.press("\r");
        }
        for key in &binding.keys {
            pty.press(&pressed(&spell(&[*key])));
        }
        for keys in ["y", "\t\t", REPO, "\t", "\r", "y"] {
            pty.press(keys);
        }
        assert!(pty.running(), "{}", action.name());
        home(&mut pty);
        nothing_written(action.name(), &server);
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
    assert_eq!(server.store().repositories[REPO].tags, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_writes_in_read_only_mode() {
    no_key_writes("", &["--read-only"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_writes_to_a_read_only_registry() {
    no_key_writes("mode = 'ro'\n", &[]).await;
}

fn pressed(key: &str) -> String {
    match key {
        "space" => " ".to_owned(),
        "enter" => "\r".to_owned(),
        "esc" => "\x1b".to_owned(),
        "tab" => "\t".to_owned(),
        "backtab" => "\x1b[Z".to_owned(),
        "down" => "\x1b[B".to_owned(),
        "up" => "\x1b[A".to_owned(),
        "pagedown" => "\x1b[6~".to_owned(),
        "pageup" => "\x1b[5~".to_owned(),
        "home" => "\x1b[H".to_owned(),
        "end" => "\x1b[F".to_owned(),
        key => match key.strip_prefix("ctrl-") {
            Some(letter) => char::from(letter.as_bytes()[0] & 0x1f).to_string(),
            None => key.to_owned(),
        },
    }
}
