//! How long a request waits, and who waits with it.

use jiff::{SignedDuration, Timestamp};

use super::super::body::{self, Excess};
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

/// A server that takes a request, says this, and no more until the client goes away.
fn says_only(text: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
                let _ = std::io::Write::write_all(&mut stream, text.as_bytes());
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn an_answer_has_to_begin_in_time_and_a_list_has_longer() {
    let (http, _) = open(&says_only(""), Vec::new());
    for op in [Op::Ping, Op::Catalog, Op::Tags, Op::Manifest, Op::Referrers, Op::Blob] {
        let seconds = if matches!(op, Op::Catalog | Op::Tags) { 60 } else { 30 };
        let out = http.outgoing(&call(op, "/v2/x")).expect("a request");
        assert_eq!(out.first_byte, Duration::from_secs(seconds), "{op:?}");
        let soon = Outgoing { first_byte: Duration::from_millis(20), ..out };
        let fault = http.wire.exchange(&soon).await.err().expect("silence");
        assert_eq!((fault.error.kind, fault.again), (ErrorKind::Timeout, false), "{op:?}");
        assert!(fault.error.what.as_str().contains("did not begin to answer"), "{}", fault.error);
    }
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_given_up() {
    let url = says_only("HTTP/1.1 200 X\r\ncontent-length: 4096\r\n\r\n{\"tags\":[");
    let (tap, mut pieces) = Tap::new();
    for tap in [None, Some(tap)] {
        let response = reqwest::get(&url).await.expect("its head");
        // From here on nothing comes, so that the clock goes on as soon as all that came is read.
        tokio::time::pause();
        let began = Instant::now();
        let end = match &tap {
            None => body::read(response, 8192, Excess::Refuse, "h").await.map(drop),
            Some(tap) => {
                let drain = async { while pieces.recv().await.is_some() {} };
                tokio::select! {
                    end = body::pass_on(response, 8192, tap, "h") => end,
                    () = drain => panic!("the tap is open"),
                }
            }
        };
        let fault = end.expect_err("the rest never comes");
        assert_eq!((fault.error.kind, began.elapsed().as_secs()), (ErrorKind::Timeout, 20), "{}", fault.error);
        assert!(fault.error.what.as_str().contains("in the middle"), "{}", fault.error);
        tokio::time::resume();
    }
}
