//! The same with the program itself: what the machine and its owner's directories say about certificates.

use std::io::Write as _;

use super::*;
use crate::support::images::{Image, OCI_MANIFEST};
use crate::support::program::{Place, Said};
use crate::support::registry::{Options, PASSWORD, Registry, USER};

/// Where podman looks for what belongs to a host.
fn certs_d(place: &Place, host: &str) -> PathBuf {
    let dir = place.path().join(".config/containers/certs.d").join(host);
    std::fs::create_dir_all(&dir).expect("a directory");
    dir
}

fn run(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    place.command(arguments).envs(variables.iter().copied()).output().expect("the program").into()
}

#[track_caller]
fn ends(said: &Said, code: i32, part: &str) {
    assert_eq!(said.code, Some(code), "{}", said.err);
    assert!(said.err.contains(part), "no {part:?} in: {}", said.err);
}

#[test]
fn a_client_certificate_is_shown_to_the_server_that_wants_it() {
    let (dir, ca) = made(NAMES, "-days 2");
    let client = TempDir::new().expect("a directory");
    for file in ["ca.pem", "ca.key"] {
        std::fs::copy(dir.path().join(file), client.path().join(file)).expect("a file");
    }
    certificates::server(client.path(), "DNS:client", "-days 2");
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Odd::start(dir.path(), &format!("{version} -Verify 1 -verify_return_error -CAfile ca.pem"));
        let place = Place::new("");
        let certs = certs_d(&place, server.url.trim_start_matches("https://"));
        std::fs::copy(&ca, certs.join("ca.crt")).expect("a file");
        let repos = || run(&place, &["repos", &server.url], &[]);
        ends(&repos(), 5, "client certificate");
        std::fs::copy(client.path().join("server.pem"), certs.join("client.cert")).expect("a file");
        // A certificate without its key is none.
        ends(&repos(), 5, "client certificate");
        std::fs::copy(dir.path().join("server.key"), certs.join("client.key")).expect("a file");
        ends(&repos(), 2, "does not fit its key");
        std::fs::copy(client.path().join("server.key"), certs.join("client.key")).expect("a file");
        // It lets us in, and is no registry.
        ends(&repos(), 5, "web page");
    }
}

#[test]
fn the_authorities_of_the_machine_can_be_named_and_can_be_missing() {
    let (dir, ca) = made(NAMES, "-days 2");
    let tags = |_: &crate::support::listener::Seen| answer(200, &[], r#"{"name":"app","tags":["1"]}"#);
    let server = Listener::start_tls(dir.path(), tags);
    let plain = Listener::start(tags);
    let place = Place::new("");
    let ca = ca.display().to_string();
    let target = format!("{}/app", server.url());
    let names = ["tags", &target, "--names"];
    let said = run(&place, &names, &[("SSL_CERT_FILE", &ca)]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);

    let nothing = place.path().join("nothing").display().to_string();
    let none = [("SSL_CERT_FILE", nothing.as_str()), ("SSL_CERT_DIR", nothing.as_str())];
    let said = run(&place, &names, &none);
    ends(&said, 5, "no certificate authorities were found on this machine");
    assert!(said.err.contains("SSL_CERT_FILE"), "{}", said.err);
    let own = run(&place, &["tags", &target, "--names", "--ca-cert", &ca], &none);
    assert_eq!((own.code, own.out.as_str()), (Some(0), "1\n"), "{}", own.err);
    let without = run(&place, &["tags", &format!("{}/app", plain.url()), "--names"], &none);
    assert_eq!((without.code, without.out.as_str()), (Some(0), "1\n"), "{}", without.err);
    ends(&run(&place, &["tags", &target, "--ca-cert", &nothing], &[]), 2, &nothing);
}

#[tokio::test]
async fn commands_against_a_real_registry_with_tls_and_a_password() {
    let registry = Registry::start(Options { tls: true, basic: true, ..Options::default() });
    let image = Image::new(OCI_MANIFEST, "commands", "amd64");
    registry.push("team/app", &image, &["1.0", "latest"]).await;
    let ca = registry.ca.as_ref().expect("TLS").display().to_string();
    let place = Place::new(&format!(
        "[[registry]]\nname = \"r\"\nurl = \"{}\"\nca_cert = \"{ca}\"\nusername = \"{USER}\"\ncredential = \"store\"\n",
        registry.url
    ));
    ends(&run(&place, &["tags", "r/team/app", "--json"], &[]), 3, "sign-in");
    let mut login = place.command(&["login", "r", "--password-stdin"]);
    let mut login = login.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program");
    writeln!(login.stdin.take().expect("a pipe"), "{PASSWORD}").expect("it reads");
    assert!(login.wait().expect("its end").success());

    let said = run(&place, &["tags", "r/team/app", "--json"], &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let list: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let tags = list["tags"].as_array().expect("tags");
    assert_eq!(tags.len(), 2, "{list}");
    assert!(tags.iter().all(|tag| tag["digest"] == image.digest() && tag["size"] == image.size()), "{list}");
    let said = run(&place, &["inspect", "r/team/app:latest", "--json"], &[]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&found["digest"], found["layers"].as_array().map(Vec::len)), (&image.digest().into(), Some(2)));
    let said = run(&place, &["logout", "r"], &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    ends(&run(&place, &["tags", "r/team/app"], &[]), 3, "sign-in");
}
