//! The address of a registry as people write it, brought to one form.

use crate::domain::registry::BackendKind;

/// The names that all mean Docker Hub.
const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
const HUB_URL: &str = "https://registry-1.docker.io";

pub fn is_docker_hub(host: &str) -> bool {
    HUB.contains(&host)
}

/// Whether the profile's address is Docker Hub's.
pub fn is_docker_hub_url(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| is_docker_hub(rest.split('/').next().unwrap_or("")))
}

/// `[http[s]://]host[:port][/prefix]` → `scheme://host[:port][/prefix]`, lower case host, no default port, no slash at
/// the end. Without a scheme it is https, and http on loopback or when `plain_http` says so.
pub fn normalise(text: &str, plain_http: bool, kind: BackendKind) -> Result<String, String> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, text),
    };
    if rest.contains('@') {
        // The text is not repeated: it may hold a password.
        return Err("an address must not hold a user name or password; use `username` and `credential`".into());
    }
    if rest.contains(['?', '#']) {
        return Err("an address must not have a query or a fragment".into());
    }
    let (authority, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority_parts(authority)?;
    let scheme = match scheme.as_deref() {
        Some("https") => "https",
        Some("http") => "http",
        Some(other) => return Err(format!("“{other}://” is not supported; use https:// or http://")),
        None if plain_http || is_loopback(&host) => "http",
        None => "https",
    };
    if kind == BackendKind::Oci && is_docker_hub(&host) {
        return Ok(HUB_URL.into());
    }
    let prefix = checked_prefix(prefix)?;
    let port = match (scheme, port) {
        (_, None) | ("https", Some(443)) | ("http", Some(80)) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    Ok(format!("{scheme}://{host}{port}{prefix}"))
}

fn authority_parts(authority: &str) -> Result<(String, Option<u16>), String> {
    let bad = || format!("“{authority}” is not a host or host:port");
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (inner, rest) = inner.split_once(']').ok_or_else(bad)?;
        let address: std::net::Ipv6Addr = inner.parse().map_err(|_| bad())?;
        let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or_else(bad)?) };
        (format!("[{address}]"), port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        (host.to_ascii_lowercase(), port)
    };
    let port = match port {
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(bad)?)
        }
        Some(_) => return Err(bad()),
        None => None,
    };
    if !host.is_ascii() {
        return Err(format!("“{host}” is not ASCII; write the host in its xn-- form"));
    }
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let named = host.len() <= 253 && host.strip_suffix('.').unwrap_or(&host).split('.').all(label);
    if host.starts_with('[') || named { Ok((host, port)) } else { Err(bad()) }
}

fn checked_prefix(prefix: &str) -> Result<String, String> {
    let prefix = prefix.trim_end_matches('/');
    if prefix.is_empty() {
        return Ok(String::new());
    }
    let segment = |part: &str| {
        !matches!(part, "" | "." | "..") && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    if prefix.split('/').all(segment) {
        Ok(format!("/{prefix}"))
    } else {
        Err(format!("“/{prefix}” is not a path"))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_one_form() {
        for (text, plain, want) in [
            ("Registry.Example.com", false, "https://registry.example.com"),
            ("r.example:5000/", false, "https://r.example:5000"),
            ("r.example:5000", true, "http://r.example:5000"),
            ("https://r.example:443/a/b//", false, "https://r.example/a/b"),
            ("http://r.example:80", false, "http://r.example"),
            ("localhost:5000", false, "http://localhost:5000"),
            ("127.0.0.1:5000", false, "http://127.0.0.1:5000"),
            ("[::1]:5000", false, "http://[::1]:5000"),
            ("https://localhost", false, "https://localhost"),
            ("docker.io", false, HUB_URL),
            ("https://index.docker.io/v1/", false, HUB_URL),
        ] {
            assert_eq!(normalise(text, plain, BackendKind::Oci).as_deref(), Ok(want), "{text}");
        }
        assert_eq!(
            normalise("https://index.docker.io", false, BackendKind::DockerV1).as_deref(),
            Ok("https://index.docker.io")
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ftp://r.example",
            "r.example:",
            "r.example:0",
            "r.example:70000",
            "r.example:+1",
            "a b",
            "https://",
            "r.example?x=1",
            "r.example#f",
            "[::1",
            "[::1]5000",
            "r.example/../x",
            "r..example",
            "\u{1b}[2J",
            "rögistry",
        ] {
            assert!(normalise(text, false, BackendKind::Oci).is_err(), "{text}");
        }
        let with_secret = normalise("https://u:s3cr3t@r.example", false, BackendKind::Oci).unwrap_err();
        assert!(!with_secret.contains("s3cr3t"));
    }
}
