//! What shares a manifest now: every tag and every index of the repository, read again for deletions by digest
//! (safety.md F3), since a tag that came after the plan would go along unseen.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::backend::{Backend, Error};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Plan, Target};
use crate::domain::image::ManifestKind;
use crate::domain::reference::{Digest, TagName};
use crate::runtime::survey::{Known, Progress, Seen, names, targets};

/// A reading holds for this many times as long as it took, so that at most a twentieth of the time goes into it,
const SHARE: u32 = 20;
/// and never longer than this.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct Sharers {
    known: Known,
    on: HashMap<Digest, Vec<TagName>>,
    listed_by: HashMap<Digest, Vec<Digest>>,
    names: HashSet<TagName>,
    until: Option<Instant>,
    /// Until then the list is not read for new names again.
    listed_until: Mutex<Option<Instant>>,
    /// Why this reading says nothing for certain.
    doubt: Option<Clean>,
}

impl Sharers {
    pub fn is_fresh(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    /// Reads everything. What is known by its digest is not read again.
    pub async fn read(&mut self, backend: &dyn Backend, plan: &Plan) -> Result<(), Error> {
        let begun = Instant::now();
        self.until = None;
        let progress = watch::Sender::new(Progress::default());
        let names = names(backend, &plan.repo).await?;
        let tags = targets(backend, &plan.repo, names.all, false, &Seen::default(), &progress).await?;
        let digests = tags.iter().filter_map(|tag| tag.target.digest()).cloned();
        self.known.read(backend, &plan.repo, digests, &progress).await?;
        self.names = tags.iter().map(|tag| tag.name.clone()).collect();
        self.on.clear();
        let mut unknown = None;
        for tag in &tags {
            match &tag.target {
                Target::At(digest) => self.on.entry(digest.clone()).or_default().push(tag.name.clone()),
                Target::Dangling => {}
                Target::Unknown(why) => unknown = Some(format!("{} could not be resolved: {why}", tag.name)),
            }
        }
        let incomplete = (!names.complete).then(|| "the list of tags is not complete".to_owned());
        let unread = self.on.keys().find(|digest| !self.is_clear(digest));
        let unread = unread.map(|digest| format!("the manifest {} could not be read", digest.short()));
        self.doubt = incomplete.or(unknown).or(unread).as_deref().map(clean::line);
        *self.listed() = None;
        self.listed_by.clear();
        let going: HashSet<&Digest> = plan.lost_manifests().collect();
        for index in self.known.below(self.on.keys()) {
            for child in self.known.fact(index).into_iter().flat_map(|fact| fact.children.iter()) {
                if going.contains(child) {
                    self.listed_by.entry(child.clone()).or_default().push(index.clone());
                }
            }
        }
        self.until = Some(Instant::now() + (begun.elapsed() * SHARE).min(LONGEST));
        Ok(())
    }

    /// What it lists is known.
    fn is_clear(&self, digest: &Digest) -> bool {
        let fact = self.known.fact(digest);
        fact.is_some_and(|fact| match fact.kind {
            ManifestKind::Unknown => false,
            ManifestKind::Index => fact.warnings.is_empty() && fact.children.iter().all(|child| self.is_known(child)),
            ManifestKind::Manifest | ManifestKind::Schema1 | ManifestKind::Artifact => true,
        })
    }

    /// An entry that is not there lists nothing.
    fn is_known(&self, child: &Digest) -> bool {
        self.known.is_missing(child) || self.is_clear(child)
    }

    pub fn doubt(&self) -> Option<&Clean> {
        self.doubt.as_ref()
    }

    pub fn on(&self, digest: &Digest) -> &[TagName] {
        self.on.get(digest).map_or(&[], Vec::as_slice)
    }

    /// The indexes that a tag leads to and that list this digest.
    pub fn listed_by(&self, digest: &Digest) -> &[Digest] {
        self.listed_by.get(digest).map_or(&[], Vec::as_slice)
    }

    fn listed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.listed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tags that came since the last reading. The list alone is one request, or a few, where what each tag points at is
    /// thousands: it is read between two readings of everything, as often as its own length allows.
    pub async fn new_names(&self, backend: &dyn Backend, plan: &Plan) -> Result<Vec<TagName>, Error> {
        let begun = Instant::now();
        let recent = self.listed().is_some_and(|until| begun < until);
        if recent {
            return Ok(Vec::new());
        }
        let names = names(backend, &plan.repo).await;
        *self.listed() = Some(Instant::now() + begun.elapsed() * SHARE);
        let names = match names {
            Ok(names) => names,
            // Its last tag may be gone by now, and the list with it.
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(names.all.into_iter().filter(|name| !self.names.contains(name)).collect())
    }
}
