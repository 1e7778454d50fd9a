//! The client of Alauda against the demo's.

use std::sync::Arc;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::{AlaudaOptions, AlaudaServer, alauda_catalogue, start_alauda};
use tagboat::domain::registry::BackendKind;
use tagboat::domain::secret::Credential;

use crate::support::client::basic;
use crate::support::vendor::{Keys, client, profile};

mod changes;
mod faults;
mod lists;
mod sign_in;
mod tags;

const PASSWORD: &str = "pass-of-yunfan";
const TOKEN: &str = "0f5b1c8e6a2d4f7093bb11aa22cc33dd44ee55ff";

fn options() -> AlaudaOptions {
    AlaudaOptions { password: PASSWORD.into(), ..AlaudaOptions::default() }
}

async fn server(options: AlaudaOptions) -> AlaudaServer {
    start_alauda(alauda_catalogue(), options).await.expect("loopback has a free port")
}

fn open(server: &AlaudaServer, credential: Credential, namespace: Option<&str>) -> Arc<dyn Backend> {
    let profile = profile(BackendKind::Alauda, &server.url, namespace);
    client(&profile, &Keys::new(credential), Settings::default()).expect("a client")
}

fn owner() -> Credential {
    basic("yunfan", PASSWORD)
}

/// In the namespace of the company.
async fn signed_in(options: AlaudaOptions) -> (AlaudaServer, Arc<dyn Backend>) {
    let server = server(options).await;
    let backend = open(&server, owner(), Some("yunfan"));
    (server, backend)
}

fn tokens_asked_for(server: &AlaudaServer) -> usize {
    server.log().iter().filter(|sent| sent.path.contains("generate-api-token")).count()
}
