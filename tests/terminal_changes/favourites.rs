use super::*;

/// Whether the row of this repository has the star.
fn starred(screen: &str, name: &str) -> bool {
    screen.lines().any(|line| line.contains('★') && line.contains(name))
}

fn is_starred(screen: &str) -> bool {
    starred(screen, TRAINER)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_favourite_is_set_on_the_server_and_taken_back_there() {
    for size in SIZES {
        let mut screen = MlSpace::start(size, &[]).await;
        let kept: Vec<String> = {
            let store = screen.server.store();
            let kept = store.workspaces[0].repositories.iter().filter(|repository| repository.favorite);
            kept.map(|repository| repository.name.clone()).collect()
        };
        assert!(!kept.is_empty() && kept.iter().all(|name| starred(&screen.pty.screen(), name)), "{kept:?}");
        screen.to(TRAINER);
        screen.pty.press("f");
        screen.pty.wait_until("the star", is_starred);
        // Left at once: the change goes on.
        screen.pty.press("\x1b");
        screen.pty.wait_for("complete: 66 names");
        screen.pty.press("\x1b");
        screen.pty.wait_for("Registries");
        screen.pty.press("\r");
        screen.pty.wait_until("still a favourite", is_starred);
        assert!(screen.repository(TRAINER).favorite);
        screen.to(TRAINER);
        screen.pty.press("f");
        screen.pty.wait_until("no star", |screen| !is_starred(screen));
        screen.pty.press("u");
        screen.pty.wait_until("the star", is_starred);
        screen.pty.press("f");
        screen.pty.wait_until("no star", |screen| !is_starred(screen));
        // What was typed ahead is waited for.
        screen.pty.press("q");
        assert_eq!(screen.pty.end(), 0);
        assert!(!screen.repository(TRAINER).favorite);
        let [off, on] = ["yes -> no", "no -> yes"].map(|edit| format!("favourite {TRAINER}: favourite: {edit} = done"));
        assert_eq!(screen.pty.recorded(), [off.clone(), on.clone(), off, on]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_put_back_and_said() {
    for (fault, words) in [(Fault::status(403), "403"), (Fault::status(500), "500"), (Fault::html_error(502), "502")] {
        let mut screen = MlSpace::start((100, 30), &[]).await;
        screen.to(TRAINER);
        screen.server.faults().add(Rule::on("/fav", fault));
        screen.pty.press("f");
        screen.pty.wait_until("the refusal", |screen| screen.contains("is no favourite: ") && screen.contains(words));
        screen.pty.wait_until("no star", |screen| !is_starred(screen));
        assert!(!screen.repository(TRAINER).favorite);
        assert_eq!(screen.sent().len(), 1, "sent once");
        let recorded = screen.pty.recorded();
        let end = if words == "403" { " = refused" } else { " = unknown" };
        assert!(recorded.len() == 1 && recorded[0].ends_with(end), "{recorded:?}");
        screen.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_looked_up_and_nothing_is_sent_again() {
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.to(TRAINER);
    screen.server.faults().add(Rule::on("/fav", Fault::LostAnswer));
    screen.pty.press("f");
    screen.pty.wait_for("not known whether");
    screen.pty.wait_until("as it is there", is_starred);
    assert!(screen.repository(TRAINER).favorite);
    assert_eq!(screen.sent().len(), 1);
    screen.end();

    // Taken, and not done.
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.to(TRAINER);
    screen.server.switches().forgets_writes = true;
    screen.pty.press("f");
    screen.pty.wait_for("does not show it as one");
    screen.pty.wait_until("no star", |screen| !is_starred(screen));
    assert_eq!(screen.sent().len(), 1);
    screen.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_quick_wishes_is_what_the_server_has() {
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.to(TRAINER);
    screen.server.faults().add(Rule::on("/fav", Fault::Delay(Duration::from_millis(700))).times(1));
    screen.pty.press("f");
    screen.pty.wait_until("the star", is_starred);
    screen.pty.press("f");
    screen.pty.wait_until("no star", |screen| !is_starred(screen));
    // The end waits for the second.
    screen.pty.press("q");
    assert_eq!(screen.pty.end(), 0);
    let bodies: Vec<String> = screen.sent().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, [r#"{"favorite":true}"#, r#"{"favorite":false}"#]);
    assert!(!screen.repository(TRAINER).favorite);

    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.to(TRAINER);
    screen.server.faults().add(Rule::on("/fav", Fault::Delay(Duration::from_millis(700))).times(1));
    for _ in 0..3 {
        screen.pty.press("f");
    }
    screen.pty.wait_until("the star", is_starred);
    screen.pty.press("q");
    assert_eq!(screen.pty.end(), 0);
    assert_eq!((screen.sent().len(), screen.repository(TRAINER).favorite), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_says_so_and_sends_nothing() {
    let mut screen = MlSpace::start((100, 30), &["--read-only"]).await;
    screen.to(TRAINER);
    screen.pty.press("f");
    screen.pty.wait_for("tagboat runs read-only");
    assert!(!is_starred(&screen.pty.screen()) && screen.sent().is_empty());
    screen.end();
}
