//! The stand-in against the notes, spoken to in raw HTTP so that no client library helps.

mod lists;
mod seeds;
mod sign_in;
mod switches;
mod writes;

use serde_json::{Value, json};

use super::{MlSpaceOptions, MlSpaceServer, Workspace, catalogue, start_ml_space};
use crate::demo::tests::client::{Got, send};

const REGISTRY: &str = "/public/v2/docker_registry/v2";

/// Somebody who is signed in, at the first workspace.
struct Person {
    server: MlSpaceServer,
    token: String,
    key: String,
    workspace: String,
}

async fn start() -> MlSpaceServer {
    start_ml_space(catalogue(), MlSpaceOptions::default()).await.expect("loopback has a free port")
}

async fn token(server: &MlSpaceServer, account: usize) -> String {
    let account = server.store().accounts[account].clone();
    let body = json!({"client_id": account.key_id, "client_secret": account.key_secret}).to_string();
    let got = send(&server.url, "POST", "/public/v2/service_auth", &[], body.as_bytes()).await.expect("an answer");
    got.json()["token"]["access_token"].as_str().expect("a token").to_owned()
}

impl Person {
    async fn signed_in() -> Self {
        Self::at(start().await, 0).await
    }

    async fn at(server: MlSpaceServer, account: usize) -> Self {
        let token = token(&server, account).await;
        let (id, key) = {
            let store = server.store();
            let id = store.workspaces[0].id;
            (id, store.accounts[account].api_keys[&id].clone())
        };
        Self { server, token, key, workspace: id.to_string() }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let bearer = format!("Bearer {}", self.token);
        let headers =
            [("authorization", bearer.as_str()), ("x-api-key", &self.key), ("x-workspace-id", &self.workspace)];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("{REGISTRY}{path}");
        send(&self.server.url, method, &path, &headers, body.as_bytes()).await.expect("an answer")
    }

    async fn get(&self, path: &str) -> Got {
        self.call("GET", path, &Value::Null).await
    }

    /// The first workspace, as it is now.
    fn contents(&self) -> Workspace {
        self.server.store().workspaces[0].clone()
    }
}

fn ids(got: &Got) -> Vec<String> {
    let list = got.json().as_array().cloned().unwrap_or_default();
    list.iter().map(|entry| entry["id"].as_str().or(entry.as_str()).unwrap_or("").to_owned()).collect()
}

/// Place and type of everything a 422 complains about.
fn complaints(got: &Got) -> Vec<(Value, String)> {
    assert_eq!(got.status, 422);
    let body = got.json();
    let list = body["detail"].as_array().expect("a list");
    list.iter().map(|one| (one["loc"].clone(), one["type"].as_str().unwrap_or("").to_owned())).collect()
}
