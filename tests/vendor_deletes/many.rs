//! More than one request takes: stopped between two, tried again; and an image with its tags.

use tagboat::demo::{Fault, Rule};

use super::{SIZES, Server, Site, confirm, in_its_own_words, plan, quit, to};

#[tokio::test(flavor = "multi_thread")]
async fn stopped_between_two_requests_and_gone_on_with() {
    for size in SIZES {
        let site = Site::ml_space(150).await;
        let mut pty = site.open(size);
        to(&mut pty, "n*");
        pty.press("a");
        pty.wait_for("150 marked");
        plan(&mut pty);
        // The second request is turned away for a while, in which nothing else is asked either.
        let wait = Fault::too_many_requests("8");
        site.faults().add(Rule::on("/docker_registry/v2/tags/", wait).method("DELETE").after(1));
        pty.press("\t");
        pty.press("\t");
        pty.type_what_is_asked("150");
        pty.wait_for("as the registry asks");
        pty.press("x");
        pty.wait_for("Ended at");
        pty.wait_for("ok 100");
        pty.wait_for("skipped 50");
        assert_eq!(site.tags().len(), 57, "{size:?}: what is told is so");
        let sent = site.writes().len();
        assert_eq!(sent, 2, "{size:?}");
        site.faults().clear();
        // What was not done is planned again, and nothing else.
        pty.press("r");
        pty.wait_for("type the number of tags: 50");
        super::look();
        confirm(&mut pty, "50");
        pty.wait_for("ok 50");
        assert_eq!((site.tags().len(), site.writes().len()), (7, sent + 1), "{size:?}");
        pty.press("\x1b");
        quit(pty);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_request_is_told_and_tried_again() {
    let site = Site::ml_space(0).await;
    let Server::MlSpace(server) = &site.server else { panic!("ML Space") };
    server.switches().batch_stops_after = Some(1);
    let mut pty = site.open(SIZES[0]);
    to(&mut pty, "~^[bcd]$");
    pty.press("a");
    pty.wait_for("3 marked");
    plan(&mut pty);
    confirm(&mut pty, "3");
    pty.wait_for("ok 1");
    pty.wait_for("FAILED 2");
    pty.wait_for("1 of 3 were named as deleted");
    in_its_own_words(&pty.screen());
    assert_eq!(site.tags().len(), 6);
    server.switches().batch_stops_after = None;
    pty.press("r");
    pty.wait_for("type the number of tags: 2");
    super::look();
    confirm(&mut pty, "2");
    pty.wait_for("ok 2");
    assert_eq!(site.tags().len(), 4);
    pty.press("\x1b");
    quit(pty);
}

/// Chosen on purpose, an image goes with all its tags, and the plan says so.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_goes_with_its_tags() {
    for size in SIZES {
        let site = Site::ml_space(0).await;
        let mut pty = site.open(size);
        to(&mut pty, "a*");
        pty.press("a");
        pty.wait_for("3 marked");
        plan(&mut pty);
        pty.wait_for("no image is deleted");
        pty.press("4");
        pty.wait_for("the image and its 3 tags");
        in_its_own_words(&pty.screen());
        super::look();
        confirm(&mut pty, "3");
        pty.wait_for("ok 1");
        let left = site.tags();
        assert!(left.keys().all(|name| !name.starts_with('a')) && left.len() == 4, "{size:?}: {left:?}");
        let Server::MlSpace(server) = &site.server else { panic!("ML Space") };
        let images = server.store().workspaces[0].named(site.repo).expect("there").images.len();
        assert_eq!((images, site.writes().len()), (5, 1), "{size:?}");
        pty.press("\x1b");
        quit(pty);
    }
}
