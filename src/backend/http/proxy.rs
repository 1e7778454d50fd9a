//! Which proxy stands between us and a server, by the variables everybody uses (oci-distribution.md §15). Read here and
//! not by the HTTP library, so that an error can say which variable it was, and loopback is never proxied.

use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Url};

use super::address;
use crate::backend::error::{Error, Result};
use crate::domain::clean;
use crate::domain::error::ErrorKind;

const HTTP: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Not `Debug`: the address may hold a password.
#[derive(Clone)]
pub struct Proxy {
    pub url: Url,
    pub variable: &'static str,
}

impl Proxy {
    /// For sentences: "the proxy p.example:3128 (HTTPS_PROXY)".
    pub fn name(&self) -> String {
        let host = clean::identifier(&super::realm::authority(&self.url)).to_string();
        format!("the proxy {host} ({})", self.variable)
    }

    pub fn wants_a_password(&self, target: &str) -> Error {
        let what = format!("{} on the way to {target} wants a user name and a password (407)", self.name());
        let hint =
            format!("Write them into {}, as in http://NAME:PASSWORD@PROXY; the registry did not ask.", self.variable);
        Error::new(ErrorKind::Network, what).hint(hint)
    }
}

#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    except: Arc<[Exception]>,
}

#[derive(Debug, PartialEq, Eq)]
enum Exception {
    Everything,
    Network(IpAddr, u8),
    Domain { name: String, port: Option<u16> },
}

impl Proxies {
    pub fn from_env() -> Result<Self> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let given = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let proxy = |names: [&'static str; 4]| {
            let found = names.into_iter().find_map(|name| Some((name, given(name)?)));
            found.map(|(name, value)| parse(name, value.trim())).transpose()
        };
        let except = given("NO_PROXY").or_else(|| given("no_proxy")).unwrap_or_default();
        let entries = except.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self { http: proxy(HTTP)?, https: proxy(HTTPS)?, except: entries.map(Exception::parse).collect() })
    }

    pub fn for_url(&self, url: &Url) -> Option<&Proxy> {
        if address::is_loopback(url) || self.except.iter().any(|entry| entry.covers(url)) {
            return None;
        }
        if url.scheme() == "http" { self.http.as_ref() } else { self.https.as_ref() }
    }

    /// Host names of proxies: they may be anywhere, the user named them.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        [&self.http, &self.https].into_iter().flatten().filter_map(|proxy| proxy.url.host_str())
    }
}

/// The value is never repeated: it may hold a password.
fn parse(variable: &'static str, value: &str) -> Result<Proxy> {
    let text = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = text.parse::<Url>().ok().filter(|url| SCHEMES.contains(&url.scheme()) && url.has_host());
    let mut url = url.ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("{variable} is not the address of a proxy"))
            .hint("Write it as http://HOST:PORT or socks5://HOST:PORT, or unset it.")
    })?;
    // Names belong to the network behind the proxy, which may be the only one that knows them.
    let remote = match url.scheme() {
        "socks4" => Some("socks4a"),
        "socks5" => Some("socks5h"),
        _ => None,
    };
    if let Some(scheme) = remote {
        // Cannot fail: neither is one of the schemes that the URL standard treats apart.
        let _ = url.set_scheme(scheme);
    }
    Ok(Proxy { url, variable })
}

impl Exception {
    fn parse(entry: &str) -> Self {
        if entry == "*" {
            return Self::Everything;
        }
        let bare = entry.trim_matches(['[', ']']);
        let (address, bits) = match bare.split_once('/') {
            Some((address, bits)) => (address, bits.parse().ok()),
            None => (bare, Some(128)),
        };
        if let (Ok(address), Some(bits)) = (address.parse::<IpAddr>(), bits) {
            return Self::Network(address, bits);
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.parse().ok()),
            _ => (entry, None),
        };
        let name = name.trim_start_matches('*').trim_matches(['.', '[', ']']).to_ascii_lowercase();
        Self::Domain { name, port }
    }

    fn covers(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::Everything, _) => true,
            (Self::Network(network, bits), Some(Host::Ipv4(host))) => within(*network, *bits, IpAddr::V4(host)),
            (Self::Network(network, bits), Some(Host::Ipv6(host))) => within(*network, *bits, IpAddr::V6(host)),
            (Self::Network(..), _) | (_, None) => false,
            (Self::Domain { name, port }, Some(_)) => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
                let below = host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                !name.is_empty() && below && port.is_none_or(|port| url.port_or_known_default() == Some(port))
            }
        }
    }
}

