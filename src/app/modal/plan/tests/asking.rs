//! What confirms a deletion, and what does not.

use super::*;

#[test]
fn a_number_is_typed_and_enter_alone_deletes_nothing() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    bench.press("tab tab");
    bench.enter("3");
    bench.press("enter tab");
    bench.wait(300);
    bench.press("enter");
    assert!(bench.started().is_empty());
    bench.press("backtab backspace");
    bench.enter("2");
    bench.press("enter enter enter");
    assert!(bench.started().is_empty());
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
    let plans = bench.started();
    let lost: Vec<String> = plans[0].lost_tags().map(ToString::to_string).collect();
    assert_eq!((plans.len(), lost), (1, vec!["pr-1".to_owned(), "pr-2".to_owned()]));
}

/// `d` and then Enter, however often and however quickly.
#[test]
fn d_and_enter_ten_times_delete_nothing_at_any_tier() {
    for (marks, env) in [(&["pr-1"][..], None), (&["pr-1", "pr-2"][..], None), (&["pr-1"][..], Some("PROD"))] {
        for pause in [0, 100, 300] {
            for deletes in [BY_DIGEST, BY_TAG] {
                let mut bench = Bench::new(deletes);
                bench.state.registries[0].profile.env = env.map(str::to_owned);
                bench.mark(marks);
                bench.press("d");
                for _ in 0..10 {
                    bench.wait(pause);
                    let now = bench.state.now;
                    update(&mut bench.state, Msg::Shown(now));
                    bench.press("enter");
                }
                assert!(bench.started().is_empty());
            }
        }
    }
}

#[test]
fn what_was_typed_ahead_or_pasted_confirms_nothing() {
    // A paste without markers that got past the input guard, at once and slowly.
    for pause in [0, 30, 120] {
        for text in ["dy", "d\r2\r", "d\t\t2\t\r", "d2\t\r\r", "dy\ry\r"] {
            let mut bench = Bench::new(BY_TAG);
            bench.mark(&["pr-1", "pr-2"][..if text.contains('y') { 1 } else { 2 }]);
            for c in text.chars() {
                let key = match c {
                    '\r' => "enter".to_owned(),
                    '\t' => "tab".to_owned(),
                    c => c.to_string(),
                };
                // The loop draws when it comes to it: at the earliest after the keys that were there.
                bench.press(&key);
                if pause > 0 {
                    let now = bench.state.now;
                    update(&mut bench.state, Msg::Shown(now));
                }
                bench.wait(pause.min(40));
            }
            assert!(bench.started().is_empty(), "{text:?} {pause}");
        }
    }
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    bench.press("tab tab");
    update(&mut bench.state, Msg::Paste("2\r".to_owned()));
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
    assert!(bench.started().is_empty());
    assert!(bench.state.notice.is_some());
}

#[test]
fn tab_and_enter_out_of_one_burst_are_no_decision() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    bench.look();
    bench.press("tab tab enter");
    assert!(bench.started().is_empty());
    bench.wait(300);
    bench.press("enter");
    assert_eq!(bench.started().len(), 1);
}

#[test]
fn one_tag_that_shares_nothing_takes_a_plain_yes_but_only_from_who_saw_the_question() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    assert_eq!(bench.ready().ask.tier, Tier::Yes);
    bench.press("y");
    let now = bench.state.now;
    update(&mut bench.state, Msg::Shown(now));
    bench.wait(200);
    bench.press("y");
    assert!(bench.started().is_empty());
    bench.wait(60);
    bench.press("y");
    assert_eq!(bench.started().len(), 1);
}

#[test]
fn a_production_registry_wants_its_repository_named() {
    let mut bench = Bench::new(BY_TAG);
    bench.state.registries[0].profile.env = Some("PROD".to_owned());
    bench.mark(&["pr-1"]);
    bench.press("d");
    bench.look();
    bench.press("y tab tab");
    bench.enter("1");
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
    assert!(bench.started().is_empty());
    bench.press("backtab ctrl-u");
    bench.enter("app");
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
    assert_eq!(bench.started().len(), 1);
}
