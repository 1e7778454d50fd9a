//! A server of each kind and a client of it, signed in with a secret that must be seen nowhere.

use std::sync::Arc;
use std::time::Duration;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::docker_v1::{self, Access};
use tagboat::demo::{
    AlaudaOptions, AlaudaServer, Auth, DockerCloudOptions, DockerCloudServer, DockerV1Options, DockerV1Server, Logged,
    MlSpaceOptions, MlSpaceServer, OciOptions, OciServer, Profile, Traffic, alauda_catalogue, catalogue,
    docker_cloud_catalogue, ml_space, start_alauda, start_docker_cloud, start_docker_v1, start_ml_space, start_oci,
};
use tagboat::domain::capability::Support;
use tagboat::domain::reference::{RepoName, TagName};
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::Credential;

use crate::support::client::{basic, tag, try_connect};
use crate::support::vendor::{name, profile};
use crate::support::walk::{repositories, tags};

const USER: &str = "tester";
pub const MARKER: &str = "s3cr3t-contract";

pub enum Server {
    Oci(OciServer),
    DockerV1(DockerV1Server),
    DockerCloud(DockerCloudServer),
    Alauda(AlaudaServer),
    MlSpace(MlSpaceServer),
}

pub struct One {
    pub kind: BackendKind,
    pub server: Server,
    profile: RegistryProfile,
    credential: Credential,
    /// What must not be seen anywhere.
    pub secrets: Vec<String>,
}

impl One {
    async fn start(kind: BackendKind) -> Self {
        let (server, profile, credential) = match kind {
            BackendKind::Oci => {
                let auth = Auth::Basic { user: USER.to_owned(), password: MARKER.to_owned() };
                // One that deletes a tag alone.
                let options = OciOptions { auth, profile: Profile::Distribution3, ..OciOptions::default() };
                let server = start_oci(catalogue(), options).await.expect("loopback has a free port");
                let profile = profile(kind, &server.url, None);
                (Server::Oci(server), profile, basic(USER, MARKER))
            }
            BackendKind::DockerV1 => {
                let access = Access::Basic { user: USER.to_owned(), password: MARKER.to_owned() };
                let options = DockerV1Options { access, ..DockerV1Options::default() };
                let server = start_docker_v1(docker_v1::catalogue(), options).await.expect("loopback has a free port");
                let profile = profile(kind, &server.url, None);
                (Server::DockerV1(server), profile, basic(USER, MARKER))
            }
            BackendKind::DockerCloud => {
                let options =
                    DockerCloudOptions { user: USER.into(), key: MARKER.into(), ..DockerCloudOptions::default() };
                let store = docker_cloud_catalogue("127.0.0.1:5001");
                let server = start_docker_cloud(store, options).await.expect("loopback has a free port");
                let profile = profile(kind, &server.url, Some("annika"));
                (Server::DockerCloud(server), profile, basic(USER, MARKER))
            }
            BackendKind::Alauda => {
                let options = AlaudaOptions { password: MARKER.into(), ..AlaudaOptions::default() };
                let server = start_alauda(alauda_catalogue(), options).await.expect("loopback has a free port");
                let profile = profile(kind, &server.url, Some("yunfan"));
                (Server::Alauda(server), profile, basic("yunfan", MARKER))
            }
            BackendKind::MlSpace => {
                let mut store = ml_space::catalogue();
                store.accounts[0].key_secret = MARKER.to_owned();
                let workspace = store.workspaces[0].id.to_string();
                let credential = basic(&store.accounts[0].key_id, MARKER);
                let server = start_ml_space(store, MlSpaceOptions::default()).await.expect("loopback has a free port");
                let profile = RegistryProfile { workspace: Some(workspace), ..profile(kind, &server.url, None) };
                (Server::MlSpace(server), profile, credential)
            }
        };
        let secrets = vec![MARKER.to_owned()];
        Self { kind, server, profile, credential, secrets }
    }

    pub fn client(&self, settings: Settings) -> Arc<dyn Backend> {
        try_connect(&self.profile, self.credential.clone(), settings).expect("a client")
    }

    /// With a deadline that no healthy answer needs.
    pub fn backend(&self) -> Arc<dyn Backend> {
        self.client(Settings { timeout: Some(Duration::from_secs(5)), ..Settings::default() })
    }

    pub fn traffic(&self) -> &Traffic {
        match &self.server {
            Server::Oci(server) => server,
            Server::DockerV1(server) => server,
            Server::DockerCloud(server) => server,
            Server::Alauda(server) => server,
            Server::MlSpace(server) => server,
        }
    }

    /// Requests that ask for a change, or sign in. ML Space makes a new password for whoever GETs it (ml-space.md §4).
    pub fn written(&self) -> Vec<String> {
        let log = self.traffic().log();
        let changes = |one: &&Logged| !matches!(one.method.as_str(), "GET" | "HEAD") || one.path.contains("password");
        let writes = log.iter().filter(changes);
        writes.map(|one| format!("{} {}", one.method, one.path)).collect()
    }

    /// A repository, and a tag of it where it has tags here.
    pub async fn sample(&self) -> (RepoName, Option<TagName>) {
        let backend = self.backend();
        let listed = repositories(&*backend).await.expect("a list").names;
        if backend.capabilities().tags == Support::No {
            let free =
                |entry: &&String| backend.repository(&name(entry)).is_some_and(|info| info.in_use == Some(false));
            return (name(listed.iter().find(free).expect("an entry that nothing uses")), None);
        }
        for repo in &listed {
            if let Some(first) = tags(&*backend, repo).await.ok().and_then(|tags| tags.names.first().cloned()) {
                return (name(repo), Some(tag(&first)));
            }
        }
        panic!("no repository with tags");
    }
}

/// One of each kind.
pub async fn all() -> Vec<One> {
    let mut all = Vec::new();
    for kind in BackendKind::ALL {
        all.push(One::start(kind).await);
    }
    all
}
