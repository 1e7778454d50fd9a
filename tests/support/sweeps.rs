//! The systems that delete whole repositories: what each holds, and what somebody may do to it meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::docker_v1::{self, DockerV1Options};
use tagboat::demo::{
    AlaudaOptions, AlaudaServer, AlaudaTag, DockerCloudOptions, DockerCloudServer, DockerV1Server, Endpoint, Faults,
    Logged, MlSpaceOptions, MlSpaceServer, alauda_catalogue, docker_cloud_catalogue, ml_space, start_alauda,
    start_docker_cloud, start_docker_v1, start_ml_space,
};
use tagboat::domain::reference::{RepoName, TagName};
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::Credential;

use super::client::basic;
use super::vendor::{Keys, client};

pub const KINDS: [BackendKind; 4] =
    [BackendKind::DockerV1, BackendKind::DockerCloud, BackendKind::Alauda, BackendKind::MlSpace];
/// The user of the cloud, and the organisation of the Alauda.
const CLOUD: &str = "annika";
const ORGANISATION: &str = "yunfan";

pub enum Server {
    V1(DockerV1Server),
    Cloud(DockerCloudServer),
    Alauda(AlaudaServer),
    Ml(MlSpaceServer),
}

pub struct Site {
    pub server: Server,
    endpoint: Endpoint,
    kind: BackendKind,
}

fn plain(name: &str) -> bool {
    TagName::parse(name).is_ok()
}

impl Site {
    pub async fn start(kind: BackendKind) -> Self {
        let port = "loopback has a free port";
        let (server, endpoint) = match kind {
            BackendKind::DockerV1 => {
                let server = start_docker_v1(docker_v1::catalogue(), DockerV1Options::default()).await.expect(port);
                let endpoint = server.endpoint("site");
                (Server::V1(server), endpoint)
            }
            BackendKind::DockerCloud => {
                let store = docker_cloud_catalogue("127.0.0.1:1");
                let options = DockerCloudOptions { removes_used: true, ..DockerCloudOptions::default() };
                let server = start_docker_cloud(store, options).await.expect(port);
                let endpoint = server.endpoint("site");
                (Server::Cloud(server), endpoint)
            }
            BackendKind::Alauda => {
                let server = start_alauda(alauda_catalogue(), AlaudaOptions::default()).await.expect(port);
                let endpoint = server.endpoint("site");
                (Server::Alauda(server), endpoint)
            }
            BackendKind::MlSpace => {
                let server = start_ml_space(ml_space::catalogue(), MlSpaceOptions::default()).await.expect(port);
                let endpoint = server.endpoint("site");
                (Server::Ml(server), endpoint)
            }
            BackendKind::Oci => panic!("an OCI registry deletes no repositories"),
        };
        Self { server, endpoint, kind }
    }

    pub fn profile(&self) -> RegistryProfile {
        RegistryProfile {
            name: "site".to_owned(),
            kind: self.kind,
            url: self.endpoint.url.clone(),
            workspace: self.endpoint.workspace.clone(),
            namespace: (self.kind == BackendKind::Alauda).then(|| ORGANISATION.to_owned()),
            plain_http: true,
            ..RegistryProfile::default()
        }
    }

    pub fn backend(&self, settings: Settings) -> Arc<dyn Backend> {
        let credential = match (&self.endpoint.username, &self.endpoint.password) {
            (Some(user), Some(password)) => basic(user, password),
            _ => Credential::Anonymous,
        };
        client(&self.profile(), &Keys::new(credential), settings).expect("a client")
    }

    /// Its entry in a config, and the secret for the environment.
    pub fn config(&self) -> (String, String) {
        let profile = self.profile();
        let mut config =
            format!("[[registry]]\nname = 'site'\nkind = '{}'\nurl = '{}'\n", self.kind.word(), profile.url);
        for (key, value) in [
            ("username", &self.endpoint.username),
            ("workspace", &profile.workspace),
            ("namespace", &profile.namespace),
        ] {
            config.extend(value.iter().map(|value| format!("{key} = '{value}'\n")));
        }
        if self.endpoint.password.is_some() {
            config.push_str("credential = 'env:SITE_SECRET'\n");
        }
        (config, self.endpoint.password.clone().unwrap_or_default())
    }

    /// Every repository, with all that is kept of it.
    pub fn holds(&self) -> BTreeMap<String, String> {
        match &self.server {
            Server::V1(server) => {
                let store = server.store();
                store.repositories.iter().map(|(name, one)| (name.clone(), format!("{one:?}"))).collect()
            }
            Server::Cloud(server) => {
                let store = server.store();
                let all = store.namespaces.iter().flat_map(|(space, it)| {
                    let own = if space == CLOUD { String::new() } else { format!("{space}:") };
                    it.repositories.iter().map(move |(name, one)| (format!("{own}{name}"), format!("{one:?}")))
                });
                all.collect()
            }
            Server::Alauda(server) => {
                let store = server.store();
                let all = store.namespaces.iter().flat_map(|(space, it)| {
                    it.repositories.iter().map(move |(name, one)| (format!("{space}/{name}"), format!("{one:?}")))
                });
                all.collect()
            }
            Server::Ml(server) => {
                let store = server.store();
                let all = store.workspaces.iter().enumerate().flat_map(|(n, it)| {
                    let own = if n == 0 { String::new() } else { format!("{n}:") };
                    it.repositories.iter().map(move |one| (format!("{own}{}", one.name), format!("{one:?}")))
                });
                all.collect()
            }
        }
    }

