//! What rows show beyond their names: many small reads at once.

use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;

use super::{Out, PAGES};
use crate::app::msg::Event;
use crate::backend::{self, Backend};
use crate::domain::error::ErrorKind;
use crate::domain::page::Listed;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::tag::TagState;

/// Tag details are handed over in groups: one message each would be a frame each.
const GROUP: usize = 32;

/// Every tag's details; as many at once as the backend's adaptive limit lets through.
pub(super) async fn details(out: &Out, backend: &Arc<dyn Backend>, repo: &RepoName, tags: Vec<TagName>) {
    let mut waiting = tags.into_iter();
    let mut running = FuturesUnordered::new();
    let mut group = Vec::with_capacity(GROUP);
    let mut few_left = None;
    loop {
        while running.len() < backend.parallelism().max(1) {
            let Some(tag) = waiting.next() else { break };
            running.push(async move {
                let state = match backend.tag_info(repo, &tag).await {
                    Ok(info) => TagState::Known(info),
                    Err(error) if error.kind == ErrorKind::NotFound => TagState::Dangling,
                    Err(error) => TagState::Failed(error.report().into()),
                };
                (tag, state)
            });
        }
        let Some(one) = running.next().await else { break };
        group.push(one);
        // Whatever is ready now goes along; a group is sent as soon as nothing more is.
        while group.len() < GROUP {
            match running.next().now_or_never() {
                Some(Some(more)) => group.push(more),
                _ => break,
            }
        }
        out.facts(&**backend, repo, group.iter().map(|(tag, _)| tag)).await;
        out.send(Event::Details(std::mem::take(&mut group))).await;
        out.spare(&**backend, &mut few_left).await;
    }
}

pub(super) async fn counts(out: &Out, backend: &Arc<dyn Backend>, repos: Vec<RepoName>) {
    let mut waiting = repos.into_iter();
    let mut running = FuturesUnordered::new();
    let mut few_left = None;
    loop {
        // Whole tag lists are heavy for a server; a few at a time are enough for a column.
        while running.len() < 4 {
            let Some(repo) = waiting.next() else { break };
            running.push(async move {
                let count = count(backend, &repo).await.map_err(|e| e.report());
                (repo, count)
            });
        }
        let Some((repo, count)) = running.next().await else { break };
        out.send(Event::TagCount(repo, count)).await;
        out.spare(&**backend, &mut few_left).await;
    }
}

async fn count(backend: &Arc<dyn Backend>, repo: &RepoName) -> backend::Result<usize> {
    let (pages, mut incoming) = mpsc::channel::<Vec<Listed<TagName>>>(PAGES);
    let sum = async {
        let mut n = 0;
        while let Some(page) = incoming.recv().await {
            n += page.len();
        }
        n
    };
    match tokio::join!(backend.tags(repo, pages), sum) {
        (Ok(_), n) => Ok(n),
        // A repository that never had a tag (mounted blobs only) is in the catalogue and answers 404.
        (Err(error), _) if error.is_not_found() => Ok(0),
        (Err(error), _) => Err(error),
    }
}
