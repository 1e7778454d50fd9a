//! The options of an Alauda, and its running instance.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};

use super::entrance::Entrance;
use super::routes;
use super::store::AlaudaStore;
use crate::demo::Endpoint;
use crate::demo::listener::{Listening, Port, Site, Traffic};
use crate::demo::reply::Answer;
use crate::demo::request::Request;
use crate::domain::registry::BackendKind;

/// What an Alauda is like.
#[derive(Clone, Debug)]
pub struct AlaudaOptions {
    /// 0 lets the system choose.
    pub port: u16,
    pub user: String,
    pub password: SecretString,
    /// A token that is good from the beginning.
    pub token: Option<SecretString>,
    /// Items on a page (assumption A1).
    pub page_size: usize,
    /// Lists are bare arrays, as on the vendor's later paths (§2).
    pub bare_lists: bool,
    /// Servers of older editions have no call to delete a tag (§5).
    pub deletes_tags: bool,
    /// What `count` says, instead of the truth.
    pub count: Option<u64>,
    /// Whether the answer with the token says whose it is, as later servers do (§1.1).
    pub names_user: bool,
}

impl Default for AlaudaOptions {
    fn default() -> Self {
        Self {
            port: 0,
            user: "yunfan".to_owned(),
            password: "correct horse".into(),
            token: None,
            page_size: 20,
            bare_lists: false,
            deletes_tags: true,
            count: None,
            names_user: false,
        }
    }
}

/// What every request of one server shares.
pub(super) struct Shared {
    pub options: AlaudaOptions,
    pub entrance: Entrance,
    store: Mutex<AlaudaStore>,
}

impl Shared {
    pub fn store(&self) -> MutexGuard<'_, AlaudaStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for Shared {
    fn answer(&self, request: &Request) -> Answer {
        routes::answer(self, request)
    }
}

/// A running Alauda. Dropping it closes the listener and every connection.
pub struct AlaudaServer {
    pub url: String,
    shared: Arc<Shared>,
    listening: Listening,
}

impl AlaudaServer {
    /// With what signs its user in: the secrets of the demo are no secrets.
    pub fn endpoint(&self, name: &str) -> Endpoint {
        let options = &self.shared.options;
        Endpoint {
            name: name.to_owned(),
            kind: BackendKind::Alauda.word().to_owned(),
            url: self.url.clone(),
            username: Some(options.user.clone()),
            password: Some(options.password.expose_secret().to_owned()),
            token: None,
            workspace: None,
        }
    }

    /// The contents, to look at or to change behind the client's back. Not to be held over an await.
    pub fn store(&self) -> MutexGuard<'_, AlaudaStore> {
        self.shared.store()
    }

    /// The token given last is worthless from now on.
    pub fn revoke_token(&self) {
        self.shared.entrance.revoke();
    }

    pub fn tokens_issued(&self) -> usize {
        self.shared.entrance.issued()
    }
}

impl Deref for AlaudaServer {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.listening.traffic
    }
}

/// Starts an Alauda on 127.0.0.1. The user's own namespace is there even when the contents have none.
pub async fn start_alauda(mut store: AlaudaStore, options: AlaudaOptions) -> std::io::Result<AlaudaServer> {
    store.namespaces.entry(options.user.clone()).or_default();
    let port = Port::bind(options.port).await?;
    let url = port.url.clone();
    let entrance = Entrance::new(options.token.clone());
    let shared = Arc::new(Shared { options, entrance, store: Mutex::new(store) });
    let listening = port.open(Arc::clone(&shared));
    Ok(AlaudaServer { url, shared, listening })
}
