use std::sync::Arc;

use tagboat::backend::{Backend, Delivery, Settings};
use tagboat::demo::ml_space::{catalogue, empty};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::change::{Change, Changed};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::Credential;

use super::{Pair, TRAINER, answer, asked, bodies, configured, is_clear, key, serve, server};
use crate::support::client::{basic, repo, try_connect};
use crate::support::walk::{repositories, tags};

fn open(profile: &RegistryProfile, credential: Credential) -> Arc<dyn Backend> {
    try_connect(profile, credential, Settings::default()).expect("a client")
}

#[tokio::test]
async fn three_headers_go_with_every_call_and_the_key_is_asked_for_once() {
    let pair = Pair::start().await;
    let known = pair.backend.connect().await.expect("a registry");
    assert_eq!((known.auth, known.transport), (Some("bearer"), Some("http, not encrypted")));
    repositories(&*pair.backend).await.expect("a list");
    assert_eq!((pair.server.tokens_issued(), pair.asked("GET", "x_api_key").len()), (1, 1));
    let account = pair.server.store().accounts[0].clone();
    let workspace = pair.workspace().id;
    for seen in pair.asked("GET", "/docker_registry/") {
        assert!(seen.header("authorization").is_some_and(|value| value.starts_with("Bearer eyJ")));
        assert_eq!(seen.header("x-api-key"), Some(account.api_keys[&workspace].as_str()));
        assert_eq!(seen.header("x-workspace-id"), Some(workspace.to_string().as_str()));
    }
    let sign_in = pair.asked("POST", "/service_auth");
    assert!(["authorization", "x-api-key", "x-workspace-id"].iter().all(|name| sign_in[0].header(name).is_none()));
    assert_eq!(bodies(&sign_in)[0]["client_id"], account.key_id);
}

/// Over, and unknown: renewed once for all who wait, and nobody notices.
#[tokio::test]
async fn a_token_that_is_over_is_renewed_once_for_all() {
    for forget in [false, true] {
        let pair = Pair::start().await;
        repositories(&*pair.backend).await.expect("a list");
        if forget {
            pair.server.forget_tokens()
        } else {
            pair.server.expire_tokens()
        }
        pair.fault("/tags/", Fault::Delay(std::time::Duration::from_millis(50)));
        pair.fault("/images/", Fault::Delay(std::time::Duration::from_millis(50)));
        let names: Vec<String> = pair.workspace().repositories[..12].iter().map(|one| one.name.clone()).collect();
        let reads = names.iter().map(|name| tags(&*pair.backend, name));
        for result in futures_util::future::join_all(reads).await {
            result.expect("tags");
        }
        assert_eq!(pair.server.tokens_issued(), 2);
    }
}

