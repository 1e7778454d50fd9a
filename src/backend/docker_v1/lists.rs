//! Repositories, by the only list the protocol has: a search. And tags.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use tokio::sync::mpsc;

use super::convert::{self, Results};
use super::session::{To, Way};
use super::{DockerV1, assumed, failure};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Op, limits};
use crate::backend::paged::{self, Bounds, Sheet};
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::repository::RepoInfo;

/// Rows handed over at a time, so that a huge list shows before it is through.
const BATCH: usize = 2_000;
const SEARCH: Op = Op::List("searching");
const TAGS: Op = Op::List("listing tags");

/// Where the tags of a repository were when they were listed.
pub(super) type Known = Arc<HashMap<TagName, Arc<str>>>;

impl DockerV1 {
    /// A search for nothing finds everything, on servers that have one at all.
    pub(super) async fn list(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        let end = self.find("", pages).await;
        match &end {
            Ok(_) => self.learn(|known| (known.listing, known.listing_note) = (Support::Yes, None)),
            Err(error) if matches!(error.kind, ErrorKind::Unsupported | ErrorKind::NotFound) => {
                let note = Clean::fixed("this registry has no search, and its protocol has no other list");
                self.learn(|known| (known.listing, known.listing_note) = (Support::No, Some(note)));
            }
            Err(_) => {}
        }
        end.map_err(|error| match error.kind {
            ErrorKind::Unsupported | ErrorKind::NotFound => {
                let what = format!("{} does not list its repositories: it has no search", self.http.host());
                let error = Error { what: clean::line(&what), kind: ErrorKind::Unsupported, ..error };
                error.hint("Type a repository's name to open it.")
            }
            _ => error,
        })
    }

    pub(super) async fn find(&self, term: &str, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        // A server that ignores the number of the page sends the same one for ever.
        let before: Mutex<Vec<String>> = Mutex::default();
        let fetch = |page: u64| {
            let before = &before;
            async move {
                let answer = self.search_page(term, page).await?;
                let results = convert::results(&answer.body).ok_or_else(|| self.http.misshapen(SEARCH, &answer))?;
                let names: Vec<String> = results.found.iter().map(|found| found.name.clone()).collect();
                let last =
                    std::mem::replace(&mut *before.lock().unwrap_or_else(PoisonError::into_inner), names.clone());
                if page > 1 && names == last {
                    return Ok(Sheet::behind());
                }
                Ok(self.sheet(results, page, answer.body.len()))
            }
        };
        paged::walk(1, Bounds::default(), pages, fetch).await
    }

    async fn search_page(&self, term: &str, page: u64) -> Result<Answer> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", term)
            .append_pair("page", &page.to_string())
            .append_pair("n", &assumed::RESULTS.to_string())
            .finish();
        let mut ask = Ask { query: Some(&query), ..Ask::get(SEARCH, "/v1/search") };
        if self.way().await? == Way::Index {
            // With the password this shows private repositories too.
            ask = ask.header("x-docker-token", HeaderValue::from_static("true"));
        }
        let answer = self.call(To::Index, ask).await?;
        self.taken(SEARCH, answer)
    }

    /// What was said of each is kept before its name goes out.
    fn sheet(&self, results: Results, page: u64, bytes: usize) -> Sheet<RepoName> {
        let Results { found, skipped, pages } = results;
        let count = found.len() + skipped;
        let next = match pages {
            Some(pages) => (page < pages).then_some(page + 1),
            // Fewer is the last page; more is a server that counts no pages.
            None => (count == assumed::RESULTS).then_some(page + 1),
        };
        let entries = found.into_iter().map(|found| match assumed::found(&found.name) {
            Some(repo) => {
                self.infos.put(repo.clone(), Arc::new(found.info), 1);
                Listed::Valid(repo)
            }
            None => Listed::Invalid(clean::identifier(&found.name)),
        });
        Sheet { entries: entries.collect(), skipped, bytes, next, total: None }
    }

    pub(super) async fn list_tags(
        &self,
        repo: &RepoName,
        pages: mpsc::Sender<Vec<Listed<TagName>>>,
    ) -> Result<ListEnd> {
        let mut rows = Vec::new();
        let known = self.read_tags(repo, &mut rows).await?;
        self.tags.put(repo.clone(), known, 1);
        let mut skipped = 0;
        if rows.len() > limits::LIST_ENTRIES {
            skipped = rows.len() - limits::LIST_ENTRIES;
            rows.truncate(limits::LIST_ENTRIES);
        }
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(BATCH));
            if pages.send(std::mem::replace(&mut rows, rest)).await.is_err() {
                return Ok(ListEnd::default());
            }
        }
        let note = (skipped > 0).then(|| clean::line(&format!("incomplete: {skipped} more than tagboat reads")));
        Ok(ListEnd { complete: skipped == 0, note })
    }

    /// What the list says; a tag whose id it cuts is asked for by itself.
    pub(super) async fn all_tags(&self, repo: &RepoName) -> Result<Inventory> {
        let mut rows = Vec::new();
        let known = self.read_tags(repo, &mut rows).await?;
        self.tags.put(repo.clone(), Arc::clone(&known), 1);
        let mut all = Inventory { ended: true, named: true, ..Inventory::default() };
        for row in rows {
            let Listed::Valid(tag) = row else {
                all.named = false;
                continue;
            };
            let on = match known.get(&tag) {
                Some(id) => convert::digest(id),
                None => match self.settle(repo, &Reference::Tag(tag.clone())).await {
                    Ok(resolved) => Some(resolved.digest),
                    Err(error) if error.is_not_found() => None,
                    Err(error) => return Err(error),
                },
            };
            match on {
                Some(digest) => all.tags.push((tag, digest)),
                None => all.named = false,
            }
        }
        Ok(all)
    }

    /// One answer has them all. A tag without an image is damaged: it is listed, and goes into no request.
    async fn read_tags(&self, repo: &RepoName, rows: &mut Vec<Listed<TagName>>) -> Result<Known> {
        let path = format!("/v1/repositories/{}/tags", assumed::full(repo));
        let answer = self.call(To::Read(repo), Ask { cap: limits::TAGS_PAGE, ..Ask::get(TAGS, &path) }).await?;
        let answer = self.taken(TAGS, answer)?;
        if failure::is_page(&answer) {
            return Err(self.http.misshapen(TAGS, &answer));
        }
        let tags = convert::tags(&answer.body).ok_or_else(|| self.http.misshapen(TAGS, &answer))?;
        let mut known = HashMap::new();
        for (name, image) in tags {
            match (TagName::parse(&name), image) {
                (Ok(tag), Some(image)) => {
                    // Docker Hub cuts the ids: such a one is asked for when it is needed.
                    if let Some(id) = convert::id(&image) {
                        known.insert(tag.clone(), id);
                    }
                    rows.push(Listed::Valid(tag));
                }
                _ => rows.push(Listed::Invalid(clean::identifier(&name))),
            }
        }
        Ok(Arc::new(known))
    }

    /// What properties say besides what the search said.
    pub(super) async fn look_up(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        let mut rows = Vec::new();
        let tags = self.read_tags(repo, &mut rows).await?;
        let known = self.infos.get(repo).unwrap_or_default();
        let info = RepoInfo {
            tags: Some(rows.len() as u64),
            public: self.is_public(repo).await?.or(known.public),
            ..RepoInfo::clone(&known)
        };
        let info = Arc::new(info);
        self.tags.put(repo.clone(), tags, 1);
        self.infos.put(repo.clone(), Arc::clone(&info), 1);
        Ok(info)
    }
}
