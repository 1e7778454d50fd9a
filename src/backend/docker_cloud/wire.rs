//! Its JSON, read field by field: a field of the wrong type is an absent one (docker-cloud.md §3 to §5).

use serde_json::value::RawValue;

use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Http, Op};
use crate::backend::json::Object;

/// A page of a list.
pub(super) struct Page<'a> {
    pub objects: Vec<&'a RawValue>,
    pub total: Option<u64>,
    limit: Option<u64>,
    /// Whether there is another page. Where it is, the numbers say (§3).
    more: bool,
}

impl<'a> Page<'a> {
    pub fn read(http: &Http, op: Op, answer: &'a Answer) -> Result<Self> {
        let document: Object<'a> = http.json(op, answer)?;
        let list = document.raw("objects").and_then(|raw| serde_json::from_str(raw).ok());
        let objects: Vec<&RawValue> = list.ok_or_else(|| http.misshapen(op, answer))?;
        let meta = document.object("meta").unwrap_or_default();
        Ok(Self {
            objects,
            total: meta.number("total_count"),
            limit: meta.number("limit"),
            // Missing, null and "" all mean the last page (§8.3).
            more: meta.some_text("next").is_some(),
        })
    }

    /// The offset after this page, which was asked for at `offset`.
    pub fn next(&self, offset: u64) -> Option<u64> {
        let size = self.limit.filter(|limit| *limit > 0).unwrap_or(self.objects.len() as u64);
        self.more.then(|| offset.saturating_add(size))
    }
}

/// `is_docker_registry` was `is_tutum_registry` before; both missing means no (§8.4).
pub(super) fn is_official(registry: &Object<'_>) -> bool {
    let name = if registry.has("is_docker_registry") { "is_docker_registry" } else { "is_tutum_registry" };
    registry.flag(name)
}

/// The key in the path of a registry: `/api/repo/v1/[namespace/]registry/KEY/`, of both generations (§1).
pub(super) fn registry_key(uri: &str) -> Option<&str> {
    let (_, rest) = uri.strip_prefix("/api/repo/v1/")?.rsplit_once("registry/")?;
    rest.strip_suffix('/').filter(|key| !key.is_empty() && !key.contains('/'))
}

/// A `resource_uri` that may be used: a path of the API and nothing else (§1).
pub(super) fn safe_uri(uri: &str) -> bool {
    let part = |part: &str| {
        !matches!(part, "." | "..") && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:~@+".contains(&b))
    };
    let inside = uri.strip_prefix("/api/").and_then(|rest| rest.strip_suffix('/'));
    uri.len() <= 1024 && inside.is_some_and(|rest| rest.split('/').all(|text| !text.is_empty() && part(text)))
}

/// Why a `resource_uri` is not used.
pub(super) fn unsafe_uri(http: &Http) -> Error {
    let what = format!("{} names an address for this entry that is no path of its API; nothing was sent", http.host());
    Error::new(crate::domain::error::ErrorKind::Forbidden, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_registries_are_found_in_both_generations() {
        assert_eq!(registry_key("/api/repo/v1/registry/quay.io/"), Some("quay.io"));
        assert_eq!(registry_key("/api/repo/v1/acme/registry/hub.example:8443/"), Some("hub.example:8443"));
        for bad in
            ["", "/api/repo/v1/registry/", "https://x/api/repo/v1/registry/quay.io/", "/api/repo/v1/registry/a/b/"]
        {
            assert_eq!(registry_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_path_of_the_api_is_followed() {
        for good in ["/api/repo/v1/repository/quay.io/x/", "/api/repo/v1/acme/repository/host:5000/a/b/"] {
            assert!(safe_uri(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/api/",
            "https://evil.example/api/repo/v1/repository/x/",
            "//evil.example/api/x/",
            "/api//evil.example/",
            "/api/repo/../../admin/",
            "/api/repo/v1/repository/x",
            "/api/repo/%2e%2e/x/",
            "/api/repo/x/?y=/",
            "/api/repo/x#/",
            "/api/repo/a b/",
            "/api/repo\\v1/",
            "/admin/",
        ] {
            assert!(!safe_uri(bad), "{bad}");
        }
    }
}
