//! `plan`, `apply`, `tag`, `history` and `undo` as scripts use them: the real program, the registry's log beside it.
#![cfg(unix)]

mod broken_off;
mod plans;
mod real;
mod refusals;
mod tags;

use std::path::PathBuf;

use serde_json::Value;
use tagboat::demo::{OciOptions, OciServer, Profile, start_oci};

use crate::support::cleanup::{REPO, store};
use crate::support::program::{Place, Said};

/// A registry in this process, and a home for the program.
struct Site {
    server: OciServer,
    place: Place,
}

impl Site {
    async fn new(profile: Profile) -> Self {
        Self::with(OciOptions { profile, ..OciOptions::default() }, "").await
    }

    /// `registry`: more lines of its entry in the config, where it is `r`.
    async fn with(options: OciOptions, registry: &str) -> Self {
        let server = start_oci(store(), options).await.expect("a free port");
        let place = Place::new(&format!("[[registry]]\nname = 'r'\nurl = '{}'\n{registry}", server.url));
        Self { server, place }
    }

    fn config(&self, registry: &str) {
        let text = format!("[[registry]]\nname = 'r'\nurl = '{}'\n{registry}", self.server.url);
        std::fs::write(self.place.path().join("config.toml"), text).expect("the config");
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.place.run(arguments)
    }

    fn file(&self) -> PathBuf {
        self.place.path().join("plan.json")
    }

    /// A plan in a file, and what was said of it as JSON.
    #[track_caller]
    fn plan(&self, rules: &[&str]) -> Value {
        let (file, target) = (self.file(), format!("r/{REPO}"));
        let line = [&["plan", &target, "--json", "--out", file.to_str().unwrap()], rules].concat();
        let said = self.run(&line);
        assert_eq!(said.code, Some(0), "{rules:?}: {}", said.err);
        said.json()
    }

    fn apply(&self, confirm: &str, more: &[&str]) -> Said {
        let file = self.file();
        self.run(&[&["apply", file.to_str().unwrap(), "--confirm", confirm], more].concat())
    }

    fn tags(&self) -> Vec<String> {
        self.server.store().repositories[REPO].tags.keys().cloned().collect()
    }

    fn at(&self, tag: &str) -> Option<String> {
        self.server.store().repositories[REPO].tags.get(tag).map(ToString::to_string)
    }

    /// Requests that change something.
    fn writes(&self) -> Vec<String> {
        let log = self.server.log();
        let writes = log.iter().filter(|one| !matches!(one.method.as_str(), "GET" | "HEAD"));
        writes.map(|one| format!("{} {}", one.method, one.path)).collect()
    }

    fn history(&self) -> Value {
        let said = self.run(&["history", "--json"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        said.json()
    }
}

/// Every line of what is one JSON value a line.
#[track_caller]
fn lines(said: &Said) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line:?}; {}", said.err));
    said.out.lines().map(parse).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn words<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    value.as_array().expect("an array").iter().map(|one| one[field].as_str().unwrap_or("-")).collect()
}
