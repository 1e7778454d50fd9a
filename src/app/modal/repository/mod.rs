//! A repository as a form: a new one, or what can be said of one that is there. Which fields there are, the system says;
//! what is sent is what was changed.

mod fields;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use secrecy::SecretString;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::msg::{ChangeId, RequestId};
use crate::domain::capability::Capabilities;
use crate::domain::change::{Change, Form as Filled, Part};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::reference::RepoName;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::repository::RepoInfo;

use fields::{Field, Fields};

#[derive(Clone, Debug)]
pub struct RepositoryDialog {
    pub registry: RegistryId,
    pub kind: BackendKind,
    pub host: Clean,
    /// None: it is made.
    pub repo: Option<RepoName>,
    pub form: Form,
    pub stage: Stage,
    pub error: Option<Clean>,
    /// To know, and nothing wrong.
    pub notes: Vec<Clean>,
    /// What a test of the account found out.
    pub tested: Vec<Clean>,
    parts: &'static [Part],
    fields: Fields,
    /// What it was when the form was opened.
    before: Arc<RepoInfo>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What it is now is read first.
    Reading(RequestId),
    Unread(Clean),
    Open,
    Testing(RequestId),
    /// It went out, and cannot be taken back.
    Sent(ChangeId),
}

/// An account to pull with, to be tried where the repository lives.
#[derive(Clone, Debug)]
pub struct Account {
    pub repo: RepoName,
    pub username: String,
    pub password: SecretString,
}

/// What is wrong with what was typed, and where.
type Wrong = (Field, Clean);

impl RepositoryDialog {
    /// `begin`: what a new name begins with.
    pub fn new_one(registry: RegistryId, kind: BackendKind, host: Clean, caps: &Capabilities, begin: &str) -> Self {
        let mut dialog = Self::empty(registry, kind, host, caps.parts.create);
        dialog.fill();
        if let Some(at) = dialog.fields.at(Field::Name) {
            dialog.form.controls[at] = Control::text(fields::label(Field::Name), begin);
        }
        dialog
    }

    pub fn of(registry: RegistryId, kind: BackendKind, host: Clean, caps: &Capabilities, repo: RepoName) -> Self {
        let mut dialog = Self::empty(registry, kind, host, caps.parts.edit);
        dialog.repo = Some(repo);
        dialog.fill();
        dialog
    }

    fn empty(registry: RegistryId, kind: BackendKind, host: Clean, parts: &'static [Part]) -> Self {
        Self {
            registry,
            kind,
            host,
            repo: None,
            form: Form::new(Vec::new()),
            stage: Stage::Open,
            error: None,
            notes: Vec::new(),
            tested: Vec::new(),
            parts,
            fields: Fields::default(),
            before: Arc::default(),
        }
    }

    /// Nothing of it can be read back, so nothing has to be read before it is asked for.
    pub fn needs_reading(&self) -> bool {
        self.repo.is_some() && self.parts.iter().any(|part| *part != Part::Account)
    }

    pub fn reading(&mut self, id: RequestId) {
        (self.stage, self.error) = (Stage::Reading(id), None);
    }

    pub fn has_read(&mut self, result: Result<Arc<RepoInfo>, ErrorReport>) {
        match result {
            Ok(info) => {
                (self.before, self.stage) = (info, Stage::Open);
                self.fill();
            }
            Err(report) => {
                self.stage = Stage::Unread(clean::line(&format!("{} {}", dotted(&report.what), report.hint)))
            }
        }
    }

    fn fill(&mut self) {
        let (controls, fields) = fields::controls(self.parts, self.repo.is_none(), &self.before);
        (self.form, self.fields) = (Form::new(controls), fields);
        self.notes = fields::notes(self.parts, &self.before);
    }

    pub fn is_account(&self) -> bool {
        self.parts.contains(&Part::Account)
    }

    pub fn typing(&self) -> bool {
        !matches!(self.stage, Stage::Reading(_) | Stage::Unread(_)) && self.form.typing()
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match self.stage {
            Stage::Reading(_) if matches!(key.code, Code::Esc | Code::Char('q')) => return Outcome::Close,
            Stage::Unread(_) if matches!(key.code, Code::Esc | Code::Char('q') | Code::Enter) => return Outcome::Close,
            Stage::Unread(_) if key.code == Code::Char('r') => {
                return Outcome::Act(Then::ReadRepository(Box::new(self.clone())));
            }
            Stage::Reading(_) | Stage::Unread(_) => return Outcome::Stay,
            Stage::Open | Stage::Testing(_) | Stage::Sent(_) => {}
        }
        let focus = self.form.focus;
        match self.form.key(key) {
            Done::Nothing => {
                // What was said of a field was said of what stood there.
                if self.form.focus == focus && !matches!(self.stage, Stage::Sent(_)) {
                    self.form.wrong.retain(|(at, _)| *at != focus);
                }
                Outcome::Stay
            }
            Done::Cancelled => Outcome::Close,
            Done::Pressed(at) => match self.fields.button(at) {
                Field::Go if self.stage == Stage::Open => self.go(),
                Field::Test if self.stage == Stage::Open => self.test(),
                Field::Cancel => Outcome::Close,
                _ => Outcome::Stay,
            },
        }
    }

    fn go(&mut self) -> Outcome {
        self.forget_answers();
        match self.change() {
            Ok(Some(change)) => Outcome::Act(Then::SendForm(Box::new(self.clone()), Box::new(change))),
            Ok(None) => {
                self.error = Some(Clean::fixed("Nothing was changed, so nothing was sent."));
                Outcome::Stay
            }
            Err(wrong) => self.refuse(wrong),
        }
    }

