//! The keys that change something at the systems that are not OCI, and the commands that do.

use tagboat::app::action::Action;
use tagboat::app::keymap::{Keymap, spell};
use tagboat::domain::registry::BackendKind;

use super::{pressed, writes};
use crate::support::program::Place;
use crate::support::pty::Pty;
use crate::support::sweeps::{KINDS, Site};

/// Everything that can end in a request that changes something.
const CHANGING: [Action; 11] = [
    Action::Delete,
    Action::NewTag,
    Action::Label,
    Action::Protect,
    Action::Undo,
    Action::RetryJob,
    Action::Favourite,
    Action::CreateRepository,
    Action::EditRepository,
    Action::GeneratePassword,
    Action::UploadLayer,
];

#[track_caller]
fn nothing_written(case: &str, site: &Site) {
    assert!(writes(site.log()).is_empty(), "{case}: {:?}", writes(site.log()));
}

/// The same keys where writing is allowed: what would be seen if one of them wrote.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_writes_is_seen() {
    let site = Site::start(BackendKind::MlSpace).await;
    let (config, secret) = site.config();
    let mut pty = Pty::start_configured(&config, &["site"], 120, 36, &[("SITE_SECRET", &secret)]);
    pty.wait_for("complete");
    pty.narrow(site.three()[0].as_str(), "shown");
    let map = Keymap::builtin();
    let bound = map.bindings("repositories").iter().find(|binding| binding.action == Action::Favourite);
    for key in &bound.expect("a key").keys {
        pty.press(&pressed(&spell(&[*key])));
    }
    pty.wait_until("it is sent", |_| !writes(site.log()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_writes_at_any_system() {
    let map = Keymap::builtin();
    for (n, kind) in KINDS.into_iter().enumerate() {
        let (mode, flags): (&str, &[&str]) = if n % 2 == 0 { ("", &["--read-only"]) } else { ("mode = 'ro'\n", &[]) };
        let site = Site::start(kind).await;
        let (repo, before) = (site.three().remove(0), site.holds());
        let (config, secret) = site.config();
        let target = format!("site/{repo}");
        let mut tried = Vec::new();
        for view in ["repositories", "tags"] {
            if view == "tags" && kind == BackendKind::DockerCloud {
                continue;
            }
            let place = if view == "tags" { target.as_str() } else { "site" };
            let line = [flags, &[place][..]].concat();
            let mut pty = Pty::start_configured(&(config.clone() + mode), &line, 120, 36, &[("SITE_SECRET", &secret)]);
            pty.wait_for("complete");
            if view == "repositories" {
                pty.narrow(repo.as_str(), "shown");
            }
            for action in CHANGING {
                let bound = map.bindings(view).iter().find(|binding| binding.action == action);
                let Some(binding) = bound else { continue };
                for keys in &binding.keys {
                    pty.press(&pressed(&spell(&[*keys])));
                }
                for keys in ["y", "\t\t", repo.as_str(), "\t", "\r", "y"] {
                    pty.press(keys);
                }
                assert!(pty.running(), "{kind:?}, {view}: {}", action.name());
                // Back to where it was, whatever a key has opened. A key right behind an Esc may be read as one with it.
                for _ in 0..3 {
                    pty.press("\x1b");
                }
                pty.press("\x0c");
                pty.go_to(if view == "tags" { repo.as_str() } else { "site" });
                pty.press("\r");
                pty.wait_for("complete");
                if view == "repositories" {
                    pty.narrow(repo.as_str(), "shown");
                }
                nothing_written(&format!("{kind:?}, {view}: {}", action.name()), &site);
                tried.push(action);
            }
        }
        assert!(tried.len() > 5, "{kind:?}: {tried:?}");
        assert_eq!(site.holds(), before, "{kind:?}");
    }
}

/// With a plan and an operation that were made where writing is allowed.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_writes_at_any_system() {
    for kind in crate::vendor_deletes::KINDS {
        let site = crate::vendor_deletes::Site::of(kind).await;
        let place = site.place();
        let file = place.path().join("plan.json").display().to_string();
        let plan = |place: &Place, tag: &str| {
            let said = site.run(place, &["plan", &format!("r/{}", site.repo), "--tag", tag, "--out", &file]);
            assert_eq!(said.code, Some(0), "{kind:?}: {}", said.err);
        };
        plan(&place, site.single);
        assert_eq!(site.run(&place, &["apply", &file, "--confirm", "1"]).code, Some(0), "{kind:?}");
        plan(&place, site.shared[0]);
        let id = site.run(&place, &["history", "--json"]).json()[0]["id"].as_str().expect("an id").to_owned();
        let (sent, before) = (site.writes().len(), site.tags());
        let source = format!("r/{}:{}", site.repo, site.shared[0]);
        let ro = std::fs::read_to_string(place.path().join("config.toml")).expect("a config") + "mode = 'ro'\n";
        for (mode, flag) in [(None, "--read-only"), (Some(ro), "-q")] {
            if let Some(config) = &mode {
                std::fs::write(place.path().join("config.toml"), config).expect("a config");
            }
            for line in [
                &["apply", &file, "--confirm", "1"][..],
                &["undo", &id, "--yes"],
                &["undo", &id, "--yes", "--overwrite"],
                &["tag", &source, "new"],
                &["tag", &source, site.shared[1], "--yes"],
                &["copy", &source, &format!("r/{}:copied", site.repo)],
            ] {
                let said = site.run(&place, &[&[flag][..], line].concat());
                let case = format!("{kind:?}, {mode:?} {line:?}: {:?} {}", said.code, said.err);
                assert!(said.code.is_some_and(|code| code != 0), "{case}");
                assert_eq!(site.writes().len(), sent, "{case}");
            }
        }
        assert_eq!(site.tags(), before, "{kind:?}");
    }
}
