//! Servers that are slow, silent, busy or broken for a while.

use std::time::{Duration, Instant};

use tagboat::backend::Settings;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;

use super::{APP, Pair, one_image};
use crate::support::listener::Listener;
use crate::support::walk::{anonymous, repositories, tags};

const LIMIT: Duration = Duration::from_millis(400);
/// Far below any of the client's own deadlines: those of the test's must have worked.
const SOON: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_silent_server_runs_into_the_deadline() {
    let pair = Pair::impatient(LIMIT).await;
    pair.fault("/v2/", Fault::Hang);
    let began = Instant::now();
    let error = pair.backend.connect().await.expect_err("silence");
    pair.is_clear(&error, ErrorKind::Timeout, &["in time"]);
    let error = tags(&*pair.backend, APP).await.expect_err("silence");
    pair.is_clear(&error, ErrorKind::Timeout, &["listing tags"]);
    assert!(began.elapsed() < SOON);
    assert_eq!(pair.server.log().len(), 2, "a deadline is no reason to ask again");
    pair.still_works().await;
}

#[tokio::test]
async fn one_byte_a_moment_does_not_get_around_the_deadline() {
    let pair = Pair::impatient(LIMIT).await;
    for what in ["_catalog", "tags/list"] {
        pair.fault(what, Fault::Drip(Duration::from_millis(150)));
        let began = Instant::now();
        let error = match what {
            "_catalog" => repositories(&*pair.backend).await.expect_err("a drip"),
            _ => tags(&*pair.backend, APP).await.expect_err("a drip"),
        };
        pair.is_clear(&error, ErrorKind::Timeout, &["in time"]);
        assert!(began.elapsed() < SOON);
        assert_eq!(pair.asked(what), 1);
    }
    pair.still_works().await;
}

/// A server that takes connections, says this, and no more.
fn half_open(first: &'static [u8]) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = std::io::Write::write_all(&mut stream, first);
            held.push(stream);
        }
    });
    address
}

