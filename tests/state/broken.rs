//! Files that are not what they should be. Whatever is there, the program comes to its end, and in time.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tagboat::store::state::StateStore;

use super::damage::{self, Damage, in_time, kept_beside};
use crate::support::listener::{Listener, answer};
use crate::support::program::{Demo, Place};
use crate::support::pty::Pty;

/// The place of a file in a home, where the directory is made.
fn at(place: &Place, name: &str) -> PathBuf {
    let path = place.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

fn good_state() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let store = StateStore::open(Some(dir.path())).unwrap();
    for n in 0..200 {
        store.set_favourite("r", &format!("a/repository/with/a/name/{n}"), true);
    }
    drop(store);
    std::fs::read(dir.path().join("state.db")).unwrap()
}

#[test]
fn favourites_cut_at_any_length_are_kept_and_that_is_said() {
    let whole = good_state();
    let page = 4096;
    assert!(whole.len() > 3 * page);
    let edges = (0..=whole.len() / page).flat_map(|n| [n * page, n * page + 1, (n * page).saturating_sub(1)]);
    let lengths: BTreeSet<usize> = edges.chain((0..whole.len()).step_by(611)).filter(|n| *n < whole.len()).collect();
    for length in lengths {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("state.db"), &whole[..length]).unwrap();
        let store = StateStore::open(Some(dir.path())).unwrap();
        let said = store.take_warning().map(|warning| warning.to_string()).unwrap_or_default();
        let kept = kept_beside(&dir.path().join("state.db"));
        // An empty file is what a program leaves that was killed right after it made one.
        assert_eq!(said.contains(".bad-"), length > 0, "{length}: {said}");
        assert_eq!(kept.iter().map(|file| file.metadata().unwrap().len()).sum::<u64>(), length as u64);
        store.set_favourite("r", "a", true);
        drop(store);
        assert_eq!(StateStore::open(Some(dir.path())).unwrap().favourites().len(), 1, "{length}");
    }
}

#[test]
fn a_start_with_broken_favourites_says_so_and_works() {
    for (damage, said, is_kept) in [
        (Damage::Cut(good_state(), 9_000), "state.db was broken. It was kept as", true),
        (Damage::Random, "state.db was broken. It was kept as", true),
        (Damage::Huge, "state.db was broken. It was kept as", true),
        (Damage::NewerDatabase, "newer tagboat", false),
        (Damage::Directory, "not saved in this run", false),
        (Damage::Fifo, "not saved in this run", false),
        (Damage::LinkToFifo, "not saved in this run", false),
        (Damage::Loop, "not saved in this run", false),
        (Damage::Dangling, "not saved in this run", false),
    ] {
        let place = Place::new("");
        let file = at(&place, "state/tagboat/state.db");
        damage.at(&file);
        let ran = in_time(place.command(&["registries", "--json"]));
        assert_eq!((ran.code, ran.out.trim()), (Some(0), "[]"), "{damage:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{damage:?}: {}", ran.err);
        assert_eq!(kept_beside(&file).len(), usize::from(is_kept), "{damage:?}");
        if is_kept {
            assert_eq!(in_time(place.command(&["registries"])).err.matches("broken").count(), 0, "said once");
        }
    }
}

