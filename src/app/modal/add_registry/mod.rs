//! Adding a registry by its address: a form for each kind, a test that keeps nothing, and what is asked before it is
//! known which kind it is.

mod fields;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use secrecy::SecretString;

use self::fields::{KEEPS, KINDS, Slot};
use super::form::{Done, Form};
use super::{Outcome, Then};
use crate::app::effect::Keep;
use crate::app::key::Key;
use crate::app::trial::{Trial, Tried};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryProfile};
use crate::domain::secret::Credential;

/// What the dialog waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    Test,
    /// What speaks there, to add it as that.
    Kind,
}

#[derive(Clone, Debug)]
pub struct AddRegistry {
    pub error: Option<Clean>,
    /// What a test found out.
    pub tried: Option<Tried>,
    pub waiting: Option<Waiting>,
    pub form: Form,
    slots: Vec<Slot>,
    /// The kind that the fields are for.
    shaped: usize,
    /// What an address is, as asked; `None`: nothing that was known.
    asked: Option<(String, Option<BackendKind>)>,
}

impl Default for AddRegistry {
    fn default() -> Self {
        Self {
            error: None,
            tried: None,
            waiting: None,
            form: fields::form(None, None),
            slots: fields::slots(None),
            shaped: 0,
            asked: None,
        }
    }
}

impl AddRegistry {
    pub fn key(&mut self, key: Key) -> Outcome {
        let done = self.form.key(key);
        self.reshape();
        match done {
            Done::Nothing => Outcome::Stay,
            Done::Cancelled => Outcome::Close,
            Done::Pressed(at) => match self.slots.get(at) {
                Some(Slot::Add | Slot::Test) if self.waiting.is_some() => Outcome::Stay,
                Some(Slot::Add) => self.submit(None),
                Some(Slot::Test) => self.submit(Some(Waiting::Test)),
                _ => Outcome::Close,
            },
        }
    }

    fn submit(&mut self, waiting: Option<Waiting>) -> Outcome {
        match self.entered() {
            Ok(_) => {
                self.waiting = waiting;
                Outcome::Act(Then::Add(Box::new(self.clone())))
            }
            Err((slot, why)) => {
                self.refuse(slot, why);
                Outcome::Stay
            }
        }
    }

    /// Other fields, where another kind was chosen.
    fn reshape(&mut self) {
        let picked = self.form.picked(0);
        if picked != self.shaped {
            self.shaped = picked;
            self.form = fields::form(self.kind(), Some((&self.form, &self.slots)));
            self.slots = fields::slots(self.kind());
            self.error = None;
            self.tried = None;
        }
    }

    /// As chosen; `None`: to be found out.
    pub fn kind(&self) -> Option<BackendKind> {
        KINDS.get(self.shaped).copied().flatten()
    }

    /// To know before.
    pub fn about(&self) -> [&'static str; 2] {
        fields::about(self.kind())
    }

    fn at(&self, slot: Slot) -> usize {
        self.slots.iter().position(|one| *one == slot).unwrap_or(usize::MAX)
    }

    fn text(&self, slot: Slot) -> &str {
        self.form.text(self.at(slot)).trim()
    }

    fn given(&self, slot: Slot) -> Option<String> {
        Some(self.text(slot).to_owned()).filter(|text| !text.is_empty())
    }

    /// What was entered, where nothing of it is wrong.
    pub fn profile(&self) -> Option<RegistryProfile> {
        self.entered().ok()
    }

