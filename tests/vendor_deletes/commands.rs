use serde_json::Value;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::registry::BackendKind;

use super::{KINDS, Site, in_its_own_words};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_applied_told_of_and_taken_back_where_that_can_be() {
    for kind in KINDS {
        let site = Site::of(kind).await;
        let before = site.tags();
        let place = site.place();
        let (file, target) = (place.path().join("plan.json"), format!("r/{}", site.repo));
        let file = file.to_str().expect("a path");
        let [first, second] = site.shared;
        let said = site.run(&place, &["plan", &target, "--tag", first, site.single, "--out", file]);
        assert_eq!(said.code, Some(0), "{kind:?}: {}", said.err);
        in_its_own_words(&said.out.replace(file, ""));
        assert_eq!(said.out.contains("This cannot be undone"), !site.restores(), "{kind:?}: {}", said.out);
        assert!(said.out.contains(&format!("same image: {second}")), "{kind:?}: {}", said.out);
        assert!(site.writes().is_empty(), "{kind:?}");
        let said = site.run(&place, &["plan", &target, "--tag", first, site.single, "--json"]);
        let plan = said.json();
        assert_eq!((&plan["version"], plan["kind"].as_str()), (&Value::from(1), Some(kind.word())), "{kind:?}");
        let methods: Vec<_> = plan["items"].as_array().expect("items").iter().map(|one| &one["method"]).collect();
        assert_eq!(methods, ["vendor", "vendor"], "{kind:?}");

        let said = site.run(&place, &["apply", file, "--confirm", "1"]);
        assert_eq!((said.code, site.writes().len()), (Some(6), 0), "{kind:?}: {}", said.err);
        let said = site.run(&place, &["apply", file, "--dry-run"]);
        assert_eq!((said.code, site.writes().len()), (Some(0), 0), "{kind:?}: {}", said.err);
        let said = site.run(&place, &["apply", file, "--confirm", "2"]);
        assert_eq!(said.code, Some(0), "{kind:?}: {} {}", said.out, said.err);
        assert_eq!(said.out.contains("tagboat undo"), site.restores(), "{kind:?}: {}", said.out);
        assert_eq!(said.out.contains("cannot be undone"), !site.restores(), "{kind:?}: {}", said.out);
        let mut left = before.clone();
        left.retain(|name, _| name != first && name != site.single);
        assert_eq!(site.tags(), left, "{kind:?}");

        let history = site.run(&place, &["history", "--json"]).json();
        let one = &history[0];
        let restorable: Vec<_> = one["items"].as_array().expect("items").iter().map(|it| &it["restorable"]).collect();
        assert_eq!(restorable, [site.restores(), site.restores()], "{kind:?}: {history}");
        let id = one["id"].as_str().expect("an id");
        let shown = site.run(&place, &["history", id]);
        assert_eq!(shown.out.contains("cannot be undone"), !site.restores(), "{kind:?}: {}", shown.out);
        in_its_own_words(&shown.out);

        let sent = site.writes().len();
        let said = site.run(&place, &["undo", id, "--yes"]);
        if site.restores() {
            assert_eq!(said.code, Some(0), "{} {}", said.out, said.err);
            assert_eq!(site.tags(), before);
        } else {
            assert_eq!((said.code, site.writes().len()), (Some(6), sent), "{kind:?}: {}", said.err);
            assert!(said.err.contains("takes nothing back") && said.err.contains("docker"), "{kind:?}: {}", said.err);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_since_and_what_fails_have_their_exit_codes() {
    for kind in KINDS {
        let site = Site::of(kind).await;
        let place = site.place();
        let (file, target) = (place.path().join("plan.json"), format!("r/{}", site.repo));
        let file = file.to_str().expect("a path");
        let said = site.run(&place, &["plan", &target, "--tag", site.single, "--out", file]);
        assert_eq!(said.code, Some(0), "{kind:?}: {}", said.err);
        let fault = Fault::Answer { status: 403, headers: Vec::new(), body: b"{}".to_vec() };
        site.faults().add(Rule::on("/tags/", fault).method("DELETE"));
        let said = site.run(&place, &["apply", file, "--confirm", "1", "--json"]);
        assert_eq!(said.code, Some(7), "{kind:?}: {} {}", said.out, said.err);
        let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!((lines.len(), lines[0]["outcome"].as_str()), (2, Some("refused")), "{kind:?}: {}", said.out);
        assert_eq!(lines[1]["refused"], 1, "{kind:?}");
        assert_eq!(site.writes().len(), 1, "{kind:?}: nothing twice");
    }
}

/// Images, where the system deletes such; and what it has none of means nothing there.
#[tokio::test(flavor = "multi_thread")]
async fn images_go_where_they_can() {
    for kind in KINDS {
        let site = Site::of(kind).await;
        let place = site.place();
        let (file, target) = (place.path().join("plan.json"), format!("r/{}", site.repo));
        let file = file.to_str().expect("a path");
        let arguments = ["plan", &target, "--tag", site.single, "--out", file];
        let said = site.run(&place, &[&arguments[..], &["--with-children", "--placeholder"]].concat());
        assert!(said.err.contains("mean nothing there") && said.code == Some(0), "{kind:?}: {}", said.err);
        let said = site.run(&place, &[&arguments[..], &["--with-manifests", "--json"]].concat());
        let method = said.json()["items"][0]["method"].clone();
        let images = kind == BackendKind::MlSpace;
        assert_eq!(method, if images { "delete-manifest" } else { "vendor" }, "{kind:?}");
        assert_eq!(said.err.contains("means nothing there"), !images, "{kind:?}: {}", said.err);
        let said = site.run(&place, &["apply", file, "--confirm", "1"]);
        assert_eq!(said.code, Some(0), "{kind:?}: {} {}", said.out, said.err);
        assert!(!site.tags().contains_key(site.single), "{kind:?}");
    }
}

/// By version, which names tell; by age, where times are told.
#[tokio::test(flavor = "multi_thread")]
async fn rules_work_as_far_as_times_are_known() {
    for kind in KINDS {
        let site = Site::of(kind).await;
        let (place, target) = (site.place(), format!("r/{}", site.repo));
        let plan = |more: &[&str]| site.run(&place, &[&["plan", &target, "--json"], more].concat());
        let named = plan(&["--mark", "*", "--keep", "1", "--keep-by", "name"]);
        assert_eq!(named.json()["items"].as_array().map(Vec::len), Some(site.tags().len() - 1), "{}", named.err);
        let aged = plan(&["--mark", "age>1d"]);
        let timeless = kind == BackendKind::Alauda;
        assert_eq!(aged.json()["items"].as_array().is_some_and(Vec::is_empty), timeless, "{kind:?}: {}", aged.err);
        assert_eq!(aged.err.contains("is not told"), timeless, "{kind:?}: {}", aged.err);
    }
}
