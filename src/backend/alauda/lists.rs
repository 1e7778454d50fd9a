//! Reading: repositories, single ones, tags (alauda.md §4, §5).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Alauda, assumed, convert, failure, wire};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Ask, Op, limits};
use crate::backend::json::Object;
use crate::backend::paged::{self, Bounds, Sheet};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::inventory::Inventory;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::repository::RepoInfo;

const LIST: Op = Op::List("listing repositories");
const TAGS: Op = Op::List("listing tags");

impl Alauda {
    pub(super) async fn walk_repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        let namespace = self.namespace().await?;
        let path = format!("{}/repositories/{namespace}/", self.root);
        let fetch = |page| self.page(&namespace, &path, page);
        paged::walk(assumed::FIRST_PAGE, Bounds::default(), pages, fetch).await
    }

    async fn page(&self, namespace: &str, path: &str, page: u64) -> Result<Sheet<RepoName>> {
        let query = format!("page={page}");
        let answer = self.send(Ask { query: Some(&query), ..Ask::get(LIST, path) }).await?;
        match answer.status {
            200..300 => {}
            status if assumed::is_behind_the_last_page(status, page) => return Ok(Sheet::behind()),
            _ => return Err(failure::declined(&self.http, LIST, &answer)),
        }
        let list = wire::List::read(&self.http, LIST, &answer)?;
        let (mut entries, mut skipped) = (Vec::with_capacity(list.items.len()), 0);
        for raw in &list.items {
            let object = Object::parse(raw.get()).unwrap_or_default();
            let Some(name) = object.some_text("repo_name") else {
                skipped += 1;
                continue;
            };
            let full = format!("{namespace}/{name}");
            entries.push(match RepoName::loose(&full) {
                Ok(repo) if !name.contains('/') => {
                    self.keep(&repo, &object, None);
                    Listed::Valid(repo)
                }
                _ => Listed::Invalid(clean::identifier(&full)),
            });
        }
        let next = list.more.then_some(page + 1);
        Ok(Sheet { entries, skipped, bytes: answer.body.len(), next, total: list.count })
    }

    fn keep(&self, repo: &RepoName, object: &Object<'_>, raw: Option<&str>) -> Arc<RepoInfo> {
        let info = Arc::new(convert::repository(repo, object, self.image_host.as_deref(), raw));
        self.repositories.put(repo.clone(), Arc::clone(&info), 1);
        info
    }

    /// One repository, as it is now: more than the list has (§8.4).
    pub(super) async fn look(&self, repo: &RepoName) -> Result<Arc<RepoInfo>> {
        let op = Op::Read("reading a repository");
        let path = self.path(repo)?;
        let answer = self.ask(Ask::get(op, &path)).await?;
        let object: Object<'_> = self.http.json(op, &answer)?;
        let name = repo.as_str().rsplit('/').next();
        if object.text("repo_name").as_deref() != name {
            return Err(self.http.misshapen(op, &answer));
        }
        Ok(self.keep(repo, &object, Some(&String::from_utf8_lossy(&answer.body))))
    }

    pub(super) async fn walk_tags(
        &self,
        repo: &RepoName,
        pages: mpsc::Sender<Vec<Listed<TagName>>>,
    ) -> Result<ListEnd> {
        let path = format!("{}/tags", self.path(repo)?);
        let path = path.as_str();
        let fetch = |page| async move {
            let (sheet, images) = self.tags_page(path, page).await?;
            for (tag, digest) in images {
                self.tags.put((repo.clone(), tag), digest, 1);
            }
            Ok(sheet)
        };
        paged::walk(assumed::FIRST_PAGE, Bounds::default(), pages, fetch).await
    }

    /// All of them at once (§5); a server that pages them is read, too.
    async fn tags_page(&self, path: &str, page: u64) -> Result<(Sheet<TagName>, HashMap<TagName, Digest>)> {
        let query = format!("page={page}");
        let query = (page > assumed::FIRST_PAGE).then_some(query.as_str());
        let answer = self.ask(Ask { query, cap: limits::TAGS_PAGE, ..Ask::get(TAGS, path) }).await?;
        let list = wire::List::read(&self.http, TAGS, &answer)?;
        let (mut entries, mut images, mut skipped) = (Vec::with_capacity(list.items.len()), HashMap::new(), 0);
        for raw in &list.items {
            let object = Object::parse(raw.get()).unwrap_or_default();
            let Some(name) = object.some_text("tag") else {
                skipped += 1;
                continue;
            };
            entries.push(match TagName::parse(&name) {
                Ok(tag) => {
                    images.insert(tag.clone(), convert::image(&tag, &object));
                    Listed::Valid(tag)
                }
                Err(_) => Listed::Invalid(clean::identifier(&name)),
            });
        }
        let next = list.more.then_some(page + 1);
        let sheet = Sheet { entries, skipped, bytes: answer.body.len(), next, total: list.count };
        Ok((sheet, images))
    }

    /// What a tag is on now. The list is what is documented; the call for a single tag is of one early client (§5).
    pub(super) async fn image_of(&self, repo: &RepoName, tag: &TagName) -> Result<Digest> {
        let path = format!("{}/tags", self.path(repo)?);
        let mut page = assumed::FIRST_PAGE;
        loop {
            let (sheet, mut images) = self.tags_page(&path, page).await?;
            if let Some(digest) = images.remove(tag) {
                self.tags.put((repo.clone(), tag.clone()), digest.clone(), 1);
                return Ok(digest);
            }
            page = match sheet.next {
                Some(next) if !sheet.entries.is_empty() && next < limits::LIST_PAGES as u64 => next,
                _ => break,
            };
        }
        let what = format!("{} has no tag {tag} in {repo}", self.http.host());
        Err(Error { status: Some(404), ..Error::new(ErrorKind::NotFound, what) })
    }

    /// All pages of the list.
    pub(super) async fn all_tags(&self, repo: &RepoName) -> Result<Inventory> {
        let path = format!("{}/tags", self.path(repo)?);
        let mut all = Inventory { ended: true, named: true, ..Inventory::default() };
        let (mut page, mut seen) = (assumed::FIRST_PAGE, HashSet::new());
        loop {
            let (sheet, mut images) = self.tags_page(&path, page).await?;
            all.ended &= sheet.skipped == 0;
            let (empty, before) = (sheet.entries.is_empty(), seen.len());
            for entry in sheet.entries {
                let Listed::Valid(tag) = entry else {
                    all.named = false;
                    continue;
                };
                if let Some(digest) = images.remove(&tag).filter(|_| seen.insert(tag.clone())) {
                    self.tags.put((repo.clone(), tag.clone()), digest.clone(), 1);
                    all.tags.push((tag, digest));
                }
            }
            page = match sheet.next {
                None => return Ok(all),
                // An end like that of every list: no progress, or too long.
                Some(_) if empty || seen.len() == before || seen.len() >= limits::LIST_ENTRIES => break,
                Some(next) if next >= limits::LIST_PAGES as u64 => break,
                Some(next) => next,
            };
        }
        Ok(Inventory { ended: false, ..all })
    }
}