#[test]
fn a_link_to_the_favourites_is_followed() {
    let place = Place::new("");
    let file = at(&place, "state/tagboat/state.db");
    std::fs::write(place.path().join("dotfiles.db"), good_state()).unwrap();
    symlink("../../dotfiles.db", &file).unwrap();
    let ran = in_time(place.command(&["registries"]));
    assert!(!ran.err.contains("state.db"), "{}", ran.err);
    assert_eq!(StateStore::open(file.parent()).unwrap().favourites().len(), 200);
    assert!(file.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn the_screen_tells_of_broken_files() {
    for (name, damage, words) in [
        ("state/tagboat/state.db", Damage::Random, "state.db was broken"),
        ("cache/tagboat/cache.db", Damage::Random, "cache.db was broken"),
        ("state/tagboat/state.db", Damage::Fifo, "not saved in this run"),
        ("config.toml", Damage::Random, "Started with defaults."),
        ("config.toml", Damage::Huge, "Started with defaults."),
        ("config.toml", Damage::Fifo, "Started with defaults."),
        ("config.toml", Damage::Directory, "Started with defaults."),
        ("config.toml", Damage::Loop, "Started with defaults."),
    ] {
        let place = Place::new("");
        damage.at(&at(&place, name));
        let mut pty = Pty::start_in(place.home, &[], 160, 30, &[]);
        pty.wait_for("tagboat");
        // A later notice may stand in the way of this one; all are in the messages.
        pty.press("gl");
        pty.wait_for(words);
        pty.press("\x1b");
        pty.press("\x03");
        pty.press("q");
        assert_eq!(pty.end(), 0, "{name} {damage:?}: {}", pty.screen());
    }
}

#[test]
fn lists_are_read_whatever_the_cache_looks_like() {
    let demo = Demo::start(&[]);
    let tags = ["tags", &demo.repo("team/checkout/api"), "--json", "--plain-http"];
    let whole = {
        let place = Place::new("");
        assert_eq!(place.run(&tags).code, Some(0));
        std::fs::read(place.path().join("cache/tagboat/cache.db")).unwrap()
    };
    let damages = [
        Damage::Cut(whole.clone(), whole.len() / 2),
        Damage::Cut(whole.clone(), whole.len() - 100),
        Damage::Cut(whole.clone(), 70),
        Damage::Middle(whole),
        Damage::Random,
        Damage::Huge,
        Damage::NewerDatabase,
        Damage::Directory,
        Damage::Fifo,
        Damage::Loop,
    ];
    for damage in damages {
        let place = Place::new("");
        let file = at(&place, "cache/tagboat/cache.db");
        damage.at(&file);
        for _start in 0..2 {
            let ran = in_time(place.command(&tags));
            assert_eq!(ran.code, Some(0), "{damage:?}: {}", ran.err);
            assert_eq!(ran.json()["tags"].as_array().map(Vec::len), Some(63), "{damage:?}");
        }
    }
}

#[test]
fn commands_name_a_config_that_cannot_be_read() {
    for damage in [Damage::Random, Damage::Huge, Damage::Directory, Damage::Fifo, Damage::LinkToFifo, Damage::Loop] {
        let place = Place::new("");
        damage.at(&place.path().join("config.toml"));
        let ran = in_time(place.command(&["registries"]));
        assert!(ran.code == Some(2) && ran.err.contains("config.toml"), "{damage:?}: {:?} {}", ran.code, ran.err);
    }
}

#[test]
fn a_sign_in_replaces_broken_secrets_and_says_where_they_are() {
    let server = Listener::start(|seen| match seen.header("authorization") {
        Some(_) => answer(200, &[], "{}"),
        None => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    });
    let login = ["login", &server.url(), "-u", "me", "--password-stdin", "--keep", "own"];
    let good = br#"{"version":1,"entries":{"r.test":{"kind":"basic","username":"u","secret":"p"}}}"#;
    let mut damages = vec![(Damage::Random, true), (Damage::Cut(vec![0; 50], 50), true)];
    damages.extend((1..good.len()).step_by(7).map(|length| (Damage::Cut(good.to_vec(), length), true)));
    let refused = [Damage::NewerSecrets, Damage::Directory, Damage::Fifo, Damage::Huge, Damage::Loop];
    damages.extend(refused.map(|damage| (damage, false)));
    for (damage, replaced) in damages {
        let place = Place::new("");
        let file = at(&place, "state/tagboat/credentials.json");
        damage.at(&file);
        let before = file.symlink_metadata().unwrap();
        let mut command = place.command(&login);
        let password = place.path().join("password");
        std::fs::write(&password, "p\n").unwrap();
        command.stdin(File::open(password).unwrap());
        let ran = in_time(command);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("credentials.json"), "{damage:?}: {said}");
        let kept = kept_beside(&file);
        if replaced {
            assert_eq!(ran.code, Some(0), "{damage:?}: {said}");
            assert!(kept.len() == 1 && said.contains(".bad-"), "{damage:?}: {said}");
        } else {
            assert_ne!(ran.code, Some(0), "{damage:?}: {said}");
            let after = file.symlink_metadata().unwrap();
            assert!(kept.is_empty() && after.len() == before.len() && after.file_type() == before.file_type());
        }
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_nobody() {
    for damage in [Damage::Directory, Damage::Fifo, Damage::Loop, Damage::Dangling] {
        let place = Place::new("");
        damage.at(&at(&place, "state/tagboat/tagboat.log"));
        let ran = in_time(place.command(&["registries"]));
        assert!(ran.code == Some(0) && ran.err.contains("There is no log"), "{damage:?}: {}", ran.err);
    }
}

#[test]
fn old_leftovers_go_at_the_next_start() {
    let place = Place::new("");
    let state = at(&place, "state/tagboat/file");
    let dirs = [state.parent().unwrap(), place.path()];
    let leave = |name: &str, age: u64| {
        dirs.map(|dir| {
            let file = dir.join(format!(".tagboat-tmp-{name}"));
            let made = File::create(&file).unwrap();
            made.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age * 3600)).unwrap();
            file
        })
    };
    let (old, young) = (leave("old", 25), leave("young", 23));
    assert_eq!(in_time(place.command(&["registries"])).code, Some(0));
    assert!(old.iter().all(|file| !file.exists()) && young.iter().all(|file| file.exists()));
}

#[test]
fn a_theme_that_is_a_pipe_is_no_wait() {
    let place = Place::new("theme = 'own.toml'");
    damage::fifo(&place.path().join("own.toml"));
    let mut pty = Pty::start_in(place.home, &["demo"], 160, 30, &[]);
    pty.wait_for("not a regular file");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn the_deadline_of_these_tests_is_one() {
    let mut sleeper = Command::new("/bin/cat");
    // A pipe that nobody closes.
    let (_open, pipe) = std::io::pipe().map(|(read, write)| (write, read)).unwrap();
    sleeper.stdin(Stdio::from(pipe));
    assert!(damage::within(sleeper, std::time::Duration::from_millis(100)).is_none());
    assert!(Path::new("/bin/cat").exists());
}
