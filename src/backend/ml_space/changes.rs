//! What is changed: each call is sent once, and what it was to do is read again (ml-space.md §5).

use std::collections::HashSet;
use std::sync::Arc;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::known::{Contents, Repository};
use super::session::Want;
use super::{MlSpace, assumed, convert, failure, wire};
use crate::backend::error::{Delivery, Error, Result};
use crate::backend::http::{Answer, Op};
use crate::backend::json::Object;
use crate::backend::write::Sent;
use crate::domain::change::{Change, Changed, Doomed, Form};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::repository::RepoInfo;
use crate::domain::uuid::Uuid;

const REPOSITORY: Op = Op::Read("reading a repository");
const TAGS: Op = Op::Read("listing the tags of an image");
const PASSWORD: Op = Op::Change("making a password");

impl MlSpace {
    pub(super) async fn delete_one(&self, doomed: &Doomed) -> Result<Sent> {
        Ok(self.delete_all(doomed).await?.first().copied().unwrap_or(Sent::Gone))
    }

    /// Sends a change, whose answer is a success.
    async fn write(
        &self,
        op: Op,
        method: &Method,
        path: &str,
        body: &Value,
        turn: Option<&RepoName>,
    ) -> Result<Answer> {
        let want = Want { turn, ..Want::change(op, method, path, body) };
        let answer = self.sent(want).await?;
        let done = (200..300).contains(&answer.status);
        if done { Ok(answer) } else { Err(failure::declined(&self.http, op, &answer)) }
    }

    pub(super) async fn make(&self, change: &Change) -> Result<Changed> {
        match change {
            Change::SetTag { repo, tag, image, colour } => self.set_tag(repo, tag, image, colour.as_deref()).await,
            Change::Recolour { repo, tag, colour } => self.recolour(repo, tag, colour.as_deref()).await,
            Change::Favourite { repo, on } => {
                let path = format!("/docker_registry/v2/repositories/{}/fav", self.id_of(repo).await?);
                let body = json!({"favorite": on});
                self.write(Op::Change("setting a favourite"), &Method::POST, &path, &body, Some(repo)).await?;
                Ok(self.confirm(repo, |info| info.favourite == Some(*on)).await)
            }
            Change::Edit(form) => self.edit(form).await,
            Change::Create(_) => Err(Error::unsupported("creating a repository: the first push makes one")),
            Change::Credentials { .. } => Err(Error::unsupported("credentials of a repository")),
        }
    }

    async fn set_tag(&self, repo: &RepoName, tag: &TagName, digest: &Digest, colour: Option<&str>) -> Result<Changed> {
        let image = self.image_id(repo, digest).await?;
        let colour = colour.map(assumed::colour_to_send);
        let body = json!({"image_id": image, "name": tag.as_str(), "color": colour});
        self.write(Op::Change("setting a tag"), &Method::POST, "/docker_registry/v2/tags/", &body, Some(repo)).await?;
        let Ok(now) = self.load(repo).await else { return Ok(Changed::NotConfirmed) };
        let is = now.tags.get(tag).is_some_and(|row| row.image == image && row.colour == colour);
        Ok(if is { Changed::Confirmed } else { Changed::NotConfirmed })
    }

    async fn recolour(&self, repo: &RepoName, tag: &TagName, colour: Option<&str>) -> Result<Changed> {
        let row = self.row(repo, tag).await?;
        let colour = colour.map(assumed::colour_to_send);
        let path = format!("/docker_registry/v2/tags/{}", row.id);
        let body = json!({"color": assumed::or_null(colour.as_deref())});
        self.write(Op::Change("changing the colour of a tag"), &Method::PUT, &path, &body, Some(repo)).await?;
        let Ok(tags) = self.tags_of(row.image).await else { return Ok(Changed::NotConfirmed) };
        let Some(now) = tags.iter().find(|one| one.id == row.id) else { return Ok(Changed::NotConfirmed) };
        self.repaint(repo, tag, now);
        let is = now.colour.as_deref().unwrap_or_default() == colour.as_deref().unwrap_or_default();
        Ok(if is { Changed::Confirmed } else { Changed::NotConfirmed })
    }

