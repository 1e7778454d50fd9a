//! `g d`

use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use tagboat::demo::{Fault, Rule};

use super::{LARGE, Site};
use crate::support::program::{Demo, Place};
use crate::support::pty::Pty;

impl Site {
    /// The dialog for a layer, counted from the lowest, with this file in it.
    fn ask_for(&mut self, layer: usize, name: &str) {
        self.pty.wait_for("linux/amd64");
        self.pty.press("3");
        self.pty.wait_for("make install");
        for _ in 0..layer {
            self.pty.press("j");
        }
        self.pty.press("g");
        self.pty.press("d");
        self.pty.wait_for("Download a layer");
        self.pty.press("\x15");
        let path = self.file(name).display().to_string();
        self.paste(&path);
    }

    async fn asking_for(layer: usize, size: (u16, u16)) -> Self {
        let mut site = Self::new("old/acme/api:1.0", size, &[]).await;
        site.ask_for(layer, "layer.tar");
        site
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_becomes_a_file_that_is_verified_and_ones_own() {
    for size in [(120, 36), (80, 24), (60, 20)] {
        let mut site = Site::asking_for(1, size).await;
        site.pty.press("\r");
        site.ended("verified: the checksum is the server's");
        assert_eq!(site.files(), ["layer.tar"], "{size:?}");
        let file = site.file("layer.tar");
        assert!(std::fs::read(&file).unwrap() == site.layer('b'));
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        site.pty.press("\x1b");
        site.pty.press("g");
        site.pty.press("j");
        site.pty.wait_until("the jobs", |screen| screen.contains("JOB") && screen.contains("1/1"));
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_file_is_replaced_only_by_pressing_again() {
    let mut site = Site::asking_for(0, (80, 24)).await;
    std::fs::write(site.file("layer.tar"), "mine").unwrap();
    site.pty.press("\r");
    site.pty.wait_for("[ Replace the file ]");
    assert_eq!(std::fs::read(site.file("layer.tar")).unwrap(), b"mine");
    assert_eq!(site.asked("GET", "/layer"), 0);
    site.pty.press("\r");
    site.ended("verified");
    assert!(std::fs::read(site.file("layer.tar")).unwrap() == site.layer('a'));
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_is_gone_on_with() {
    let mut site = Site::asking_for(1, (120, 36)).await;
    site.server.faults().add(Rule::on("/layer", Fault::Truncate(1_000_000)).times(1));
    site.server.faults().add(Rule::on("/layer", Fault::Truncate(0)).after(1));
    site.pty.press("\r");
    site.ended("are kept in");
    let parts = site.files();
    assert!(matches!(&parts[..], [part] if part.ends_with(".part")), "{parts:?}");
    let there = std::fs::metadata(site.file(&parts[0])).unwrap().len();
    assert!(there > 0 && there < LARGE, "{there}");
    site.server.faults().clear();
    site.server.clear_log();
    site.pty.press("r");
    site.pty.wait_for("it goes on from there");
    site.ended("verified");
    assert!(std::fs::read(site.file("layer.tar")).unwrap() == site.layer('b'));
    assert_eq!(site.files(), ["layer.tar"]);
    let log = site.server.log();
    let range = log.iter().find(|seen| seen.path.ends_with("/layer")).and_then(|seen| seen.header("range"));
    assert!(range.is_some_and(|range| range.starts_with(&format!("bytes={there}-"))), "{range:?}");
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_it_keeps_what_came() {
    let mut site = Site::asking_for(1, (80, 24)).await;
    site.server.faults().add(Rule::on("/layer", Fault::Truncate(1_000_000)).times(1));
    site.server.faults().add(Rule::on("/layer", Fault::Hang).after(1));
    site.pty.press("\r");
    site.pty.wait_until("it hangs", |_| site.asked("GET", "/layer") == 2);
    site.pty.press("x");
    site.ended("stopped: ");
    assert!(matches!(&site.files()[..], [part] if part.ends_with(".part")));
    site.server.faults().clear();
    site.pty.press("r");
    site.pty.wait_for("verified");
    assert!(std::fs::read(site.file("layer.tar")).unwrap() == site.layer('b'));
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_such_layer_gets_no_such_name() {
    let cases = [
        (2, None, "differs: the server keeps sha256:0000", &["layer.tar.differs"][..]),
        (0, Some(Fault::Html), "a web page instead of the layer", &[]),
        (0, Some(Fault::html_error(502)), "502", &[]),
        (0, Some(Fault::status(404)), "404", &[]),
        (0, Some(Fault::Pad(50_000_000)), "", &[]),
    ];
    for (layer, fault, says, files) in cases {
        let mut site = Site::asking_for(layer, (120, 36)).await;
        fault.into_iter().for_each(|fault| site.server.faults().add(Rule::on("/layer", fault)));
        site.pty.press("\r");
        site.ended(says);
        assert!(site.pty.screen().contains("FAILED") || site.pty.screen().contains("REFUSED"), "{}", site.pty.screen());
        let there: Vec<String> = site.files().into_iter().filter(|name| !name.ends_with(".part")).collect();
        assert_eq!(there, files, "{says}");
        site.quit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_without_a_checksum_is_said_to_be_unverified() {
    let mut site = Site::asking_for(3, (120, 36)).await;
    site.pty.press("\r");
    site.ended("not verified: the server told nothing to compare with");
    assert!(std::fs::read(site.file("layer.tar")).unwrap() == site.layer('d'));
    site.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_is_said_to_be_one() {
    let mut site = Site::asking_for(1, (120, 36)).await;
    // Every write to it fails as on a full disk; but it is no file, and is not written to at all.
    site.pty.press("\x15");
    site.paste("/dev/full");
    site.pty.press("\r");
    site.pty.wait_for("exists already");
    site.pty.press("\x15");
    let nowhere = site.file("no/such/layer.tar").display().to_string();
    site.paste(&nowhere);
    site.pty.press("\r");
    site.pty.wait_for("there is no such directory");
    assert_eq!(site.asked("GET", "/layer"), 0);
    site.pty.press("\x1b");
    site.quit();
}

#[test]
fn elsewhere_it_is_greyed_with_the_reason() {
    let demo = Demo::start(&[]);
    let place = Place::new("");
    let pty_home = place.home;
    let target = format!("{}/library/busybox:1.36.1", demo.host);
    let mut pty = Pty::start_in(pty_home, &[&target], 120, 36, &[]);
    pty.wait_for("linux/amd64");
    pty.press("3");
    for key in ["g", "d"] {
        pty.press(key);
    }
    pty.wait_for("only a Docker Registry v1 has layers by themselves");
    assert!(pty.quiet_for(Duration::from_millis(50)) || !pty.screen().contains("Download a layer"));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
