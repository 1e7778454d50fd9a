//! The server against the protocol notes, in raw HTTP.

mod changes;
mod lists;
mod oddities;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DockerCloudOptions, DockerCloudServer, docker_cloud_catalogue, start_docker_cloud};
use crate::demo::tests::client::{Got, send};

const REPOSITORIES: &str = "/api/repo/v1/repository/";
const REGISTRIES: &str = "/api/repo/v1/registry/";

fn options() -> DockerCloudOptions {
    DockerCloudOptions { key: "k3y:with:colons".into(), role: Some("Role bm90aGluZw==".into()), ..Default::default() }
}

async fn server(options: DockerCloudOptions) -> DockerCloudServer {
    start_docker_cloud(docker_cloud_catalogue("127.0.0.1:5001"), options).await.expect("loopback has a free port")
}

async fn ask(server: &DockerCloudServer, method: &str, path: &str, body: &str) -> Got {
    let authorization = format!("Basic {}", STANDARD.encode("annika:k3y:with:colons"));
    send(&server.url, method, path, &[("authorization", &authorization)], body.as_bytes()).await.expect("an answer")
}

async fn get(server: &DockerCloudServer, path: &str) -> Got {
    ask(server, "GET", path, "").await
}

/// The key of each object on a page.
fn keys(got: &Got, field: &str) -> Vec<String> {
    let body = got.json();
    let objects = body["objects"].as_array().expect("a list");
    objects.iter().map(|object| object[field].as_str().expect("a key").to_owned()).collect()
}

/// Every request's text, and what the server can be printed as: nothing of it may hold a secret.
fn assert_keeps_quiet(server: &DockerCloudServer, answers: &[Got], secrets: &[&str]) {
    let mut said = format!("{:?} {:?}", *server.store(), options());
    for got in answers {
        said.push_str(&format!("{:?} {}", got.headers, String::from_utf8_lossy(&got.body)));
    }
    for secret in secrets {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}
