//! New tags and copies for the screen: the look at a target, everything read, and the run as a job.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::copy::{Copy, Event as Ran, Phase, Wanted, prepare};
use super::jobs::closing;
use super::registries::Connection;
use crate::app::effect::CopyOrder;
use crate::app::job::{JobEvent, Step};
use crate::app::modal::new_tag::Order;
use crate::app::msg::Event;
use crate::backend::{self, Error};
use crate::domain::clean;
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::transfer::Spot;
use crate::store::journal::Journals;

/// Nobody is asked about a name that is still being typed.
const TYPED: Duration = Duration::from_millis(300);
/// Events of a copy on their way.
const EVENTS: usize = 64;

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
        |end: &End, repo: RepoName| Spot { registry: end.profile.name.clone(), origin: end.profile.url.clone(), repo };
    let (repo, tag) = order.target;
    let wanted = Wanted {
        from: spot(&from, order.repo),
        source: order.source,
        to: spot(&to, repo),
        tag,
        referrers: order.referrers,
        protection: order.protection,
    };
    let transfer = async {
        let (from, to) = (from.connection?, to.connection?);
        prepare(&*from.backend, &*to.backend, &wanted).await
    };
    Event::Prepared(transfer.await.map(Box::new).map_err(|error: Error| error.report()))
}

/// Runs to its end, telling what happens; the last event is told, too.
pub async fn run<F: Future<Output = ()>>(
    (from, to): (End, End),
    order: Order,
    journals: Journals,
    stop: CancellationToken,
    tell: impl Fn(JobEvent) -> F,
) -> backend::Result<()> {
    let (source, target) = (from.connection?, to.connection?);
    let (events, mut told) = mpsc::channel(EVENTS);
    let copy = Copy {
        from: source.backend,
        to: target.backend,
        origins: (from.profile.url, to.profile.url),
        account: target.account.account_now(),
        transfer: order.transfer,
        journals,
        events,
        stop,
    };
    let pump = async {
        while let Some(event) = told.recv().await {
            tell(translated(event)).await;
        }
    };
    let (finished, ()) = tokio::join!(copy.run(), pump);
    for event in closing(finished.report) {
        tell(event).await;
    }
    Ok(())
}

fn translated(event: Ran) -> JobEvent {
    match event {
        Ran::Began { journal } => JobEvent::Began { journal },
        Ran::Step { at, phase } => JobEvent::Item { at, step: step(phase) },
        Ran::Moved { at, bytes } => JobEvent::Moved { at, bytes },
        Ran::Ended { at, ended, .. } => JobEvent::Ended { at, ended },
        Ran::Waiting { at, wait, why } => {
            JobEvent::Waiting { at, wait: SignedDuration::try_from(wait).unwrap_or_default(), why }
        }
        Ran::NotKept { digest } => {
            let text = format!("There was no room to keep {}: undo will not bring it back.", digest.short());
            JobEvent::Said(clean::line(&text))
        }
    }
}

fn step(phase: Phase) -> Step {
    match phase {
        Phase::Checking => Step::Checking,
        Phase::Sending => Step::Sending,
        Phase::Verifying => Step::Verifying,
    }
}
