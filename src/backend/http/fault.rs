//! Why no answer came: the HTTP library's errors in our words. Its own texts carry URLs and are never shown.

use std::error::Error as _;
use std::io;

use rustls::CertificateError;

use super::address::OutOfBounds;
use crate::backend::error::Error;
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

pub fn of(error: reqwest::Error, host: &str) -> Fault {
    let error = error.without_url();
    if let Some(tls) = find::<rustls::Error>(&error) {
        return Fault::last(tls_error(tls, host));
    }
    if find::<OutOfBounds>(&error).is_some() {
        return Fault::last(Error::new(
            ErrorKind::Forbidden,
            format!("{host} leads to an internal address, and this registry has no business there"),
        ));
    }
    let text = chain(&error);
    if text.contains("proxy authorization required") {
        return Fault::last(
            Error::new(ErrorKind::Network, format!("the proxy on the way to {host} wants a password (407)"))
                .hint("Put the user name and password into the proxy setting (HTTPS_PROXY)."),
        );
    }
    if error.is_timeout() {
        return Fault::last(Error::new(ErrorKind::Timeout, format!("{host} did not answer in time")));
    }
    if error.is_dns() || text.contains("dns error") {
        return Fault::last(Error::new(ErrorKind::Network, format!("the name {host} cannot be resolved")));
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
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
            again(host, "closed the connection without an answer")
        }
        _ if error.is_connect() => again(host, "cannot be connected to"),
        _ if text.contains("connection closed") || text.contains("GOAWAY") || text.contains("go away") => {
            again(host, "closed the connection without an answer")
        }
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

fn tls_error(error: &rustls::Error, host: &str) -> Error {
    let time = |at: &rustls::pki_types::UnixTime| {
        i64::try_from(at.as_secs())
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(|| "an unknown time".to_owned(), |stamp| stamp.to_string())
    };
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::ExpiredContext { time: now, not_after } => (
                format!("the certificate of {host} expired at {}; it is {} here", time(not_after), time(now)),
                "Have the certificate renewed; if the time here is wrong, set the clock.",
            ),
            CertificateError::Expired => {
                (format!("the certificate of {host} has expired"), "Have it renewed, or check the clock here.")
            }
            CertificateError::NotValidYetContext { time: now, not_before } => (
                format!("the certificate of {host} is valid from {} on; it is {} here", time(not_before), time(now)),
                "Check the clock here.",
            ),
            CertificateError::NotValidYet => {
                (format!("the certificate of {host} is not valid yet"), "Check the clock here.")
            }
            CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName => (
                format!("the certificate shown by {host} is for another name"),
                "Check the address; a proxy or a captive portal may stand between you and the registry.",
            ),
            CertificateError::UnknownIssuer => (
                format!("the certificate of {host} comes from an authority this machine does not know"),
                "Add the registry's CA file (ca_cert in the config, or --ca-cert).",
            ),
            CertificateError::Revoked => {
                (format!("the certificate of {host} was revoked"), "Ask the registry's operator.")
            }
            CertificateError::Other(other) if other.to_string().contains("UnknownIssuer") => (
                format!("the certificate of {host} comes from an authority this machine does not know"),
                "Add the registry's CA file (ca_cert in the config, or --ca-cert).",
            ),
            _ => (
                format!("the certificate of {host} is not acceptable"),
                "Add the registry's CA file (ca_cert in the config, or --ca-cert), or ask the registry's operator.",
            ),
        },
        // A plain server's answer read as TLS (oci-distribution.md §15).
        rustls::Error::InvalidMessage(_) => (
            format!("{host} does not speak TLS on this port"),
            "If the registry is meant to be reached without encryption, write http:// before its address.",
        ),
        rustls::Error::AlertReceived(alert) => (
            format!("{host} refused the encrypted connection ({alert:?})"),
            "It may want a client certificate, or speak only an old version of TLS.",
        ),
        _ => (
            format!("the encrypted connection to {host} could not be set up"),
            "The server may speak only an old version of TLS.",
        ),
    };
    Error::new(ErrorKind::Tls, what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_errors_say_which() {
        let of = |error| tls_error(&rustls::Error::InvalidCertificate(error), "r.example").what.to_string();
        assert!(of(CertificateError::Expired).contains("expired"));
        assert!(of(CertificateError::NotValidForName).contains("another name"));
        assert!(of(CertificateError::UnknownIssuer).contains("does not know"));
    }
}
