//! Call by call what docker-registry 0.9.1 answers.

use super::{call, get, id, reference, small, start, text};
use crate::demo::docker_v1::DockerV1Options;

const TAGS: &str = "/v1/repositories/acme/api/tags";

#[tokio::test]
async fn it_greets_and_knows_no_other_protocol() {
    let server = reference().await;
    for path in ["/v1/_ping", "/_ping"] {
        let got = get(&server, path).await;
        assert_eq!((got.status, text(&got)), (200, "{}"));
        assert_eq!(got.header("x-docker-registry-standalone"), "True");
        assert_eq!((got.header("content-type"), got.header("cache-control")), ("application/json", "no-cache"));
        assert_eq!((got.header("expires"), got.header("pragma")), ("-1", "no-cache"));
    }
    assert_eq!(text(&get(&server, "/").await), r#""\"docker-registry server\"""#);
    let got = get(&server, "/v2/").await;
    assert_eq!((got.status, got.header("content-type")), (404, "text/html"));
    assert!(text(&got).contains("<title>404 Not Found</title>"));
    let got = get(&server, &format!("{TAGS}/")).await;
    assert_eq!((got.status, got.header("allow")), (405, "DELETE, OPTIONS, PUT"));
    assert_eq!(text(&get(&server, "/v1/users/").await), r#""OK""#);
    let got = get(&server, "/v1/users").await;
    assert_eq!((got.status, got.header("location")), (301, format!("{}/v1/users/", server.url).as_str()));
}

#[tokio::test]
async fn nothing_is_there_at_first() {
    let server = reference().await;
    let none = r#"{"num_results": 0, "query": "", "results": []}"#;
    assert_eq!(text(&get(&server, "/v1/search?q=").await), none);
    for (path, want) in [
        (TAGS.to_owned(), "Repository not found"),
        (format!("{TAGS}/latest"), "Tag not found"),
        ("/v1/repositories/acme/api/images".to_owned(), "images not found"),
        (format!("/v1/images/{}/json", id('a')), "Image not found"),
        (format!("/v1/images/{}/layer", id('a')), "Image not found"),
        (format!("/v1/images/{}/ancestry", id('a')), "Image not found"),
        (format!("/v1/images/{}/json", id('A')), "Invalid image ID"),
    ] {
        let got = get(&server, &path).await;
        assert_eq!((got.status, text(&got)), (404, format!("{{\"error\": \"{want}\"}}").as_str()), "{path}");
    }
    let got = call(&server, "DELETE", &format!("{TAGS}/1.0"), &[], "").await;
    assert_eq!((got.status, text(&got)), (404, r#"{"error": "Tag not found: 1.0"}"#));
    let got = call(&server, "DELETE", "/v1/repositories/acme/api/", &[], "").await;
    assert_eq!((got.status, text(&got)), (404, r#"{"error": "Repository not found"}"#));
    // Of these it never says that they are not there.
    let info = r#"{"arch": "amd64", "docker_go_version": null, "docker_version": null, "kernel": null, "last_update": null, "os": "linux"}"#;
    assert_eq!(text(&get(&server, &format!("{TAGS}/1.0/json")).await), info);
    assert_eq!(text(&get(&server, "/v1/repositories/acme/api/json").await), info);
    assert_eq!(text(&get(&server, "/v1/repositories/acme/api/properties").await), r#"{"access": "public"}"#);
    let conditional = [("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")];
    let got = call(&server, "GET", &format!("/v1/images/{}/json", id('a')), &conditional, "").await;
    assert_eq!(got.status, 304);
}

#[tokio::test]
async fn announcing_makes_a_repository_without_tags() {
    let server = reference().await;
    let wrong = call(&server, "PUT", "/v1/repositories/acme/api/", &[], "").await;
    assert_eq!((wrong.status, text(&wrong)), (400, r#"{"error": "Error Decoding JSON"}"#));
    let wrong = call(&server, "PUT", "/v1/repositories/acme/api/", &[], "{}").await;
    assert_eq!((wrong.status, text(&wrong)), (400, r#"{"error": "Invalid data"}"#));
    let made = call(&server, "PUT", "/v1/repositories/acme/api/", &[], "[]").await;
    assert_eq!((made.status, text(&made)), (200, r#""""#));
    assert!(made.header("x-docker-token").starts_with("Token signature="));
    assert!(made.header("x-docker-token").ends_with(r#",repository="acme/api",access=write"#));
    assert_eq!(made.header("www-authenticate").split(' ').next(), Some("Token"));
    assert_eq!(format!("http://{}", made.header("x-docker-endpoints")), server.url);
    assert_eq!(text(&get(&server, TAGS).await), "{}");
    assert_eq!(text(&get(&server, "/v1/repositories/acme/api/images").await), "[]");
    let images = r#"[{"id": "x", "Tag": "1.0"}, {"id": "x", "checksum": "tarsum:1"}]"#;
    let put = call(&server, "PUT", "/v1/repositories/acme/api/images", &[], images).await;
    assert_eq!((put.status, put.body.len()), (204, 0));
    let listed = get(&server, "/v1/repositories/acme/api/images").await;
    assert_eq!(text(&listed), r#"[{"checksum": "tarsum:1", "id": "x"}]"#);
    let found = r#"{"num_results": 1, "query": "ME/A", "results": [{"description": "", "name": "acme/api"}]}"#;
    assert_eq!(text(&get(&server, "/v1/search?q=ME%2FA&n=1&page=7").await), found);
}

#[tokio::test]
async fn tags_are_set_moved_and_deleted() {
    let server = start(small(), DockerV1Options::reference()).await;
    let agent = [("user-agent", "docker/1.6.0 go/go1.4.2 kernel/3.13.0 os/Linux arch/amd64")];
    for (body, status, want) in [
        ("", 400, r#"{"error": "Invalid data"}"#),
        ("{}", 400, r#"{"error": "Invalid data"}"#),
        ("\"\"", 400, r#"{"error": "Invalid data"}"#),
        ("\"unknown\"", 404, r#"{"error": "Image not found"}"#),
    ] {
        let got = call(&server, "PUT", &format!("{TAGS}/2.0"), &agent, body).await;
        assert_eq!((got.status, text(&got)), (status, want), "{body}");
    }
    let got = call(&server, "PUT", &format!("{TAGS}/2.0"), &agent, &format!("\"{}\"\n", id('a'))).await;
    assert_eq!((got.status, text(&got)), (200, "true"));
    assert_eq!(text(&get(&server, &format!("{TAGS}/2.0")).await), format!("\"{}\"", id('a')));
    let info = get(&server, &format!("{TAGS}/2.0/json")).await.json();
    assert_eq!((&info["docker_version"], &info["docker_go_version"]), (&"1.6.0".into(), &"go1.4.2".into()));
    assert_eq!((&info["kernel"], &info["os"], &info["arch"]), (&"3.13.0".into(), &"linux".into(), &"amd64".into()));
    assert!(info["last_update"].as_i64().is_some_and(|seconds| seconds > 1_700_000_000));
    let [a, b] = [id('a'), id('b')];
    let want = format!(r#"{{"1.0": "{b}", "2.0": "{a}", "latest": "{b}"}}"#);
    assert_eq!(text(&get(&server, TAGS).await), want);
    let gone = call(&server, "DELETE", &format!("{TAGS}/2.0"), &[], "").await;
    assert_eq!((gone.status, text(&gone)), (200, "true"));
    assert_eq!(get(&server, &format!("{TAGS}/2.0")).await.status, 404);
}

#[tokio::test]
async fn a_repository_goes_and_its_images_stay() {
    let server = start(small(), DockerV1Options::reference()).await;
    let without_slash = call(&server, "DELETE", "/v1/repositories/acme/api", &[], "").await;
    assert_eq!((without_slash.status, server.store().repositories.len()), (301, 1));
    let gone = call(&server, "DELETE", "/v1/repositories/acme/api/", &[], "").await;
    assert_eq!((gone.status, text(&gone)), (200, "true"));
    assert_eq!(get(&server, TAGS).await.status, 404);
    assert_eq!(get(&server, "/v1/search").await.json()["num_results"], 0);
    assert_eq!(get(&server, &format!("/v1/images/{}/json", id('b'))).await.status, 200);
}

/// The name is escaped when it is stored and once more when it is read, and a deletion stops there.
#[tokio::test]
async fn a_blank_in_a_tag_damages_it() {
    let server = start(small(), DockerV1Options::reference()).await;
    let body = format!("\"{}\"", id('a'));
    assert_eq!(call(&server, "PUT", &format!("{TAGS}/a%20b"), &[], &body).await.status, 200);
    let listed = get(&server, TAGS).await.json();
    assert_eq!((&listed["a+b"], listed.as_object().map(|all| all.len())), (&serde_json::Value::Null, Some(3)));
    assert_eq!(get(&server, &format!("{TAGS}/a%20b")).await.status, 200);
    let gone = call(&server, "DELETE", "/v1/repositories/acme/api/", &[], "").await;
    assert_eq!((gone.status, text(&gone)), (404, r#"{"error": "Repository not found"}"#));
    let left: Vec<String> = server.store().repositories["acme/api"].tags.keys().cloned().collect();
    assert_eq!(left, ["a+b", "latest"], "1.0 was gone by then");
}

#[tokio::test]
async fn properties_are_kept() {
    let server = start(small(), DockerV1Options::reference()).await;
    let path = "/v1/repositories/acme/api/properties";
    assert_eq!(call(&server, "PUT", path, &[], "[]").await.status, 400);
    assert_eq!(text(&call(&server, "PUT", path, &[], r#"{"access": "private"}"#).await), "true");
    assert_eq!(text(&get(&server, path).await), r#"{"access": "private"}"#);
    assert_eq!(call(&server, "PUT", path, &[], r#"{"access": "public"}"#).await.status, 200);
    assert_eq!(text(&get(&server, path).await), r#"{"access": "public"}"#);
}