/// A 401 says that nothing was done: a change goes out again after a new sign-in, and is done once.
#[tokio::test]
async fn a_change_survives_a_token_that_is_over() {
    let pair = Pair::start().await;
    repositories(&*pair.backend).await.expect("a list");
    pair.server.expire_tokens();
    let change = Change::Favourite { repo: repo(TRAINER), on: true };
    assert_eq!(pair.backend.change(&change).await.expect("taken"), Changed::Confirmed);
    assert_eq!((pair.asked("POST", "/fav").len(), pair.server.tokens_issued()), (2, 2));

    // Where it stays so, it is an error, and there is no third try.
    pair.server.clear_log();
    pair.fault("/fav", answer(401, r#"{"error_code":20,"error_message":"Token has expired"}"#));
    let error = pair.backend.change(&change).await.expect_err("refused");
    is_clear(&error, ErrorKind::SignIn, &["Token has expired"]);
    assert_eq!((pair.asked("POST", "/fav").len(), error.delivery), (2, Delivery::Answered));
}

#[tokio::test]
async fn a_key_of_the_workspace_that_changed_is_asked_for_again() {
    let pair = Pair::start().await;
    repositories(&*pair.backend).await.expect("a list");
    let workspace = pair.workspace().id;
    pair.server.store().accounts[0].api_keys.insert(workspace, "demo-api-key-new".to_owned());
    tags(&*pair.backend, TRAINER).await.expect("tags");
    assert_eq!((pair.server.tokens_issued(), pair.asked("GET", "x_api_key").len()), (1, 2));
    pair.fault("/images/", answer(401, r#"{"error_code":10,"error_message":"no"}"#));
    let error = tags(&*pair.backend, TRAINER).await.expect_err("refused");
    is_clear(&error, ErrorKind::SignIn, &["key of this workspace"]);
}

#[tokio::test]
async fn a_wrong_secret_is_sent_once() {
    let server = server().await;
    let person = server.store().accounts[0].clone();
    let backend = open(&configured(&server), basic(&person.key_id, "guess"));
    for _ in 0..3 {
        let error = backend.connect().await.expect_err("refused");
        is_clear(&error, ErrorKind::SignIn, &["Key ID"]);
    }
    assert_eq!(asked(&server, "POST", "/service_auth").len(), 1, "accounts get locked");
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let server = server().await;
    for credential in [Credential::Anonymous, Credential::RegistryToken("token".into())] {
        let error = open(&configured(&server), credential).connect().await.expect_err("refused");
        is_clear(&error, ErrorKind::SignIn, &["Key ID"]);
    }
    assert!(server.log().is_empty());
    let far = RegistryProfile { url: "http://ml.example".to_owned(), ..configured(&server) };
    let error = open(&far, key(&server)).connect().await.expect_err("refused");
    assert_eq!((error.kind, error.delivery), (ErrorKind::NotEncrypted, Delivery::NotSent));
}

#[tokio::test]
async fn the_workspace_is_the_one_that_is_named_or_the_only_one() {
    let server = server().await;
    let named = |text: Option<&str>| {
        let profile = RegistryProfile { workspace: text.map(str::to_owned), ..configured(&server) };
        open(&profile, key(&server))
    };
    let error = named(None).connect().await.expect_err("which one");
    is_clear(&error, ErrorKind::Config, &["3 workspaces"]);
    assert!(error.hint.as_ref().is_some_and(|hint| hint.as_str().contains("nlp-research")), "{error:?}");
    let error = named(Some("no-such")).connect().await.expect_err("none");
    is_clear(&error, ErrorKind::Config, &["no-such"]);
    let second = repositories(&*named(Some("nlp-research"))).await.expect("a list");
    assert_eq!(second.names.len(), 5);
    let scopes = named(None).scopes().await.expect("workspaces");
    let ids: Vec<String> = server.store().workspaces.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(scopes.iter().map(|scope| scope.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(scopes[1].name.as_str(), "nlp-research");

    let mut single = empty();
    single.workspaces.truncate(1);
    let single = serve(single).await;
    let profile = RegistryProfile { workspace: None, ..configured(&single) };
    open(&profile, key(&single)).connect().await.expect("the only one");
}

#[tokio::test]
async fn a_workspace_that_is_not_ours_is_denied() {
    let server = serve(catalogue()).await;
    let third = server.store().workspaces[2].id.to_string();
    let service = server.store().accounts[1].clone();
    let profile = RegistryProfile { workspace: Some(third), ..configured(&server) };
    let backend = open(&profile, basic(&service.key_id, &service.key_secret));
    let error = backend.connect().await.expect_err("denied");
    is_clear(&error, ErrorKind::Denied, &["role model"]);
}

/// The address with the API's path, and the bare host.
#[tokio::test]
async fn both_forms_of_the_address_are_taken() {
    let server = server().await;
    for url in [server.url.clone(), format!("{}/public/v2", server.url), format!("{}/public/v2/", server.url)] {
        let profile = RegistryProfile { url, ..configured(&server) };
        open(&profile, key(&server)).connect().await.expect("a registry");
    }
}

#[tokio::test]
async fn what_is_no_token_is_said_to_be_none() {
    for body in ["<html>", r#"{"token":{}}"#, "[]", ""] {
        let pair = Pair::start().await;
        pair.server.faults().add(Rule::on("/service_auth", answer(200, body)));
        let error = pair.backend.connect().await.expect_err("no token");
        is_clear(&error, ErrorKind::BadAnswer, &["the sign-in"]);
    }
}
