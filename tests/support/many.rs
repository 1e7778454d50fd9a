//! A repository of many tags, and whether what the history says became of them is what the registry has.

use std::collections::BTreeMap;

use serde_json::Value;
use tagboat::demo::{Image, OciOptions, OciServer, Profile, Push, Store, start_oci};
use tagboat::domain::reference::Digest;

pub const REPO: &str = "team/many";
/// A tag that no clean-up here is about.
pub const STAYS: &str = "stays";

pub struct Many {
    pub server: OciServer,
    /// Every tag and what it was on.
    pub before: BTreeMap<String, Digest>,
}

/// What became of the items of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub done: usize,
    pub unknown: usize,
    /// Nothing was sent for them.
    pub skipped: usize,
}

fn store(count: usize) -> Store {
    let mut store = Store::new();
    let mut push = Push::to(&mut store, REPO);
    let names = (0..count).map(|n| format!("0.{n}")).chain([STAYS.to_owned()]);
    for name in names {
        let made = push.image(&Image {
            created: "2026-03-04T05:06:07Z".to_owned(),
            platform: "linux/amd64".to_owned(),
            layers: vec![("base".to_owned(), 10)],
            labels: vec![("name".to_owned(), name.clone())],
            docker: false,
        });
        push.tag(&[&name], &made);
    }
    store
}

impl Many {
    /// `0.0`, `0.1` and so on, each on an image of its own, and one that stays.
    pub async fn start(profile: Profile, count: usize) -> Self {
        let options = OciOptions { profile, ..OciOptions::default() };
        let server = start_oci(store(count), options).await.expect("a free port");
        let before = server.store().repositories[REPO].tags.clone();
        Self { server, before }
    }

    /// A config in which the registry is `r`.
    pub fn config(&self) -> String {
        format!("[[registry]]\nname = 'r'\nurl = '{}'\n", self.server.url)
    }

    pub fn tags(&self) -> BTreeMap<String, Digest> {
        self.server.store().repositories[REPO].tags.clone()
    }

    /// What was asked to be deleted, as often as it was.
    pub fn deletes(&self) -> Vec<String> {
        let log = self.server.log();
        let deletes = log.iter().filter(|one| one.method == "DELETE");
        deletes.filter_map(|one| one.path.rsplit('/').next()).map(str::to_owned).collect()
    }

    /// Compares one run of the history with the registry: what is told deleted is deleted, what is told open may be
    /// either, and everything else is where it was.
    #[track_caller]
    pub fn account(&self, case: &str, run: &Value) -> Account {
        let now = self.tags();
        let mut account = Account::default();
        let mut told = BTreeMap::new();
        for item in run["items"].as_array().expect("items") {
            let (tag, outcome) = (item["tag"].as_str().expect("a tag"), item["outcome"].as_str().expect("an outcome"));
            assert!(told.insert(tag, outcome).is_none(), "{case}: {tag} is told twice");
            match outcome {
                "done" => account.done += 1,
                "unknown" => account.unknown += 1,
                "skipped" => account.skipped += 1,
                other => panic!("{case}: {tag} is told {other}"),
            }
        }
        for (tag, digest) in &self.before {
            let outcome = told.get(tag.as_str()).copied();
            match outcome {
                Some("done") => assert_eq!(now.get(tag), None, "{case}: {tag} is told deleted"),
                Some("unknown") => assert!(now.get(tag).is_none_or(|at| at == digest), "{case}: {tag}"),
                _ => assert_eq!(now.get(tag), Some(digest), "{case}: {tag} is told {outcome:?}"),
            }
        }
        assert!(now.keys().all(|tag| self.before.contains_key(tag)), "{case}: nothing came");
        let mut sent = self.deletes();
        let count = sent.len();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len(), count, "{case}: something was sent twice");
        account
    }
}
