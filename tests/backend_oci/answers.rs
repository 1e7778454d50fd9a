//! Answers in the wrong form: one sentence that says what came and from where, and the next call works.

use tagboat::backend::Error;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{APP, Pair, body, typed};
use crate::support::client::{repo, tag};
use crate::support::listener::Listener;
use crate::support::walk::{anonymous, by_tag, repositories, tags};

/// The reads that parse what comes, by the part of the path that is theirs.
const READS: [&str; 4] = ["_catalog", "tags/list", "/manifests/", "/v2/"];

async fn read(pair: &Pair, what: &str) -> Result<(), Error> {
    let app = repo(APP);
    match what {
        "_catalog" => repositories(&*pair.backend).await.map(drop),
        "tags/list" => tags(&*pair.backend, APP).await.map(drop),
        "/manifests/" => pair.backend.manifest(&app, &by_tag("v1")).await.map(drop),
        "/v2/" => pair.backend.connect().await.map(drop),
        other => panic!("no read for {other}"),
    }
}

#[tokio::test]
async fn what_is_no_answer_is_named() {
    let utf16: Vec<u8> = "\u{feff}{\"tags\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Fault, &str); 9] = [
        ("a login page", Fault::Html, "web page"),
        ("a page without a type", body("<!DOCTYPE html><title>Sign in</title>"), "web page"),
        ("nothing", body(""), "nothing"),
        ("spaces", body(" \n "), "nothing"),
        ("UTF-16", body(utf16), "UTF-16"),
        ("gzip that does not say so", body(b"\x1f\x8b\x08\x00\x00\x00\x00\x00"), "compressed"),
        ("half of it", body(r#"{"tags":["a""#), "not JSON"),
        ("two values", body(r#"{"tags":["a"],"repositories":["a"]} {}"#), "not JSON"),
        ("more after it", body(r#"{"tags":["a"],"repositories":["a"]}garbage"#), "not JSON"),
    ];
    for (name, fault, word) in cases {
        // The ping's body is no matter: only a web page there means that this is no registry.
        for what in READS.into_iter().filter(|what| *what != "/v2/" || word == "web page") {
            let pair = Pair::start().await;
            pair.fault(what, fault.clone());
            let error = read(&pair, what).await.expect_err(name);
            pair.is_clear(&error, ErrorKind::BadAnswer, &[word]);
            assert_eq!(pair.asked(what), 1, "{name} of {what}: asked again in vain");
            pair.still_works().await;
        }
    }
}

#[tokio::test]
async fn no_content_is_no_list() {
    for what in ["_catalog", "tags/list", "/manifests/"] {
        let pair = Pair::start().await;
        pair.fault(what, Fault::status(204));
        let error = read(&pair, what).await.expect_err("204");
        pair.is_clear(&error, ErrorKind::BadAnswer, &["204", "nothing"]);
        pair.still_works().await;
    }
}

#[tokio::test]
async fn json_of_another_shape_is_no_list() {
    for text in ["[]", "{}", "null", "7", r#""tags""#, r#"{"tags":{"a":1},"repositories":{"a":1}}"#] {
        for what in ["_catalog", "tags/list"] {
            let pair = Pair::start().await;
            pair.fault(what, body(text));
            let error = read(&pair, what).await.expect_err(text);
            pair.is_clear(&error, ErrorKind::BadAnswer, &["another shape"]);
            pair.still_works().await;
        }
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_harm() {
    let pair = Pair::start().await;
    pair.server.faults().add(Rule::on("tags/list", body("\u{feff}{\"name\":\"team/app\",\"tags\":[\"v1\"]}")));
    assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names, ["v1"]);
}

#[tokio::test]
async fn bodies_shorter_than_announced_are_errors() {
    for what in ["_catalog", "tags/list", "/manifests/"] {
        let pair = Pair::start().await;
        pair.fault(what, Fault::Truncate(12));
        let error = read(&pair, what).await.expect_err("12 bytes of more");
        pair.is_clear(&error, ErrorKind::BadAnswer, &["end"]);
        // Without a length the body is chunked, and its last chunk is missing.
        pair.server.faults().clear();
        pair.fault(what, Fault::Header("content-length".to_owned(), None));
        pair.fault(what, Fault::Truncate(12));
        let error = read(&pair, what).await.expect_err("no last chunk");
        pair.is_clear(&error, ErrorKind::BadAnswer, &["end"]);
        pair.still_works().await;
    }
}

#[tokio::test]
async fn a_connection_reset_in_the_middle_is_an_error() {
    for framing in ["content-length: 4096\r\n\r\n", "transfer-encoding: chunked\r\n\r\nd\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serve = async {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.expect("a request"));
                }
                let text = format!("HTTP/1.1 200 X\r\n{framing}{{\"tags\":[\"a\"");
                stream.write_all(text.as_bytes()).await.expect("a client that listens");
                // Closing now sends a reset, not a goodbye.
                stream.set_zero_linger().expect("a socket");
            }
        };
        let backend = anonymous(&url);
        let error = tokio::select! {
            result = tags(&*backend, APP) => result.expect_err("reset"),
            () = serve => panic!("the server ended first"),
        };
        assert!(matches!(error.kind, ErrorKind::BadAnswer | ErrorKind::Network), "{error:?}");
        assert!(error.what.as_str().contains(url.trim_start_matches("http://")), "{error}");
    }
}

#[tokio::test]
async fn what_does_not_speak_http_is_named() {
    let ssh = Listener::start(|_| b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec());
    let error = anonymous(&ssh.url()).connect().await.expect_err("SSH");
    assert_eq!(error.kind, ErrorKind::BadAnswer, "{error:?}");
    assert!(error.what.as_str().contains("does not speak HTTP"), "{error}");
}

#[tokio::test]
async fn bombs_are_stopped_at_their_cap() {
    for what in ["_catalog", "tags/list"] {
        let pair = Pair::start().await;
        pair.fault(what, Fault::GzipBomb(10 << 30));
        let error = read(&pair, what).await.expect_err("10 GiB");
        pair.is_clear(&error, ErrorKind::BadAnswer, &["more than the", "MiB"]);
        assert_eq!(pair.asked(what), 1);
        pair.still_works().await;
    }
    let pair = Pair::start().await;
    pair.fault("/manifests/", Fault::GzipBomb(10 << 30));
    let error = pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect_err("10 GiB");
    pair.is_clear(&error, ErrorKind::TooLarge, &["more than the 4 MiB"]);
    pair.still_works().await;
}

/// One byte more is refused, and with an honest `Content-Length` before anything is read.
#[tokio::test]
async fn caps_hold_one_below_and_one_above() {
    for (what, cap, kind) in [
        ("_catalog", 16 << 20, ErrorKind::BadAnswer),
        ("tags/list", 64 << 20, ErrorKind::BadAnswer),
        ("/manifests/", 4 << 20, ErrorKind::TooLarge),
    ] {
        for (size, fits) in [(cap, true), (cap + 1, false)] {
            for announced in [true, false] {
                let pair = Pair::start().await;
                pair.fault(what, Fault::Pad(size));
                if !announced {
                    pair.fault(what, Fault::Header("content-length".to_owned(), None));
                }
                let result = read(&pair, what).await;
                assert_eq!(result.is_ok(), fits, "{what} {size} announced {announced}: {result:?}");
                if let Err(error) = result {
                    pair.is_clear(&error, kind, &[&format!("{} MiB", cap >> 20)]);
                }
            }
        }
    }
}

/// A config that is too large is left out, and the rest of the image is shown.
#[tokio::test]
async fn configs_have_the_same_cap() {
    for (size, fits) in [(4 << 20, true), ((4 << 20) + 1, false)] {
        let pair = Pair::start().await;
        let mut bytes = b"{\"os\":\"linux\",\"architecture\":\"amd64\"}".to_vec();
        bytes.resize(size, b' ');
        let digest = pair.server.store().add_blob(APP, bytes);
        let kind = "application/vnd.oci.image.config.v1+json";
        // A size that is a lie does not open the gate.
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"{kind}","digest":"{digest}","size":{}}},"layers":[]}}"#,
            size.min(4 << 20)
        );
        pair.fault("/manifests/v1", typed("application/vnd.oci.image.manifest.v1+json", text));
        let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image");
        assert_eq!(image.config.is_some(), fits, "{size}");
    }
}

