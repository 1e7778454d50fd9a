//! How long a request waits, and who waits with it.

use jiff::{SignedDuration, Timestamp};

use super::server::{Server, answer};
use super::*;

/// An answer with this `Retry-After` to the first request, `{}` to those after it; and when each came.
async fn busy_once(status: u16, headers: Vec<(&'static str, String)>) -> (Server, Arc<Mutex<Vec<Instant>>>) {
    let came: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let kept = Arc::clone(&came);
    let server = Server::start(move |_, number| {
        kept.lock().expect("log").push(Instant::now());
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if number == 1 { answer(status, &headers, "") } else { answer(200, &[], "{}") }
    })
    .await;
    (server, came)
}

#[tokio::test]
async fn a_429_holds_every_request_to_the_origin() {
    let (server, came) = busy_once(429, vec![("retry-after", "1".to_owned())]).await;
    // One at a time, so that the second cannot have left before the first is answered.
    let settings = Settings { max_in_flight: Some(1), ..Settings::default() };
    let (http, _) = open_with(&server.url(), Vec::new(), settings);
    let (first, second) =
        tokio::join!(http.send(call(Op::Manifest, "/v2/a/manifests/x")), http.send(call(Op::Tags, "/v2/b/tags/list")));
    assert!(first.is_ok() && second.is_ok());
    let came = came.lock().expect("log").clone();
    assert_eq!(came.len(), 3);
    assert!(came[1] - came[0] >= Duration::from_millis(950), "{:?}", came[1] - came[0]);
}

#[tokio::test]
async fn after_a_429_little_is_asked_at_once() {
    let (server, _) = busy_once(429, vec![("retry-after", "1".to_owned())]).await;
    let (http, _) = open(&server.url(), Vec::new());
    http.send(call(Op::Manifest, "/v2/a/manifests/x")).await.expect("second try");
    for _ in 0..20 {
        futures_util::future::join_all((0..8).map(|_| http.send(call(Op::Manifest, "/v2/a/manifests/x")))).await;
    }
    assert!(http.parallelism() <= limits::FLIGHT_COUNTED, "{}", http.parallelism());
}

#[tokio::test]
async fn a_503_is_waited_out_as_long_as_it_says() {
    // A clock that is years behind ours: only the distance of the two dates counts.
    let theirs: Timestamp = "2020-11-21T12:00:00Z".parse().expect("time");
    let date = |time: Timestamp| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let later = theirs.checked_add(SignedDuration::from_secs(1)).expect("in range");
    for headers in [vec![("retry-after", "1".to_owned())], vec![("date", date(theirs)), ("retry-after", date(later))]] {
        let (server, came) = busy_once(503, headers.clone()).await;
        let (http, _) = open(&server.url(), Vec::new());
        http.send(call(Op::Manifest, "/v2/a/manifests/x")).await.expect("second try");
        let came = came.lock().expect("log").clone();
        assert!(came.len() == 2 && came[1] - came[0] >= Duration::from_millis(950), "{headers:?}: {came:?}");
    }
}

#[tokio::test]
async fn a_503_that_asks_for_too_long_says_when_it_will_be_possible() {
    let server = Server::start(|_, _| answer(503, &[("retry-after", "7200")], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("two hours");
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Server, Some(Duration::from_secs(7200))));
    assert!(error.report().hint.as_str().contains("2 h"), "{:?}", error.report());
    assert_eq!(server.seen().len(), 1);
}
