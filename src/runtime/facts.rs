//! The facts for a plan on the screen: read with their progress, as far as its choices need them, and not again where the
//! screen read them moments ago.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::executor::Out;
use super::registries::Connection;
use super::survey::{self, Place, Progress, Seen, Wanted, deepen, learn, survey};
use crate::app::effect::Facts;
use crate::app::modal::plan::Reading;
use crate::app::msg::Event;
use crate::backend::{self, Backend, Error};
use crate::domain::cleanup::{Choices, Marks, Protection, Snapshot};
use crate::domain::error::ErrorKind;
use crate::domain::label::Labels;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryProfile;

/// How often the progress is told.
const RHYTHM: Duration = Duration::from_millis(100);

/// What a plan is about.
pub struct About {
    pub profile: RegistryProfile,
    pub repo: RepoName,
    pub protection: Protection,
    pub labels: Labels,
    pub marks: Marks,
    pub choices: Choices,
    pub from: Facts,
    pub read_only: bool,
}

pub async fn read(connection: backend::Result<Connection>, about: About, out: Out) {
    let backend = match connection {
        Ok(connection) => connection.backend,
        Err(error) => return out.send(Event::Surveyed(Err(error.report()))).await,
    };
    let (progress, told) = watch::channel(Progress::default());
    let result = telling(&out, told, reading, gather(&*backend, about, &progress)).await;
    // How it deletes may have been learnt.
    out.learned(&*backend).await;
    out.send(Event::Surveyed(result.map(Box::new).map_err(|error| error.report()))).await;
}

/// Tells now and then how far the work is.
pub async fn telling<T, P: Copy>(
    out: &Out,
    mut told: watch::Receiver<P>,
    reading: impl Fn(P) -> Reading,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            () = tokio::time::sleep(RHYTHM) => {
                if told.has_changed().unwrap_or(false) {
                    let now = *told.borrow_and_update();
                    out.send(Event::Surveying(reading(now))).await;
                }
            }
        }
    }
}

async fn gather(backend: &dyn Backend, about: About, progress: &watch::Sender<Progress>) -> backend::Result<Snapshot> {
    let About { profile, repo, protection, labels, marks, choices, from, read_only } = about;
    let details = protection.needs_details() || (protection.asks_labels() && labels.needs_details());
    let mut snapshot = match from {
        Facts::Plan(snapshot) => {
            let mut snapshot = Arc::unwrap_or_clone(snapshot);
            snapshot.label(&labels);
            snapshot
        }
        Facts::List(list) => {
            // First, because whoever deletes nothing need not be asked for thousands of tags.
            let mut known = survey::deletes(backend, &repo);
            if !read_only {
                known = learn(backend, &repo, choices.needs_manifests(&marks, &known)).await?;
            }
            if !known.can_untag() && !known.can_delete_manifests() {
                let what = format!("deletion is switched off on {}, for tags and for manifests", profile.host());
                return Err(Error::new(ErrorKind::Unsupported, what).hint("Nothing was deleted. Ask whoever runs it."));
            }
            let tags = list.map(|list| list.targets()).unwrap_or_default();
            let seen = Seen { tags, anew: marks.tags.iter().cloned().collect() };
            let place = Place { registry: profile.name.clone(), origin: profile.origin(), repo, protection, labels };
            let wanted = Wanted { details, ..Wanted::default() };
            Snapshot { deletes: known, ..survey(backend, &place, &wanted, &seen, progress).await? }
        }
    };
    let wanted = Wanted::for_plan(&marks, &choices, snapshot.deletes, details, true);
    if wanted.manifests && !snapshot.deep {
        if !read_only && !snapshot.deletes.is_known_by_digest() {
            snapshot.deletes = survey::learn_by_digest(backend, &snapshot.repo, snapshot.deletes).await?;
        }
        deepen(backend, &mut snapshot, &wanted, progress).await?;
    }
    Ok(snapshot)
}

fn reading(progress: Progress) -> Reading {
    let what = match progress.step {
        survey::Step::Listing => "the list of tags",
        survey::Step::Tags => "what tags point at",
        survey::Step::Manifests => "manifests",
        survey::Step::Referrers => "what refers to them",
    };
    Reading { what, done: progress.done, of: progress.of }
}
