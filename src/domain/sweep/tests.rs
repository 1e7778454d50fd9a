use super::*;
use crate::domain::cleanup::Tier;

fn name(text: &str) -> RepoName {
    RepoName::loose(text).unwrap()
}

fn names(texts: &[&str]) -> Vec<TagName> {
    texts.iter().map(|text| TagName::parse(text).unwrap()).collect()
}

fn fact(repo: &str, tags: &[&str]) -> Fact {
    let info = RepoInfo { images: Some(7), pushed: "2026-01-01T00:00:00Z".parse().ok(), ..RepoInfo::default() };
    Fact::new(name(repo), &info, Some(Tags::of(&names(tags), true)), Protected::default())
}

fn snapshot(takes: Takes, repos: Vec<Known>) -> Snapshot {
    let named = |known: Known| match &known {
        Known::Here(fact) => (fact.repo.clone(), known),
        Known::Gone => (name("gone/one"), known),
        Known::Unread(_) => (name("closed/one"), known),
    };
    Snapshot {
        registry: "lab".to_owned(),
        origin: "https://lab.example".to_owned(),
        scope: Some("team".to_owned()),
        account: Some("ana".to_owned()),
        takes,
        time: "2026-06-01T00:00:00Z".parse().unwrap(),
        repos: repos.into_iter().map(named).collect(),
    }
}

fn here(fact: Fact) -> Known {
    Known::Here(Box::new(fact))
}

fn guarded(repo: &str) -> Fact {
    let mut protected = Protected::default();
    for tag in names(&["a", "b", "c", "d", "e", "latest"]) {
        protected.add(&tag, "*");
    }
    Fact { protected, ..fact(repo, &["a", "b", "c", "d", "e", "latest"]) }
}

#[test]
fn what_is_not_known_in_full_stays() {
    let half = Fact { listed: Some(Tags::of(&names(&["1"]), false)), ..fact("half/read", &[]) };
    let all = vec![
        here(fact("a/b", &["1", "2"])),
        Known::Gone,
        Known::Unread(Clean::fixed("lab answered 403")),
        here(half),
        here(guarded("prod/api")),
    ];
    let snapshot = snapshot(Takes::Everything, all);
    let sweep = plan(&snapshot, &Choices::default());
    assert_eq!(sweep.repos().map(ToString::to_string).collect::<Vec<_>>(), ["a/b"]);
    let kept: Vec<_> = sweep.kept.iter().map(|kept| (kept.repo.to_string(), kept.by)).collect();
    assert_eq!(
        kept,
        [
            ("gone/one".to_owned(), Keeper::Gone),
            ("closed/one".to_owned(), Keeper::Unread),
            ("half/read".to_owned(), Keeper::Unread),
            ("prod/api".to_owned(), Keeper::Protection)
        ]
    );
    assert!(sweep.kept[3].why.as_str().ends_with("a, b, c, d, e, 1 more"), "{}", sweep.kept[3].why);
    let lifted = Choices { protected: true, kept: [name("a/b")].into() };
    let sweep = plan(&snapshot, &lifted);
    assert_eq!(sweep.repos().map(ToString::to_string).collect::<Vec<_>>(), ["prod/api"]);
    assert_eq!((sweep.protected(), sweep.kept[0].by), (1, Keeper::Hand));
}

#[test]
fn a_repository_with_content_is_always_typed() {
    let one = plan(&snapshot(Takes::Everything, vec![here(fact("a/b", &[]))]), &Choices::default());
    let ask = one.ask(false);
    assert!(ask.tier == Tier::Name && ask.accepts("a/b") && !ask.accepts("b") && !ask.accepts(""));
    let two = plan(&snapshot(Takes::Tags, vec![here(fact("a/b", &[])), here(fact("c/d", &[]))]), &Choices::default());
    let ask = two.ask(false);
    assert!(ask.accepts("2 lab") && !ask.accepts("2") && !ask.accepts("lab"));
    assert_eq!((ask.why, two.ask(true).why), (None, Some("a PROD registry")));
    let none = plan(&snapshot(Takes::Everything, vec![Known::Gone]), &Choices::default());
    assert_eq!(none.ask(true).tier, Tier::Nothing);
    assert!(!none.ask(true).accepts(""));
}

