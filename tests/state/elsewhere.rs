//! What one program changes is soon seen in the other, and while nobody changes anything nobody wakes up.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::program::Demo;
use crate::support::pty::Pty;

/// A change must be seen by then.
const SOON: Duration = Duration::from_secs(2);

fn start(config: &str, state: &TempDir) -> Pty {
    let state = state.path().display().to_string();
    let pty = Pty::start_configured(config, &[], 100, 30, &[("TAGBOAT_STATE_DIR", &state)]);
    pty.wait_for("Registries (1)");
    pty
}

fn is_favourite(screen: &str, name: &str) -> bool {
    screen.lines().any(|line| line.contains(name) && line.contains('★'))
}

#[track_caller]
fn seen(pty: &Pty, name: &str, on: bool) {
    let begun = Instant::now();
    pty.wait_until("the favourite", |screen| is_favourite(screen, name) == on);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn favourites_appear_in_the_other_program() {
    let demo = Demo::start(&[]);
    let config = format!("[[registry]]\nname = \"shop\"\nurl = \"http://{}\"\nplain_http = true\n", demo.host);
    let state = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (start(&config, &state), start(&config, &state));
    one.press("f");
    seen(&one, "shop", true);
    seen(&two, "shop", true);
    for pty in [&mut one, &mut two] {
        pty.press("\r");
        pty.wait_for("complete: 66 names");
    }
    let first = |screen: &str| screen.lines().any(|line| line.contains('▌') && line.contains("a/b/c/d"));
    two.press("f");
    seen(&two, "a/b/c/d", true);
    seen(&one, "a/b/c/d", true);
    one.wait_until("the cursor stays on its row", first);
    one.press("f");
    seen(&one, "a/b/c/d", false);
    seen(&two, "a/b/c/d", false);
    for mut pty in [one, two] {
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
    let mut three = start(&config, &state);
    seen(&three, "shop", true);
    three.press("q");
    assert_eq!(three.end(), 0);
}

/// How often a thread of the program went to wait: each time it woke up once before.
#[cfg(target_os = "linux")]
fn wake_ups(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
    tasks
        .map(|task| {
            // A thread may end between the two.
            let status = std::fs::read_to_string(task.expect("a thread").path().join("status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            line.map_or(0, |count| count.trim().parse::<u64>().expect("a number"))
        })
        .sum()
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_wakes_up_while_nothing_happens() {
    let demo = Demo::start(&[]);
    let config = format!("[[registry]]\nname = \"shop\"\nurl = \"http://{}\"\nplain_http = true\n", demo.host);
    let state = tempfile::tempdir().unwrap();
    let mut pty = start(&config, &state);
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    let long = Duration::from_secs(2);
    // What was begun comes to its end, and workers go to sleep.
    assert!((0..20).any(|_| {
        let before = wake_ups(pty.id());
        pty.quiet_for(long) && wake_ups(pty.id()) - before <= 2
    }));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
