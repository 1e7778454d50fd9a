//! `K` and `/`: what is kept stays, and what is not shown goes all the same.

use super::*;

fn kept(bench: &Bench) -> Vec<String> {
    let by_hand = bench.ready().plan.kept.iter().filter(|kept| kept.by == Keeper::Hand);
    by_hand.map(|kept| kept.tag.to_string()).collect()
}

fn go(bench: &mut Bench, row: usize) {
    bench.press("g");
    (0..row).for_each(|_| bench.press("j"));
}

/// Types the number that is asked for, and starts.
fn start(bench: &mut Bench) {
    while bench.ready().question.focus != Focus::Typed {
        bench.press("tab");
    }
    let typed = bench.ready().ask.typed.clone();
    bench.enter(&typed);
    bench.press("tab");
    bench.wait(300);
    bench.press("enter");
}

#[test]
fn what_is_kept_is_put_back_by_the_same_key_and_the_marks_stay() {
    for key in ["K", "space"] {
        let mut bench = Bench::new(BY_TAG);
        bench.mark(&["pr-1", "v1"]);
        bench.press("d");
        bench.look();
        assert_eq!((bench.ready().ask.tier, bench.ready().ask.typed.as_str()), (Tier::Count, "2"));
        bench.press(key);
        assert_eq!((bench.lost(), kept(&bench)), (vec!["pr-1".to_owned()], vec!["v1".to_owned()]));
        // It is asked for what is left.
        assert_eq!(bench.ready().ask.tier, Tier::Yes);
        bench.press(&format!("G {key}"));
        assert_eq!((bench.lost().len(), kept(&bench).len()), (2, 0));
        // The marks in the list are another matter.
        bench.press(&format!("g {key} esc"));
        assert_eq!(bench.state.pane().marks.len(), 2);
    }
}

#[test]
fn the_plan_is_made_again_without_what_is_kept() {
    let mut bench = Bench::new(BY_DIGEST);
    bench.mark(&["latest", "v2", "pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    let bytes = |bench: &Bench| bench.ready().plan.reclaimable.at_least;
    let (before, row) = (bytes(&bench), |bench: &Bench, name: &str| {
        let named = |row: &Row| match row {
            Row::Item(at) => bench.ready().plan.items[*at].takes().iter().any(|tag| tag.as_str() == name),
            Row::Kept(at) => bench.ready().plan.kept[*at].tag.as_str() == name,
            Row::Spared(_) => false,
        };
        bench.ready().shown.iter().position(|at| named(&bench.ready().rows[*at])).unwrap()
    });
    // Held back because of `demo`; kept, it is asked for no more, and including siblings does not bring it back.
    assert_eq!(bench.ready().kept(Keeper::Held), (1, 1));
    let at = row(&bench, "pr-2");
    go(&mut bench, at);
    bench.press("K");
    assert_eq!((bench.ready().kept(Keeper::Held).0, kept(&bench)), (0, vec!["pr-2".to_owned()]));
    bench.press("1");
    assert_eq!(bench.lost(), ["latest", "pr-1", "v2"]);
    // Both tags of a digest, in one row.
    let at = row(&bench, "v2");
    go(&mut bench, at);
    bench.press("K");
    assert_eq!(
        (bench.lost(), kept(&bench)),
        (vec!["pr-1".to_owned()], ["latest", "pr-2", "v2"].map(String::from).to_vec())
    );
    assert!(bytes(&bench) < before, "{} of {before}", bytes(&bench));
    bench.look();
    bench.press("y");
    let lost: Vec<_> = bench.started()[0].lost_tags().map(ToString::to_string).collect();
    assert_eq!(lost, ["pr-1"]);
}

#[test]
fn a_filter_changes_what_is_seen_and_nothing_of_what_goes() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2", "v1", "demo"]);
    bench.press("d");
    bench.look();
    let whole = (bench.ready().plan.clone(), bench.ready().ask.clone());
    bench.press("/");
    // A digit is text here, and Enter ends the typing.
    bench.enter("pr-2");
    bench.press("enter");
    assert_eq!((bench.ready().shown.len(), bench.ready().rows.len()), (1, 4));
    assert_eq!((bench.ready().plan.clone(), bench.ready().ask.clone()), whole);
    assert!(!bench.dialog().choices.children && bench.ready().question.focus == Focus::List);
    // What is kept is the row that is seen.
    bench.press("K");
    assert_eq!(
        (bench.lost(), kept(&bench)),
        (["demo", "pr-1", "v1"].map(String::from).to_vec(), vec!["pr-2".to_owned()])
    );
    bench.look();
    start(&mut bench);
    let mut lost: Vec<_> = bench.started()[0].lost_tags().map(ToString::to_string).collect();
    lost.sort();
    assert_eq!(lost, ["demo", "pr-1", "v1"]);
}

#[test]
fn esc_shows_the_whole_plan_before_it_closes_it() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    bench.press("/ p r - 1 enter / 2");
    assert_eq!(bench.ready().shown.len(), 0);
    bench.press("esc");
    assert_eq!(bench.ready().shown.len(), 1, "back to what was typed before");
    bench.press("esc");
    assert_eq!(bench.ready().shown.len(), 2);
    bench.press("esc");
    assert!(bench.state.modals.is_empty());
}

