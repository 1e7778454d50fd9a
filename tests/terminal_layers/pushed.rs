//! `g u`

use rustix::process::Signal;
use tagboat::demo::docker_v1::{Archive, Entry};
use tagboat::demo::{Fault, Rule};

use tagboat::domain::reference::Digest;
use tagboat::domain::text;

use super::{Site, fields, id};
use crate::support::pty::Pty;

impl Site {
    /// The files of an image, and the dialog with their names.
    fn offer(&mut self, letter: char, parent: Option<char>, layer: &[u8]) {
        let (document, tar) = (self.file("image.json"), self.file("layer.tar"));
        std::fs::write(&document, fields(letter, parent).to_string()).unwrap();
        std::fs::write(&tar, layer).unwrap();
        self.pty.press("g");
        self.pty.press("u");
        self.pty.wait_for("Look at them");
        self.paste(&document.display().to_string());
        self.pty.press("\t");
        self.paste(&tar.display().to_string());
        self.pty.press("\r");
    }

    async fn at_tags(size: (u16, u16), arguments: &[&str]) -> Self {
        let site = Self::new("old/acme/api", size, arguments).await;
        site.pty.wait_for("dddddddddddd");
        site
    }

    fn writes(&self) -> Vec<String> {
        let log = self.server.log();
        let writes = log.iter().filter(|seen| seen.method != "GET");
        writes.map(|seen| format!("{} {}", seen.method, seen.path.rsplit('/').next().unwrap_or(""))).collect()
    }
}

fn image_id(letter: char) -> Digest {
    Digest::image_id(&id(letter)).expect("an id")
}

