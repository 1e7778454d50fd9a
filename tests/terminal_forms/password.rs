use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tagboat::demo::{Fault, MlSpaceServer, Rule};

use super::ml_space::{screen, server};
use super::{Screen, look};

const PATH: &str = "/generate_password";

fn password(server: &MlSpaceServer) -> String {
    server.store().accounts[0].password.clone()
}

fn asking(server: &MlSpaceServer, size: (u16, u16)) -> Screen {
    let mut it = screen(server, &[], size);
    it.press("W");
    it.says("stops working at once");
    it
}

fn written(it: &Screen) -> String {
    String::from_utf8_lossy(&it.pty.raw_output()).into_owned()
}

/// Every file below a directory, as text.
fn files(below: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(below).expect("a directory").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => all += &files(&path),
            false => all += &String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()),
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_in_no_frame_before_it_is_asked_for_and_in_none_after_it_closed() {
    for size in [(100, 30), (60, 20)] {
        let server = server().await;
        let before = password(&server);
        let mut it = asking(&server, size);
        look();
        it.press("y");
        it.wait_for("s  show or hide it");
        let made = password(&server);
        assert!(made != before && !written(&it).contains(&made));
        it.press("s");
        it.wait_for(&made);
        it.press("\x1b");
        it.wait_for("forgotten here");
        assert!(!it.pty.screen().contains(&made));
        let shown = it.pty.raw_output().len();
        // All of the screen anew, the messages, and the end.
        let frames = it.pty.frames();
        it.press("\x0c");
        it.pty.wait_for_frame(frames);
        it.press("gl");
        it.wait_for("a new password for docker was made");
        it.press("\x1b");
        it.press("q");
        assert_eq!(it.pty.end(), 0);
        assert!(!String::from_utf8_lossy(&it.pty.raw_output()[shown..]).contains(&made));
        assert!(!files(it.pty.home()).contains(&made), "in no log, cache, journal or config");
        assert_eq!(server.passwords_asked(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_copied_without_being_shown() {
    let server = server().await;
    let mut it = asking(&server, (80, 24));
    look();
    it.press("y");
    it.wait_for("c  copy it");
    it.press("c");
    it.says("Copied, if the terminal takes copies");
    let made = password(&server);
    assert!(!written(&it).contains(&made));
    assert!(written(&it).contains(&format!("\x1b]52;c;{}\x07", STANDARD.encode(&made))));
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_and_hasty_keys_make_none() {
    let server = server().await;
    let mut it = screen(&server, &[], (80, 24));
    // The key and the yes in one go, faster than anybody reads.
    it.pty.send("Wy");
    it.says("stops working at once");
    it.press("\x1b");
    it.pty.wait_until("closed", |screen| !screen.contains("stops working"));
    it.press("W");
    it.says("stops working at once");
    look();
    it.press("\r");
    it.pty.wait_until("closed", |screen| !screen.contains("stops working"));
    assert_eq!(server.passwords_asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_answered_it_is_asked_for_once_and_the_old_one_is_spoken_of() {
    for (fault, words) in [
        (Fault::LostAnswer, "may have been made all the same"),
        (Fault::Truncate(5), "may have been made all the same"),
        (Fault::Html, "may have been made all the same"),
        (Fault::status(403), "goes on working"),
        (Fault::too_many_requests("1"), "goes on working"),
        (Fault::html_error(502), "may have made one all the same"),
        (Fault::status(401), "goes on working"),
    ] {
        let server = server().await;
        let mut it = asking(&server, (80, 24));
        server.faults().add(Rule::on(PATH, fault.clone()));
        look();
        it.press("y");
        it.says(words);
        let asked = server.log().iter().filter(|one| one.path.contains(PATH)).count();
        assert_eq!(asked, 1, "{fault:?}");
        assert!(!written(&it).contains(&password(&server)) && !it.words().contains("<html"), "{fault:?}");
        it.press("\x1b");
        it.pty.wait_until("closed", |screen| !screen.contains("all the same"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_dies_leaves_nothing_of_it() {
    let server = server().await;
    let mut it = asking(&server, (80, 24));
    look();
    it.press("y");
    it.wait_for("s  show or hide it");
    let made = password(&server);
    it.press("s");
    it.wait_for(&made);
    it.pty.signal(rustix::process::Signal::HUP);
    it.pty.end();
    assert!(!it.pty.screen().contains(&made), "{}", it.pty.screen());
    assert!(!files(it.pty.home()).contains(&made));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_makes_none_and_says_why() {
    let server = server().await;
    let mut it = screen(&server, &["--read-only"], (80, 24));
    it.press("W");
    it.wait_for("read-only");
    assert!(it.pty.quiet_for(Duration::from_millis(50)) || it.pty.running());
    assert_eq!(server.passwords_asked(), 0);
}
