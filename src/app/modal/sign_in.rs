//! Signing in to a registry: with what, and where the secret is kept.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::effect::Keep;
use crate::app::key::Key;
use crate::app::list::Field;
use crate::domain::clean::{self, Clean};
use crate::domain::lookalike;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::secret::Credential;

/// What the dialog waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    SignIn,
    Test,
}

#[derive(Clone, Debug)]
pub struct SignIn {
    pub registry: RegistryId,
    kind: BackendKind,
    pub host: Clean,
    /// The host looks like another one.
    pub warning: Option<Clean>,
    /// What the registry asks for, once it was spoken to.
    pub asks: Option<&'static str>,
    /// Where credentials were looked for, and what the server said.
    pub trail: Vec<Clean>,
    pub error: Option<Clean>,
    /// What a test found out, a line each.
    pub tested: Vec<Clean>,
    pub form: Form,
    /// Waiting for the server's word on what was entered.
    pub waiting: Option<Waiting>,
    places: Vec<Keep>,
}

/// What is typed, and what it is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Pair,
    Identity,
    Token,
    Anonymous,
}

/// What each kind signs in with, in its words.
fn methods(kind: BackendKind) -> &'static [(Method, &'static str)] {
    match kind {
        BackendKind::Oci => &[
            (Method::Pair, "user and password or token"),
            (Method::Identity, "identity token"),
            (Method::Anonymous, "anonymous"),
        ],
        BackendKind::DockerV1 => &[(Method::Pair, "user and password"), (Method::Anonymous, "anonymous")],
        BackendKind::DockerCloud => {
            &[(Method::Pair, "user and API key"), (Method::Token, "ready-made value (DOCKERCLOUD_AUTH)")]
        }
        BackendKind::Alauda => {
            &[(Method::Pair, "user and password: the token they give is kept"), (Method::Token, "token")]
        }
        BackendKind::MlSpace => &[(Method::Pair, "Key ID and Key Secret")],
    }
}

const METHOD: usize = 0;
const USER: usize = 1;
const SECRET: usize = 2;
const KEEP: usize = 3;
const SIGN_IN: usize = 4;
const TEST: usize = 5;

impl SignIn {
    pub fn new(registry: RegistryId, kind: BackendKind, host: Clean, trail: Vec<Clean>, user: Option<&str>) -> Self {
        let words: Vec<&'static str> = methods(kind).iter().map(|(_, words)| *words).collect();
        let mut form = Form::new(vec![
            Control::choice("Sign in with", &words),
            Control::text("User", user.unwrap_or_default()),
            Control::Text { label: "Password", field: Field::default(), secret: true },
            Control::Choice { label: "Keep it", options: Vec::new(), picked: 0 },
            Control::Button { label: "Sign in" },
            Control::Button { label: "Test" },
            Control::Button { label: "Cancel" },
        ]);
        form.focus = if user.is_some() { SECRET } else { USER };
        let warning = lookalike::warning(host.as_str());
        let mut dialog = Self {
            registry,
            kind,
            host,
            warning,
            asks: None,
            trail,
            error: None,
            tested: Vec::new(),
            form,
            waiting: None,
            places: Vec::new(),
        };
        dialog.offer(None);
        dialog.name_fields();
        dialog
    }

    /// As if this had been typed.
    pub fn fill(&mut self, credential: &Credential, keep: Keep) {
        let (method, user, secret) = match credential {
            Credential::Basic { username, password } => (Method::Pair, username.as_str(), password),
            Credential::IdentityToken(token) => (Method::Identity, "", token),
            Credential::RegistryToken(token) => (Method::Token, "", token),
            Credential::Anonymous => return,
        };
        let at = methods(self.kind).iter().position(|(one, _)| *one == method).unwrap_or(0);
        for control in &mut self.form.controls {
            match control {
                Control::Choice { label: "Sign in with", picked, .. } => *picked = at,
                Control::Choice { label: "Keep it", picked, .. } => {
                    *picked = self.places.iter().position(|place| *place == keep).unwrap_or(0);
                }
                Control::Text { field, secret: true, .. } => *field = Field::new(secret.expose_secret().to_owned()),
                Control::Text { field, .. } => *field = Field::new(user.to_owned()),
                Control::Area { .. } | Control::Labels { .. } | Control::Colour { .. } => {}
                Control::Choice { .. } | Control::Button { .. } => {}
            }
        }
        self.name_fields();
    }

    fn method(&self) -> Method {
        methods(self.kind).get(self.form.picked(METHOD)).map_or(Method::Pair, |(method, _)| *method)
    }

