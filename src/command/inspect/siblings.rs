//! The tags that stand on one digest.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::backend::{self, Backend};
use crate::command::Io;
use crate::domain::order;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};

/// Each tag costs a request, and one image is not worth thousands of them.
const MOST: usize = 1000;

/// `None` when it is not known; the reason is told.
pub async fn tags(
    backend: &dyn Backend,
    repository: &RepoName,
    digest: &Digest,
    io: &mut Io<'_>,
) -> Option<Vec<String>> {
    match find(backend, repository, digest, io).await {
        Ok(Ok(names)) => Some(names),
        Ok(Err(why)) => {
            io.note(&format!("Which tags are on this digest is not known: {why}"));
            None
        }
        Err(error) => {
            io.note(&format!("Which tags are on this digest is not known: {}", error.what));
            None
        }
    }
}

async fn find(
    backend: &dyn Backend,
    repository: &RepoName,
    digest: &Digest,
    io: &mut Io<'_>,
) -> backend::Result<Result<Vec<String>, String>> {
    let (pages, mut arriving) = mpsc::channel::<Vec<Listed<TagName>>>(4);
    let receiving = async {
        let mut all: Vec<TagName> = Vec::new();
        while let Some(page) = arriving.recv().await {
            all.extend(page.into_iter().filter_map(|entry| match entry {
                Listed::Valid(name) => Some(name),
                Listed::Invalid(_) => None,
            }));
            if all.len() > MOST {
                break;
            }
        }
        drop(arriving);
        all
    };
    let (listed, all) = futures_util::join!(backend.tags(repository, pages), receiving);
    if all.len() > MOST {
        return Ok(Err(format!("the repository has more than {MOST} tags; `tagboat tags` reads them all")));
    }
    if !listed?.complete {
        return Ok(Err("the list of tags is not complete".to_owned()));
    }
    let total = all.len();
    let mut waiting = all.into_iter();
    let mut running = FuturesUnordered::new();
    let (mut done, mut found) = (0, Vec::new());
    loop {
        while running.len() < backend.parallelism().max(1) {
            let Some(tag) = waiting.next() else { break };
            running.push(async move {
                let resolved = backend.resolve(repository, &Reference::Tag(tag.clone())).await;
                (tag, resolved)
            });
        }
        let Some((tag, resolved)) = running.next().await else { break };
        match resolved {
            Ok(resolved) if resolved.digest == *digest => found.push(tag.to_string()),
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        done += 1;
        io.progress(|| format!("{done} of {total} tags"));
    }
    io.clear();
    order::sort_by_name(&mut found, String::as_str);
    Ok(Ok(found))
}
