use serde_json::{Value, json};

use super::{Person, REGISTRY, complaints, start, token};
use crate::demo::ml_space::{MlSpaceOptions, catalogue, start_ml_space};
use crate::demo::tests::client::{get, send, with};

const CURRENT: &str = "/public/v2/docker_registry/v2/registries/current";
const KEY: &str = "/public/v2/workspaces/v1/x_api_key";

#[tokio::test]
async fn a_key_becomes_a_token_and_a_wrong_one_does_not() {
    let server = start().await;
    let person = server.store().accounts[0].clone();
    let ask = async |body: Value| {
        let body = body.to_string();
        send(&server.url, "POST", "/public/v2/service_auth", &[], body.as_bytes()).await.expect("an answer")
    };
    let got = ask(json!({"client_id": person.key_id, "client_secret": person.key_secret})).await;
    let answer = got.json();
    assert_eq!((got.status, &answer["token"]["expires_in"]), (200, &json!(3600)));
    assert_eq!(answer["token"]["token_type"], "Bearer");
    let wrong = ask(json!({"client_id": person.key_id, "client_secret": "guess"})).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json(), json!({"error_code": 1, "error_message": "invalid user credentials"}));
    let short = ask(json!({"client_id": 7})).await;
    let want = [
        (json!(["body", "client_id"]), "string_type".to_owned()),
        (json!(["body", "client_secret"]), "missing".to_owned()),
    ];
    assert_eq!(complaints(&short), want);
    assert_eq!(server.tokens_issued(), 1);
}

/// The order of §9, and what passes.
#[tokio::test]
async fn headers_are_asked_for_in_order() {
    let Person { server, token, key, workspace } = Person::signed_in().await;
    let bearer = format!("Bearer {token}");
    let other = server.store().workspaces[1].id.to_string();
    let code = async |headers: &[(&str, &str)]| {
        let got = with(&server.url, "GET", CURRENT, headers).await;
        (got.status, got.json()["error_code"].as_u64().unwrap_or(0))
    };
    let none = get(&server.url, CURRENT).await;
    assert_eq!(complaints(&none), [(json!(["header", "x-workspace-id"]), "missing".to_owned())]);
    let at = ("x-workspace-id", workspace.as_str());
    assert_eq!(code(&[at]).await, (401, 19));
    assert_eq!(code(&[at, ("authorization", "Bearer eyJguess")]).await, (401, 21));
    assert_eq!(code(&[at, ("authorization", &bearer)]).await, (401, 9));
    assert_eq!(code(&[at, ("authorization", &bearer), ("x-api-key", "")]).await, (401, 9));
    assert_eq!(code(&[at, ("authorization", &bearer), ("x-api-key", "guess")]).await, (401, 10));
    let key = ("x-api-key", key.as_str());
    assert_eq!(code(&[("x-workspace-id", &other), ("authorization", &bearer), key]).await, (401, 10));
    assert_eq!(code(&[at, ("authorization", &bearer), key]).await, (200, 0));
    assert_eq!(code(&[at, ("authorization", &token), key]).await, (200, 0));
    server.expire_tokens();
    assert_eq!(code(&[at, ("authorization", &bearer)]).await, (401, 20));
    server.forget_tokens();
    assert_eq!(code(&[at, ("authorization", &bearer), key]).await, (401, 21));
}

#[tokio::test]
async fn a_life_of_nothing_is_over_at_once() {
    let options = MlSpaceOptions { token_life: std::time::Duration::ZERO, ..MlSpaceOptions::default() };
    let server = start_ml_space(catalogue(), options).await.unwrap();
    let token = token(&server, 0).await;
    let got = with(&server.url, "GET", "/public/v2/workspaces/v3/", &[("authorization", &token)]).await;
    assert_eq!((got.status, &got.json()["error_code"]), (401, &json!(20)));
}

