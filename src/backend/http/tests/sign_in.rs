use super::server::{Server, answer};
use super::*;

fn basic_server() -> impl Fn(&server::Seen, usize) -> Vec<u8> {
    |seen, _| match seen.header("authorization") {
        // me:right
        Some("Basic bWU6cmlnaHQ=") => answer(200, &[], "{}"),
        _ => answer(401, &[("www-authenticate", "Basic realm=\"x\"")], "{}"),
    }
}

#[tokio::test]
async fn basic_is_sent_after_the_challenge_and_at_once_from_then_on() {
    let server = Server::start(basic_server()).await;
    let (http, source) = open(&server.url(), vec![basic("right")]);
    http.send(call(Op::Ping, "/v2/")).await.expect("ping");
    http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect("tags");
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].header("authorization"), None);
    assert!(seen.iter().all(|seen| seen.header("cookie").is_none()));
    assert_eq!(source.asked.load(Ordering::Relaxed), 1);
    assert_eq!((http.scheme(), http.transport()), (Some("basic"), Some("http, not encrypted")));
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_only() {
    let server = Server::start(basic_server()).await;
    let (http, source) = open(&server.url(), vec![basic("wr0ng")]);
    for _ in 0..3 {
        let error = http.send(call(Op::Ping, "/v2/")).await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::SignIn);
        assert!(!format!("{error:?}").contains("wr0ng"));
    }
    let with = server.seen().iter().filter(|seen| seen.header("authorization").is_some()).count();
    assert_eq!(with, 1);
    assert!(source.asked.load(Ordering::Relaxed) >= 2);
}

#[tokio::test]
async fn a_short_lived_password_is_looked_up_again() {
    let server = Server::start(basic_server()).await;
    let (http, _) = open(&server.url(), vec![basic("old"), basic("right")]);
    http.send(call(Op::Ping, "/v2/")).await.expect("second look-up");
}

#[tokio::test]
async fn no_credentials_is_a_sign_in() {
    let server = Server::start(basic_server()).await;
    let (http, _) = open(&server.url(), Vec::new());
    assert_eq!(http.send(call(Op::Ping, "/v2/")).await.expect_err("refused").kind, ErrorKind::SignIn);
    assert_eq!(server.seen().len(), 1);
}

fn bearer_server() -> impl Fn(&server::Seen, usize) -> Vec<u8> {
    |seen, _| {
        if seen.line.contains("/token") {
            let push = if seen.line.contains("push") { "push" } else { "pull" };
            return answer(200, &[], format!("{{\"token\":\"{push}\",\"expires_in\":300}}"));
        }
        let challenge = |scope: &str, error: &str| {
            let value = format!("Bearer realm=\"/token?keep=1\",service=\"s\",scope=\"repository:a:{scope}\"{error}");
            answer(401, &[("www-authenticate", &value)], "{}")
        };
        let narrow = seen.line.contains("/narrow");
        match (seen.header("authorization"), narrow) {
            (Some("Bearer pull"), false) | (Some("Bearer push"), true) => answer(200, &[], "{}"),
            (Some("Bearer pull"), true) => challenge("pull,push", ",error=\"insufficient_scope\""),
            _ => challenge("pull", ""),
        }
    }
}

#[tokio::test]
async fn one_token_serves_many_requests() {
    let server = Server::start(bearer_server()).await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    let scoped = Call { scope: Some("repository:a:pull"), ..call(Op::Tags, "/v2/a/tags/list") };
    http.send(scoped.clone()).await.expect("tags");
    let many = futures_util::future::join_all((0..10).map(|_| http.send(scoped.clone()))).await;
    assert!(many.iter().all(Result::is_ok));
    assert_eq!(server.count("/token"), 1);
    assert_eq!(server.seen().len(), 1 + 1 + 11);
    let seen = server.seen();
    let token = seen.iter().find(|seen| seen.line.contains("/token")).expect("token request");
    assert_eq!(token.header("authorization"), Some("Basic bWU6cmlnaHQ="));
    for part in ["keep=1", "service=s", "scope=repository%3Aa%3Apull", "client_id=tagboat", "account=me"] {
        assert!(token.line.contains(part), "{part} in {}", token.line);
    }
    assert_eq!(http.scheme(), Some("bearer"));
}

#[tokio::test]
async fn insufficient_scope_gets_a_second_round() {
    let server = Server::start(bearer_server()).await;
    let (http, _) = open(&server.url(), Vec::new());
    http.send(call(Op::Manifest, "/v2/a/manifests/narrow")).await.expect("second round");
    assert_eq!(server.count("/token"), 2);
    assert!(server.seen().iter().all(|seen| !seen.header("authorization").unwrap_or_default().starts_with("Basic")));
}