fn within(network: IpAddr, bits: u8, host: IpAddr) -> bool {
    let same = |a: u128, b: u128, width: u8| {
        let rest = u32::from(width.saturating_sub(bits));
        a.checked_shr(rest).unwrap_or(0) == b.checked_shr(rest).unwrap_or(0)
    };
    match (network, host) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Proxies> {
        Proxies::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn used(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = with(variables).unwrap_or_else(|error| panic!("{error}"));
        proxies.for_url(&url.parse().expect("a URL")).map(Proxy::name)
    }

    #[test]
    fn the_variable_of_the_scheme_goes_before_the_one_for_all() {
        let all = [("ALL_PROXY", "a.example:1"), ("HTTPS_PROXY", "http://me:s3cr3t@b.example:2"), ("http_proxy", "")];
        assert_eq!(used(&all, "https://r.example").as_deref(), Some("the proxy b.example:2 (HTTPS_PROXY)"));
        assert_eq!(used(&all, "http://r.example").as_deref(), Some("the proxy a.example:1 (ALL_PROXY)"));
        assert_eq!(used(&[("HTTP_PROXY", "a")], "https://r.example"), None);
    }

    #[test]
    fn loopback_is_never_proxied() {
        let all = [("ALL_PROXY", "a.example:1")];
        for url in ["http://localhost:5000", "https://127.0.0.9", "http://[::1]/", "http://x.localhost/"] {
            assert_eq!(used(&all, url), None, "{url}");
        }
        assert!(used(&all, "http://localhost.example").is_some());
    }

    #[test]
    fn exceptions() {
        let direct =
            |except: &str, url: &str| used(&[("ALL_PROXY", "a.example:1"), ("NO_PROXY", except)], url).is_none();
        for (except, url) in [
            ("*", "https://r.example"),
            ("r.example", "https://r.example"),
            ("example", "https://r.example"),
            (".example, other", "https://r.example:8443"),
            ("*.example", "https://a.r.example"),
            ("r.example:443", "https://r.example"),
            ("R.Example", "https://r.example."),
            ("10.0.0.0/8", "http://10.1.2.3"),
            ("10.1.2.3", "http://10.1.2.3:5000"),
            ("fd00::/8", "http://[fd12::1]/"),
            ("[fd12::1]", "http://[fd12::1]:5000/"),
            ("0.0.0.0/0", "http://8.8.8.8"),
        ] {
            assert!(direct(except, url), "{except} for {url}");
        }
        for (except, url) in [
            ("ample", "https://r.example"),
            ("r.example:5000", "https://r.example"),
            ("10.0.0.0/8", "http://11.1.2.3"),
            ("10.1.2.3", "http://10.1.2.4"),
            ("fd00::/8", "http://[fe12::1]/"),
            ("10.0.0.0/8", "http://r10.example"),
            (",, ,", "https://r.example"),
            (".", "https://r.example"),
        ] {
            assert!(!direct(except, url), "{except} for {url}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_an_error_that_repeats_nothing() {
        for value in ["ftp://me:s3cr3t@p", "http://", "http://me:s3cr3t@", "http://me:s3cr3t@p:99999", "a b"] {
            let error = with(&[("HTTPS_PROXY", value)]).err().unwrap_or_else(|| panic!("{value} is taken"));
            assert_eq!(error.kind, ErrorKind::Config);
            let text = format!("{error:?}");
            assert!(text.contains("HTTPS_PROXY") && !text.contains("s3cr3t"), "{text}");
        }
    }
}
