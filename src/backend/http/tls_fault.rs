//! Why a server could not be trusted or spoken to: cause, host, what to do (safety.md E1).

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as TlsError, PeerIncompatible};

use crate::backend::error::Error;
use crate::domain::error::ErrorKind;

const ADD_CA: &str = "Add the registry's CA file (ca_cert in the config, or --ca-cert).";
const CLOCK: &str = "If the time here is wrong, set the clock; else have the certificate renewed.";
/// A certificate may carry hundreds.
const NAMES_SHOWN: usize = 3;

pub fn of(error: &TlsError, host: &str) -> Error {
    let (what, hint) = match error {
        TlsError::InvalidCertificate(certificate) => invalid(certificate, host),
        // A plain server's answer read as TLS (oci-distribution.md §15).
        TlsError::InvalidMessage(_) => (
            format!("{host} does not speak TLS on this port"),
            "If the registry is meant to be reached without encryption, write http:// before its address.".to_owned(),
        ),
        TlsError::AlertReceived(AlertDescription::ProtocolVersion)
        | TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => (
            format!("{host} speaks only versions older than TLS 1.2, which are no longer safe"),
            "Ask the registry's operator to turn TLS 1.2 or 1.3 on.".to_owned(),
        ),
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate,
        ) => (format!("{host} wants a client certificate, and takes none or not the one it got"), client_files(host)),
        // How a TLS 1.2 server asks for one depends on the server.
        TlsError::AlertReceived(AlertDescription::HandshakeFailure) => {
            (format!("{host} refused the encrypted connection; it may want a client certificate"), client_files(host))
        }
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => (
            format!("{host} does not know itself by that name"),
            "Check the address: the server has other names than this one.".to_owned(),
        ),
        TlsError::AlertReceived(alert) => (
            format!("{host} refused the encrypted connection ({alert:?})"),
            "Ask the registry's operator what its TLS asks for.".to_owned(),
        ),
        _ => (
            format!("the encrypted connection to {host} could not be set up"),
            "The server and tagboat have no way of encryption in common.".to_owned(),
        ),
    };
    Error::new(ErrorKind::Tls, what).hint(hint)
}

fn client_files(host: &str) -> String {
    format!(
        "Put client.cert and client.key, PEM, into /etc/docker/certs.d/{host} or ~/.config/containers/certs.d/{host}."
    )
}

fn invalid(error: &CertificateError, host: &str) -> (String, String) {
    let (what, hint) = match error {
        CertificateError::ExpiredContext { time: now, not_after } => {
            (format!("the certificate of {host} expired at {}; it is {} here", time(not_after), time(now)), CLOCK)
        }
        CertificateError::Expired => (format!("the certificate of {host} has expired"), CLOCK),
        CertificateError::NotValidYetContext { time: now, not_before } => (
            format!("the certificate of {host} is valid from {} on; it is {} here", time(not_before), time(now)),
            CLOCK,
        ),
        CertificateError::NotValidYet => (format!("the certificate of {host} is not valid yet"), CLOCK),
        CertificateError::NotValidForNameContext { presented, .. } => (
            format!("the certificate shown by {host} is for another name: {}", names(presented)),
            "Check the address; a proxy or a captive portal may stand between you and the registry.",
        ),
        CertificateError::NotValidForName => (
            format!("the certificate shown by {host} is for another name"),
            "Check the address; a proxy or a captive portal may stand between you and the registry.",
        ),
        CertificateError::UnknownIssuer => {
            (format!("the certificate of {host} comes from an authority this machine does not know"), ADD_CA)
        }
        CertificateError::BadSignature => (
            format!("the certificate of {host} was not signed by the authority of that name that this machine knows"),
            "The CA file may be an old one: get the registry's present CA (ca_cert in the config, or --ca-cert).",
        ),
        CertificateError::Revoked => (format!("the certificate of {host} was revoked"), "Ask the registry's operator."),
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => (
            format!("{host} shows a certificate that it signed itself, and this machine does not know it"),
            "If you trust it, give it as the CA file (ca_cert in the config, or --ca-cert).",
        ),
        CertificateError::Other(other) if other.to_string().contains("UnknownIssuer") => {
            (format!("the certificate of {host} comes from an authority this machine does not know"), ADD_CA)
        }
        _ => (format!("the certificate of {host} is not acceptable"), "Ask the registry's operator for a valid one."),
    };
    (what, hint.to_owned())
}

fn time(at: &UnixTime) -> String {
    let stamp = i64::try_from(at.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    stamp.map_or_else(|| "an unknown time".to_owned(), |stamp| stamp.to_string())
}

/// `DnsName("r.example")`, as webpki puts it, is `r.example`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        inner.trim_matches('"').to_owned()
    };
    let mut shown: Vec<String> = presented.iter().take(NAMES_SHOWN).map(bare).collect();
    match presented.len() {
        0 => shown.push("none at all".to_owned()),
        more if more > NAMES_SHOWN => shown.push("…".to_owned()),
        _ => {}
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_errors_say_which() {
        let of = |error| of(&TlsError::InvalidCertificate(error), "r.example").what.to_string();
        assert!(of(CertificateError::Expired).contains("expired"));
        assert!(of(CertificateError::NotValidForName).contains("another name"));
        assert!(of(CertificateError::UnknownIssuer).contains("does not know"));
    }

    #[test]
    fn names_are_bare_and_few() {
        let presented = |count: usize| vec!["DnsName(\"a.example\")".to_owned(); count];
        assert_eq!(names(&presented(1)), "a.example");
        assert_eq!(names(&presented(9)), "a.example, a.example, a.example, …");
        assert_eq!(names(&[]), "none at all");
    }
}
