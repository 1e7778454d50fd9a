//! Who the user is, and which namespaces there are (alauda.md §1.2, §1.3).

use super::{Alauda, convert, wire};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Ask, Op};
use crate::backend::json::Object;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::repository::Scope;

/// One part of a path, and of an image's name.
pub(super) fn is_namespace(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !name.is_empty() && name.bytes().all(word) && name.bytes().any(|b| b.is_ascii_alphanumeric())
}

impl Alauda {
    /// The user's profile: what "test connection" asks for. The user's name.
    pub(super) async fn who_am_i(&self) -> Result<String> {
        let op = Op::Read("reading the account");
        let path = format!("{}/auth/profile/", self.root);
        let answer = self.ask(Ask::get(op, &path)).await.map_err(|error| {
            if !error.is_not_found() {
                return error;
            }
            let what = format!("there is no Alauda API at {}: it does not know {path}", self.http.host());
            Error { status: error.status, ..Error::new(ErrorKind::BadAnswer, what) }
        })?;
        let profile: Object<'_> = self.http.json(op, &answer)?;
        let Some(user) = profile.some_text("username") else { return Err(self.http.misshapen(op, &answer)) };
        if profile.has("is_available") && !profile.flag("is_available") {
            let what = format!("{} says that the account {user} cannot be used yet", self.http.host());
            return Err(Error::new(ErrorKind::Denied, what).hint("Activate the account on its web page."));
        }
        Ok(self.user.get_or_init(|| user).clone())
    }

    /// The namespace whose repositories are listed.
    pub(super) async fn namespace(&self) -> Result<String> {
        if let Some(name) = &self.namespace {
            return Ok(name.clone());
        }
        let user = match self.user.get() {
            Some(user) => user.clone(),
            None => match self.sign_in.user().await {
                Some(user) => user,
                None => self.who_am_i().await?,
            },
        };
        if is_namespace(&user) {
            return Ok(user);
        }
        let shown = clean::identifier(&user);
        Err(Error::new(ErrorKind::Config, format!("the user name {shown} is no namespace: set one in the config")))
    }

    /// The user's own, and those of the organisations.
    pub(super) async fn namespaces(&self) -> Result<Vec<Scope>> {
        let user = self.who_am_i().await?;
        let op = Op::List("listing organisations");
        let path = format!("{}/orgs/", self.root);
        let answer = self.ask(Ask::get(op, &path)).await?;
        let mut scopes = vec![Scope { name: clean::identifier(&user), id: user, more: Vec::new() }];
        // None at all is nothing at all (§8.5).
        if !answer.body.trim_ascii().is_empty() {
            let list = wire::List::read(&self.http, op, &answer)?;
            let objects = list.items.iter().filter_map(|raw| Object::parse(raw.get()));
            scopes.extend(objects.filter_map(|object| convert::organisation(&object)));
        }
        scopes.retain(|scope| is_namespace(&scope.id));
        Ok(scopes)
    }
}
