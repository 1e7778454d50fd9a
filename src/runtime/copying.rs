//! New tags and copies for the screen: the look at a target, and everything read.

use std::time::Duration;

use super::copy::{Wanted, prepare};
use super::registries::Connection;
use crate::app::effect::CopyOrder;
use crate::app::msg::Event;
use crate::backend::{self, Error};
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::transfer::Spot;

/// Nobody is asked about a name that is still being typed.
const TYPED: Duration = Duration::from_millis(300);

/// A registry as an end of a copy.
pub struct End {
    pub connection: backend::Result<Connection>,
    pub profile: RegistryProfile,
}

pub async fn look(connection: backend::Result<Connection>, repo: RepoName, tag: TagName) -> Event {
    tokio::time::sleep(TYPED).await;
    let found = async {
        match connection?.backend.resolve(&repo, &Reference::Tag(tag)).await {
            Ok(resolved) => Ok(Some(resolved.digest)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    };
    Event::TagLooked(found.await.map_err(|error: Error| error.report()))
}

pub async fn read(from: End, to: End, order: CopyOrder) -> Event {
    let spot =
        |end: &End, repo: RepoName| Spot { registry: end.profile.name.clone(), origin: end.profile.origin(), repo };
    let (repo, tag) = order.target;
    let wanted = Wanted {
        from: spot(&from, order.repo),
        source: order.source,
        to: spot(&to, repo),
        tag,
        referrers: order.referrers,
        colour: order.colour,
        protection: order.protection,
    };
    let transfer = async {
        let (from, to) = (from.connection?, to.connection?);
        prepare(&*from.backend, &*to.backend, &wanted).await
    };
    Event::Prepared(transfer.await.map(Box::new).map_err(|error: Error| error.report()))
}