    /// The row of a tag takes over the colour it has now.
    fn repaint(&self, repo: &RepoName, name: &TagName, now: &wire::Tag) {
        let Some(mut contents) = self.contents.get(repo) else { return };
        let Some(row) = Arc::make_mut(&mut contents).tags.get_mut(name) else { return };
        row.colour = now.colour.clone();
        let facts = Arc::make_mut(&mut row.facts);
        (facts.colour_text, facts.colour) = convert::colour(now);
        self.keep(repo, &contents);
    }

    /// Only what the form touches is sent: labels are a difference here, not a list.
    async fn edit(&self, form: &Form) -> Result<Changed> {
        let repo = &form.repo;
        let path = format!("/docker_registry/v2/repositories/{}", self.id_of(repo).await?);
        let mut body = Map::new();
        if let Some(description) = &form.description {
            body.insert("description".to_owned(), assumed::or_null(Some(description)));
        }
        for (name, labels) in [("labels", &form.labels_added), ("labels_to_delete", &form.labels_removed)] {
            if !labels.is_empty() {
                body.insert(name.to_owned(), json!(labels));
            }
        }
        if body.is_empty() {
            return Err(Error::new(
                ErrorKind::Forbidden,
                "nothing of the repository was changed, and nothing was sent",
            ));
        }
        self.write(Op::Change("changing a repository"), &Method::PUT, &path, &body.into(), Some(repo)).await?;
        let Ok((raw, _)) = self.repository_now(repo).await else { return Ok(Changed::NotConfirmed) };
        let object = Object::parse(&raw).unwrap_or_default();
        let labels: HashSet<String> = object.texts("labels").into_iter().collect();
        let described =
            form.description.as_ref().is_none_or(|wanted| object.text("description").unwrap_or_default() == *wanted);
        let is = described
            && form.labels_added.iter().all(|label| labels.contains(label))
            && !form.labels_removed.iter().any(|label| labels.contains(label));
        Ok(if is { Changed::Confirmed } else { Changed::NotConfirmed })
    }

    async fn confirm(&self, repo: &RepoName, is: impl Fn(&RepoInfo) -> bool) -> Changed {
        match self.repository_now(repo).await {
            Ok((_, info)) if is(&info) => Changed::Confirmed,
            _ => Changed::NotConfirmed,
        }
    }

    /// A repository as it is now, its JSON and what is shown of it.
    pub(super) async fn repository_now(&self, repo: &RepoName) -> Result<(String, Arc<RepoInfo>)> {
        let path = format!("/docker_registry/v2/repositories/{}", self.id_of(repo).await?);
        let answer = self.read(REPOSITORY, &path, None).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let parsed = Object::parse(&text).and_then(|object| {
            let dto = wire::repository(&object)?;
            Some((dto.id, convert::repository(&dto)))
        });
        let (id, info) = parsed.ok_or_else(|| self.http.misshapen(REPOSITORY, &answer))?;
        let info = Arc::new(info);
        self.repositories.put(repo.clone(), Repository { id, info: Arc::clone(&info) });
        Ok((text, info))
    }

    pub(super) async fn tags_of(&self, image: Uuid) -> Result<Vec<wire::Tag>> {
        let query = format!("image_id={image}");
        let answer = self.read(TAGS, "/docker_registry/v2/tags/", Some(&query)).await?;
        let text = String::from_utf8_lossy(&answer.body);
        Ok(wire::list(&text, wire::tag).ok_or_else(|| self.http.misshapen(TAGS, &answer))?.entries)
    }

    /// One request that deletes all of these; the ids its answer names were deleted.
    pub(super) async fn delete_all(&self, doomed: &Doomed) -> Result<Vec<Sent>> {
        let (what, field, op) = match doomed {
            Doomed::Tags(..) => ("tags", "tag_ids", Op::Change("deleting tags")),
            Doomed::Images(..) => ("images", "image_ids", Op::Change("deleting images")),
            Doomed::Repositories(_) => ("repositories", "repository_ids", Op::Change("deleting repositories")),
        };
        let ids = self.ids_of(doomed).await?;
        let sent: Vec<Uuid> = ids.iter().flatten().copied().collect();
        if sent.is_empty() {
            return Ok(vec![Sent::Gone; ids.len()]);
        }
        if sent.len() > assumed::BATCH {
            let what = format!("more than {} at once", assumed::BATCH);
            return Err(Error::unsupported(&format!("deleting {what}")));
        }
        let path = format!("/docker_registry/v2/{what}/");
        let turn = match doomed {
            Doomed::Tags(repo, _) | Doomed::Images(repo, _) => Some(repo),
            Doomed::Repositories(_) => None,
        };
        let answer = self.write(op, &Method::DELETE, &path, &json!({ field: sent }), turn).await?;
        let deleted: HashSet<Uuid> = match wire::ids(&String::from_utf8_lossy(&answer.body)) {
            Some(ids) => ids.into_iter().collect(),
            // It was done, and the answer does not say what: another look does.
            None => self.gone_by_now(doomed, &sent).await.map_err(|error| error.delivery(Delivery::Unanswered))?,
        };
        self.take_out(doomed, &deleted);
        let outcome = |id: &Option<Uuid>| match id {
            Some(id) if deleted.contains(id) => Sent::Done,
            Some(_) => assumed::UNNAMED,
            None => Sent::Gone,
        };
        Ok(ids.iter().map(outcome).collect())
    }

