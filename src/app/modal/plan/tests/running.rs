//! From a confirmed plan to its end.

use super::*;
use crate::app::job::JobEvent;
use crate::domain::clean::Clean;
use crate::domain::outcome::{Ended, Outcome};

#[test]
fn after_a_job_what_failed_stays_marked_and_is_tried_again_alone() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2", "v1"]);
    bench.press("d");
    bench.look();
    bench.press("tab tab");
    bench.enter("3");
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
    let Some(Modal::Progress(progress)) = bench.state.modals.last() else { panic!("no progress") };
    let job = progress.job;
    // Quitting asks now.
    let effects = update(&mut bench.state, Msg::Key("esc".parse().unwrap()));
    bench.answer(effects);
    bench.press("q");
    assert!(matches!(bench.state.modals.last(), Some(Modal::Ask(_))));
    bench.press("esc");
    let failed = Ended::because(Outcome::Failed, Clean::fixed("the registry said no"));
    let unlucky = bench.state.jobs[0].work.tag(1).unwrap().to_string();
    let items = vec![Ended::done(), failed, Ended::done()];
    let tell = |bench: &mut Bench, event| {
        let effects = update(&mut bench.state, Msg::Job { job, event });
        bench.answer(effects);
    };
    tell(&mut bench, JobEvent::Began { journal: "20261121-1".to_owned() });
    tell(&mut bench, JobEvent::Ended { at: 0, ended: Ended::done() });
    let totals = bench.state.jobs[0].totals();
    assert_eq!((totals.of(Outcome::Done), totals.waiting, totals.all()), (1, 2, 3));
    let asked_before = bench.effects.len();
    tell(&mut bench, JobEvent::Finished { items, stopped: None });
    let names = |bench: &Bench| bench.state.pane().marks.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&bench), std::slice::from_ref(&unlucky));
    let reload = |effect: &Effect| matches!(effect, Effect::Fetch { query: crate::app::effect::Query::Tags(_), .. });
    assert!(bench.effects[asked_before..].iter().any(reload));
    bench.press("g j enter r");
    bench.look();
    assert_eq!(bench.lost(), [unlucky]);
    assert!(bench.started().len() == 1);
}

#[test]
fn stopping_and_leaving_wait_for_what_is_under_way() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    bench.look();
    bench.press("y x");
    assert!(bench.effects.iter().any(|effect| matches!(effect, Effect::StopJob { .. })));
    bench.press("b q y");
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    let job = bench.state.jobs[0].id;
    let items = vec![Ended::because(Outcome::Skipped, Clean::fixed("stopped"))];
    let effects = update(&mut bench.state, Msg::Job { job, event: JobEvent::Finished { items, stopped: None } });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert_eq!(bench.state.pane().marks.len(), 1);
}
