//! An index on one port, its registry on another, and tokens from the first for the second.

use super::{DockerV1Server, call, get, id, small, start, text};
use crate::demo::docker_v1::{Access, DockerV1Options, IndexRules};
use crate::demo::tests::client::{Got, send};

const ANN: (&str, &str) = ("authorization", "Basic YW5uOnNlY3JldA==");
const WANTED: (&str, &str) = ("x-docker-token", "true");
const IMAGES: &str = "/v1/repositories/acme/api/images";
const TAGS: &str = "/v1/repositories/acme/api/tags";

async fn index(rules: IndexRules) -> DockerV1Server {
    let access = Access::Index { user: "ann".to_owned(), password: "secret".to_owned(), rules };
    start(small(), DockerV1Options { access, ..DockerV1Options::default() }).await
}

async fn ask(server: &DockerV1Server, method: &str, path: &str, header: (&str, &str)) -> Got {
    send(&server.registry_url, method, path, &[header], b"").await.expect("an answer")
}

fn token(got: &Got) -> String {
    assert!(!got.header("x-docker-token").is_empty(), "{}", got.status);
    format!("Token {}", got.header("x-docker-token"))
}

async fn read_token(server: &DockerV1Server) -> String {
    token(&call(server, "GET", IMAGES, &[WANTED], "").await)
}

#[tokio::test]
async fn accounts_are_asked_for() {
    let server = index(IndexRules::default()).await;
    assert_ne!(server.url, server.registry_url);
    assert_eq!(get(&server, "/v1/_ping").await.header("x-docker-registry-standalone"), "False");
    let refused = get(&server, "/v1/users/").await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, r#"Basic realm="auth required",Token"#));
    let wrong = call(&server, "GET", "/v1/users/", &[("authorization", "Basic eDp5")], "").await;
    assert_eq!((wrong.status, text(&wrong)), (401, r#"{"error": "Wrong login/password, please try again"}"#));
    assert_eq!(text(&call(&server, "GET", "/v1/users/", &[ANN], "").await), r#""OK""#);
    let taken = call(&server, "POST", "/v1/users/", &[], r#"{"username": "ann"}"#).await;
    assert_eq!((taken.status, text(&taken)), (400, r#""Username or email already exists""#));
    let server = index(IndexRules { inactive: true, ..IndexRules::default() }).await;
    assert_eq!(call(&server, "GET", "/v1/users/", &[ANN], "").await.status, 403);
    // The tags are the registry's.
    assert_eq!(get(&server, TAGS).await.status, 405);
}

#[tokio::test]
async fn a_token_opens_one_repository_in_one_way() {
    let server = index(IndexRules::default()).await;
    server.store().announce("acme/web", "[]");
    assert_eq!(get(&server, IMAGES).await.header("x-docker-token"), "", "only when it is asked for");
    let refused = ask(&server, "GET", TAGS, ("accept", "*/*")).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Token"));
    assert_eq!(text(&refused), r#"{"error": "Requires authorization"}"#);
    let read = read_token(&server).await;
    let tag = format!("{TAGS}/1.0");
    let image = format!("/v1/images/{}/json", id('b'));
    for (method, path, status) in [
        ("GET", TAGS, 200),
        ("GET", &image, 200),
        ("HEAD", TAGS, 401),
        ("PUT", &tag, 401),
        ("DELETE", &tag, 401),
        ("GET", "/v1/repositories/acme/web/tags", 401),
    ] {
        assert_eq!(ask(&server, method, path, ("authorization", &read)).await.status, status, "{method} {path}");
    }
    let doubled = format!("Token {read}");
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &doubled)).await.status, 200);
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &read[6..])).await.status, 401);
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &read.replace("api", "web"))).await.status, 401);

    assert_eq!(call(&server, "PUT", "/v1/repositories/acme/api/", &[WANTED], "[]").await.status, 401);
    let write = token(&call(&server, "PUT", "/v1/repositories/acme/api/", &[ANN, WANTED], "[]").await);
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &write)).await.status, 401);
    let document = format!(r#"{{"id": "{}"}}"#, id('c'));
    let put = |token: String| {
        let (url, document) = (server.registry_url.clone(), document.clone());
        async move {
            let path = format!("/v1/images/{}/json", id('c'));
            send(&url, "PUT", &path, &[("authorization", &token)], document.as_bytes()).await.expect("an answer")
        }
    };
    let strange = put(write.clone()).await;
    assert_eq!(text(&strange), r#"{"error": "This image does not belong to the repository"}"#);
    let list = format!(r#"[{{"id": "{}"}}]"#, id('c'));
    assert_eq!(call(&server, "PUT", IMAGES, &[ANN], &list).await.status, 204);
    assert_eq!(put(write.clone()).await.status, 200);
    server.forget_tokens();
    assert_eq!(put(write).await.status, 401);
}

#[tokio::test]
async fn private_repositories_want_the_account() {
    let server = index(IndexRules::default()).await;
    server.store().repository("acme/api").private = true;
    assert_eq!(call(&server, "GET", IMAGES, &[WANTED], "").await.status, 401);
    assert_eq!(call(&server, "GET", IMAGES, &[WANTED, ANN], "").await.status, 200);
    assert_eq!(get(&server, "/v1/search").await.json()["num_results"], 0);
    assert_eq!(call(&server, "GET", "/v1/search", &[ANN], "").await.json()["num_results"], 1);
}

#[tokio::test]
async fn by_the_letter_a_token_is_used_once() {
    let server = index(IndexRules { single_use: true, ..IndexRules::default() }).await;
    let read = read_token(&server).await;
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &read)).await.status, 200);
    assert_eq!(ask(&server, "GET", TAGS, ("authorization", &read)).await.status, 401);
    assert_eq!(server.tokens_issued(), 1);
}

