//! Making, editing and deleting repositories, deleting tags (alauda.md §4, §5). Each is sent once.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{Alauda, assumed, failure};
use crate::backend::Sent;
use crate::backend::error::{Error, Result};
use crate::backend::http::{Ask, Op};
use crate::domain::change::{Changed, Form};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::repository::RepoInfo;

impl Alauda {
    pub(super) async fn create(&self, form: &Form) -> Result<Changed> {
        self.path(&form.repo)?;
        let (namespace, name) = form.repo.as_str().split_once('/').unwrap_or_default();
        let mut body = fields(form);
        body.insert("repo_name".to_owned(), name.into());
        body.insert("namespace".to_owned(), namespace.into());
        body.entry("description").or_insert_with(|| json!(""));
        let path = format!("{}/repositories/{namespace}/", self.root);
        let op = Op::Change("creating a repository");
        self.ask(Ask { turn: Some(&form.repo), ..Ask::json(op, Method::POST, &path, &body.into()) }).await?;
        Ok(self.confirm(form).await)
    }

    /// A partial update in spite of its method: what was not touched is not sent (§8.6).
    pub(super) async fn edit(&self, form: &Form) -> Result<Changed> {
        let body = fields(form);
        if body.is_empty() {
            return Err(Error::new(ErrorKind::Forbidden, "nothing was changed"));
        }
        let path = self.path(&form.repo)?;
        let op = Op::Change("changing a repository");
        self.ask(Ask { turn: Some(&form.repo), ..Ask::json(op, Method::PUT, &path, &body.into()) }).await?;
        Ok(self.confirm(form).await)
    }

    /// The answer to a change lacks most fields: it is read again (§4).
    async fn confirm(&self, form: &Form) -> Changed {
        match self.look(&form.repo).await {
            Ok(info) if agrees(form, &info) => Changed::Confirmed,
            _ => Changed::NotConfirmed,
        }
    }

    /// With all its tags.
    pub(super) async fn remove(&self, repo: &RepoName) -> Result<Sent> {
        let path = format!("{}/", self.path(repo)?);
        let op = Op::Change("deleting a repository");
        self.delete_at(op, repo, &path).await
    }

    pub(super) async fn untag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        let path = format!("{}/tags/{tag}", self.path(repo)?);
        let op = Op::Change("deleting a tag");
        let sent = self.delete_at(op, repo, &path).await;
        match sent {
            Err(error) if error.status == Some(405) => {
                self.keeps_tags.store(true, Ordering::Relaxed);
                Err(error)
            }
            // Where older editions have no such call, that is a 404, too (§5): the list tells which it is.
            Ok(Sent::Gone) if self.image_of(repo, tag).await.is_ok() => {
                self.keeps_tags.store(true, Ordering::Relaxed);
                let what = format!("{} answered 404 to deleting a tag that it has", self.http.host());
                let error = Error::new(ErrorKind::Unsupported, what);
                let error = error.hint("This server is of an older edition that does not offer it.");
                Err(Error { status: Some(404), delivery: crate::backend::Delivery::Answered, ..error })
            }
            sent => sent,
        }
    }

    async fn delete_at(&self, op: Op, repo: &RepoName, path: &str) -> Result<Sent> {
        let ask = Ask { method: Method::DELETE, turn: Some(repo), ..Ask::get(op, path) };
        let answer = self.send(ask).await?;
        match answer.status {
            status if assumed::is_deleted(status) => Ok(Sent::Done),
            404 => Ok(Sent::Gone),
            _ => Err(failure::declined(&self.http, op, &answer)),
        }
    }
}

/// What can be set, as far as it was (§4).
fn fields(form: &Form) -> Map<String, Value> {
    let text = |name: &str, text: &Option<String>| text.as_ref().map(|text| (name.to_owned(), json!(text)));
    let public = form.public.map(|public| ("is_public".to_owned(), json!(public)));
    let texts = [text("description", &form.description), text("full_description", &form.full_description)];
    texts.into_iter().flatten().chain(public).collect()
}

fn agrees(form: &Form, info: &RepoInfo) -> bool {
    let shown = |text: &Option<clean::Clean>| text.as_ref().map_or(String::new(), ToString::to_string);
    form.public.is_none_or(|public| info.public == Some(public))
        && form.description.as_ref().is_none_or(|text| clean::line(text).as_str() == shown(&info.description))
        && form
            .full_description
            .as_ref()
            .is_none_or(|text| clean::block(text).as_str() == shown(&info.full_description))
}
