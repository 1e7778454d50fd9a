use super::*;
use crate::domain::clean;
use jiff::SignedDuration;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn ask(filter: &str, row: &Row<'_>) -> Verdict {
    Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e}")).matches(row, now())
}

fn name(name: &str) -> Row<'_> {
    Row { name, ..Row::default() }
}

#[test]
fn names_match_by_substring_glob_and_expression() {
    for (filter, yes, no) in [
        ("pr-", "x-PR-1", "p-r"),
        ("PR-", "PR-1", "pr-1"),
        ("pr-*", "pr-88", "x-pr-88"),
        ("v?.*", "V1.2", "v12.2"),
        ("team/*", "team/a/b", "xteam/a"),
        ("pr-[0-9]*", "pr-8", "pr-x"),
        ("~^v\\d+$", "v12", "v12a"),
        ("!pr-", "main", "pr-1"),
        ("!!pr-", "pr-1", "main"),
        ("\"a*b\"", "xa*b", "axb"),
        ("!\"a b\"", "ab", "a b"),
        ("~\"a b\"", "xa b", "ab"),
        ("pr- 88", "88-pr-", "pr-7"),
        ("localhost:5000", "localhost:5000", "localhost"),
        ("\"a\\\"b\"", "a\"b", "ab"),
        ("ä", "Ä", "a"),
        ("semver<2", "v1.10.3", "2.0"),
        ("semver>=1.2", "1.2", "1.2-rc1"),
        ("semver>=1.2", "10", "latest"),
        ("!semver>=0", "latest", "1.0"),
    ] {
        assert_eq!(ask(filter, &name(yes)), Verdict::Yes, "{filter} {yes}");
        assert_eq!(ask(filter, &name(no)), Verdict::No, "{filter} {no}");
        assert!(!Filter::parse(filter).unwrap().needs_details());
    }
    assert_eq!(ask("  ", &name("x")), Verdict::Yes);
    assert!(Filter::parse(" ").unwrap().is_empty());
}

#[test]
fn fields_are_compared() {
    let digest = Digest::of(b"hello");
    let platform = |architecture: &str, variant: Option<&str>| Platform {
        os: clean::identifier("linux"),
        architecture: clean::identifier(architecture),
        variant: variant.map(clean::identifier),
        os_version: None,
    };
    let platforms = [platform("arm64", Some("v8")), platform("amd64", None)];
    let row = Row {
        name: "pr-1",
        created: Field::Is(now() - SignedDuration::from_hours(24 * 41)),
        size: Field::Is(600 << 20),
        digest: Some(&digest),
        platforms: Some(&platforms),
        shared: Some(2),
        label: Field::Is("stale"),
        note: Some("Ask Ops first"),
        state: Some(RowState::Dangling),
        favourite: true,
        ..Row::default()
    };
    for yes in [
        "age>30d",
        "age<6mo",
        "age>=41d",
        "!age>2y",
        "size>500M",
        "size<1G",
        "size=600M",
        "platform:arm64",
        "platform:linux/arm64",
        "platform:linux/amd64",
        "digest:2cf2",
        "digest:sha256:2cf",
        "shared:yes",
        "label:Stale",
        "note:ops",
        "note:\"Ops first\"",
        "!note:none",
        "state:dangling",
        "is:favourite",
        "pr-* age>30d !semver<2",
        "!label:none",
    ] {
        assert_eq!(ask(yes, &row), Verdict::Yes, "{yes}");
    }
    for no in [
        "age<2h",
        "size>1G",
        "platform:arm",
        "digest:77",
        "shared:no",
        "label:keep",
        "note:none",
        "note:OPS",
        "state:ok",
        "!is:favourite",
    ] {
        assert_eq!(ask(no, &row), Verdict::No, "{no}");
    }
    for loads in ["age>1d", "size>1", "platform:x", "digest:0", "shared:no", "state:ok"] {
        assert!(Filter::parse(loads).unwrap().needs_details(), "{loads}");
        assert_eq!(ask(loads, &name("x")), Verdict::Unknown, "{loads}");
        assert_eq!(ask(&format!("!{loads}"), &name("x")), Verdict::Unknown, "{loads}");
        assert_eq!(ask(&format!("{loads} y"), &name("x")), Verdict::No, "{loads}");
    }
}

#[test]
fn nothing_is_selected_by_an_age_or_size_nobody_knows() {
    let row = Row { created: Field::Absent, size: Field::Absent, label: Field::Absent, ..name("x") };
    for filter in ["age>30d", "!age>30d", "age<30d", "!age<30d", "size>1K", "!size>1K"] {
        assert_eq!(ask(filter, &row), Verdict::No, "{filter}");
    }
    assert_eq!(ask("label:none", &row), Verdict::Yes);
    assert_eq!(ask("!label:stale", &row), Verdict::Yes);
}

