//! Any repository, any marks, any choices: what the server loses is what the plan announced.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::server::{Kind, Server};
use super::world::{World, attached, digest, tag};
use crate::domain::clean::Clean;
use crate::domain::cleanup::*;
use crate::domain::reference::{Digest, TagName};

const PROTECTED: &str = "t1*";

#[derive(Clone, Debug)]
struct Made {
    /// What it lists, and refers to, by place; only earlier ones, as digests allow no circle. And its layers.
    things: Vec<(Vec<usize>, Option<usize>, BTreeSet<u8>)>,
    /// Where each tag points; past the end: nowhere.
    tags: Vec<usize>,
    /// Tags of signatures and fall-back tags: the image, what is attached, how.
    attached: Vec<(usize, usize, usize)>,
    gone: BTreeSet<usize>,
    trouble: Option<(u8, usize)>,
}

fn made() -> impl Strategy<Value = Made> {
    let thing = (vec(0..12_usize, 0..4), prop::option::weighted(0.3, 0..12_usize), btree_set(0..10_u8, 0..4));
    let trouble = prop::option::weighted(0.15, (0..4_u8, 0..12_usize));
    let attached = vec((0..12_usize, 0..12_usize, 0..3_usize), 0..4);
    (vec(thing, 1..12), vec(0..13_usize, 1..14), attached, btree_set(0..12_usize, 0..2), trouble)
        .prop_map(|(things, tags, attached, gone, trouble)| Made { things, tags, attached, gone, trouble })
}

fn name(n: usize) -> String {
    format!("m{n}")
}

fn world(made: &Made, kind: Kind) -> World {
    let mut world = World::new(kind);
    world.protect = vec![PROTECTED];
    for (n, (children, subject, layers)) in made.things.iter().enumerate() {
        let thing = world.index(&name(n), &[]);
        thing.size = 7 + n as u64;
        if n % 2 == 0 {
            thing.children = children.iter().filter(|at| **at < n).map(|at| digest(&name(*at))).collect();
        }
        thing.subject = subject.filter(|at| *at < n).map(|at| digest(&name(at)));
        thing.blobs = layers.iter().map(|layer| (digest(&format!("layer {layer}")), 1 << (layer + 4))).collect();
    }
    for (n, at) in made.tags.iter().enumerate() {
        world.server.tags.insert(tag(&format!("t{n}")), (*at < made.things.len()).then(|| digest(&name(*at))));
    }
    let suffixes = ["", ".sig", ".sbom"];
    for (image, what, how) in &made.attached {
        if image < what && *what < made.things.len() {
            world.server.tags.insert(attached(&name(*image), suffixes[*how]), Some(digest(&name(*what))));
        }
    }
    for gone in &made.gone {
        let gone = digest(&name(*gone));
        if world.server.tags.values().all(|at| at.as_ref() != Some(&gone)) {
            world.server.things.remove(&gone);
        }
    }
    match made.trouble {
        Some((0, _)) => world.complete = false,
        Some((1, n)) => world.unreadable.push(digest(&name(n))),
        Some((2, n)) => world.odd.push(digest(&name(n))),
        Some((_, n)) => world.unresolved.push(tag(&format!("t{n}"))),
        None => {}
    }
    world
}

fn choices() -> impl Strategy<Value = Choices> {
    let siblings = prop_oneof![
        Just(Siblings::default()),
        Just(Siblings::All),
        btree_set(0..14_usize, 0..6).prop_map(|some| Siblings::Named(names(&some))),
    ];
    let spared = prop::option::weighted(0.2, 0..12_usize);
    let kept = prop::option::weighted(0.2, 0..14_usize);
    (any::<[bool; 4]>(), siblings, btree_set(0..14_usize, 0..4), kept, spared).prop_map(
        |([manifests, children, referrers, placeholder], siblings, lifted, kept, spared)| Choices {
            manifests,
            children,
            referrers,
            siblings,
            placeholder,
            lifted: names(&lifted),
            kept: names(&kept.into_iter().collect()),
            spared: spared.map(|n| digest(&name(n))).into_iter().collect(),
        },
    )
}

fn names(numbers: &BTreeSet<usize>) -> BTreeSet<TagName> {
    numbers.iter().map(|n| tag(&format!("t{n}"))).collect()
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::DigestOnly), Just(Kind::TagToo), Just(Kind::TagsFirst)]
}

fn missing<T: Ord + Clone>(before: impl Iterator<Item = T>, after: impl Iterator<Item = T>) -> BTreeSet<T> {
    let after: BTreeSet<T> = after.collect();
    before.filter(|one| !after.contains(one)).collect()
}

