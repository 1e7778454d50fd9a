//! What goes wrong with TLS, and what the user is told: the cause, the host, what to do.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tagboat::backend::Error;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::Credential;
use tempfile::TempDir;

use crate::support::certificates::{self, NAMES, openssl};
use crate::support::client::{self, profile};
use crate::support::listener::{Listener, answer};

mod program;

fn hello(_: &crate::support::listener::Seen) -> Vec<u8> {
    answer(200, &[], "{}")
}

async fn connect(url: &str, ca: Option<&Path>) -> Result<(), Error> {
    let profile = RegistryProfile { ca_cert: ca.map(Path::to_owned), ..profile(url) };
    client::try_connect(&profile, Credential::Anonymous, Default::default())?.connect().await.map(drop)
}

/// The error is of this kind, and its sentences hold all of these.
#[track_caller]
fn says(error: &Error, kind: ErrorKind, parts: &[&str]) {
    let report = error.report();
    let text = format!("{} {}", report.what, report.hint);
    assert_eq!(report.kind, kind, "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
}

/// A directory with a CA and a server's certificate from it.
fn made(names: &str, validity: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().expect("a directory");
    let ca = certificates::authority(dir.path());
    certificates::server(dir.path(), names, validity);
    (dir, ca)
}

#[tokio::test]
async fn its_own_ca_is_enough_and_every_other_is_not() {
    let (dir, ca) = made(NAMES, "-days 2");
    let server = Listener::start_tls(dir.path(), hello);
    connect(&server.url(), Some(&ca)).await.expect("the right CA");
    connect(&server.url_by_name(), Some(&ca)).await.expect("the other name in the certificate");
    let host = server.address.to_string();
    let error = connect(&server.url(), None).await.expect_err("an unknown CA");
    says(&error, ErrorKind::Tls, &[&host, "an authority this machine does not know", "--ca-cert"]);
    let (_dir, other) = made(NAMES, "-days 2");
    let error = connect(&server.url(), Some(&other)).await.expect_err("another CA");
    says(&error, ErrorKind::Tls, &[&host, "not signed by the authority of that name", "--ca-cert"]);
    assert!(server.seen().iter().all(|seen| seen.line.starts_with("GET /v2/ ")));
    assert_eq!(server.seen().len(), 2, "nothing is asked of a server that is not the right one");
}

#[tokio::test]
async fn a_self_signed_certificate_is_named_as_that() {
    let dir = TempDir::new().expect("a directory");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    let own = format!(
        "req -x509 {key} -keyout server.key -out server.pem -days 2 -subj /CN=x -addext subjectAltName={NAMES}"
    );
    openssl(dir.path(), &own);
    let server = Listener::start_tls(dir.path(), hello);
    let error = connect(&server.url(), None).await.expect_err("signed by itself");
    says(&error, ErrorKind::Tls, &[&server.address.to_string(), "does not know", "--ca-cert"]);
    // The certificate itself may be given as the CA.
    let own = dir.path().join("server.pem");
    let error = connect(&server.url(), Some(&own)).await.err();
    assert!(error.is_none(), "{error:?}");
}

#[tokio::test]
async fn dates_are_shown_with_the_time_here() {
    let now = jiff::Timestamp::now().to_string();
    let today = &now[..10];
    for (validity, parts) in [
        ("-startdate 20240101000000Z -enddate 20240201000000Z", ["expired at 2024-02-01", "clock"]),
        ("-startdate 21000101000000Z -enddate 21010101000000Z", ["valid from 2100-01-01", "clock"]),
    ] {
        let (dir, ca) = made(NAMES, validity);
        let server = Listener::start_tls(dir.path(), hello);
        let error = connect(&server.url(), Some(&ca)).await.expect_err(validity);
        says(&error, ErrorKind::Tls, &[&server.address.to_string(), today, parts[0], parts[1]]);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_says_which() {
    let (dir, ca) = made("DNS:registry.example,DNS:*.other.example", "-days 2");
    let server = Listener::start_tls(dir.path(), hello);
    let error = connect(&server.url(), Some(&ca)).await.expect_err("another name");
    let host = server.address.to_string();
    says(&error, ErrorKind::Tls, &[&host, "registry.example", "between you and the registry"]);
}

/// `openssl s_server`, for what our own stack refuses to do.
struct Odd {
    url: String,
    process: Child,
}

impl Odd {
    fn start(dir: &Path, arguments: &str) -> Self {
        for _ in 0..5 {
            let port = crate::support::listener::free_port();
            let own = format!("s_server -accept 127.0.0.1:{port} -cert server.pem -key server.key -www {arguments}");
            let mut process = Command::new("openssl")
                .args(own.split(' '))
                .current_dir(dir)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("openssl");
            let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
            if lines.by_ref().map_while(Result::ok).any(|line| line.contains("ACCEPT")) {
                std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
                return Self { url: format!("https://127.0.0.1:{port}"), process };
            }
            let _ = process.wait();
        }
        panic!("openssl s_server {arguments} does not start");
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn an_old_version_of_tls_is_named() {
    let (dir, ca) = made(NAMES, "-days 2");
    for version in ["-tls1", "-tls1_1"] {
        let server = Odd::start(dir.path(), &format!("{version} -cipher ALL:@SECLEVEL=0"));
        let error = connect(&server.url, Some(&ca)).await.expect_err(version);
        let host = server.url.trim_start_matches("https://");
        says(&error, ErrorKind::Tls, &[host, "older than TLS 1.2", "operator"]);
    }
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Odd::start(dir.path(), version);
        let error = connect(&server.url, Some(&ca)).await.expect_err("no registry");
        says(&error, ErrorKind::BadAnswer, &["web page"]);
    }
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_is_named() {
    let (dir, ca) = made(NAMES, "-days 2");
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Odd::start(dir.path(), &format!("{version} -Verify 1 -verify_return_error -CAfile ca.pem"));
        let error = connect(&server.url, Some(&ca)).await.expect_err(version);
        let host = server.url.trim_start_matches("https://");
        says(&error, ErrorKind::Tls, &[host, "client certificate", "certs.d", "client.cert"]);
    }
}

#[tokio::test]
async fn the_wrong_scheme_is_a_hint() {
    let plain = Listener::start(hello);
    let error = connect(&plain.url().replace("http:", "https:"), None).await.expect_err("not TLS");
    says(&error, ErrorKind::Tls, &[&plain.address.to_string(), "does not speak TLS", "http://"]);

    let registry = crate::support::registry::Registry::start(crate::support::registry::Options {
        tls: true,
        ..Default::default()
    });
    let error = connect(&registry.url.replace("https:", "http:"), None).await.expect_err("TLS");
    says(&error, ErrorKind::Tls, &["speaks TLS on this port", "https://"]);

    // A server that answers a plain request with a TLS alert instead of words.
    let (dir, _) = made(NAMES, "-days 2");
    let server = Listener::start_tls(dir.path(), hello);
    let error = connect(&server.url().replace("https:", "http:"), None).await.expect_err("TLS");
    says(&error, ErrorKind::BadAnswer, &[&server.address.to_string(), "does not speak HTTP", "https://"]);
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_used_is_named() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("company-ca.pem");
    for (content, why) in [
        (None, "not found"),
        (Some(""), "no certificate"),
        (Some("hello"), "no certificate"),
        (Some("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"), "not a PEM certificate"),
        (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "not a PEM certificate"),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).expect("a file");
        }
        let error = connect("https://127.0.0.1:1", Some(&file)).await.expect_err(why);
        says(&error, ErrorKind::Config, &[&file.display().to_string(), why]);
    }
}
