//! `apply` on the placeholder way, where a tag is for a moment on something that nobody wants: killed at each of its
//! writes, carried out or not.

use std::process::{Child, Stdio};

use tagboat::demo::{Fault, OciOptions, OciServer, Profile, Repository, Rule, start_oci};

use super::recorded;
use crate::support::cleanup::{REPO, store};
use crate::support::program::Place;

struct Site {
    server: OciServer,
    place: Place,
    before: Repository,
}

impl Site {
    async fn new() -> Self {
        let options = OciOptions { profile: Profile::Reference, ..OciOptions::default() };
        let server = start_oci(store(), options).await.expect("a free port");
        let place = Place::new(&format!("[[registry]]\nname = 'r'\nurl = '{}'\n", server.url));
        let before = server.store().repositories[REPO].clone();
        Self { server, place, before }
    }

    fn count(&self, method: Option<&str>) -> usize {
        let is_write = |one: &str| method.map_or(!matches!(one, "GET" | "HEAD"), |method| method == one);
        self.server.log().iter().filter(|one| is_write(&one.method)).count()
    }

    fn now(&self) -> Repository {
        self.server.store().repositories[REPO].clone()
    }
}

/// How far it had come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    /// It had only asked whether anything is deleted there.
    Asked,
    /// Something was sent for one of the tags.
    Begun,
    ToTheEnd,
}

/// Two of three tags on one digest go, until the `n`th request with this method has arrived.
async fn killed(site: &Site, method: &str, n: usize, fault: &Fault) -> Came {
    let file = site.place.path().join("plan.json");
    let file = file.to_str().unwrap();
    let line = ["plan", &format!("r/{REPO}"), "--tag", "a1", "a2", "--placeholder", "--out", file];
    let said = site.place.run(&line);
    assert_eq!(said.code, Some(0), "{}", said.err);
    site.server.clear_log();
    site.server.faults().add(Rule::on("/v2/", fault.clone()).method(method).after(n).times(1));
    let mut command = site.place.command(&["apply", file, "--confirm", "2"]);
    let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while site.count(Some(method)) <= n {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0), "{method} {n}");
            return Came::ToTheEnd;
        }
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = site.count(Some("POST")) > 0;
    site.server.faults().clear();
    site.server.clear_log();
    if begun { Came::Begun } else { Came::Asked }
}

/// How often a tag was left on a placeholder.
async fn at_every(method: &str, fault: Fault) -> usize {
    let mut left = 0;
    for n in 0.. {
        let case = format!("{method} {n}, {fault:?}");
        let site = Site::new().await;
        let came = killed(&site, method, n, &fault).await;
        if came == Came::ToTheEnd {
            assert!(n >= 3, "{case}: too early to be the end");
            break;
        }
        // Whether anything is deleted there is asked before anything is recorded.
        if site.place.run(&["history", "--json"]).json().as_array().is_some_and(Vec::is_empty) {
            assert!(came == Came::Asked, "{case}");
            assert_eq!(site.now().tags, site.before.tags, "{case}");
            continue;
        }
        let run = recorded(&site.place);
        assert_eq!(run["finished"], false, "{case}: {run}");
        let told = site.place.run(&["history"]);
        assert!(told.out.contains("NOT FINISHED"), "{case}: {}", told.out);
        let open = run["items"].as_array().unwrap().iter().filter(|item| item["outcome"] == "unknown").count();
        assert_eq!(open, usize::from(came == Came::Begun), "{case}: {run}");
        assert_eq!(site.count(None), 0, "{case}: nothing runs by itself");
        let now = site.now();
        for (tag, digest) in &site.before.tags {
            if !matches!(tag.as_str(), "a1" | "a2") {
                assert_eq!(now.tags.get(tag), Some(digest), "{case}: {tag} is no part of it");
            }
        }
        let strange = |at: &&_| !site.before.manifests.contains_key(*at);
        left += now.tags.values().filter(strange).count();
        let id = run["id"].as_str().unwrap();
        let said = site.place.run(&["undo", id, "--yes"]);
        assert_eq!(said.code, Some(0), "{case}: {}{}", said.out, said.err);
        let back = site.now();
        assert_eq!(back.tags, site.before.tags, "{case}");
        assert!(back.manifests.keys().eq(site.before.manifests.keys()), "{case}: no placeholder stays");
        assert_eq!(site.place.run(&["history", "--json"]).json()[0]["finished"], true, "{case}");
    }
    left
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_an_upload() {
    for method in ["POST", "PUT"] {
        let left = at_every(method, Fault::Silence).await;
        // The manifest is put onto the tag of each of the two.
        assert_eq!(left, if method == "PUT" { 2 } else { 0 }, "{method}");
        assert_eq!(at_every(method, Fault::Hang).await, 0, "{method}: nothing arrived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_a_deletion() {
    assert_eq!(at_every("DELETE", Fault::Silence).await, 0, "the tag is gone with its placeholder");
    assert_eq!(at_every("DELETE", Fault::Hang).await, 2, "it is still on it");
}
