//! The facts for the plan of a sweep: read anew for it, a few repositories at a time, with its progress.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::watch;

use super::look;
use crate::app::modal::plan::Reading;
use crate::app::msg::Event;
use crate::backend::{self, Backend};
use crate::domain::cleanup::Protection;
use crate::domain::filter::{Field, Row};
use crate::domain::label::Labels;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::sweep::{Known, Protected, Snapshot};
use crate::runtime::executor::Out;
use crate::runtime::facts::telling;
use crate::runtime::registries::Connection;
use crate::runtime::survey::{Patience, polite};

/// What protects tags of a repository, and what it may ask of them.
#[derive(Clone, Debug, Default)]
pub struct Shield {
    pub protection: Protection,
    pub labels: Labels,
}

impl Shield {
    /// Details of tags are not read for it: a pattern that asks for them protects.
    pub fn covers(&self, tags: &[TagName], now: Timestamp) -> Protected {
        let mut protected = Protected::default();
        for tag in tags {
            let bare = Row { name: tag.as_str(), note: self.labels.note(tag), ..Row::default() };
            let label = match self.labels.of(tag, &bare, now) {
                Field::Is(given) => Field::Is(given.label),
                Field::Absent => Field::Absent,
                Field::NotLoaded => Field::NotLoaded,
            };
            if let Some(pattern) = self.protection.of(&Row { label, ..bare }, now) {
                protected.add(tag, pattern);
            }
        }
        protected
    }
}

/// What a plan is about.
pub struct About {
    pub profile: RegistryProfile,
    pub repos: Vec<(RepoName, Shield)>,
}

pub async fn read(connection: backend::Result<Connection>, about: About, out: Out) {
    let connection = match connection {
        Ok(connection) => connection,
        Err(error) => return out.send(Event::RepositoriesRead(Err(error.report()))).await,
    };
    let backend = &*connection.backend;
    let (progress, told) = watch::channel((0, about.repos.len()));
    let say = |(done, of): (usize, usize)| Reading { what: "repositories", done, of };
    let result = telling(&out, told, say, gather(backend, about, &progress)).await;
    let result = result.map(|snapshot| Snapshot { account: connection.account.account_now(), ..snapshot });
    out.learned(backend).await;
    out.send(Event::RepositoriesRead(result.map(Box::new).map_err(|error| error.report()))).await;
}

/// An error means that nothing can be said; what concerns a single repository is noted of it, and it stays.
pub async fn gather(
    backend: &dyn Backend,
    about: About,
    progress: &watch::Sender<(usize, usize)>,
) -> backend::Result<Snapshot> {
    let About { profile, repos } = about;
    let now = Timestamp::now();
    let (mut patience, mut all) = (Patience::default(), BTreeMap::new());
    let ask = |(repo, shield): (RepoName, Shield)| async move {
        let found = look::fact(backend, &repo, |tags| shield.covers(tags, now)).await;
        (repo, found)
    };
    polite(backend, repos, ask, |(repo, found)| {
        let known = match found {
            Ok(found) => {
                patience.fine();
                found.map_or(Known::Gone, |fact| Known::Here(Box::new(fact)))
            }
            Err(error) => Known::Unread(patience.failed(error)?.what),
        };
        all.insert(repo, known);
        progress.send_modify(|(done, _)| *done += 1);
        Ok(())
    })
    .await?;
    Ok(Snapshot {
        origin: profile.origin(),
        scope: profile.scope().map(str::to_owned),
        registry: profile.name,
        account: None,
        takes: backend.capabilities().repository_delete,
        // Its end: many repositories take longer to read than a plan lives.
        time: Timestamp::now(),
        repos: all.into_iter().collect(),
    })
}
