//! Redirects, followed by hand: the HTTP library would re-send headers we do not want to travel (safety.md A1).

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, LOCATION, RANGE};
use url::Url;

use super::fault::Fault;
use super::wire::{Outgoing, Purpose, Reply, Wire};
use super::{limits, realm};
use crate::backend::error::Error;
use crate::domain::error::ErrorKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Anywhere,
    /// A token server may not hand us on (safety.md A3).
    SameOrigin,
}

impl Rule {
    fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Registry => Self::Anywhere,
            Purpose::Token => Self::SameOrigin,
        }
    }
}

pub async fn follow(wire: &Wire, first: Outgoing) -> Result<Reply, Fault> {
    let rule = Rule::of(first.purpose);
    let mut out = first;
    let mut latency = None;
    let mut foreign = false;
    for _ in 0..=limits::REDIRECTS {
        let mut reply = wire.exchange(&out).await?;
        let latency = *latency.get_or_insert(reply.latency);
        let redirect = matches!(reply.status, 301 | 302 | 303 | 307 | 308) && reads(&out.method);
        if !redirect {
            reply.latency = latency;
            reply.foreign = foreign;
            return Ok(reply);
        }
        let next = target(&out.url, &reply.headers)?;
        check(wire, &out.url, &next, rule)?;
        if next.origin() != out.url.origin() {
            foreign = true;
            out.headers = travelling(&out.headers);
        }
        out.url = next;
    }
    Err(refuse(&out.url, "redirects without end"))
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn target(from: &Url, headers: &HeaderMap) -> Result<Url, Fault> {
    let location = headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let url = location.filter(|text| text.len() <= limits::URL).and_then(|text| from.join(text.trim()).ok());
    let mut url = url.ok_or_else(|| refuse(from, "redirects without saying where to"))?;
    url.set_fragment(None);
    Ok(url)
}

/// Whether a registry at `from` may send an upload there.
pub fn permits(wire: &Wire, from: &Url, to: &Url) -> Result<(), Fault> {
    check(wire, from, to, Rule::Anywhere)
}

fn check(wire: &Wire, from: &Url, to: &Url, rule: Rule) -> Result<(), Fault> {
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return Err(refuse(from, "redirects from an encrypted to an unencrypted address")),
        _ => return Err(refuse(from, "redirects to something that is not a web address")),
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Err(refuse(from, "redirects to an address with a password in it"));
    }
    if rule == Rule::SameOrigin && to.origin() != from.origin() {
        return Err(refuse(from, "redirects a sign-in to another server"));
    }
    if !wire.bounds.permits_literal(to, false) {
        return Err(refuse(from, "redirects to an internal address"));
    }
    Ok(())
}

/// What a new origin may know of us.
fn travelling(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in [ACCEPT, RANGE] {
        if let Some(value) = headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

fn refuse(from: &Url, what: &str) -> Fault {
    Fault::last(
        Error::new(ErrorKind::Forbidden, format!("{} {what}", realm::host_of(from)))
            .hint("tagboat does not follow there. Check the address of the registry, and what stands before it."),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::proxy::Proxies;
    use super::*;
    use crate::backend::Settings;
    use crate::backend::http::{address::Bounds, tls};
    use crate::domain::registry::RegistryProfile;

    fn follows(from: &str, to: &str, rule: Rule) -> bool {
        let from: Url = from.parse().expect("URL");
        let bounds = Arc::new(Bounds::new(&from, []));
        let client = tls::client(&RegistryProfile::default(), &from, &bounds, &Proxies::default()).expect("client");
        let wire = Wire::new(client, from.clone(), bounds, Proxies::default(), &Settings::default());
        check(&wire, &from, &to.parse().expect("URL"), rule).is_ok()
    }

    #[test]
    fn never_from_encrypted_to_plain() {
        assert!(!follows("https://r.example/v2/", "http://r.example/v2/", Rule::Anywhere));
        assert!(!follows("https://r.example/v2/", "http://cdn.example/v2/", Rule::Anywhere));
        assert!(follows("https://r.example/v2/", "https://cdn.example/x", Rule::Anywhere));
        assert!(follows("http://r.example/v2/", "https://cdn.example/x", Rule::Anywhere));
    }

    #[test]
    fn a_public_registry_does_not_lead_inside() {
        for to in [
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/",
            "https://0.0.0.0/",
        ] {
            assert!(!follows("https://203.0.113.7/v2/", to, Rule::Anywhere), "{to}");
        }
        assert!(follows("https://10.0.0.1/v2/", "https://10.0.0.2/x", Rule::Anywhere));
    }

    #[test]
    fn a_sign_in_stays_where_it_is() {
        assert!(follows("https://r.example/token", "https://r.example/login", Rule::SameOrigin));
        assert!(!follows("https://r.example/token", "https://r.example:8443/login", Rule::SameOrigin));
    }
}
