//! On Debian's `docker-registry`, which deletes by digest only: what is said, what goes, and what comes back.

use crate::support::images::{Image, OCI_MANIFEST};
use crate::support::program::Said;
use crate::support::pty::Pty;
use crate::support::registry::{Options, Registry};
use crate::support::skopeo::{Skopeo, image};

use super::look;

const REPO: &str = "team/app";

fn start(registry: &Registry) -> Pty {
    let config = format!("[[registry]]\nname = 'r'\nurl = '{}'\n", registry.url);
    let mut pty = Pty::start_configured(&config, &[&format!("r/{REPO}")], 120, 36, &[]);
    pty.wait_for("complete: 4 tags");
    pty.narrow("~^one$", "1/4 shown");
    pty
}

fn plan(pty: &mut Pty) {
    pty.press("d");
    pty.wait_for("facts of");
    look();
}

async fn digest(skopeo: &Skopeo, registry: &Registry, tag: &str) -> String {
    let name = image(&registry.url, &format!("{REPO}:{tag}"));
    skopeo.run(&["inspect", "--tls-verify=false", "--format", "{{.Digest}}", &name]).await.trim().to_owned()
}

async fn tags(skopeo: &Skopeo, registry: &Registry) -> Vec<String> {
    let name = image(&registry.url, REPO);
    let json = skopeo.json(&["list-tags", "--tls-verify=false", &name]).await;
    let mut tags: Vec<String> = serde_json::from_value(json["Tags"].clone()).expect("tags");
    tags.sort();
    tags
}

/// Two of three tags stay: by default because the third is held, then by the choice of a placeholder. Another program
/// says so, and says the same digests when the third is back.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_tags() {
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    let three = Image::new(OCI_MANIFEST, "three", "amd64");
    registry.push(REPO, &three, &["one", "three", "two"]).await;
    registry.push(REPO, &Image::new(OCI_MANIFEST, "alone", "amd64"), &["alone"]).await;
    let skopeo = Skopeo::new();
    let mut pty = start(&registry);
    plan(&mut pty);
    pty.wait_for("This registry deletes by digest, with every tag on it.");
    pty.wait_for("1 tag held: 2 other tags NOT marked");
    pty.wait_for("There is nothing to delete in this plan.");
    pty.press("4");
    pty.wait_for("type the number of tags: 1");
    look();
    pty.press("\t");
    pty.press("\t");
    pty.type_what_is_asked("1");
    pty.wait_for("Ended at");
    pty.wait_for("ok 1");
    assert_eq!(tags(&skopeo, &registry).await, ["alone", "three", "two"]);
    for tag in ["three", "two"] {
        assert_eq!(digest(&skopeo, &registry, tag).await, three.digest());
    }
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);
    let run = |line: &[&str]| Said::from(pty.beside(line).output().unwrap());
    let history = run(&["history", "--json"]).json();
    let said = run(&["undo", history[0]["id"].as_str().unwrap(), "--yes"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(tags(&skopeo, &registry).await, ["alone", "one", "three", "two"]);
    assert_eq!(digest(&skopeo, &registry, "one").await, three.digest());
}

/// One sentence, before anything is typed or confirmed; nothing is offered.
#[tokio::test(flavor = "multi_thread")]
async fn deletion_that_is_off_is_said_in_the_plan() {
    for options in [Options::default(), Options { delete: true, read_only: true, ..Options::default() }] {
        let mut registry = Registry::start(Options { delete: true, ..Options::default() });
        let three = Image::new(OCI_MANIFEST, "three", "amd64");
        registry.push(REPO, &three, &["one", "three", "two"]).await;
        registry.push(REPO, &Image::new(OCI_MANIFEST, "alone", "amd64"), &["alone"]).await;
        registry.restart_with(&options);
        let mut pty = start(&registry);
        pty.press("d");
        pty.wait_for("deletion is switched off on");
        look();
        for key in ["4", "y", "\t"] {
            pty.press(key);
        }
        pty.press("\r");
        pty.wait_until("the list", |screen| !screen.contains("Delete plan"));
        assert_eq!(tags(&Skopeo::new(), &registry).await, ["alone", "one", "three", "two"]);
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}
