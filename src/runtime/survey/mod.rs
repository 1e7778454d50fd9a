//! Reads what a plan has to know of one repository, as it is now.
//!
//! What a tag points at is always asked: a digest from a list that was seen earlier is no ground for a deletion
//! (safety.md E5). Content by digest comes from the cache first; it cannot have changed. Nothing is written anywhere,
//! so a survey is given up by dropping it.

mod known;
mod polite;
mod referrers;
mod tags;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::backend::{Backend, DeleteProbe, Error, Result};
use crate::domain::capability::Support;
use crate::domain::cleanup::{Choices, Deletes, Marks, Protection, Snapshot};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{RepoName, TagName};

pub(super) use known::Known;
pub(super) use polite::polite;
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
    /// Ask the registry, with a DELETE of something that does not exist, whether it deletes at all. Leaves a line in its
    /// log, so only for a plan that is about to be shown; never in read-only mode.
    pub probe: bool,
}

impl Wanted {
    /// What a plan with these choices needs. `details`: a rule or a protection asks more than names.
    pub fn for_plan(marks: &Marks, choices: &Choices, known: Deletes, details: bool, read_only: bool) -> Self {
        let by_digest = choices.deletes_manifests() || choices.placeholder || marks.untagged || !known.can_untag();
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
    progress: &watch::Sender<Progress>,
) -> Result<Snapshot> {
    let repo = &place.repo;
    let names = names(backend, repo).await?;
    let tags = targets(backend, repo, names.all, wanted.details, progress).await?;
    let mut known = Known::default();
    let mut referrers = referrers::Found::default();
    if wanted.manifests {
        let from = tags.iter().filter_map(|tag| tag.target.digest()).cloned();
        known.read(backend, repo, from, progress).await?;
        let marked = wanted.referrers_of.iter().collect();
        referrers = referrers::read(backend, repo, (&tags, names.complete), &marked, &mut known, progress).await?;
    }
    let deletes = if wanted.probe { probed(backend, repo).await? } else { deletes(backend, repo) };
    Ok(Snapshot {
        registry: place.registry.clone(),
        origin: place.origin.clone(),
        repo: repo.clone(),
        // Its end: a large repository takes longer to read than a plan lives.
        time: Timestamp::now(),
        tags,
        complete: names.complete,
        manifests: known.into_found(),
        referrers: referrers.of,
        referrers_known: referrers.known,
        deletes,
        protection: place.protection.clone(),
    })
}

/// What the registry has taught so far.
pub fn deletes(backend: &dyn Backend, repo: &RepoName) -> Deletes {
    let general = Deletes::from(&backend.capabilities());
    let learnt = backend.deletes(repo);
    let one = |learnt: Support, general| if learnt == Support::Unknown { general } else { learnt };
    Deletes {
        tag: one(learnt.tag.support, general.tag),
        manifest: one(learnt.manifest.support, general.manifest),
        ..general
    }
}

async fn probed(backend: &dyn Backend, repo: &RepoName) -> Result<Deletes> {
    let answer = backend.probe_delete(repo).await;
    let known = deletes(backend, repo);
    match answer {
        Ok(DeleteProbe::On) => Ok(Deletes { manifest: Support::Yes, ..known }),
        // distribution answers so to every DELETE while deletion is switched off (oci-distribution.md §11.1).
        Ok(DeleteProbe::Off(_)) => {
            let tag = if known.tag == Support::Yes { Support::Yes } else { Support::No };
            Ok(Deletes { tag, manifest: Support::No, ..known })
        }
        Ok(DeleteProbe::Denied(why)) => Err(Error::new(ErrorKind::Denied, why.as_str())),
        // Read-only mode, or a system without such a request: what deletes are worth will be seen.
        Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::Unsupported) => Ok(known),
        Err(error) => Err(error),
    }
}