#[test]
fn mistakes_are_explained_where_they_are() {
    for (filter, at, words) in [
        ("x age>30", 2, "30d"),
        ("size>big", 0, "500M"),
        ("semver<new", 0, "1.2"),
        ("age:30d", 0, "age>30d"),
        ("platform>x", 0, "platform:arm64"),
        ("foo>1", 0, "age, size and semver"),
        ("platfrom:x", 0, "platform"),
        ("labels:x", 0, "label"),
        ("shared:maybe", 0, "yes or no"),
        ("state:", 0, "state:dangling"),
        ("a \"b", 2, "quote"),
        ("a !", 2, "empty"),
        ("~", 0, "after ~"),
        ("a ~(", 2, "unclosed group"),
        ("a[*", 0, "glob"),
    ] {
        let error = Filter::parse(filter).expect_err(filter);
        assert_eq!(error.at, at, "{filter}");
        assert!(error.message.contains(words), "{filter}: {error}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in "[a!~\"\\\\*?<>=: \\[({é0-9agesizemvr]{0,12}") {
        if let Err(error) = Filter::parse(&text) {
            proptest::prop_assert!(text.is_char_boundary(error.at) && !error.message.is_empty());
        }
    }
}

#[test]
fn what_only_repositories_have_is_asked_of_them_alone() {
    for term in ["tags>5", "pulls>=1000", "public:no", "used:yes", "pushed<30d", "about:x", "group:quay.io"] {
        let error = Filter::parse(term).expect_err(term);
        assert!(error.message.contains("only repositories have") || term == "pushed<30d", "{error}");
        let filter = Filter::of(Of::Repositories, term).unwrap();
        assert!(filter.asks_told() && !filter.needs_details(), "{term}");
        assert_eq!(filter.asks_counts(), term.starts_with("tags"));
    }
    for (filter, words) in [
        ("pulls>many", "pulls>1000"),
        ("pulls:7", "compared"),
        ("public>no", "colon"),
        ("public:maybe", "yes or no"),
        ("pushed>soon", "pushed>90d"),
        ("about:", "needs a value"),
    ] {
        let error = Filter::of(Of::Repositories, filter).expect_err(filter);
        assert!(error.message.contains(words), "{filter}: {error}");
    }
    assert_eq!(Filter::of(Of::Repositories, "age>1d").unwrap().matches(&name("x"), now()), Verdict::Unknown);
}

#[test]
fn what_systems_keep_of_tags_is_asked_in_lists_of_them_alone() {
    use crate::domain::clean;
    use crate::domain::colour::Colour;
    use crate::domain::repository::TagFacts;
    let facts = |colour: &str| TagFacts {
        colour_text: (!colour.is_empty()).then(|| clean::line(colour)),
        colour: Colour::parse(colour),
        pushed: Some(now() - jiff::SignedDuration::from_hours(24 * 40)),
        ..TagFacts::default()
    };
    let (red, blue, free, none) = (facts("#C0392B"), facts("#2E86C1"), facts("team tomato"), facts(""));
    let holds = |term: &str, kept: &TagFacts| {
        let filter = Filter::of(Of::Tags, term).unwrap();
        assert!(filter.asks_kept() && !filter.needs_details(), "{term}");
        filter.matches(&Row { kept: Some(kept), ..name("x") }, now()) == Verdict::Yes
    };
    for (term, which) in [
        ("colour:red", [true, false, false, false]),
        ("COLOR:Red", [true, false, false, false]),
        ("colour:#2e86C1", [false, true, false, false]),
        ("colour:#c0", [true, false, false, false]),
        ("colour:Tomato", [false, false, true, false]),
        ("colour:none", [false, false, false, true]),
        ("!colour:none", [true, true, true, false]),
        ("pushed>30d", [true; 4]),
        ("!pushed>30d", [false; 4]),
        // What nobody knows is neither longer ago nor not.
        ("!pulled>30d", [false; 4]),
        ("signed:no", [false; 4]),
    ] {
        assert_eq!([&red, &blue, &free, &none].map(|kept| holds(term, kept)), which, "{term}");
    }
    for (of, term, words) in [
        (Of::Rules, "colour:red", "only lists of tags have “colour”"),
        (Of::Rules, "pushed>3d", "only lists have “pushed”"),
        (Of::Repositories, "signed:yes", "only lists of tags have “signed”"),
        (Of::Tags, "stars>3", "only repositories have “stars”"),
        (Of::Tags, "colour>3", "colon"),
        (Of::Tags, "pushed:3", "compared"),
        (Of::Tags, "pushed>soon", "pushed>90d"),
        (Of::Tags, "signed:maybe", "yes or no"),
        (Of::Tags, "colour:", "needs a value"),
    ] {
        let error = Filter::of(of, term).expect_err(term);
        assert!(error.message.contains(words), "{term}: {error}");
    }
}

#[test]
fn a_filter_has_bounds() {
    let terms = |count: usize| Filter::parse(&"~a ".repeat(count));
    assert!(terms(64).is_ok());
    let error = terms(65).unwrap_err();
    assert_eq!((error.at, error.message.contains("64 terms")), (64 * 3, true), "{error}");
    assert!(Filter::parse(&"a".repeat(4096)).is_ok());
    assert!(Filter::parse(&"a".repeat(4097)).unwrap_err().message.contains("4096 bytes"));
}

#[test]
fn what_is_not_known_may_match_either_way() {
    let row = Row { created: Field::Absent, size: Field::NotLoaded, ..name("pr-1") };
    for (filter, may) in [
        ("age<7d", true),
        ("!age<7d", true),
        ("size>1G pr-", true),
        ("size>1G main", false),
        ("!pr-", false),
        ("label:keep", true),
        ("state:dangling", true),
    ] {
        assert_eq!(Filter::parse(filter).unwrap().may_match(&row, now()), may, "{filter}");
    }
}