    /// The fields are called what is to be typed there.
    fn name_fields(&mut self) {
        let (user, secret) = match (self.kind, self.method()) {
            (_, Method::Token | Method::Identity) => ("User", "Token"),
            (BackendKind::MlSpace, _) => ("Key ID", "Key Secret"),
            (BackendKind::DockerCloud, _) => ("User", "API key"),
            _ => ("User", "Password"),
        };
        for (at, name) in [(USER, user), (SECRET, secret)] {
            if let Some(Control::Text { label, .. }) = self.form.controls.get_mut(at) {
                *label = name;
            }
        }
    }

    /// The places a secret can be kept in; docker's helper only when docker's config names one.
    pub fn offer(&mut self, helper: Option<&Clean>) {
        let before = self.keep();
        let mut places: Vec<(Keep, Cow<'static, str>)> = vec![(Keep::Session, "this session only, in memory".into())];
        if let Some(name) = helper {
            places.push((Keep::DockerHelper, format!("docker-credential-{name} (helper found)").into()));
        }
        places.push((Keep::Store, "tagboat's own file, readable by you only".into()));
        places.push((Keep::DockerConfig, "Docker config file, base64, readable by you only".into()));
        self.places = places.iter().map(|(keep, _)| *keep).collect();
        if let Some(Control::Choice { options, picked, .. }) = self.form.controls.get_mut(KEEP) {
            *options = places.into_iter().map(|(_, text)| text).collect();
            *picked = self.places.iter().position(|keep| *keep == before).unwrap_or(0);
        }
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        let done = self.form.key(key);
        self.name_fields();
        match done {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(SIGN_IN | TEST) if self.waiting.is_some() => Outcome::Stay,
            Done::Pressed(button @ (SIGN_IN | TEST)) => {
                if self.method() == Method::Pair && self.form.text(USER).is_empty() {
                    let what = if self.kind == BackendKind::MlSpace { "Key ID" } else { "user name" };
                    self.error = Some(clean::line(&format!("Enter a {what} first.")));
                    self.form.focus = USER;
                    return Outcome::Stay;
                }
                self.waiting = Some(if button == TEST { Waiting::Test } else { Waiting::SignIn });
                Outcome::Act(Then::SignIn(Box::new(self.clone())))
            }
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    pub fn credential(&self) -> Credential {
        let secret = || SecretString::from(self.form.text(SECRET).to_owned());
        match self.method() {
            Method::Pair => Credential::Basic { username: self.form.text(USER).to_owned(), password: secret() },
            Method::Identity => Credential::IdentityToken(secret()),
            Method::Token => Credential::RegistryToken(secret()),
            Method::Anonymous => Credential::Anonymous,
        }
    }

    pub fn keep(&self) -> Keep {
        self.places.get(self.form.picked(KEEP)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_is_found_later_keeps_the_choice() {
        let mut dialog = SignIn::new(RegistryId(0), BackendKind::Oci, Clean::fixed("r"), Vec::new(), None);
        dialog.form.focus = KEEP;
        dialog.key("space".parse().unwrap());
        assert_eq!(dialog.keep(), Keep::Store);
        dialog.offer(Some(&Clean::fixed("pass")));
        assert_eq!(dialog.keep(), Keep::Store);
        dialog.key("left".parse().unwrap());
        assert_eq!(dialog.keep(), Keep::DockerHelper);
    }

    #[test]
    fn each_kind_asks_in_its_words() {
        let of = |kind| SignIn::new(RegistryId(0), kind, Clean::fixed("r"), Vec::new(), None);
        let label = |dialog: &SignIn, at: usize| match &dialog.form.controls[at] {
            Control::Text { label, .. } => *label,
            other => panic!("{other:?} is no field"),
        };
        let ml = of(BackendKind::MlSpace);
        assert_eq!((label(&ml, USER), label(&ml, SECRET)), ("Key ID", "Key Secret"));
        let mut alauda = of(BackendKind::Alauda);
        assert_eq!(label(&alauda, SECRET), "Password");
        alauda.form.focus = METHOD;
        alauda.key("space".parse().unwrap());
        assert_eq!(label(&alauda, SECRET), "Token");
        assert!(matches!(alauda.credential(), Credential::RegistryToken(_)));
    }

    #[test]
    fn what_was_typed_elsewhere_is_taken_over() {
        let mut dialog = SignIn::new(RegistryId(0), BackendKind::DockerCloud, Clean::fixed("r"), Vec::new(), Some("x"));
        dialog.fill(&Credential::RegistryToken("Basic abc".to_owned().into()), Keep::Store);
        assert!(matches!(dialog.credential(), Credential::RegistryToken(t) if t.expose_secret() == "Basic abc"));
        assert_eq!(dialog.keep(), Keep::Store);
        dialog.fill(&Credential::Basic { username: "bob".to_owned(), password: "pw".to_owned().into() }, Keep::Session);
        assert!(matches!(dialog.credential(), Credential::Basic { username, .. } if username == "bob"));
    }
}