    /// Three ordinary ones, in the order of their names.
    pub fn three(&self) -> Vec<RepoName> {
        let mut names: Vec<String> = match &self.server {
            Server::V1(server) => {
                let store = server.store();
                let fine = |name: &&String| {
                    let one = &store.repositories[*name];
                    one.tags.len() > 1 && one.listed().all(|(tag, image)| plain(tag) && image.is_some())
                };
                store
                    .announced
                    .iter()
                    .filter(|name| store.repositories.contains_key(*name))
                    .filter(fine)
                    .cloned()
                    .collect()
            }
            Server::Cloud(server) => {
                let store = server.store();
                let all = store.namespaces[CLOUD].repositories.iter();
                all.filter(|(_, one)| !one.in_use).map(|(name, _)| name.clone()).collect()
            }
            Server::Alauda(server) => {
                let store = server.store();
                let all = store.namespaces[ORGANISATION].repositories.iter();
                let fine = all.filter(|(_, one)| one.tags.len() > 1 && one.tags.iter().all(|tag| plain(&tag.tag)));
                fine.map(|(name, _)| format!("{ORGANISATION}/{name}")).collect()
            }
            Server::Ml(server) => {
                let store = server.store();
                let fine = |one: &&ml_space::Repository| {
                    one.images.len() > 1 && one.images.iter().flat_map(|image| &image.tags).all(|tag| plain(&tag.name))
                };
                store.workspaces[0].repositories.iter().filter(fine).map(|one| one.name.clone()).collect()
            }
        };
        names.sort();
        let names: Vec<RepoName> = names.iter().take(3).map(|name| RepoName::loose(name).expect("a name")).collect();
        assert_eq!(names.len(), 3, "three ordinary repositories");
        names
    }

    /// Somebody else does something to it that matters.
    pub fn change(&self, repo: &RepoName) {
        match &self.server {
            Server::V1(server) => {
                let mut store = server.store();
                let tags = &mut store.repository(repo.as_str()).tags;
                let first = tags.values().next().expect("a tag").clone();
                tags.insert("pushed-meanwhile".to_owned(), first);
            }
            Server::Cloud(server) => {
                let mut store = server.store();
                let space = store.namespaces.get_mut(CLOUD).expect("it is there");
                space.repositories.get_mut(repo.as_str()).expect("it is there").in_use = true;
            }
            Server::Alauda(server) => {
                let mut store = server.store();
                let space = store.namespaces.get_mut(ORGANISATION).expect("it is there");
                let name = repo.as_str().rsplit('/').next().expect("a name");
                let tag = AlaudaTag { tag: "pushed-meanwhile".to_owned(), image_id: "ab".repeat(32) };
                space.repositories.get_mut(name).expect("it is there").tags.push(tag);
            }
            Server::Ml(server) => {
                let mut store = server.store();
                let all = &mut store.workspaces[0].repositories;
                let one = all.iter_mut().find(|one| one.name == repo.as_str()).expect("it is there");
                one.images.pop();
            }
        }
    }

    /// Somebody else deletes it.
    pub fn remove(&self, repo: &RepoName) {
        match &self.server {
            Server::V1(server) => {
                let mut store = server.store();
                store.repositories.remove(repo.as_str());
                store.forget(repo.as_str());
            }
            Server::Cloud(server) => {
                let mut store = server.store();
                store.namespaces.get_mut(CLOUD).expect("it is there").repositories.remove(repo.as_str());
            }
            Server::Alauda(server) => {
                let mut store = server.store();
                let name = repo.as_str().rsplit('/').next().expect("a name");
                store.namespaces.get_mut(ORGANISATION).expect("it is there").repositories.remove(name);
            }
            Server::Ml(server) => server.store().workspaces[0].repositories.retain(|one| one.name != repo.as_str()),
        }
    }

    pub fn faults(&self) -> &Faults {
        match &self.server {
            Server::V1(server) => server.registry().faults(),
            Server::Cloud(server) => server.faults(),
            Server::Alauda(server) => server.faults(),
            Server::Ml(server) => server.faults(),
        }
    }

    pub fn log(&self) -> Vec<Logged> {
        match &self.server {
            Server::V1(server) => server.registry().log(),
            Server::Cloud(server) => server.log(),
            Server::Alauda(server) => server.log(),
            Server::Ml(server) => server.log(),
        }
    }

    pub fn deletes(&self) -> usize {
        self.log().iter().filter(|one| one.method == "DELETE").count()
    }

    /// Its repositories are entries, of which a number is asked.
    pub fn is_cloud(&self) -> bool {
        self.kind == BackendKind::DockerCloud
    }

    /// One request is about all of them.
    pub fn batches(&self) -> bool {
        self.kind == BackendKind::MlSpace
    }
}
