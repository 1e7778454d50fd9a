use super::server::{Server, answer};
use super::*;

/// 64 KiB of spaces.
const BOMB: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 129, 0, 0, 0, 0, 128, 32, 149, 253, 41, 23, 169, 10, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 106, 148, 25, 44, 180, 0, 0, 1, 0,
];

const OPS: [Op; 6] = [Op::Ping, Op::Catalog, Op::Tags, Op::Manifest, Op::Referrers, Op::Blob];

#[tokio::test]
async fn nothing_travels_to_another_origin() {
    for op in OPS {
        for status in [301, 302, 303, 307, 308] {
            let other = Server::start(|_, _| answer(200, &[], "{}")).await;
            let target = format!("{}/x?signature=s3cr3t", other.url());
            let server = Server::start(move |seen, _| match seen.header("authorization") {
                Some(_) => answer(status, &[("location", &target)], ""),
                None => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
            })
            .await;
            let (http, _) = open(&server.url(), vec![basic("right")]);
            http.send(call(op, "/v2/x")).await.expect("followed");
            let seen = other.seen();
            assert_eq!(seen.len(), 1);
            for name in ["authorization", "cookie", "referer", "private-token"] {
                assert_eq!(seen[0].header(name), None, "{name} with {op:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_401_of_another_origin_is_an_error() {
    let other = Server::start(|_, _| answer(401, &[("www-authenticate", "Basic realm=x")], "")).await;
    let target = format!("{}/x?signature=s3cr3t", other.url());
    let server = Server::start(move |_, _| answer(307, &[("location", &target)], "")).await;
    let (http, source) = open(&server.url(), vec![basic("right")]);
    let error = http.send(call(Op::Blob, "/v2/x")).await.expect_err("refused");
    assert_eq!(error.status, Some(401));
    assert!(!format!("{error:?}").contains("s3cr3t"));
    assert_eq!(other.seen().len(), 1);
    assert_eq!(source.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn redirects_end_and_never_lead_to_bad_places() {
    let server = Server::start(|_, _| answer(307, &[("location", "/v2/again")], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    assert_eq!(http.send(call(Op::Blob, "/v2/x")).await.expect_err("loop").kind, ErrorKind::Forbidden);
    assert_eq!(server.seen().len(), limits::REDIRECTS + 1);
    for target in ["file:///etc/passwd", "http://169.254.169.254/", "http://u:p@127.0.0.1/", "http://", "ftp://h/"] {
        let server = Server::start(move |_, _| answer(302, &[("location", target)], "")).await;
        let (http, _) = open(&server.url(), Vec::new());
        assert_eq!(http.send(call(Op::Ping, "/v2/")).await.expect_err(target).kind, ErrorKind::Forbidden, "{target}");
    }
}

#[tokio::test]
async fn a_short_body_is_an_error() {
    let cut = |_: &server::Seen, _| answer(200, &[("content-length", "4096")], r#"{"tags":["a"]}"#);
    let server = Server::start(cut).await;
    let (http, _) = open(&server.url(), Vec::new());
    assert_eq!(http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect_err("short").kind, ErrorKind::BadAnswer);
    let chunked = |_: &server::Seen, _| b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n".to_vec();
    let server = Server::start(chunked).await;
    let (http, _) = open(&server.url(), Vec::new());
    assert_eq!(http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect_err("no end").kind, ErrorKind::BadAnswer);
}

/// Chunks win over the length for whoever cuts the stream into messages (RFC 9112, 6.3), so the HTTP library ends the body
/// where they end. Two lengths that differ are still an answer that something on the way has changed.
#[tokio::test]
async fn chunks_that_are_not_as_long_as_announced_are_an_error() {
    for (announced, whole) in [(2, true), (1, false), (9, false)] {
        let server = Server::start(move |_, _| {
            let head = format!("HTTP/1.1 200 X\r\ncontent-length: {announced}\r\ntransfer-encoding: chunked\r\n");
            format!("{head}connection: close\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n").into_bytes()
        })
        .await;
        let (http, _) = open(&server.url(), Vec::new());
        let read = http.send(call(Op::Manifest, "/v2/a/manifests/x")).await;
        let (tap, mut pieces) = Tap::new();
        let drain = async { while pieces.recv().await.is_some() {} };
        let (passed_on, ()) = tokio::join!(http.send_to(call(Op::Tags, "/v2/a/tags/list"), tap), drain);
        for answer in [read, passed_on] {
            let error = answer.err().map(|error| (error.kind, error.what.to_string()));
            let said = format!("{} announced {announced} bytes and sent 2", server.address);
            assert_eq!(error, (!whole).then_some((ErrorKind::BadAnswer, said)));
        }
    }
}

#[tokio::test]
async fn caps_hold_one_below_and_one_above() {
    for (size, fits) in [(4096, true), (4097, false)] {
        for chunked in [false, true] {
            let server = Server::start(move |_, _| {
                let body = "x".repeat(size);
                if chunked {
                    format!("HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n")
                        .into_bytes()
                } else {
                    answer(200, &[], body)
                }
            })
            .await;
            let (http, _) = open(&server.url(), Vec::new());
            let result = http.send(call(Op::Manifest, "/v2/a/manifests/x")).await;
            assert_eq!(result.is_ok(), fits, "{size} chunked {chunked}");
        }
    }
}

#[tokio::test]
async fn compressed_answers_are_counted_decoded() {
    for op in [Op::Tags, Op::Manifest] {
        let server = Server::start(|_, _| answer(200, &[("content-encoding", "gzip")], BOMB)).await;
        let (http, _) = open(&server.url(), Vec::new());
        let error = http.send(call(op, "/v2/x")).await.expect_err("bomb");
        assert_eq!(error.kind, ErrorKind::BadAnswer);
        let roomy = Call { cap: 65536, ..call(op, "/v2/x") };
        assert_eq!(http.send(roomy).await.expect("fits").body.len(), 65536);
        let asked = server.seen()[0].header("accept-encoding").map(str::to_owned);
        assert_eq!(asked.as_deref(), Some(if op == Op::Tags { "gzip" } else { "identity" }));
    }
}

/// What unpacks to more bombs is unpacked once at most.
#[tokio::test]
async fn a_coding_within_a_coding_is_left_alone() {
    let one = ("content-encoding", "gzip");
    for (headers, length) in [(vec![one, one], 65536), (vec![("content-encoding", "gzip, gzip")], BOMB.len())] {
        let server = Server::start(move |_, _| answer(200, &headers, BOMB)).await;
        let (http, _) = open(&server.url(), Vec::new());
        let body = http.send(Call { cap: 65536, ..call(Op::Tags, "/v2/x") }).await.expect("an answer").body;
        assert_eq!(body.len(), length);
    }
}

#[tokio::test]
async fn a_429_is_waited_out_and_503_is_tried_again() {
    for status in [429, 503] {
        let server = Server::start(move |_, number| match number {
            1 => answer(status, &[("retry-after", "1")], ""),
            _ => answer(200, &[], "{}"),
        })
        .await;
        let (http, _) = open(&server.url(), Vec::new());
        http.send(call(Op::Manifest, "/v2/a/manifests/x")).await.expect("second try");
        assert_eq!(server.seen().len(), 2);
    }
    let server = Server::start(|_, _| answer(429, &[("retry-after", "3600")], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("too long");
    assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(3600))));
}

#[tokio::test]
async fn errors_name_host_status_and_the_registrys_words() {
    let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    let server = Server::start(move |_, _| answer(404, &[], body)).await;
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.send(call(Op::Manifest, "/v2/a/manifests/x")).await.expect_err("absent");
    let what = error.what.to_string();
    for part in [server.address.as_str(), "404", "reading a manifest", "MANIFEST_UNKNOWN", "manifest unknown"] {
        assert!(what.contains(part), "{part} in {what}");
    }
    assert!(error.is_not_found());
}

#[tokio::test]
async fn a_closed_port_is_a_network_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let closed = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let (http, _) = open(&closed, Vec::new());
    let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.what.as_str().contains("refused the connection"));
}

#[tokio::test]
async fn names_that_would_leave_the_path_are_not_sent() {
    let server = Server::start(|_, _| answer(200, &[], "{}")).await;
    let (http, _) = open(&server.url(), Vec::new());
    for path in ["/v2/../x", "/v2/a/%2e%2e/x", "/v2/a?x=1", "/v2/a#b", "/x", "/v2/a b"] {
        assert_eq!(http.send(call(Op::Tags, path)).await.expect_err(path).kind, ErrorKind::Forbidden, "{path}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn not_modified_is_no_answer_when_nobody_asked_whether() {
    let server = Server::start(|_, _| answer(304, &[], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    for head in [false, true] {
        let asked = Call { head, ..call(Op::Manifest, "/v2/a/manifests/x") };
        assert_eq!(http.send(asked).await.expect_err("304").status, Some(304));
    }
    assert_eq!(server.seen().len(), 2);
}

/// Every purpose. A new one has no place here until it is said below where it may be sent on to.
fn purposes() -> impl Iterator<Item = (Purpose, bool)> {
    let next = |purpose: &Purpose| match purpose {
        Purpose::Registry => Some(Purpose::Token),
        Purpose::Token => None,
    };
    std::iter::successors(Some(Purpose::Registry), next).map(|purpose| match purpose {
        Purpose::Registry => (purpose, true),
        Purpose::Token => (purpose, false),
    })
}

#[tokio::test]
async fn no_purpose_takes_a_secret_to_another_origin() {
    for (purpose, leaves) in purposes() {
        let other = Server::start(|_, _| answer(200, &[], "{}")).await;
        let target = format!("{}/x", other.url());
        let server = Server::start(move |_, _| answer(307, &[("location", &target)], "")).await;
        let (http, _) = open(&server.url(), Vec::new());
        let out = Outgoing { purpose, ..http.outgoing(&call(Op::Ping, "/v2/")).expect("a request") };
        for (name, value) in [("authorization", "s3cr3t"), ("cookie", "s3cr3t"), ("private-token", "s3cr3t")] {
            let mut out = out.clone();
            out.headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(redirect::follow(&http.wire, out).await.is_ok(), leaves, "{purpose:?}");
        }
        assert_eq!(server.seen().len(), 3, "{purpose:?}");
        assert!(
            server.seen().iter().all(|seen| seen.headers.iter().any(|(_, value)| value == "s3cr3t")),
            "{purpose:?}"
        );
        assert_eq!(other.seen().len(), if leaves { 3 } else { 0 }, "{purpose:?}");
        assert!(other.seen().iter().all(|seen| seen.headers.iter().all(|(_, value)| value != "s3cr3t")), "{purpose:?}");
    }
}
