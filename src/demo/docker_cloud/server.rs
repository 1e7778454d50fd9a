//! The options of a Docker Cloud, and its running instance.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::store::{DockerCloudStore, uuid};
use crate::demo::Endpoint;
use crate::demo::auth;
use crate::demo::listener::{Listening, Port, Site, Traffic};
use crate::demo::reply::Answer;
use crate::demo::request::Request;
use crate::domain::registry::BackendKind;

/// What the objects look like. The service changed over its years, and its documentation shows one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// Every `port` is null, as in the vendor's test data (§4).
    pub null_ports: bool,
    /// Only the key and the `resource_uri` of an object.
    pub only_keys: bool,
    /// Fields nobody documented.
    pub unknown_fields: bool,
    /// `is_tutum_registry` instead of `is_docker_registry` (§8.4).
    pub tutum: bool,
}

/// What a Docker Cloud is like.
#[derive(Clone, Debug)]
pub struct DockerCloudOptions {
    /// 0 lets the system choose.
    pub port: u16,
    /// Its own namespace is what a path without one means.
    pub user: String,
    pub key: SecretString,
    /// A ready-made `Authorization` that is taken too, as containers with an API role have it (§2).
    pub role: Option<SecretString>,
    pub dialect: Dialect,
    /// Whether an entry in use can be removed; documented nowhere (assumption A6: it is 409).
    pub removes_used: bool,
}

impl Default for DockerCloudOptions {
    fn default() -> Self {
        Self {
            port: 0,
            user: "annika".to_owned(),
            key: "2b7f4c1e-demo-key".into(),
            role: None,
            dialect: Dialect::default(),
            removes_used: false,
        }
    }
}

/// What every request of one server shares.
pub(super) struct Shared {
    pub options: DockerCloudOptions,
    store: Mutex<DockerCloudStore>,
    actions: AtomicU64,
}

impl Shared {
    pub fn store(&self) -> MutexGuard<'_, DockerCloudStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn knows(&self, request: &Request) -> bool {
        let key = |(user, key): (String, String)| user == self.options.user && key == self.options.key.expose_secret();
        let role = self.options.role.as_ref().map(ExposeSecret::expose_secret);
        auth::basic(request).is_some_and(key) || role.is_some() && request.header("authorization") == role
    }

    /// The path of the record of a change (§3).
    pub fn action(&self) -> String {
        let count = self.actions.fetch_add(1, Ordering::Relaxed);
        format!("/api/audit/v1/action/{}/", uuid(&format!("action {count}")))
    }
}

impl Site for Shared {
    fn answer(&self, request: &Request) -> Answer {
        super::routes::answer(self, request)
    }
}

/// A running Docker Cloud. Dropping it closes the listener and every connection.
pub struct DockerCloudServer {
    pub url: String,
    shared: Arc<Shared>,
    listening: Listening,
}

impl DockerCloudServer {
    /// With what signs its user in: the secrets of the demo are no secrets.
    pub fn endpoint(&self, name: &str) -> Endpoint {
        let options = &self.shared.options;
        Endpoint {
            name: name.to_owned(),
            kind: BackendKind::DockerCloud.word().to_owned(),
            url: self.url.clone(),
            username: Some(options.user.clone()),
            password: Some(options.key.expose_secret().to_owned()),
            token: None,
            workspace: None,
        }
    }

    /// The contents, to look at or to change behind the client's back. Not to be held over an await.
    pub fn store(&self) -> MutexGuard<'_, DockerCloudStore> {
        self.shared.store()
    }
}

impl Deref for DockerCloudServer {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.listening.traffic
    }
}

/// Starts a Docker Cloud on 127.0.0.1. The user's own namespace is there even when the contents have none.
pub async fn start_docker_cloud(
    mut store: DockerCloudStore,
    options: DockerCloudOptions,
) -> std::io::Result<DockerCloudServer> {
    store.namespaces.entry(options.user.clone()).or_default();
    let port = Port::bind(options.port).await?;
    let url = port.url.clone();
    let shared = Arc::new(Shared { options, store: Mutex::new(store), actions: AtomicU64::new(0) });
    let listening = port.open(Arc::clone(&shared));
    Ok(DockerCloudServer { url, shared, listening })
}
