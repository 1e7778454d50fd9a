use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::{Got, get, send, with};
use super::{ACCEPT, server};
use crate::demo::{Auth, Fault, OciOptions, OciServer, REFRESH_TOKEN, Rule};

fn pair() -> (String, String) {
    ("robot".to_owned(), "s3:cr3t".to_owned())
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

fn bearer() -> OciOptions {
    let (user, password) = pair();
    OciOptions { auth: Auth::Bearer { user, password }, ..OciOptions::default() }
}

async fn token(server: &OciServer, scope: &str, credentials: Option<&str>) -> Got {
    let header = credentials.map(basic);
    let headers: Vec<(&str, &str)> = header.iter().map(|value| ("authorization", value.as_str())).collect();
    with(&server.url, "GET", &format!("/token?service=demo-registry&scope={scope}"), &headers).await
}

async fn ask(server: &OciServer, method: &str, path: &str, token: &Got) -> Got {
    let value = format!("Bearer {}", token.json()["token"].as_str().expect("a token"));
    with(&server.url, method, path, &[("authorization", &value), ("accept", ACCEPT)]).await
}

#[tokio::test]
async fn basic_asks_and_lets_in() {
    let (user, password) = pair();
    let options = OciOptions { auth: Auth::Basic { user, password }, ..OciOptions::default() };
    let (server, _) = server(options).await;
    let asked = get(&server.url, "/v2/").await;
    assert_eq!((asked.status, asked.header("www-authenticate")), (401, "Basic realm=\"basic-realm\""));
    let good = basic("robot:s3:cr3t");
    assert_eq!(with(&server.url, "GET", "/v2/", &[("authorization", &good)]).await.status, 200);
    let bad = basic("robot:wrong");
    let refused = with(&server.url, "GET", "/v2/", &[("authorization", &bad)]).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "UNAUTHORIZED"));
    assert_eq!(server.log()[2].header("Authorization"), Some(bad.as_str()));
}

#[tokio::test]
async fn a_challenge_names_what_is_needed() {
    let (server, [list, ..]) = server(bearer()).await;
    let realm = format!("Bearer realm=\"{}/token\",service=\"demo-registry\"", server.url);
    let delete = format!("/v2/demo/app/manifests/{list}");
    for (method, path, scope) in [
        ("GET", "/v2/", ""),
        ("GET", "/v2/_catalog", ",scope=\"registry:catalog:*\""),
        ("GET", "/v2/demo/app/tags/list", ",scope=\"repository:demo/app:pull\""),
        ("PUT", "/v2/demo/app/manifests/x", ",scope=\"repository:demo/app:pull,push\""),
        ("DELETE", &delete, ",scope=\"repository:demo/app:delete\""),
        (
            "POST",
            "/v2/demo/app/blobs/uploads/?mount=x&from=other%2Frepo",
            ",scope=\"repository:demo/app:pull,push repository:other/repo:pull\"",
        ),
    ] {
        let got = with(&server.url, method, path, &[]).await;
        assert_eq!((got.status, got.header("www-authenticate")), (401, format!("{realm}{scope}").as_str()));
    }
}

#[tokio::test]
async fn tokens_hold_what_was_asked_for_and_granted() {
    let (server, [list, ..]) = server(OciOptions { grants: vec!["pull"], ..bearer() }).await;
    let path = format!("/v2/demo/app/manifests/{list}");
    let got = token(&server, "repository:demo/app:pull,delete", Some("robot:s3:cr3t")).await;
    assert_eq!((got.status, got.json()["expires_in"].as_u64()), (200, Some(300)));
    assert_eq!(ask(&server, "GET", &path, &got).await.status, 200);
    let refused = ask(&server, "DELETE", &path, &got).await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").ends_with(",error=\"insufficient_scope\""));
    assert_eq!(refused.json()["errors"][0]["detail"][0]["Action"], "delete");
    assert_eq!(ask(&server, "GET", "/v2/other/tags/list", &got).await.status, 401);

    server.forget_tokens();
    let stale = ask(&server, "GET", &path, &got).await;
    assert!(stale.header("www-authenticate").ends_with(",error=\"invalid_token\""));
    assert_eq!(token(&server, "", Some("robot:no")).await.status, 401);
    assert_eq!(server.tokens_issued(), 1);
}

#[tokio::test]
async fn anonymous_tokens_are_given_but_may_be_useless() {
    for (anonymous_pull, status) in [(false, 401), (true, 200)] {
        let (server, _) = server(OciOptions { anonymous_pull, ..bearer() }).await;
        let got = token(&server, "repository:demo/app:pull", None).await;
        assert_eq!(got.status, 200);
        assert_eq!(ask(&server, "GET", "/v2/demo/app/tags/list", &got).await.status, status);
    }
}

#[tokio::test]
async fn refresh_tokens_are_taken_by_post_and_tokens_run_out() {
    let (server, _) = server(OciOptions { token_life: Duration::from_secs(60), ..bearer() }).await;
    let post = async |body: String| send(&server.url, "POST", "/token", &[], body.as_bytes()).await.expect("an answer");
    let scope = "scope=repository%3Ademo%2Fapp%3Apull";
    let got = post(format!("grant_type=refresh_token&refresh_token={REFRESH_TOKEN}&{scope}")).await;
    assert_eq!((got.status, got.json()["scope"].as_str()), (200, Some("repository:demo/app:pull")));
    assert_eq!(ask(&server, "GET", "/v2/demo/app/tags/list", &got).await.status, 200);
    let (brief, _) = self::server(OciOptions { token_life: Duration::ZERO, ..bearer() }).await;
    let post_brief =
        async |body: String| send(&brief.url, "POST", "/token", &[], body.as_bytes()).await.expect("an answer");
    let late = post_brief(format!("grant_type=refresh_token&refresh_token={REFRESH_TOKEN}&{scope}")).await;
    assert_eq!(ask(&brief, "GET", "/v2/demo/app/tags/list", &late).await.status, 401);
    assert_eq!(post(format!("grant_type=refresh_token&refresh_token=x&{scope}")).await.status, 401);
    let password = format!("grant_type=password&username=robot&password=s3%3Acr3t&access_type=offline&{scope}");
    assert_eq!(post(password).await.json()["refresh_token"], REFRESH_TOKEN);
    assert!(server.log().iter().any(|entry| entry.body.contains(REFRESH_TOKEN)));
}

#[tokio::test]
async fn the_realm_can_be_rewritten() {
    let (server, _) = server(bearer()).await;
    server.faults().add(Rule::on("/v2/", Fault::Realm("http://169.254.169.254/".to_owned())));
    let got = get(&server.url, "/v2/").await;
    assert_eq!(got.header("www-authenticate"), "Bearer realm=\"http://169.254.169.254/\",service=\"demo-registry\"");
}
