//! Writes when the server is busy, silent, or breaks off.

use super::server::{Server, answer};
use super::*;
use crate::backend::error::Delivery;
use crate::domain::reference::RepoName;

const PATH: &str = "/v2/a/manifests/1";

fn right() -> Right {
    Right::Delete(RepoName::parse("a").expect("a name"))
}

#[tokio::test]
async fn a_429_is_told_at_once_and_holds_everybody_else() {
    let came: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let kept = Arc::clone(&came);
    let server = Server::start(move |seen, _| {
        kept.lock().expect("log").push(Instant::now());
        if seen.line.starts_with("DELETE") { answer(429, &[("retry-after", "1")], "") } else { answer(200, &[], "{}") }
    })
    .await;
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.write(Write::delete(Op::DeleteTag, PATH, &right())).await.expect_err("busy");
    assert_eq!((error.kind, error.delivery), (ErrorKind::RateLimited, Delivery::Answered));
    assert_eq!(error.retry_after, Some(Duration::from_secs(1)));
    let told = Instant::now();
    http.send(call(Op::Manifest, PATH)).await.expect("an answer");
    let came = came.lock().expect("log").clone();
    assert!(came.len() == 2 && told - came[0] < Duration::from_millis(900), "{came:?}");
    assert!(came[1] - came[0] >= Duration::from_millis(950), "{came:?}");
}

#[tokio::test]
async fn silence_leaves_a_write_unknown() {
    // Taken by the system, never by anybody.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let settings = Settings { timeout: Some(Duration::from_millis(200)), ..Settings::default() };
    let (http, _) = open_with(&url, Vec::new(), settings);
    let error = http.write(Write::delete(Op::DeleteTag, PATH, &right())).await.expect_err("silence");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Timeout, Delivery::Unanswered), "{error:?}");
}

#[tokio::test]
async fn a_status_is_an_answer_even_if_its_words_break_off() {
    let server = Server::start(|seen, _| {
        let status = if seen.line.starts_with("DELETE") { 202 } else { 403 };
        answer(status, &[("content-length", "1000")], "{\"errors\":[")
    })
    .await;
    let (http, _) = open(&server.url(), Vec::new());
    let done = http.write(Write::delete(Op::DeleteTag, PATH, &right())).await.expect("done");
    assert_eq!(done.status, 202);
    let right = right();
    let put = Write::put(Op::PutManifest, To::Path(PATH, None), "a/b", Bytes::from_static(b"{}").into(), &right);
    let error = http.write(put).await.expect_err("refused");
    assert_eq!((error.kind, error.status, error.delivery), (ErrorKind::Denied, Some(403), Delivery::Answered));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn headers_that_are_too_large_leave_a_write_unknown() {
    let large = "x".repeat(limits::HEADER + 1);
    let server = Server::start(move |_, _| answer(202, &[("x-large", &large)], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.write(Write::delete(Op::DeleteTag, PATH, &right())).await.expect_err("too large");
    assert_eq!((error.kind, error.delivery), (ErrorKind::BadAnswer, Delivery::Unanswered), "{error:?}");
}

#[tokio::test]
async fn a_token_that_cannot_be_had_means_that_nothing_was_done() {
    for token in [answer(500, &[], ""), Vec::new(), answer(200, &[], "no JSON")] {
        let server = Server::start(move |seen, _| match seen.line.contains("/token") {
            true => token.clone(),
            false => answer(401, &[("www-authenticate", "Bearer realm=\"/token\",scope=\"repository:a:delete\"")], ""),
        })
        .await;
        let settings = Settings { timeout: Some(Duration::from_secs(2)), ..Settings::default() };
        let (http, _) = open_with(&server.url(), vec![basic("p")], settings);
        let error = http.write(Write::delete(Op::DeleteTag, PATH, &right())).await.expect_err("no token");
        assert_eq!(error.delivery, Delivery::NotSent, "{error:?}");
        assert_eq!(server.count("DELETE"), 1);
    }
}

#[tokio::test]
async fn an_upload_that_stands_still_ends_and_one_that_moves_does_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let (http, _) = open(&url, Vec::new());
    let (pieces, source) = tokio::sync::mpsc::channel(1);
    let flow = Content::Flow(Arc::new(Flow::new(10, source)));
    let right = right();
    let put = Write::put(Op::Upload, To::Path("/v2/a/blobs/uploads/1", None), "a/b", flow, &right);
    let server = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        // From here on time is what the test says it is.
        tokio::time::pause();
        let began = Instant::now();
        for _ in 0..3 {
            pieces.send(Bytes::from_static(b"x")).await.expect("taken");
            tokio::time::sleep(limits::FIRST_BYTE_WRITE * 3 / 4).await;
        }
        (stream, pieces, began)
    };
    let (error, (_stream, _pieces, began)) = tokio::join!(http.write(put), server);
    let error = error.expect_err("it stands still");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Timeout, Delivery::Unanswered), "{error:?}");
    assert!(began.elapsed() > limits::FIRST_BYTE_WRITE * 2, "{:?}", began.elapsed());
}
