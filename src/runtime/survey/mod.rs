//! Reads what a plan has to know of one repository, as it is now.
//!
//! What a tag points at is asked, or was a moment ago (`Seen`): what was seen earlier than that is no ground for a
//! deletion (safety.md E5). Content by digest comes from the cache first; it cannot have changed. Manifests are read when
//! something may be deleted by its digest, and not before. Nothing is changed anywhere, so a survey is given up by
//! dropping it.

mod known;
mod learn;
mod listed;
mod polite;
mod referrers;
mod tags;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::backend::{Backend, Result};
use crate::domain::cleanup::{Choices, Deletes, Marks, Protection, Snapshot};
use crate::domain::label::Labels;
use crate::domain::reference::{RepoName, TagName};

pub(super) use known::Known;
pub use learn::{deletes, learn, learn_by_digest, learn_by_tag};
use listed::{images, listed};
pub(super) use polite::{Patience, polite};
pub use tags::Seen;
pub(super) use tags::{names, targets};

/// The repository, and what is known of it without asking.
#[derive(Clone, Debug)]
pub struct Place {
    /// The registry's name in the config.
    pub registry: String,
    /// `RegistryProfile::url`.
    pub origin: String,
    pub repo: RepoName,
    pub protection: Protection,
    /// What rules and protection may ask of tags besides.
    pub labels: Labels,
}

/// How much is read. The default is enough to take tags away: what each of them points at.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Wanted {
    /// What a row shows: rules that ask for an age or a size need it.
    pub details: bool,
    /// Every manifest that a tag leads to: without them nothing is deleted by its digest.
    pub manifests: bool,
    /// What refers to the manifests of these tags.
    pub referrers_of: Vec<TagName>,
    /// Ask the registry, with a DELETE of something that does not exist, whether it deletes by digest. Leaves a line in its
    /// log, so only for a plan that is about to be shown; never in read-only mode.
    pub probe: bool,
}

impl Wanted {
    /// What a plan with these choices needs. `details`: a rule or a protection asks more than names.
    pub fn for_plan(marks: &Marks, choices: &Choices, known: Deletes, details: bool, read_only: bool) -> Self {
        let by_digest = choices.needs_manifests(marks, &known);
        let referrers_of = if by_digest { marks.tags.clone() } else { Vec::new() };
        Self { details, manifests: by_digest, referrers_of, probe: by_digest && !read_only }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Step {
    #[default]
    Listing,
    Tags,
    Manifests,
    Referrers,
}

/// The newest one counts; whoever looks seldom misses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    pub step: Step,
    pub done: usize,
    /// As far as it is known.
    pub of: usize,
}

/// Reads the repository. An error means that nothing can be said of it; what concerns single tags or manifests is
/// noted in the snapshot, where it counts as unknown.
pub async fn survey(
    backend: &dyn Backend,
    place: &Place,
    wanted: &Wanted,
    seen: &Seen,
    progress: &watch::Sender<Progress>,
) -> Result<Snapshot> {
    let repo = &place.repo;
    let inventory = backend.inventory(repo).await?;
    let (tags, complete) = match &inventory {
        Some(all) => (listed(backend, repo, all, wanted.details, seen, progress).await?, all.complete()),
        None => {
            let names = names(backend, repo).await?;
            (targets(backend, repo, names.all, wanted.details, seen, progress).await?, names.complete)
        }
    };
    let mut snapshot = Snapshot {
        registry: place.registry.clone(),
        origin: place.origin.clone(),
        kind: backend.kind(),
        repo: repo.clone(),
        // Its end: a large repository takes longer to read than a plan lives.
        time: Timestamp::now(),
        tags,
        complete,
        // Where a list tells what tags are on, nothing is below that or beside it.
        deep: inventory.is_some(),
        manifests: inventory.as_ref().map(images).unwrap_or_default(),
        referrers: Default::default(),
        referrers_known: inventory.is_some(),
        deletes: deletes(backend, repo),
        protection: place.protection.clone(),
    };
    snapshot.label(&place.labels);
    deepen(backend, &mut snapshot, wanted, progress).await?;
    Ok(snapshot)
}

/// Reads what is wanted beyond what a snapshot has. What it has stands: a tag is asked again right before it goes.
pub async fn deepen(
    backend: &dyn Backend,
    snapshot: &mut Snapshot,
    wanted: &Wanted,
    progress: &watch::Sender<Progress>,
) -> Result<()> {
    let begun = Instant::now();
    let repo = &snapshot.repo;
    if wanted.manifests && snapshot.kind.words().nests {
        let mut known = Known::from(std::mem::take(&mut snapshot.manifests));
        let from = snapshot.tags.iter().filter_map(|tag| tag.target.digest()).cloned();
        known.read(backend, repo, from, progress).await?;
        let marked = wanted.referrers_of.iter().collect();
        let tags = (&snapshot.tags[..], snapshot.complete);
        let referrers = referrers::read(backend, repo, tags, &marked, &mut known, progress).await?;
        (snapshot.deep, snapshot.manifests) = (true, known.into_found());
        (snapshot.referrers, snapshot.referrers_known) = (referrers.of, referrers.known);
    }
    if wanted.probe {
        let known = deletes(backend, repo);
        snapshot.deletes = learn_by_digest(backend, repo, known).await?;
    }
    // The time it took does not make it older.
    snapshot.time = snapshot.time.checked_add(begun.elapsed()).unwrap_or(snapshot.time);
    Ok(())
}
