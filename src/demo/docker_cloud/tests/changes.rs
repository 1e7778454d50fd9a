use super::{REPOSITORIES, ask, assert_keeps_quiet, get, options, server};
use crate::demo::docker_cloud::{DockerCloudOptions, Login};

const ADDED: &str = r#"{"name":"quay.io/harbourline/new","username":"robot","password":"s3cret-1"}"#;
const NEW: &str = "/api/repo/v1/repository/quay.io/harbourline/new/";

#[tokio::test]
async fn a_repository_is_added_once() {
    let server = server(options()).await;
    let got = ask(&server, "POST", REPOSITORIES, ADDED).await;
    assert_eq!(got.status, 201);
    assert!(got.header("x-dockercloud-action-uri").starts_with("/api/audit/v1/action/"));
    let body = got.json();
    assert_eq!((&body["resource_uri"], &body["in_use"]), (&NEW.into(), &false.into()));
    assert_eq!(body["registry"], "/api/repo/v1/registry/quay.io/");
    let again = ask(&server, "POST", REPOSITORIES, ADDED).await;
    assert_eq!(again.status, 409);
    let shown = get(&server, NEW).await;
    assert_eq!(shown.json(), body);
    assert_eq!(get(&server, REPOSITORIES).await.json()["meta"]["total_count"], 62);
    let kept = server.store().namespaces["annika"].repositories["quay.io/harbourline/new"].login.clone();
    assert!(kept.expect("a login").is("robot", "s3cret-1"));
    assert_keeps_quiet(&server, &[got, again, shown], &["s3cret-1", "k3y:with:colons", "bm90aGluZw"]);
}

#[tokio::test]
async fn what_is_no_repository_is_not_added() {
    let server = server(options()).await;
    for body in [
        "",
        "name=quay.io/x/y",
        "[]",
        "{}",
        r#"{"name":""}"#,
        r#"{"name":7}"#,
        r#"{"name":"quay.io"}"#,
        r#"{"name":"quay.io/../x"}"#,
        r#"{"name":"quay.io/a b"}"#,
        r#"{"name":"quay.io/x/y","password":["p"]}"#,
    ] {
        let got = ask(&server, "POST", REPOSITORIES, body).await;
        assert_eq!(got.status, 400, "{body}");
        assert!(got.json()["error"].is_string());
    }
    assert_eq!(server.store().namespaces["annika"].repositories.len(), 61);
}

#[tokio::test]
async fn a_registry_comes_with_its_first_repository() {
    let server = server(options()).await;
    for name in ["new.example:5443/a/b", "new.example:6443/a/b", "new.example:5443/c/d"] {
        let got = ask(&server, "POST", REPOSITORIES, &format!(r#"{{"name":"{name}"}}"#)).await;
        assert_eq!(got.status, 201, "{name}");
    }
    let port = async |key: &str| get(&server, &format!("/api/repo/v1/registry/{key}/")).await.json()["port"].clone();
    assert_eq!((port("new.example").await, port("new.example:6443").await), (5443.into(), 6443.into()));
    assert_eq!(server.store().namespaces["annika"].registries.len(), 10);
}

#[tokio::test]
async fn a_login_is_changed_in_parts_and_checked() {
    let server = server(options()).await;
    let path = "/api/repo/v1/repository/quay.io/tutum/ubuntu/";
    let got = ask(&server, "PATCH", path, r#"{"username":"robot","password":"s3cret-2"}"#).await;
    assert_eq!((got.status, got.json()["name"].as_str()), (202, Some("quay.io/tutum/ubuntu")));
    assert!(!got.header("x-dockercloud-action-uri").is_empty());
    let kept =
        || server.store().namespaces["annika"].repositories["quay.io/tutum/ubuntu"].login.clone().expect("a login");
    let part = ask(&server, "PATCH", path, r#"{"password":"s3cret-3","in_use":true}"#).await;
    assert!(kept().is("robot", "s3cret-3"));

    let registry = |login| {
        let mut store = server.store();
        store.namespaces.get_mut("annika").and_then(|s| s.registries.get_mut("quay.io")).expect("quay").takes = login;
    };
    registry(Some(Login::new("robot", "right-4")));
    let wrong = ask(&server, "PATCH", path, r#"{"password":"wrong-4"}"#).await;
    assert_eq!(wrong.status, 400);
    assert!(kept().is("robot", "s3cret-3"));
    assert_eq!(ask(&server, "POST", REPOSITORIES, ADDED).await.status, 400);
    assert_eq!(get(&server, NEW).await.status, 404);
    assert_eq!(ask(&server, "PATCH", path, r#"{"password":"right-4"}"#).await.status, 202);
    assert_eq!(ask(&server, "PATCH", NEW, r#"{"password":"x"}"#).await.status, 404);
    assert_eq!(ask(&server, "PATCH", path, "none").await.status, 400);
    assert_keeps_quiet(&server, &[got, part, wrong], &["s3cret-2", "s3cret-3", "right-4", "wrong-4"]);
}

#[tokio::test]
async fn an_entry_is_removed_unless_it_is_in_use() {
    let cloud = server(options()).await;
    let used = |wanted: bool| {
        let store = cloud.store();
        let found = store.namespaces["annika"].repositories.iter().find(|(_, r)| r.in_use == wanted);
        format!("{REPOSITORIES}{}/", found.expect("one of each").0)
    };
    let got = ask(&cloud, "DELETE", &used(false), "{}").await;
    assert_eq!((got.status, got.body.len()), (204, 0));
    let path = used(true);
    assert_eq!(ask(&cloud, "DELETE", &path, "").await.status, 409);
    assert_eq!(ask(&cloud, "DELETE", NEW, "").await.status, 404);
    assert_eq!(get(&cloud, REPOSITORIES).await.json()["meta"]["total_count"], 60);
    let lenient = server(DockerCloudOptions { removes_used: true, ..options() }).await;
    assert_eq!(ask(&lenient, "DELETE", &path, "").await.status, 204);
    assert_eq!(get(&lenient, &path).await.status, 404);
}