    fn test(&mut self) -> Outcome {
        self.forget_answers();
        match self.account() {
            Ok(account) => Outcome::Act(Then::TestAccount(Box::new(self.clone()), Box::new(account))),
            Err(wrong) => self.refuse(wrong),
        }
    }

    fn forget_answers(&mut self) {
        self.error = None;
        self.tested.clear();
        self.form.wrong.clear();
    }

    fn refuse(&mut self, (field, why): Wrong) -> Outcome {
        if let Some(at) = self.fields.at(field) {
            self.form.focus = at;
            self.form.wrong.push((at, why));
        }
        Outcome::Stay
    }

    fn text(&self, field: Field) -> &str {
        self.fields.at(field).map_or("", |at| self.form.text(at))
    }

    fn named(&self) -> Result<RepoName, Wrong> {
        if let Some(repo) = &self.repo {
            return Ok(repo.clone());
        }
        let name = self.text(Field::Name).trim();
        self.kind.repository(name).map_err(|wrong| (Field::Name, clean::line(&wrong.to_string())))
    }

    /// What would be sent; nothing where nothing was changed.
    pub fn change(&self) -> Result<Option<Change>, Wrong> {
        let repo = self.named()?;
        let (username, password) = self.login();
        if self.repo.is_some() && self.is_account() {
            let change = Change::Credentials { repo, username: username.clone(), password };
            let given = username.is_some() || !self.text(Field::Password).is_empty();
            return Ok(given.then_some(change));
        }
        if self.is_account() && username.is_some() != password.is_some() {
            let missing = if username.is_some() { Field::Password } else { Field::User };
            return Err((missing, Clean::fixed("Give both, or neither where everybody may pull.")));
        }
        let mut filled = Filled::new(repo);
        filled.description = self.changed(Field::Description, self.before.description.as_ref());
        filled.full_description = self.changed(Field::FullDescription, self.before.full_description.as_ref());
        filled.public = self.visibility();
        if let Some(Control::Labels { labels, .. }) = self.fields.at(Field::Labels).map(|at| &self.form.controls[at]) {
            (filled.labels_added, filled.labels_removed) = (labels.added(), labels.removed());
        }
        (filled.username, filled.password) = (username, password);
        if self.repo.is_none() {
            return Ok(Some(Change::Create(Box::new(filled))));
        }
        let touched = filled.description.is_some()
            || filled.full_description.is_some()
            || filled.public.is_some()
            || !filled.labels_added.is_empty()
            || !filled.labels_removed.is_empty();
        Ok(touched.then(|| Change::Edit(Box::new(filled))))
    }

    /// What stands in a field, when that is something else than before.
    fn changed(&self, field: Field, before: Option<&Clean>) -> Option<String> {
        let at = self.fields.at(field)?;
        let (now, before) = (self.form.text(at), before.map_or("", Clean::as_str));
        (now != before).then(|| now.to_owned())
    }

    fn visibility(&self) -> Option<bool> {
        let at = self.fields.at(Field::Visibility)?;
        let chosen = fields::visibility(self.form.picked(at), self.repo.is_none(), &self.before)?;
        (self.before.public != Some(chosen)).then_some(chosen)
    }

    fn login(&self) -> (Option<String>, Option<SecretString>) {
        let (user, password) = (self.text(Field::User), self.text(Field::Password));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(user), some(password).map(SecretString::from))
    }

    /// Both parts of it: a half cannot be tried.
    fn account(&self) -> Result<Account, Wrong> {
        let repo = self.named()?;
        match self.login() {
            (Some(username), Some(password)) => Ok(Account { repo, username, password }),
            (None, _) => Err((Field::User, Clean::fixed("A test needs the user name and the password."))),
            (_, None) => Err((Field::Password, Clean::fixed("A test needs the user name and the password."))),
        }
    }

    pub fn has_tested(&mut self, result: Result<Vec<Clean>, ErrorReport>) {
        self.stage = Stage::Open;
        match result {
            Ok(lines) => self.tested = lines,
            Err(report) => self.error = Some(clean::line(&format!("{} {}", dotted(&report.what), report.hint))),
        }
    }

    /// It was refused, or nobody knows: all that was typed stays.
    pub fn refused(&mut self, report: &ErrorReport) {
        self.stage = Stage::Open;
        let mut said_there = 0;
        for (name, why) in &report.fields {
            if let Some(at) = fields::named(name).and_then(|field| self.fields.at(field)) {
                self.form.wrong.push((at, why.clone()));
                said_there += 1;
            }
        }
        if let Some((at, _)) = self.form.wrong.first() {
            self.form.focus = *at;
        }
        self.error = Some(match (report.unsure, said_there == report.fields.len() && said_there > 0) {
            (true, _) => clean::line(&format!(
                "{} It was sent once, and may have been done: look at the repository before you send it again.",
                dotted(&report.what)
            )),
            (false, true) => {
                clean::line(&format!("{} refused it: see the marked fields. Nothing was changed.", self.host))
            }
            (false, false) => clean::line(&format!("{} {}", dotted(&report.what), report.hint)),
        });
    }

    /// The server took it, and shows something else.
    pub fn unconfirmed(&mut self) {
        self.stage = Stage::Open;
        let words = format!(
            "{} took it, and does not show it so: it shows something else, or could not be read again. It was sent once; \
             look at the repository before you send it again.",
            self.host
        );
        self.error = Some(clean::line(&words));
    }
}

fn dotted(text: &Clean) -> String {
    let text = text.as_str();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
