//! The running instance: one port, or those of an index, its registry and a storage for layers.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::{Method, StatusCode};
use serde_json::json;

use super::access::{self, Tokens};
use super::options::{Access, DockerV1Options, Search};
use super::route::{self, Found, Route};
use super::storage::Storage;
use super::store::Store;
use super::{answer, download, image, index, push, tags};
use crate::demo::Endpoint;
use crate::demo::auth::basic;
use crate::demo::listener::{Listening, Port, Site, Traffic};
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;
use crate::domain::registry::BackendKind;

/// What every request of one server shares.
pub(super) struct Shared {
    store: Mutex<Store>,
    pub options: DockerV1Options,
    pub tokens: Tokens,
    /// The URL an index sends its users to.
    pub registry: String,
    /// Where layers are, when they are somewhere else.
    pub storage: Option<String>,
}

impl Shared {
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_user(&self, name: &str) -> bool {
        matches!(&self.options.access, Access::Index { user, .. } if user == name)
    }
}

/// Which part of the protocol a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Standalone,
    Index,
    Registry,
}

struct Part {
    shared: Arc<Shared>,
    role: Role,
}

impl Site for Part {
    fn answer(&self, request: &Request) -> Answer {
        let offers = |route: &Route, method: &str| self.offers(route, method);
        match route::find(request.method.as_str(), &request.path, offers) {
            Found::Route(route) => self.pass(request, &route),
            Found::Slash => {
                let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
                let to = format!("{}{}/{query}", request.origin(), request.path);
                answer::moved(StatusCode::MOVED_PERMANENTLY, &to)
            }
            Found::Methods(methods) if request.method == Method::OPTIONS => answer::methods(&methods),
            Found::Methods(methods) => answer::wrong_method(&methods),
            Found::Nothing => answer::no_such_page(),
        }
    }
}

impl Part {
    fn offers(&self, route: &Route, method: &str) -> bool {
        let of_index = match route {
            Route::Issue | Route::Ping => return true,
            // Each of them is told of it.
            Route::Repository(_) if method == "DELETE" => return true,
            Route::Search => self.shared.options.search != Search::Off,
            Route::Users | Route::Account | Route::Images(_) | Route::Auth(_) | Route::Repository(_) => true,
            _ => return self.role != Role::Index,
        };
        of_index && self.role != Role::Registry
    }

    /// Asks for what the access demands, then hands on.
    fn pass(&self, request: &Request, route: &Route) -> Answer {
        match &self.shared.options.access {
            Access::Basic { user, password } if *route != Route::Ping => {
                match basic(request).is_some_and(|pair| pair == (user.clone(), password.clone())) {
                    true => self.hand(request, route, None),
                    false => answer::password_wanted(),
                }
            }
            Access::Index { rules, .. }
                if self.role == Role::Registry && !matches!(route, Route::Ping | Route::Issue) =>
            {
                let Some(pass) = self.shared.tokens.check(request, route.repository(), *rules) else {
                    return access::refused();
                };
                let mut answer = self.hand(request, route, Some(&pass.repository));
                if let Some(cookie) = pass.cookie {
                    access::set_cookie(&mut answer, &cookie);
                }
                answer
            }
            _ => self.hand(request, route, None),
        }
    }

