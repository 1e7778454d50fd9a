use std::time::{Duration, Instant};

use super::{REGISTRIES, REPOSITORIES, get, options, server};
use crate::demo::docker_cloud::{Dialect, DockerCloudOptions};
use crate::demo::{Fault, Rule};

async fn first(dialect: Dialect, path: &str) -> serde_json::Value {
    let server = server(DockerCloudOptions { dialect, ..options() }).await;
    get(&server, path).await.json()["objects"][0].clone()
}

#[tokio::test]
async fn it_speaks_the_dialects_of_its_years() {
    let plain = Dialect::default();
    let registry = first(plain, &format!("{REGISTRIES}?host=quay.io")).await;
    assert_eq!((&registry["port"], &registry["is_docker_registry"]), (&443.into(), &false.into()));
    let null = first(Dialect { null_ports: true, ..plain }, &format!("{REGISTRIES}?host=quay.io")).await;
    assert_eq!(null.get("port"), Some(&().into()));
    let old = first(Dialect { tutum: true, ..plain }, &format!("{REGISTRIES}?is_docker_registry=true")).await;
    assert_eq!((old.get("is_docker_registry"), old.get("is_tutum_registry")), (None, Some(&true.into())));
    for path in [REGISTRIES, REPOSITORIES] {
        let bare = first(Dialect { only_keys: true, ..plain }, path).await;
        assert_eq!(bare.as_object().map(serde_json::Map::len), Some(2), "{bare}");
        let more = first(Dialect { unknown_fields: true, ..plain }, path).await;
        assert_eq!(more["limits"]["pulls"], 200);
    }
}

#[tokio::test]
async fn some_repositories_know_more_than_others() {
    let server = server(options()).await;
    let all = get(&server, &format!("{REPOSITORIES}?limit=100")).await.json();
    let objects = all["objects"].as_array().expect("a list").clone();
    let count = |field: &str| objects.iter().filter(|object| object.get(field).is_some()).count();
    for field in ["description", "tags", "build_source", "last_build_date"] {
        assert!((10..50).contains(&count(field)), "{field}: {}", count(field));
    }
    let used = objects.iter().filter(|object| object["in_use"] == true).count();
    assert!((10..50).contains(&used), "{used}");
}

#[tokio::test]
async fn what_can_go_wrong_does() {
    let server = server(options()).await;
    server.faults().add(Rule::on("/repository/", Fault::cloud_throttled(Some("3"))).times(1));
    server.faults().add(Rule::on("/repository/", Fault::status(500)).after(1).times(1));
    server.faults().add(Rule::on("/registry/", Fault::html_error(502)).times(1));
    let limited = get(&server, REPOSITORIES).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "3"));
    assert!(limited.json()["error"].is_string());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&server, REPOSITORIES).await.status);
    }
    assert_eq!(statuses, [200, 500, 200]);
    let page = get(&server, REGISTRIES).await;
    assert_eq!((page.status, page.header("content-type")), (502, "text/html"));
    assert!(page.body.starts_with(b"<html>"));

    let pause = Duration::from_millis(50);
    server.faults().add(Rule::on("/registry/", Fault::Delay(pause)));
    let started = Instant::now();
    assert_eq!(get(&server, REGISTRIES).await.status, 200);
    assert!(started.elapsed() >= pause);
}
