//! The program ends while a request is out: the journal names the items nobody knows of, and a look settles each.

use tagboat::demo::Fault;
use tagboat::domain::outcome::Outcome;
use tagboat::runtime::undo::{Now, examine, repair};
use tagboat::store::journal::State;
use tokio::sync::mpsc;

use super::{What, World, connect, tags_of};

/// Drops the run when its request has arrived, as `kill -9` does.
async fn killed(world: &World, what: What, fault: Fault) -> tagboat::domain::cleanup::Plan {
    let plan = world.plan_of(what).await;
    world.server.faults().add(world.on_delete(fault));
    let (events, mut receiver) = mpsc::channel(1);
    let stuck = async {
        while world.sent("DELETE", "").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let watch = async { while receiver.recv().await.is_some() {} };
    tokio::select! {
        biased;
        report = async { tokio::join!(world.batch(&plan, events).run(), watch) } => panic!("it ended: {report:?}"),
        () = stuck => {}
    }
    plan
}

#[tokio::test]
async fn what_nobody_knows_is_looked_up() {
    for what in What::BOTH {
        for (fault, done) in [(Fault::Silence, true), (Fault::Hang, false)] {
            let case = format!("{what:?}, {fault:?}");
            let world = World::new(0).await;
            let plan = killed(&world, what, fault).await;
            let told = world.journals().unfinished().journals.pop().unwrap_or_else(|| panic!("{case}: no journal"));
            assert!(told.items.iter().all(|item| item.state == State::Sending), "{case}: {told:?}");
            world.server.faults().clear();
            world.server.clear_log();
            let backend = connect(&world.server);
            let standing = examine(&*backend, &told).await;
            let want = if done { Now::Done } else { Now::NotDone };
            assert!(standing.iter().all(|one| one.now == want), "{case}: {standing:?}");
            assert_eq!(world.sent("GET", "/images/").len(), 1, "{case}: one list tells of all");
            repair(&*backend, &world.journals(), &told.id).await.expect("settled");
            let told = world.journals().history().journals.remove(0);
            let want = if done { Outcome::Done } else { Outcome::Failed };
            assert!(told.items.iter().all(|item| item.state == State::Ended(want)), "{case}: {told:?}");
            let left = tags_of(&world.repository());
            assert!(plan.lost_tags().all(|tag| left.contains_key(tag.as_str()) != done), "{case}: {left:?}");
            assert!(world.sent("DELETE", "").is_empty(), "{case}: nothing runs by itself");
        }
    }
}

/// A part of the request was done, and its answer never came.
#[tokio::test]
async fn a_part_is_told_from_the_rest() {
    let world = World::new(0).await;
    world.server.switches().batch_stops_after = Some(2);
    killed(&world, What::Tags, Fault::Silence).await;
    world.server.faults().clear();
    let told = world.journals().unfinished().journals.remove(0);
    let now: Vec<Now> = examine(&*connect(&world.server), &told).await.into_iter().map(|one| one.now).collect();
    assert_eq!(now, [Now::Done, Now::Done, Now::NotDone]);
}
