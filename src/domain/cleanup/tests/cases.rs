//! What each rule of the planner is for.

use super::server::Kind;
use super::world::{World, attached, digest, tag};
use crate::domain::capability::Support;
use crate::domain::cleanup::*;
use crate::domain::reference::TagName;

/// What is sent: the tag (or the manifest's name), and how.
fn sent(plan: &Plan) -> Vec<(String, Method)> {
    let name =
        |item: &Item| item.tag.as_ref().map_or_else(|| item.digest.as_ref().unwrap().short(), ToString::to_string);
    plan.items.iter().map(|item| (name(item), item.method)).collect()
}

fn short(name: &str) -> String {
    digest(name).short()
}

fn why<'a>(plan: &'a Plan, name: &str) -> &'a str {
    plan.kept.iter().find(|kept| kept.tag.as_str() == name).map_or("", |kept| kept.why.as_str())
}

fn said(item: &Item) -> String {
    item.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn shared(kind: Kind) -> World {
    let mut world = World::new(kind);
    world.image("one");
    world.image("two");
    world.tag("a", "one");
    world.tag("b", "one");
    world.tag("z", "two");
    world
}

/// An index of two entries under `name`, one of them tagged itself.
fn family(kind: Kind) -> World {
    let mut world = World::new(kind);
    world.image("amd");
    world.image("arm");
    world.index("index", &["amd", "arm"]);
    world.tag("app", "index");
    world.tag("arm-only", "arm");
    world.image("other");
    world.tag("z", "other");
    world
}

#[test]
fn a_tag_alone_goes_by_default_and_siblings_stay() {
    let plan = shared(Kind::TagToo).plan(&["a"], &Choices::default());
    assert_eq!(sent(&plan), [("a".to_owned(), Method::Untag)]);
    assert_eq!(plan.items[0].siblings().map(TagName::as_str).collect::<Vec<_>>(), ["b"]);
    assert_eq!((plan.reclaimable.at_least, plan.left.untagged.len()), (0, 0));
    assert!(plan.reclaimable.exact);
    let plan = shared(Kind::TagToo).plan(&["a", "b"], &Choices::default());
    assert_eq!(plan.left.untagged, [digest("one")]);
    assert_eq!((plan.reclaimable.at_least, plan.reclaimable.at_most, plan.reclaimable.exact), (0, Some(110), false));
    assert!(said(&plan.items[1]).contains("the manifest stays, without a tag"));
}

#[test]
fn a_manifest_goes_when_asked_for_and_only_with_its_last_tag() {
    let choices = Choices { manifests: true, ..Choices::default() };
    assert_eq!(sent(&shared(Kind::TagToo).plan(&["a"], &choices)), [("a".to_owned(), Method::Untag)]);
    let plan = shared(Kind::TagToo).plan(&["a", "b"], &choices);
    assert_eq!(sent(&plan), [("a".to_owned(), Method::DeleteManifest)]);
    assert_eq!((plan.count(), plan.reclaimable.at_least, plan.reclaimable.exact), (2, 110, true));
}

#[test]
fn by_digest_only_a_shared_tag_is_held_back_until_its_siblings_are_named() {
    let world = shared(Kind::DigestOnly);
    let plan = world.plan(&["a", "z"], &Choices::default());
    assert_eq!(sent(&plan), [("z".to_owned(), Method::DeleteManifest)]);
    assert!(said(&plan.items[0]).contains("the manifest goes, not the tag alone"));
    assert_eq!(why(&plan, "a"), "its digest also carries b, not marked");
    assert_eq!(&*plan.kept[0].others, [tag("b")]);
    for siblings in [Siblings::All, Siblings::Named([tag("b"), tag("z")].into())] {
        let plan = world.plan(&["a"], &Choices { siblings, ..Choices::default() });
        assert_eq!(sent(&plan), [("a".to_owned(), Method::DeleteManifest)]);
        assert_eq!(plan.count(), 2);
    }
    let plan = world.plan(&["a"], &Choices { placeholder: true, ..Choices::default() });
    assert_eq!(sent(&plan), [("a".to_owned(), Method::Placeholder)]);
}

#[test]
fn entries_of_an_index_go_when_nothing_else_uses_them() {
    for kind in [Kind::TagToo, Kind::DigestOnly] {
        let world = family(kind);
        let plan = world.plan(&["app"], &Choices { manifests: true, ..Choices::default() });
        assert_eq!((sent(&plan).len(), plan.left.children.clone()), (1, vec![digest("amd")]));
        assert!(said(&plan.items[0]).contains("1 entry of this index would be left"), "{}", said(&plan.items[0]));
        let plan = world.plan(&["app"], &Choices { children: true, ..Choices::default() });
        assert_eq!(sent(&plan), [("app".to_owned(), Method::DeleteManifest), (short("amd"), Method::DeleteManifest)]);
        assert_eq!((plan.items[1].role, plan.items[1].after.clone()), (Role::Child, vec![digest("index")]));
    }
}

#[test]
fn an_entry_that_another_index_lists_stays_and_one_of_a_nested_index_goes() {
    let mut world = family(Kind::TagToo);
    world.index("outer", &["index"]);
    world.tag("outer", "outer");
    let choices = Choices { children: true, ..Choices::default() };
    let plan = world.plan(&["app"], &choices);
    assert_eq!(sent(&plan), [("app".to_owned(), Method::Untag)], "the outer index lists it");
    assert!(said(&plan.items[0]).contains("(outer) lists it"));
    let plan = world.plan(&["app", "outer"], &choices);
    let order: Vec<_> = plan.lost_manifests().cloned().collect();
    assert_eq!(order, [digest("outer"), digest("index"), digest("amd")]);
    world.index("second", &["amd"]);
    world.tag("second", "second");
    assert!(!world.plan(&["app", "outer"], &choices).lost_manifests().any(|one| *one == digest("amd")));
}

#[test]
fn a_marked_entry_of_an_index_that_stays_is_not_deleted_by_digest() {
    let plan = family(Kind::DigestOnly).plan(&["arm-only"], &Choices::default());
    assert!(plan.is_empty());
    assert_eq!(why(&plan, "arm-only"), format!("the index {} (app) lists it", short("index")));
    assert_eq!(family(Kind::TagToo).plan(&["arm-only"], &Choices::default()).items[0].method, Method::Untag);
}

fn signed(kind: Kind) -> World {
    let mut world = shared(kind);
    world.referrer("sbom", "two");
    world.referrer("signature", "sbom");
    world.index("fallback", &["sbom"]);
    world.server.tags.insert(attached("two", ""), Some(digest("fallback")));
    world.image("cosign");
    world.server.tags.insert(attached("two", ".sig"), Some(digest("cosign")));
    world
}

#[test]
fn referrers_go_with_their_image_by_link_by_fall_back_tag_and_in_chains() {
    for kind in [Kind::TagToo, Kind::DigestOnly] {
        let world = signed(kind);
        let plan = world.plan(&["z"], &Choices { manifests: true, ..Choices::default() });
        assert_eq!((plan.items.len(), plan.left.referrers.len()), (1, 3));
        assert!(said(&plan.items[0]).contains("3 manifests that refer to it would be left"));
        let plan = world.plan(&["z"], &Choices { referrers: true, ..Choices::default() });
        let mut lost: Vec<_> = plan.lost_manifests().cloned().collect();
        assert_eq!(lost[0], digest("two"));
        lost.sort();
        let mut all = ["two", "sbom", "signature", "fallback", "cosign"].map(digest);
        all.sort();
        assert_eq!((lost.as_slice(), plan.count()), (&all[..], 3), "the tags of fall-back and signature count");
        let untouched = world.plan(&["a", "b"], &Choices { referrers: true, ..Choices::default() });
        assert_eq!(untouched.lost_manifests().count(), 1);
    }
}

#[test]
fn a_signature_that_is_marked_is_told_whose_it_is() {
    let world = signed(Kind::TagToo);
    let name = attached("two", ".sig");
    let plan = world.plan(&[name.as_str()], &Choices::default());
    assert!(said(&plan.items[0]).contains(&format!("it belongs to the image {}, which stays", short("two"))));
}

#[test]
fn what_is_not_known_is_skipped_and_counts_as_used() {
    let mut world = shared(Kind::DigestOnly);
    world.unresolved.push(tag("a"));
    let plan = world.plan(&["a", "z"], &Choices { siblings: Siblings::All, ..Choices::default() });
    assert!(plan.is_empty() && plan.unsure.is_some());
    assert_eq!(why(&plan, "a"), "its digest is not known: the answer took too long");
    assert!(why(&plan, "z").contains("1 tag could not be resolved"));
    for spoil in [|w: &mut World| w.complete = false, |w: &mut World| w.unreadable.push(digest("two"))] {
        let mut world = shared(Kind::TagToo);
        spoil(&mut world);
        let plan = world.plan(&["a", "b"], &Choices { manifests: true, ..Choices::default() });
        assert!(plan.items.iter().all(|item| item.method == Method::Untag) && plan.items.len() == 2);
        assert_eq!((plan.reclaimable.exact, plan.reclaimable.at_most), (false, None));
        assert_eq!(plan.ask(&Confirm::default(), false).tier, Tier::Count);
    }
}

#[test]
fn tags_alone_ask_nothing_of_manifests_that_stay() {
    let mut world = shared(Kind::TagToo);
    world.unreadable.push(digest("one"));
    let tier = |plan: &Plan| plan.ask(&Confirm::default(), false).tier;
    let plan = world.plan(&["z"], &Choices::default());
    assert_eq!((plan.unsure.clone(), tier(&plan)), (None, Tier::Yes));
    // The same where no manifest was read at all, and then nothing goes by its digest.
    let mut snapshot = shared(Kind::TagToo).snapshot();
    (snapshot.deep, snapshot.referrers_known) = (false, false);
    snapshot.manifests.clear();
    let marks = Marks { tags: vec![tag("z")], ..Marks::default() };
    let shallow = super::super::plan(&snapshot, &marks, &Choices::default());
    assert_eq!((sent(&shallow), tier(&shallow)), (vec![("z".to_owned(), Method::Untag)], Tier::Yes));
    assert_eq!((shallow.left.untagged.len(), shallow.reclaimable.at_most), (1, None));
    let choices = Choices { manifests: true, ..Choices::default() };
    let beyond = super::super::plan(&snapshot, &marks, &choices);
    assert_eq!(sent(&beyond), [("z".to_owned(), Method::Untag)]);
    assert!(beyond.unsure.is_some_and(|why| why.as_str().contains("manifests were not read")));
    // Which tags are on the digest matters also to a tag that goes alone.
    world.unresolved.push(tag("b"));
    assert_eq!(tier(&world.plan(&["z"], &Choices::default())), Tier::Count);
}

#[test]
fn nothing_is_planned_from_a_manifest_with_warnings() {
    let mut world = shared(Kind::TagToo);
    world.odd.push(digest("two"));
    let plan = world.plan(&["z"], &Choices::default());
    assert!(plan.is_empty());
    assert_eq!(why(&plan, "z"), "nothing is planned from its manifest: invalid size of 0a0b");
}

#[test]
fn a_dangling_tag_goes_where_tags_can_and_a_tag_that_is_not_there_is_told() {
    let hollow = |kind| {
        let mut world = shared(kind);
        world.server.tags.insert(tag("hollow"), None);
        world.plan(&["hollow", "nowhere"], &Choices::default())
    };
    let plan = hollow(Kind::TagToo);
    assert_eq!((sent(&plan), &plan.items[0].digest), (vec![("hollow".to_owned(), Method::Untag)], &None));
    assert_eq!(why(&plan, "nowhere"), "the repository has no such tag");
    assert!(why(&hollow(Kind::DigestOnly), "hollow").contains("deletes by digest only"));
}

#[test]
fn protection_wins_and_is_lifted_tag_by_tag() {
    let mut world = shared(Kind::DigestOnly);
    world.protect = vec!["b"];
    let mut choices = Choices { siblings: Siblings::All, ..Choices::default() };
    let plan = world.plan(&["a", "b"], &choices);
    assert!(plan.is_empty());
    assert_eq!((why(&plan, "b"), why(&plan, "a")), ("protected by “b”", "its digest also carries b, not marked"));
    choices.lifted.insert(tag("b"));
    let plan = world.plan(&["a", "b"], &choices);
    assert!(plan.items[0].protected);
    let ask = plan.ask(&Confirm::default(), false);
    assert_eq!((ask.tier, ask.typed.as_str(), ask.why), (Tier::Name, "team/api", Some("a protected tag")));
}

#[test]
fn a_registry_that_deletes_nothing_gets_one_sentence_and_no_items() {
    let mut snapshot = shared(Kind::TagToo).snapshot();
    snapshot.deletes = Deletes { tag: Support::No, manifest: Support::No, ..Deletes::default() };
    let marks = Marks { tags: vec![tag("a")], ..Marks::default() };
    let plan = plan(&snapshot, &marks, &Choices { placeholder: true, manifests: true, ..Choices::default() });
    assert!(plan.is_empty() && plan.refused.as_ref().unwrap().as_str().contains("switched off"));
    assert_eq!(why(&plan, "a"), plan.refused.as_ref().unwrap().as_str());
    assert_eq!(plan.ask(&Confirm::default(), true).tier, Tier::Nothing);
}

#[test]
fn a_registry_of_unknown_ways_is_asked_for_the_tag_and_nothing_else() {
    let mut snapshot = shared(Kind::TagToo).snapshot();
    snapshot.deletes = Deletes::default();
    let marks = Marks { tags: vec![tag("z")], ..Marks::default() };
    let made = plan(&snapshot, &marks, &Choices::default());
    assert_eq!(sent(&made), [("z".to_owned(), Method::Untag)]);
    assert!(said(&made.items[0]).contains("if it refuses, nothing else is sent"));
    snapshot.deletes.vendor = true;
    assert_eq!(plan(&snapshot, &marks, &Choices::default()).items[0].method, Method::Vendor);
}

#[test]
fn tags_go_before_their_digest_where_the_registry_wants_it() {
    let plan = shared(Kind::TagsFirst).plan(&["a", "b"], &Choices { manifests: true, ..Choices::default() });
    let (untag, delete) = (Method::Untag, Method::DeleteManifest);
    assert_eq!(sent(&plan), [("a".to_owned(), untag), ("b".to_owned(), untag), (short("one"), delete)]);
    assert_eq!(plan.count(), 2);
}

#[test]
fn untagged_manifests_go_but_entries_and_referrers_of_what_stays_do_not() {
    let mut world = signed(Kind::TagToo);
    world.image("lost");
    world.referrer("orphan", "never there");
    let marks = Marks { untagged: true, ..Marks::default() };
    let plan = plan(&world.snapshot(), &marks, &Choices::default());
    let lost: std::collections::BTreeSet<_> = plan.lost_manifests().cloned().collect();
    assert_eq!(lost, ["lost", "orphan"].map(digest).into());
    assert_eq!(plan.ask(&Confirm::default(), false).typed, "2");
}

#[test]
fn a_layer_that_something_else_holds_is_not_counted() {
    let mut world = shared(Kind::TagToo);
    let base = digest("layer of one");
    world.image("two").blobs.insert(base, 100);
    let plan = world.plan(&["z"], &Choices { manifests: true, ..Choices::default() });
    assert_eq!((plan.reclaimable.at_least, plan.items[0].frees, plan.reclaimable.exact), (110, 110, true));
    let plan = world.plan(&["a", "b", "z"], &Choices { manifests: true, ..Choices::default() });
    assert_eq!(plan.reclaimable.at_least, 220, "a shared layer once");
}

#[test]
fn the_more_goes_the_more_is_typed() {
    let mut world = World::new(Kind::TagToo);
    for n in 0..510 {
        world.image(&format!("m{n}"));
        world.tag(&format!("t{n}"), &format!("m{n}"));
    }
    let names: Vec<String> = (0..510).map(|n| format!("t{n}")).collect();
    let ask = |count: usize, confirm: &Confirm, production: bool| {
        let marked: Vec<&str> = names.iter().take(count).map(String::as_str).collect();
        world.plan(&marked, &Choices::default()).ask(confirm, production)
    };
    let default = Confirm::default();
    for (count, tier, typed) in [
        (0, Tier::Nothing, "0"),
        (1, Tier::Yes, "1"),
        (2, Tier::Count, "2"),
        (500, Tier::Count, "500"),
        (501, Tier::Name, "team/api"),
    ] {
        let ask = ask(count, &default, false);
        assert_eq!((ask.tier, ask.typed.as_str()), (tier, typed));
        assert_eq!(ask.accepts(&format!(" {typed} ")), count > 0);
        assert!(!ask.accepts(""));
    }
    assert_eq!(ask(1, &default, true).why, Some("a PROD registry"));
    let own = Confirm { count_from: 10, name_from: 50 };
    assert_eq!([9, 10, 50, 51].map(|n| ask(n, &own, false).tier), [Tier::Yes, Tier::Count, Tier::Count, Tier::Name]);
    let beyond = Confirm { name_from: 1000, ..own };
    assert_eq!(ask(501, &beyond, false).why, Some("so many tags at once"));
    assert_eq!(ask(510, &beyond, false).why, Some("every tag of the repository"));
}

#[test]
fn a_shared_tag_alone_asks_for_its_number() {
    let ask = shared(Kind::TagToo).plan(&["a"], &Choices::default()).ask(&Confirm::default(), false);
    assert_eq!((ask.tier, ask.typed.as_str()), (Tier::Count, "1"));
}

#[test]
fn a_manifest_taken_out_by_hand_stays() {
    let mut choices = Choices { children: true, ..Choices::default() };
    choices.spared.insert(digest("amd"));
    let plan = family(Kind::TagToo).plan(&["app"], &choices);
    assert_eq!(plan.lost_manifests().cloned().collect::<Vec<_>>(), [digest("index")]);
    assert_eq!(plan.left.children, [digest("amd")]);
}
