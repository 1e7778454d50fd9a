//! Signing in to a registry: with what, and where the secret is kept.

use std::borrow::Cow;

use secrecy::SecretString;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::effect::Keep;
use crate::app::key::Key;
use crate::app::list::Field;
use crate::domain::clean::Clean;
use crate::domain::lookalike;
use crate::domain::registry::RegistryId;
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

const METHODS: [&str; 3] = ["user and password or token", "identity token", "anonymous"];
const METHOD: usize = 0;
const USER: usize = 1;
const SECRET: usize = 2;
const KEEP: usize = 3;
const SIGN_IN: usize = 4;
const TEST: usize = 5;

impl SignIn {
    pub fn new(registry: RegistryId, host: Clean, trail: Vec<Clean>, user: Option<&str>) -> Self {
        let mut form = Form::new(vec![
            Control::choice("Sign in with", &METHODS),
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
        dialog
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
        match self.form.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(SIGN_IN | TEST) if self.waiting.is_some() => Outcome::Stay,
            Done::Pressed(button @ (SIGN_IN | TEST)) => {
                if self.form.picked(METHOD) == 0 && self.form.text(USER).is_empty() {
                    self.error = Some(Clean::fixed("Enter a user name first."));
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
        match self.form.picked(METHOD) {
            0 => Credential::Basic { username: self.form.text(USER).to_owned(), password: secret() },
            1 => Credential::IdentityToken(secret()),
            _ => Credential::Anonymous,
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
        let mut dialog = SignIn::new(RegistryId(0), Clean::fixed("r"), Vec::new(), None);
        dialog.form.focus = KEEP;
        dialog.key("space".parse().unwrap());
        assert_eq!(dialog.keep(), Keep::Store);
        dialog.offer(Some(&Clean::fixed("pass")));
        assert_eq!(dialog.keep(), Keep::Store);
        dialog.key("left".parse().unwrap());
        assert_eq!(dialog.keep(), Keep::DockerHelper);
    }
}