    fn hand(&self, request: &Request, route: &Route, owner: Option<&str>) -> Answer {
        let (shared, role) = (&*self.shared, self.role);
        let put = request.method == Method::PUT;
        let delete = request.method == Method::DELETE;
        match route {
            Route::Issue => answer::ok(&"\"docker-registry server\"".into()),
            Route::Ping => {
                let mut answer = answer::ok(&json!({}));
                let standalone = if role == Role::Standalone { "True" } else { "False" };
                reply::set(&mut answer, answer::STANDALONE, standalone);
                answer
            }
            Route::Search => index::search(shared, request, role),
            Route::Users => index::users(shared, request),
            Route::Account => answer::nothing(),
            Route::Auth(_) => answer::ok(&"OK".into()),
            Route::Images(name) if put => index::announce(shared, request, role, name, true),
            Route::Images(name) if delete => index::remove_images(shared, request, role, name),
            Route::Images(name) => index::images(shared, request, role, name),
            Route::Repository(name) if put => index::announce(shared, request, role, name, false),
            Route::Repository(name) if role == Role::Index => index::remove(shared, request, name),
            Route::Repository(name) => tags::remove_repository(shared, name),
            Route::Tags(name) if delete => tags::remove_repository(shared, name),
            Route::Tags(name) => tags::list(shared, name),
            Route::Tag(name, tag) if put => tags::set(shared, request, name, tag),
            Route::Tag(name, tag) if delete => tags::remove(shared, name, tag),
            Route::Tag(name, tag) => tags::image(shared, name, tag),
            Route::TagInfo(name, tag) => tags::info(shared, name, tag),
            Route::Info(name) => tags::info(shared, name, "latest"),
            Route::Properties(name) if put => tags::set_properties(shared, request, name),
            Route::Properties(name) => tags::properties(shared, name),
            Route::Json(id)
            | Route::Layer(id)
            | Route::Checksum(id)
            | Route::Ancestry(id)
            | Route::Files(id)
            | Route::Diff(id)
                if !image::is_id(id) =>
            {
                answer::missing("Invalid image ID")
            }
            Route::Json(id) if put => push::json(shared, request, id, owner),
            Route::Layer(id) if put => push::layer(shared, request, id),
            Route::Checksum(id) => push::checksum(shared, request, id),
            Route::Json(id) | Route::Layer(id) | Route::Ancestry(id) | Route::Files(id) | Route::Diff(id) => {
                download::answer(shared, request, route, id)
            }
        }
    }
}

/// A running registry. Dropping it closes its listeners and every connection.
pub struct DockerV1Server {
    /// Of the index, where there is one.
    pub url: String,
    /// Of the registry; the same for a standalone one.
    pub registry_url: String,
    shared: Arc<Shared>,
    listening: Listening,
    registry: Option<Listening>,
    storage: Option<Listening>,
}

impl DockerV1Server {
    /// The contents, to look at or to change behind the client's back. Not to be held over an await.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store()
    }

    pub fn tokens_issued(&self) -> usize {
        self.shared.tokens.count()
    }

    /// Every token and cookie given so far is worthless from now on.
    pub fn forget_tokens(&self) {
        self.shared.tokens.forget();
    }

    pub fn endpoint(&self, name: &str) -> Endpoint {
        let (username, password) = match &self.shared.options.access {
            Access::Open => (None, None),
            Access::Basic { user, password } | Access::Index { user, password, .. } => {
                (Some(user.clone()), Some(password.clone()))
            }
        };
        Endpoint {
            name: name.to_owned(),
            kind: BackendKind::DockerV1.word().to_owned(),
            url: self.url.clone(),
            username,
            password,
            token: None,
            workspace: None,
        }
    }

    /// What goes over the registry's port.
    pub fn registry(&self) -> &Traffic {
        self.registry.as_ref().map_or(&self.listening.traffic, |registry| &registry.traffic)
    }

    /// What goes over the storage's port, where layers are redirected.
    pub fn storage(&self) -> Option<&Traffic> {
        self.storage.as_ref().map(|storage| &*storage.traffic)
    }
}

impl Deref for DockerV1Server {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.listening.traffic
    }
}

/// Starts a registry on 127.0.0.1.
pub async fn start_docker_v1(store: Store, options: DockerV1Options) -> std::io::Result<DockerV1Server> {
    let port = Port::bind(options.port).await?;
    let with_index = matches!(options.access, Access::Index { .. });
    let registry = if with_index { Some(Port::bind(0).await?) } else { None };
    let storage = if options.redirects_layers { Some(Port::bind(0).await?) } else { None };
    let url = port.url.clone();
    let registry_url = registry.as_ref().map_or(url.clone(), |port| port.url.clone());
    let shared = Arc::new(Shared {
        store: Mutex::new(store),
        options,
        tokens: Tokens::default(),
        registry: registry_url.clone(),
        storage: storage.as_ref().map(|port| port.url.clone()),
    });
    let part = |role| Arc::new(Part { shared: Arc::clone(&shared), role });
    let listening = port.open(part(if with_index { Role::Index } else { Role::Standalone }));
    let registry = registry.map(|port| port.open(part(Role::Registry)));
    let storage = storage.map(|port| port.open(Arc::new(Storage(Arc::clone(&shared)))));
    Ok(DockerV1Server { url, registry_url, shared, listening, registry, storage })
}
