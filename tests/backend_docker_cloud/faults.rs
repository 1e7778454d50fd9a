use std::time::Duration;

use tagboat::backend::{Backend, Error};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::repository::GroupFilter;

use super::{KEY, open, options, server, signed_in};
use crate::support::client::basic;
use crate::support::vendor::{Keys, assert_unsaid, client, name, profile, refusals};
use crate::support::walk::repositories;

async fn reads(backend: &dyn Backend) -> Vec<Result<(), Error>> {
    vec![
        backend.connect().await.map(drop),
        repositories(backend).await.map(drop),
        backend.read_repository(&name("quay.io/tutum/ubuntu")).await.map(drop),
        backend.groups(&GroupFilter::default()).await.map(drop),
        backend.group("quay.io").await.map(drop),
    ]
}

#[tokio::test]
async fn what_is_no_answer_is_a_clear_sentence() {
    for (fault, kind) in refusals() {
        let server = server(options()).await;
        let settings = tagboat::backend::Settings { timeout: Some(Duration::from_secs(2)), ..Default::default() };
        let profile = profile(tagboat::domain::registry::BackendKind::DockerCloud, &server.url, None);
        let backend = client(&profile, &Keys::new(basic("annika", KEY)), settings).expect("a client");
        server.faults().add(Rule::on("/api/", fault.clone()));
        for (at, result) in reads(&*backend).await.into_iter().enumerate() {
            let error = result.expect_err("no answer");
            // A greeting that is 404 says that something else is there.
            let wanted = if at == 0 && kind == ErrorKind::NotFound { ErrorKind::BadAnswer } else { kind };
            let broken = matches!(fault, Fault::Truncate(_)) && error.kind == ErrorKind::Network;
            assert!(error.kind == wanted || broken, "{fault:?} {at}: {error:?}");
            assert!(error.what.as_str().contains("127.0.0.1"), "{error}");
            assert_unsaid(&format!("{error:?} {:?}", error.report()), &[KEY, "<html", "<!DOCTYPE"]);
        }
    }
}

#[tokio::test]
async fn reads_are_patient() {
    let (server, backend) = signed_in(options()).await;
    server.faults().add(Rule::on("/registry/", Fault::cloud_throttled(Some("0"))).times(1));
    server.faults().add(Rule::on("/repository/", Fault::status(503)).times(1));
    server.faults().add(Rule::on("offset=0", Fault::Delay(Duration::from_millis(50))));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (61, true));
}

#[tokio::test]
async fn a_page_that_fails_leaves_what_came_before() {
    let (server, backend) = signed_in(options()).await;
    let more = 200 - server.store().namespaces["annika"].repositories.len();
    {
        let mut store = server.store();
        let own = store.namespaces.get_mut("annika").expect("a namespace");
        for number in 0..more {
            own.add(&format!("quay.io/many/n{number:03}"), None);
        }
    }
    server.faults().add(Rule::on("offset=100", Fault::html_error(400)));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (100, false));
    assert!(walked.note().contains("400"), "{}", walked.note());
}

/// One that was taken back, and then one that was made in its place.
#[tokio::test]
async fn a_key_that_is_refused_is_not_sent_again_and_a_new_one_is() {
    let server = server(options()).await;
    let keys = Keys::new(basic("annika", "old-key"));
    let profile = profile(tagboat::domain::registry::BackendKind::DockerCloud, &server.url, None);
    let backend = client(&profile, &keys, Default::default()).expect("a client");
    let error = backend.connect().await.expect_err("wrong key");
    assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(401)));
    assert_eq!(server.log().len(), 1);
    for result in reads(&*backend).await {
        assert_eq!(result.expect_err("known to be wrong").kind, ErrorKind::SignIn);
    }
    assert_eq!(server.log().len(), 1, "it was not sent again");
    keys.set(basic("annika", KEY));
    assert_eq!(repositories(&*backend).await.expect("a list").names.len(), 61);

    let signed = open(&server, basic("annika", KEY), None);
    signed.connect().await.expect("signed in");
    server.faults().add(Rule::on("/repository/", Fault::status(401)));
    let error = repositories(&*signed).await.expect_err("taken back");
    assert_eq!(error.kind, ErrorKind::SignIn);
    assert_unsaid(&format!("{error:?}"), &[KEY, "old-key"]);
}

#[tokio::test]
async fn the_key_goes_to_no_other_host() {
    let (server, backend) = signed_in(options()).await;
    let other = super::server(options()).await;
    let to = format!("{}/api/repo/v1/repository/", other.url);
    server.faults().add(Rule::on("/repository/", Fault::Redirect { status: 302, to }));
    let _ = repositories(&*backend).await;
    assert!(!other.log().is_empty(), "it was followed");
    assert!(other.log().iter().all(|sent| sent.header("authorization").is_none()));
    assert!(server.log().iter().all(|sent| sent.header("authorization").is_some()));
}
