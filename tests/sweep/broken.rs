//! Broken off in the middle: the next run looks, and writes down what it finds.

use tagboat::demo::Fault;
use tagboat::domain::outcome::Outcome;
use tagboat::domain::undo::Now;
use tagboat::runtime::batch::Event;
use tagboat::runtime::undo;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Run, planned};
use crate::support::sweeps::KINDS;

/// The process ends while the first request is under way. `carried_out`: the server does it all the same.
async fn broken_off(run: &Run, carried_out: bool) -> String {
    let sweep = planned(&*run.backend, &run.site, &run.repos).await;
    let fault = if carried_out { Fault::Silence } else { Fault::Hang };
    run.site.faults().add(run.on_delete(fault));
    let (events, mut told) = mpsc::channel(64);
    let work = run.sweeping(sweep, events, CancellationToken::new()).run();
    let sent = async {
        let sent = || if carried_out { run.site.holds().len() < run.before.len() } else { run.site.deletes() > 0 };
        while !sent() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        report = work => panic!("it ended: {report:?}"),
        () = sent => {}
    }
    run.site.faults().clear();
    match told.recv().await {
        Some(Event::Began { journal }) => journal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_sent_is_looked_for_and_what_was_not_is_left_alone() {
    for kind in KINDS {
        for carried_out in [true, false] {
            let run = Run::new(kind).await;
            let id = broken_off(&run, carried_out).await;
            let sent = run.site.deletes();
            let open = run.journals().unfinished().journals;
            assert_eq!((open.len(), &open[0].id), (1, &id), "{kind:?}");
            let found = undo::examine(&*run.backend, &open[0]).await;
            let first = if carried_out { Now::Done } else { Now::NotDone };
            assert_eq!(found[0].now, first, "{kind:?} {carried_out}");
            let standing = undo::repair(&*run.backend, &run.journals(), &id).await.expect("settled");
            assert_eq!(standing.len(), 3);
            let told = run.journals().history().journals.remove(0);
            let outcomes: Vec<Outcome> = told.items.iter().map(|item| told.outcome(item)).collect();
            let first = if carried_out { Outcome::Done } else { Outcome::Failed };
            let rest = if run.site.batches() { first } else { Outcome::Skipped };
            assert_eq!(outcomes, [first, rest, rest], "{kind:?} {carried_out}");
            assert_eq!(run.site.deletes(), sent, "{kind:?}: settling sends nothing");
            let prospect = undo::prospect(&*run.backend, &run.journals(), &id, true).await;
            assert!(prospect.is_err_and(|why| why.as_str().contains("No system takes that back")), "{kind:?}");
        }
    }
}
