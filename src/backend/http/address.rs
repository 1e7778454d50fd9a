//! Which network addresses may be reached. The check sits in the resolver of the client, so that it judges the
//! address really connected, not the answer of a separate look-up (safety.md A1, A3, E6).

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::domain::address::is_localhost;
pub use crate::domain::address::{Class, class, is_loopback, literal_class};

/// What the resolver answers with when every address of a name is out of bounds.
#[derive(Debug)]
pub struct OutOfBounds;

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an internal address")
    }
}

impl std::error::Error for OutOfBounds {}

/// The registry's own host may live anywhere: the user named it. Other hosts, which the registry named, may live only
/// where the registry's own address allows it.
#[derive(Debug)]
pub struct Bounds {
    own_host: String,
    own: Mutex<Option<Class>>,
    realms: Mutex<HashSet<String>>,
    /// Hosts of proxies: they too were named by the user.
    proxies: HashSet<String>,
}

impl Bounds {
    pub fn new<'a>(registry: &Url, proxies: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            own_host: bare(registry.host_str().unwrap_or_default()),
            own: Mutex::new(literal_class(registry)),
            realms: Mutex::default(),
            proxies: proxies.into_iter().map(bare).collect(),
        }
    }

    /// Judges a literal address before the request is made; names are judged when they are resolved.
    pub fn permits_literal(&self, url: &Url, realm: bool) -> bool {
        let host = bare(url.host_str().unwrap_or_default());
        if realm {
            self.realms.lock().unwrap_or_else(PoisonError::into_inner).insert(host.clone());
        }
        host == self.own_host || literal_class(url).is_none_or(|found| self.permits(found, realm))
    }

    fn permits(&self, found: Class, realm: bool) -> bool {
        let own = *self.own.lock().unwrap_or_else(PoisonError::into_inner);
        match (found, own) {
            (Class::Public, _) => true,
            (Class::Never, _) => false,
            // The registry is contacted first; its address is unknown only where a proxy resolves its name. This
            // machine itself is never on the other side of a proxy.
            (found, None) => found != Class::Loopback,
            (found, Some(own)) if found == own => true,
            // A registry behind a port forward may send to storage in its own network, but not ask for passwords.
            (Class::Private, Some(Class::Loopback)) => !realm,
            _ => false,
        }
    }

    /// The addresses of a name that may be connected to.
    pub fn judge(&self, name: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, OutOfBounds> {
        // A plain connection to such a name counts as one to this machine, so it must be one.
        if is_localhost(name) && !addresses.iter().all(|a| class(a.ip()) == Class::Loopback) {
            return Err(OutOfBounds);
        }
        if self.proxies.contains(name) {
            return Ok(addresses);
        }
        if name == self.own_host {
            // Of several addresses the most public one counts: that grants the least.
            let classes: Vec<_> = addresses.iter().map(|a| class(a.ip())).collect();
            let widest = [Class::Public, Class::Private, Class::Loopback].into_iter().find(|c| classes.contains(c));
            *self.own.lock().unwrap_or_else(PoisonError::into_inner) = widest;
            return Ok(addresses);
        }
        let realm = self.realms.lock().unwrap_or_else(PoisonError::into_inner).contains(name);
        let kept: Vec<_> = addresses.into_iter().filter(|a| self.permits(class(a.ip()), realm)).collect();
        if kept.is_empty() { Err(OutOfBounds) } else { Ok(kept) }
    }
}

fn bare(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

pub struct Resolver(pub Arc<Bounds>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let bounds = Arc::clone(&self.0);
        Box::pin(async move {
            let name = bare(name.as_str());
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept = bounds.judge(&name, addresses)?;
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn a_public_registry_leads_nowhere_inside() {
        let bounds = Bounds::new(&url("https://r.example"), []);
        assert!(bounds.judge("r.example", vec!["8.8.8.8:0".parse().expect("address")]).is_ok());
        for inside in ["127.0.0.1:0", "10.0.0.1:0", "169.254.169.254:0", "[fe80::1]:0"] {
            assert!(bounds.judge("cdn.example", vec![inside.parse().expect("address")]).is_err(), "{inside}");
        }
        assert!(!bounds.permits_literal(&url("https://192.168.0.1/"), false));
        assert!(bounds.permits_literal(&url("https://9.9.9.9/"), true));
    }

    #[test]
    fn addresses_out_of_bounds_are_dropped_from_a_mixed_answer() {
        let bounds = Bounds::new(&url("https://8.8.8.8"), []);
        let mixed = vec!["127.0.0.1:0".parse().expect("address"), "9.9.9.9:0".parse().expect("address")];
        assert_eq!(bounds.judge("cdn.example", mixed).map(|kept| kept.len()).ok(), Some(1));
    }

    #[test]
    fn behind_a_proxy_nothing_leads_to_this_machine() {
        let bounds = Bounds::new(&url("https://r.example"), ["Proxy.example"]);
        assert!(!bounds.permits_literal(&url("https://127.0.0.1/"), false));
        assert!(!bounds.permits_literal(&url("https://localhost/"), true));
        assert!(bounds.permits_literal(&url("https://10.0.0.6/"), false));
        let local: Vec<SocketAddr> = vec!["127.0.0.1:0".parse().expect("address")];
        assert!(bounds.judge("proxy.example", local.clone()).is_ok());
        assert!(bounds.judge("cdn.example", local).is_err());
    }

    #[test]
    fn a_private_registry_may_use_its_own_network() {
        let bounds = Bounds::new(&url("https://10.0.0.5"), []);
        assert!(bounds.permits_literal(&url("https://10.0.0.6/"), true));
        assert!(!bounds.permits_literal(&url("https://127.0.0.1/"), false));
        assert!(!bounds.permits_literal(&url("https://169.254.169.254/"), false));
        let forwarded = Bounds::new(&url("http://127.0.0.1:5000"), []);
        assert!(forwarded.permits_literal(&url("http://10.0.0.6/"), false));
        assert!(!forwarded.permits_literal(&url("http://10.0.0.6/"), true));
    }
}