#[tokio::test]
async fn a_cookie_stands_for_the_tokens_it_came_with() {
    let server = index(IndexRules { single_use: true, cookie: true, ..IndexRules::default() }).await;
    let cookie = |got: &Got| got.header("set-cookie").split(';').next().unwrap_or("").to_owned();
    let read = read_token(&server).await;
    let first = cookie(&ask(&server, "GET", TAGS, ("authorization", &read)).await);
    assert!(first.starts_with("session="));
    assert_eq!(ask(&server, "GET", TAGS, ("cookie", &first)).await.status, 200);
    assert_eq!(ask(&server, "DELETE", &format!("{TAGS}/1.0"), ("cookie", &first)).await.status, 401);
    let delete = token(&call(&server, "DELETE", "/v1/repositories/acme/api/", &[ANN, WANTED], "").await);
    let both = [("authorization", delete.as_str()), ("cookie", first.as_str())];
    let got = send(&server.registry_url, "DELETE", &format!("{TAGS}/1.0"), &both, b"").await.expect("an answer");
    let second = cookie(&got);
    assert_eq!(got.status, 200);
    assert_eq!(ask(&server, "GET", TAGS, ("cookie", &first)).await.status, 401, "its value has changed");
    assert_eq!(ask(&server, "GET", TAGS, ("cookie", &second)).await.status, 200);
}

/// First the index, with a token; then the registry, with that token; then the index again.
#[tokio::test]
async fn a_deletion_takes_three_calls() {
    let server = index(IndexRules::default()).await;
    let path = "/v1/repositories/acme/api/";
    assert_eq!(call(&server, "DELETE", path, &[WANTED], "").await.status, 401);
    let begun = call(&server, "DELETE", path, &[ANN, WANTED], "").await;
    assert_eq!(begun.status, 202);
    assert_eq!(get(&server, "/v1/search").await.json()["num_results"], 0);
    assert_eq!(ask(&server, "DELETE", path, ("authorization", &token(&begun))).await.status, 200);
    assert!(server.store().repositories["acme/api"].tags.is_empty());
    assert_eq!(call(&server, "DELETE", path, &[ANN], "").await.status, 200);
    assert!(server.store().repositories.is_empty());
    assert_eq!(call(&server, "DELETE", path, &[ANN], "").await.status, 404);
}
