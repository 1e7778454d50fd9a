//! Registries that live in this process, on loopback: what `tagboat demo` shows and what tests talk to.
//!
//! They answer as the real ones do, quirks included; the sections in the comments are those of the protocol notes the
//! client is written from. Nothing here touches the disk, and everything is gone when it is dropped.

mod alauda;
mod auth;
mod blobs;
mod build;
mod docker_cloud;
pub mod docker_v1;
mod faults;
mod hostile;
mod layer;
mod listener;
mod lists;
mod manifests;
pub mod ml_space;
mod odd;
mod profile;
mod reply;
mod request;
mod routes;
mod schema1;
mod seed;
mod server;
mod store;
mod uploads;

#[cfg(test)]
mod tests;

use std::io;

use crate::domain::registry::BackendKind;

pub use alauda::{
    AlaudaNamespace, AlaudaOptions, AlaudaRepository, AlaudaServer, AlaudaStore, AlaudaTag, alauda_catalogue,
    start_alauda,
};
pub use auth::{Auth, REFRESH_TOKEN};
pub use build::{Image, Made, Push};
pub use docker_cloud::{
    CloudRegistry, CloudSpace, Dialect, DockerCloudOptions, DockerCloudServer, DockerCloudStore, ExternalRepository,
    Login, docker_cloud_catalogue, start_docker_cloud,
};
pub use docker_v1::{DockerV1Options, DockerV1Server, start_docker_v1};
pub use faults::{Fault, Faults, Rule};
pub use layer::{Described, Layer};
pub use listener::Traffic;
pub use ml_space::{MlSpaceOptions, MlSpaceServer, start_ml_space};
pub use profile::Profile;
pub use request::Logged;
pub use seed::catalogue;
pub use server::{OciOptions, OciServer, start_oci};
pub use store::{Blob, DOCKER_LIST, DOCKER_MANIFEST, Document, OCI_INDEX, OCI_MANIFEST, Repository, SCHEMA_1, Store};

/// What `tagboat demo` can be told.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The port of the first registry, the next ones follow; without it the system chooses.
    pub base_port: Option<u16>,
    /// Registries without contents.
    pub empty: bool,
    pub profile: Profile,
    pub auth: Auth,
    pub deletes: bool,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { base_port: None, empty: false, profile: Profile::default(), auth: Auth::default(), deletes: true }
    }
}

/// How to reach one of the running registries; `demo --serve` prints these.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Endpoint {
    pub name: String,
    pub kind: String,
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub token: Option<String>,
    pub workspace: Option<String>,
}

/// The running registries. Dropping this stops them.
pub struct Running {
    pub endpoints: Vec<Endpoint>,
    pub oci: OciServer,
    pub docker_v1: DockerV1Server,
    pub docker_cloud: DockerCloudServer,
    pub alauda: AlaudaServer,
    pub ml_space: MlSpaceServer,
}

pub async fn start(options: DemoOptions) -> io::Result<Running> {
    let store = if options.empty { Store::new() } else { catalogue() };
    let (username, password) = match &options.auth {
        Auth::Open => (None, None),
        Auth::Basic { user, password } | Auth::Bearer { user, password } => {
            (Some(user.clone()), Some(password.clone()))
        }
    };
    // Without contents it is docker-registry 0.9.1 to the letter, oddities included; with them one that pages.
    let like = match options.empty && options.profile == Profile::Reference {
        true => DockerV1Options::reference(),
        false => DockerV1Options::default(),
    };
    let docker_v1 = DockerV1Options {
        port: port(options.base_port, BackendKind::DockerV1),
        access: docker_v1::Access::from(&options.auth),
        ..like
    };
    let contents = if options.empty { docker_v1::Store::new() } else { docker_v1::catalogue() };
    let docker_v1 = start_docker_v1(contents, docker_v1).await?;
    let oci = OciOptions {
        port: port(options.base_port, BackendKind::Oci),
        profile: options.profile,
        auth: options.auth,
        deletes: options.deletes,
        ..OciOptions::default()
    };
    let oci = start_oci(store, oci).await?;
    let endpoint = Endpoint {
        name: "demo-oci".to_owned(),
        kind: "oci".to_owned(),
        url: oci.url.clone(),
        username,
        password,
        token: None,
        workspace: None,
    };
    // What its entries lead to is the registry above.
    let address = oci.url.trim_start_matches("http://");
    let store = if options.empty { DockerCloudStore::default() } else { docker_cloud_catalogue(address) };
    let clouds =
        DockerCloudOptions { port: port(options.base_port, BackendKind::DockerCloud), ..DockerCloudOptions::default() };
    let docker_cloud = start_docker_cloud(store, clouds).await?;
    let store = if options.empty { AlaudaStore::default() } else { alauda_catalogue() };
    let alauda = AlaudaOptions { port: port(options.base_port, BackendKind::Alauda), ..AlaudaOptions::default() };
    let alauda = start_alauda(store, alauda).await?;
    let store = if options.empty { ml_space::empty() } else { ml_space::catalogue() };
    let spaces = MlSpaceOptions { port: port(options.base_port, BackendKind::MlSpace), ..MlSpaceOptions::default() };
    let ml_space = start_ml_space(store, spaces).await?;
    let endpoints = vec![
        endpoint,
        docker_v1.endpoint("demo-docker-v1"),
        docker_cloud.endpoint("demo-docker-cloud"),
        alauda.endpoint("demo-alauda"),
        ml_space.endpoint("demo-ml-space"),
    ];
    Ok(Running { endpoints, oci, docker_v1, docker_cloud, alauda, ml_space })
}

/// The ports follow each other in the order of the kinds.
fn port(base: Option<u16>, kind: BackendKind) -> u16 {
    let at = BackendKind::ALL.iter().position(|one| *one == kind).unwrap_or(0);
    base.map_or(0, |base| base.saturating_add(u16::try_from(at).unwrap_or(0)))
}
