//! Plans as they are made, and what becomes of them.

use tagboat::demo::{Profile, Rule};

use super::{REPO, Site, keys, lines, words};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_has_the_fields_of_the_contract_and_sends_only_reads() {
    for profile in [Profile::Reference, Profile::Distribution3] {
        let site = Site::new(profile).await;
        for rules in [
            &["--mark", "a*"][..],
            &["--mark", "*", "--exclude", "b", "--keep", "1", "--keep-by", "name", "--per", "^(.)"],
            &["--mark", "age>1d !i !j", "--with-manifests", "--with-siblings"],
            &["--tag", "i", "j", "--with-children", "--with-referrers"],
            &["--untagged", "--dangling"],
            &["--tag", "a1", "--placeholder"],
            &["--mark", "nothing-like-this"],
        ] {
            let plan = site.plan(rules);
            for field in
                ["version", "registry", "repository", "created", "items", "kept", "reclaimable_bytes", "reclaimable_is"]
            {
                assert!(plan.get(field).is_some_and(|value| !value.is_null()), "{rules:?}: {field}: {plan}");
            }
            assert_eq!(
                (&plan["version"], &plan["registry"], &plan["repository"]),
                (&1.into(), &"r".into(), &REPO.into())
            );
            assert!(["exact", "lower-bound"].contains(&plan["reclaimable_is"].as_str().unwrap()));
            for item in plan["items"].as_array().unwrap() {
                let known = keys(item);
                for field in ["tag", "digest", "method", "siblings", "children", "referrers", "protected", "warnings"] {
                    assert!(known.contains(&field), "{rules:?}: {field}");
                }
            }
            let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(site.file()).unwrap()).unwrap();
            assert_eq!(saved, plan, "what is saved is what is shown");
        }
        assert_eq!(site.writes(), [""; 0], "a plan only reads");
        assert_eq!(site.history(), serde_json::json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_excluded_kept_or_protected_stays_with_its_reason() {
    let site = Site::with(
        tagboat::demo::OciOptions { profile: Profile::Distribution3, ..Default::default() },
        "protect = ['a1']\n",
    )
    .await;
    let plan = site.plan(&["--mark", "~^[a-e]", "--exclude", "b", "--keep", "1", "--keep-by", "name"]);
    assert_eq!(words(&plan["items"], "tag"), ["a2", "a3", "c", "d"]);
    let kept = plan["kept"].as_array().unwrap();
    for (tag, why) in [("b", "excluded"), ("e", "newest"), ("a1", "protected")] {
        let found = kept.iter().find(|kept| kept["tag"] == tag).unwrap_or_else(|| panic!("{tag}: {plan}"));
        assert!(found["why"].as_str().unwrap().contains(why), "{found}");
    }
    let said = site.run(&["plan", &format!("r/{REPO}"), "--mark", "~^[a-e]", "--exclude", "b"]);
    for text in ["Goes, in this order:", "untag", "Stays:", "excluded by", "--confirm 5", "same digest: a1"] {
        assert!(said.out.contains(text), "{text}: {}", said.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_tags_goes_and_comes_back_on_either_server() {
    for (profile, more, method) in
        [(Profile::Distribution3, &[][..], "untag"), (Profile::Reference, &["--placeholder"], "placeholder")]
    {
        let site = Site::new(profile).await;
        let before = site.tags();
        let digest = site.at("a1");
        let plan = site.plan(&[&["--tag", "a1"], more].concat());
        assert_eq!(words(&plan["items"], "method"), [method], "{plan}");
        assert_eq!(plan["items"][0]["siblings"], serde_json::json!(["a2", "a3"]));
        let said = site.apply("1", &["--json"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let all = lines(&said);
        assert_eq!(keys(&all[0]), ["digest", "outcome", "tag", "why"]);
        assert_eq!((all[0]["tag"].as_str(), all[0]["outcome"].as_str()), (Some("a1"), Some("done")));
        let id = all[1]["id"].as_str().expect("an id");
        assert_eq!((all.len(), all[1]["done"].as_u64(), all[1]["gone"].as_u64()), (2, Some(1), Some(0)));
        assert_eq!((site.at("a1"), site.at("a2"), site.at("a3")), (None, digest.clone(), digest.clone()));

        let history = site.history();
        assert_eq!(history.as_array().unwrap().len(), 1);
        let one = &history[0];
        assert_eq!(
            (one["id"].as_str(), one["registry"].as_str(), one["repository"].as_str()),
            (Some(id), Some("r"), Some(REPO))
        );
        assert!(one["time"].as_str().unwrap().ends_with('Z'));
        let item = &one["items"][0];
        assert_eq!((&item["tag"], &item["outcome"], &item["restorable"]), (&"a1".into(), &"done".into(), &true.into()));
        assert_eq!(item["digest"].as_str(), digest.as_deref());

        assert_eq!(site.run(&["undo", id]).code, Some(6), "nobody is there to answer");
        assert_eq!(site.at("a1"), None);
        let said = site.run(&["undo", id, "--yes"]);
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
        assert_eq!((site.at("a1"), site.tags()), (digest, before));
        let said = site.run(&["history", id]);
        assert!(said.out.contains("put back by"), "{}", said.out);
        assert_eq!(site.run(&["undo", id, "--yes"]).code, Some(0), "everything is there already");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_go_with_their_children_and_come_back_with_them() {
    let site = Site::new(Profile::Reference).await;
    let before = site.server.store().repositories[REPO].clone();
    let plan = site.plan(&["--tag", "i", "--with-children"]);
    assert_eq!(words(&plan["items"], "method"), ["delete-manifest", "delete-manifest"], "one child is in j, too");
    assert_eq!(plan["reclaimable_is"], "exact");
    assert!(plan["reclaimable_bytes"].as_u64().unwrap() > 0);
    let said = site.apply("1", &[]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let id = site.history()[0]["id"].as_str().unwrap().to_owned();
    assert!(said.out.contains(&format!("tagboat undo {id}")), "{}", said.out);
    let after = site.server.store().repositories[REPO].clone();
    assert_eq!((after.tags.len(), after.manifests.len()), (before.tags.len() - 1, before.manifests.len() - 2));
    assert_eq!(site.run(&["undo", &id, "--yes", "--json"]).code, Some(0));
    let back = site.server.store().repositories[REPO].clone();
    assert_eq!(back.tags, before.tags);
    assert!(back.manifests.keys().eq(before.manifests.keys()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_last_month_runs_where_nothing_moved_and_twice_does_no_harm() {
    let site = Site::new(Profile::Distribution3).await;
    site.plan(&["--tag", "b", "c"]);
    let text = std::fs::read_to_string(site.file()).unwrap();
    let created = serde_json::from_str::<serde_json::Value>(&text).unwrap()["created"].as_str().unwrap().to_owned();
    std::fs::write(site.file(), text.replace(&created, "2026-01-02T03:04:05Z")).unwrap();
    let said = site.apply("2", &["--dry-run", "--json"]);
    assert_eq!((said.code, site.writes().len()), (Some(0), 0), "{}", said.err);
    assert_eq!(words(&lines(&said)[..2].to_vec().into(), "outcome"), ["skipped", "skipped"]);
    assert_eq!(site.apply("2", &[]).code, Some(0));
    assert_eq!((site.at("b"), site.at("c")), (None, None));
    let said = site.apply("2", &["--json"]);
    assert_eq!((said.code, lines(&said)[2]["gone"].as_u64()), (Some(0), Some(2)), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_no_failure() {
    let site = Site::new(Profile::Distribution3).await;
    let plan = site.plan(&["--tag", "no-such-tag"]);
    assert_eq!(plan["items"], serde_json::json!([]));
    let said = site.apply("0", &["--json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let all = lines(&said);
    assert_eq!((all.len(), all[0]["id"].is_null(), all[0]["done"].as_u64()), (1, true, Some(0)));
    assert_eq!(site.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_refuses_in_the_middle_is_partly_done() {
    let site = Site::new(Profile::Distribution3).await;
    site.plan(&["--tag", "b", "c", "d"]);
    let refusal = tagboat::demo::Fault::status(409);
    site.server.faults().add(Rule::on("/manifests/c", refusal).method("DELETE"));
    let said = site.apply("3", &["--json"]);
    assert_eq!(said.code, Some(7), "{}", said.err);
    let all = lines(&said);
    assert_eq!(words(&all[..3].to_vec().into(), "outcome"), ["done", "refused", "done"]);
    assert!(all[1]["why"].as_str().is_some());
    assert_eq!((all[3]["done"].as_u64(), all[3]["refused"].as_u64()), (Some(2), Some(1)));
    assert_eq!((site.at("b").is_none(), site.at("c").is_some(), site.at("d").is_none()), (true, true, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_searched_by_words_and_time() {
    let site = Site::new(Profile::Distribution3).await;
    for tag in ["b", "c"] {
        site.plan(&["--tag", tag]);
        assert_eq!(site.apply("1", &[]).code, Some(0));
    }
    let count = |more: &[&str]| {
        let said = site.run(&[&["history", "--json"], more].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        said.json().as_array().unwrap().len()
    };
    assert_eq!((count(&[]), count(&["team/app"]), count(&["team/app c"]), count(&["elsewhere"])), (2, 2, 1, 0));
    assert_eq!((count(&["--since", "1h"]), site.run(&["history", "--since", "x"]).code), (2, Some(2)));
    let said = site.run(&["history"]);
    assert!(said.out.starts_with("ID ") && said.out.lines().count() == 3, "{}", said.out);
}
