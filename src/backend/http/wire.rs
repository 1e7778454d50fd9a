//! One exchange: the only place where requests leave. What may not leave is stopped here, whoever asked for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Response, Version};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};
use url::Url;

use super::address::Bounds;
use super::body::{self, Excess};
use super::content::Content;
use super::echo;
use super::fault::{self, Fault};
use super::proxy::{Proxies, Proxy};
use super::tap::Tap;
use super::{limits, realm};
use crate::backend::Settings;
use crate::backend::error::{Delivery, Error};
use crate::domain::error::ErrorKind;

/// Query keys whose values may be logged (safety.md A9).
const LOGGED: [&str; 6] = ["n", "last", "page", "page_size", "service", "scope"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Registry,
    /// The token POST is the one POST that reads.
    Token,
}

#[derive(Clone, Debug)]
pub struct Outgoing {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub content: Content,
    pub purpose: Purpose,
    /// Compressed answers are taken.
    pub gzip: bool,
    pub first_byte: Duration,
    pub cap: u64,
    /// Where the body of a success goes instead of into the reply.
    pub tap: Option<Tap>,
}

/// Not `Debug`: the body may be a token.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Time to the first byte of the first hop.
    pub latency: Duration,
    /// It came from another origin than was asked.
    pub foreign: bool,
}

pub struct Wire {
    client: Client,
    pub registry: Url,
    pub bounds: Arc<Bounds>,
    proxies: Proxies,
    /// How long one request may take, retries included.
    pub total: Duration,
    read_only: bool,
    seen: AtomicU8,
    /// Microseconds of the quickest answer.
    quickest: AtomicU64,
}

impl Wire {
    pub fn new(client: Client, registry: Url, bounds: Arc<Bounds>, proxies: Proxies, settings: &Settings) -> Self {
        let (read_only, total) = (settings.read_only, settings.timeout.unwrap_or(limits::TOTAL));
        let (seen, quickest) = (AtomicU8::new(0), AtomicU64::new(u64::MAX));
        Self { client, registry, bounds, proxies, total, read_only, seen, quickest }
    }

    pub fn is_http2(&self) -> bool {
        self.seen.load(Ordering::Relaxed) == 2
    }

    pub fn transport(&self) -> Option<&'static str> {
        match self.seen.load(Ordering::Relaxed) {
            0 => None,
            _ if self.registry.scheme() == "http" => Some("http, not encrypted"),
            2 => Some("h2"),
            _ => Some("http/1.1"),
        }
    }

    pub fn quickest(&self) -> Option<Duration> {
        match self.quickest.load(Ordering::Relaxed) {
            u64::MAX => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    pub async fn exchange(&self, out: &Outgoing) -> Result<Reply, Fault> {
        self.permit(out)?;
        let host = realm::host_of(&out.url);
        let proxy = self.proxies.for_url(&out.url);
        let mut headers = out.headers.clone();
        if !out.gzip {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let mut request = self.client.request(out.method.clone(), out.url.clone()).headers(headers);
        request = match &out.content {
            Content::Nothing => request,
            Content::Form(form) => {
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.expose_secret().to_owned())
            }
            Content::Bytes(bytes) => request.body(bytes.clone()),
            Content::Flow(flow) => match flow.body() {
                Some(body) => request.body(body),
                None => {
                    return Err(Fault::last(Error::new(ErrorKind::Internal, "content that is gone was sent again")));
                }
            },
        };
        let started = Instant::now();
        let sent = match &out.content {
            Content::Flow(flow) => flow.patiently(out.first_byte, request.send()).await,
            _ => timeout(out.first_byte, request.send()).await.ok(),
        };
        let response = match sent {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                let fault = fault::of(error, &host, proxy);
                tracing::debug!(method = %out.method, %host, path = out.url.path(), error = %fault.error, "no answer");
                return Err(fault);
            }
            None => {
                let what = format!("{host} did not begin to answer within {} s", out.first_byte.as_secs());
                return Err(Fault::last(Error::new(ErrorKind::Timeout, what).delivery(Delivery::Unanswered)));
            }
        };
        let latency = started.elapsed();
        let status = response.status().as_u16();
        let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let query = logged_query(&out.url);
        tracing::debug!(method = %out.method, %host, path = out.url.path(), query, status, ms, "answer");
        let foreign = out.url.origin() != self.registry.origin();
        if !foreign {
            self.seen.store(if response.version() == Version::HTTP_2 { 2 } else { 1 }, Ordering::Relaxed);
            let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
            self.quickest.fetch_min(micros, Ordering::Relaxed);
        }
        self.take(out, response, latency, foreign, proxy).await.map_err(|mut fault| {
            // It came as far as the server, and what the server said is lost.
            if fault.error.delivery == Delivery::NotSent {
                fault.error.delivery = Delivery::Unanswered;
            }
            fault
        })
    }

    async fn take(
        &self,
        out: &Outgoing,
        response: Response,
        latency: Duration,
        foreign: bool,
        proxy: Option<&Proxy>,
    ) -> Result<Reply, Fault> {
        let (host, status) = (realm::host_of(&out.url), response.status().as_u16());
        let headers = response.headers().clone();
        check_headers(&headers, &host)?;
        if let Some(proxy) = proxy.filter(|_| status == 407) {
            return Err(Fault::last(proxy.wants_a_password(&host).delivery(Delivery::Answered)));
        }
        let redirect = (300..400).contains(&status);
        let small = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
            .is_some_and(|length| length <= limits::REDIRECT_BODY);
        let body = if out.method == Method::HEAD || (redirect && !small) {
            Bytes::new()
        } else if response.status().is_success() && !reads(out) {
            // It is done, whatever the words about it look like.
            body::read(response, limits::ERROR_BODY, Excess::Cut, &host).await?
        } else if response.status().is_success() {
            match &out.tap {
                Some(tap) => {
                    body::pass_on(response, out.cap, tap, &host).await?;
                    Bytes::new()
                }
                None => body::read(response, out.cap, Excess::Refuse, &host).await?,
            }
        } else {
            echo::without(body::read(response, limits::ERROR_BODY, Excess::Cut, &host).await?, out)
        };
        Ok(Reply { status, headers, body, latency, foreign })
    }

    /// Stops what may not leave in read-only mode, whoever asks for it (safety.md F11).
    pub fn permit(&self, out: &Outgoing) -> Result<(), Fault> {
        if self.read_only && !reads(out) {
            return Err(Fault::last(Error::new(
                ErrorKind::Forbidden,
                format!("read-only mode: a {} was stopped before it was sent", out.method),
            )));
        }
        Ok(())
    }
}

