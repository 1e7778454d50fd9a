//! Signing in to a registry, and adding one.

use secrecy::SecretString;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::effect::Keep;
use crate::app::key::Key;
use crate::app::list::Field;
use crate::domain::clean::{self, Clean};
use crate::domain::lookalike;
use crate::domain::registry::{CredentialPlace, RegistryId, RegistryProfile};
use crate::domain::secret::Credential;

#[derive(Clone, Debug)]
pub struct SignIn {
    pub registry: RegistryId,
    pub host: Clean,
    /// The host looks like another one.
    pub warning: Option<Clean>,
    /// Where credentials were looked for, and what the server said.
    pub trail: Vec<Clean>,
    pub error: Option<Clean>,
    pub form: Form,
    /// Waiting for the server's word on what was entered.
    pub busy: bool,
}

const METHODS: [&str; 3] = ["user and password or token", "identity token", "anonymous"];
const PLACES: [(&str, Keep); 4] = [
    ("this session only, in memory", Keep::Session),
    ("tagboat's own file, readable by you only", Keep::Store),
    ("Docker credential helper", Keep::DockerHelper),
    ("Docker config file, base64, readable by you only", Keep::DockerConfig),
];
const METHOD: usize = 0;
const USER: usize = 1;
const SECRET: usize = 2;
const KEEP: usize = 3;
const SIGN_IN: usize = 4;

impl SignIn {
    pub fn new(registry: RegistryId, host: Clean, trail: Vec<Clean>, user: Option<&str>) -> Self {
        let mut form = Form::new(vec![
            Control::Choice { label: "Sign in with", options: METHODS.to_vec(), picked: 0 },
            Control::Text { label: "User", field: Field::new(user.unwrap_or_default().to_owned()), secret: false },
            Control::Text { label: "Password", field: Field::default(), secret: true },
            Control::Choice { label: "Keep it", options: PLACES.map(|p| p.0).to_vec(), picked: 0 },
            Control::Button { label: "Sign in" },
            Control::Button { label: "Cancel" },
        ]);
        form.focus = if user.is_some() { SECRET } else { USER };
        let warning = lookalike::warning(host.as_str());
        Self { registry, host, warning, trail, error: None, form, busy: false }
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(SIGN_IN) if self.busy => Outcome::Stay,
            Done::Pressed(SIGN_IN) => {
                if self.form.picked(METHOD) == 0 && self.form.text(USER).is_empty() {
                    self.error = Some(Clean::fixed("Enter a user name first."));
                    self.form.focus = USER;
                    return Outcome::Stay;
                }
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
        PLACES[self.form.picked(KEEP).min(PLACES.len() - 1)].1
    }
}

#[derive(Clone, Debug)]
pub struct AddRegistry {
    pub error: Option<Clean>,
    pub form: Form,
}

const NAME: usize = 0;
const ADDRESS: usize = 1;
const PLAIN: usize = 2;
const MODE: usize = 3;
const ADD: usize = 4;

impl Default for AddRegistry {
    fn default() -> Self {
        let text = |label| Control::Text { label, field: Field::default(), secret: false };
        let form = Form::new(vec![
            text("Name"),
            text("Address"),
            Control::Choice { label: "Transport", options: vec!["https", "plain http, not encrypted"], picked: 0 },
            Control::Choice { label: "Mode", options: vec!["read and write", "read only"], picked: 0 },
            Control::Button { label: "Add" },
            Control::Button { label: "Cancel" },
        ]);
        Self { error: None, form: Form { focus: ADDRESS, ..form } }
    }
}

impl AddRegistry {
    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(ADD) => match self.profile() {
                Ok(_) => Outcome::Act(Then::Add(Box::new(self.clone()))),
                Err(why) => {
                    self.error = Some(why);
                    self.form.focus = ADDRESS;
                    Outcome::Stay
                }
            },
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    pub fn profile(&self) -> Result<RegistryProfile, Clean> {
        let typed = self.form.text(ADDRESS).trim().trim_end_matches('/').to_owned();
        let (scheme, rest) = match typed.split_once("://") {
            Some(("http", rest)) => ("http", rest),
            Some(("https", rest)) => ("https", rest),
            Some((other, _)) => return Err(clean::line(&format!("{other}:// is not a way to reach a registry."))),
            None if self.form.picked(PLAIN) == 1 || is_loopback(&typed) => ("http", typed.as_str()),
            None => ("https", typed.as_str()),
        };
        if rest.is_empty() || rest.contains('@') || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Clean::fixed("Enter a host, host:port or URL, without user or password."));
        }
        let name = match self.form.text(NAME).trim() {
            "" => rest,
            name => name,
        };
        Ok(RegistryProfile {
            name: name.to_owned(),
            url: format!("{scheme}://{rest}"),
            plain_http: scheme == "http",
            credential: CredentialPlace::Docker,
            mode: if self.form.picked(MODE) == 1 {
                crate::domain::registry::Mode::ReadOnly
            } else {
                crate::domain::registry::Mode::ReadWrite
            },
            ..RegistryProfile::default()
        })
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.split(['/', ':']).next().unwrap_or("");
    host == "localhost" || host.starts_with("127.") || address.starts_with("[::1]")
}
