//! The registries of a run: which there are, their open connections, and what changes them.

use std::collections::HashMap;
use std::sync::Arc;

use super::account::Watched;
use super::world::World;
use crate::app::effect::Keep;
use crate::app::msg::Msg;
use crate::app::state::Registry;
use crate::backend::{self, Backend, Error};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::domain::secret::Credential;
use crate::store::config;
use crate::store::credentials::{Known, SaveIn};

pub struct Registries {
    profiles: Vec<RegistryProfile>,
    open: HashMap<RegistryId, Connection>,
    /// Through which connections each list came that is in memory: all of its account, or it is not saved.
    lists: HashMap<ListOf, Vec<Arc<Watched>>>,
}

/// A repository's tags, or a registry's repositories.
pub type ListOf = (RegistryId, Option<RepoName>);

/// An open registry, and what its look-ups of credentials found.
#[derive(Clone)]
pub struct Connection {
    pub backend: Arc<dyn Backend>,
    pub account: Arc<Watched>,
}

impl Registries {
    /// Those of the config, or a demo's.
    pub fn gather(world: &World, demo: Vec<RegistryProfile>) -> (Self, Vec<Registry>) {
        let profiles = if demo.is_empty() { world.config.registries.clone() } else { demo };
        let rows: Vec<Registry> = profiles.into_iter().map(|p| Registry::new(p, true)).collect();
        let profiles = rows.iter().map(|r| r.profile.clone()).collect();
        (Self { profiles, open: HashMap::new(), lists: HashMap::new() }, rows)
    }

    pub fn profile(&self, id: RegistryId) -> &RegistryProfile {
        &self.profiles[id.0 as usize]
    }

    /// A registry that came by the command line or the add dialog.
    pub fn add(&mut self, profile: RegistryProfile) -> RegistryId {
        self.profiles.push(profile);
        RegistryId(self.profiles.len() as u32 - 1)
    }

    /// The connection that a list is read by, or its details.
    pub fn connection_for(&mut self, world: &World, list: ListOf) -> backend::Result<Connection> {
        self.account_for(world, list.clone())?;
        self.connection(world, list.0)
    }

    /// The account that a list is read by, or going to be.
    pub fn account_for(&mut self, world: &World, list: ListOf) -> backend::Result<Arc<Watched>> {
        let account = self.connection(world, list.0)?.account;
        let used = self.lists.entry(list).or_default();
        if !used.iter().any(|one| Arc::ptr_eq(one, &account)) {
            used.push(account.clone());
        }
        Ok(account)
    }

    /// The account that read a list, if it is one and the same.
    pub fn reader(&self, list: &ListOf) -> Option<String> {
        let mut names = self.lists.get(list)?.iter().map(|one| one.account_now());
        let first = names.next()??;
        names.all(|name| name.as_ref() == Some(&first)).then_some(first)
    }

    pub fn connection(&mut self, world: &World, id: RegistryId) -> backend::Result<Connection> {
        if let Some(open) = self.open.get(&id) {
            return Ok(open.clone());
        }
        let profile = &self.profiles[id.0 as usize];
        let source = Arc::new(world.credentials.source(profile));
        let account = Arc::new(Watched::new(source, profile.host().to_owned()));
        let open = Connection { backend: world.open_as(profile, account.clone())?, account };
        self.open.insert(id, open.clone());
        Ok(open)
    }

    /// Other settings hold from the next request on.
    pub fn change(&mut self, id: RegistryId, profile: RegistryProfile) {
        self.profiles[id.0 as usize] = profile;
        self.open.remove(&id);
    }

    /// What is kept belongs to this workspace from now on. The connection has been looking at it already.
    pub fn settle(&mut self, id: RegistryId, scope: String) {
        let profile = &mut self.profiles[id.0 as usize];
        *profile = profile.with_scope(Some(scope));
    }

    /// Another account: what is read from here on has nothing to do with what was.
    pub fn disconnect(&mut self, id: RegistryId) {
        self.close(id);
        self.lists.retain(|list, _| list.0 != id);
    }

    /// Forgets the connection: the next request opens it with what holds then.
    pub fn close(&mut self, id: RegistryId) {
        self.open.remove(&id);
    }

