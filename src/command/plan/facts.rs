//! What a plan is made from, read with progress shown.

use tokio::sync::watch;

use super::super::{Io, Stop};
use crate::backend::Backend;
use crate::domain::capability::Support;
use crate::domain::cleanup::{Protection, Snapshot};
use crate::domain::label::Labels;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryProfile;
use crate::runtime::survey::{Place, Progress, Seen, Step, Wanted, deepen, survey};

pub(in crate::command) struct Facts<'a> {
    pub backend: &'a dyn Backend,
    pub profile: &'a RegistryProfile,
    pub repository: &'a RepoName,
    pub protection: Protection,
    pub labels: Labels,
}

impl Facts<'_> {
    pub async fn read(&self, wanted: &Wanted, io: &mut Io<'_>) -> Result<Snapshot, Stop> {
        let place = Place {
            registry: self.profile.name.clone(),
            origin: self.profile.origin(),
            repo: self.repository.clone(),
            protection: self.protection.clone(),
            labels: self.labels.clone(),
        };
        let (sender, progress) = watch::channel(Progress::default());
        let seen = Seen::default();
        let mut snapshot = shown(survey(self.backend, &place, wanted, &seen, &sender), progress, io).await?;
        if snapshot.deletes.tag == Support::Unknown && self.is_like_distribution_2().await {
            snapshot.deletes.tag = Support::No;
        }
        Ok(snapshot)
    }

    /// What is wanted beyond what was read a moment ago.
    pub async fn deepen(&self, snapshot: &mut Snapshot, wanted: &Wanted, io: &mut Io<'_>) -> Result<(), Stop> {
        let (sender, progress) = watch::channel(Progress::default());
        shown(deepen(self.backend, snapshot, wanted, &sender), progress, io).await
    }

    /// distribution 2.8 takes a DELETE of a tag for one of a digest that is none (oci-distribution.md §11.1), and a plan
    /// may not ask by a DELETE. But it also gives all tags in one answer, whatever `n` says (§4.2), and has no API for
    /// referrers; 3.x, which deletes tags, pages them. Who is neither is taken for what the contract says, and refuses.
    async fn is_like_distribution_2(&self) -> bool {
        // The first look may take its sample from the catalogue, and that repository may be too small to show anything.
        for _ in 0..2 {
            self.backend.explore(Some(self.repository)).await;
            let known = self.backend.capabilities();
            if known.paging != Support::Unknown && known.referrers != Support::Unknown {
                return known.paging == Support::No && known.referrers == Support::No;
            }
        }
        false
    }
}

/// The reading, with how far it is.
async fn shown<T>(
    reading: impl Future<Output = crate::backend::Result<T>>,
    mut progress: watch::Receiver<Progress>,
    io: &mut Io<'_>,
) -> Result<T, Stop> {
    let mut reading = std::pin::pin!(reading);
    let result = loop {
        tokio::select! {
            result = &mut reading => break result,
            Ok(()) = progress.changed() => {
                let now = *progress.borrow_and_update();
                io.progress(|| say(now));
            }
        }
    };
    io.clear();
    Ok(result?)
}

fn say(now: Progress) -> String {
    let what = match now.step {
        Step::Listing => return "listing tags".to_owned(),
        Step::Tags => "tags",
        Step::Manifests => "manifests",
        Step::Referrers => "manifests looked through for referrers",
    };
    format!("{} of {} {what}", now.done, now.of)
}
