//! Reading: the two lists, and single entries of them (docker-cloud.md §4, §5).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc;
use url::form_urlencoded::byte_serialize;

use super::{DockerCloud, Known, LIST_REGISTRIES, LIST_REPOSITORIES, assumed, convert, wire};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Ask, Op};
use crate::backend::json::Object;
use crate::backend::paged::{self, Bounds, Sheet};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::RepoName;
use crate::domain::repository::{Elsewhere, Group, GroupFilter};

/// The vendor's service had accounts of some dozens; a list that goes on beyond this is broken (§3).
const MOST: usize = 10_000;

fn bounds() -> Bounds {
    Bounds { entries: MOST, ..Bounds::default() }
}

impl DockerCloud {
    pub(super) async fn greet(&self) -> Result<()> {
        let op = Op::Read("the first greeting");
        let path = format!("{}registry/", self.root);
        let ask = Ask { query: Some("limit=1"), ..Ask::get(op, &path) };
        let answer = self.ask(ask).await.map_err(|error| {
            if !error.is_not_found() {
                return error;
            }
            let what = format!("there is no Docker Cloud at {}: it does not know {path}", self.http.host());
            Error { status: error.status, ..Error::new(ErrorKind::BadAnswer, what) }
        })?;
        wire::Page::read(&self.http, op, &answer).map(drop)
    }

    /// The registries first: they say where the repositories are.
    pub(super) async fn walk_repositories(&self, pages: mpsc::Sender<Vec<Listed<RepoName>>>) -> Result<ListEnd> {
        match self.read_registries(&GroupFilter::default()).await {
            Ok(_) => {}
            Err(error) if error.kind.is_no_answer() => return Err(error),
            // Names say where most repositories are, too.
            Err(_) => {}
        }
        paged::walk(0, bounds(), pages, |offset| self.page(offset)).await
    }

    async fn page(&self, offset: u64) -> Result<Sheet<RepoName>> {
        let path = format!("{}repository/", self.root);
        let query = format!("limit={}&offset={offset}", assumed::LIMIT);
        let answer = self.ask(Ask { query: Some(&query), ..Ask::get(LIST_REPOSITORIES, &path) }).await?;
        let page = wire::Page::read(&self.http, LIST_REPOSITORIES, &answer)?;
        let (mut entries, mut skipped) = (Vec::with_capacity(page.objects.len()), 0);
        for raw in &page.objects {
            let object = Object::parse(raw.get()).unwrap_or_default();
            let Some(name) = object.some_text("name") else {
                skipped += 1;
                continue;
            };
            entries.push(match RepoName::loose(&name) {
                Ok(name) => {
                    self.keep(&name, &object, None);
                    Listed::Valid(name)
                }
                Err(_) => Listed::Invalid(clean::identifier(&name)),
            });
        }
        Ok(Sheet { entries, skipped, bytes: answer.body.len(), next: page.next(offset), total: page.total })
    }

    fn keep(&self, name: &RepoName, object: &Object<'_>, raw: Option<&str>) -> Known {
        let key = object.text("registry");
        let registry = key
            .as_deref()
            .and_then(wire::registry_key)
            .and_then(|key| self.registries.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned());
        let info = convert::repository(name, object, registry.as_deref(), raw);
        let known = Known { info: Arc::new(info), uri: object.some_text("resource_uri").map(Arc::from) };
        self.known.put(name.clone(), known.clone(), 1);
        known
    }

    /// What is said of it, where it is known; for a new name the registry of the host it begins with.
    pub(super) fn home(&self, name: &RepoName) -> Option<Elsewhere> {
        if let Some(known) = self.known.get(name) {
            return known.info.elsewhere.clone();
        }
        let registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        convert::new_home(name, registries.values().map(Arc::as_ref))
    }

    /// One entry, as it is now.
    pub(super) async fn look(&self, repo: &RepoName) -> Result<Known> {
        let op = Op::Read("reading an external repository");
        let path = format!("{}repository/{repo}/", self.root);
        let answer = self.ask(Ask::get(op, &path)).await?;
        let object: Object<'_> = self.http.json(op, &answer)?;
        if object.text("name").is_none_or(|name| name != repo.as_str()) {
            return Err(self.http.misshapen(op, &answer));
        }
        // Its registry may be one that came with it.
        let key = object.text("registry").as_deref().and_then(wire::registry_key).map(str::to_owned);
        if let Some(key) = key
            && !self.registries.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
        {
            // Without it the name says where it is.
            let _ = self.read_registry(&key).await;
        }
        Ok(self.keep(repo, &object, Some(&String::from_utf8_lossy(&answer.body))))
    }

    pub(super) async fn read_registries(&self, filter: &GroupFilter) -> Result<Vec<Arc<Group>>> {
        let path = format!("{}registry/", self.root);
        let (mut groups, mut offset) = (Vec::new(), 0);
        loop {
            let query = registry_query(filter, offset);
            let answer = self.ask(Ask { query: Some(&query), ..Ask::get(LIST_REGISTRIES, &path) }).await?;
            let page = wire::Page::read(&self.http, LIST_REGISTRIES, &answer)?;
            let came = page.objects.len();
            let objects = page.objects.iter().filter_map(|raw| Some((Object::parse(raw.get())?, raw.get())));
            groups.extend(objects.filter_map(|(object, raw)| convert::group(&object, Some(raw)).map(Arc::new)));
            match page.next(offset) {
                Some(next) if next > offset && came > 0 && groups.len() < MOST => offset = next,
                _ => break,
            }
        }
        let known = groups.iter().map(|group| (group.key.clone(), Arc::clone(group)));
        self.registries.lock().unwrap_or_else(PoisonError::into_inner).extend(known.collect::<HashMap<_, _>>());
        Ok(groups)
    }

    pub(super) async fn read_registry(&self, key: &str) -> Result<Arc<Group>> {
        let op = Op::Read("reading a registry");
        let path = format!("{}registry/{key}/", self.root);
        if !wire::safe_uri(&path) {
            return Err(wire::unsafe_uri(&self.http));
        }
        let answer = self.ask(Ask::get(op, &path)).await?;
        let object: Object<'_> = self.http.json(op, &answer)?;
        let group = convert::group(&object, Some(&String::from_utf8_lossy(&answer.body)));
        let group = Arc::new(group.ok_or_else(|| self.http.misshapen(op, &answer))?);
        self.registries.lock().unwrap_or_else(PoisonError::into_inner).insert(group.key.clone(), Arc::clone(&group));
        Ok(group)
    }
}

fn registry_query(filter: &GroupFilter, offset: u64) -> String {
    let mut query = format!("limit={}&offset={offset}", assumed::LIMIT);
    let official = filter.official.map(|official| official.to_string());
    for (name, value) in
        [("uuid", &filter.uuid), ("name", &filter.name), ("host", &filter.host), ("is_docker_registry", &official)]
    {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", byte_serialize(value.as_bytes()).collect::<String>()));
        }
    }
    query
}
