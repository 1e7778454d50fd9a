//! Views that come and go faster than a server answers leave nothing behind: no memory, no thread, no connection.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

use crate::support::listener::{answer, read};
use crate::support::pty::Pty;

const NAMES: [&str; 3] = ["one", "two", "three"];
/// Each is four changes of view.
const ROUNDS: usize = 250;
/// From here on everything has been used once.
const SETTLED: usize = 50;
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Waiting {
    now: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Waiting {
    fn change(&self, change: impl FnOnce(&mut (usize, usize))) {
        change(&mut self.now.lock().unwrap());
        self.changed.notify_all();
    }
}

/// Lists repositories at once, and tags never: it counts who waits for them, and who has waited.
fn never_done() -> (SocketAddr, Arc<Waiting>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let waiting = Arc::<Waiting>::default();
    let kept = Arc::clone(&waiting);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let waiting = Arc::clone(&kept);
            std::thread::spawn(move || serve(stream, &waiting));
        }
    });
    (address, waiting)
}

fn serve(mut stream: TcpStream, waiting: &Waiting) {
    let Some(seen) = read(&mut stream) else { return };
    if seen.line.contains("/tags/list") {
        waiting.change(|(now, all)| (*now, *all) = (*now + 1, *all + 1));
        // Ends when the client gives up.
        let _ = stream.read(&mut [0]);
        waiting.change(|(now, _)| *now -= 1);
        return;
    }
    let names: Vec<String> = NAMES.iter().map(|name| format!("{name:?}")).collect();
    let body = match seen.is_for("/v2/_catalog") {
        true => format!("{{\"repositories\":[{}]}}", names.join(",")),
        false => "{}".to_owned(),
    };
    // A client that goes away early is no fault of the test.
    let _ = stream.write_all(&answer(200, &[("content-type", "application/json")], body));
}

/// A number from the kernel's account of the process.
fn account(pty: &Pty, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pty.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Slow enough not to be taken for a paste.
fn key(pty: &mut Pty, key: &str) {
    let (_open, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(Duration::from_millis(9));
    pty.send(key);
}

#[test]
fn a_thousand_views_of_a_slow_server_leave_nothing_behind() {
    let (address, waiting) = never_done();
    let target = format!("http://{address}");
    let mut pty = Pty::start(&[&target, "--no-cache"], 100, 30);
    pty.wait_for("complete: 3 names");
    let mut settled = (0, 0);
    for round in 0..ROUNDS {
        if round == SETTLED {
            settled = (account(&pty, "VmRSS"), account(&pty, "Threads"));
        }
        key(&mut pty, "\r");
        pty.wait_until("the tags", |screen| screen.contains("TAG ") && !screen.contains("3 names"));
        // Read again: what was asked before is given up.
        key(&mut pty, "r");
        key(&mut pty, "\x1b[D");
        pty.wait_for("complete: 3 names");
        key(&mut pty, ["j", "j", "gg"][round % 3]);
    }
    let (memory, threads) = (account(&pty, "VmRSS"), account(&pty, "Threads"));
    assert!(memory < settled.0 + 8 * 1024, "{} KiB, then {memory} KiB", settled.0);
    assert!(threads <= settled.1 + 2, "{} threads, then {threads}", settled.1);
    let begun = waiting.now.lock().unwrap();
    // The newest list of each repository, and its count for the column.
    let few = |(now, _): &mut (usize, usize)| *now > 2 * NAMES.len();
    let (now, wait) = waiting.changed.wait_timeout_while(begun, PATIENCE, few).unwrap();
    assert!(!wait.timed_out(), "{} requests wait", now.0);
    assert!(now.1 >= ROUNDS, "only {} requests", now.1);
    drop(now);
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
