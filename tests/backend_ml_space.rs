//! The client of ML Space against its stand-in: what it reads, what it changes, and what it makes of everything that
//! goes wrong there.

mod batches;
mod changes;
mod faults;
mod images;
mod lists;
mod password;
mod secrets;
mod sign_in;

use std::sync::Arc;

use serde_json::Value;
use tagboat::backend::{Backend, Error, Settings};
use tagboat::demo::ml_space::{Repository, Store, Workspace, catalogue};
use tagboat::demo::{Fault, Logged, MlSpaceOptions, MlSpaceServer, Rule, start_ml_space};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::Credential;

use crate::support::client::{basic, profile, try_connect};

/// A repository with twelve tags on one image.
const TRAINER: &str = "nlp/instruct-trainer";
/// One whose tags have odd colours.
const PALETTE: &str = "labelling/palette";

/// The stand-in and a client of it.
struct Pair {
    server: MlSpaceServer,
    backend: Arc<dyn Backend>,
}

async fn server() -> MlSpaceServer {
    serve(catalogue()).await
}

async fn serve(store: Store) -> MlSpaceServer {
    start_ml_space(store, MlSpaceOptions::default()).await.expect("loopback has a free port")
}

/// The first workspace, as the config names it.
fn configured(server: &MlSpaceServer) -> RegistryProfile {
    let workspace = server.store().workspaces[0].id.to_string();
    RegistryProfile { kind: BackendKind::MlSpace, workspace: Some(workspace), ..profile(&server.url) }
}

/// The key of the person who may use all workspaces.
fn key(server: &MlSpaceServer) -> Credential {
    let person = server.store().accounts[0].clone();
    basic(&person.key_id, &person.key_secret)
}

impl Pair {
    async fn start() -> Self {
        Self::of(server().await, Settings::default())
    }

    fn of(server: MlSpaceServer, settings: Settings) -> Self {
        let backend = try_connect(&configured(&server), key(&server), settings).expect("a client");
        Self { server, backend }
    }

    fn workspace(&self) -> Workspace {
        self.server.store().workspaces[0].clone()
    }

    fn repository(&self, name: &str) -> Repository {
        self.workspace().named(name).unwrap_or_else(|| panic!("no {name}")).clone()
    }

    fn fault(&self, path: &str, fault: Fault) {
        self.server.faults().add(Rule::on(path, fault));
    }

    /// What came with this method for a path or query with this text.
    fn asked(&self, method: &str, part: &str) -> Vec<Logged> {
        asked(&self.server, method, part)
    }
}

fn asked(server: &MlSpaceServer, method: &str, part: &str) -> Vec<Logged> {
    let hit = |seen: &Logged| seen.method == method && format!("{}?{}", seen.path, seen.query).contains(part);
    server.log().into_iter().filter(hit).collect()
}

/// The bodies that were sent, as JSON.
fn bodies(seen: &[Logged]) -> Vec<Value> {
    seen.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
}

fn answer(status: u16, body: &str) -> Fault {
    Fault::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// A sentence with something to do, no page in it and nothing a terminal could take for a command.
#[track_caller]
fn is_clear(error: &Error, kind: ErrorKind, words: &[&str]) {
    let report = error.report();
    let what = report.what.to_string();
    assert_eq!(error.kind, kind, "{what}");
    for word in words {
        assert!(what.contains(word), "no “{word}” in: {what}");
    }
    assert!(!report.hint.is_empty() && !what.contains('<'), "{what}");
    assert!(what.len() < 800 && !what.chars().any(char::is_control), "{what:?}");
}