    /// The ids, in order; `None` for what is not there.
    async fn ids_of(&self, doomed: &Doomed) -> Result<Vec<Option<Uuid>>> {
        Ok(match doomed {
            Doomed::Tags(repo, tags) => {
                let mut known = self.contents_of(repo).await?;
                if tags.iter().any(|tag| !known.tags.contains_key(tag)) {
                    known = self.load(repo).await?;
                }
                tags.iter().map(|tag| known.tags.get(tag).map(|row| row.id)).collect()
            }
            Doomed::Images(repo, digests) => {
                let mut known = self.contents_of(repo).await?;
                if digests.iter().any(|digest| known.image_of(digest).is_none()) {
                    known = self.load(repo).await?;
                }
                digests.iter().map(|digest| known.image_of(digest).map(|image| image.id)).collect()
            }
            Doomed::Repositories(repos) => {
                let mut ids = Vec::with_capacity(repos.len());
                for repo in repos {
                    ids.push(match self.id_of(repo).await {
                        Ok(id) => Some(id),
                        Err(error) if error.is_not_found() => None,
                        Err(error) => return Err(error),
                    });
                }
                ids
            }
        })
    }

    /// Which of these a new list does not have any more.
    async fn gone_by_now(&self, doomed: &Doomed, sent: &[Uuid]) -> Result<HashSet<Uuid>> {
        let there: HashSet<Uuid> = match doomed {
            Doomed::Tags(repo, _) => self.load(repo).await?.tags.values().map(|row| row.id).collect(),
            Doomed::Images(repo, _) => self.load(repo).await?.images.iter().map(|image| image.id).collect(),
            Doomed::Repositories(repos) => {
                self.walk(None).await?;
                repos.iter().filter_map(|repo| self.repositories.get(repo)).map(|known| known.id).collect()
            }
        };
        Ok(sent.iter().filter(|id| !there.contains(id)).copied().collect())
    }

    fn take_out(&self, doomed: &Doomed, deleted: &HashSet<Uuid>) {
        let repo = match doomed {
            Doomed::Tags(repo, _) | Doomed::Images(repo, _) => repo,
            Doomed::Repositories(repos) => {
                let gone = |repo: &&RepoName| self.repositories.get(repo).is_some_and(|it| deleted.contains(&it.id));
                repos.iter().filter(gone).for_each(|repo| self.repositories.forget(repo));
                return;
            }
        };
        if let Some(mut contents) = self.contents.get(repo) {
            let Contents { tags, images, .. } = Arc::make_mut(&mut contents);
            tags.retain(|_, row| !deleted.contains(&row.id) && !deleted.contains(&row.image));
            images.retain(|image| !deleted.contains(&image.id));
            self.keep(repo, &contents);
        }
    }

    /// Sent once, whatever comes of it: the password before it stops working with the call (§2.4).
    pub(super) async fn new_password(&self) -> Result<SecretString> {
        let want = Want { again: false, ..Want::get(PASSWORD, "/docker_registry/v1/users/generate_password") };
        let answer = self.sent(want).await?;
        if answer.status != 200 {
            return Err(failure::declined(&self.http, PASSWORD, &answer));
        }
        let text = String::from_utf8_lossy(&answer.body);
        let password = Object::parse(&text).and_then(|body| body.some_text("password"));
        password.map(SecretString::from).ok_or_else(|| {
            let error = self.http.misshapen(PASSWORD, &answer).delivery(Delivery::Unanswered);
            error.hint("The password before it may not work any more: make another one.")
        })
    }
}
