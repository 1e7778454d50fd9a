//! Where a system says that a repository of its list lives. The system may be hostile, so the address is judged before
//! anything goes there: it is a bare `http(s)://host[:port]`, and not one where no registry can be.

use url::Url;

use super::address::{self, Class};

const LONGEST: usize = 2048;
/// Names of Docker Hub; images are at the last one.
const DOCKER_HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry.hub.docker.com", "registry-1.docker.io"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// `scheme://host[:port]`, the port only where it is not the scheme's own.
    pub url: String,
    /// It is written as an address of this machine or of a private network.
    pub inside: bool,
}

impl Home {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let visible = |c: char| c.is_ascii_graphic() && c != '\\';
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(visible) {
            return Err("that is no address");
        }
        let url: Url = text.parse().map_err(|_| "that is no address")?;
        let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
            return Err("that is no address of a registry");
        };
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err("that address has a user name in it");
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("that is more than the address of a registry");
        }
        let inside = match address::literal_class(&url) {
            Some(Class::Never) => return Err("no registry can be at that address"),
            Some(Class::Loopback | Class::Private) => true,
            Some(Class::Public) => false,
            None => {
                !host.trim_end_matches('.').contains('.') || host.ends_with(".local") || host.ends_with(".internal")
            }
        };
        let hub = DOCKER_HUB.contains(&host) && url.port().is_none();
        let host = if hub { DOCKER_HUB[DOCKER_HUB.len() - 1] } else { host };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { url: format!("{}://{host}{port}", url.scheme()), inside })
    }

    /// Whether a registry of the list is this one.
    pub fn is(&self, url: &str) -> bool {
        Self::parse(url).is_ok_and(|other| other.url == self.url)
    }

    pub fn is_plain(&self) -> bool {
        self.url.starts_with("http://")
    }

    /// `host[:port]`
    pub fn host(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_however_they_are_written() {
        for (text, want, inside) in [
            ("https://quay.io", "https://quay.io", false),
            ("HTTPS://Quay.IO:443/", "https://quay.io", false),
            ("http://buildbox.local:5000", "http://buildbox.local:5000", true),
            ("https://registry", "https://registry", true),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000", true),
            ("http://2130706433", "http://127.0.0.1", true),
            ("https://[fd00::1]", "https://[fd00::1]", true),
            ("https://10.0.0.7:8443", "https://10.0.0.7:8443", true),
            ("https://localhost", "https://localhost", true),
            ("https://index.docker.io", "https://registry-1.docker.io", false),
            ("https://docker.io:444", "https://docker.io:444", false),
        ] {
            assert_eq!(Home::parse(text), Ok(Home { url: want.to_owned(), inside }), "{text}");
            assert!(Home::parse(want).unwrap().is(text));
        }
        assert!(!Home::parse("https://quay.io").unwrap().is("http://quay.io"));
        assert!(!Home::parse("https://quay.io").unwrap().is("https://quay.io/prefix"));
    }

    #[test]
    fn what_is_no_place_for_a_registry_is_refused() {
        for text in [
            "",
            "quay.io",
            "ftp://quay.io",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://user@quay.io",
            "https://u:p@quay.io",
            "https://@quay.io",
            "https://quay.io/v2",
            "https://quay.io?x",
            "https://quay.io#x",
            "https://quay.io\\@evil.example",
            "https://quay.io\u{1b}[2J",
            "https://quay.io\n",
            "https://qu\u{430}y.io",
            "http://169.254.169.254",
            "http://[fe80::1]",
            "http://0.0.0.0",
            "http://0xa9fea9fe",
            "http://[::ffff:169.254.169.254]",
        ] {
            assert!(Home::parse(text).is_err(), "{text}");
        }
        assert!(Home::parse(&format!("https://{}.example", "a".repeat(LONGEST))).is_err());
    }
}