#[tokio::test]
async fn a_handshake_that_stops_half_way_runs_into_the_deadline() {
    // Nothing at all; the head of a ServerHello of 122 bytes and two of them.
    for first in [&b""[..], &b"\x16\x03\x03\x00\x7a\x02\x00"[..]] {
        let address = half_open(first);
        let settings = Settings { timeout: Some(LIMIT), ..Settings::default() };
        let profile = crate::support::client::profile(&format!("https://{address}"));
        let credential = tagboat::domain::secret::Credential::Anonymous;
        let backend = crate::support::client::try_connect(&profile, credential, settings).expect("a client");
        let began = Instant::now();
        let error = backend.connect().await.expect_err("half a handshake");
        assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
        assert!(error.what.as_str().contains(&address.to_string()), "{error}");
        assert!(began.elapsed() < SOON);
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_waited_out() {
    for status in [408, 500, 502, 503, 504] {
        let pair = Pair::start().await;
        pair.server.faults().add(Rule::on("tags/list", Fault::status(status)).times(1));
        assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names, ["v1"], "{status}");
        assert_eq!(pair.asked("tags/list"), 2, "{status}");
    }
}

#[tokio::test]
async fn a_failure_that_stays_is_shown() {
    for (status, tries, kind) in [
        (500, 2, ErrorKind::Server),
        (503, 4, ErrorKind::Server),
        (501, 1, ErrorKind::Unsupported),
        (505, 1, ErrorKind::Server),
        (400, 1, ErrorKind::Refused),
        (418, 1, ErrorKind::Refused),
    ] {
        let pair = Pair::start().await;
        pair.fault("tags/list", Fault::status(status));
        let error = tags(&*pair.backend, APP).await.expect_err("a failure");
        pair.is_clear(&error, kind, &[&status.to_string(), "listing tags"]);
        assert_eq!((error.status, pair.asked("tags/list")), (Some(status), tries), "{status}");
        pair.still_works().await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let pair = Pair::start().await;
    pair.server.faults().add(Rule::on("tags/list", Fault::LostAnswer).times(2));
    assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names, ["v1"]);
    pair.fault("tags/list", Fault::LostAnswer);
    pair.server.clear_log();
    let error = tags(&*pair.backend, APP).await.expect_err("none ever");
    pair.is_clear(&error, ErrorKind::Network, &["closed the connection"]);
    assert!((4..=8).contains(&pair.asked("tags/list")), "{}", pair.asked("tags/list"));
    pair.still_works().await;
}

#[tokio::test]
async fn a_429_holds_everybody_as_long_as_it_says() {
    let in_two_seconds = || {
        let date = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(2)).expect("in range");
        date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    for wait in [|| "1".to_owned(), in_two_seconds] {
        let pair = Pair::start().await;
        let (began, retry_after) = (Instant::now(), wait());
        pair.server.faults().add(Rule::on("tags/list", Fault::too_many_requests(&retry_after)).times(1));
        tags(&*pair.backend, APP).await.expect("tags");
        // A date has no parts of a second, and some of it has passed.
        assert!(began.elapsed() >= Duration::from_millis(200), "{retry_after}: {:?}", began.elapsed());
        assert_eq!(pair.asked("tags/list"), 2, "{retry_after}");
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_said_and_not_sat_out() {
    let pair = Pair::start().await;
    pair.fault("tags/list", Fault::too_many_requests("3600"));
    let began = Instant::now();
    let error = tags(&*pair.backend, APP).await.expect_err("an hour");
    pair.is_clear(&error, ErrorKind::RateLimited, &["429", "TOOMANYREQUESTS"]);
    assert_eq!((error.retry_after, pair.asked("tags/list")), (Some(Duration::from_secs(3600)), 1));
    let hint = error.report().hint.to_string();
    assert!(hint.contains("1 h") || hint.contains("60 min"), "when it will be possible: {hint}");
    assert!(began.elapsed() < SOON);
    pair.still_works().await;
}

#[tokio::test]
async fn absurd_waits_are_backed_off_from() {
    for retry_after in ["999999999999", "-5", "0", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", ""] {
        let settings = Settings { timeout: Some(Duration::from_secs(1)), ..Settings::default() };
        let pair = Pair::with(one_image(), settings).await;
        pair.fault("tags/list", Fault::too_many_requests(retry_after));
        let began = Instant::now();
        let error = tags(&*pair.backend, APP).await.expect_err("for ever");
        pair.is_clear(&error, ErrorKind::RateLimited, &["429"]);
        assert_eq!(error.retry_after, None, "{retry_after}");
        assert!(pair.asked("tags/list") <= 6, "{retry_after}: {}", pair.asked("tags/list"));
        assert!(began.elapsed() < SOON, "{retry_after}");
    }
}

#[tokio::test]
async fn a_connection_closed_without_a_word_is_said() {
    let mute = Listener::start(|_| Vec::new());
    let error = anonymous(&mute.url()).connect().await.expect_err("closed without a word");
    assert_eq!(error.kind, ErrorKind::Network, "{error:?}");
    assert!((1..=8).contains(&mute.seen().len()), "{}", mute.seen().len());
}

#[tokio::test]
async fn a_dropped_call_asks_for_nothing_more() {
    let pair = Pair::start().await;
    let mut store = super::many_tags(250);
    std::mem::swap(&mut *pair.server.store(), &mut store);
    pair.server.faults().add(Rule::on("last=", Fault::Hang));
    {
        let (sender, mut pages) = tokio::sync::mpsc::channel(1);
        let name = crate::support::client::repo(APP);
        let walk = pair.backend.tags(&name, sender);
        tokio::pin!(walk);
        let seen = async {
            pages.recv().await.expect("the first page");
            while pair.asked("last=") == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = &mut walk => panic!("the second page never comes"),
            () = seen => {}
        }
    }
    let before = pair.server.log().len();
    pair.still_works().await;
    let after: Vec<_> = pair.server.log().split_off(before);
    assert!(after.iter().all(|seen| seen.path == "/v2/" || seen.path == "/v2/team/app/tags/list"), "{after:?}");
    assert_eq!(after.iter().filter(|seen| seen.path == "/v2/").count(), 1);
}

#[tokio::test]
async fn a_receiver_that_leaves_ends_the_walk() {
    let pair = Pair::with(super::many_tags(250), Settings::default()).await;
    let (sender, mut pages) = tokio::sync::mpsc::channel(1);
    let name = crate::support::client::repo(APP);
    let leave = async {
        pages.recv().await.expect("the first page");
        drop(pages);
    };
    let (end, ()) = tokio::join!(pair.backend.tags(&name, sender), leave);
    end.expect("no error");
    assert!(pair.asked("tags/list") <= 2, "{}", pair.asked("tags/list"));
}