fn reads(out: &Outgoing) -> bool {
    matches!(out.method, Method::GET | Method::HEAD) || (out.method == Method::POST && out.purpose == Purpose::Token)
}

fn check_headers(headers: &HeaderMap, host: &str) -> Result<(), Fault> {
    let mut all = 0;
    for (name, value) in headers {
        let one = name.as_str().len() + value.len();
        all += one;
        if one > limits::HEADER || all > limits::HEADERS {
            return Err(Fault::last(Error::new(
                ErrorKind::BadAnswer,
                format!("{host} sent headers that are too large"),
            )));
        }
    }
    Ok(())
}

fn logged_query(url: &Url) -> String {
    let mut text = String::new();
    for (key, value) in url.query_pairs().filter(|(key, _)| LOGGED.contains(&key.as_ref())) {
        text.push_str(&format!("{key}={} ", value.escape_debug()));
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registry::RegistryProfile;

    #[tokio::test]
    async fn nothing_but_reads_leaves_in_read_only_mode() {
        let url: Url = "http://127.0.0.1:1/".parse().expect("URL");
        let bounds = Arc::new(Bounds::new(&url, []));
        let client =
            super::super::tls::client(&RegistryProfile::default(), &url, &bounds, &Proxies::default()).expect("client");
        let settings = Settings { read_only: true, ..Settings::default() };
        let wire = Wire::new(client, url.clone(), bounds, Proxies::default(), &settings);
        for (method, purpose) in [
            (Method::DELETE, Purpose::Registry),
            (Method::PUT, Purpose::Registry),
            (Method::PATCH, Purpose::Token),
            (Method::POST, Purpose::Registry),
        ] {
            let out = Outgoing {
                method,
                url: url.clone(),
                headers: HeaderMap::new(),
                content: Content::Nothing,
                purpose,
                gzip: false,
                first_byte: limits::FIRST_BYTE,
                cap: 1,
                tap: None,
            };
            let fault = wire.exchange(&out).await.err().expect("refused");
            assert_eq!(fault.error.kind, ErrorKind::Forbidden);
        }
    }

    #[test]
    fn headers_have_caps_one_below_and_one_above() {
        // Each is this long, its name of four letters included.
        let headers = |lengths: &[usize]| {
            let mut headers = HeaderMap::new();
            for (number, length) in lengths.iter().enumerate() {
                let name = format!("x-{number:02}").parse::<reqwest::header::HeaderName>().expect("a name");
                headers.insert(name, "a".repeat(length - 4).parse().expect("a value"));
            }
            check_headers(&headers, "h").is_ok()
        };
        assert!(headers(&[limits::HEADER]));
        assert!(!headers(&[limits::HEADER + 1]));
        assert_eq!(limits::HEADERS, 8 * limits::HEADER);
        assert!(headers(&[limits::HEADER; 8]));
        let mut one_more = vec![limits::HEADER; 7];
        one_more.extend([limits::HEADER - 4, 5]);
        assert!(!headers(&one_more));
    }

    #[test]
    fn only_known_query_values_are_logged() {
        let url: Url = "https://h/x?n=5&X-Amz-Signature=s3cr3t&last=a%1b&account=me".parse().expect("URL");
        assert_eq!(logged_query(&url), "n=5 last=a\\u{1b}");
    }
}
