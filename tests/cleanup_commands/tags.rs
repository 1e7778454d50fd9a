//! `tagboat tag`

use tagboat::demo::{Fault, Profile, Rule};

use super::{REPO, Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tag_has_the_same_digest_and_an_existing_one_is_moved_only_when_meant() {
    let site = Site::new(Profile::Reference).await;
    let image = |tag: &str| format!("r/{REPO}:{tag}");
    let said = site.run(&["tag", &image("i"), "new", "--json"]);
    assert_eq!((said.code, site.at("new")), (Some(0), site.at("i")), "{}", said.err);
    let json = said.json();
    assert_eq!((json["changed"].as_bool(), json["before"].is_null()), (Some(true), true));
    site.server.clear_log();
    for more in [&[][..], &["--dry-run"], &["--read-only", "--yes"], &["--read-only", "--json"]] {
        let said = site.run(&[&["tag", &image("b"), "c"], more].concat());
        let code = if more == ["--dry-run"] { 0 } else { 6 };
        assert_eq!((said.code, site.writes().len()), (Some(code), 0), "{more:?}: {}", said.err);
    }
    let was = site.at("c");
    let said = site.run(&["tag", &image("b"), "c", "--yes"]);
    assert_eq!((said.code, site.at("c")), (Some(0), site.at("b")), "{}", said.err);
    assert!(said.out.contains(was.as_deref().unwrap()), "where it was is told: {}", said.out);
    site.server.clear_log();
    let said = site.run(&["tag", &image("b"), "c"]);
    assert_eq!((said.code, site.writes().len()), (Some(0), 0), "it is there already: {}", said.err);
    let back = format!("r/{REPO}@{}", was.as_deref().unwrap());
    assert_eq!(site.run(&["tag", &back, &image("c"), "--yes"]).code, Some(0));
    assert_eq!(site.at("c"), was);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_up_and_mistakes_are_told() {
    let site = Site::new(Profile::Reference).await;
    let source = format!("r/{REPO}:b");
    site.server.faults().add(Rule::on("/manifests/new", Fault::LostAnswer).method("PUT").times(1));
    let said = site.run(&["tag", &source, "new"]);
    assert_eq!((said.code, site.at("new")), (Some(0), site.at("b")), "{}", said.err);
    assert_eq!(site.writes().len(), 1, "sent once");
    for (line, code) in [
        (["tag", &source, "not a tag"], 2),
        (["tag", &source, "r/other/repo:new"], 2),
        (["tag", "r/team/app", "new"], 2),
        (["tag", "r/team/app:none", "new"], 4),
    ] {
        assert_eq!(site.run(&line).code, Some(code), "{line:?}");
    }
}