#[tokio::test]
async fn workspaces_and_their_keys_need_the_token_alone() {
    let server = start().await;
    let (person, service) = (token(&server, 0).await, token(&server, 1).await);
    let names = async |token: &str| {
        let got = with(&server.url, "GET", "/public/v2/workspaces/v3/", &[("authorization", token)]).await;
        let list = got.json()["workspaces"].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| one["name"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&person).await, ["vision-prod", "nlp-research", "sandbox"]);
    assert_eq!(names(&service).await, ["vision-prod", "nlp-research"]);
    let third = server.store().workspaces[2].clone();
    let id = third.id.to_string();
    let want = server.store().accounts[0].api_keys[&third.id].clone();
    let key = async |token: &str, path: &str, id: &str| {
        let headers = [("authorization", token), ("x-workspace-id", id), ("x-api-key", "")];
        with(&server.url, "GET", path, &headers).await
    };
    assert_eq!(key(&person, KEY, &id).await.json(), json!({"x-api-key": want}));
    assert_eq!(key(&person, &format!("{KEY}?workspace_id={id}"), "").await.json(), json!({"x-api-key": want}));
    let refused = key(&service, KEY, &id).await;
    assert_eq!((refused.status, refused.json()["status"].as_str()), (400, Some("INVALID_ARGUMENT")));
    let one = key(&person, &format!("/public/v2/workspaces/v3/{id}"), &id).await;
    assert_eq!(one.json()["project_name"], third.project_name);
    assert_eq!(key(&service, &format!("/public/v2/workspaces/v3/{id}"), &id).await.status, 404);
}

#[tokio::test]
async fn every_call_makes_a_new_password_for_people() {
    let person = Person::signed_in().await;
    let path = "/public/v2/docker_registry/v1/users/generate_password";
    let before = person.server.store().accounts[0].password.clone();
    let bearer = format!("Bearer {}", person.token);
    let headers =
        [("authorization", bearer.as_str()), ("x-api-key", &person.key), ("x-workspace-id", &person.workspace)];
    let mut seen = vec![before];
    for _ in 0..2 {
        let got = with(&person.server.url, "GET", path, &headers).await;
        let password = got.json()["password"].as_str().expect("a password").to_owned();
        assert_eq!(person.server.store().accounts[0].password, password);
        assert!(!seen.contains(&password));
        seen.push(password);
    }
    assert_eq!(person.server.passwords_asked(), 2);
    let service = Person::at(person.server, 1).await;
    let headers = [
        ("authorization", service.token.as_str()),
        ("x-api-key", &service.key),
        ("x-workspace-id", &service.workspace),
    ];
    assert_eq!(with(&service.server.url, "GET", path, &headers).await.status, 400);
}

#[tokio::test]
async fn nothing_shows_a_secret_when_it_is_printed() {
    let server = start().await;
    let store = server.store();
    let text = format!("{store:?}");
    for account in &store.accounts {
        let keys = account.api_keys.values();
        for secret in keys.chain([&account.key_id, &account.key_secret, &account.password]) {
            assert!(!text.contains(secret.as_str()));
        }
    }
}

/// Assumption A7, and what the framework says to wrong paths and methods; none of it asks who it is.
#[tokio::test]
async fn slashes_and_methods_are_the_framework_s() {
    let server = start().await;
    let moved = get(&server.url, &format!("{REGISTRY}/repositories?page=2")).await;
    let want = format!("{}{REGISTRY}/repositories/?page=2", server.url);
    assert_eq!((moved.status, moved.header("location")), (307, want.as_str()));
    assert_eq!(get(&server.url, &format!("{CURRENT}/")).await.status, 307);
    let refused = with(&server.url, "PUT", &format!("{REGISTRY}/images/"), &[]).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "DELETE, GET"));
    let unknown = get(&server.url, "/public/v2/docker_registry/v3/").await;
    assert_eq!((unknown.status, unknown.json()), (404, json!({"detail": "Not Found"})));
}
