//! A client of twenty lines: one connection per request, the answer read to its end.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub struct Got {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap_or("").to_owned()
    }

    pub fn names(&self, key: &str) -> Vec<String> {
        let body = self.json();
        let list = body[key].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

/// `None` when the connection was closed without an answer.
pub async fn send(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Got> {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut raw = Vec::new();
    // A connection that breaks in the middle of a body still gives what came before.
    let _ = stream.read_to_end(&mut raw).await;
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| line.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned()));
    Some(Got { status, headers: lines.filter_map(pair).collect(), body: raw.split_off(end + 4) })
}

pub async fn get(url: &str, path: &str) -> Got {
    with(url, "GET", path, &[]).await
}

pub async fn with(url: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Got {
    send(url, method, path, headers, b"").await.expect("an answer")
}
