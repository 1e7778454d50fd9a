//! `g u`

use tagboat::demo::docker_v1::{Archive, Entry};
use tagboat::demo::{Fault, Rule};

use super::{Site, fields, id};

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
        site.pty.press("r");
        site.pty.wait_for("verified: the image is there");
        assert!(!site.server.store().images[&id('e')].unfinished);
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
    assert_eq!(site.writes(), [""; 0]);
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
