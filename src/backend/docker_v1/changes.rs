//! Tags set and deleted, repositories announced, opened, closed and deleted. Images are never deleted: no call does it.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::session::{To, Way};
use super::{DockerV1, assumed, failure, images, layers};
use crate::backend::Sent;
use crate::backend::error::{Delivery, Error, Result};
use crate::backend::http::{Answer, Ask, Op, limits};
use crate::backend::json::Object;
use crate::domain::change::{Change, Changed, Form};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};

const SET: Op = Op::Change("setting a tag");
const DELETE_TAG: Op = Op::Change("deleting a tag");
const DELETE: Op = Op::Change("deleting a repository");
const PROPERTIES: Op = Op::Read("reading properties");
const OPEN: Op = Op::Change("changing who sees a repository");
/// Why a tag alone cannot be deleted where an index gives the tokens.
pub(super) const INDEXED: &str =
    "its index lets nobody delete a single tag: the right to delete comes only with deleting the whole repository";

impl DockerV1 {
    pub(super) async fn carry_out(&self, change: &Change) -> Result<Changed> {
        match change {
            Change::SetTag { repo, tag, image, colour: None } => self.set_tag(repo, tag, image).await,
            Change::Create(form) => self.create(form).await,
            Change::Edit(form) => self.edit(form).await,
            Change::SetTag { .. } | Change::Recolour { .. } => Err(Error::unsupported("colours of tags")),
            Change::Favourite { .. } => Err(Error::unsupported("keeping favourites")),
            Change::Credentials { .. } => Err(Error::unsupported("an account for pulling")),
        }
    }

    /// The server takes images that cannot be read, so it is looked at first.
    async fn set_tag(&self, repo: &RepoName, tag: &TagName, image: &Digest) -> Result<Changed> {
        let id = images::image_id(image)?;
        let answer = self.document(repo, &id).await?;
        self.taken(Op::Read("reading an image"), answer)?;
        let path = format!("/v1/repositories/{}/tags/{tag}", assumed::full(repo));
        let ask = Ask { turn: Some(repo), ..Ask::json(SET, Method::PUT, &path, &Value::from(&*id)) };
        let answer = self.call(To::Write(repo, &[&id]), ask).await?;
        self.taken(SET, answer)?;
        let now = self.id(repo, &Reference::Tag(tag.clone())).await;
        Ok(if now.is_ok_and(|now| now == id) { Changed::Confirmed } else { Changed::NotConfirmed })
    }

    /// Sets a tag on the image whose document these bytes are.
    pub(super) async fn tag_again(&self, repo: &RepoName, tag: &TagName, document: &[u8]) -> Result<Digest> {
        let id = layers::named(document)?;
        let image = Digest::image_id(&id).map_err(|wrong| Error::new(ErrorKind::Refused, wrong.to_string()))?;
        match self.set_tag(repo, tag, &image).await? {
            Changed::Confirmed => Ok(image),
            Changed::NotConfirmed => {
                let what = format!("{} took the tag {tag}, and shows it on no image or on another", self.http.host());
                Err(Error::new(ErrorKind::BadAnswer, what).delivery(Delivery::Unanswered))
            }
        }
    }

    pub(super) async fn remove_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        if self.way().await? == Way::Index {
            let what = format!("{} cannot delete the tag: {INDEXED}", self.http.host());
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let path = format!("/v1/repositories/{}/tags/{tag}", assumed::full(repo));
        let ask = Ask { method: Method::DELETE, turn: Some(repo), ..Ask::get(DELETE_TAG, &path) };
        let answer = self.call(To::Index, ask).await?;
        if answer.status == 404 && !failure::is_page(&answer) {
            return Ok(Sent::Gone);
        }
        self.taken(DELETE_TAG, answer).map(|_| Sent::Done)
    }

    pub(super) async fn remove_repository(&self, repo: &RepoName) -> Result<Sent> {
        match self.way().await? {
            Way::Index => self.remove_by_index(repo).await,
            _ => {
                let path = path(repo);
                let ask = Ask { method: Method::DELETE, turn: Some(repo), ..Ask::get(DELETE, &path) };
                let answer = self.call(To::Index, ask).await?;
                self.removed(repo, answer).await
            }
        }
    }

