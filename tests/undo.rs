//! What was deleted comes back with the digests it had; what cannot come back is named, and the rest comes.

use tagboat::demo::Profile;
use tagboat::domain::cleanup::Choices;
use tagboat::domain::outcome::Outcome::{self, Done, Failed, Skipped};
use tagboat::runtime::batch::Report;
use tagboat::runtime::undo::{ManifestBack, TagBack};

use crate::support::cleanup::{REPO, Way, World};

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.items.iter().map(|ended| ended.outcome).collect()
}

async fn delete(world: &World, marks: &[&str], choices: &Choices) -> String {
    let plan = world.plan(marks, choices).await;
    let (report, _) = world.run(&plan).await;
    assert!(report.items.iter().all(|ended| ended.outcome == Done) && !report.items.is_empty(), "{report:?}");
    assert!(report.not_kept.is_empty() && report.said.is_empty(), "{report:?}");
    report.journal.expect("an id")
}

fn whole() -> Choices {
    Choices { manifests: true, children: true, ..Choices::default() }
}

#[tokio::test]
async fn every_way_is_taken_back_to_the_byte() {
    for way in Way::ALL {
        let world = World::new(way.profile()).await;
        let plan = world.plan_way(way).await;
        let before = world.repository();
        let (report, _) = world.run(&plan).await;
        assert_eq!(outcomes(&report), [Done; 3], "{way:?}");
        assert_ne!(world.repository().tags, before.tags, "{way:?}");
        let undone = world.undo(report.journal.as_deref().expect("an id"), &[]).await;
        assert!(outcomes(&undone).iter().all(|outcome| *outcome == Done), "{way:?}: {undone:?}");
        let after = world.repository();
        assert_eq!(after.tags, before.tags, "{way:?}");
        for (digest, document) in &before.manifests {
            let back = after.manifests.get(digest);
            assert_eq!(back.map(|back| (&back.bytes, &back.media_type)), Some((&document.bytes, &document.media_type)));
        }
    }
}

#[tokio::test]
async fn an_index_comes_back_with_its_entries_and_shared_ones_never_went() {
    let world = World::new(Profile::Reference).await;
    let before = world.repository();
    let id = delete(&world, &["i"], &whole()).await;
    let between = world.repository();
    // One entry is also listed by another index.
    assert_eq!(before.manifests.len() - between.manifests.len(), 2, "the index and one of its two entries");
    assert!(between.tags.contains_key("j") && !between.tags.contains_key("i"));
    let prospect = world.prospect(&id).await;
    let states: Vec<_> = prospect.manifests.iter().map(|(_, back)| back.clone()).collect();
    assert_eq!(states.last(), Some(&ManifestBack::Possible), "the index is the last");
    assert_eq!(states.iter().filter(|back| **back == ManifestBack::Possible).count(), 2, "{states:?}");
    world.undo(&id, &[]).await;
    let after = world.repository();
    assert_eq!(after.tags, before.tags);
    assert_eq!(after.manifests.len(), before.manifests.len());
}

#[tokio::test]
async fn a_tag_that_is_in_use_by_now_is_only_moved_when_somebody_says_so() {
    let world = World::new(Profile::Distribution3).await;
    let (before, e) = (world.repository(), world.at("e"));
    let id = delete(&world, &["b", "c"], &Choices::default()).await;
    world.server.store().tag(REPO, "b", &e);
    let prospect = world.prospect(&id).await;
    let of_b = prospect.tags.iter().find(|(tag, ..)| tag.as_str() == "b").map(|(.., back)| back.clone());
    assert_eq!(of_b, Some(TagBack::InUse(e.clone())));
    let report = world.undo(&id, &[]).await;
    assert!(outcomes(&report).contains(&Skipped), "{report:?}");
    assert_eq!((world.at("b"), world.at("c")), (e, before.tags["c"].clone()));
    world.undo(&id, &["b"]).await;
    assert_eq!(world.repository().tags, before.tags);
}

#[tokio::test]
async fn what_the_registry_has_thrown_away_is_named_and_the_rest_comes_back() {
    let world = World::new(Profile::Reference).await;
    let before = world.repository();
    let id = delete(&world, &["b", "c", "i"], &whole()).await;
    // A garbage collection in between: the layer that only `b` had.
    let config = before.manifests[&before.tags["b"]].json()["config"]["digest"].as_str().expect("a digest").to_owned();
    let config = tagboat::domain::reference::Digest::parse(&config).expect("a digest");
    world.server.store().repository(REPO).blobs.remove(&config);
    let prospect = world.prospect(&id).await;
    let lost: Vec<_> = prospect.manifests.iter().filter(|(_, back)| matches!(back, ManifestBack::Lost(_))).collect();
    let [(digest, ManifestBack::Lost(why))] = lost[..] else { panic!("{lost:?}") };
    assert!(*digest == before.tags["b"] && why.as_str().contains(&config.short()), "{why}");
    let report = world.undo(&id, &[]).await;
    assert_eq!(outcomes(&report).iter().filter(|outcome| **outcome == Failed).count(), 2, "a manifest and its tag");
    let mut want = before.tags.clone();
    want.remove("b");
    assert_eq!(world.repository().tags, want);
}

#[tokio::test]
async fn undoing_twice_changes_nothing_more() {
    let world = World::new(Profile::Distribution3).await;
    let before = world.repository();
    let id = delete(&world, &["b"], &Choices::default()).await;
    world.undo(&id, &[]).await;
    world.server.clear_log();
    let report = world.undo(&id, &[]).await;
    assert!(outcomes(&report).iter().all(|outcome| *outcome == Done), "{report:?}");
    assert!(world.server.log().iter().all(|one| one.method != "PUT"));
    assert_eq!(world.repository().tags, before.tags);
    // The undo is an operation of its own, which says whose it is.
    let history = world.journals().history().journals;
    assert_eq!(history.iter().filter(|told| told.header.undoes.as_deref() == Some(&id)).count(), 2);
}