/// Without doubles: nothing is announced twice.
fn once<T: Ord + Clone>(all: impl Iterator<Item = T>) -> Result<BTreeSet<T>, TestCaseError> {
    let mut found = BTreeSet::new();
    for one in all {
        prop_assert!(found.insert(one), "announced twice");
    }
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn the_server_loses_what_the_plan_announced(
        made in made(),
        kind in kinds(),
        marked in btree_set(0..14_usize, 0..8),
        spared in btree_set(0..14_usize, 0..3),
        untagged in prop::bool::weighted(0.3),
        choices in choices(),
    ) {
        let world = world(&made, kind);
        let spared = names(&spared.difference(&marked).copied().collect()).into_iter();
        let kept = spared.map(|tag| (tag, Clean::fixed("a rule spared it"))).collect();
        let marks = Marks { tags: names(&marked).into_iter().collect(), untagged, kept };
        let plan = plan(&world.snapshot(), &marks, &choices);
        prop_assert_eq!(Plan::from_json(&plan.to_json().unwrap()).map_err(|error| error.to_string()), Ok(plan.clone()));
        let before = world.server.clone();
        let mut server = world.server;
        for item in &plan.items {
            prop_assert!(item.warnings.iter().all(|warning| !warning.is_empty()));
            server.run(item).map_err(|why| TestCaseError::fail(format!("{why}\n{item:?}")))?;
        }
        let lost_tags = missing(before.tags.keys(), server.tags.keys());
        let lost_things = missing(before.things.keys(), server.things.keys());
        prop_assert_eq!(&lost_tags, &once(plan.lost_tags())?);
        prop_assert_eq!(&lost_things, &once(plan.lost_manifests())?);
        what_stays(&before, &server, &plan, &marks, &choices)?;
        bytes(&before, &server, &plan)?;
        let lost: std::collections::HashSet<&TagName> = lost_tags.into_iter().collect();
        for item in &plan.items {
            for sibling in plan.survivors(item, &lost) {
                prop_assert_eq!(server.tags.get(sibling), Some(&item.digest));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// A row that is taken out of the plan is out of it, whatever it is there for, and nothing else comes in for it.
    #[test]
    fn what_is_kept_by_hand_stays(
        made in made(),
        kind in kinds(),
        marked in btree_set(0..14_usize, 0..8),
        untagged in prop::bool::weighted(0.3),
        choices in choices(),
    ) {
        let snapshot = world(&made, kind).snapshot();
        let marks = Marks { tags: names(&marked).into_iter().collect(), untagged, kept: Vec::new() };
        let before = plan(&snapshot, &marks, &choices);
        let (tags, things): (BTreeSet<_>, BTreeSet<_>) = (before.lost_tags().collect(), before.lost_manifests().collect());
        for item in &before.items {
            let mut choices = choices.clone();
            choices.keep(item);
            let after = plan(&snapshot, &marks, &choices);
            prop_assert!(after.lost_tags().all(|tag| !item.takes().contains(tag) && tags.contains(tag)), "{item:?}");
            let other = |digest: &Digest| Some(digest) != item.deletes() && things.contains(digest);
            prop_assert!(after.lost_manifests().all(other), "{item:?}");
        }
    }
}

fn what_stays(
    before: &Server,
    server: &Server,
    plan: &Plan,
    marks: &Marks,
    choices: &Choices,
) -> Result<(), TestCaseError> {
    let lost = |tag: &TagName| before.tags.contains_key(tag) && !server.tags.contains_key(tag);
    let marked: BTreeSet<&TagName> = marks.tags.iter().collect();
    let on_marked: BTreeSet<&Digest> = marked.iter().filter_map(|tag| before.tags.get(*tag)?.as_ref()).collect();
    for (tag, target) in &before.tags {
        // The pattern of `PROTECTED`, in other words.
        let protected = tag.as_str().starts_with("t1") && !choices.lifted.contains(tag);
        prop_assert!(!(protected && lost(tag)), "{tag} is protected");
        prop_assert!(!(choices.kept.contains(tag) && lost(tag)), "{tag} is kept by hand");
        let along = target.as_ref().is_some_and(|at| on_marked.contains(at))
            && match &choices.siblings {
                Siblings::All => true,
                Siblings::Named(some) => some.contains(tag),
            };
        let attached =
            choices.referrers && referrer_tag::subject(tag).is_some_and(|image| !server.things.contains_key(&image));
        prop_assert!(!lost(tag) || marked.contains(tag) || along || attached, "{tag} was not asked for");
        prop_assert!(lost(tag) || server.tags.get(tag) == Some(target), "{tag} moved");
    }
    for tag in marked {
        prop_assert!(lost(tag) != plan.kept.iter().any(|kept| kept.tag == *tag), "{tag} is lost or told of");
    }
    prop_assert!(plan.kept.iter().all(|kept| !lost(&kept.tag) && !kept.why.is_empty()));
    // What a surviving tag leads to is whole, as far as it was.
    for digest in server.reached(false) {
        prop_assert!(!before.things.contains_key(&digest) || server.things.contains_key(&digest), "{digest} is used");
    }
    let wide = server.reached(true);
    for digest in before.reached(true).into_iter().filter(|digest| wide.contains(digest)) {
        prop_assert!(!before.things.contains_key(&digest) || server.things.contains_key(&digest), "{digest} is wanted");
    }
    prop_assert!(choices.spared.iter().all(|one| before.things.contains_key(one) == server.things.contains_key(one)));
    if before.kind != Kind::DigestOnly && !choices.deletes_manifests() && !marks.untagged {
        prop_assert_eq!(before.things.len(), server.things.len(), "only tags were asked for");
    }
    Ok(())
}

/// Three ways to collect: everything that is there stays, what tags lead to, and that with its referrers.
fn bytes(before: &Server, server: &Server, plan: &Plan) -> Result<(), TestCaseError> {
    let all = before.stored(|_| true) - server.stored(|_| true);
    let by_tags = |referrers: bool| {
        let (old, new) = (before.reached(referrers), server.reached(referrers));
        before.stored(|digest| old.contains(digest)) - server.stored(|digest| new.contains(digest))
    };
    let Bytes { at_least, at_most, exact } = plan.reclaimable;
    prop_assert!(at_least <= all, "{at_least} of {all}");
    prop_assert_eq!(plan.items.iter().map(|item| item.frees).sum::<u64>(), at_least);
    if let Some(at_most) = at_most {
        for freed in [all, by_tags(false), by_tags(true)] {
            prop_assert!(freed <= at_most, "{freed} of {at_most}");
        }
    }
    if exact {
        prop_assert_eq!((all, at_most), (at_least, Some(at_least)));
    }
    Ok(())
}
