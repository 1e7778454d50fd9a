//! Two programs at the same tags at once: each tag is taken away by one of them, the other one says that somebody was
//! first, and both journals are right.
#![cfg(unix)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use tagboat::demo::Profile;

use crate::support::gestures::look;
use crate::support::many::{Many, REPO, STAYS};
use crate::support::program::{Place, Said};
use crate::support::pty::Pty;

const COUNT: usize = 60;

fn plan(place: &Place, target: &str, choices: &[&str]) -> String {
    let file = place.path().join("plan.json").to_str().unwrap().to_owned();
    let said = place.run(&[&["plan", target, "--mark", "0.*", "--out", &file], choices].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    file
}

/// What each run of the history says of each tag, and that together they say what happened.
#[track_caller]
fn agree(case: &str, many: &Many, history: &Value) {
    let runs = history.as_array().expect("a list");
    assert_eq!(runs.len(), 2, "{case}: {history}");
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for run in runs {
        assert_eq!(run["finished"], true, "{case}");
        for item in run["items"].as_array().expect("items") {
            told.entry(item["tag"].as_str().unwrap()).or_default().push(item["outcome"].as_str().unwrap());
        }
    }
    assert_eq!(told.len(), COUNT, "{case}");
    for (tag, outcomes) in told {
        let done = outcomes.iter().filter(|outcome| **outcome == "done").count();
        let late = outcomes.iter().filter(|outcome| matches!(**outcome, "gone" | "changed")).count();
        assert_eq!((done, late), (1, outcomes.len() - 1), "{case}: {tag}: {outcomes:?}");
    }
    assert_eq!(many.tags().into_keys().collect::<Vec<_>>(), [STAYS], "{case}");
}

fn last(output: Output) -> (Option<i32>, Value) {
    let said = Said::from(output);
    let line = said.out.lines().last().unwrap_or_else(|| panic!("{}", said.err));
    (said.code, serde_json::from_str(line).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_apply_one_plan() {
    for profile in [Profile::Distribution3, Profile::Reference] {
        let case = format!("{profile:?}");
        let many = Many::start(profile, COUNT).await;
        let place = Place::new(&many.config());
        let file = plan(&place, &format!("r/{REPO}"), &["--with-manifests"]);
        let line = ["apply", &file, "--confirm", &COUNT.to_string(), "--json"];
        let begin = || place.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (first, second) = (begin(), begin());
        let ((one, a), (other, b)) =
            (last(first.wait_with_output().unwrap()), last(second.wait_with_output().unwrap()));
        assert_eq!((one, other), (Some(0), Some(0)), "{case}: {a} {b}");
        let sum = |field: &str| a[field].as_u64().unwrap() + b[field].as_u64().unwrap();
        assert_eq!((sum("done"), sum("done") + sum("gone")), (60, 120), "{case}: {a} {b}");
        agree(&case, &many, &place.run(&["history", "--json"]).json());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_on_the_screen_and_apply() {
    let many = Many::start(Profile::Distribution3, COUNT).await;
    let place = Place::new(&many.config());
    let target = format!("r/{REPO}");
    let file = plan(&place, &target, &[]);
    let mut pty = Pty::start_in(place.home, &[&target], 120, 36, &[]);
    pty.wait_for("complete: 61 tags");
    pty.filter("0.");
    pty.wait_for("60/61 shown");
    pty.press("\r");
    pty.press("a");
    pty.wait_for("60 marked");
    pty.press("d");
    pty.wait_for("type the number of tags: 60");
    look();
    pty.press("\t");
    pty.press("\t");
    pty.press("60");
    pty.wait_for("matches");
    pty.press("\t");
    look();
    let apply = pty.beside(&["apply", &file, "--confirm", "60", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    // As soon as the other one has begun.
    while many.deletes().len() < 3 {
        tokio::task::yield_now().await;
    }
    pty.press("\r");
    pty.wait_for("Ended at");
    let (code, totals) = last(apply.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{totals}");
    assert_eq!(totals["done"].as_u64().unwrap() + totals["gone"].as_u64().unwrap(), 60, "{totals}");
    let history = Said::from(pty.beside(&["history", "--json"]).output().unwrap()).json();
    agree("the screen and apply", &many, &history);
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
