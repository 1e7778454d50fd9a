use std::collections::BTreeSet;

use super::*;

fn colours(screen: &MlSpace) -> BTreeSet<Option<String>> {
    let image = screen.repository(TRAINER).images.into_iter().find(|image| image.tags.len() == 12);
    image.expect("the image with its tags").tags.into_iter().map(|tag| tag.color).collect()
}

/// `c`, and what is typed for the colour.
#[track_caller]
fn colour(pty: &mut Pty, typed: &str) {
    pty.press("c");
    pty.wait_for("Take the colour away");
    pty.press("\x15");
    pty.press(typed);
    pty.wait_for(typed);
    pty.press("\r");
}

/// The job has given `latest` this colour; back to the list, which is read again.
#[track_caller]
fn is_done(screen: &mut MlSpace, job: usize, colour: Option<&str>) {
    screen.pty.wait_for(&format!("Job {job} is done: 1 of 1 items."));
    assert_eq!(screen.tag(TRAINER, "latest").expect("a tag").1.as_deref(), colour);
    screen.pty.press("\x1b");
    let dialog = format!("Job {job}  recolour");
    screen.pty.wait_until("the list", |screen| !screen.contains(&dialog));
    screen.pty.wait_for("complete: 12 tags");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_recoloured_loses_its_colour_and_gets_it_back() {
    for size in SIZES {
        let mut screen = MlSpace::start(size, &[]).await;
        screen.open(TRAINER, 12);
        onto(&mut screen.pty, "latest");
        let before = screen.tag(TRAINER, "latest").expect("a tag").1;
        colour(&mut screen.pty, "#ff8800");
        is_done(&mut screen, 1, Some("#FF8800"));
        assert_eq!(screen.sent().len(), 1);
        screen.pty.press("c");
        screen.pty.wait_for("#FF8800");
        screen.pty.press("\t\t");
        screen.pty.press("\r");
        is_done(&mut screen, 2, None);
        screen.pty.press("u");
        is_done(&mut screen, 3, Some("#FF8800"));
        screen.pty.press("gx");
        screen.pty.wait_for("History  3");
        screen.pty.press("G");
        screen.pty.press("\r");
        screen.pty.wait_for("What was changed");
        screen.pty.wait_for("recoloured 1 tag");
        let was = before.unwrap_or_else(|| "none".to_owned());
        screen.pty.wait_for(&format!("{was} -> #FF8800"));
        screen.pty.press("\x1b");
        let recorded = screen.pty.recorded();
        let want = ["none -> #FF8800", "#FF8800 -> none", &format!("{was} -> #FF8800")]
            .map(|edit| format!("recolour {TRAINER}: latest: {edit} = done"));
        assert_eq!(recorded, want);
        screen.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_tags_get_the_colour_one_after_the_other() {
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.open(TRAINER, 12);
    screen.pty.press("a");
    screen.pty.press("c");
    screen.pty.wait_for("12 tags of ml/");
    screen.pty.press("\x15#123456");
    screen.pty.wait_for("#123456");
    // The fourth is refused, and the others are not held up by it.
    screen
        .server
        .faults()
        .add(Rule::on("/docker_registry/v2/tags/", Fault::status(409)).method("PUT").after(3).times(1));
    screen.pty.press("\r");
    screen.pty.wait_for("Job 1: 11 done, 1 not");
    assert_eq!(screen.sent().len(), 12, "each is sent once");
    let image = screen.repository(TRAINER).images.into_iter().find(|image| image.tags.len() == 12).expect("an image");
    let so = image.tags.iter().filter(|tag| tag.color.as_deref() == Some("#123456")).count();
    assert_eq!(so, 11);
    // What was not done is tried again, and no more than that.
    screen.pty.press("r");
    screen.pty.wait_for("Job 2 is done: 1 of 1 items.");
    assert_eq!((screen.sent().len(), colours(&screen)), (13, BTreeSet::from([Some("#123456".to_owned())])));
    screen.pty.press("\x1b");
    screen.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_that_is_refused_stays_and_a_lost_answer_is_looked_up() {
    for (fault, words, so) in answers() {
        let mut screen = at_latest("PUT", fault).await;
        colour(&mut screen.pty, "#ff8800");
        screen.pty.wait_for(words);
        screen.pty.wait_for("Job 1");
        let now = screen.tag(TRAINER, "latest").expect("a tag").1;
        assert_eq!((screen.sent().len(), now.as_deref() == Some("#FF8800")), (1, so), "{words}");
        screen.pty.press("\x1b");
        screen.end();
    }
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.open(TRAINER, 12);
    screen.server.switches().forgets_writes = true;
    colour(&mut screen.pty, "#ff8800");
    screen.pty.wait_for("shows another colour");
    assert_eq!(screen.sent().len(), 1);
    screen.pty.press("\x1b");
    screen.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_changes_no_colour() {
    let mut screen = MlSpace::start((100, 30), &["--read-only"]).await;
    screen.open(TRAINER, 12);
    screen.pty.press("c");
    screen.pty.wait_for("tagboat runs read-only");
    screen.pty.press("t");
    screen.pty.wait_for("tagboat runs read-only");
    assert!(screen.sent().is_empty());
    screen.end();
}
