//! `apply`

use std::io::{BufRead as _, BufReader};
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tagboat::demo::Profile;

use super::recorded;
use crate::support::many::{Account, Many, REPO};
use crate::support::program::Place;

/// Runs a plan of so many tags, and sends a signal when so many are told done.
fn ended_by(place: &Place, count: usize, after: usize, signal: Signal) -> ExitStatus {
    let file = place.path().join("plan.json");
    let file = file.to_str().unwrap();
    let said = place.run(&["plan", &format!("r/{REPO}"), "--mark", "0.*", "--with-manifests", "--out", file]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut command = place.command(&["apply", file, "--confirm", &count.to_string(), "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    for at in 0..after {
        let line = lines.next().unwrap_or_else(|| panic!("it ended after {at} lines"));
        assert!(line.contains("\"done\""), "{line}");
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    // What is written is read to its end: nobody reading would be another way to end it.
    let done = lines.filter(|line| line.contains("\"outcome\":\"done\"")).count();
    assert!(done < count - after, "{signal:?}: it had ended before");
    child.wait().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_end_in_the_middle_and_come_back() {
    let many = Many::start(Profile::Distribution3, 500).await;
    let place = Place::new(&many.config());
    let status = ended_by(&place, 500, 200, Signal::KILL);
    assert_eq!(status.code(), None, "killed");
    many.server.clear_log();
    let run = recorded(&place);
    let Account { done, unknown, skipped } = many.account("killed", &run);
    assert!(done >= 199 && unknown <= 1 && done + unknown + skipped == 500, "{done} {unknown} {skipped}");
    assert_eq!((many.deletes(), run["finished"].as_bool()), (vec![], Some(false)), "nothing runs by itself");
    let id = run["id"].as_str().unwrap();
    let said = place.run(&["undo", id, "--yes"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(many.tags(), many.before, "the same digests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_after_the_item_and_the_journal_with_it() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        for profile in [Profile::Distribution3, Profile::Reference] {
            let case = format!("{signal:?}, {profile:?}");
            let many = Many::start(profile, 100).await;
            let place = Place::new(&many.config());
            assert_eq!(ended_by(&place, 100, 40, signal).code(), Some(code), "{case}");
            let run = recorded(&place);
            let account = many.account(&case, &run);
            assert_eq!((account.unknown, run["finished"].as_bool()), (0, Some(true)), "{case}");
            assert!(account.done >= 40 && account.done + account.skipped == 100, "{case}: {account:?}");
            // A second run takes the rest, and the first is no hindrance.
            let file = place.path().join("rest.json");
            let said = place.run(&[
                "plan",
                &format!("r/{REPO}"),
                "--mark",
                "0.*",
                "--with-manifests",
                "--out",
                file.to_str().unwrap(),
            ]);
            assert_eq!(said.code, Some(0), "{case}: {}", said.err);
            let said = place.run(&["apply", file.to_str().unwrap(), "--confirm", &account.skipped.to_string()]);
            assert_eq!((said.code, many.tags().len()), (Some(0), 1), "{case}: {}{}", said.out, said.err);
        }
    }
}
