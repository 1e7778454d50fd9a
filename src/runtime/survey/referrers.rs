//! What refers to the manifests a plan is about: by the API where there is one, and by the fall-back tags of the list
//! (oci-distribution.md §8).

use std::collections::{HashMap, HashSet};

use tokio::sync::watch;

use super::polite::{Patience, polite};
use super::{Known, Progress, Step};
use crate::backend::{Backend, Result};
use crate::domain::capability::Support;
use crate::domain::cleanup::{TagFact, referrer_tag};
use crate::domain::reference::{Digest, RepoName, TagName};

/// Signatures of SBOMs of images, and no further.
const ROUNDS: usize = 4;

#[derive(Debug, Default)]
pub struct Found {
    pub of: HashMap<Digest, Vec<Digest>>,
    pub known: bool,
}

pub async fn read(
    backend: &dyn Backend,
    repo: &RepoName,
    (tags, complete): (&[TagFact], bool),
    marked: &HashSet<&TagName>,
    known: &mut Known,
    progress: &watch::Sender<Progress>,
) -> Result<Found> {
    let mut found = Found { of: HashMap::new(), known: complete };
    for tag in tags.iter().filter(|tag| referrer_tag::is_fallback(&tag.name)) {
        let listed = tag.target.digest().and_then(|digest| known.fact(digest));
        match (referrer_tag::subject(&tag.name), listed) {
            (Some(subject), Some(index)) => found.of.entry(subject).or_default().extend(index.children.iter().cloned()),
            _ => found.known = false,
        }
    }
    let from = tags.iter().filter(|tag| marked.contains(&tag.name)).filter_map(|tag| tag.target.digest());
    let mut open: Vec<Digest> = known.below(from).into_iter().cloned().collect();
    let (mut asked, mut api, mut patience): (HashSet<Digest>, Option<bool>, _) =
        (HashSet::new(), None, Patience::default());
    for _ in 0..ROUNDS {
        open.retain(|digest| asked.insert(digest.clone()));
        open.sort_unstable();
        if open.is_empty() {
            break;
        }
        let mut work = std::mem::take(&mut open);
        // The first answer tells whether there is such an API at all.
        let first = if api.is_none() { work.split_off(work.len() - 1) } else { Vec::new() };
        let (mut done, of) = (0, asked.len());
        let mut new = HashSet::new();
        for part in [first, work] {
            if api == Some(false) {
                break;
            }
            let ask = |digest: Digest| async move {
                let answer = backend.referred_by(repo, &digest).await;
                (digest, answer)
            };
            let read = polite(backend, part, ask, |(digest, answer)| {
                done += 1;
                progress.send_replace(Progress { step: Step::Referrers, done, of });
                match answer {
                    Ok(Some(answer)) => {
                        api = Some(true);
                        patience.fine();
                        found.known &= answer.incomplete.is_none();
                        let list: Vec<Digest> = answer.list.into_iter().map(|one| one.descriptor.digest).collect();
                        new.extend(list.iter().cloned());
                        found.of.entry(digest).or_default().extend(list);
                    }
                    Ok(None) => api = Some(false),
                    Err(error) => {
                        patience.failed(error)?;
                        found.known = false;
                    }
                }
                Ok(())
            });
            read.await?;
        }
        known.read(backend, repo, new.iter().cloned(), progress).await?;
        open = known.below(&new).into_iter().cloned().collect();
    }
    open.retain(|digest| !asked.contains(digest));
    found.known &= match api {
        Some(true) => open.is_empty(),
        Some(false) => true,
        None => backend.capabilities().referrers == Support::No,
    };
    for list in found.of.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    Ok(found)
}
