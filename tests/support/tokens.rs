//! A token server for `docker-registry`: it signs what its account may do, and misbehaves when told to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::certificates::openssl;
use super::listener::{Listener, Seen, answer};
use super::registry::{PASSWORD, USER};

/// In the registry's config, too.
pub const SERVICE: &str = "tests";
pub const ISSUER: &str = "token server of the tests";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    Down,
    WebPage,
    NoToken,
    /// Takes the request and never answers.
    Silent,
}

pub struct Tokens {
    listener: Listener,
    signer: Arc<Signer>,
    mood: Arc<Mutex<Mood>>,
}

/// Signs with `jwt.key`; the registry trusts `jwt.pem`.
struct Signer {
    dir: PathBuf,
    rights: HashMap<&'static str, &'static [&'static str]>,
}

impl Tokens {
    /// With TLS, from the certificate in this directory. `rights`: what the account may do, by resource.
    pub fn start(dir: &Path, rights: &[(&'static str, &'static [&'static str])]) -> Self {
        let signer = Arc::new(Signer { dir: dir.to_owned(), rights: rights.iter().copied().collect() });
        let mood: Arc<Mutex<Mood>> = Arc::default();
        let (signs, feels) = (Arc::clone(&signer), Arc::clone(&mood));
        new_key(dir);
        let listener = Listener::start_tls(dir, move |seen| {
            let mood = *feels.lock().expect("the mood");
            reply(&signs, mood, seen)
        });
        Self { listener, signer, mood }
    }

    pub fn realm(&self) -> String {
        format!("{}/token", self.listener.url())
    }

    pub fn host(&self) -> String {
        self.listener.address.to_string()
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().expect("the mood") = mood;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.listener.seen()
    }

    /// A token with every right asked for.
    pub fn issue(&self, scopes: &[&str]) -> String {
        self.signer.sign(&scopes.iter().map(|scope| access(scope, None)).collect::<Vec<_>>())
    }
}

/// Signs with another key from now on.
pub fn new_key(dir: &Path) {
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -keyout jwt.key -out jwt.pem -days 2 -subj /CN=tokens");
}

fn reply(signer: &Signer, mood: Mood, seen: &Seen) -> Vec<u8> {
    match mood {
        Mood::Well => {}
        Mood::Down => return answer(503, &[], ""),
        Mood::WebPage => return answer(200, &[("content-type", "text/html")], "<html>Please sign in</html>"),
        Mood::NoToken => return answer(200, &[], "{}"),
        Mood::Silent => loop {
            std::thread::park();
        },
    }
    let known = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let signed_in = match seen.header("authorization") {
        Some(sent) if sent == known => true,
        Some(_) => return answer(401, &[], r#"{"details":"incorrect username or password"}"#),
        None => false,
    };
    let target = seen.line.split(' ').nth(1).unwrap_or_default();
    let url = url::Url::parse(&format!("https://tokens{target}")).expect("a URL");
    let scopes = url.query_pairs().filter(|(key, _)| key == "scope").map(|(_, value)| value.into_owned());
    let granted: Vec<Value> = scopes.filter(|_| signed_in).map(|scope| access(&scope, Some(&signer.rights))).collect();
    answer(200, &[], json!({"token": signer.sign(&granted), "expires_in": 300}).to_string())
}

/// `type:name:actions` as a claim, with the actions of `rights` only.
fn access(scope: &str, rights: Option<&HashMap<&str, &'static [&'static str]>>) -> Value {
    let (resource, actions) = scope.rsplit_once(':').expect("a scope");
    let (kind, name) = resource.split_once(':').expect("a scope");
    let may = |action: &&str| rights.is_none_or(|rights| rights.get(resource).is_some_and(|all| all.contains(action)));
    json!({"type": kind, "name": name, "actions": actions.split(',').filter(may).collect::<Vec<_>>()})
}

impl Signer {
    /// RS256, with the certificate in the header: that is how distribution 2.8 finds the key.
    fn sign(&self, access: &[Value]) -> String {
        let pem = std::fs::read_to_string(self.dir.join("jwt.pem")).expect("the certificate");
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let now = jiff::Timestamp::now().as_second();
        let header = json!({"typ": "JWT", "alg": "RS256", "x5c": [body]});
        let claims = json!({
            "iss": ISSUER, "sub": USER, "aud": SERVICE, "jti": "1", "access": access,
            "iat": now, "nbf": now - 10, "exp": now + 300
        });
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let scratch = tempfile::tempdir().expect("a directory");
        let text = scratch.path().join("text");
        std::fs::write(&text, &signed).expect("a file");
        let output = Command::new("openssl")
            .args(["dgst", "-sha256", "-sign"])
            .arg(self.dir.join("jwt.key"))
            .arg(&text)
            .output()
            .expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(output.stdout))
    }
}
