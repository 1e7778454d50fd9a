//! The vendor's own client of Docker Cloud, against the demo's.

use serde_json::json;
use tagboat::demo::{DockerCloudOptions, docker_cloud_catalogue, start_docker_cloud};

use crate::support::clients::python;

const ROLE: &str = "Role cHl0aG9u";

/// python-dockercloud 1.0.12 pages by offset and limit, and uses every `resource_uri` as it came.
#[tokio::test]
async fn python_dockercloud_lists_adds_changes_and_removes() {
    let options = DockerCloudOptions { role: Some(ROLE.into()), ..DockerCloudOptions::default() };
    let store = docker_cloud_catalogue("127.0.0.1:5001");
    let before: Vec<String> = store.namespaces["annika"].repositories.keys().cloned().collect();
    let team: Vec<String> = store.namespaces["harbourline"].repositories.keys().cloned().collect();
    let used = store.namespaces["annika"].repositories["quay.io/tutum/ubuntu"].in_use;
    let server = start_docker_cloud(store, options).await.expect("loopback has a free port");
    let did = python("docker_cloud.py", &[&server.url, ROLE]).await;

    assert_eq!((&did["listed"], &did["team"]), (&json!(before), &json!(team)));
    assert_eq!(did["filtered"], json!(["quay.io/tutum/ubuntu"]));
    assert_eq!(did["fetched"], json!(["quay.io/tutum/ubuntu", "/api/repo/v1/registry/quay.io/", used]));
    let uri = "/api/repo/v1/repository/registry.example:5443/tools/from/python/";
    assert_eq!((&did["made"][0], &did["made"][1]), (&json!(true), &json!(uri)));
    assert!(did["made"][2].as_str().is_some_and(|uri| uri.starts_with("/api/audit/v1/action/")), "{did}");
    assert_eq!((&did["again"], &did["after"], &did["stranger"]), (&json!("409"), &json!("404"), &json!("401")));
    assert_eq!((&did["changed"][0], &did["deleted"]), (&json!(true), &json!(true)));
    let changes: Vec<String> =
        server.log().into_iter().filter(|sent| sent.method == "PATCH").map(|sent| sent.body).collect();
    assert_eq!(changes, [r#"{"password": "another s3cret"}"#]);
    let after: Vec<String> = server.store().namespaces["annika"].repositories.keys().cloned().collect();
    assert_eq!(after, before);
}
