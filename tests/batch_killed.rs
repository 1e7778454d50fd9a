//! The program ends in the middle, at every request: the journal and a look tell what became of everything, nothing runs
//! by itself, and a tag that was left on a placeholder comes back.

use std::collections::BTreeMap;

use tagboat::demo::{Fault, Rule};
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::Digest;
use tagboat::runtime::undo::{Now, examine, repair, unsettled};
use tagboat::store::journal::Told;
use tokio::sync::mpsc;

use crate::support::cleanup::{Way, World};
use crate::support::walk::anonymous;

type Tags = BTreeMap<String, Digest>;

/// Runs the plan until its `n`th request has arrived, which is never answered; then it is gone, as with `kill -9`.
/// `None` where it ends before.
async fn killed(way: Way, n: usize, fault: Fault) -> Option<(World, Tags)> {
    let world = World::new(way.profile()).await;
    let plan = world.plan_way(way).await;
    let before = world.repository().tags;
    world.server.faults().add(Rule::on("/v2/", fault).after(n).times(1));
    let (events, mut receiver) = mpsc::channel(1);
    let stuck = async {
        // Both sides run on this thread: when the request is in the log, it has been carried out or never will be.
        while world.server.log().len() <= n {
            tokio::task::yield_now().await;
        }
    };
    let watch = async { while receiver.recv().await.is_some() {} };
    let ended = tokio::select! {
        biased;
        (report, ()) = async { tokio::join!(world.batch(&plan, events).run(), watch) } => Some(report),
        () = stuck => None,
    };
    if let Some(report) = ended {
        assert_eq!(report.totals.done, 3, "{way:?} ran to its end: {report:?}");
        return None;
    }
    Some((world, before))
}

/// What the journal has on disk, once the thread that may have been writing it is done.
async fn unfinished(world: &World) -> Option<Told> {
    for _ in 0..100_000 {
        let mut found = world.journals().unfinished().journals;
        if let Some(told) = found.pop() {
            return Some(told);
        }
        tokio::task::yield_now().await;
    }
    None
}

fn holds(case: &str, now: &Now, at: Option<&Digest>, planned: Option<&Digest>) {
    match now {
        Now::Done | Now::Ended(Outcome::Done | Outcome::Gone) => assert_eq!(at, None, "{case}: {now:?}"),
        Now::NotBegun | Now::NotDone => assert_eq!(at, planned, "{case}: {now:?}"),
        Now::OnPlaceholder(on) => assert_eq!(at, Some(on), "{case}: {now:?}"),
        Now::Moved(_) | Now::Unknown(_) | Now::Ended(_) => panic!("{case}: {now:?}"),
    }
}

async fn at_every_request(way: Way, fault: &Fault) -> usize {
    let mut placeholders = 0;
    for n in 0.. {
        let case = format!("{way:?}, {fault:?} at request {n}");
        let Some((world, before)) = killed(way, n, fault.clone()).await else {
            assert!(n > 6, "{case}: too early to be the end");
            break;
        };
        world.server.clear_log();
        let Some(told) = unfinished(&world).await else { panic!("{case}: nothing is left to look at") };
        assert!(!told.damaged, "{case}");
        // A program that was started anew.
        let backend = anonymous(&world.server.url);
        let standing = examine(&*backend, &told).await;
        let now = world.repository().tags;
        for one in &standing {
            let name = one.item.tag.as_ref().expect("every item of these plans has a tag").as_str();
            holds(&case, &one.now, now.get(name), one.item.digest.as_ref());
            placeholders += usize::from(matches!(one.now, Now::OnPlaceholder(_)));
        }
        let written = world.server.log().iter().any(|one| !matches!(one.method.as_str(), "GET" | "HEAD"));
        assert!(!written, "{case}: nothing runs by itself");
        assert_eq!(world.journals().unfinished().journals.len(), 1, "{case}: looking decides nothing");

        let repaired =
            repair(&*backend, &world.journals(), &told.id).await.unwrap_or_else(|why| panic!("{case}: {why}"));
        let after = world.repository().tags;
        for (name, digest) in &before {
            let stays = after.get(name).is_none_or(|now| now == digest);
            assert!(stays, "{case}: {name} is gone or where it was");
            assert!(
                after.contains_key(name) || way.marks().contains(&name.as_str()),
                "{case}: {name} was not in the plan"
            );
        }
        assert!(world.journals().unfinished().journals.is_empty(), "{case}: it is settled");
        let open: Vec<String> = unsettled(&repaired).iter().map(ToString::to_string).collect();
        let there: Vec<String> =
            way.marks().iter().filter(|tag| after.contains_key(**tag)).map(|t| (*t).to_owned()).collect();
        assert_eq!(open, there, "{case}: the rest can be planned again");
    }
    placeholders
}

#[tokio::test]
async fn killed_while_tags_are_deleted() {
    at_every_request(Way::Untag, &Fault::Hang).await;
    at_every_request(Way::Untag, &Fault::Silence).await;
}

#[tokio::test]
async fn killed_while_manifests_are_deleted() {
    at_every_request(Way::Digest, &Fault::Hang).await;
    at_every_request(Way::Digest, &Fault::Silence).await;
}

#[tokio::test]
async fn killed_where_a_tag_could_have_gone_alone() {
    at_every_request(Way::DigestOn3, &Fault::Silence).await;
    assert!(at_every_request(Way::PlaceholderOn3, &Fault::Silence).await >= 4);
}

#[tokio::test]
async fn killed_on_the_placeholder_way() {
    let hung = at_every_request(Way::Placeholder, &Fault::Hang).await;
    let silent = at_every_request(Way::Placeholder, &Fault::Silence).await;
    assert!(hung >= 4 && silent >= 4, "tags were left on placeholders and came back: {hung}, {silent}");
}
