//! May this realm get a password? The registry names where it is sent, so the registry is not believed (safety.md A3).

use std::net::IpAddr;

use url::Url;

use super::address::{self, Bounds, Class};
use super::limits;
use crate::backend::Settings;
use crate::backend::error::{Error, Result};
use crate::domain::clean;
use crate::domain::error::ErrorKind;

/// Registries whose token server is known to live in another domain.
const KNOWN: [(&str, &str); 4] = [
    ("registry-1.docker.io", "auth.docker.io"),
    ("docker.io", "auth.docker.io"),
    ("index.docker.io", "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
];

/// Second-level names under which strangers register. Not the whole public-suffix list: a two-letter country code
/// below one of the generic words is taken for such a name too, so that a gap here costs a question, not a password.
const SHARED: [&str; 24] = [
    "github.io",
    "gitlab.io",
    "amazonaws.com",
    "azurecr.io",
    "azurewebsites.net",
    "cloudapp.net",
    "cloudfront.net",
    "appspot.com",
    "run.app",
    "web.app",
    "firebaseapp.com",
    "herokuapp.com",
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "fly.dev",
    "onrender.com",
    "ngrok.io",
    "ngrok-free.app",
    "digitaloceanspaces.com",
    "duckdns.org",
    "nip.io",
    "sslip.io",
];
const GENERIC: [&str; 14] =
    ["co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob", "mil", "govt", "nom"];

/// The realm as a URL that may be asked, before anything is said about passwords.
pub fn resolve(realm: &str, asked: &Url, bounds: &Bounds) -> Result<Url> {
    let refuse = |why: &str| {
        let host = host_of(asked);
        Err(Error::new(ErrorKind::Forbidden, format!("{host} names a sign-in address that is not safe: {why}"))
            .hint("The registry, or something between, is misconfigured or hostile."))
    };
    if realm.len() > limits::REALM {
        return refuse("it is too long");
    }
    // Relative realms are reported in the wild (oci-distribution.md §3.4).
    let Ok(url) = asked.join(realm) else { return refuse("it is not a URL") };
    match url.scheme() {
        "https" => {}
        "http" if asked.scheme() == "http" => {}
        "http" => return refuse("it is not encrypted, the registry is"),
        _ => return refuse("it is not a web address"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it contains a user name");
    }
    if url.fragment().is_some() {
        return refuse("it contains a fragment");
    }
    let own = url.host_str() == asked.host_str();
    if !own && address::literal_class(&url) == Some(Class::Never) || !bounds.permits_literal(&url, true) {
        return refuse("it leads to an internal address");
    }
    Ok(url)
}

/// Whether credentials of the registry may go to the realm, when they went to the one `before`.
pub fn trust(realm: &Url, before: Option<&Url>, registry: &Url, settings: &Settings) -> Result<()> {
    let (Some(theirs), Some(ours)) = (realm.host_str(), registry.host_str()) else {
        return Err(Error::new(ErrorKind::Forbidden, "the sign-in address has no host"));
    };
    let confirmed = |(from, to): &(String, String)| {
        same_host(from, &authority(registry), ours) && same_host(to, &authority(realm), theirs)
    };
    let expected = theirs == ours || KNOWN.contains(&(ours, theirs)) || same_domain(ours, theirs);
    // The registry itself may always have its own password.
    let changed =
        before.filter(|before| authority(before) != authority(realm) && authority(realm) != authority(registry));
    if (!expected || changed.is_some()) && !settings.trusted_realms.iter().any(confirmed) {
        let (host, realm) = (authority(registry), authority(realm));
        let what = format!("registry {host} wants your password sent to {realm}");
        let mut error = Error::new(ErrorKind::UntrustedRealm, what);
        if let Some(before) = changed {
            let before = authority(before);
            error = error.hint(format!("Until now it was sent to {before}: go on only if you know why that changed."));
        }
        error.realm = Some(Box::new(clean::identifier(&realm)));
        return Err(error);
    }
    // A loopback realm of a plain registry is as safe as the registry itself; any other needs the user's word.
    encrypted(realm, registry, settings)
}

/// Credentials over plain http only to this machine or where the user said so (safety.md A6).
pub fn encrypted(target: &Url, registry: &Url, settings: &Settings) -> Result<()> {
    let allowed = target.scheme() == "https"
        || address::is_loopback(target)
        || settings
            .trusted_plain
            .iter()
            .any(|host| same_host(host, &authority(registry), registry.host_str().unwrap_or_default()));
    if allowed {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::NotEncrypted,
        format!(
            "{} asks for a password, but the connection is plain http and anyone on the way could read it",
            host_of(target)
        ),
    ))
}

/// An entry with a port means that port; one without means the scheme's own port.
fn same_host(entry: &str, authority: &str, host: &str) -> bool {
    let entry = entry.split('/').next().unwrap_or_default();
    entry.eq_ignore_ascii_case(authority) || (authority == host && entry.eq_ignore_ascii_case(host))
}

/// `host[:port]`, the port only where it is not the scheme's own.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// For sentences.
pub fn host_of(url: &Url) -> String {
    clean::identifier(&authority(url)).to_string()
}

fn same_domain(a: &str, b: &str) -> bool {
    matches!((registrable(a), registrable(b)), (Some(a), Some(b)) if a == b)
}

/// The part of a name that one owner registered, or nothing where that is not certain.
fn registrable(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    if host.parse::<IpAddr>().is_ok() || host.starts_with('[') {
        return None;
    }
    let suffix = tail(host, 2)?;
    let (second, top) = suffix.split_once('.')?;
    let shared = SHARED.contains(&suffix) || (top.len() == 2 && (GENERIC.contains(&second) || second.len() <= 2));
    if shared { tail(host, 3) } else { Some(suffix) }
}

fn tail(host: &str, labels: usize) -> Option<&str> {
    let dots: Vec<usize> = host.rmatch_indices('.').map(|(at, _)| at).collect();
    match dots.get(labels - 1) {
        Some(&at) => Some(&host[at + 1..]),
        None if dots.len() == labels - 1 && !host.starts_with('.') => Some(host),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    fn kind(realm: &str, registry: &str) -> Option<ErrorKind> {
        let registry = url(registry);
        let bounds = Bounds::new(&registry, []);
        if let Some(name) = registry.domain() {
            bounds.judge(name, vec!["8.8.8.8:0".parse().expect("address")]).expect("the own host");
        }
        resolve(realm, &registry, &bounds)
            .and_then(|realm| trust(&realm, None, &registry, &Settings::default()))
            .err()
            .map(|error| error.kind)
    }

    #[test]
    fn own_host_known_pairs_and_the_same_owner_are_trusted() {
        for (realm, registry) in [
            ("https://r.example.com/token", "https://r.example.com"),
            ("https://r.example.com:8443/token", "https://r.example.com"),
            ("/token", "https://r.example.com"),
            ("https://auth.docker.io/token", "https://registry-1.docker.io"),
            ("https://gitlab.com/jwt/auth", "https://registry.gitlab.com"),
            ("https://sso.example.com/token", "https://r.example.com"),
            ("https://sso.firm.co.uk/token", "https://r.firm.co.uk"),
            ("http://127.0.0.1:5001/token", "http://127.0.0.1:5000"),
        ] {
            assert_eq!(kind(realm, registry), None, "{realm} for {registry}");
        }
    }

    #[test]
    fn strangers_need_a_word_from_the_user() {
        for (realm, registry) in [
            ("https://sso.other.example/token", "https://r.example"),
            ("https://evil-example.com/", "https://r.example.com"),
            ("https://example.com.evil.org/", "https://r.example.com"),
            ("https://b.co.uk/", "https://a.co.uk"),
            ("https://b.github.io/", "https://a.github.io"),
            ("https://two.azurecr.io/", "https://one.azurecr.io"),
            ("https://gitlab.com/", "https://registry.example.com"),
            ("https://b.msk.ru/", "https://a.spb.ru"),
            ("https://9.9.9.10/", "https://9.9.9.9"),
        ] {
            assert_eq!(kind(realm, registry), Some(ErrorKind::UntrustedRealm), "{realm} for {registry}");
        }
    }

    #[test]
    fn unsafe_realms_are_refused_even_without_a_password() {
        let long = format!("https://r.example.com/{}", "a".repeat(limits::REALM));
        for realm in [
            "http://r.example.com/token",
            "file:///etc/passwd",
            "https://169.254.169.254/latest",
            "https://127.0.0.1/token",
            "https://u:p@r.example.com/",
            "https://r.example.com/#x",
            "https://[::ffff:10.0.0.1]/",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(kind(realm, "https://r.example.com"), Some(ErrorKind::Forbidden), "{realm}");
        }
        assert_eq!(kind("//other.example/token", "https://r.example.com"), Some(ErrorKind::UntrustedRealm));
    }

    #[test]
    fn a_confirmation_is_for_one_pair_only() {
        let settings =
            Settings { trusted_realms: vec![("r.example:5000".into(), "sso.other.net".into())], ..Settings::default() };
        let realm = url("https://sso.other.net/token");
        assert!(trust(&realm, None, &url("https://r.example:5000"), &settings).is_ok());
        assert!(trust(&realm, None, &url("https://r.example"), &settings).is_err());
        assert!(trust(&url("https://sso.other.net:444/"), None, &url("https://r.example:5000"), &settings).is_err());
    }

    #[test]
    fn plain_http_needs_loopback_or_a_word() {
        let plain = url("http://r.example:5000");
        let none = Settings::default();
        let told = Settings { trusted_plain: vec!["r.example:5000".into()], ..Settings::default() };
        assert_eq!(encrypted(&plain, &plain, &none).err().map(|e| e.kind), Some(ErrorKind::NotEncrypted));
        assert!(encrypted(&plain, &plain, &told).is_ok());
        assert!(encrypted(&url("http://127.0.0.1:5000"), &url("http://127.0.0.1:5000"), &none).is_ok());
        assert!(encrypted(&url("https://r.example"), &url("https://r.example"), &none).is_ok());
    }
}
