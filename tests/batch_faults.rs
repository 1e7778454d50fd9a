//! Whatever goes wrong while a plan runs: what is reported deleted is deleted, what is not is not, and nothing else
//! changed. Every way of deletion with every fault.

use tagboat::demo::{Fault, Rule};
use tagboat::domain::outcome::Outcome::{self, Changed, Done, Failed, Gone, Refused, Skipped};
use tagboat::runtime::batch::{Event, Report, Stop};
use tokio::sync::mpsc;

use crate::support::cleanup::{REPO, Way, World, agree, drained, stopping};

/// A fault of the requests that delete the first marked tag. The registry is asked first whether it deletes at all
/// where a placeholder is on its way, so that one request more goes by.
fn on_delete(way: Way, world: &World, fault: Fault) -> Rule {
    let rule = Rule::on(&way.first_path(world), fault).method("DELETE");
    if way.is_placeholder() { rule.after(1) } else { rule }
}

fn answer(status: u16, code: &str) -> Fault {
    let body = format!(r#"{{"errors":[{{"code":"{code}","message":"no"}}]}}"#);
    Fault::Answer { status, headers: Vec::new(), body: body.into_bytes() }
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.items.iter().map(|ended| ended.outcome).collect()
}

/// Runs the way's plan with what `arm` sets up, and compares the end with the report.
async fn run(
    case: &str,
    way: Way,
    arm: impl Fn(&World) -> Vec<(&'static str, &'static str)>,
) -> (Report, Vec<Event>, World) {
    let case = format!("{case}, {way:?}");
    let world = World::new(way.profile()).await;
    let plan = world.plan_way(way).await;
    let before = world.repository();
    let moved: Vec<_> = arm(&world).into_iter().map(|(name, to)| (name, before.tags[to].clone())).collect();
    let (report, events) = world.run(&plan).await;
    agree(&case, &before, &world.repository(), &plan, &report, &moved);
    let told: Vec<_> = events.iter().filter(|event| matches!(event, Event::Ended { .. })).collect();
    assert_eq!(told.len(), plan.items.len(), "{case}: every item is told once");
    let Some(Event::Ended { totals, .. }) = told.last() else { panic!("{case}: nothing was told") };
    assert_eq!(*totals, report.totals, "{case}");
    let recorded = world.journals().history().journals.remove(0);
    assert!(recorded.ended.is_some() && !recorded.damaged, "{case}");
    for (item, ended) in recorded.items.iter().zip(&report.items) {
        assert_eq!(item.state, tagboat::store::journal::State::Ended(ended.outcome), "{case}: {recorded:?}");
    }
    (report, events, world)
}

#[tokio::test]
async fn without_faults_all_of_it_is_done_and_nothing_else() {
    for way in Way::ALL {
        let (report, _, world) = run("none", way, |_| Vec::new()).await;
        assert_eq!((outcomes(&report), report.stopped), (vec![Done; 3], None), "{way:?}");
        // With a question whether it deletes at all.
        let sent = if way.is_placeholder() { 4 } else { 3 };
        assert_eq!(world.deletes_sent(), sent, "{way:?}: each once");
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_a_look() {
    for way in Way::ALL {
        let (report, _, world) = run("lost answer", way, |world| {
            world.server.faults().add(on_delete(way, world, Fault::LostAnswer).times(1));
            Vec::new()
        })
        .await;
        assert_eq!((outcomes(&report), report.stopped), (vec![Done; 3], None), "{way:?}");
        assert!(report.items[0].why.as_ref().is_some_and(|why| why.as_str().contains("gone all the same")), "{way:?}");
        assert_eq!(world.deletes_sent(), if way.is_placeholder() { 4 } else { 3 }, "{way:?}: none twice");
    }
}

#[tokio::test]
async fn a_refusal_is_the_items_own() {
    for (status, code) in
        [(400, "MANIFEST_INVALID"), (409, "TAG_IMMUTABLE"), (412, "PRECONDITION"), (404, "MANIFEST_UNKNOWN")]
    {
        for way in Way::ALL {
            let (report, ..) = run(code, way, |world| {
                world.server.faults().add(on_delete(way, world, answer(status, code)).times(1));
                Vec::new()
            })
            .await;
            assert_eq!((outcomes(&report), report.stopped), (vec![Refused, Done, Done], None), "{status} {way:?}");
        }
    }
}

#[tokio::test]
async fn a_registry_that_does_not_want_us_is_left_alone() {
    for (status, code) in [(401, "UNAUTHORIZED"), (403, "DENIED"), (405, "UNSUPPORTED")] {
        for way in Way::ALL {
            let (report, _, world) = run(code, way, |world| {
                world.server.faults().add(on_delete(way, world, answer(status, code)));
                Vec::new()
            })
            .await;
            assert_eq!(outcomes(&report), [Refused, Skipped, Skipped], "{status} {way:?}");
            assert!(matches!(report.stopped, Some(Stop::Registry(_))), "{status} {way:?}");
            let probes = usize::from(way.is_placeholder());
            assert_eq!(world.deletes_sent(), 1 + probes, "{status} {way:?}: nothing after the refusal");
        }
    }
}

#[tokio::test]
async fn three_server_errors_in_a_row_are_the_end() {
    for way in Way::ALL {
        let (report, ..) = run("500", way, |world| {
            let rule = Rule::on("/manifests/", answer(500, "UNKNOWN")).method("DELETE");
            world.server.faults().add(if way.is_placeholder() { rule.after(1) } else { rule });
            Vec::new()
        })
        .await;
        assert_eq!(outcomes(&report), [Failed; 3], "{way:?}");
        assert!(matches!(report.stopped, Some(Stop::Registry(_))), "{way:?}");
    }
}

#[tokio::test]
async fn a_single_server_error_is_no_reason_to_stop() {
    for way in Way::ALL {
        let (report, ..) = run("one 500", way, |world| {
            world.server.faults().add(on_delete(way, world, answer(500, "UNKNOWN")).times(1));
            Vec::new()
        })
        .await;
        assert_eq!((outcomes(&report), report.stopped), (vec![Failed, Done, Done], None), "{way:?}");
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    for way in Way::ALL {
        let (report, events, _) = run("429", way, |world| {
            world.server.faults().add(on_delete(way, world, Fault::too_many_requests("1")).times(1));
            Vec::new()
        })
        .await;
        assert_eq!((outcomes(&report), report.stopped), (vec![Done; 3], None), "{way:?}");
        let waited =
            events.iter().any(|event| matches!(event, Event::Waiting { at: 0, wait, .. } if wait.as_secs() == 1));
        assert!(waited, "{way:?}: {events:?}");
    }
}

#[tokio::test]
async fn a_wait_of_hours_is_not_waited() {
    // With a placeholder the tag is put back first, and that waits as long as requests to this registry have to.
    for way in [Way::Untag, Way::Digest, Way::DigestOn3] {
        let (report, ..) = run("429, hours", way, |world| {
            world.server.faults().add(on_delete(way, world, Fault::too_many_requests("7200")));
            Vec::new()
        })
        .await;
        assert_eq!(outcomes(&report), [Failed, Skipped, Skipped], "{way:?}");
    }
}

#[tokio::test]
async fn a_tag_that_moved_since_the_plan_is_left_alone() {
    for way in Way::ALL {
        let first = way.marks()[0];
        let (report, _, world) = run("moved before", way, |world| {
            let to = world.at("e");
            world.server.store().tag(REPO, first, &to);
            vec![(first, "e")]
        })
        .await;
        assert_eq!((outcomes(&report), report.stopped), (vec![Changed, Done, Done], None), "{way:?}");
        let gone =
            world.server.log().iter().any(|one| one.method == "DELETE" && one.path.ends_with(&format!("/{first}")));
        assert!(!gone, "{way:?}: nothing was sent for it");
    }
}

/// No registry compares before it deletes, so this one round trip cannot be closed. What happened is told as it is.
#[tokio::test]
async fn a_tag_that_moves_in_the_last_moment_is_told_as_it_is() {
    for way in Way::ALL {
        let first = way.marks()[0];
        let looks = if way == Way::Untag { 0 } else { 1 };
        let (report, ..) = run("moved after", way, |world| {
            let to = world.at("e");
            let fault = Fault::Move { repository: REPO.to_owned(), tag: first.to_owned(), to };
            let rule = Rule::on(&format!("/manifests/{first}"), fault).method("HEAD");
            world.server.faults().add(rule.after(looks).times(1));
            vec![(first, "e")]
        })
        .await;
        let first = report.items[0].outcome;
        assert!(
            if way.is_digest() { first == Changed } else { matches!(first, Done | Changed) },
            "{way:?}: {report:?}"
        );
        assert_eq!(outcomes(&report)[1..], [Done, Done], "{way:?}");
    }
}

#[tokio::test]
async fn nobody_watching_ends_it_after_the_item() {
    for way in Way::ALL {
        let world = World::new(way.profile()).await;
        let plan = world.plan_way(way).await;
        let before = world.repository();
        let (events, mut receiver) = mpsc::channel(1);
        let leave = async move {
            while let Some(event) = receiver.recv().await {
                if matches!(event, Event::Ended { .. }) {
                    break;
                }
            }
            drop(receiver);
        };
        let (report, ()) = tokio::join!(world.batch(&plan, events).run(), leave);
        agree("nobody watching", &before, &world.repository(), &plan, &report, &[]);
        // The one that had begun when the first was told is finished; no other begins.
        let [first, second, third] = outcomes(&report)[..] else { panic!("{way:?}: {report:?}") };
        assert!(first == Done && matches!(second, Done | Skipped) && third == Skipped, "{way:?}: {report:?}");
        assert_eq!(report.stopped, Some(Stop::Cancelled), "{way:?}");
    }
}

#[tokio::test]
async fn cancelling_waits_for_the_item_that_has_begun() {
    for way in Way::ALL {
        let world = World::new(way.profile()).await;
        let plan = world.plan_way(way).await;
        let before = world.repository();
        let (events, receiver) = mpsc::channel(1);
        let batch = world.batch(&plan, events);
        let watch = stopping(batch.stop.clone(), receiver, |event| matches!(event, Event::Item { at: 1, .. }));
        let (report, ()) = tokio::join!(batch.run(), watch);
        agree("cancelled", &before, &world.repository(), &plan, &report, &[]);
        assert_eq!((outcomes(&report), report.stopped), (vec![Done, Done, Skipped], Some(Stop::Cancelled)), "{way:?}");
    }
}

#[tokio::test]
async fn two_at_the_same_plan_delete_each_thing_once() {
    for way in Way::ALL {
        let world = World::new(way.profile()).await;
        let plan = world.plan_way(way).await;
        let before = world.repository();
        let one = |events| world.batch(&plan, events).run();
        let ((first, receiver), (second, other)) = (mpsc::channel(4), mpsc::channel(4));
        let ((first, _), (second, _)) = tokio::join!(drained(one(first), receiver), drained(one(second), other));
        let after = world.repository();
        for tag in way.marks() {
            assert!(!after.tags.contains_key(*tag), "{way:?}: {tag} is gone");
        }
        let lost: Vec<_> = before.tags.keys().filter(|tag| !after.tags.contains_key(*tag)).collect();
        assert_eq!(lost, way.marks(), "{way:?}");
        for (a, b) in first.items.iter().zip(&second.items) {
            let settled = [a, b].iter().filter(|ended| matches!(ended.outcome, Done | Gone | Changed)).count();
            assert_eq!(settled, 2, "{way:?}: {a:?} {b:?}");
            assert!(a.outcome == Done || b.outcome == Done, "{way:?}: {a:?} {b:?}");
        }
    }
}

/// 2.8 knows no deletion of a tag, and what it is asked for is never turned into something larger.
#[tokio::test]
async fn a_tag_that_cannot_be_deleted_alone_is_not_deleted_otherwise() {
    for (status, code) in [(400, "DIGEST_INVALID"), (400, "UNSUPPORTED"), (405, "UNSUPPORTED")] {
        let (report, _, world) = run(code, Way::Untag, |world| {
            world.server.faults().add(Rule::on("/manifests/", answer(status, code)).method("DELETE"));
            Vec::new()
        })
        .await;
        assert_eq!(outcomes(&report), [Refused, Skipped, Skipped], "{status}");
        let Some(Stop::Registry(all)) = &report.stopped else { panic!("{report:?}") };
        assert!(all.as_str().contains("does not delete a tag alone") && all.as_str().contains("placeholder"), "{all}");
        let why = report.items[0].why.as_ref().expect("a reason").to_string();
        assert!(why.contains("placeholder") && why.contains("a2, a3"), "{why}");
        assert_eq!(world.deletes_sent(), 1, "{status}: one refusal is enough");
        assert!(world.server.log().iter().all(|one| one.method != "DELETE" || one.path.ends_with("/a1")));
    }
}

/// One item after the other, each with another fault: each is told as what it is, and none takes another one along.
#[tokio::test]
async fn each_item_fails_in_its_own_way() {
    let world = World::new(Way::Untag.profile()).await;
    let marks = ["a1", "a2", "a3", "b", "c", "d", "e", "i", "j"];
    let plan = world.plan(&marks, &Way::Untag.choices()).await;
    let order: Vec<_> = plan.items.iter().filter_map(|item| item.tag.as_ref()).map(|tag| tag.as_str()).collect();
    assert_eq!(order, marks);
    let before = world.repository();
    let faults = world.server.faults();
    for (tag, fault) in [
        ("a1", Fault::LostAnswer),
        ("a2", answer(409, "TAG_IMMUTABLE")),
        ("b", answer(500, "UNKNOWN")),
        ("c", Fault::too_many_requests("0")),
        ("d", answer(404, "MANIFEST_UNKNOWN")),
        ("i", answer(412, "PRECONDITION")),
    ] {
        faults.add(Rule::on(&format!("/manifests/{tag}"), fault).method("DELETE").times(1));
    }
    let to = before.tags["i"].clone();
    world.server.store().tag(REPO, "e", &to);
    world.server.store().repository(REPO).tags.remove("j");
    let (report, _) = world.run(&plan).await;
    assert_eq!(outcomes(&report), [Done, Refused, Done, Failed, Done, Refused, Changed, Refused, Gone], "{report:#?}");
    assert_eq!(report.stopped, None);
    agree("each another way", &before, &world.repository(), &plan, &report, &[("e", to)]);
    let recorded = world.journals().history().journals.remove(0);
    let states: Vec<_> = recorded.items.iter().map(|item| item.state).collect();
    assert_eq!(states, outcomes(&report).into_iter().map(tagboat::store::journal::State::Ended).collect::<Vec<_>>());
}
