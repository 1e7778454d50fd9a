//! Registries and token servers that ask for a sign-in in other ways than most.

use super::server::{Seen, Server, answer};
use super::*;

fn wants(challenge: &str) -> Vec<u8> {
    answer(401, &[("www-authenticate", challenge)], "")
}

fn sends(seen: &Seen, header: &str) -> bool {
    seen.header("authorization") == Some(header)
}

/// `me:right`
const BASIC: &str = "Basic bWU6cmlnaHQ=";

#[tokio::test]
async fn a_401_that_names_no_way_is_taken_for_basic() {
    let server = Server::start(|seen, _| answer(if sends(seen, BASIC) { 200 } else { 401 }, &[], "{}")).await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    http.send(call(Op::Ping, "/v2/")).await.expect("signed in");
    let (http, _) = open(&server.url(), Vec::new());
    let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("nothing to sign in with");
    assert_eq!(error.kind, ErrorKind::SignIn);
    assert!(error.what.as_str().contains("asks for a sign-in but names no way"), "{error}");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn ways_that_are_not_known_are_named_and_get_nothing() {
    let server = Server::start(|_, _| wants("Negotiate, Digest realm=\"x\", nonce=\"y\"")).await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("no way");
    assert_eq!(error.kind, ErrorKind::SignIn);
    assert!(error.what.as_str().contains("negotiate, digest"), "{error}");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn a_token_server_that_does_not_answer_properly_is_named() {
    for (status, body, words) in [
        (200, "<!DOCTYPE html><title>Sign in</title>", "200 with a web page"),
        (200, "{}", "200 with no token that can be used"),
        (200, "", "200 with no token that can be used"),
        (204, "", "204"),
        (418, "{}", "418"),
        (501, "{}", "501"),
    ] {
        let server = Server::start(move |seen, _| match seen.line.contains("/token") {
            true => answer(status, &[], body),
            false => wants("Bearer realm=\"/token\",scope=\"repository:a:pull\""),
        })
        .await;
        for credential in [Credential::Anonymous, basic("s3cr3t-1")] {
            let (http, _) = open(&server.url(), vec![credential]);
            let error = http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect_err(words);
            let kind = if status >= 500 { ErrorKind::Server } else { ErrorKind::BadAnswer };
            assert_eq!((error.kind, error.status), (kind, Some(status)), "{error}");
            let sentence = format!("the sign-in server {} did not answer properly: {words}", server.address);
            assert_eq!(error.what.as_str(), sentence);
        }
        assert_eq!(server.count("/token"), 2, "{words}: asked once each");
    }
}

#[tokio::test]
async fn a_token_that_is_taken_back_is_replaced() {
    let valid = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&valid);
    let server = Server::start(move |seen, _| {
        let token = format!("t{}", now.load(Ordering::SeqCst));
        if seen.line.contains("/token") {
            return answer(200, &[], format!("{{\"token\":\"{token}\",\"expires_in\":3600}}"));
        }
        match sends(seen, &format!("Bearer {token}")) {
            true => answer(200, &[], "{}"),
            false => wants("Bearer realm=\"/token\",scope=\"repository:a:pull\",error=\"invalid_token\""),
        }
    })
    .await;
    let (http, _) = open(&server.url(), Vec::new());
    for (revoked, tokens) in [(false, 1), (true, 2), (false, 2), (true, 3)] {
        valid.fetch_add(usize::from(revoked), Ordering::SeqCst);
        let scoped = Call { scope: Some("repository:a:pull"), ..call(Op::Tags, "/v2/a/tags/list") };
        http.send(scoped).await.expect("with the token that holds now");
        assert_eq!(server.count("/token"), tokens);
    }
}

#[tokio::test]
async fn a_registry_token_is_sent_as_it_is_and_to_no_realm() {
    let server = Server::start(|seen, _| match sends(seen, "Bearer s3cr3t-1") {
        true => answer(200, &[], "{}"),
        false => wants("Bearer realm=\"/token\",scope=\"repository:a:pull\""),
    })
    .await;
    let (http, _) = open(&server.url(), vec![Credential::RegistryToken("s3cr3t-1".into())]);
    http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect("signed in");
    assert_eq!((server.seen().len(), server.count("/token")), (2, 0));
    let (http, _) = open(&server.url(), vec![Credential::RegistryToken("s3cr3t-2".into())]);
    let error = http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect_err("another one");
    assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    assert_eq!((server.seen().len(), server.count("/token")), (4, 0), "sent once");
}

/// Some token servers read only the first scope, and some give a useless token for `offline_token`.
#[tokio::test]
async fn scopes_are_asked_for_one_by_one_and_the_wanted_ones_first() {
    let server = Server::start(|seen, _| match (seen.line.contains("/token"), seen.line.contains("b%3Apull")) {
        (true, wide) => answer(200, &[], if wide { r#"{"token":"wide"}"# } else { r#"{"token":"narrow"}"# }),
        _ if sends(seen, "Bearer wide") => answer(200, &[], "{}"),
        _ if sends(seen, "Bearer narrow") => {
            let scope = "repository:b:pull,push repository:c:*";
            wants(&format!("Bearer realm=\"/token\",scope=\"{scope}\",error=\"insufficient_scope\""))
        }
        _ => wants("Bearer realm=\"/token\",scope=\"repository:a:pull\""),
    })
    .await;
    let (http, _) = open(&server.url(), Vec::new());
    http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect("with the wider token");
    let seen = server.seen();
    let asked: Vec<Vec<&str>> = seen
        .iter()
        .filter_map(|seen| seen.line.split([' ', '?']).nth(2).filter(|_| seen.line.contains("/token")))
        .map(|query| query.split('&').collect())
        .collect();
    let (a, b, c) = ("scope=repository%3Aa%3Apull", "scope=repository%3Ab%3Apull%2Cpush", "scope=repository%3Ac%3A*");
    assert_eq!(asked, [vec![a, "client_id=tagboat"], vec![b, c, a, "client_id=tagboat"]]);
}

/// Harbor wants Basic for the catalogue and tokens for the rest (oci-distribution.md §16).
#[tokio::test]
async fn a_catalogue_may_want_another_way_than_the_rest() {
    let server = Server::start(|seen, _| {
        let catalog = seen.line.contains("_catalog");
        match catalog {
            _ if seen.line.contains("/token") => answer(200, &[], r#"{"token":"t","expires_in":3600}"#),
            true if sends(seen, BASIC) => answer(200, &[], "{}"),
            false if sends(seen, "Bearer t") => answer(200, &[], "{}"),
            true => wants("Basic realm=\"harbor\""),
            false => wants("Bearer realm=\"/token\",scope=\"repository:a:pull\""),
        }
    })
    .await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    for _ in 0..3 {
        http.send(call(Op::Catalog, "/v2/_catalog")).await.expect("the catalogue");
        let scoped = Call { scope: Some("repository:a:pull"), ..call(Op::Tags, "/v2/a/tags/list") };
        http.send(scoped).await.expect("tags");
    }
    assert_eq!((server.seen().len(), server.count("/token")), (6 + 2 + 1, 1), "one 401 each, and one token");
}
