use tagboat::demo::{Fault, Rule};
use tagboat::domain::cleanup::Choices;
use tagboat::domain::outcome::Outcome::{self, Changed, Done, Failed, Gone, Refused, Skipped, Unknown};
use tagboat::domain::uuid::Uuid;
use tagboat::runtime::batch::{Event, Phase, Stop};
use tokio::sync::mpsc;

use super::{What, World, agree, body, marks, outcomes};
use crate::support::cleanup::{drained, stopping};

fn answer(status: u16, body: &str) -> Fault {
    Fault::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

#[tokio::test]
async fn without_faults_one_request_deletes_all_of_it_and_nothing_else() {
    for what in What::BOTH {
        let world = World::new(0).await;
        let plan = world.plan_of(what).await;
        let (report, _) = world.run("none", &plan, &[]).await;
        assert_eq!((outcomes(&report), &report.stopped, report.said.len()), (vec![Done; 3], &None, 0), "{what:?}");
        let sent = world.sent("DELETE", "");
        assert_eq!(sent.len(), 1, "{what:?}");
        let ids = &body(&sent[0])[if what == What::Tags { "tag_ids" } else { "image_ids" }];
        assert_eq!(ids.as_array().map(Vec::len), Some(3), "{what:?}");
        // A look before and one after; another where recording took longer than a round trip. None is at a single tag.
        let looks = world.sent("GET", "");
        assert!(looks.len() >= 2 && looks.iter().all(|one| one.path.ends_with("/images/")), "{what:?}: {looks:?}");
    }
}

#[tokio::test]
async fn what_comes_of_the_whole_request_comes_of_each() {
    let html = "<html><body>Request Rejected</body></html>";
    let wrong = r#"{"error_code":21,"error_message":"invalid token"}"#;
    for (case, fault, times, want, stops, requests) in [
        ("lost answer", Fault::LostAnswer, 1, Done, false, 1),
        ("half an answer", Fault::Truncate(5), 1, Done, false, 1),
        ("a page for an answer, nothing done", Fault::Html, 1, Failed, false, 1),
        ("500", answer(500, ""), 1, Failed, false, 1),
        ("502, a page", Fault::html_error(502), 1, Failed, false, 1),
        ("400", answer(400, r#"{"reason":"no"}"#), 1, Refused, false, 1),
        ("403", answer(403, "{}"), 1, Refused, true, 1),
        ("404", answer(404, r#"{"detail":"no"}"#), 1, Refused, false, 1),
        ("405", answer(405, ""), 1, Refused, true, 1),
        ("445", answer(445, html), 1, Refused, false, 1),
        ("401, then renewed", answer(401, wrong), 1, Done, false, 2),
        ("401 for ever", answer(401, wrong), 9, Refused, true, 2),
        ("429, hours", Fault::too_many_requests("7200"), 9, Failed, true, 1),
    ] {
        for what in What::BOTH {
            let case = format!("{case}, {what:?}");
            let world = World::new(0).await;
            let plan = world.plan_of(what).await;
            world.server.faults().add(world.on_delete(fault.clone()).times(times));
            let (report, _) = world.run(&case, &plan, &[]).await;
            assert_eq!(outcomes(&report), [want; 3], "{case}: {report:#?}");
            assert_eq!(matches!(report.stopped, Some(Stop::Registry(_))), stops, "{case}: {report:?}");
            assert_eq!(world.sent("DELETE", "").len(), requests, "{case}: nothing twice");
            for ended in report.items.iter().filter_map(|ended| ended.why.as_ref()) {
                let said = ended.as_str().to_lowercase();
                let foreign = ["manifest", "digest", "placeholder", "<html"].iter().any(|word| said.contains(word));
                assert!(!foreign, "{case}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_once() {
    let world = World::new(150).await;
    let names: Vec<String> = (0..150).map(|n| format!("n{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = world.plan(&marks(&names), &Choices::default()).await;
    let issued = world.server.tokens_issued();
    let before = world.repository();
    let (events, mut receiver) = mpsc::channel(1);
    let watch = async {
        while let Some(event) = receiver.recv().await {
            if matches!(event, Event::Item { at: 0, phase: Phase::Sending }) {
                world.server.expire_tokens();
            }
        }
    };
    let (report, ()) = tokio::join!(world.batch(&plan, events).run(), watch);
    agree("expired", &before, &world.repository(), &plan, &report, &[]);
    assert!(outcomes(&report).iter().all(|one| *one == Done) && report.items.len() == 150);
    assert_eq!(world.server.tokens_issued() - issued, 1);
    assert_eq!(world.sent("DELETE", "").len(), 3, "two, and the one that was turned away");
}

#[tokio::test]
async fn a_part_that_was_deleted_is_told_by_its_ids() {
    for what in What::BOTH {
        let world = World::new(0).await;
        let plan = world.plan_of(what).await;
        world.server.switches().batch_stops_after = Some(1);
        let (report, _) = world.run("partial", &plan, &[]).await;
        assert_eq!(outcomes(&report), [Done, Failed, Failed], "{what:?}");
        assert!(report.said.iter().any(|said| said.as_str().contains("1 of 3")), "{what:?}: {:?}", report.said);
        // What is left is planned again, and goes.
        world.server.switches().batch_stops_after = None;
        let rest = world.plan(&marks(&what.marks()[1..]), &what.choices()).await;
        let (report, _) = world.run("the rest", &rest, &[]).await;
        assert_eq!(outcomes(&report), [Done, Done], "{what:?}");
    }
}

#[tokio::test]
async fn what_was_accepted_and_not_done_is_not_called_done() {
    for what in What::BOTH {
        let world = World::new(0).await;
        let plan = world.plan_of(what).await;
        world.server.switches().forgets_writes = true;
        let (report, _) = world.run("forgotten", &plan, &[]).await;
        assert_eq!(outcomes(&report), [Unknown; 3], "{what:?}");
        assert!(report.items[0].why.as_ref().is_some_and(|why| why.as_str().contains("not yet gone")), "{what:?}");
        assert_eq!(world.sent("DELETE", "").len(), 1, "{what:?}");
    }
}

#[tokio::test]
async fn when_nobody_can_look_nobody_knows() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Tags).await;
    world.server.faults().add(world.on_delete(Fault::LostAnswer).times(1));
    let before = world.repository();
    let (events, mut receiver) = mpsc::channel(1);
    let watch = async {
        while let Some(event) = receiver.recv().await {
            if matches!(event, Event::Item { at: 0, phase: Phase::Verifying }) {
                world.server.faults().add(Rule::on("/images/", answer(403, "{}")).method("GET"));
            }
        }
    };
    let (report, ()) = tokio::join!(world.batch(&plan, events).run(), watch);
    agree("blind", &before, &world.repository(), &plan, &report, &[]);
    assert_eq!(outcomes(&report), [Unknown; 3], "{report:?}");
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Tags).await;
    world.server.faults().add(world.on_delete(Fault::too_many_requests("1")).times(1));
    let (report, events) = world.run("429", &plan, &[]).await;
    assert_eq!((outcomes(&report), &report.stopped), (vec![Done; 3], &None));
    let waits = events.iter().filter(|event| matches!(event, Event::Waiting { wait, .. } if wait.as_secs() == 1));
    assert_eq!(waits.count(), 1);
    assert_eq!(world.sent("DELETE", "").len(), 2);
    assert!(world.sent("GET", "/images/").len() >= 3, "looked at again");
}

/// Of 250, three requests: what fails is that request, and three in a row are the end.
#[tokio::test]
async fn requests_fail_one_by_one() {
    let names: Vec<String> = (0..250).map(|n| format!("n{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (times, parts) in [(1, [Failed, Done, Done]), (9, [Failed, Failed, Failed])] {
        let world = World::new(250).await;
        let plan = world.plan(&marks(&names), &Choices::default()).await;
        world.server.faults().add(world.on_delete(answer(500, "")).times(times));
        let (report, _) = world.run("500", &plan, &[]).await;
        let want: Vec<Outcome> = parts.iter().zip([100, 100, 50]).flat_map(|(one, n)| vec![*one; n]).collect();
        assert_eq!(outcomes(&report), want);
        assert_eq!(matches!(report.stopped, Some(Stop::Registry(_))), times == 9);
        assert_eq!(world.sent("DELETE", "").len(), 3);
    }
}

#[tokio::test]
async fn stopping_waits_for_the_request_that_is_out() {
    let names: Vec<String> = (0..250).map(|n| format!("n{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::new(250).await;
    let plan = world.plan(&marks(&names), &Choices::default()).await;
    let before = world.repository();
    let (events, receiver) = mpsc::channel(1);
    let batch = world.batch(&plan, events);
    let watch =
        stopping(batch.stop.clone(), receiver, |event| matches!(event, Event::Item { at: 7, phase: Phase::Sending }));
    let (report, ()) = tokio::join!(batch.run(), watch);
    agree("stopped", &before, &world.repository(), &plan, &report, &[]);
    assert_eq!((report.totals.done, report.totals.skipped), (100, 150));
    assert_eq!((report.stopped, world.sent("DELETE", "").len()), (Some(Stop::Cancelled), 1));
}

/// Puts a tag on another image, with an id of its own: it was deleted and set again.
fn shift(world: &World, name: &str, to: &str) {
    world.change(|repository| {
        let images = &mut repository.images;
        let from = images.iter().position(|image| image.tags.iter().any(|tag| tag.name == name)).expect("there");
        let at = images[from].tags.iter().position(|tag| tag.name == name).expect("there");
        let mut moved = images[from].tags.remove(at);
        moved.id = Uuid::with_bits(u128::MAX - 1);
        images.iter_mut().find(|image| image.tags.iter().any(|tag| tag.name == to)).expect("there").tags.push(moved);
    });
}

#[tokio::test]
async fn what_moved_since_the_plan_is_left_alone() {
    for what in What::BOTH {
        let first = what.marks()[0];
        let world = World::new(0).await;
        let plan = world.plan_of(what).await;
        shift(&world, first, "e");
        let (report, _) = world.run("moved before", &plan, &[(first, "e")]).await;
        assert_eq!((outcomes(&report), &report.stopped), (vec![Changed, Done, Done], &None), "{what:?}");
        let sent = world.sent("DELETE", "");
        let ids = body(&sent[0]);
        let count = ids.as_object().and_then(|ids| ids.values().next()?.as_array().map(Vec::len));
        assert_eq!((sent.len(), count), (1, Some(2)), "{what:?}: nothing was sent for it");
    }
}

/// After the look and before the request: a tag with another id is not the one that is deleted.
#[tokio::test]
async fn what_moves_in_the_last_moment_is_told_as_it_is() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Tags).await;
    let before = world.repository();
    let (events, mut receiver) = mpsc::channel(1);
    let watch = async {
        while let Some(event) = receiver.recv().await {
            if matches!(event, Event::Item { at: 0, phase: Phase::Sending }) {
                shift(&world, "a1", "e");
            }
        }
    };
    let (report, ()) = tokio::join!(world.batch(&plan, events).run(), watch);
    agree("moved after", &before, &world.repository(), &plan, &report, &[("a1", "e")]);
    assert_eq!(outcomes(&report), [Changed, Done, Done]);
}

#[tokio::test]
async fn a_tag_that_was_to_stay_and_is_gone_is_an_alarm() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Tags).await;
    let (events, mut receiver) = mpsc::channel(1);
    let watch = async {
        let mut alarms = 0;
        while let Some(event) = receiver.recv().await {
            match event {
                Event::Item { at: 0, phase: Phase::Verifying } => {
                    world.change(|one| one.images[0].tags.retain(|tag| tag.name != "a2"));
                }
                Event::Alarm(_) => alarms += 1,
                _ => {}
            }
        }
        alarms
    };
    let (report, alarms) = tokio::join!(world.batch(&plan, events).run(), watch);
    assert_eq!(alarms, 1);
    let Some(Stop::Damage(what)) = &report.stopped else { panic!("{report:?}") };
    assert!(what.as_str().contains("a2 was on") && what.as_str().contains("not there any more"), "{what}");
}

#[tokio::test]
async fn two_at_the_same_plan_delete_each_thing_once() {
    for what in What::BOTH {
        let world = World::new(0).await;
        let plan = world.plan_of(what).await;
        let before = world.repository();
        let one = |events| world.batch(&plan, events).run();
        let ((first, receiver), (second, other)) = (mpsc::channel(4), mpsc::channel(4));
        let ((first, _), (second, _)) = tokio::join!(drained(one(first), receiver), drained(one(second), other));
        for (a, b) in first.items.iter().zip(&second.items) {
            let settled = [a, b].iter().all(|ended| matches!(ended.outcome, Done | Gone));
            assert!(settled && (a.outcome == Done || b.outcome == Done), "{what:?}: {a:?} {b:?}");
        }
        agree("the first of two", &before, &world.repository(), &plan, &first, &[]);
    }
}

#[tokio::test]
async fn nothing_is_begun_for_nobody() {
    let world = World::new(0).await;
    let plan = world.plan_of(What::Tags).await;
    let (events, receiver) = mpsc::channel(64);
    drop(receiver);
    let report = world.batch(&plan, events).run().await;
    assert_eq!((outcomes(&report), world.sent("DELETE", "").len()), (vec![Skipped; 3], 0));
}