    pub fn trust_realm(&mut self, world: &mut World, id: RegistryId, realm: &str) -> Option<Clean> {
        let profile = &self.profiles[id.0 as usize];
        let host = profile.host().to_owned();
        world.settings.trusted_realms.push((host.clone(), realm.to_owned()));
        self.open.remove(&id);
        let file = world.places.config_file.as_ref()?;
        config::trust_realm(file, &host, realm).err().map(|e| remembered_here_only(&e))
    }

    pub fn trust_plain(&mut self, world: &mut World, id: RegistryId) -> Option<Clean> {
        let host = self.profiles[id.0 as usize].host().to_owned();
        world.settings.trusted_plain.push(host.clone());
        self.open.remove(&id);
        let file = world.places.config_file.as_ref()?;
        config::trust_plain_http(file, &host).err().map(|e| remembered_here_only(&e))
    }
}

/// What docker's and podman's files know. Helpers are asked, which may take a while.
pub fn known(world: &World) -> impl Future<Output = Msg> + Send + 'static {
    let credentials = world.credentials.clone();
    let config = world.config.clone();
    async move {
        let (known, notes) = credentials.known_registries().await;
        let profile = |one: Known| Some((config::parse_registry_argument(&one.host, &config).ok()?, one.source));
        Msg::Found { registries: known.into_iter().filter_map(profile).collect(), notes }
    }
}

fn remembered_here_only(error: &impl std::fmt::Display) -> Clean {
    clean::line(&format!("Remembered for this run only: {error}"))
}

/// Tries a credential and, when the registry takes it, keeps it where the user chose.
pub fn sign_in(
    world: &World,
    profile: &RegistryProfile,
    credential: Credential,
    keep: Keep,
) -> impl Future<Output = backend::Result<Clean>> + Send + 'static {
    let credentials = world.credentials.clone();
    let backend = world.open(profile);
    let host = profile.host().to_owned();
    async move {
        // The session's credential is the first that is looked up: it is what `connect` tries.
        let failed = |e: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, e.to_string());
        let before = credentials.session(&host);
        credentials.save(&SaveIn::Session, &host, &credential).await.map_err(|e| failed(&e))?;
        let backend = backend?;
        if let Err(error) = backend.connect().await {
            credentials.put_back(&host, before);
            return Err(error);
        }
        // Where a password gives a token that lives, the password itself is kept nowhere.
        let credential = backend.to_keep().unwrap_or(credential);
        credentials.save(&SaveIn::Session, &host, &credential).await.map_err(|e| failed(&e))?;
        let place = match keep {
            Keep::Session => return Ok(clean::line(&format!("Signed in to {host}, for this session only."))),
            Keep::Store => SaveIn::Store,
            Keep::DockerHelper => SaveIn::DockerHelper,
            Keep::DockerConfig => SaveIn::DockerFile,
        };
        match credentials.save(&place, &host, &credential).await {
            Ok(place) => Ok(clean::line(&format!("Signed in to {host}; the secret is in {place}."))),
            Err(error) => Ok(clean::line(&format!("Signed in to {host} for this session; not stored: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::world::Options;
    use crate::store::env::Env;

    #[tokio::test]
    async fn a_refused_sign_in_leaves_the_session_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { state_dir: Some(dir.path().to_owned()), ..Options::default() };
        let world = World::load(&options, Env::fixed([])).unwrap();
        // Port 1 of loopback: nothing listens there, so the sign-in fails at once.
        let url = "http://127.0.0.1:1".to_owned();
        let profile = RegistryProfile { name: "r".to_owned(), url, plain_http: true, ..RegistryProfile::default() };
        let typed = || Credential::Basic { username: "u".to_owned(), password: "p".to_owned().into() };
        assert!(sign_in(&world, &profile, typed(), Keep::Session).await.is_err());
        assert!(world.credentials.session(profile.host()).is_none());
        world.credentials.put_back(profile.host(), Some(typed()));
        assert!(sign_in(&world, &profile, Credential::Anonymous, Keep::Session).await.is_err());
        assert!(matches!(world.credentials.session(profile.host()), Some(Credential::Basic { .. })));
    }
}
