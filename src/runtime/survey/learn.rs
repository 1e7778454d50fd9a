//! How a repository deletes: what its answers have taught, and what can be asked without deleting anything.

use crate::backend::{Backend, DeleteProbe, Error, Result};
use crate::domain::capability::{Ability, Support};
use crate::domain::cleanup::Deletes;
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;
use crate::domain::registry::BackendKind;

/// What the registry has taught so far.
pub fn deletes(backend: &dyn Backend, repo: &RepoName) -> Deletes {
    let general = Deletes::from(&backend.capabilities());
    let learnt = backend.deletes(repo);
    if backend.kind() != BackendKind::Oci {
        return own(backend, general.tag, learnt.tag.support);
    }
    let one = |learnt: Support, general| if learnt == Support::Unknown { general } else { learnt };
    Deletes {
        tag: one(learnt.tag.support, general.tag),
        manifest: one(learnt.manifest.support, general.manifest),
        ..general
    }
}

/// A system with an interface of its own says what it deletes, and learns nothing by trying.
fn own(backend: &dyn Backend, general: Support, learnt: Support) -> Deletes {
    let tag = if learnt == Support::Unknown { general } else { learnt };
    let images = backend.capabilities().can(Ability::DeleteImages);
    Deletes {
        tag,
        manifest: if images { Support::Yes } else { Support::No },
        vendor: tag != Support::No,
        tags_first: false,
    }
}

/// Asks what is not known yet, with the DELETE of a tag that nobody has (oci-distribution.md §11.2), and of a digest where
/// the plan may come to need it: where a tag can go alone, nothing else has to be known. `by_digest`: it is needed
/// whatever the answer.
pub async fn learn(backend: &dyn Backend, repo: &RepoName, by_digest: bool) -> Result<Deletes> {
    let known = learn_by_tag(backend, repo).await?;
    match by_digest || !known.can_untag() {
        true => learn_by_digest(backend, repo, known).await,
        false => Ok(known),
    }
}

/// Asks with the DELETE of a tag that nobody has, where it is not known whether a tag can go alone.
pub async fn learn_by_tag(backend: &dyn Backend, repo: &RepoName) -> Result<Deletes> {
    let mut known = deletes(backend, repo);
    if known.tag == Support::Unknown && !known.vendor {
        match heard(backend.probe_untag(repo).await)? {
            Some(DeleteProbe::Off(_)) => known.tag = Support::No,
            // Who knows no deletion of tags may look for a manifest of that name, and say that there is none.
            Some(DeleteProbe::On | DeleteProbe::Denied(_)) | None => {}
        }
    }
    Ok(known)
}

/// Asks with the DELETE of a digest that nobody has.
pub async fn learn_by_digest(backend: &dyn Backend, repo: &RepoName, known: Deletes) -> Result<Deletes> {
    Ok(match heard(backend.probe_delete(repo).await)? {
        Some(DeleteProbe::On) => Deletes { manifest: Support::Yes, ..known },
        // distribution answers so to every DELETE while deletion is switched off (oci-distribution.md §11.1).
        Some(DeleteProbe::Off(_)) => {
            let tag = if known.tag == Support::Yes { Support::Yes } else { Support::No };
            Deletes { tag, manifest: Support::No, ..known }
        }
        Some(DeleteProbe::Denied(_)) | None => known,
    })
}

/// `None`: that did not tell.
fn heard(answer: Result<DeleteProbe>) -> Result<Option<DeleteProbe>> {
    use ErrorKind as K;
    match answer {
        Ok(DeleteProbe::Denied(why)) => Err(Error::new(K::Denied, why.as_str())),
        Ok(answer) => Ok(Some(answer)),
        // Read-only mode, a system without such a request, or a name it does not like: what deletes are worth will be
        // seen.
        Err(error) if matches!(error.kind, K::Forbidden | K::Unsupported | K::Refused | K::NotFound | K::BadAnswer) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