fn tar() -> Vec<u8> {
    Archive::tar(&[Entry::File("./etc/motd", "new\n")]).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_shown_first_and_then_sent_with_its_checksum() {
    for size in [(120, 36), (80, 24), (60, 20)] {
        let mut site = Site::at_tags(size, &[]).await;
        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("[ Upload ]");
        assert!(site.says("Parent") && site.says("not there") && site.says("tar"), "{}", site.pty.screen());
        // Enter alone closes it.
        site.pty.press("\r");
        site.pty.wait_until("the list", |screen| !screen.contains("[ Upload ]"));
        assert_eq!(site.writes(), [""; 0]);

        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("[ Upload ]");
        site.pty.press("\t");
        site.pty.press("\r");
        site.ended("verified: the image is there with the checksum sha256:");
        assert_eq!(site.writes(), ["PUT ", "PUT json", "PUT layer", "PUT checksum", "PUT images"], "{size:?}");
        {
            let store = site.server.store();
            let image = &store.images[&id('e')];
            assert!(!image.unfinished && image.json == fields('e', Some('d')).to_string());
            assert_eq!(image.layer.as_ref().map(Archive::to_vec), Some(tar()));
        }
        let layer = format!("{} of {}", text::size(tar().len() as u64), site.file("layer.tar").display());
        let edits = format!("image: none -> {}; layer: none -> {layer}", image_id('e'));
        assert_eq!(site.pty.recorded(), [format!("upload acme/api: {edits} = done")]);
        site.pty.press("\x1b");
        // Once more: there is nothing to send.
        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("nothing to send");
        assert!(!site.pty.screen().contains("[ Upload ]"));
        site.pty.press("\x1b");
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_parent_nothing_can_be_sent() {
    let mut site = Site::at_tags((80, 24), &[]).await;
    site.offer('e', Some('f'), &tar());
    site.pty.wait_for("Its parent is not there");
    assert!(!site.pty.screen().contains("[ Upload ]"));
    site.pty.press("\x1b");
    std::fs::write(site.file("image.json"), "{}").unwrap();
    site.pty.press("g");
    site.pty.press("u");
    site.pty.wait_for("Look at them");
    let (document, layer) = (site.file("image.json"), site.file("layer.tar"));
    site.paste(&document.display().to_string());
    site.pty.press("\t");
    site.paste(&layer.display().to_string());
    site.pty.press("\r");
    site.pty.wait_for("it has no id");
    assert_eq!(site.writes(), [""; 0]);
    site.pty.press("\x1b");
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_on_the_way_is_sent_once_and_can_be_repeated() {
    for fault in [Fault::status(500), Fault::html_error(502), Fault::status(403)] {
        let mut site = Site::at_tags((120, 36), &[]).await;
        site.server.faults().add(Rule::on("/layer", fault).method("PUT").times(1));
        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("[ Upload ]");
        site.pty.press("\t");
        site.pty.press("\r");
        site.ended("The image is half there");
        assert_eq!(site.asked("PUT", "/layer"), 1, "a write is not repeated by itself");
        assert!(site.server.store().images[&id('e')].unfinished);
        let recorded = site.pty.recorded();
        assert!(recorded.len() == 1 && !recorded[0].ends_with(" = done"), "{recorded:?}");
        site.pty.press("r");
        site.pty.wait_for("verified: the image is there");
        assert!(!site.server.store().images[&id('e')].unfinished);
        let recorded = site.pty.recorded();
        assert!(recorded.len() == 2 && recorded[0].ends_with(" = done"), "{recorded:?}");
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_than_was_shown_is_not_sent() {
    let mut site = Site::at_tags((120, 36), &[]).await;
    site.offer('e', Some('d'), &tar());
    site.pty.wait_for("[ Upload ]");
    std::fs::write(site.file("image.json"), fields('e', None).to_string()).unwrap();
    site.pty.press("\t");
    site.pty.press("\r");
    site.ended("nothing was sent");
    assert_eq!((site.writes().len(), site.pty.recorded().len()), (0, 0));
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_sends_nothing() {
    let mut site = Site::at_tags((80, 24), &["--read-only"]).await;
    site.pty.press("g");
    site.pty.press("u");
    site.pty.wait_for("read-only (--read-only)");
    assert!(!site.pty.screen().contains("Look at them"));
    assert_eq!(site.writes(), [""; 0]);
    site.quit();
}

/// The history has it in words, on the screen and by the command, and says that there is no way back.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_history_and_is_not_taken_back() {
    for size in [(120, 36), (80, 24)] {
        let mut site = Site::at_tags(size, &[]).await;
        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("[ Upload ]");
        site.pty.press("\t");
        site.pty.press("\r");
        site.ended("verified: the image is there");
        site.pty.press("\x1b");
        site.pty.press("gx");
        site.pty.wait_for("History  1");
        site.pty.wait_for("no way back");
        // A narrow list has no room for what was done.
        assert!(size.0 < 120 || site.says("layer uploaded"), "{}", site.pty.screen());
        site.pty.press("\r");
        site.pty.wait_for("What was changed");
        site.pty.wait_for("layer uploaded: 1 done");
        site.pty.wait_for("Cannot be undone: no call of Docker Registry v1 takes an image away.");
        site.pty.wait_for("(image)");
        assert!(site.says("IMAGE") && site.says("image: none -> "), "{}", site.pty.screen());
        // There is nothing that `u` could look for.
        site.pty.press("u");
        site.pty.press("\x1b");
        let run = |arguments: &[&str]| site.pty.beside(arguments).output().expect("the program");
        let history = run(&["history", "--json"]);
        let history: serde_json::Value = serde_json::from_slice(&history.stdout).expect("JSON");
        assert_eq!((&history[0]["what"], &history[0]["items"][0]["outcome"]), (&"upload".into(), &"done".into()));
        let history_id = history[0]["id"].as_str().expect("an id").to_owned();
        let listed = run(&["history"]);
        assert!(String::from_utf8_lossy(&listed.stdout).contains("cannot be undone"), "{listed:?}");
        let undo = run(&["undo", &history_id, "--yes"]);
        let said = String::from_utf8_lossy(&undo.stderr).into_owned();
        assert!(!undo.status.success() && said.contains("no call of Docker Registry v1 takes an image away"), "{said}");
        site.quit();
    }
}

/// What broke off is looked for: the image tells whether it is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_broke_off_is_looked_for() {
    for (finished, says) in [(true, "what was to be done is so"), (false, "it is as it was")] {
        let mut site = Site::at_tags((120, 36), &[]).await;
        site.offer('e', Some('d'), &tar());
        site.pty.wait_for("[ Upload ]");
        site.server.faults().add(Rule::on("/checksum", Fault::Hang).method("PUT"));
        site.pty.press("\t");
        site.pty.press("\r");
        site.pty.wait_until("the last request hangs", |_| site.asked("PUT", "/checksum") == 1);
        site.pty.signal(Signal::KILL);
        site.pty.end();
        site.server.faults().clear();
        site.server.store().images.get_mut(&id('e')).expect("an image").unfinished = !finished;
        let home = tempfile::tempdir().expect("a directory");
        for name in ["config.toml", "state"] {
            std::fs::rename(site.pty.home().join(name), home.path().join(name)).expect("what is there");
        }
        site.pty = Pty::start_in(home, &["old/acme/api"], 120, 36, &[]);
        site.pty.wait_for("dddddddddddd");
        site.pty.press("gx");
        site.pty.wait_for("NOT FINISHED");
        site.pty.press("\r");
        site.pty.wait_for("It broke off in the middle");
        site.pty.press("c");
        site.pty.wait_for(says);
        site.quit();
    }
}
