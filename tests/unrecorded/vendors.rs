//! At the systems that are not OCI: the disk is full from the start, or in the middle, of deletions of tags and of whole
//! repositories.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use tagboat::domain::registry::BackendKind;

use super::PROGRAM;
use crate::support::gestures::look;
use crate::support::program::{Place, Said};
use crate::support::pty::{self, Pty};
use crate::support::sweeps::{KINDS as SWEEPING, Site as Swept};
use crate::vendor_deletes::{KINDS, SECRET, Site};

/// The program where files have at most so many bytes, as on a disk without more room.
fn with_room_for(bytes: usize) -> Vec<String> {
    let limit = format!("trap '' XFSZ; exec prlimit --fsize={bytes} \"$0\" \"$@\"");
    ["/bin/bash", "-c", &limit, PROGRAM].map(str::to_owned).into()
}

/// The lengths of the only journal after each of its lines.
fn lines(home: &Path) -> Vec<usize> {
    let mut files = std::fs::read_dir(home.join("state/tagboat/journal")).expect("journals");
    let text = std::fs::read_to_string(files.next().expect("a journal").expect("an entry").path()).expect("text");
    let mut length = 0;
    let ends = text.split_inclusive('\n').map(|line| {
        length += line.len();
        length
    });
    ends.collect()
}

/// What tags are deleted, and the number that is typed for them.
async fn many(kind: BackendKind) -> (Site, Place, String, usize) {
    let (site, marks) = match kind {
        BackendKind::MlSpace => (Site::ml_space(250).await, vec!["--mark", "n*"]),
        kind => {
            let site = Site::of(kind).await;
            let marks = ["--tag", site.shared[0], site.shared[1], site.single].into();
            (site, marks)
        }
    };
    let place = site.place();
    let file = place.path().join("plan.json").display().to_string();
    let target = format!("r/{}", site.repo);
    let said = site.run(&place, &[&["plan", &target, "--out", &file, "--json"], &marks[..]].concat());
    assert_eq!(said.code, Some(0), "{kind:?}: {}", said.err);
    let count = said.json()["items"].as_array().expect("items").len();
    (site, place, file, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle_of_a_vendors_batch() {
    for kind in KINDS {
        let (site, place, file, count) = many(kind).await;
        let said = site.run(&place, &["apply", &file, "--confirm", &count.to_string()]);
        assert_eq!(said.code, Some(0), "{kind:?}: {} {}", said.out, said.err);
        let (ends, requests) = (lines(place.path()), site.writes().len());
        assert!(requests > 2, "{kind:?}: {requests}");
        // Behind the plan, and from there on in the middle of a line.
        let (mut none, mut some) = (0, 0);
        for at in [0, 1, ends.len() / 3, ends.len() / 2] {
            let room = ends[at] + 20;
            let case = format!("{kind:?}, room for {} of {} lines", at + 1, ends.len());
            let (site, place, file, count) = many(kind).await;
            let before = site.tags().len();
            let line = with_room_for(room);
            let mut command = std::process::Command::new(&line[0]);
            command.args(&line[1..]).args(["apply", &file, "--confirm", &count.to_string(), "--json"]);
            command.env_clear().envs(pty::env(&place.home)).env(SECRET, &site.secret);
            let output = command.stdin(std::process::Stdio::null()).output().expect("it starts");
            assert_eq!(output.status.signal(), None, "{case}");
            let said = Said::from(output);
            let gone = before - site.tags().len();
            let done = said.out.lines().filter(|line| line.contains("\"outcome\":\"done\"")).count();
            assert_eq!(gone, done, "{case}: {}{}", said.out, said.err);
            assert!(done < count && site.writes().len() < requests, "{case}: it stopped before the next request");
            assert!(said.code.is_some_and(|code| code != 0), "{case}");
            assert!(said.out.contains("cannot be recorded is not done"), "{case}: {}{}", said.out, said.err);
            none += usize::from(done == 0);
            some += usize::from(done > 0);
            // What is recorded is right, and what is open is what one request was about.
            let history = site.run(&place, &["history", "--json"]).json();
            let items = history[0]["items"].as_array().expect("items");
            let of = |word: &str| items.iter().filter(|item| item["outcome"] == word).count();
            let most = if kind == BackendKind::MlSpace { 100 } else { 1 };
            let (told, open) = (of("done"), of("unknown"));
            assert!(told <= done && done <= told + open && open <= most, "{case}: {told} {open}, {done}");
        }
        assert!(none > 0 && some > 0, "{kind:?}: full at once, and in the middle: {none}, {some}");
    }
}

/// The plan for three repositories, confirmed; where the program has this much room.
fn sweep(site: &Swept, room: Option<usize>) -> Pty {
    let (config, secret) = site.config();
    let home = tempfile::tempdir().expect("a directory");
    std::fs::write(home.path().join("config.toml"), config).expect("a config");
    let line = room.map_or_else(|| vec![PROGRAM.to_owned()], with_room_for);
    let arguments: Vec<&str> = line[1..].iter().map(String::as_str).chain(["site"]).collect();
    let mut pty = Pty::start_program(&line[0], home, &arguments, 120, 36, &[("SITE_SECRET", &secret)]);
    pty.wait_for("complete");
    for repo in site.three() {
        pty.narrow(repo.as_str(), "shown");
        pty.press(" ");
        pty.press("\x1b");
        pty.wait_until("all rows", |screen| !screen.contains("shown"));
    }
    pty.press("d");
    pty.wait_for("Cannot be undone");
    pty.wait_for("facts of");
    look();
    pty.press("\t");
    pty.press("\t");
    pty.type_what_is_asked(if site.is_cloud() { "3" } else { "3 site" });
    pty.wait_for("Ended at");
    pty
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle_of_a_sweep() {
    for kind in SWEEPING {
        let site = Swept::start(kind).await;
        let pty = sweep(&site, None);
        pty.wait_for("ok 3");
        let (ends, all) = (lines(pty.home()), site.deletes());
        drop(pty);
        // The plan, and nothing more; and what one request takes, with not all that became of it.
        for (at, gone) in [(0, 0), (if site.batches() { 3 } else { 2 }, if site.batches() { 3 } else { 1 })] {
            let case = format!("{kind:?}, room for {} of {} lines", at + 1, ends.len());
            let site = Swept::start(kind).await;
            let before = site.holds().len();
            let mut pty = sweep(&site, Some(ends[at] + 20));
            pty.wait_for("cannot be recorded is not done");
            assert_eq!(before - site.holds().len(), gone, "{case}: {}", pty.screen());
            let sent = site.deletes();
            assert_eq!(sent, if gone == 0 { 0 } else { all / if site.batches() { 1 } else { 3 } }, "{case}");
            pty.press("\x1b");
            pty.press("q");
            assert_eq!(pty.end(), 0, "{case}");
            assert_eq!(site.deletes(), sent, "{case}");
        }
    }
}