    /// The index first, which gives the token; then the registry with it; then the index again.
    async fn remove_by_index(&self, repo: &RepoName) -> Result<Sent> {
        let path = path(repo);
        let ask = Ask { method: Method::DELETE, turn: Some(repo), ..Ask::get(DELETE, &path) };
        let first = ask.clone().header("x-docker-token", HeaderValue::from_static("true"));
        let begun = self.by_password(first, None).await?;
        if begun.status == 404 && !failure::is_page(&begun) {
            return Ok(Sent::Gone);
        }
        let begun = self.taken(DELETE, begun)?;
        let half = |error: Error| {
            let done = "The index has begun the deletion; delete the repository again to end it.";
            Error { delivery: Delivery::Unanswered, ..error }.hint(done)
        };
        let answer = self.call_by(&begun, ask.clone()).await.map_err(half)?;
        self.removed(repo, answer).await.map_err(half)?;
        let answer = self.by_password(ask, None).await.map_err(half)?;
        self.taken(DELETE, answer).map_err(half)?;
        Ok(Sent::Done)
    }

    /// A 404 is not only that of a repository that is gone: a damaged tag stops the deletion half way with it.
    async fn removed(&self, repo: &RepoName, answer: Answer) -> Result<Sent> {
        if answer.status != 404 || failure::is_page(&answer) {
            return self.taken(DELETE, answer).map(|_| Sent::Done);
        }
        let tags = format!("/v1/repositories/{}/tags", assumed::full(repo));
        let ask = Ask { cap: limits::TAGS_PAGE, ..Ask::get(Op::Read("looking at what is left"), &tags) };
        match self.call(To::Read(repo), ask).await? {
            left if left.status == 404 => Ok(Sent::Gone),
            left if left.status == 200 && left.body.trim_ascii() != b"{}" => {
                let what =
                    format!("{} stopped half way: {repo} has a damaged tag, and other tags are gone", self.http.host());
                let error = Error::new(ErrorKind::Refused, what).delivery(Delivery::Unanswered);
                Err(error.hint(
                    "Reload its tags to see what is left. Only the server's operator can repair the damaged one.",
                ))
            }
            _ => Err(self.declined(DELETE, &answer)),
        }
    }

    async fn create(&self, form: &Form) -> Result<Changed> {
        let repo = &form.repo;
        if self.exists(repo).await? {
            let what = format!("{} has a repository {repo} already", self.http.host());
            return Err(Error::new(ErrorKind::Refused, what));
        }
        self.announce(repo, &[]).await?;
        if !self.exists(repo).await? {
            return Ok(Changed::NotConfirmed);
        }
        match form.public {
            Some(public) => self
                .show(repo, public)
                .await
                .map_err(|error| error.hint("The repository is there by now; only who sees it was not set.")),
            None => Ok(Changed::Confirmed),
        }
    }

    async fn exists(&self, repo: &RepoName) -> Result<bool> {
        let op = Op::Read("looking for a repository");
        let path = format!("/v1/repositories/{}/images", assumed::full(repo));
        let answer = self.call(To::Index, Ask::get(op, &path)).await?;
        if answer.status == 404 { Ok(false) } else { self.taken(op, answer).map(|_| true) }
    }

    async fn edit(&self, form: &Form) -> Result<Changed> {
        match form.public {
            Some(public) => self.show(&form.repo, public).await,
            None => Err(Error::unsupported("changing anything of a repository but who sees it")),
        }
    }

    async fn show(&self, repo: &RepoName, public: bool) -> Result<Changed> {
        let path = format!("{}properties", path(repo));
        let body = json!({"access": if public { "public" } else { "private" }});
        let ask = Ask { turn: Some(repo), ..Ask::json(OPEN, Method::PUT, &path, &body) };
        let answer = self.call(To::Write(repo, &[]), ask).await?;
        self.taken(OPEN, answer)?;
        let now = self.is_public(repo).await.ok().flatten();
        Ok(if now == Some(public) { Changed::Confirmed } else { Changed::NotConfirmed })
    }

    /// An extra of docker-registry: a 404 or 405 says that it is not offered.
    pub(super) async fn is_public(&self, repo: &RepoName) -> Result<Option<bool>> {
        let path = format!("{}properties", path(repo));
        let answer = self.call(To::Read(repo), Ask { cap: limits::PING, ..Ask::get(PROPERTIES, &path) }).await?;
        if matches!(answer.status, 404 | 405) {
            return Ok(None);
        }
        let answer = self.taken(PROPERTIES, answer)?;
        let text = std::str::from_utf8(&answer.body).unwrap_or("");
        let access = Object::parse(text).ok_or_else(|| self.http.misshapen(PROPERTIES, &answer))?.text("access");
        Ok(access.map(|access| access != "private"))
    }
}

fn path(repo: &RepoName) -> String {
    format!("/v1/repositories/{}/", assumed::full(repo))
}
