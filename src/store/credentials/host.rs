//! Which key of a credentials file belongs to which registry. Exact hosts only: a suffix match would send one
//! registry's password to another (CVE-2021-41092 is of that family).

use crate::store::config::is_docker_hub;

/// Docker Hub's key, in files and for helpers.
pub(super) const HUB_KEY: &str = "https://index.docker.io/v1/";
const HUB: &str = "docker.io";

/// `host[:port][/path]` in one form: lower case, no default port, Docker Hub's names as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Host {
    authority: String,
    path: String,
}

impl Host {
    pub(super) fn parse(text: &str) -> Self {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authority = authority.to_lowercase();
        let default_port = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        if is_docker_hub(authority) {
            return Self { authority: HUB.into(), path: String::new() };
        }
        Self { authority: authority.to_owned(), path: path.trim_end_matches('/').to_owned() }
    }

    /// `host[:port]`, as in image references.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn is_hub(&self) -> bool {
        self.authority == HUB
    }

    /// What docker writes as a key for it.
    pub(super) fn key(&self) -> &str {
        if self.is_hub() { HUB_KEY } else { &self.authority }
    }

    /// Whether both name the same registry.
    pub(super) fn same_registry(&self, other: &Self) -> bool {
        self.authority == other.authority
    }

    /// The best of `keys` for this registry: as written; then podman's keys with a path, the longest that leads here;
    /// then docker's old keys that become this host when scheme and path are dropped.
    pub(super) fn best<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        keys.filter_map(|key| Some((self.rank(key)?, key))).min().map(|(_, key)| key)
    }

    /// Lower is better.
    fn rank(&self, key: &str) -> Option<(u8, usize)> {
        if key == self.key() && self.path.is_empty() {
            return Some((0, 0));
        }
        let other = Self::parse(key);
        // Newer dockers keep the tokens of their browser sign-in for the Hub beside the real entry.
        if other.authority != self.authority || key.ends_with("/access-token") || key.ends_with("/refresh-token") {
            return None;
        }
        if other.path == self.path {
            return Some((1, key.len()));
        }
        if other.path.is_empty() {
            return Some((3, key.len()));
        }
        let leads_here = self.path.strip_prefix(&other.path).is_some_and(|rest| rest.starts_with('/'));
        if leads_here {
            return Some((2, usize::MAX - other.path.len()));
        }
        let old = key.contains("://") || matches!(other.path.as_str(), "v1" | "v2");
        old.then_some((4, key.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'k>(host: &str, keys: &[&'k str]) -> Option<&'k str> {
        Host::parse(host).best(keys.iter().copied())
    }

    #[test]
    fn only_the_same_host_matches() {
        let near = ["evil-ghcr.io", "ghcr.io.evil", "ghcr.io:5000", "xghcr.io", "io", "https://evil/ghcr.io"];
        assert_eq!(best("ghcr.io", &near), None);
        assert_eq!(best("localhost:5000", &["localhost", "localhost:5001"]), None);
        assert_eq!(best("r.example", &["r.example:80"]), None);
        assert_eq!(best("r.example", &["r.example:443"]), Some("r.example:443"));
        assert_eq!(best("R.example", &["r.EXAMPLE"]), Some("r.EXAMPLE"));
    }

    #[test]
    fn the_exact_key_wins() {
        assert_eq!(best("r.example", &["https://r.example/v1/", "r.example"]), Some("r.example"));
        assert_eq!(best("r.example", &["https://r.example/v2/"]), Some("https://r.example/v2/"));
        assert_eq!(best("r.example/a/b", &["r.example/a", "r.example", "r.example/ab"]), Some("r.example/a"));
        assert_eq!(best("r.example", &["r.example/team"]), None);
    }

    #[test]
    fn docker_hub_has_many_names() {
        let tokens = "https://index.docker.io/v1/access-token";
        for name in ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"] {
            assert_eq!(best(name, &[tokens, "docker.io", HUB_KEY]), Some(HUB_KEY));
            assert_eq!(best(name, &["registry-1.docker.io", tokens]), Some("registry-1.docker.io"));
            assert_eq!(Host::parse(name).key(), HUB_KEY);
        }
    }
}
