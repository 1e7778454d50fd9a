//! The interface: a job that is stopped, and a terminal or a program that is gone.

use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use tagboat::demo::{Fault, Profile, Rule};

use super::recorded;
use crate::support::line::{Line, Owner};
use crate::support::many::{Many, REPO};
use crate::support::program::Place;
use crate::support::pty;

/// Enough that the end comes in the middle.
const COUNT: usize = 500;
const SOME: usize = 200;

/// How many of all have ended, as the progress says it.
fn ended(screen: &str, all: usize) -> usize {
    let count = |line: &str| {
        let (before, _) = line.split_once(&format!("/{all} "))?;
        before.rsplit([' ', ']']).next()?.trim().parse().ok()
    };
    screen.lines().find_map(count).unwrap_or_default()
}

/// Marks all but one of the tags and confirms the plan.
fn begin(place: &Place, owner: Owner, count: usize) -> Line {
    let mut line = Line::start(&place.home, owner, &[&format!("r/{REPO}")]);
    line.wait_for(&format!("complete: {} tags", count + 1));
    line.press("/");
    line.wait_for("Enter keep");
    line.press("0.");
    line.wait_for(&format!("{count}/{} shown", count + 1));
    line.press("\r");
    line.press("a");
    line.wait_for(&format!("{count} marked"));
    line.press("d");
    line.wait_for(&format!("type the number of tags: {count}"));
    // Keys are not taken before the plan has been seen.
    pty::pause(Duration::from_millis(300));
    line.press("\t");
    line.press("\t");
    line.press(&count.to_string());
    line.wait_for("matches");
    line.press("\t");
    pty::pause(Duration::from_millis(300));
    line.press("\r");
    line.wait_for("Job 1");
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn x_stops_it_between_two_items() {
    let many = Many::start(Profile::Distribution3, COUNT).await;
    let place = Place::new(&many.config());
    let mut line = begin(&place, Owner::Session, COUNT);
    line.wait_until("some", |screen| ended(screen, COUNT) >= SOME);
    line.press("x");
    line.wait_for("Ended at");
    let run = recorded(&place);
    let account = many.account("stopped", &run);
    assert_eq!((account.unknown, run["finished"].as_bool()), (0, Some(true)));
    assert!(account.done >= SOME && account.skipped > 0 && account.done + account.skipped == COUNT, "{account:?}");
    line.wait_for(&format!("ok {}", account.done));
    // What is left is planned again with one key, and nothing else.
    line.press("r");
    line.wait_for(&format!("type the number of tags: {}", account.skipped));
    line.press("\x1b");
    line.press("\x1b");
    line.wait_for(&format!("{} marked", account.skipped));
    line.press("q");
    assert_eq!(line.end(Duration::from_secs(10)).code(), Some(0));
    let sent = many.deletes().into_iter().filter(|name| many.before.contains_key(name)).count();
    assert_eq!(sent, account.done);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_killed_in_the_middle() {
    let many = Many::start(Profile::Distribution3, 500).await;
    let place = Place::new(&many.config());
    let mut line = begin(&place, Owner::Session, 500);
    line.wait_until("a hundred", |screen| ended(screen, 500) >= 100);
    kill_process(line.id(), Signal::KILL).unwrap();
    assert_eq!(line.end(Duration::from_secs(3)).code(), None);
    let run = recorded(&place);
    let account = many.account("killed", &run);
    assert_eq!(run["finished"].as_bool(), Some(false));
    assert!(account.unknown <= 1 && account.done >= 100 && account.skipped > 0, "{account:?}");
    assert_eq!(account.done + account.unknown + account.skipped, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_closed_ends_it_after_the_item() {
    for owner in [Owner::Session, Owner::Nobody] {
        let many = Many::start(Profile::Distribution3, COUNT).await;
        let place = Place::new(&many.config());
        let mut line = begin(&place, owner, COUNT);
        line.wait_until("some", |screen| ended(screen, COUNT) >= SOME);
        line.hang_up();
        let sent = many.deletes().len();
        assert_eq!(line.end(Duration::from_secs(3)).code(), Some(129), "{owner:?}");
        let run = recorded(&place);
        let account = many.account(&format!("{owner:?}"), &run);
        assert_eq!((account.unknown, run["finished"].as_bool()), (0, Some(true)), "{owner:?}");
        assert!(account.skipped > 0 && account.done + account.skipped == COUNT, "{owner:?}: {account:?}");
        // The one that was under way, and another that had begun before anybody could know.
        assert!(account.done <= sent + 2, "{owner:?}: {} after {sent}", account.done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_after_the_item() {
    let many = Many::start(Profile::Distribution3, COUNT).await;
    let place = Place::new(&many.config());
    let mut line = begin(&place, Owner::Session, COUNT);
    line.wait_until("some", |screen| ended(screen, COUNT) >= SOME);
    kill_process(line.id(), Signal::TERM).unwrap();
    assert_eq!(line.end(Duration::from_secs(3)).code(), Some(143));
    let run = recorded(&place);
    let account = many.account("SIGTERM", &run);
    assert_eq!((account.unknown, run["finished"].as_bool()), (0, Some(true)));
    assert!(account.skipped > 0 && account.done + account.skipped == COUNT, "{account:?}");
}

/// A registry that never answers holds nobody up: the item is left open, and told so.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_does_not_hold_up_the_end() {
    for owner in [Owner::Session, Owner::Nobody] {
        let many = Many::start(Profile::Distribution3, COUNT).await;
        let place = Place::new(&many.config());
        many.server.faults().add(Rule::on("/manifests/0.71", Fault::Silence).method("DELETE"));
        let mut line = begin(&place, owner, COUNT);
        let stuck = Instant::now();
        while !many.deletes().iter().any(|tag| tag == "0.71") {
            assert!(stuck.elapsed() < Duration::from_secs(30), "{owner:?}: {:?}", many.deletes());
            tokio::task::yield_now().await;
        }
        line.hang_up();
        line.end(Duration::from_secs(3));
        let run = recorded(&place);
        let account = many.account(&format!("{owner:?}"), &run);
        assert_eq!((account.unknown, run["finished"].as_bool()), (1, Some(false)), "{owner:?}: {account:?}");
        assert_eq!(account.done + account.unknown + account.skipped, COUNT, "{owner:?}");
    }
}
