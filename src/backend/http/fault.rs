//! Why no answer came: the HTTP library's errors in our words. Its own texts carry URLs and are never shown.

use std::error::Error as _;
use std::io;

use super::address::OutOfBounds;
use super::proxy::Proxy;
use super::tls_fault;
use crate::backend::error::{Delivery, Error};
use crate::domain::error::ErrorKind;

/// An error, and whether the same request may be sent again.
#[derive(Debug)]
pub struct Fault {
    /// Boxed: it carries its whole sentence, and most requests have none.
    pub error: Box<Error>,
    pub again: bool,
}

impl Fault {
    pub fn last(error: Error) -> Self {
        Self { error: Box::new(error), again: false }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        *fault.error
    }
}

pub fn of(error: reqwest::Error, host: &str, proxy: Option<&Proxy>) -> Fault {
    // Only what failed before there was a connection has certainly sent nothing.
    let sent = !(error.is_connect() || error.is_builder());
    let mut fault = explain(error.without_url(), host, proxy);
    fault.error.delivery = if sent { Delivery::Unanswered } else { Delivery::NotSent };
    fault
}

fn explain(error: reqwest::Error, host: &str, proxy: Option<&Proxy>) -> Fault {
    if let Some(tls) = find::<rustls::Error>(&error) {
        return Fault::last(tls_fault::of(tls, host));
    }
    if find::<OutOfBounds>(&error).is_some() {
        return Fault::last(Error::new(
            ErrorKind::Forbidden,
            format!("{host} leads to an internal address, and this registry has no business there"),
        ));
    }
    let text = chain(&error);
    if let Some(proxy) = proxy {
        if text.contains("proxy authorization required") {
            return Fault::last(proxy.wants_a_password(host));
        }
        if text.contains("tunnel error: unsuccessful") {
            let what = format!("{} does not let us through to {host}", proxy.name());
            let hint = format!(
                "Ask who runs the proxy, or name the registry in NO_PROXY if it needs none ({}).",
                proxy.variable
            );
            return Fault::last(Error::new(ErrorKind::Network, what).hint(hint));
        }
    }
    // Until the tunnel stands, all that fails is the way to the proxy.
    let whom = proxy
        .filter(|_| error.is_connect())
        .map_or_else(|| host.to_owned(), |p| format!("{} on the way to {host}", p.name()));
    let host = whom.as_str();
    if error.is_timeout() {
        return Fault::last(Error::new(ErrorKind::Timeout, format!("{host} did not answer in time")));
    }
    if error.is_dns() || text.contains("dns error") || text.contains("invalid dns name") {
        return Fault::last(
            Error::new(ErrorKind::Network, format!("the name of {host} cannot be resolved"))
                .hint("Check the spelling, the network and its name server; a VPN may be needed."),
        );
    }
    if error.is_decode() {
        return Fault::last(Error::new(
            ErrorKind::BadAnswer,
            format!("{host} sent a body that does not decode or ends too early"),
        ));
    }
    match find::<io::Error>(&error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => again(host, "refused the connection"),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => again(host, "cannot be reached"),
        _ if error.is_body() => Fault::last(Error::new(
            ErrorKind::BadAnswer,
            format!("the connection to {host} ended before the answer was complete"),
        )),
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof,
        ) => again(host, "closed the connection without an answer"),
        _ if error.is_connect() => again(host, "cannot be connected to"),
        // Canceled: the connection ended while the request was on its way into it, as when a server that wants a client
        // certificate sees none.
        _ if find::<hyper::Error>(&error)
            .is_some_and(|e| e.is_canceled() || e.is_closed() || e.is_incomplete_message())
            || ["connection closed", "GOAWAY", "go away"].iter().any(|part| text.contains(part)) =>
        {
            again(host, "closed the connection without an answer")
        }
        // A TLS alert, for one.
        _ if text.contains("invalid HTTP version") || text.contains("invalid HTTP status") => Fault::last(
            Error::new(ErrorKind::BadAnswer, format!("{host} does not speak HTTP here"))
                .hint("Check the port, and whether the address needs https://."),
        ),
        _ => Fault::last(Error::new(ErrorKind::Network, format!("the request to {host} failed"))),
    }
}

fn again(host: &str, what: &str) -> Fault {
    Fault { error: Box::new(Error::new(ErrorKind::Network, format!("{host} {what}"))), again: true }
}

/// Looks through the whole chain, and into the `io::Error`s in it, which hide what they wrap.
fn find<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next = error.source();
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref::<T>()) {
            return Some(found);
        }
        next = inner.map_or_else(|| current.source(), |inner| Some(inner as &(dyn std::error::Error + 'static)));
    }
    None
}

fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(current) = next {
        text.push_str(&current.to_string());
        text.push('\n');
        next = current.source();
    }
    text
}
