//! The list of tags, and what each of them points at now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::polite::{Patience, polite};
use super::{Progress, Step};
use crate::backend::{Backend, Error, Result};
use crate::domain::cleanup::{TagFact, Target};
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::tag::DigestInfo;

/// Pages on their way.
const PAGES: usize = 4;

/// The tags of a repository, each once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub all: Vec<TagName>,
    /// It ended properly, and everything in it is a tag. What else a server lists cannot be asked for.
    pub complete: bool,
}

pub async fn names(backend: &dyn Backend, repo: &RepoName) -> Result<Names> {
    let (pages, mut incoming) = mpsc::channel::<Vec<Listed<TagName>>>(PAGES);
    let gather = async {
        let (mut all, mut seen, mut proper) = (Vec::new(), HashSet::new(), true);
        while let Some(page) = incoming.recv().await {
            for entry in page {
                match entry {
                    Listed::Valid(name) if seen.insert(name.clone()) => all.push(name),
                    Listed::Valid(_) => {}
                    Listed::Invalid(_) => proper = false,
                }
            }
        }
        (all, proper)
    };
    let (end, (all, proper)) = tokio::join!(backend.tags(repo, pages), gather);
    Ok(Names { all, complete: end?.complete && proper })
}

/// What a tag pointed at, and what was read of that.
pub type Sighting = (Digest, Option<Arc<DigestInfo>>);

/// What somebody read of tags a moment ago: these are not asked again, but for those a plan is about, and for what shares
/// a digest with them.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub tags: HashMap<TagName, Sighting>,
    pub anew: HashSet<TagName>,
}

impl Seen {
    /// What can be used of it.
    fn still(&self, details: bool) -> HashMap<&TagName, &Sighting> {
        let asked: HashSet<&Digest> = self.anew.iter().filter_map(|tag| Some(&self.tags.get(tag)?.0)).collect();
        let tells = |(_, info): &Sighting| info.is_some() || !details;
        let stays = |tag: &TagName, seen: &Sighting| !self.anew.contains(tag) && !asked.contains(&seen.0);
        self.tags.iter().filter(|(tag, seen)| stays(tag, seen) && tells(seen)).collect()
    }
}

/// Every tag in the order of the list, asked unless it was `seen`.
pub async fn targets(
    backend: &dyn Backend,
    repo: &RepoName,
    names: Vec<TagName>,
    details: bool,
    seen: &Seen,
    progress: &watch::Sender<Progress>,
) -> Result<Vec<TagFact>> {
    let still = seen.still(details);
    let mut facts: Vec<Option<TagFact>> = names.iter().map(|name| Some(known(name, still.get(name)?))).collect();
    let asked: Vec<_> = names.into_iter().enumerate().filter(|(at, _)| facts[*at].is_none()).collect();
    let of = asked.len();
    let tell = |done| {
        progress.send_replace(Progress { step: Step::Tags, done, of });
    };
    tell(0);
    let (mut done, mut patience) = (0, Patience::default());
    let ask = |(at, name): (usize, TagName)| async move { (at, target(backend, repo, name, details).await) };
    polite(backend, asked, ask, |(at, (fact, error))| {
        match error {
            Some(error) => drop(patience.failed(error)?),
            None => patience.fine(),
        }
        facts[at] = Some(fact);
        done += 1;
        tell(done);
        Ok(())
    })
    .await?;
    Ok(facts.into_iter().flatten().collect())
}

fn known(name: &TagName, (digest, info): &Sighting) -> TagFact {
    let target = Target::At(digest.clone());
    TagFact { name: name.clone(), target, info: info.clone(), pushed: None, label: None, note: None }
}

/// One request where everything goes well. The error, if any, is in the fact as well.
async fn target(backend: &dyn Backend, repo: &RepoName, name: TagName, details: bool) -> (TagFact, Option<Error>) {
    let mut info = None;
    let digest = match details {
        true => match backend.tag_info(repo, &name).await {
            Ok(read) => {
                let digest = read.digest.clone();
                info = Some(read);
                Ok(digest)
            }
            // What cannot be shown may still be known by its digest.
            Err(error) if !error.is_not_found() && !error.kind.is_no_answer() => resolve(backend, repo, &name).await,
            Err(error) => Err(error),
        },
        false => resolve(backend, repo, &name).await,
    };
    let (target, error) = match digest {
        Ok(digest) => (Target::At(digest), None),
        Err(error) if error.is_not_found() => (Target::Dangling, None),
        Err(error) => (Target::Unknown(error.what.clone()), Some(error)),
    };
    (TagFact { name, target, info, pushed: None, label: None, note: None }, error)
}

async fn resolve(backend: &dyn Backend, repo: &RepoName, name: &TagName) -> Result<Digest> {
    backend.resolve(repo, &Reference::Tag(name.clone())).await.map(|resolved| resolved.digest)
}
