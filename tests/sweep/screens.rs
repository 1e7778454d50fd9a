//! Through the whole program: marked, planned, confirmed, run, seen on the server, in the list and in the history.
#![cfg(unix)]

use tagboat::domain::registry::BackendKind;

use crate::support::gestures::look;
use crate::support::pty::Pty;
use crate::support::sweeps::{KINDS, Site};

fn open(site: &Site, (cols, rows): (u16, u16), more: &str, arguments: &[&str]) -> Pty {
    let (config, secret) = site.config();
    let pty = Pty::start_configured(&(config + more), arguments, cols, rows, &[("SITE_SECRET", &secret)]);
    // A narrow screen has no room to say that the list is complete; its keys say that there is something to mark.
    let said = if cols < 80 { "Space mark" } else { "complete" };
    pty.wait_for(said);
    pty
}

/// The cursor onto a repository, by a filter, which is taken off again.
fn to(pty: &mut Pty, repo: &str) {
    pty.narrow(repo, "shown");
}

/// Types what is asked for, and presses the button.
fn confirm(pty: &mut Pty, words: &str) {
    look();
    pty.press("\t");
    pty.press("\t");
    for key in words.chars() {
        pty.press(&key.to_string());
    }
    pty.press("\t");
    look();
    pty.press("\r");
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_go_by_keys_on_every_system_and_at_every_size() {
    for (kind, size) in KINDS.into_iter().zip([(120, 36), (80, 24), (60, 20), (120, 36)]) {
        let site = Site::start(kind).await;
        let (three, before) = (site.three(), site.holds());
        let mut pty = open(&site, size, "", &["site"]);
        for repo in &three[..2] {
            to(&mut pty, repo.as_str());
            pty.press(" ");
            pty.press("\x1b");
            pty.wait_until("all rows", |screen| !screen.contains("shown"));
        }
        // Enter alone, and keys that come all at once, delete nothing.
        pty.press("d");
        pty.wait_for("Cannot be undone");
        look();
        pty.press("\r");
        pty.wait_until("no plan", |screen| !screen.contains("Cannot be undone"));
        assert_eq!(site.deletes(), 0, "{kind:?}");
        pty.press("d");
        pty.wait_for("Cannot be undone");
        let (words, asked) = match kind {
            BackendKind::DockerCloud => ("2 entries", "2"),
            _ => ("2 repositories", "2 site"),
        };
        pty.wait_for(words);
        pty.send("\t\t2 site\t\r\r");
        pty.wait_for("Cannot be undone");
        assert_eq!(site.deletes(), 0, "{kind:?}");
        pty.press("\x1b");
        pty.wait_until("no plan", |screen| !screen.contains("Cannot be undone"));
        pty.press("d");
        pty.wait_for("Cannot be undone");
        confirm(&mut pty, asked);
        pty.wait_for("ok 2");
        let after = site.holds();
        assert_eq!(before.len() - after.len(), 2, "{kind:?}");
        assert!(three[..2].iter().all(|repo| !after.contains_key(repo.as_str())), "{kind:?}");
        let lists = |site: &Site| site.log().len();
        pty.press("\x1b");
        pty.wait_until("the list", |screen| screen.contains("REPOSITORY") && !screen.contains("ok 2"));
        let asked = lists(&site);
        assert!(!pty.screen().contains(three[0].as_str()), "{kind:?}: {}", pty.screen());
        assert_eq!(lists(&site), asked, "{kind:?}: the list is not read again");
        pty.press("g");
        pty.press("x");
        // How it ended has no room on a narrow screen.
        pty.wait_for("no way back");
        pty.press("\r");
        pty.wait_for("Cannot be undone");
        let said = pty.beside(&["history", "--json"]).output().expect("the history");
        let told: serde_json::Value = serde_json::from_slice(&said.stdout).expect("JSON");
        assert_eq!(told[0]["what"], "delete-repositories", "{told}");
        assert_eq!(told[0]["items"][0]["repository"], three[0].as_str());
        assert_eq!(
            (&told[0]["items"][0]["outcome"], &told[0]["items"][0]["restorable"]),
            (&"done".into(), &false.into())
        );
        pty.press("\x1b");
        pty.wait_until("the history", |screen| !screen.contains("Cannot be undone"));
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_is_used_is_asked_about_twice() {
    let site = Site::start(BackendKind::DockerCloud).await;
    let repo = site.three().remove(0);
    site.change(&repo);
    let mut pty = open(&site, (80, 24), "", &["site"]);
    to(&mut pty, repo.as_str());
    pty.press("d");
    pty.wait_for("In use");
    confirm(&mut pty, repo.as_str());
    pty.wait_for("a second time");
    assert_eq!(site.deletes(), 0);
    look();
    pty.press("\r");
    pty.wait_until("no plan", |screen| !screen.contains("second time"));
    assert_eq!(site.deletes(), 0, "Enter is no");
    pty.press("d");
    pty.wait_for("In use");
    confirm(&mut pty, repo.as_str());
    pty.wait_for("a second time");
    look();
    pty.press("y");
    pty.wait_for("ok 1");
    assert!(!site.holds().contains_key(repo.as_str()));
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_says_so_and_asks_nothing() {
    for (more, arguments, words) in
        [("", &["--read-only", "site"][..], "--read-only"), ("mode = 'ro'\n", &["site"], "mode = \"ro\"")]
    {
        let site = Site::start(BackendKind::Alauda).await;
        let mut pty = open(&site, (120, 36), more, arguments);
        for key in [" ", "d"] {
            pty.press(key);
            pty.wait_for(words);
        }
        pty.press("q");
        assert_eq!(pty.end(), 0);
        assert_eq!(site.deletes(), 0);
    }
}
