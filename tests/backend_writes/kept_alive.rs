//! Writes over connections that are kept, and that end at the worst moment: nothing is ever sent twice.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tagboat::backend::{Delivery, Error};
use tagboat::domain::reference::Reference;
use tagboat::domain::secret::Credential;

use crate::support::client::{self, profile, repo, tag};

/// What is done with a connection when a request has been read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Answered, and the connection kept.
    Keep,
    /// Answered as if it were kept, and closed: the client learns it when it uses it again, or just before.
    KeepAndClose,
    /// Closed without an answer. Where a body was sent this is a reset, since nobody has read it.
    Close,
    /// Half an answer.
    Half,
}

struct Server {
    url: String,
    lines: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start(then: impl Fn(&str) -> Then + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, then) = (Arc::clone(&lines), Arc::new(then));
        let connections: Arc<AtomicUsize> = Arc::default();
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::Relaxed);
                let (kept, then) = (Arc::clone(&kept), Arc::clone(&then));
                std::thread::spawn(move || serve(stream, &kept, &*then));
            }
        });
        Self { url, lines, connections }
    }

    /// How often each request came.
    fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for line in self.lines.lock().expect("the log").iter() {
            *counts.entry(line.clone()).or_default() += 1;
        }
        counts
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, then: &(dyn Fn(&str) -> Then + Send + Sync)) {
    while let Some(line) = head(&mut stream) {
        log.lock().expect("the log").push(line.clone());
        let answer = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        let action = then(&line);
        // A client that is gone is no fault of the test.
        let _ = match action {
            Then::Keep | Then::KeepAndClose => stream.write_all(answer.as_bytes()),
            Then::Half => stream.write_all(&answer.as_bytes()[..20]),
            Then::Close => Ok(()),
        };
        if action != Then::Keep {
            return;
        }
    }
}

/// The first line of a request, when its head is there. A body stays unread.
fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).lines().next().map(str::to_owned)
}

fn lost(error: &Error) -> bool {
    error.delivery == Delivery::Unanswered && error.outcome_unknown()
}

#[tokio::test]
async fn a_connection_that_ends_under_a_write_does_not_make_a_second_one() {
    for end in [Then::Close, Then::Half] {
        let server = Server::start(move |line| if line.contains("/last") { end } else { Then::Keep });
        let backend = client::connect(&profile(&server.url), Credential::Anonymous);
        // The connection is a kept one by the time it matters.
        for n in 0..3 {
            backend.delete_tag(&repo("app"), &tag(&format!("t{n}"))).await.expect("202");
        }
        let error = backend.delete_tag(&repo("app"), &tag("last")).await.expect_err("no answer");
        assert!(lost(&error), "{end:?}: {error:?}");
        assert_eq!(server.connections.load(Ordering::Relaxed), 1, "it went out on a kept one, and on no other");
        let put = backend.put_manifest(&repo("app"), &Reference::Tag(tag("last")), "a/b", "{}".into()).await;
        assert!(lost(&put.expect_err("no answer")), "{end:?}");
        let counts = server.counts();
        assert_eq!(counts.len(), 5, "{counts:?}");
        assert!(counts.values().all(|count| *count == 1), "{end:?}: {counts:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_in_between_does_not_make_a_second_one() {
    let server = Server::start(|_| Then::KeepAndClose);
    let backend = client::connect(&profile(&server.url), Credential::Anonymous);
    let (mut done, mut unknown) = (0, 0);
    for n in 0..300 {
        match backend.delete_tag(&repo("app"), &tag(&format!("t{n}"))).await {
            Ok(_) => done += 1,
            // It went out on the connection that was being closed: nobody knows, and nobody tries again.
            Err(error) if lost(&error) => unknown += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    let counts = server.counts();
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    // What was told as done was done.
    assert!(done > 0 && counts.len() >= done && done + unknown == 300, "{done} {unknown} {}", counts.len());
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let url = format!("http://127.0.0.1:{}", crate::support::listener::closed_port());
    let backend = client::connect(&profile(&url), Credential::Anonymous);
    let error = backend.delete_tag(&repo("app"), &tag("1")).await.expect_err("nobody there");
    assert_eq!(error.delivery, Delivery::NotSent, "{error:?}");
}
