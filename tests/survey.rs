//! What is read before a plan is made.

use std::collections::{BTreeSet, HashMap, HashSet};

use tagboat::demo::{Fault, OciOptions, Profile, Push, Rule};
use tagboat::domain::capability::Support;
use tagboat::domain::cleanup::{Choices, Deletes, Found, Marks, Target};
use tagboat::runtime::survey::{Progress, Seen, Wanted, deepen, learn};
use tokio::sync::watch;

use crate::support::cleanup::{REPO, World};
use crate::support::client::{repo, tag};

fn all() -> Wanted {
    Wanted { manifests: true, referrers_of: vec![tag("i")], ..Wanted::default() }
}

#[tokio::test]
async fn tags_alone_cost_one_request_each() {
    let world = World::new(Profile::Distribution3).await;
    let snapshot = world.snapshot(&Wanted::default()).await;
    assert!(snapshot.complete && snapshot.manifests.is_empty() && !snapshot.referrers_known);
    let tags = world.repository().tags;
    assert_eq!(snapshot.tags.len(), tags.len());
    for fact in &snapshot.tags {
        assert_eq!(fact.target.digest(), tags.get(fact.name.as_str()), "{}", fact.name);
    }
    assert_eq!(world.server.log().len(), tags.len() + 1);
}

