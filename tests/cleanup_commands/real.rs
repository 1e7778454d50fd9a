//! The same against Debian's `docker-registry`.

use super::{keys, lines, words};
use crate::support::images::{DOCKER_MANIFEST, Image, OCI_MANIFEST};
use crate::support::program::{Place, Said};
use crate::support::registry::{Options, PASSWORD, Registry, USER};

struct Real {
    registry: Registry,
    place: Place,
    target: String,
}

impl Real {
    async fn new(options: Options) -> Self {
        let registry = Registry::start(options);
        let image = Image::new(OCI_MANIFEST, "three", "amd64");
        registry.push("team/app", &image, &["one", "two", "three"]).await;
        registry.push("team/app", &Image::new(DOCKER_MANIFEST, "alone", "amd64"), &["alone"]).await;
        let target = format!("{}/team/app", registry.url);
        Self { registry, place: Place::new(""), target }
    }

    fn plan(&self, rules: &[&str]) -> Said {
        let file = self.place.path().join("plan.json");
        self.place.run(&[&["plan", &self.target, "--json", "--out", file.to_str().unwrap()], rules].concat())
    }

    fn apply(&self, confirm: &str) -> Said {
        let file = self.place.path().join("plan.json");
        self.place.run(&["apply", file.to_str().unwrap(), "--confirm", confirm, "--json"])
    }

    fn tags(&self) -> Vec<(String, String)> {
        let json = self.place.run(&["tags", &self.target, "--json"]).json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let mut tags: Vec<_> =
            json["tags"].as_array().unwrap().iter().map(|tag| (text(&tag["name"]), text(&tag["digest"]))).collect();
        tags.sort();
        tags
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_goes_by_a_placeholder_and_comes_back() {
    let real = Real::new(Options { delete: true, ..Options::default() }).await;
    let before = real.tags();
    let held = real.plan(&["--tag", "one"]).json();
    assert_eq!((words(&held["items"], "tag").len(), words(&held["kept"], "tag")), (0, vec!["one"]), "{held}");
    let plan = real.plan(&["--tag", "one", "--placeholder"]).json();
    assert_eq!(words(&plan["items"], "method"), ["placeholder"], "{plan}");
    let said = real.apply("1");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let all = lines(&said);
    assert_eq!(keys(&all[1]), ["changed", "done", "failed", "gone", "id", "refused", "skipped", "unknown"]);
    let after = real.tags();
    assert_eq!(after, before.iter().filter(|(tag, _)| tag != "one").cloned().collect::<Vec<_>>());
    let id = all[1]["id"].as_str().unwrap();
    let said = real.place.run(&["undo", id, "--yes"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(real.tags(), before, "the same digests");
}

#[tokio::test(flavor = "multi_thread")]
async fn siblings_go_along_only_by_name_and_all_come_back() {
    let real = Real::new(Options { delete: true, ..Options::default() }).await;
    let before = real.tags();
    let plan = real.plan(&["--tag", "one", "--with-siblings"]).json();
    assert_eq!(words(&plan["items"], "method"), ["delete-manifest"], "{plan}");
    let mut siblings: Vec<&str> =
        plan["items"][0]["siblings"].as_array().unwrap().iter().filter_map(|s| s.as_str()).collect();
    siblings.sort_unstable();
    assert_eq!(siblings, ["three", "two"]);
    assert_eq!(real.apply("1").code, Some(6), "three tags go");
    assert_eq!(real.tags(), before);
    let said = real.apply("3");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(real.tags().len(), 1);
    let id = lines(&said).last().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(real.place.run(&["undo", &id, "--yes"]).code, Some(0));
    assert_eq!(real.tags(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_that_is_off_is_said_before_anything_is_deleted() {
    let mut real = Real::new(Options::default()).await;
    for options in [Options::default(), Options { delete: true, read_only: true, ..Options::default() }] {
        real.registry.restart_with(&options);
        let before = real.tags();
        assert_eq!(real.plan(&["--tag", "alone", "--placeholder"]).code, Some(0));
        let said = real.apply("1");
        assert_eq!(said.code, Some(6), "{}{}", said.out, said.err);
        assert!(said.err.contains("deletion is switched off"), "{}", said.err);
        assert_eq!(said.json()["error"]["kind"], "forbidden");
        assert_eq!(real.tags(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_asked_for_and_works() {
    let real = Real::new(Options { delete: true, basic: true, ..Options::default() }).await;
    let said = real.plan(&["--tag", "alone"]);
    assert_eq!((said.code, said.json()["error"]["kind"].as_str()), (Some(3), Some("sign-in")), "{}", said.err);
    let config = format!(
        "[[registry]]\nname = 'r'\nurl = '{}'\nusername = '{USER}'\ncredential = 'env:SECRET'\n",
        real.registry.url
    );
    std::fs::write(real.place.path().join("config.toml"), config).unwrap();
    let file = real.place.path().join("plan.json");
    let run = |line: &[&str]| Said::from(real.place.command(line).env("SECRET", PASSWORD).output().unwrap());
    let said = run(&["plan", "r/team/app", "--tag", "alone", "--out", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = run(&["apply", file.to_str().unwrap(), "--confirm", "1"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let history = real.place.run(&["history", "--json"]).json();
    assert_eq!(history[0]["account"], USER);
    assert!(!history.to_string().contains(PASSWORD));
}
