//! Control bytes in what HTTP itself carries: none reaches the terminal, an output or the log as it is.
#![cfg(unix)]

use crate::support::listener::{Listener, Seen};
use crate::support::program::Place;
use crate::support::pty::Pty;

/// A title, a screen cleared, a colour: with ESC, with C1 controls in Latin-1 and in UTF-8, and smaller mischief.
const HOSTILE: [&[u8]; 8] = [
    b"\x1b]0;owned\x07",
    b"\x1b[2Jowned",
    b"\x9d0;owned\x9c",
    b"\x9b2Jowned",
    b"\xc2\x9b2Jowned",
    b"ow\x08\x7fned",
    b"ow\tned",
    b"owned\xff\xfe",
];
const HEADERS: [&str; 9] = [
    "warning",
    "www-authenticate",
    "content-type",
    "link",
    "location",
    "docker-content-digest",
    "retry-after",
    "docker-distribution-api-version",
    "server",
];

/// With the bytes in this header, or, without one, after the status; quoted where the header wants that.
fn answer(status: u16, header: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let body = r#"{"errors":[{"code":"UNKNOWN","message":"no"}]}"#;
    let mut text = format!("HTTP/1.1 {status} ").into_bytes();
    text.extend_from_slice(if header.is_none() { bytes } else { b"X" });
    text.extend_from_slice(format!("\r\nconnection: close\r\ncontent-length: {}\r\n", body.len()).as_bytes());
    if let Some(header) = header {
        let (before, after) = match header {
            "warning" => ("299 - \"", "\""),
            "www-authenticate" => ("Basic realm=\"", "\""),
            "link" => ("</v2/app/tags/list?last=", ">; rel=\"next\""),
            "location" => ("/elsewhere/", ""),
            _ => ("", ""),
        };
        for part in [header.as_bytes(), b": ", before.as_bytes(), bytes, after.as_bytes(), b"\r\n"] {
            text.extend_from_slice(part);
        }
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body.as_bytes());
    text
}

fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

/// Every status that leads somewhere else in the client.
const STATUSES: [u16; 5] = [200, 307, 401, 429, 500];

/// One server for all: the path of a repository says which answer is wanted.
fn server() -> Listener {
    Listener::start(|seen: &Seen| {
        let name = seen.line.split('/').find_map(|part| part.strip_prefix("x-"));
        let wanted = name.and_then(|name| {
            let mut numbers = name.split('-').map_while(|n| n.parse::<usize>().ok());
            Some((numbers.next()?, numbers.next()?, numbers.next()?))
        });
        match wanted {
            Some((status, header, bytes)) => answer(STATUSES[status], HEADERS.get(header).copied(), HOSTILE[bytes]),
            None => answer(200, None, b"OK"),
        }
    })
}

#[test]
fn no_output_and_no_log_holds_a_control_byte_of_a_header() {
    let server = server();
    let place = Place::new("");
    for header in 0..=HEADERS.len() {
        for (bytes, text) in HOSTILE.iter().enumerate() {
            // All of them with one status, all statuses with some: a program is started for each.
            let status = (header + bytes) % STATUSES.len();
            let target = format!("{}/x-{status}-{header}-{bytes}", server.url());
            let ran = place.run(&["tags", &target, "-vvv", "--names", "--timeout", "2s"]);
            let what = format!("{} {:?} {:?}", STATUSES[status], HEADERS.get(header), text.escape_ascii().to_string());
            assert!(ran.code.is_some_and(|code| code < 10), "{what}: {:?}", ran.code);
            assert!(is_harmless(&ran.out) && is_harmless(&ran.err), "{what}: {:?} {:?}", ran.out, ran.err);
        }
    }
    assert!(server.seen().len() >= (HEADERS.len() + 1) * HOSTILE.len());
    let log = std::fs::read(place.path().join("state/tagboat/tagboat.log")).unwrap();
    let log = String::from_utf8(log).expect("UTF-8 only");
    assert!(log.len() > 1000 && is_harmless(&log), "{:?}", log.lines().find(|line| !is_harmless(line)));
}

#[test]
fn no_header_drives_the_terminal() {
    let server = server();
    for (header, bytes) in [(0, 2), (0, 3), (0, 4), (1, 2), (2, 7), (9, 2), (0, 0)] {
        for status in [0, 4] {
            let target = format!("{}/x-{status}-{header}-{bytes}", server.url());
            let mut pty = Pty::start(&[&target, "--no-cache", "--timeout", "2s"], 120, 30);
            pty.wait_for("x-");
            pty.press("gl");
            pty.wait_for("Messages");
            let raw = pty.raw_output();
            let has = |part: &[u8]| raw.windows(part.len()).any(|window| window == part);
            assert!(!has(b"\x1b]") && !has(b"\x07") && !has(b"\x1b[2Jowned"), "{header} {bytes}");
            let text = String::from_utf8(raw).expect("whole characters");
            assert!(!text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c)), "{header} {bytes}");
            assert!(pty.running());
        }
    }
}
