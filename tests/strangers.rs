//! When something else answers in the registry's place, or nobody does.

use tagboat::backend::Error;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::secret::Credential;

use crate::support::client::{self, basic, profile, tags};
use crate::support::listener::{Listener, answer, closed_port};

async fn connect(url: &str) -> Error {
    client::connect(&profile(url), Credential::Anonymous).connect().await.expect_err("no registry")
}

#[track_caller]
fn says(error: &Error, kind: ErrorKind, parts: &[&str]) {
    let report = error.report();
    let text = format!("{} {}", report.what, report.hint);
    assert_eq!(report.kind, kind, "{text}");
    parts.iter().for_each(|part| assert!(text.contains(part), "no {part:?} in: {text}"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_said_to_be_one() {
    // Refused by the resolver before it asks anybody: a label has at most 63 letters.
    let name = format!("{}.example", "a".repeat(64));
    for scheme in ["http", "https"] {
        let error = connect(&format!("{scheme}://{name}")).await;
        says(&error, ErrorKind::Network, &[&name, "cannot be resolved", "spelling"]);
    }
}

#[tokio::test]
async fn a_host_where_nobody_listens_is_named_with_its_port() {
    let port = closed_port();
    let error = connect(&format!("http://127.0.0.1:{port}")).await;
    says(&error, ErrorKind::Network, &[&format!("127.0.0.1:{port}"), "refused the connection"]);
}

#[tokio::test]
async fn the_network_that_wants_a_sign_in_first_is_no_registry() {
    let portal = Listener::start(|_| answer(511, &[("content-type", "text/html")], "<html>Pay here</html>"));
    says(&connect(&portal.url()).await, ErrorKind::Network, &["something between you and", "511"]);

    let page = Listener::start(|_| answer(200, &[("content-type", "text/html")], "<html>Pay here</html>"));
    let away = format!("{}/hotel", page.url_by_name());
    let portal = Listener::start(move |_| answer(302, &[("location", &away)], ""));
    let host = portal.address.to_string();
    says(&connect(&portal.url()).await, ErrorKind::BadAnswer, &["something between you and", &host, "browser"]);
    says(&connect(&page.url()).await, ErrorKind::BadAnswer, &["web page", &page.address.to_string()]);
}

#[tokio::test]
async fn no_portal_gets_the_password() {
    let page = Listener::start(|_| answer(401, &[("www-authenticate", "Basic realm=\"Hotel\"")], ""));
    let away = format!("{}/hotel", page.url_by_name());
    let portal = Listener::start(move |_| answer(302, &[("location", &away)], ""));
    let backend = client::connect(&profile(&portal.url()), basic("me", "s3cr3t-1"));
    backend.connect().await.expect_err("no registry");
    tags(&*backend, "app").await.expect_err("no registry");
    let all = [portal.seen(), page.seen()].concat();
    assert!(all.iter().all(|seen| seen.header("authorization").is_none()), "{all:?}");
}
