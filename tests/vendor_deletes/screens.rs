use super::{KINDS, SIZES, Site, confirm, in_its_own_words, look, plan, quit, to};
use tagboat::domain::registry::BackendKind;

const NEVER: &str = "This cannot be undone";

/// Alone on its image: a `y`, and Enter alone is none.
#[tokio::test(flavor = "multi_thread")]
async fn one_tag_goes() {
    for kind in KINDS {
        for size in SIZES {
            let site = Site::of(kind).await;
            let before = site.tags();
            let mut pty = site.open(size);
            to(&mut pty, &format!("~^{}$", site.single.replace('.', "[.]")));
            plan(&mut pty);
            pty.wait_for("image");
            let screen = pty.screen();
            assert_eq!(screen.contains(NEVER), !site.restores(), "{kind:?} {size:?}\n{screen}");
            in_its_own_words(&screen);
            pty.press("\r");
            pty.wait_until("the list", |screen| !screen.contains("facts of"));
            assert!(site.writes().is_empty(), "{kind:?}: Enter alone is no yes");
            plan(&mut pty);
            pty.press("y");
            pty.wait_for("Ended at");
            pty.wait_for("ok 1");
            in_its_own_words(&pty.screen());
            let mut left = before.clone();
            left.remove(site.single);
            assert_eq!(site.tags(), left, "{kind:?} {size:?}");
            assert_eq!(site.writes().len(), 1, "{kind:?} {size:?}: sent once");
            pty.press("\x1b");
            pty.press("\x1b");
            pty.wait_for(&format!("complete: {} tags", left.len()));
            quit(pty);
        }
    }
}

/// What is on the same image is shown before, and is there afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn what_shares_the_image_stays() {
    for kind in KINDS {
        for size in SIZES {
            let site = Site::of(kind).await;
            let before = site.tags();
            let mut pty = site.open(size);
            let [first, second] = site.shared;
            to(&mut pty, &format!("~^({first}|{})$", site.single.replace('.', "[.]")));
            pty.press("a");
            pty.wait_for("2 marked");
            plan(&mut pty);
            pty.wait_for("on its image");
            pty.wait_for("type the number of tags: 2");
            confirm(&mut pty, "2");
            pty.wait_for("ok 2");
            let mut left = before.clone();
            left.retain(|name, _| name != first && name != site.single);
            assert_eq!(site.tags(), left, "{kind:?} {size:?}");
            assert!(left.contains_key(second), "{kind:?}");
            let requests = if kind == BackendKind::MlSpace { 1 } else { 2 };
            assert_eq!(site.writes().len(), requests, "{kind:?} {size:?}");
            pty.press("\x1b");
            pty.wait_until("the list", |screen| !screen.contains("Ended at"));
            quit(pty);
        }
    }
}

/// `u`: a tag is set again where the first protocol is spoken. Elsewhere it says that nothing comes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_comes_back_or_it_is_said_that_it_does_not() {
    for kind in KINDS {
        for size in SIZES {
            let site = Site::of(kind).await;
            let before = site.tags();
            let mut pty = site.open(size);
            to(&mut pty, site.shared[0]);
            plan(&mut pty);
            confirm(&mut pty, "1");
            assert_eq!(site.tags().len(), before.len() - 1, "{kind:?}");
            pty.press("\x1b");
            pty.wait_until("the list", |screen| !screen.contains("Ended at"));
            pty.press("u");
            if site.restores() {
                pty.wait_for("Comes back: 1 tag");
                look();
                in_its_own_words(&pty.screen());
                pty.press("y");
                pty.wait_for("Job 2 is done");
                assert_eq!(site.tags(), before, "{kind:?} {size:?}");
                pty.press("\x1b");
            } else {
                pty.wait_for("takes nothing back");
                assert_eq!(site.writes().len(), 1, "{kind:?}");
                pty.press("gx");
                pty.wait_for("there is none");
                pty.press("\r");
                pty.wait_for(NEVER);
                in_its_own_words(&pty.screen());
            }
            pty.press("\x1b");
            pty.press("\x1b");
            quit(pty);
        }
    }
}

/// The image went meanwhile: that is said, and nothing is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_tag_whose_image_is_gone_does_not_come_back() {
    let site = Site::docker_v1().await;
    let mut pty = site.open(SIZES[0]);
    to(&mut pty, site.shared[0]);
    plan(&mut pty);
    confirm(&mut pty, "1");
    pty.press("\x1b");
    pty.wait_until("the list", |screen| !screen.contains("Ended at"));
    let super::Server::DockerV1(server) = &site.server else { panic!("the first protocol") };
    server.store().images.remove(&"c".repeat(64));
    let sent = site.writes().len();
    pty.press("u");
    pty.wait_for("Cannot come back: 1 tag, 1 image");
    pty.wait_for("There is nothing to put back.");
    in_its_own_words(&pty.screen());
    assert_eq!(site.writes().len(), sent);
    pty.press("\x1b");
    pty.press("\x1b");
    quit(pty);
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_tags_stay_and_read_only_sends_nothing() {
    for kind in KINDS {
        let mut site = Site::of(kind).await;
        let config = site.config.clone();
        site.config = format!("{config}protect = ['{}']\n", site.single);
        let mut pty = site.open(SIZES[1]);
        to(&mut pty, &format!("~^{}$", site.single.replace('.', "[.]")));
        pty.press("d");
        pty.wait_for("rotected");
        pty.press("\x1b");
        pty.press("\x1b");
        quit(pty);
        site.config = format!("{config}mode = 'ro'\n");
        let mut pty = site.open(SIZES[1]);
        pty.press("d");
        pty.wait_for("read-only");
        quit(pty);
        assert!(site.writes().is_empty(), "{kind:?}: {:?}", site.writes());
    }
}
