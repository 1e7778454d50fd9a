//! The two lists (ml-space.md §3, §5): the repositories of the workspace, and the images of a repository with their tags.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::known::{Contents, Repository};
use super::session::Want;
use super::{MlSpace, assumed, convert, failure, wire};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Op, limits};
use crate::backend::json::Object;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;
use crate::domain::uuid::Uuid;

pub(super) const CURRENT: Op = Op::Read("reading the registry of the workspace");
const REPOSITORIES: Op = Op::List("listing repositories");
const IMAGES: Op = Op::List("listing images");

/// Rows handed over at a time.
const BATCH: usize = 500;

/// What a walk over the repositories has brought so far.
#[derive(Default)]
struct Brought {
    ids: HashSet<Uuid>,
    /// Those of this pass: pages bring again what the whole list has brought.
    pass: HashSet<Uuid>,
    names: HashSet<RepoName>,
    skipped: usize,
}

/// Nobody wants the list any more.
struct Unwanted;

type Pages = mpsc::Sender<Vec<Listed<RepoName>>>;

impl MlSpace {
    /// Boxed: everything here ends in it, and layers of futures are one type otherwise.
    pub(super) fn sent<'a>(&'a self, want: Want<'a>) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.session.send(&self.http, want))
    }

    /// A read's answer, which is a success.
    pub(super) async fn read(&self, op: Op, path: &str, query: Option<&str>) -> Result<Answer> {
        let answer = self.sent(Want { query, ..Want::get(op, path) }).await?;
        if answer.status == 200 { Ok(answer) } else { Err(failure::declined(&self.http, op, &answer)) }
    }

    /// How many repositories the registry says it has.
    pub(super) async fn count(&self) -> Result<Option<u64>> {
        let answer = self.read(CURRENT, "/docker_registry/v2/registries/current", None).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let registry = Object::parse(&text).filter(|registry| registry.has("id"));
        Ok(registry.ok_or_else(|| self.http.misshapen(CURRENT, &answer))?.number("repositories_count"))
    }

    /// All repositories, to whoever wants them, and into what is known.
    pub(super) async fn walk(&self, pages: Option<Pages>) -> Result<ListEnd> {
        let mut brought = Brought::default();
        let walk = self.walk_all(pages.as_ref(), &mut brought);
        let end = match tokio::time::timeout(limits::LIST_TIME, walk).await {
            Ok(end) => end?,
            Err(_) if brought.ids.is_empty() => {
                return Err(Error::new(ErrorKind::Timeout, "the list did not begin in time"));
            }
            Err(_) => Some("reading it took too long".to_owned()),
        };
        if end.is_none() {
            self.repositories.keep(&brought.names);
        }
        let skipped = match brought.skipped {
            0 => None,
            1 => Some("1 entry skipped".to_owned()),
            n => Some(format!("{n} entries skipped")),
        };
        let complete = end.is_none();
        let parts: Vec<String> = end.map(|why| format!("incomplete: {why}")).into_iter().chain(skipped).collect();
        let note = (!parts.is_empty()).then(|| clean::line(&parts.join("; ")));
        Ok(ListEnd { complete, note })
    }

    /// Everything at once; in pages where that is too long, or less than the registry says it has. Why it is not
    /// complete, where it is not.
    async fn walk_all(&self, pages: Option<&Pages>, brought: &mut Brought) -> Result<Option<String>> {
        let whole = match self.page(None, pages, brought).await {
            Ok(Ok(_)) => true,
            Ok(Err(Unwanted)) => return Ok(Some("it was not read to its end".to_owned())),
            Err(error) if error.over_cap => false,
            Err(error) => return Err(error),
        };
        // The list itself has no total (§3).
        let said = self.count().await.ok().flatten();
        let lacks = |brought: &Brought| said.is_some_and(|said| said > (brought.ids.len() + brought.skipped) as u64);
        if whole && !lacks(brought) {
            return Ok(None);
        }
        if let Some(why) = self.walk_pages(pages, brought).await? {
            return Ok(Some(why));
        }
        Ok(match said {
            Some(said) if lacks(brought) => Some(format!("the registry says it has {said} repositories")),
            // A short or empty page does not prove the end.
            None => Some("the registry does not say how many there are".to_owned()),
            Some(_) => None,
        })
    }

    async fn walk_pages(&self, pages: Option<&Pages>, brought: &mut Brought) -> Result<Option<String>> {
        brought.pass.clear();
        brought.skipped = 0;
        for number in 1..=limits::LIST_PAGES {
            let before = brought.pass.len();
            match self.page(Some(number), pages, brought).await {
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) if brought.pass.len() == before => return Ok(None),
                Ok(Ok(_)) if brought.ids.len() >= limits::LIST_ENTRIES => break,
                Ok(Ok(_)) => {}
                Ok(Err(Unwanted)) => return Ok(Some("it was not read to its end".to_owned())),
                Err(error) if brought.ids.is_empty() => return Err(error),
                Err(error) => return Ok(Some(error.what.to_string())),
            }
        }
        Ok(Some("the list is longer than tagboat reads".to_owned()))
    }

    /// One request; how many entries it brought. What is new among them is known before anybody hears of it.
    async fn page(
        &self,
        number: Option<usize>,
        pages: Option<&Pages>,
        brought: &mut Brought,
    ) -> Result<Result<usize, Unwanted>> {
        let query = number.map(|number| format!("page={number}&page_size={}", assumed::PAGE));
        let answer = self.read(REPOSITORIES, "/docker_registry/v2/repositories/", query.as_deref()).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let list = wire::list(&text, wire::repository).ok_or_else(|| self.http.misshapen(REPOSITORIES, &answer))?;
        let count = list.entries.len() + list.skipped;
        brought.skipped += list.skipped;
        let mut rows = Vec::new();
        for entry in list.entries.iter().take(limits::LIST_ENTRIES) {
            brought.pass.insert(entry.id);
            if !brought.ids.insert(entry.id) {
                continue;
            }
            let Ok(name) = RepoName::loose(&entry.name) else {
                rows.push(Listed::Invalid(clean::identifier(&entry.name)));
                continue;
            };
            if brought.names.insert(name.clone()) {
                let info = Arc::new(convert::repository(entry));
                self.repositories.put(name.clone(), Repository { id: entry.id, info });
                rows.push(Listed::Valid(name));
            }
        }
        let Some(pages) = pages else { return Ok(Ok(count)) };
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            if pages.send(rows.by_ref().take(BATCH).collect()).await.is_err() {
                return Ok(Err(Unwanted));
            }
        }
        Ok(Ok(count))
    }

    /// The id behind a name. A program that has listed nothing yet reads the list for it.
    pub(super) async fn id_of(&self, name: &RepoName) -> Result<Uuid> {
        if let Some(known) = self.repositories.get(name) {
            return Ok(known.id);
        }
        self.naming.run((), || async { Box::pin(self.walk(None)).await.map(drop) }).await?;
        let known = self.repositories.get(name).map(|known| known.id);
        known.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{} has no repository {name}", self.http.host())))
    }

    /// The images and tags of a repository, read now.
    pub(super) async fn load(&self, name: &RepoName) -> Result<Arc<Contents>> {
        self.loading.run(name.clone(), || self.read_contents(name)).await
    }

    /// The same as it was read last, if it was.
    pub(super) async fn contents_of(&self, name: &RepoName) -> Result<Arc<Contents>> {
        match self.contents.get(name) {
            Some(contents) => Ok(contents),
            None => self.load(name).await,
        }
    }

    pub(super) async fn read_contents(&self, name: &RepoName) -> Result<Arc<Contents>> {
        let id = self.id_of(name).await?;
        let contents = match self.images(id).await {
            // Deleted, and perhaps pushed again under that name.
            Err(error) if error.is_not_found() => {
                self.repositories.forget(name);
                match self.id_of(name).await? {
                    same if same == id => return Err(error),
                    other => self.images(other).await?,
                }
            }
            read => read?,
        };
        let contents = Arc::new(contents);
        self.keep(name, &contents);
        Ok(contents)
    }

    pub(super) fn keep(&self, name: &RepoName, contents: &Arc<Contents>) {
        self.contents.put(name.clone(), Arc::clone(contents), contents.weight());
    }

    /// Never in pages: they cut through images (§3).
    async fn images(&self, id: Uuid) -> Result<Contents> {
        let query = format!("repository_id={id}");
        let answer = self.read(IMAGES, "/docker_registry/v2/images/", Some(&query)).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let list = wire::list(&text, wire::image).ok_or_else(|| self.http.misshapen(IMAGES, &answer))?;
        Ok(Contents::read(&list))
    }
}
