//! A batch that a signal ends, politely or not.

use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tagboat::demo::{Fault, Profile, Rule};

use super::Site;

const TAGS: [&str; 3] = ["b", "c", "d"];

/// Starts the batch, and waits until the DELETE of `c` has arrived, with which something goes wrong.
async fn stuck(site: &Site, tags: &[&str], fault: Fault) -> Child {
    site.plan(&[&["--tag"], tags].concat());
    site.server.clear_log();
    site.server.faults().add(Rule::on("/manifests/c", fault).method("DELETE"));
    let file = site.file();
    let line = ["apply", file.to_str().unwrap(), "--confirm", &tags.len().to_string(), "--json"];
    let child = site.place.command(&line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while !site.writes().iter().any(|one| one.ends_with("/manifests/c")) {
        tokio::task::yield_now().await;
    }
    child
}

fn outcomes(site: &Site) -> Vec<String> {
    let history = site.history();
    let items = history[0]["items"].as_array().expect("items");
    items.iter().map(|item| item["outcome"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_waits_for_the_answer_and_accounts_for_everything() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let site = Site::new(Profile::Distribution3).await;
        // Answered, but late: by then the signal is there.
        let child = stuck(&site, &TAGS, Fault::Delay(std::time::Duration::from_millis(700))).await;
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let out = String::from_utf8(output.stdout).unwrap();
        let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        assert_eq!((last["done"].as_u64(), last["skipped"].as_u64()), (Some(2), Some(1)), "{out}");
        assert_eq!(outcomes(&site), ["done", "done", "skipped"]);
        assert_eq!(site.history()[0]["finished"], true);
        assert_eq!((site.at("b").is_none(), site.at("c").is_none(), site.at("d").is_some()), (true, true, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_holds_nobody_up_and_what_broke_off_is_taken_back() {
    for signal in [Signal::INT, Signal::KILL] {
        // Carried out and never answered, and never carried out.
        for fault in [Fault::Silence, Fault::Hang] {
            let site = Site::new(Profile::Distribution3).await;
            let before = site.server.store().repositories[super::REPO].tags.clone();
            let mut child = stuck(&site, &TAGS, fault).await;
            let begun = std::time::Instant::now();
            kill_process(Pid::from_child(&child), signal).unwrap();
            let code = child.wait().unwrap().code();
            assert_eq!(code, (signal == Signal::INT).then_some(130));
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "it ends by itself");
            site.server.faults().clear();
            site.server.clear_log();
            assert_eq!(outcomes(&site), ["done", "unknown", "skipped"]);
            let history = site.history();
            assert_eq!(history[0]["finished"], false);
            assert_eq!(site.writes(), [""; 0], "nothing runs by itself");
            let said = site.run(&["history"]);
            assert!(said.out.contains("NOT FINISHED"), "{}", said.out);
            let id = history[0]["id"].as_str().unwrap();
            assert_eq!(site.run(&["undo", id]).code, Some(6));
            assert_eq!(site.writes(), [""; 0], "and nothing without a yes");
            let said = site.run(&["undo", id, "--yes"]);
            assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
            assert_eq!(site.server.store().repositories[super::REPO].tags, before);
            assert_eq!(site.history()[0]["finished"], true);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reading_stops_it_before_its_end() {
    let site = Site::new(Profile::Distribution3).await;
    let many = ["a1", "a2", "c", "d", "e", "i"];
    let mut child = stuck(&site, &many, Fault::Delay(std::time::Duration::from_millis(300))).await;
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(141));
    let outcomes = outcomes(&site);
    assert_eq!((outcomes[0].as_str(), outcomes[5].as_str()), ("done", "skipped"), "{outcomes:?}");
    assert_eq!(site.history()[0]["finished"], true);
}

/// Where a disk spoiled the lines of an item, nobody knows how it ended; everything else is as it was told.
#[tokio::test(flavor = "multi_thread")]
async fn what_stood_in_a_spoiled_line_is_unknown_and_comes_back_all_the_same() {
    let site = Site::new(Profile::Distribution3).await;
    let before = site.server.store().repositories[super::REPO].tags.clone();
    site.plan(&[&["--tag"], &TAGS[..]].concat());
    assert_eq!(site.apply("3", &[]).code, Some(0));
    let id = site.history()[0]["id"].as_str().unwrap().to_owned();
    let path = site.place.path().join("state/tagboat/journal").join(format!("{id}.journal"));
    let text = std::fs::read_to_string(&path).expect("the journal");
    let spoiled = |line: &str| if line.contains("\"item\":1,") { "\0".repeat(line.len()) } else { line.to_owned() };
    let text: Vec<String> = text.lines().map(spoiled).collect();
    std::fs::write(&path, text.join("\n") + "\n").expect("written");
    assert_eq!(outcomes(&site), ["done", "unknown", "done"]);
    let said = site.run(&["history", &id]);
    assert!(said.code == Some(0) && said.err.contains("cannot be read"), "{}{}", said.out, said.err);
    let said = site.run(&["undo", &id, "--yes"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(site.server.store().repositories[super::REPO].tags, before);
}
