//! New tags through the whole program: a name for an image, an existing tag that is moved, and both taken back from the
//! history. What counts is what the server has then.
#![cfg(unix)]

use tagboat::demo::Profile;

use crate::support::cleanup::{REPO, World};
use crate::support::gestures::look;
use crate::support::pty::Pty;

fn screen(world: &World, (cols, rows): (u16, u16)) -> Pty {
    let state = world.home.path().display().to_string();
    let config = format!("[[registry]]\nname = \"test\"\nurl = \"{}\"\n", world.server.url);
    let target = format!("test/{REPO}");
    let pty = Pty::start_configured(&config, &["--state-dir", &state, "--no-cache", &target], cols, rows, &[]);
    pty.wait_for("complete: 9 tags");
    pty
}

/// Onto a tag; its digest is read.
fn to(pty: &mut Pty, tag: &str) {
    pty.narrow(tag, "/9 shown");
}

/// `t`, another name, the button.
fn tag(pty: &mut Pty, name: &str) {
    pty.name_tag(name);
    pty.press("\r");
}

/// The newest operation of the history is taken back, once its number is typed.
fn take_back(pty: &mut Pty, says: &str) {
    pty.press("\x1b");
    pty.press("gx");
    pty.wait_for("can be put back");
    pty.press("u");
    pty.wait_for(says);
    look();
    pty.press("\r");
    pty.wait_for("Tags that were set");
    pty.take_back(says);
    pty.wait_for("Job 2 is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tag_is_on_the_same_manifest_and_goes_again() {
    for size in [(120, 36), (80, 24)] {
        let world = World::new(Profile::Distribution3).await;
        let before = world.repository();
        let mut pty = screen(&world, size);
        to(&mut pty, "b");
        tag(&mut pty, "rollback");
        pty.wait_for("Job 1 is done: 1 of 1 items.");
        assert_eq!(world.repository().tags.get("rollback"), before.tags.get("b"));
        assert_eq!(world.repository().manifests.len(), before.manifests.len());
        take_back(&mut pty, "Removed again: 1 tag");
        assert_eq!(world.repository().tags, before.tags);
        assert_eq!(world.repository().manifests.len(), before.manifests.len());
        pty.press("\x1b");
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_exists_is_moved_when_that_is_said_and_comes_back() {
    let world = World::new(Profile::Distribution3).await;
    let before = world.repository();
    let mut pty = screen(&world, (120, 36));
    to(&mut pty, "b");
    tag(&mut pty, "e");
    pty.wait_for("Move an existing tag?");
    pty.press("\r");
    pty.wait_until("Enter is no yes", |screen| !screen.contains("Move an existing tag?"));
    assert_eq!(world.repository().tags, before.tags);
    tag(&mut pty, "e");
    pty.wait_for("Move an existing tag?");
    pty.press("y");
    pty.wait_for("Job 1 is done: 1 of 1 items.");
    assert_eq!(world.repository().tags.get("e"), before.tags.get("b"));
    take_back(&mut pty, "Moved back: 1 tag");
    assert_eq!(world.repository().tags, before.tags);
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
