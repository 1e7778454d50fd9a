use super::{LIST, TOKEN, ask, get, options, server};
use crate::demo::alauda::{AlaudaOptions, AlaudaServer, AlaudaStore, start_alauda};
use crate::demo::tests::client::{Got, send, with};

const ENTRANCE: &str = "/v1/generate-api-token/";
const JSON: &str = r#"{"username":"yunfan","password":"correct horse"}"#;

async fn sign_in(server: &AlaudaServer, path: &str, body: &str) -> Got {
    send(&server.url, "POST", path, &[], body.as_bytes()).await.expect("an answer")
}

async fn listed_with(server: &AlaudaServer, authorization: &str) -> Got {
    with(&server.url, "GET", LIST, &[("authorization", authorization)]).await
}

#[tokio::test]
async fn a_token_is_made_from_json_and_from_a_form_and_is_the_only_one() {
    let server = server(AlaudaOptions::default()).await;
    let mut tokens = Vec::new();
    for (path, body) in [
        (ENTRANCE, JSON),
        ("/v1/generate-api-token", JSON),
        (ENTRANCE, "username=yunfan&password=correct+horse"),
        (ENTRANCE, "password=correct%20horse&username=yunfan"),
    ] {
        let got = sign_in(&server, path, body).await;
        assert_eq!((got.status, got.header("cache-control")), (200, "no-store"), "{body}");
        let token = got.json()["token"].as_str().expect("a token").to_owned();
        assert_eq!((token.len(), token.bytes().all(|b| b.is_ascii_hexdigit())), (40, true));
        assert_eq!(listed_with(&server, &format!("Token {token}")).await.status, 200);
        tokens.push(token);
    }
    for old in &tokens[..3] {
        assert_eq!(listed_with(&server, &format!("Token {old}")).await.status, 401);
    }
    assert_eq!(server.tokens_issued(), 4);
    server.revoke_token();
    assert_eq!(listed_with(&server, &format!("Token {}", tokens[3])).await.status, 401);
}

#[tokio::test]
async fn later_servers_say_whose_the_token_is() {
    let server = server(AlaudaOptions { names_user: true, ..options() }).await;
    let body = r#"{"organization":"yunfan-labs","username":"yunfan","password":"correct horse"}"#;
    let got = sign_in(&server, ENTRANCE, body).await.json();
    assert_eq!(
        (&got["namespace"], &got["username"], &got["email"]),
        (&"yunfan-labs".into(), &"yunfan".into(), &"yunfan@example.cn".into())
    );
}

#[tokio::test]
async fn wrong_passwords_and_tokens_are_refused_without_a_word_of_the_right_ones() {
    let server = server(options()).await;
    let mut said = format!("{:?}", options());
    for (body, field) in [
        (r#"{"username":"yunfan","password":"wrong"}"#, "non_field_errors"),
        (r#"{"username":"yunfan"}"#, "password"),
        ("password=x", "username"),
        ("", "username"),
    ] {
        let got = sign_in(&server, ENTRANCE, body).await;
        assert_eq!((got.status, got.json()[field][0].is_string()), (400, true), "{body}");
        said.push_str(&String::from_utf8_lossy(&got.body));
    }
    for authorization in ["", "Token", "Token wrong", &format!("token {TOKEN}"), "Basic eXVuZmFuOng="] {
        let got = listed_with(&server, authorization).await;
        assert_eq!((got.status, got.header("www-authenticate")), (401, "Token"), "{authorization}");
        assert!(got.json()["detail"].is_string());
        said.push_str(&String::from_utf8_lossy(&got.body));
    }
    assert!(!said.contains(TOKEN) && !said.contains("correct horse"), "{said}");
    assert_eq!(server.tokens_issued(), 0);
    assert_eq!(ask(&server, "GET", ENTRANCE, "").await.status, 405);
}

#[tokio::test]
async fn the_account_and_its_organisations() {
    let server = server(options()).await;
    for path in ["/v1/auth/profile/", "/v1/auth/profile", "/v1/auth/yunfan/profile/", "/v1/auth/yunfan-labs/profile"] {
        let got = get(&server, path).await;
        let body = got.json();
        assert_eq!((got.status, &body["username"], &body["is_available"]), (200, &"yunfan".into(), &true.into()));
        assert!(body["mobile"].is_null() && body["prefered_language"] == "zh-CN");
    }
    let list = get(&server, "/v1/orgs/").await.json();
    let names: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|org| org["name"].as_str()).collect();
    assert_eq!(names, ["empty-handed", "kaiyuan", "yunfan-labs"]);
    let one = get(&server, "/v1/orgs/yunfan-labs/").await.json();
    assert_eq!(one, list[2]);
    assert_eq!(one["company"], "云帆科技有限公司 · 实验室");
    for (path, status) in [
        ("/v1/orgs/madams/", 404),
        ("/v1/auth/nobody/profile/", 404),
        ("/v1/auth/madams/profile/", 403),
        ("/v1/repositories/madams/", 403),
        ("/v1/repositories/nobody/", 404),
        ("/v2/", 404),
    ] {
        assert_eq!(get(&server, path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn an_empty_one_has_nothing_but_its_user() {
    let server = start_alauda(AlaudaStore::default(), options()).await.expect("a port");
    let none = get(&server, "/v1/orgs/").await;
    assert_eq!((none.status, none.body.len()), (200, 0));
    let list = get(&server, "/v1/repositories/yunfan/").await.json();
    assert_eq!((&list["count"], &list["next"], &list["results"]), (&0.into(), &().into(), &serde_json::json!([])));
}