#[test]
fn an_entry_asks_less_unless_something_uses_it() {
    let entry = |repo: &str, in_use| here(Fact { in_use, ..fact(repo, &[]) });
    let ask = |all: Vec<Known>, production| {
        let sweep = plan(&snapshot(Takes::Entry, all), &Choices::default());
        (sweep.ask(production).tier, sweep.asks_again().is_some())
    };
    assert_eq!(ask(vec![entry("quay.io/a/b", false)], false), (Tier::Yes, false));
    assert_eq!(ask(vec![entry("quay.io/a/b", false), entry("c", false)], false), (Tier::Count, false));
    assert_eq!(ask(vec![entry("quay.io/a/b", false)], true), (Tier::Name, false));
    assert_eq!(ask(vec![entry("quay.io/a/b", true)], false), (Tier::Name, true));
    assert_eq!(ask(vec![entry("quay.io/a/b", true), entry("c", false)], false), (Tier::Name, true));
}

#[test]
fn any_difference_that_matters_is_seen() {
    let before = fact("a/b", &["1", "2"]);
    let said = |now: &Fact| before.moved(now).map(|why| why.to_string());
    assert_eq!(said(&before.clone()), None);
    assert_eq!(said(&Fact { favourite: true, ..before.clone() }), None);
    let other = said(&fact("a/b", &["1", "3"])).unwrap();
    assert!(other.contains("other tags"), "{other}");
    let more = said(&fact("a/b", &["1", "2", "3"])).unwrap();
    assert_eq!(more, "it had 2 tags and has 3 by now");
    assert!(said(&Fact { images: None, ..before.clone() }).unwrap().contains("has ? by now"));
    let time = "2026-05-05T00:00:00Z".parse().ok();
    for now in [
        Fact { pushed: time, ..before.clone() },
        Fact { updated: time, ..before.clone() },
        Fact { created: time, ..before.clone() },
        Fact { in_use: true, ..before.clone() },
        guarded("a/b"),
    ] {
        assert!(said(&now).is_some(), "{now:?}");
    }
    let used = Fact { in_use: true, ..before.clone() };
    assert_eq!(used.moved(&before), None, "what nobody uses any more may go all the same");
}

#[test]
fn each_system_has_its_words() {
    let fact = fact("a/b", &["1"]);
    assert_eq!(of_one(Takes::Everything, &fact), "deletes the repository with 1 tag and 7 images");
    assert_eq!(
        of_one(Takes::Tags, &fact),
        "deletes the repository with 1 tag; its images stay, and no call removes them"
    );
    assert!(of_one(Takes::Entry, &fact).starts_with("removes the entry only"));
    let untold = Fact { tags: None, images: None, ..fact.clone() };
    assert_eq!(of_one(Takes::Everything, &untold), "deletes the repository");
    let sweep = plan(&snapshot(Takes::Everything, vec![here(fact.clone()), here(untold)]), &Choices::default());
    assert_eq!(summary(&sweep), "2 repositories");
    let sweep = plan(&snapshot(Takes::Everything, vec![here(fact.clone()), here(fact)]), &Choices::default());
    assert_eq!(summary(&sweep), "2 repositories with 2 tags and 14 images");
}

#[test]
fn it_is_read_back_as_it_was_written() {
    let all = vec![here(guarded("Team_A/Proj")), here(Fact { listed: None, in_use: true, ..fact("c", &["x"]) })];
    for takes in [Takes::Everything, Takes::Tags, Takes::Entry] {
        let choices = Choices { protected: true, ..Choices::default() };
        let sweep = plan(&snapshot(takes, all.clone()), &choices);
        assert_eq!(Sweep::from_json(&sweep.to_json().unwrap()), Some(sweep));
    }
    for other in ["{}", "[]", r#"{"version":2,"sweep":{}}"#, r#"{"version":1,"tagging":{}}"#] {
        assert_eq!(Sweep::from_json(other), None, "{other}");
    }
}
