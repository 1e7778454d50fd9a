//! The program behind a proxy: what the proxy learns, and what the user is told when it is in the way.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::certificates;
use crate::support::listener::{Listener, Seen, answer, closed_port};
use crate::support::program::{Place, Said};
use crate::support::proxy::{Proxy, Rules, Socks};

const NAMES: &str = "DNS:registry.test,DNS:auth.registry.test,DNS:cdn.test";

/// `https://registry.test`, which only the proxy can reach, with `credential = "env:PASS"`.
struct Site {
    registry: Listener,
    ca: PathBuf,
    place: Place,
    _dir: TempDir,
}

fn site(answers: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Site {
    let dir = TempDir::new().expect("a directory");
    let ca = certificates::authority(dir.path());
    certificates::server(dir.path(), NAMES, "-days 2");
    let registry = Listener::start_tls(dir.path(), answers);
    let config =
        "[[registry]]\nname = \"r\"\nurl = \"https://registry.test\"\nusername = \"me\"\ncredential = \"env:PASS\"\n";
    Site { registry, ca, place: Place::new(config), _dir: dir }
}

impl Site {
    fn rules(&self) -> Rules {
        let names = ["registry.test:443", "auth.registry.test:443", "cdn.test:443"];
        let routes = names.map(|name| (name.to_owned(), self.registry.address)).to_vec();
        Rules { routes, password: None }
    }

    fn tags(&self, variables: &[(&str, &str)]) -> Said {
        let ca = self.ca.display().to_string();
        let mut command = self.place.command(&["tags", "r/app", "--names", "--ca-cert", &ca, "-vv"]);
        command.env("PASS", "s3cr3t-1").envs(variables.iter().copied()).output().expect("the program").into()
    }
}

fn basic(seen: &Seen) -> Vec<u8> {
    match seen.header("authorization") {
        Some("Basic bWU6czNjcjN0LTE=") => answer(200, &[], r#"{"name":"app","tags":["1"]}"#),
        _ => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    }
}

#[track_caller]
fn failed(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, Some(code), "{}", said.err);
    for part in parts {
        assert!(said.err.contains(part), "no {part:?} in: {}", said.err);
    }
    assert!(!said.err.contains("s3cr3t") && !said.out.contains("s3cr3t"), "{}", said.err);
}

#[test]
fn the_proxy_sees_the_tunnel_and_no_secret_of_the_registry() {
    let site = site(basic);
    let proxy = Proxy::start(site.rules());
    let said = site.tags(&[("HTTPS_PROXY", &format!("http://{}", proxy.address))]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);
    assert!(!proxy.seen().is_empty());
    for seen in proxy.seen() {
        assert!(seen.line.starts_with("CONNECT registry.test:443 "), "{}", seen.line);
        for (name, value) in &seen.headers {
            assert!(["host", "user-agent", "proxy-connection"].contains(&name.as_str()), "{name}: {value}");
        }
    }
    assert!(site.registry.seen().iter().any(|seen| seen.header("authorization").is_some()));
}

/// With the name, not with an address: this machine may not know the names of the network behind the proxy.
#[test]
fn a_socks_proxy_is_asked_for_the_name() {
    let site = site(basic);
    for scheme in ["socks5", "socks5h"] {
        let proxy = Socks::start(site.rules());
        let said = site.tags(&[("ALL_PROXY", &format!("{scheme}://{}", proxy.address))]);
        assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{scheme}: {}", said.err);
        let asked = proxy.asked();
        assert!(!asked.is_empty() && asked.iter().all(|place| place == "registry.test:443"), "{scheme}: {asked:?}");
    }
}

#[test]
fn the_proxys_password_goes_to_the_proxy_alone() {
    let site = site(basic);
    let proxy = Proxy::start(Rules { password: Some("Basic cDpzM2NyM3QtMg==".to_owned()), ..site.rules() });
    let said = site.tags(&[("HTTPS_PROXY", &format!("http://p:s3cr3t-2@{}", proxy.address))]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);
    let leaked = |seen: &Seen| seen.headers.iter().any(|(name, _)| name.starts_with("proxy-"));
    assert!(!site.registry.seen().iter().any(leaked), "{:?}", site.registry.seen());
    for (user, variable) in [("", "HTTPS_PROXY"), ("p:s3cr3t-3@", "https_proxy"), ("p:s3cr3t-3@", "ALL_PROXY")] {
        let said = site.tags(&[(variable, &format!("http://{user}{}", proxy.address))]);
        failed(&said, 5, &[&proxy.address.to_string(), "407", variable, "registry.test"]);
    }
}

#[test]
fn over_plain_http_too_the_proxy_is_told_apart_from_the_registry() {
    let registry = Listener::start(|_| answer(200, &[], r#"{"name":"app","tags":["1"]}"#));
    let routes = vec![("plain.test:80".to_owned(), registry.address)];
    let proxy = Proxy::start(Rules { routes, password: Some("Basic cDpzM2NyM3QtMg==".to_owned()) });
    let place = Place::new("");
    let tags = |proxy: String| -> Said {
        let mut command = place.command(&["tags", "http://plain.test/app", "--names"]);
        command.env("HTTP_PROXY", proxy).output().expect("the program").into()
    };
    let said = tags(format!("http://p:s3cr3t-2@{}", proxy.address));
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);
    assert!(registry.seen().iter().all(|seen| seen.header("proxy-authorization").is_none()));
    failed(&tags(format!("http://{}", proxy.address)), 5, &[&proxy.address.to_string(), "407", "HTTP_PROXY"]);
}

#[test]
fn no_proxy_holds_for_redirects_and_token_servers() {
    // Nobody resolves this name: its first label is too long for one.
    let unknown = format!("{}.registry.test", "a".repeat(64));
    for redirect in [false, true] {
        let name = unknown.clone();
        let site = site(move |_| match redirect {
            true => answer(307, &[("location", &format!("https://{name}/x"))], ""),
            false => answer(401, &[("www-authenticate", &format!("Bearer realm=\"https://{name}/token\""))], ""),
        });
        let mut rules = site.rules();
        rules.routes.push((format!("{unknown}:443"), site.registry.address));
        let proxy = Proxy::start(rules);
        let through = format!("http://{}", proxy.address);
        let went = || proxy.seen().iter().any(|seen| seen.line.contains(&unknown));
        let said = site.tags(&[("HTTPS_PROXY", &through), ("NO_PROXY", &unknown)]);
        failed(&said, 5, &["cannot be resolved", &unknown[..20]]);
        assert!(!went(), "{:?}", proxy.seen());
        site.tags(&[("HTTPS_PROXY", &through)]);
        assert!(went(), "{:?}", proxy.seen());
    }
}

#[test]
fn loopback_is_not_proxied() {
    let registry = Listener::start(|_| answer(200, &[], r#"{"name":"app","tags":["1"]}"#));
    let proxy = Proxy::start(Rules::default());
    let through = format!("http://{}", proxy.address);
    for target in [registry.url(), registry.url_by_name()] {
        let place = Place::new("");
        let mut command = place.command(&["tags", &format!("{target}/app"), "--names"]);
        let variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, &through));
        let said: Said = command.envs(variables).output().expect("the program").into();
        assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{target}: {}", said.err);
    }
    assert!(proxy.seen().is_empty(), "{:?}", proxy.seen());
}

#[test]
fn a_proxy_in_the_way_is_named_with_its_variable() {
    let site = site(basic);
    let nobody = format!("127.0.0.1:{}", closed_port());
    let said = site.tags(&[("HTTPS_PROXY", &format!("http://p:s3cr3t-2@{nobody}"))]);
    failed(&said, 5, &["the proxy", &nobody, "HTTPS_PROXY", "registry.test", "refused"]);
    let proxy = Proxy::start(Rules::default());
    let said = site.tags(&[("ALL_PROXY", &format!("http://{}", proxy.address))]);
    failed(&said, 5, &["the proxy", "ALL_PROXY", "does not let us through to registry.test", "NO_PROXY"]);
    let said = site.tags(&[("HTTPS_PROXY", "ftp://p:s3cr3t-2@proxy")]);
    failed(&said, 2, &["HTTPS_PROXY", "not the address of a proxy"]);
}
