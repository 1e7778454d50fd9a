//! The client of Docker Cloud against the demo's.

use std::sync::Arc;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::{DockerCloudOptions, DockerCloudServer, docker_cloud_catalogue, start_docker_cloud};
use tagboat::domain::registry::BackendKind;
use tagboat::domain::secret::Credential;

use crate::support::client::basic;
use crate::support::vendor::{Keys, client, profile};

mod changes;
mod faults;
mod lists;

const KEY: &str = "k3y-of-annika";

fn options() -> DockerCloudOptions {
    DockerCloudOptions { key: KEY.into(), ..DockerCloudOptions::default() }
}

async fn server(options: DockerCloudOptions) -> DockerCloudServer {
    start_docker_cloud(docker_cloud_catalogue("127.0.0.1:5001"), options).await.expect("loopback has a free port")
}

fn open(server: &DockerCloudServer, credential: Credential, namespace: Option<&str>) -> Arc<dyn Backend> {
    let profile = profile(BackendKind::DockerCloud, &server.url, namespace);
    client(&profile, &Keys::new(credential), Settings::default()).expect("a client")
}

async fn signed_in(options: DockerCloudOptions) -> (DockerCloudServer, Arc<dyn Backend>) {
    let server = server(options).await;
    let backend = open(&server, basic("annika", KEY), None);
    (server, backend)
}

/// A repository that is in use, or one that is not.
fn entry(server: &DockerCloudServer, in_use: bool) -> String {
    let store = server.store();
    let found = store.namespaces["annika"].repositories.iter().find(|(_, entry)| entry.in_use == in_use);
    found.expect("one of each").0.clone()
}