#[tokio::test]
async fn a_useless_token_ends_in_denied_and_not_in_a_loop() {
    let server = Server::start(|seen, _| {
        if seen.line.contains("/token") {
            return answer(200, &[], r#"{"token":"useless"}"#);
        }
        let value = "Bearer realm=\"/token\",service=\"s\",scope=\"registry:catalog:*\",error=\"insufficient_scope\"";
        answer(401, &[("www-authenticate", value)], r#"{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}"#)
    })
    .await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    let error = http.send(call(Op::Catalog, "/v2/_catalog")).await.expect_err("denied");
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.what.as_str().contains("registry:catalog:*"));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_wrong_password_reaches_the_realm_once() {
    let server = Server::start(|seen, _| {
        let value = "Bearer realm=\"/token\",scope=\"repository:a:pull\"";
        if seen.line.contains("/token") {
            answer(401, &[], "{}")
        } else {
            answer(401, &[("www-authenticate", value)], "")
        }
    })
    .await;
    let (http, _) = open(&server.url(), vec![basic("wrong")]);
    let many = futures_util::future::join_all((0..5).map(|_| http.send(call(Op::Tags, "/v2/a/tags/list")))).await;
    assert!(many.iter().all(|result| result.as_ref().is_err_and(|error| error.kind == ErrorKind::SignIn)));
    assert_eq!(server.count("/token"), 1);
}

#[tokio::test]
async fn an_identity_token_goes_by_post() {
    let server = Server::start(|seen, _| {
        if seen.line.starts_with("POST /token") {
            return answer(200, &[], r#"{"access_token":"ok"}"#);
        }
        match seen.header("authorization") {
            Some("Bearer ok") => answer(200, &[], "{}"),
            _ => answer(401, &[("www-authenticate", "Bearer realm=\"/token\"")], ""),
        }
    })
    .await;
    let (http, _) = open(&server.url(), vec![Credential::IdentityToken("refresh".into())]);
    http.send(call(Op::Ping, "/v2/")).await.expect("ping");
}

#[tokio::test]
async fn a_foreign_realm_gets_nothing_without_a_word_from_the_user() {
    let realm = Server::start(|_, _| answer(200, &[], r#"{"token":"t"}"#)).await;
    let port = realm.address.rsplit_once(':').expect("port").1.to_owned();
    let value = format!("Bearer realm=\"http://localhost:{port}/token\",scope=\"repository:a:pull\"");
    let server = Server::start(move |_, _| answer(401, &[("www-authenticate", &value)], "")).await;
    let (http, _) = open(&server.url(), vec![basic("right")]);
    let error = http.send(call(Op::Tags, "/v2/a/tags/list")).await.expect_err("untrusted");
    assert_eq!(error.kind, ErrorKind::UntrustedRealm);
    assert_eq!(error.realm.map(|realm| realm.to_string()), Some(format!("localhost:{port}")));
    assert!(realm.seen().is_empty());
}

#[tokio::test]
async fn a_relative_realm_belongs_to_the_request() {
    for (realm, path) in
        [("token?keep=1", "/hub/v2/a/tags/token?keep=1"), ("../../../auth", "/hub/auth"), ("/token", "/token")]
    {
        let server = Server::start(move |seen, _| {
            let target = seen.line.split(' ').nth(1).unwrap_or_default();
            match (seen.header("authorization"), target.starts_with("/hub/v2/a/tags/list")) {
                (None, true) => answer(401, &[("www-authenticate", &format!("Bearer realm=\"{realm}\""))], ""),
                (None, false) if target.starts_with(path) => answer(200, &[], r#"{"token":"ok"}"#),
                (Some("Bearer ok"), true) => answer(200, &[], "{}"),
                _ => answer(404, &[], ""),
            }
        })
        .await;
        let (http, _) = open(&format!("{}/hub", server.url()), Vec::new());
        http.send(call(Op::Tags, "/v2/a/tags/list")).await.unwrap_or_else(|error| panic!("{realm}: {error}"));
    }
}

#[tokio::test]
async fn a_token_answer_has_its_cap_one_below_and_one_above() {
    for (length, fits) in [(limits::TOKEN_ANSWER, true), (limits::TOKEN_ANSWER + 1, false)] {
        let mut body = br#"{"token":"ok"}"#.to_vec();
        body.resize(usize::try_from(length).expect("it fits"), b' ');
        let server = Server::start(move |seen, _| match seen.header("authorization") {
            _ if seen.line.contains("/token") => answer(200, &[], &body),
            Some("Bearer ok") => answer(200, &[], "{}"),
            _ => answer(401, &[("www-authenticate", "Bearer realm=\"/token\"")], ""),
        })
        .await;
        let (http, _) = open(&server.url(), Vec::new());
        assert_eq!(http.send(call(Op::Ping, "/v2/")).await.is_ok(), fits, "{length}");
    }
}
