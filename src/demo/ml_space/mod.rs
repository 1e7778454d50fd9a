//! ML Space: one registry per workspace, with colours on its tags. The sections in the comments are those of the notes
//! on that API; what they call assumptions carries its number here.

mod account;
mod answer;
mod check;
mod reads;
mod routes;
mod seed;
mod store;
mod switches;
mod wire;
mod writes;

#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::{Method, StatusCode};

pub use account::Account;
pub use seed::{catalogue, empty};
pub use store::{Image, Repository, Store, Tag, Workspace};
pub use switches::{Limited, NotFound, Switches};

use self::account::Gate;
use self::answer::Checked;
use self::routes::Call;
use super::Endpoint;
use super::listener::{Listening, Port, Site, Traffic};
use super::reply::Answer;
use super::request::Request;
use crate::domain::registry::BackendKind;

/// What the stand-in is like.
#[derive(Clone, Debug)]
pub struct MlSpaceOptions {
    /// 0 lets the system choose.
    pub port: u16,
    pub token_life: Duration,
    pub switches: Switches,
}

impl Default for MlSpaceOptions {
    fn default() -> Self {
        Self { port: 0, token_life: Duration::from_secs(3600), switches: Switches::default() }
    }
}

struct Shared {
    store: Mutex<Store>,
    switches: Mutex<Switches>,
    gate: Gate,
    passwords: AtomicUsize,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, request: &Request, call: &Call<'_>, switches: &Switches) -> Checked<Answer> {
        let mut store = self.store();
        match call {
            Call::SignIn => return Ok(self.gate.sign_in(&store, request)),
            Call::ApiKey => return Ok(account::api_key(&store, self.gate.account(request)?, request)),
            Call::Workspaces => return Ok(reads::workspaces(&store, self.gate.account(request)?)),
            Call::Workspace(id) => {
                return Ok(reads::workspace(&store, switches, self.gate.account(request)?, request, id));
            }
            _ => {}
        }
        let (account, workspace) = self.gate.pass(&store, request)?;
        if *call == Call::Password {
            self.passwords.fetch_add(1, Ordering::Relaxed);
            return Ok(account::new_password(&mut store, account));
        }
        let Some(workspace) = store.workspace_mut(workspace) else { return Ok(switches.not_found("Workspace")) };
        if request.method == Method::GET {
            return Ok(read(workspace, switches, request, call));
        }
        if switches.forgets_writes {
            return Ok(write(&mut workspace.clone(), switches, request, call));
        }
        Ok(write(workspace, switches, request, call))
    }
}

fn read(workspace: &Workspace, switches: &Switches, request: &Request, call: &Call<'_>) -> Answer {
    match call {
        Call::Registry => answer::ok(&wire::registry(workspace)),
        Call::Repositories => reads::repositories(workspace, request),
        Call::Repository(id) => reads::repository(workspace, switches, request, id),
        Call::Images => reads::images(workspace, switches, request),
        Call::Image(id) => reads::image(workspace, switches, request, id),
        Call::Tags => reads::tags(workspace, switches, request),
        _ => answer::not_allowed(call.methods()),
    }
}

fn write(workspace: &mut Workspace, switches: &Switches, request: &Request, call: &Call<'_>) -> Answer {
    match call {
        Call::Repositories => {
            writes::delete(workspace, switches, request, "repository_ids", Workspace::delete_repository)
        }
        Call::Images => writes::delete(workspace, switches, request, "image_ids", Workspace::delete_image),
        Call::Tags if request.method == Method::POST => writes::create_tag(workspace, switches, request),
        Call::Tags => writes::delete(workspace, switches, request, "tag_ids", Workspace::delete_tag),
        Call::Repository(id) => writes::update(workspace, switches, request, id),
        Call::Favorite(id) => writes::favorite(workspace, switches, request, id),
        Call::Tag(id) => writes::recolour(workspace, switches, request, id),
        _ => answer::not_allowed(call.methods()),
    }
}

impl Site for Shared {
    fn answer(&self, request: &Request) -> Answer {
        let switches = {
            let mut switches = self.switches();
            if let Some(answer) = switches.front(request) {
                return answer;
            }
            switches.clone()
        };
        let Some(call) = Call::parse(&request.path) else {
            let Some(path) = Call::respelled(&request.path) else {
                return answer::detail(StatusCode::NOT_FOUND, "Not Found");
            };
            let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
            return answer::moved(&format!("{}{path}{query}", request.origin()));
        };
        if !call.takes(&request.method) {
            return answer::not_allowed(call.methods());
        }
        self.call(request, &call, &switches).unwrap_or_else(|refusal| *refusal)
    }
}

/// A running stand-in. Dropping it closes the listener and every connection.
pub struct MlSpaceServer {
    /// Without the `/public/v2` that all paths begin with.
    pub url: String,
    shared: Arc<Shared>,
    listening: Listening,
}

impl MlSpaceServer {
    /// The contents, to look at or to change behind the client's back. Not to be held over an await.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store()
    }

    /// What goes wrong from now on. Not to be held over an await.
    pub fn switches(&self) -> MutexGuard<'_, Switches> {
        self.shared.switches()
    }

    /// The person's key, at the first workspace.
    pub fn endpoint(&self, name: &str) -> Endpoint {
        let store = self.store();
        let person = store.accounts.iter().find(|account| account.person);
        Endpoint {
            name: name.to_owned(),
            kind: BackendKind::MlSpace.word().to_owned(),
            url: self.url.clone(),
            username: person.map(|person| person.key_id.clone()),
            password: person.map(|person| person.key_secret.clone()),
            token: None,
            workspace: store.workspaces.first().map(|workspace| workspace.id.to_string()),
        }
    }

    pub fn tokens_issued(&self) -> usize {
        self.shared.gate.issued()
    }

    /// How often a new password for Docker was asked for.
    pub fn passwords_asked(&self) -> usize {
        self.shared.passwords.load(Ordering::Relaxed)
    }

    /// Every token given so far is over from now on (401, code 20).
    pub fn expire_tokens(&self) {
        self.shared.gate.expire();
    }

    /// No token given so far is known any more (401, code 21).
    pub fn forget_tokens(&self) {
        self.shared.gate.forget();
    }
}

impl Deref for MlSpaceServer {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.listening.traffic
    }
}

/// Starts the stand-in on 127.0.0.1.
pub async fn start_ml_space(store: Store, options: MlSpaceOptions) -> std::io::Result<MlSpaceServer> {
    let port = Port::bind(options.port).await?;
    let url = port.url.clone();
    let shared = Arc::new(Shared {
        store: Mutex::new(store),
        switches: Mutex::new(options.switches),
        gate: Gate::new(options.token_life),
        passwords: AtomicUsize::new(0),
    });
    let listening = port.open(Arc::clone(&shared));
    Ok(MlSpaceServer { url, shared, listening })
}