#[test]
fn a_filter_may_be_pasted_and_asks_for_more_than_names() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2", "latest"]);
    bench.press("d");
    bench.look();
    bench.press("/");
    update(&mut bench.state, Msg::Paste("shared:yes".to_owned()));
    let shown = |bench: &Bench| {
        let ready = bench.ready();
        let tags = ready.shown.iter().map(|at| match &ready.rows[*at] {
            Row::Item(at) => ready.plan.items[*at].takes()[0].to_string(),
            other => panic!("{other:?}"),
        });
        tags.collect::<Vec<_>>()
    };
    assert_eq!(shown(&bench), ["latest", "pr-2"]);
    // What is no filter yet changes nothing, and is not kept.
    update(&mut bench.state, Msg::Paste(" ~(".to_owned()));
    bench.press("enter");
    assert!(bench.ready().filter.error.is_some() && bench.dialog().filters());
    assert_eq!(shown(&bench), ["latest", "pr-2"]);
}

/// What changes the numbers takes keys at once; what starts does not.
#[test]
fn the_list_goes_on_at_once_after_a_change_and_the_question_does_not() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["v1", "pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    bench.press("j K K g");
    assert_eq!(bench.lost(), ["v1"]);
    assert_eq!(bench.ready().ask.tier, Tier::Yes);
    bench.press("y");
    assert!(bench.started().is_empty(), "it is not on the screen yet");
    bench.look();
    bench.press("y");
    assert_eq!(bench.started().len(), 1);
}

#[test]
fn rows_are_kept_while_a_long_plan_is_made_again() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2", "pr-3"]);
    let key = |bench: &mut Bench, key: &str| update(&mut bench.state, Msg::Key(key.parse::<Key>().unwrap()));
    let effects = key(&mut bench, "d");
    let [Effect::Survey { id, repo, protection, .. }] = &effects[..] else { panic!("{effects:?}") };
    let names: Vec<String> = (0..4_000).map(|n| format!("pr-{n}")).collect();
    let tags = names.iter().map(|name| (name.as_str(), name.as_str()));
    let snapshot = snapshot("one", repo, tags, BY_TAG, protection.clone(), bench.state.now);
    let loaded = Msg::Loaded { id: *id, event: Event::Surveyed(Ok(Box::new(snapshot))) };
    let mut asked = update(&mut bench.state, loaded);
    let made = |bench: &mut Bench, effects: &mut Vec<Effect>| match effects.pop() {
        Some(Effect::MakePlan { ticket, making }) => {
            update(&mut bench.state, Msg::Planned { ticket, made: Some(Box::new(making.run())) });
        }
        other => panic!("{other:?}"),
    };
    made(&mut bench, &mut asked);
    bench.look();
    // The second row, before the plan without the first one is there; and the third one twice.
    let mut stale = key(&mut bench, "K");
    key(&mut bench, "j");
    stale.extend(key(&mut bench, "K"));
    key(&mut bench, "j");
    stale.extend(key(&mut bench, "K"));
    let mut last = key(&mut bench, "K");
    while !stale.is_empty() {
        made(&mut bench, &mut stale);
        assert!(matches!(bench.dialog().stage, Stage::Making { .. }), "it is not what is wanted by now");
    }
    made(&mut bench, &mut last);
    assert_eq!((bench.lost(), kept(&bench)), (vec!["pr-3".to_owned()], vec!["pr-1".to_owned(), "pr-2".to_owned()]));
}
