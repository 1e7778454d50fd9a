//! Deletions through the whole program: marked, planned, confirmed, run, and seen on the server; and the many ways of
//! hands and lines that are no confirmation.
#![cfg(unix)]

mod careless;
mod kept;
mod real;

use tagboat::demo::{OciOptions, OciServer, Profile, start_oci};

use crate::support::cleanup::{REPO, store};
use crate::support::gestures::look;
use crate::support::pty::Pty;

struct Site {
    server: OciServer,
    pty: Pty,
}

impl Site {
    /// `registry`: more lines of its entry in the config.
    async fn new(profile: Profile, (cols, rows): (u16, u16), registry: &str) -> Self {
        let options = OciOptions { profile, ..OciOptions::default() };
        let server = start_oci(store(), options).await.expect("a free port");
        let config = format!("[[registry]]\nname = 'r'\nurl = '{}'\n{registry}", server.url);
        let pty = Pty::start_configured(&config, &[&format!("r/{REPO}")], cols, rows, &[]);
        pty.wait_for("complete: 9 tags");
        Self { server, pty }
    }

    fn tags(&self) -> Vec<String> {
        self.server.store().repositories[REPO].tags.keys().cloned().collect()
    }

    /// The tags and manifests whose deletion was asked for. Whether it deletes at all is asked with something that does
    /// not exist, and does not count.
    fn deletes(&self) -> Vec<String> {
        let there = store().repositories[REPO].clone();
        let log = self.server.log();
        let names = log.iter().filter(|one| one.method == "DELETE").filter_map(|one| one.path.rsplit('/').next());
        let known = |name: &&str| {
            there.tags.contains_key(*name) || there.manifests.keys().any(|digest| digest.to_string() == **name)
        };
        names.filter(known).map(str::to_owned).collect()
    }

    /// The cursor onto a tag, by a filter.
    fn to(&mut self, tag: &str) {
        self.pty.narrow(tag, "/9 shown");
    }

    /// The plan for what is marked, seen.
    fn plan(&mut self) {
        self.pty.press("d");
        self.pty.wait_for("facts of");
        look();
    }

    /// Neither `y` nor what is wrong confirms, in its field or behind it; what is asked for does.
    fn only_by(&mut self, wrong: &str, asked: &str) {
        self.pty.press("y");
        self.pty.press("\t");
        self.pty.press("\t");
        self.pty.press(wrong);
        self.pty.wait_for(&format!("> {wrong}"));
        self.pty.press("\r");
        self.confirm();
        self.pty.press("\x1b[Z");
        self.pty.press("\x15");
        self.pty.press(asked);
        self.pty.wait_for("matches");
        assert_eq!(self.deletes(), [""; 0], "{wrong}");
        self.confirm();
        self.pty.wait_for("Ended at");
    }

    /// Enter on what stands behind the field.
    fn confirm(&mut self) {
        self.pty.press("\t");
        look();
        self.pty.press("\r");
    }

    fn quit(mut self) {
        self.pty.press("\x03");
        self.pty.press("q");
        assert_eq!(self.pty.end(), 0);
    }
}

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 36)];

#[tokio::test(flavor = "multi_thread")]
async fn enter_alone_cancels_and_a_single_tag_goes_by_y() {
    for size in SIZES {
        let mut site = Site::new(Profile::Distribution3, size, "").await;
        site.to("b");
        site.plan();
        site.pty.wait_for("Enter alone does not");
        site.pty.press("\r");
        site.pty.wait_until("the list", |screen| !screen.contains("facts of"));
        assert_eq!(site.deletes(), [""; 0], "{size:?}");
        site.plan();
        site.pty.press("y");
        site.pty.wait_for("Ended at");
        site.pty.wait_for("100%");
        site.pty.wait_for("ok 1");
        assert_eq!(site.deletes(), ["b"], "{size:?}");
        assert!(!site.tags().contains(&"b".to_owned()) && site.tags().len() == 8, "{size:?}: {:?}", site.tags());
        site.pty.press("\x1b");
        site.pty.press("\x1b");
        site.pty.wait_for("complete: 8 tags");
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_tags_go_by_their_number() {
    for size in SIZES {
        let mut site = Site::new(Profile::Distribution3, size, "").await;
        site.to("~^[bc]$");
        site.pty.press("a");
        site.pty.wait_for("2 marked");
        site.plan();
        site.pty.wait_for("type the number of tags: 2");
        // `y` is for a single one, and a wrong number is none.
        site.only_by("3", "2");
        site.pty.wait_for("ok 2");
        assert_eq!(site.deletes(), ["b", "c"], "{size:?}");
        assert_eq!(site.tags().len(), 7, "{size:?}");
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_repository_and_production_ask_for_the_name() {
    for (size, registry, marks) in [(SIZES[0], "", "a"), (SIZES[1], "env = 'PROD'\n", "")] {
        let mut site = Site::new(Profile::Distribution3, size, registry).await;
        site.pty.press(marks);
        site.plan();
        site.pty.wait_for("Type the repository's name: team/app");
        // Neither a key nor a number is enough here.
        site.only_by("9", REPO);
        let gone = if registry.is_empty() { 9 } else { 1 };
        site.pty.wait_for(&format!("ok {gone}"));
        assert_eq!((site.deletes().len(), site.tags().len()), (gone, 9 - gone), "{registry}");
        site.quit();
    }
}
