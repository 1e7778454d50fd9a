//! What is not run, and that nothing was sent for it.

use tagboat::demo::{Auth, OciOptions, Profile};

use super::{REPO, Site, lines, words};
use crate::support::program::Said;

#[track_caller]
fn refused(site: &Site, said: &Said, code: i32, text: &str) {
    assert_eq!(said.code, Some(code), "{text}: {}{}", said.out, said.err);
    assert!(said.err.contains(text) && said.err.lines().count() == 2, "{text}: {}", said.err);
    assert_eq!(site.writes(), [""; 0], "{text}: nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_confirmation_a_read_only_mode_and_a_protection_that_came_later() {
    let site = Site::new(Profile::Distribution3).await;
    site.plan(&["--tag", "b", "c"]);
    site.server.clear_log();
    for wrong in ["", "1", "3", "02", "all", "yes", REPO, "b"] {
        let said = site.apply(wrong, &[]);
        refused(&site, &said, 6, "is not what this plan asks for");
        assert!(said.err.contains("confirmed with 2"), "{}", said.err);
    }
    assert_eq!(site.server.log(), [], "a wrong confirmation does not even read");
    let said = site.apply("2", &["--read-only", "--json"]);
    refused(&site, &said, 6, "read-only");
    assert_eq!(said.json()["error"]["kind"], "forbidden");
    site.config("mode = 'ro'\n");
    refused(&site, &site.apply("2", &[]), 6, "read-only in the config");
    assert_eq!(site.server.log(), []);
    site.config("protect = ['c']\n");
    refused(&site, &site.apply("2", &[]), 6, "the tag c is protected by");
    site.config("env = 'PROD'\n");
    let said = site.apply("2", &[]);
    refused(&site, &said, 6, "is not what this plan asks for");
    assert!(said.err.contains(REPO) && said.err.contains("PROD"), "{}", said.err);
    assert_eq!(site.apply(REPO, &[]).code, Some(0));
    assert_eq!(site.writes().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_repository_asks_for_its_name() {
    let site = Site::new(Profile::Distribution3).await;
    site.plan(&["--mark", "*"]);
    refused(&site, &site.apply("9", &[]), 6, "is not what this plan asks for");
    assert_eq!(site.apply(REPO, &[]).code, Some(0));
    assert_eq!(site.tags(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_moved_is_not_run_at_all() {
    // By its digest: another tag came to it. By its tag: it points elsewhere.
    for (profile, moves) in [(Profile::Reference, "f"), (Profile::Distribution3, "c")] {
        let site = Site::new(profile).await;
        site.plan(&["--tag", "b", "c"]);
        let to = if moves == "f" { "c" } else { "d" };
        let target = site.server.store().resolve(REPO, to).expect("a tag");
        site.server.store().repositories.get_mut(REPO).expect("it").tags.insert(moves.to_owned(), target);
        let before = site.tags();
        let said = site.apply("2", &["--json"]);
        assert_eq!(said.code, Some(6), "{}{}", said.out, said.err);
        let all = lines(&said);
        assert_eq!(words(&all[..2].to_vec().into(), "outcome"), ["skipped", "changed"]);
        assert!(all[2]["id"].is_null() && all[2]["changed"] == 1, "{}", all[2]);
        assert!(said.err.contains("is not as it was"), "{}", said.err);
        assert_eq!(site.tags(), before);
        // Whether it deletes by digest may be asked with something that does not exist.
        let hits =
            site.writes().iter().filter(|one| before.iter().any(|tag| one.ends_with(&format!("/{tag}")))).count();
        assert!(hits == 0 && site.writes().len() <= 1, "{:?}", site.writes());
        assert_eq!(site.history(), serde_json::json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_another_place_or_no_plan_at_all() {
    let site = Site::new(Profile::Distribution3).await;
    site.plan(&["--tag", "b"]);
    let plan = std::fs::read_to_string(site.file()).unwrap();
    let other = plan.replace(&site.server.url, "https://registry.example.com");
    for (text, code, says) in [
        (other.as_str(), 6, "is at http://127.0.0.1"),
        (&plan.replace("\"version\": 1", "\"version\": 2"), 2, "version 2"),
        ("{}", 2, "this is no plan"),
        ("not json", 2, "this is no plan"),
        (&plan.replace("\"untag\"", "\"burn\""), 2, "there is no method"),
    ] {
        std::fs::write(site.file(), text).unwrap();
        refused(&site, &site.apply("1", &[]), code, says);
        assert_eq!(site.apply("1", &["--json"]).json()["error"]["message"].as_str().map(str::is_empty), Some(false));
    }
    std::fs::remove_file(site.file()).unwrap();
    refused(&site, &site.apply("1", &[]), 2, "cannot be read");
    let file = site.file();
    assert_eq!(site.run(&["apply", file.to_str().unwrap()]).code, Some(2), "--confirm is needed");
    std::fs::write(site.file(), "notes of mine").unwrap();
    let target = format!("r/{REPO}");
    let said = site.run(&["plan", &target, "--tag", "b", "--out", file.to_str().unwrap()]);
    refused(&site, &said, 2, "is there already, and is no plan");
    assert_eq!(std::fs::read_to_string(site.file()).unwrap(), "notes of mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_of_a_plan() {
    let site = Site::new(Profile::Distribution3).await;
    let target = format!("r/{REPO}");
    let auth = Auth::Basic { user: "u".to_owned(), password: "p".to_owned() };
    let closed = Site::with(OciOptions { auth, ..OciOptions::default() }, "").await;
    for (site, line, code) in [
        (&site, &["plan", &target, "--tag", "b"][..], 0),
        (&site, &["plan", &target], 2),
        (&site, &["plan", "r", "--tag", "b"], 2),
        (&site, &["plan", &format!("{target}:b"), "--tag", "b"], 2),
        (&site, &["plan", &target, "--mark", ""], 2),
        (&site, &["plan", &target, "--mark", "*", "--keep", "0"], 2),
        (&site, &["plan", &target, "--mark", "*", "--per", "(x)"], 2),
        (&closed, &["plan", &target, "--tag", "b"], 3),
        (&site, &["plan", "r/no/such", "--tag", "b"], 4),
        (&site, &["plan", "127.0.0.1:1/a", "--tag", "b"], 5),
        (&site, &["undo", "20260101-000000-abcd", "--yes"], 4),
        (&site, &["undo", "../../etc/passwd", "--yes"], 4),
    ] {
        let said = site.run(line);
        assert_eq!(said.code, Some(code), "{line:?}: {}", said.err);
        let said = site.run(&[line, &["--json"]].concat());
        assert_eq!((said.code, said.json().get("error").is_some()), (Some(code), code != 0), "{line:?}: {}", said.err);
    }
}
