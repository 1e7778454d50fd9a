//! A list whose page takes its time, as one of a hundred thousand names does.

use tagboat::domain::error::ErrorKind;
use tagboat::domain::page::Listed;
use tagboat::domain::reference::TagName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::client;
use crate::support::walk::{anonymous, tags};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The next connection, with its request read.
async fn asked(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.expect("the client comes");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    stream
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    (listener, url)
}

fn names(page: Option<Vec<Listed<TagName>>>) -> Vec<String> {
    let name = |entry| match entry {
        Listed::Valid(name) => TagName::to_string(&name),
        Listed::Invalid(text) => text.to_string(),
    };
    page.expect("names").into_iter().map(name).collect()
}

#[tokio::test]
async fn names_are_there_before_the_page_has_ended() {
    let (listener, url) = listen().await;
    let (backend, repo) = (anonymous(&url), client::repo("app"));
    let (sender, mut pages) = mpsc::channel(4);
    let serve = async {
        let mut stream = asked(&listener).await;
        let begin = HEAD.to_owned() + &chunk(r#"{"name":"app","tags":["a","b","c"#);
        stream.write_all(begin.as_bytes()).await.expect("sent");
        // Nothing more until these have been handed on.
        assert_eq!(names(pages.recv().await), ["a", "b"]);
        stream.write_all((chunk(r#"d"]}"#) + &chunk("")).as_bytes()).await.expect("sent");
        assert_eq!(names(pages.recv().await), ["cd"]);
    };
    let (end, ()) = tokio::join!(backend.tags(&repo, sender), serve);
    assert!(end.expect("a list").complete);
}

#[tokio::test]
async fn a_page_that_breaks_off_is_an_error_and_its_names_stay() {
    let (listener, url) = listen().await;
    let (backend, repo) = (anonymous(&url), client::repo("app"));
    for rest in ["", r#""c"]"#, "]} and more"] {
        let (sender, mut pages) = mpsc::channel(4);
        let serve = async {
            let mut stream = asked(&listener).await;
            let begin = HEAD.to_owned() + &chunk(r#"{"name":"app","tags":["a","b""#);
            stream.write_all(begin.as_bytes()).await.expect("sent");
            assert_eq!(names(pages.recv().await), ["a", "b"]);
            // The last one ends as it should, and is no JSON.
            let last = if rest.is_empty() { String::new() } else { chunk(rest) + &chunk("") };
            stream.write_all(last.as_bytes()).await.expect("sent");
            drop(stream);
            assert!(pages.recv().await.is_none());
        };
        let (end, ()) = tokio::join!(backend.tags(&repo, sender), serve);
        assert_eq!(end.expect_err("no whole page").kind, ErrorKind::BadAnswer, "{rest}");
    }
}

#[tokio::test]
async fn who_goes_away_in_the_middle_of_a_page_waits_for_nothing() {
    let (listener, url) = listen().await;
    let (backend, repo) = (anonymous(&url), client::repo("app"));
    let (sender, mut pages) = mpsc::channel(1);
    let serve = async {
        let mut stream = asked(&listener).await;
        let begin = HEAD.to_owned() + &chunk(r#"{"name":"app","tags":["a""#);
        stream.write_all(begin.as_bytes()).await.expect("sent");
        assert_eq!(names(pages.recv().await), ["a"]);
        drop(pages);
        // Nobody ends this page: the connection does, from the other side.
        stream.write_all(chunk(r#","b""#).as_bytes()).await.expect("sent");
        assert_eq!(stream.read(&mut [0; 16]).await.unwrap_or(0), 0);
    };
    let (end, ()) = tokio::join!(backend.tags(&repo, sender), serve);
    assert!(!end.expect("nobody to tell").complete);
}

#[tokio::test]
async fn a_compressed_page_is_read_on_the_way_too() {
    let body = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xca, 0x4b, 0xcc, 0x4d, 0x55, 0xb2,
        0x52, 0x4a, 0x2c, 0x28, 0x50, 0xd2, 0x51, 0x2a, 0x49, 0x4c, 0x2f, 0x56, 0xb2, 0x8a, 0x56, 0x4a, 0x04, 0xb2,
        0x93, 0x94, 0x62, 0x6b, 0x01, 0xf5, 0x10, 0x6a, 0x35, 0x1f, 0x00, 0x00, 0x00,
    ];
    let (listener, url) = listen().await;
    let backend = anonymous(&url);
    let serve = async {
        let mut stream = asked(&listener).await;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        for byte in body {
            stream.write_all(&[byte]).await.expect("sent");
        }
    };
    let (got, ()) = tokio::join!(tags(&*backend, "app"), serve);
    let got = got.expect("a list");
    assert_eq!((got.names, got.end.complete), (vec!["a".to_owned(), "b".to_owned()], true));
}
