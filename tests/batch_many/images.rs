//! What goes with an image, and what keeps one from going.

use tagboat::domain::capability::Support;
use tagboat::domain::cleanup::{Choices, Keeper, Marks, Method, Role, Siblings};
use tagboat::domain::outcome::Outcome::{Changed, Done};
use tagboat::domain::uuid::Uuid;

use super::{What, World, marks, outcomes, tags_of};
use crate::support::client::tag;

fn images() -> Choices {
    Choices { manifests: true, ..Choices::default() }
}

/// The image and its three tags, when all of them are to go; the tag alone otherwise.
#[tokio::test]
async fn an_image_goes_with_its_tags_or_not_at_all() {
    let world = World::new(0).await;
    let alone = world.plan(&marks(&["a1"]), &images()).await;
    assert_eq!((alone.items.len(), alone.items[0].method), (1, Method::Vendor), "{alone:?}");
    let with = Choices { siblings: Siblings::All, ..images() };
    let plan = world.plan(&marks(&["a1"]), &with).await;
    let [item] = &plan.items[..] else { panic!("{plan:?}") };
    assert_eq!((item.method, item.takes().len(), plan.lost_tags().count()), (Method::DeleteManifest, 3, 3));
    let (report, _) = world.run("an image", &plan, &[]).await;
    assert_eq!(outcomes(&report), [Done]);
    assert!(tags_of(&world.repository()).keys().all(|name| !name.starts_with('a')));
}

/// A list tells everything there is to know, so that no plan asks tag by tag.
#[tokio::test]
async fn a_plan_is_one_reading_of_the_list() {
    let world = World::new(80).await;
    world.plan(&marks(&["b"]), &Choices::default()).await;
    world.server.clear_log();
    for choices in [Choices::default(), images()] {
        let plan = world.plan(&marks(&["a1", "b"]), &choices).await;
        assert_eq!((plan.tags_before, plan.unsure.as_ref()), (87, None));
        assert_eq!(world.sent("GET", "").len(), 1, "{:?}", world.server.log());
        world.server.clear_log();
    }
    let deletes = tagboat::runtime::survey::deletes(&*world.backend, &crate::support::client::repo(super::REPO));
    assert_eq!((deletes.tag, deletes.manifest, deletes.vendor), (Support::Yes, Support::Yes, true));
}

#[tokio::test]
async fn images_without_a_tag_are_listed_and_go() {
    let world = World::new(0).await;
    let plan = world.plan(&Marks { untagged: true, ..Marks::default() }, &Choices::default()).await;
    let [item] = &plan.items[..] else { panic!("{plan:?}") };
    assert_eq!((item.role, item.tag.as_ref(), item.tags.len()), (Role::Untagged, None, 0));
    let (report, _) = world.run("untagged", &plan, &[]).await;
    assert_eq!((outcomes(&report), world.repository().images.len()), (vec![Done], 5));
}

/// Somebody tagged it since: it would go along unseen.
#[tokio::test]
async fn a_new_tag_keeps_the_image() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Images).await;
    world.change(|repository| {
        let image = repository.images.iter_mut().find(|image| image.tags.iter().any(|tag| tag.name == "b"));
        let tags = &mut image.expect("there").tags;
        let new =
            tagboat::demo::ml_space::Tag { id: Uuid::with_bits(1 << 90), name: "new".to_owned(), ..tags[0].clone() };
        tags.push(new);
    });
    let (report, _) = world.run("a new tag", &plan, &[]).await;
    assert_eq!(outcomes(&report), [Changed, Done, Done]);
    assert!(report.items[0].why.as_ref().is_some_and(|why| why.as_str().starts_with("new is on it")), "{report:?}");
}

#[tokio::test]
async fn what_can_be_said_is_said_in_its_own_words() {
    let world = World::new(0).await;
    let kept = world.plan(&marks(&["a1", "b", "none"]), &images()).await;
    let warnings = kept.items.iter().flat_map(|item| &item.warnings).chain(kept.kept.iter().map(|kept| &kept.why));
    for said in warnings {
        let said = said.as_str().to_lowercase();
        assert!(!["manifest", "digest", "referr"].iter().any(|word| said.contains(word)), "{said}");
    }
    assert_eq!(kept.kept.iter().map(|kept| kept.by).collect::<Vec<_>>(), [Keeper::Skipped]);
    let text = kept.to_json().expect("JSON");
    assert!(text.contains(r#""kind": "ml-space""#), "{text}");
    assert_eq!(tagboat::domain::cleanup::Plan::from_json(&text).expect("the same"), kept);
    assert!(tag("a1") == kept.items[0].tag.clone().expect("a tag"));
}
