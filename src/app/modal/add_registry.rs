//! Adding a registry by its address.

use std::path::PathBuf;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{CredentialPlace, Mode, RegistryProfile};

#[derive(Clone, Debug)]
pub struct AddRegistry {
    pub error: Option<Clean>,
    /// What a test found out.
    pub tested: Option<Clean>,
    pub testing: bool,
    pub form: Form,
}

const ADDRESS: usize = 0;
const NAME: usize = 1;
const TRANSPORT: usize = 2;
const CA_FILE: usize = 3;
const USER: usize = 4;
const ENV: usize = 5;
const MODE: usize = 6;
const ADD: usize = 7;
const TEST: usize = 8;

impl Default for AddRegistry {
    fn default() -> Self {
        let form = Form::new(vec![
            Control::text("Address", ""),
            Control::text("Name", ""),
            Control::choice("Transport", &["https", "plain http, not encrypted"]),
            Control::text("CA file", ""),
            Control::text("User", ""),
            Control::text("Env", ""),
            Control::choice("Mode", &["read and write", "read only"]),
            Control::Button { label: "Add" },
            Control::Button { label: "Test" },
            Control::Button { label: "Cancel" },
        ]);
        Self { error: None, tested: None, testing: false, form }
    }
}

impl AddRegistry {
    pub fn key(&mut self, key: Key) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(button @ (ADD | TEST)) => match self.profile() {
                Ok(_) if button == TEST && self.testing => Outcome::Stay,
                Ok(_) => {
                    self.testing = button == TEST;
                    Outcome::Act(Then::Add(Box::new(self.clone())))
                }
                Err((field, why)) => {
                    self.error = Some(why);
                    self.form.focus = field;
                    Outcome::Stay
                }
            },
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    /// What was entered, or the field that is wrong and why.
    pub fn profile(&self) -> Result<RegistryProfile, (usize, Clean)> {
        let typed = self.form.text(ADDRESS).trim().trim_end_matches('/').to_owned();
        let plain = self.form.picked(TRANSPORT) == 1;
        let (scheme, rest) = match typed.split_once("://") {
            Some(("http", rest)) if plain || is_loopback(rest) => ("http", rest),
            Some(("http", _)) => {
                let why =
                    "Everyone on the way can read what goes over http, passwords too: choose it here if that is meant.";
                return Err((TRANSPORT, Clean::fixed(why)));
            }
            Some(("https", rest)) => ("https", rest),
            Some((other, _)) => {
                return Err((ADDRESS, clean::line(&format!("{other}:// is not a way to reach a registry."))));
            }
            None if plain || is_loopback(&typed) => ("http", typed.as_str()),
            None => ("https", typed.as_str()),
        };
        if rest.is_empty() || rest.contains('@') || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err((ADDRESS, Clean::fixed("Enter a host, host:port or URL, without user or password.")));
        }
        let name = match self.form.text(NAME).trim() {
            "" => rest.split('/').next().unwrap_or(rest),
            name => name,
        };
        if name.chars().any(|c| !(c.is_alphanumeric() || "._-:".contains(c))) || name.chars().count() > 64 {
            return Err((NAME, Clean::fixed("A name is made of letters, digits and . _ - : alone.")));
        }
        let given = |at| Some(self.form.text(at).trim().to_owned()).filter(|text| !text.is_empty());
        let ca_cert = given(CA_FILE).map(PathBuf::from);
        if ca_cert.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err((CA_FILE, Clean::fixed("Enter the whole path of the CA file, from / on.")));
        }
        Ok(RegistryProfile {
            name: name.to_owned(),
            url: format!("{scheme}://{rest}"),
            username: given(USER),
            ca_cert,
            env: given(ENV),
            plain_http: scheme == "http",
            credential: CredentialPlace::Docker,
            mode: if self.form.picked(MODE) == 1 { Mode::ReadOnly } else { Mode::ReadWrite },
            ..RegistryProfile::default()
        })
    }

    pub fn refuse_name(&mut self, why: Clean) {
        self.error = Some(why);
        self.form.focus = NAME;
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.split(['/', ':']).next().unwrap_or("");
    host == "localhost" || host.starts_with("127.") || address.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::modal::form::insert;

    fn filled(fields: &[(usize, &str)]) -> AddRegistry {
        let mut dialog = AddRegistry::default();
        for (at, text) in fields {
            let Control::Text { field, .. } = &mut dialog.form.controls[*at] else { panic!("{at} is no field") };
            insert(field, text);
        }
        dialog
    }

    #[test]
    fn addresses_become_profiles() {
        let of = |address: &str| filled(&[(ADDRESS, address)]).profile().map(|p| (p.name, p.url, p.plain_http));
        let want = |name: &str, url: &str, plain| Ok((name.to_owned(), url.to_owned(), plain));
        assert_eq!(of("r.example"), want("r.example", "https://r.example", false));
        assert_eq!(of("localhost:5000"), want("localhost:5000", "http://localhost:5000", true));
        assert_eq!(of("https://r.example/a/"), want("r.example", "https://r.example/a", false));
        for wrong in ["", "ftp://x", "u:p@r.example", "a b"] {
            assert_eq!(of(wrong).map_err(|e| e.0), Err(ADDRESS), "{wrong}");
        }
    }

    #[test]
    fn plain_http_is_confirmed_by_choosing_it() {
        let mut dialog = filled(&[(ADDRESS, "http://r.example")]);
        assert_eq!(dialog.profile().map_err(|e| e.0), Err(TRANSPORT));
        dialog.form.focus = TRANSPORT;
        dialog.key("space".parse().unwrap());
        assert!(dialog.profile().is_ok_and(|p| p.plain_http));
    }

    #[test]
    fn names_and_files_are_checked_before_anything_is_sent() {
        let wrong = |at, text| filled(&[(ADDRESS, "r.example"), (at, text)]).profile().map_err(|e| e.0);
        assert_eq!(wrong(NAME, "a/b"), Err(NAME));
        assert_eq!(wrong(CA_FILE, "ca.pem"), Err(CA_FILE));
        let profile = filled(&[(ADDRESS, "r.example"), (CA_FILE, "/ca.pem"), (ENV, "PROD"), (USER, "bob")]);
        let profile = profile.profile().unwrap();
        assert_eq!((profile.env.as_deref(), profile.username.as_deref()), (Some("PROD"), Some("bob")));
    }
}