    /// The same, or the field that is wrong and why.
    fn entered(&self) -> Result<RegistryProfile, (Slot, Clean)> {
        let (scheme, rest) = self.address()?;
        let kind = self.kind().or(self.asked_of(&format!("{scheme}://{rest}")).flatten()).unwrap_or_default();
        let name = match self.text(Slot::Name) {
            "" => rest.split('/').next().unwrap_or(&rest),
            name => name,
        };
        if name.chars().any(|c| !(c.is_alphanumeric() || "._-:".contains(c))) || name.chars().count() > 64 {
            return Err((Slot::Name, Clean::fixed("A name is made of letters, digits and . _ - : alone.")));
        }
        let ca_cert = self.given(Slot::CaFile).map(PathBuf::from);
        if ca_cert.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err((Slot::CaFile, Clean::fixed("Enter the whole path of the CA file, from / on.")));
        }
        let may_be_token = matches!(self.kind(), Some(BackendKind::DockerCloud | BackendKind::Alauda));
        if !self.secret().is_empty() && self.text(Slot::User).is_empty() && !may_be_token {
            let (user, secret) = fields::words(self.kind());
            return Err((Slot::User, clean::line(&format!("Enter the {user} that the {secret} belongs to."))));
        }
        let scope = self.given(Slot::Scope);
        let (workspace, namespace) = match self.kind() {
            Some(BackendKind::MlSpace) => (scope, None),
            _ => (None, scope),
        };
        Ok(RegistryProfile {
            name: name.to_owned(),
            kind,
            plain_http: scheme == "http",
            url: format!("{scheme}://{rest}"),
            username: self.given(Slot::User),
            workspace,
            namespace,
            ca_cert,
            env: self.given(Slot::Env),
            credential: CredentialPlace::Docker,
            mode: if self.form.picked(self.at(Slot::Mode)) == 1 { Mode::ReadOnly } else { Mode::ReadWrite },
            ..RegistryProfile::default()
        })
    }

    fn address(&self) -> Result<(&'static str, String), (Slot, Clean)> {
        let mut typed = self.text(Slot::Address).trim_end_matches('/');
        if self.kind() == Some(BackendKind::DockerV1) {
            // People copy the address with the path the old clients wanted.
            typed = typed.strip_suffix("/v1").unwrap_or(typed);
        }
        let plain = self.form.picked(self.at(Slot::Transport)) == 1;
        let (scheme, rest) = match typed.split_once("://") {
            Some(("http", rest)) if plain || is_loopback(rest) => ("http", rest),
            Some(("http", _)) => {
                let why =
                    "Everyone on the way can read what goes over http, passwords too: choose it here if that is meant.";
                return Err((Slot::Transport, Clean::fixed(why)));
            }
            Some(("https", rest)) => ("https", rest),
            Some((other, _)) => {
                return Err((Slot::Address, clean::line(&format!("{other}:// is not a way to reach a registry."))));
            }
            None if plain || is_loopback(typed) => ("http", typed),
            None => ("https", typed),
        };
        if rest.is_empty() || rest.contains('@') || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err((Slot::Address, Clean::fixed("Enter a host, host:port or URL, without user or password.")));
        }
        Ok((scheme, rest.to_owned()))
    }

    /// Neither trimmed nor shown.
    fn secret(&self) -> &str {
        self.form.text(self.at(Slot::Secret))
    }

    /// What was typed to sign in with.
    pub fn credential(&self) -> Option<Credential> {
        let secret = Some(self.secret()).filter(|secret| !secret.is_empty())?;
        let secret = SecretString::from(secret.to_owned());
        Some(match self.given(Slot::User) {
            Some(username) => Credential::Basic { username, password: secret },
            None => Credential::RegistryToken(secret),
        })
    }

    pub fn keep(&self) -> Keep {
        KEEPS.get(self.form.picked(self.at(Slot::Keep))).map(|(keep, _)| *keep).unwrap_or_default()
    }

    /// What to ask of this address.
    pub fn trial(&self, profile: &RegistryProfile) -> Trial {
        Trial {
            profile: profile.clone(),
            detect: self.kind().is_none(),
            credential: self.credential(),
            only_kind: self.waiting == Some(Waiting::Kind),
        }
    }

    /// Whether what speaks there was asked already, and what it is.
    fn asked_of(&self, url: &str) -> Option<Option<BackendKind>> {
        self.asked.as_ref().filter(|(asked, _)| asked == url).map(|(_, kind)| *kind)
    }

    /// Whether it has to be asked what it is, before it can be added.
    pub fn has_to_ask(&self, profile: &RegistryProfile) -> bool {
        self.kind().is_none() && self.asked_of(&profile.url).is_none()
    }

    /// What an address turned out to be.
    pub fn learn(&mut self, url: &str, kind: Option<BackendKind>) {
        if self.kind().is_none() {
            self.asked = Some((url.to_owned(), kind));
        }
    }

    pub fn refuse_name(&mut self, why: Clean) {
        self.refuse(Slot::Name, why);
    }

    fn refuse(&mut self, slot: Slot, why: Clean) {
        self.error = Some(why);
        self.form.focus = self.at(slot);
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.split(['/', ':']).next().unwrap_or("");
    host == "localhost" || host.starts_with("127.") || address.starts_with("[::1]")
}
