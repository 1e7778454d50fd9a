use std::time::Duration;

use futures_util::future::join_all;
use tagboat::backend::Settings;
use tagboat::demo::{AlaudaOptions, Fault, Rule};
use tagboat::domain::change::{Change, Changed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;
use tagboat::domain::secret::Credential;

use super::{PASSWORD, TOKEN, open, options, owner, server, signed_in, tokens_asked_for};
use crate::support::client::basic;
use crate::support::vendor::{Keys, assert_unsaid, client, count, name, profile};
use crate::support::walk::repositories;

#[tokio::test]
async fn a_password_becomes_a_token_that_is_used_and_can_be_kept() {
    let server = server(options()).await;
    let backend = open(&server, owner(), None);
    backend.connect().await.expect("signed in");
    let names = repositories(&*backend).await.expect("a list").names;
    assert!(names.len() == 23 && names.iter().all(|name| name.starts_with("yunfan/")), "{names:?}");
    assert_eq!(server.tokens_issued(), 1);
    let log = server.log();
    assert_eq!(log[0].method, "POST");
    assert!(log[1..].iter().all(|sent| {
        let header = sent.header("authorization").unwrap_or("");
        header.starts_with("Token ") && !sent.body.contains(PASSWORD)
    }));
    let kept = backend.to_keep().expect("a token");
    let next = open(&server, kept, None);
    next.connect().await.expect("the token is enough");
    // Whose it is, it says itself.
    assert_eq!(repositories(&*next).await.expect("a list").names, names);
    assert_eq!((server.tokens_issued(), next.to_keep().is_none()), (1, true));
}

#[tokio::test]
async fn many_who_wait_get_one_token_and_one_renewal() {
    let (server, backend) = signed_in(options()).await;
    let read = |repo: &'static str| {
        let backend = &backend;
        async move { backend.read_repository(&name(repo)).await }
    };
    let all = ["yunfan/cart", "yunfan/pay", "yunfan/search", "yunfan/gateway", "yunfan/message", "yunfan/delivery"];
    for renewals in 1..=3 {
        for result in join_all(all.map(read)).await {
            result.expect("signed in");
        }
        assert_eq!(server.tokens_issued(), renewals);
        server.revoke_token();
    }
}

/// A 401 means that it was not done, so it is sent again; everything else that happens to a change is its end.
#[tokio::test]
async fn a_token_that_is_taken_back_in_the_middle_costs_nothing() {
    let (server, backend) = signed_in(options()).await;
    backend.connect().await.expect("signed in");
    server.revoke_token();
    server.clear_log();
    let mut form = Form::new(name("yunfan/cart"));
    form.description = Some("手推车".to_owned());
    assert_eq!(backend.change(&Change::Edit(Box::new(form))).await.expect("changed"), Changed::Confirmed);
    let puts = server.log().iter().filter(|sent| sent.method == "PUT").count();
    assert_eq!((puts, tokens_asked_for(&server)), (2, 1));

    // A server that takes no token at all is not asked for ever.
    server.faults().add(Rule::on("/repositories/", Fault::status(401)));
    server.clear_log();
    let error = backend.read_repository(&name("yunfan/cart")).await.expect_err("401 and 401");
    assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(401)));
    assert_eq!((count(&server.log(), "GET"), tokens_asked_for(&server)), (2, 1));
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let server = server(options()).await;
    let keys = Keys::new(basic("yunfan", "wrong-one"));
    let profile = profile(BackendKind::Alauda, &server.url, None);
    let backend = client(&profile, &keys, Settings::default()).expect("a client");
    let error = backend.connect().await.expect_err("wrong");
    assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(400)));
    assert!(error.what.as_str().contains("Unable to login with provided credentials."), "{error}");
    for _ in 0..3 {
        let error = backend.connect().await.expect_err("known to be wrong");
        assert_eq!(error.kind, ErrorKind::SignIn);
        assert_unsaid(&format!("{error:?}"), &["wrong-one"]);
    }
    assert_eq!(server.log().len(), 1, "it was not sent again");
    keys.set(owner());
    backend.connect().await.expect("the right one is tried");
    assert_eq!(tokens_asked_for(&server), 2);
}

#[tokio::test]
async fn a_kept_token_that_is_worthless_is_not_sent_for_ever() {
    let server = server(AlaudaOptions { token: Some(TOKEN.into()), ..options() }).await;
    let keys = Keys::new(Credential::RegistryToken(TOKEN.into()));
    let profile = profile(BackendKind::Alauda, &server.url, Some("yunfan"));
    let backend = client(&profile, &keys, Settings::default()).expect("a client");
    backend.connect().await.expect("a token");
    server.revoke_token();
    let error = backend.connect().await.expect_err("taken back");
    assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(401)));
    assert!(error.report().hint.as_str().contains("sign in again"));
    assert_unsaid(&format!("{error:?}"), &[TOKEN]);
    assert_eq!(tokens_asked_for(&server), 0);
    keys.set(owner());
    backend.connect().await.expect("signed in anew");
    assert_eq!(server.tokens_issued(), 1);
}

#[tokio::test]
async fn what_goes_wrong_at_the_sign_in_is_said() {
    for (fault, kind) in [
        (Fault::status(404), ErrorKind::BadAnswer),
        (Fault::status(500), ErrorKind::Server),
        (Fault::alauda_throttled(None), ErrorKind::RateLimited),
        (Fault::Html, ErrorKind::BadAnswer),
        (Fault::Answer { status: 200, headers: Vec::new(), body: b"{\"token\":\"\"}".to_vec() }, ErrorKind::BadAnswer),
        (Fault::LostAnswer, ErrorKind::Network),
    ] {
        let (server, backend) = signed_in(options()).await;
        server.faults().add(Rule::on("generate-api-token", fault.clone()));
        let error = backend.connect().await.expect_err("no token");
        assert_eq!(error.kind, kind, "{fault:?}: {error:?}");
        assert_eq!(server.log().len(), 1, "{fault:?}: a sign-in is sent once");
        assert_unsaid(&format!("{error:?} {:?}", error.report()), &[PASSWORD]);
    }
}

#[tokio::test]
async fn nobody_at_all_has_to_sign_in_and_who_waits_can_leave() {
    let server = server(options()).await;
    let nobody = open(&server, Credential::Anonymous, Some("yunfan"));
    assert_eq!(nobody.connect().await.expect_err("a token is needed").kind, ErrorKind::SignIn);
    let without_name = open(&server, Credential::Anonymous, None);
    assert_eq!(repositories(&*without_name).await.expect_err("who?").kind, ErrorKind::SignIn);

    let (hanging, backend) = signed_in(options()).await;
    hanging.faults().add(Rule::on("generate-api-token", Fault::Hang).times(1));
    let left = tokio::time::timeout(Duration::from_millis(50), backend.connect()).await;
    assert!(left.is_err(), "it hangs");
    backend.connect().await.expect("the next one is not held up");
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let (server, backend) = signed_in(options()).await;
    let other = super::server(options()).await;
    let to = format!("{}/v1/repositories/yunfan/cart", other.url);
    server.faults().add(Rule::on("/repositories/", Fault::Redirect { status: 302, to }));
    let error = backend.read_repository(&name("yunfan/cart")).await.expect_err("no right there");
    assert!(!other.log().is_empty(), "it was followed");
    assert!(other.log().iter().all(|sent| sent.header("authorization").is_none()), "{error:?}");
    assert_eq!(server.tokens_issued(), 1);
}