#[tokio::test]
async fn headers_have_their_bounds() {
    for (length, count, fits) in [(7 << 10, 1, true), (9 << 10, 1, false), (7 << 10, 8, true), (7 << 10, 10, false)] {
        let pair = Pair::start().await;
        for n in 0..count {
            pair.fault("tags/list", Fault::Header(format!("x-fill-{n}"), Some("a".repeat(length))));
        }
        let result = read(&pair, "tags/list").await;
        assert_eq!(result.is_ok(), fits, "{count} of {length}");
        if let Err(error) = result {
            pair.is_clear(&error, ErrorKind::BadAnswer, &["headers"]);
        }
    }
}

#[tokio::test]
async fn an_error_body_is_read_in_part() {
    let pair = Pair::start().await;
    let long = format!(r#"{{"errors":[{{"code":"DENIED","message":"{}"}}]}}"#, "no ".repeat(1000));
    pair.fault("tags/list", Fault::Answer { status: 403, headers: Vec::new(), body: long.into_bytes() });
    let error = read(&pair, "tags/list").await.expect_err("denied");
    pair.is_clear(&error, ErrorKind::Denied, &["403", "DENIED", "no no"]);
    pair.server.faults().clear();
    let endless = Fault::Answer { status: 403, headers: Vec::new(), body: b"\x1b[2Jplain words".to_vec() };
    // What is done to an answer comes before the answer: rules end at it.
    pair.fault("tags/list", Fault::Pad(1 << 30));
    pair.fault("tags/list", endless);
    let error = read(&pair, "tags/list").await.expect_err("denied");
    pair.is_clear(&error, ErrorKind::Denied, &["403", "plain words"]);
    pair.still_works().await;
}