#[tokio::test]
async fn manifests_are_read_to_the_ground_and_once() {
    let world = World::new(Profile::Distribution3).await;
    let snapshot = world.snapshot(&all()).await;
    let there = world.repository().manifests;
    assert_eq!(snapshot.manifests.len(), there.len());
    assert!(
        snapshot.manifests.iter().all(|(digest, found)| there.contains_key(digest) && matches!(found, Found::Read(_)))
    );
    let gets = |world: &World| {
        world.server.log().iter().filter(|one| one.method == "GET" && one.path.contains("/manifests/")).count()
    };
    assert_eq!(gets(&world), there.len());
    // The tags are asked again, content that is known is not.
    world.server.clear_log();
    let again = world.snapshot(&all()).await;
    assert_eq!((gets(&world), again.manifests.len()), (0, there.len()));
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_and_not_absent() {
    let world = World::new(Profile::Distribution3).await;
    let (b, c) = (world.at("b"), world.at("c"));
    world.server.faults().add(Rule::on("/manifests/a2", Fault::status(400)));
    world.server.faults().add(Rule::on(&format!("/manifests/{b}"), Fault::Html));
    world.server.store().repository(REPO).manifests.remove(&c);
    let snapshot = world.snapshot(&all()).await;
    let target =
        |name: &str| snapshot.tags.iter().find(|fact| fact.name.as_str() == name).map(|fact| fact.target.clone());
    assert!(matches!(target("a2"), Some(Target::Unknown(_))));
    assert_eq!(target("c"), Some(Target::Dangling));
    assert!(matches!(snapshot.manifests[&b], Found::Unreadable(_)));
}

#[tokio::test]
async fn entries_that_are_no_tags_make_a_list_incomplete() {
    let world = World::new(Profile::Distribution3).await;
    assert!(world.snapshot(&Wanted::default()).await.complete);
    let entry = serde_json::json!("no tag at all/");
    world.server.faults().add(Rule::on("/tags/list", Fault::Entries(vec![entry])));
    assert!(!world.snapshot(&Wanted::default()).await.complete);
}

#[tokio::test]
async fn referrers_come_from_the_api_or_from_the_tags() {
    for profile in [Profile::Zot, Profile::Distribution3] {
        let world = World::new(profile).await;
        let subject = world.at("b");
        let made = {
            let mut store = world.server.store();
            let mut push = Push::to(&mut store, REPO);
            let platform = tagboat::demo::Image {
                created: "2026-03-04T05:06:07Z".to_owned(),
                platform: "linux/amd64".to_owned(),
                layers: vec![("base".to_owned(), 10), ("b linux/amd64".to_owned(), 20)],
                labels: vec![("name".to_owned(), "b".to_owned())],
                docker: false,
            };
            let image = push.image(&platform);
            assert_eq!(image.digest, subject);
            let (config, layer) = (("application/vnd.oci.empty.v1+json", "{}"), ("text/plain", "signed"));
            let signature =
                push.artifact(Some("application/spdx+json"), config, layer, Some(&image), &serde_json::Value::Null);
            if profile == Profile::Distribution3 {
                let index = push.index(std::slice::from_ref(&signature));
                push.tag(&[&subject.to_string().replace(':', "-")], &index);
            }
            signature
        };
        let wanted = Wanted { manifests: true, referrers_of: vec![tag("b")], ..Wanted::default() };
        let snapshot = world.snapshot(&wanted).await;
        assert_eq!(snapshot.referrers.get(&subject), Some(&vec![made.digest.clone()]), "{profile:?}");
        assert!(snapshot.referrers_known, "{profile:?}");
        assert!(snapshot.fact(&made.digest).is_some_and(|fact| fact.subject.as_ref() == Some(&subject)), "{profile:?}");
    }
}

#[tokio::test]
async fn the_probe_tells_whether_anything_is_deleted_and_is_sent_only_for_that() {
    for deletes in [true, false] {
        let world = World::with(OciOptions { deletes, ..OciOptions::default() }).await;
        let plain = world.snapshot(&Wanted::default()).await;
        assert_eq!((plain.deletes.manifest, world.deletes_sent()), (Support::Unknown, 0));
        let probed = world.snapshot(&Wanted { probe: true, ..Wanted::default() }).await;
        let support = if deletes { Support::Yes } else { Support::No };
        assert_eq!((probed.deletes.manifest, world.deletes_sent()), (support, 1));
        assert_eq!(probed.deletes.can_untag(), deletes);
    }
}

#[tokio::test]
async fn how_a_registry_deletes_is_asked_by_what_can_hit_nothing() {
    let on = |profile| OciOptions { profile, ..OciOptions::default() };
    let off = OciOptions { deletes: false, ..OciOptions::default() };
    let yes_by_digest = Deletes { tag: Support::No, manifest: Support::Yes, ..Deletes::default() };
    let neither = Deletes { tag: Support::No, manifest: Support::No, ..Deletes::default() };
    for (options, want, sent) in [
        // Of a tag that is not there, 404 does not say that tags are known there; but it is no reason to ask more.
        (on(Profile::Distribution3), Deletes::default(), 1),
        (on(Profile::Reference), yes_by_digest, 2),
        (off, neither, 2),
    ] {
        let world = World::with(options).await;
        let before = world.repository();
        assert_eq!(learn(&*world.backend, &repo(REPO), false).await.expect("an answer"), want);
        assert_eq!(world.deletes_sent(), sent);
        let after = world.repository();
        assert_eq!((before.tags, before.manifests.len()), (after.tags, after.manifests.len()));
    }
}

#[tokio::test]
async fn what_was_seen_a_moment_ago_is_asked_again_only_where_the_plan_is_about_it() {
    let world = World::new(Profile::Distribution3).await;
    let mut tags = HashMap::new();
    for name in ["a1", "a2", "b", "c", "i"] {
        let info = world.backend.tag_info(&repo(REPO), &tag(name)).await.expect("details");
        // Of one, no more than its digest is known.
        tags.insert(tag(name), (info.digest.clone(), (name != "c").then_some(info)));
    }
    let (old, new) = (world.at("b"), world.at("e"));
    world.server.store().tag(REPO, "b", &new);
    world.server.store().tag(REPO, "a2", &new);
    world.server.clear_log();
    let seen = Seen { tags, anew: HashSet::from([tag("a1")]) };
    let snapshot = world.survey(&Wanted::default(), &seen).await;
    let target = |name: &str| snapshot.tags.iter().find(|fact| fact.name.as_str() == name).map(|fact| &fact.target);
    // Marked, on the digest of what is marked, not seen: asked. Seen: as it was.
    assert_eq!(target("a2"), Some(&Target::At(new)));
    assert_eq!(target("b"), Some(&Target::At(old)));
    let asked = ["a1", "a2", "a3", "d", "e", "j"];
    let heads: BTreeSet<_> =
        world.server.log().iter().filter(|one| one.method == "HEAD").map(|one| one.path.clone()).collect();
    let wanted = asked.iter().map(|name| format!("/v2/{REPO}/manifests/{name}")).collect();
    assert_eq!(heads, wanted);
    // A rule may ask for more than the digest.
    let snapshot = world.survey(&Wanted { details: true, ..Wanted::default() }, &seen).await;
    assert!(snapshot.tags.iter().all(|fact| fact.info.is_some()));
}

#[tokio::test]
async fn more_is_read_on_top_of_what_was_read() {
    let world = World::new(Profile::Distribution3).await;
    let mut snapshot = world.snapshot(&Wanted::default()).await;
    assert!(!snapshot.deep);
    world.server.clear_log();
    let progress = watch::Sender::new(Progress::default());
    deepen(&*world.backend, &mut snapshot, &all(), &progress).await.expect("more");
    assert_eq!(snapshot.deep.then_some(snapshot.manifests.len()), Some(world.repository().manifests.len()));
    let again = world.server.log().iter().filter(|one| one.method == "HEAD" || one.path.ends_with("/list")).count();
    assert_eq!(again, 0, "tags are not asked again");
}

#[test]
fn only_deletions_by_digest_need_more_than_tags() {
    let marks = Marks { tags: vec![tag("b")], ..Marks::default() };
    let known = Deletes::default();
    let wanted = |choices: &Choices, read_only| Wanted::for_plan(&marks, choices, known, false, read_only);
    assert_eq!(wanted(&Choices::default(), false), Wanted::default());
    let deep = Choices { manifests: true, ..Choices::default() };
    let want = Wanted { manifests: true, referrers_of: marks.tags.clone(), probe: true, details: false };
    assert_eq!(wanted(&deep, false), want);
    assert!(!wanted(&deep, true).probe, "read-only sends none");
}
