//! `tagboat copy` and `tagboat tag` as scripts use them.
#![cfg(unix)]

use tagboat::demo::{Fault, OciOptions, OciServer, Profile, Rule, Store, start_oci};

use super::{same_tree, writes};
use crate::support::cleanup::{REPO, store};
use crate::support::program::{Demo, Place, Said};

struct Site {
    a: OciServer,
    b: OciServer,
    place: Place,
}

impl Site {
    /// `more`: lines of the second registry's entry in the config.
    async fn new(more: &str) -> Self {
        let three = || OciOptions { profile: Profile::Distribution3, ..OciOptions::default() };
        let a = start_oci(store(), three()).await.expect("a free port");
        let b = start_oci(Store::new(), three()).await.expect("a free port");
        let place = Place::new(&format!(
            "[[registry]]\nname = 'a'\nurl = '{}'\n[[registry]]\nname = 'b'\nurl = '{}'\n{more}",
            a.url, b.url
        ));
        Self { a, b, place }
    }

    fn run(&self, line: &[&str]) -> Said {
        self.place.run(line)
    }

    fn at(&self, repository: &str, tag: &str) -> Option<String> {
        self.b.store().resolve(repository, tag).map(|digest| digest.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_copied_told_of_recorded_and_taken_back() {
    let site = Site::new("").await;
    let said = site.run(&["copy", "a/team/app:i", "b/mirror/app:1", "--json"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    same_tree(&site.a, (REPO, "i"), &site.b, ("mirror/app", "1"));
    let json = said.json();
    assert_eq!(
        (json["changed"].as_bool(), json["before"].is_null(), json["manifests"].as_u64()),
        (Some(true), true, Some(3))
    );
    assert_eq!(json["blobs"]["sent"], json["blobs"]["all"]);
    assert_eq!((&json["from"]["registry"], &json["registry"]), (&"a".into(), &"b".into()));
    let id = json["id"].as_str().expect("an id").to_owned();
    let history = site.run(&["history", "--json"]).json();
    assert_eq!((&history[0]["what"], &history[0]["from"]), (&"copy".into(), &"a/team/app:i".into()));
    let items = history[0]["items"].as_array().expect("items");
    let restorable = |n: usize| (items[n]["tag"].as_str(), items[n]["restorable"].as_bool());
    assert_eq!((items.len(), restorable(0), restorable(2)), (3, (None, Some(false)), (Some("1"), Some(true))));
    assert!(site.run(&["history", &id]).out.contains("a/team/app:i"));
    // What is left out is as it was.
    assert_eq!(site.run(&["copy", "a/team/app:i", "b"]).code, Some(0));
    same_tree(&site.a, (REPO, "i"), &site.b, (REPO, "i"));
    // What is taken back is the tag; what was brought for it stays, and that is said before.
    for (more, code) in [(&["--dry-run"][..], 0), (&[], 6)] {
        let said = site.run(&[&["undo", id.as_str()], more].concat());
        assert_eq!(said.code, Some(code), "{}{}", said.out, said.err);
        assert!(said.out.contains("only the tag is removed; manifests and blobs stay"), "{}", said.out);
    }
    let before = site.b.store().repositories["mirror/app"].clone();
    let said = site.run(&["undo", &id, "--yes"]);
    assert_eq!((said.code, site.at("mirror/app", "1")), (Some(0), None), "{}{}", said.out, said.err);
    let after = site.b.store().repositories["mirror/app"].clone();
    assert_eq!((after.manifests.len(), &after.blobs), (before.manifests.len(), &before.blobs));
    assert!(site.run(&["history", &id]).out.contains("put back by"));
    assert!(site.b.store().repositories[REPO].tags.contains_key("i"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_moved_that_nobody_agreed_to() {
    for (more, who) in [("", ""), ("protect = ['1*']\n", "protected by"), ("env = 'PROD'\n", "marked PROD")] {
        let site = Site::new(more).await;
        let line = |source: &str, more: &[&str]| {
            let source = format!("a/team/app:{source}");
            site.run(&[&["copy", source.as_str(), "b/team/app:1"], more].concat())
        };
        assert_eq!(line("b", &[]).code, Some(0), "a new tag takes nothing away");
        let was = site.at(REPO, "1");
        site.b.clear_log();
        for (more, code) in
            [(&[][..], 6), (&["--dry-run"], 0), (&["--read-only", "--yes"], 6), (&["--confirm", "app"], 6)]
        {
            let said = line("c", more);
            assert_eq!((said.code, site.at(REPO, "1")), (Some(code), was.clone()), "{more:?}: {}", said.err);
        }
        let said = line("c", &["--overwrite"]);
        if !who.is_empty() {
            assert_eq!((said.code, site.at(REPO, "1")), (Some(6), was.clone()), "{}", said.err);
            assert!(said.err.contains(who) && said.err.contains("--confirm team/app"), "{}", said.err);
            assert_eq!(line("c", &["--confirm", "team/app"]).code, Some(0));
        }
        assert_ne!(site.at(REPO, "1"), was);
        let id = site.run(&["history", "--json"]).json()[0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(site.run(&["undo", &id, "--yes"]).code, Some(0));
        assert_eq!(site.at(REPO, "1"), was, "where it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_and_failures_have_their_codes() {
    let site = Site::new("mode = 'ro'\n").await;
    for (line, code) in [
        (["copy", "a/team/app:i", "b/x:1"], 6),
        (["copy", "a/team/app", "a/x:1"], 2),
        (["copy", "a/team/app:none", "a/x:1"], 4),
        (["copy", "a/team/app:i", "a/x:not a tag"], 2),
    ] {
        assert_eq!(site.run(&line).code, Some(code), "{line:?}");
    }
    let digest = site.a.store().resolve(REPO, "b").expect("a tag").to_string();
    let by_digest = format!("a/team/app@{digest}");
    assert_eq!(site.run(&["copy", &by_digest, "a/x"]).code, Some(2), "no tag is said");
    assert_eq!(site.run(&["copy", &by_digest, &format!("a/x@{digest}")]).code, Some(2));
    assert_eq!(site.run(&["copy", &by_digest, "a/x:1"]).code, Some(0));
    assert!(site.a.store().repositories["x"].tags.contains_key("1"));
    assert_eq!(writes(&site.b), Vec::<String>::new());
    site.a.faults().add(Rule::on("/v2/y/", Fault::status(403)).method("POST"));
    let said = site.run(&["copy", "a/team/app:i", "a/y:1", "--json"]);
    assert_eq!((said.code, said.json()["error"]["kind"].as_str()), (Some(3), Some("denied")), "{}", said.err);
}

/// Distribution 2.8 deletes no tags: then nothing was taken back, and nothing says so.
#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_was_refused_took_nothing_back() {
    let server = start_oci(store(), OciOptions::default()).await.expect("a free port");
    let place = Place::new(&format!("[[registry]]\nname = 'a'\nurl = '{}'\n", server.url));
    let said = place.run(&["copy", "a/team/app:b", "a/mirror/app:1"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("1 manifest, ") && said.out.contains("(only the tag; its content stays)"),
        "{}",
        said.out
    );
    let id = place.run(&["history", "--json"]).json()[0]["id"].as_str().expect("an id").to_owned();
    // A dry run sends nothing, and says what it does not know; without an answer it is said before it is asked.
    let said = place.run(&["undo", &id, "--dry-run"]);
    assert!(said.code == Some(0) && said.out.contains("asked only by a real run"), "{}{}", said.out, said.err);
    for more in [&[][..], &["--yes"]] {
        server.clear_log();
        let said = place.run(&[&["undo", id.as_str()], more].concat());
        assert_eq!(said.code, Some(7), "{}{}", said.out, said.err);
        assert!(said.out.contains("1: it was new, and stays with what it is on"), "{}", said.out);
        let sent = writes(&server);
        assert!(sent.len() == 1 && sent[0].contains("tagboat-probe-"), "{sent:?}");
    }
    assert!(server.store().resolve("mirror/app", "1").is_some());
    let history = place.run(&["history", &id]).out;
    assert!(history.contains("can be put back") && !history.contains("put back by"), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_history_nothing_claims_to_be_recorded() {
    let server = start_oci(store(), OciOptions::default()).await.expect("a free port");
    let place = Place::new(&format!("history.enabled = false\n[[registry]]\nname = 'a'\nurl = '{}'\n", server.url));
    let plan = place.path().join("plan.json");
    let plan = plan.to_str().expect("a path");
    assert_eq!(place.run(&["plan", "a/team/app", "--tag", "b", "--out", plan]).code, Some(0));
    let said = place.run(&["apply", plan, "--confirm", "1"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("1 done.") && !said.out.contains("Recorded") && !said.out.contains("undo"),
        "{}",
        said.out
    );
    assert!(said.err.contains("switched off in the config: this cannot be undone"), "{}", said.err);
    let said = place.run(&["undo", "20261122-015554-2796"]);
    assert!(said.code == Some(4) && said.err.contains("The history is switched off"), "{}", said.err);
}

/// The old form goes by a digest that its bytes do not have, and registries convert it.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_schema_1_is_refused_before_anything_is_sent() {
    let target = start_oci(Store::new(), OciOptions::default()).await.expect("a free port");
    let demo = Demo::start(&[]);
    let place = Place::new(&format!("[[registry]]\nname = 'b'\nurl = '{}'\n", target.url));
    let source = demo.repo("legacy/schema1-billing:2016-02");
    for more in [&[][..], &["--dry-run"]] {
        let said = place.run(&[&["copy", source.as_str(), "b/mirror/app:1"], more].concat());
        assert_eq!(said.code, Some(6), "{}{}", said.out, said.err);
        assert!(said.err.contains("Docker schema 1") && said.err.contains("is not copied"), "{}", said.err);
    }
    assert_eq!(writes(&target), Vec::<String>::new());
}
