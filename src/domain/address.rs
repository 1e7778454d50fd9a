//! What kind of network an address is in.

use std::net::IpAddr;

use url::{Host, Url};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Public,
    Private,
    Loopback,
    /// Link-local (cloud metadata services live there), unspecified, multicast: never a registry's business.
    Never,
}

pub fn class(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            if v4.is_loopback() {
                Class::Loopback
            } else if a == 0 || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast() {
                Class::Never
            } else if v4.is_private() || (a == 100 && (64..128).contains(&b)) {
                Class::Private
            } else {
                Class::Public
            }
        }
        IpAddr::V6(v6) => {
            let head = v6.segments()[0];
            if let Some(v4) = v6.to_ipv4_mapped() {
                class(IpAddr::V4(v4))
            } else if v6.is_loopback() {
                Class::Loopback
            } else if v6.is_unspecified() || v6.is_multicast() || head & 0xffc0 == 0xfe80 {
                Class::Never
            } else if head & 0xfe00 == 0xfc00 || head & 0xffc0 == 0xfec0 {
                Class::Private
            } else if let [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0, ..] = v6.segments() {
                // NAT64 and the old compatible form carry a v4 address.
                let [.., a, b, c, d] = v6.octets();
                class(IpAddr::from([a, b, c, d]))
            } else {
                Class::Public
            }
        }
    }
}

/// The class of an address written into the URL itself, or of the name `localhost`.
pub fn literal_class(url: &Url) -> Option<Class> {
    match url.host()? {
        Host::Ipv4(v4) => Some(class(IpAddr::V4(v4))),
        Host::Ipv6(v6) => Some(class(IpAddr::V6(v6))),
        Host::Domain(name) => is_localhost(name).then_some(Class::Loopback),
    }
}

pub fn is_loopback(url: &Url) -> bool {
    literal_class(url) == Some(Class::Loopback)
}

pub fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Class {
        class(text.parse().expect("an address"))
    }

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn classes() {
        for never in [
            "0.0.0.0",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:169.254.1.1",
        ] {
            assert_eq!(of(never), Class::Never, "{never}");
        }
        for private in
            ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"]
        {
            assert_eq!(of(private), Class::Private, "{private}");
        }
        for loopback in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(of(loopback), Class::Loopback, "{loopback}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "2606:4700::1"] {
            assert_eq!(of(public), Class::Public, "{public}");
        }
    }

    #[test]
    fn odd_spellings_of_loopback_are_loopback() {
        for text in
            ["http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://0x7f.1/", "http://[::1]:5000/"]
        {
            assert!(is_loopback(&url(text)), "{text}");
        }
        assert!(!is_loopback(&url("http://localhost.example/")));
    }
}
