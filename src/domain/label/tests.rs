use super::*;

const ORIGIN: &str = "https://r.example";

fn repo() -> RepoName {
    RepoName::parse("team/app").unwrap()
}

fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

fn put(name: &str, to: Chosen) -> Change {
    Change::Label { origin: ORIGIN.into(), repo: repo(), tag: tag(name), to }
}

fn say(name: &str, to: &str) -> Change {
    Change::Note { origin: ORIGIN.into(), repo: repo(), tag: tag(name), to: note(to) }
}

fn rule(filter: &str, label: Option<&str>) -> Change {
    Change::Rule { origin: ORIGIN.into(), filter: filter.into(), label: label.map(Into::into) }
}

fn kept() -> Kept {
    let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
    kept.apply(&[
        put("a", Chosen::Is("stale".into())),
        say("a", "ask ops first"),
        put("b", Chosen::Is("keep".into())),
        rule("pr-*", Some("stale")),
        rule("age>30d", Some("broken")),
    ]);
    kept
}

#[test]
fn every_change_can_be_taken_back() {
    let before = kept();
    for changes in [
        vec![put("a", Chosen::None), put("c", Chosen::Is("keep".into()))],
        vec![put("a", Chosen::ByRule), say("a", "")],
        vec![say("b", "one"), say("b", "two")],
        vec![rule("pr-*", None)],
        vec![rule("pr-*", Some("keep")), rule("new", Some("keep"))],
        vec![Change::Put(Label::new("stale", 'T', Colour::Rgb(1, 2, 3)))],
        vec![Change::Put(Label::new("new", 'N', Colour::Ansi(5))), put("a", Chosen::Is("new".into()))],
        vec![Change::Rename { from: "stale".into(), to: "old".into() }],
    ] {
        let mut now = before.clone();
        let back = now.apply(&changes);
        assert_ne!(now, before, "{changes:?}");
        now.apply(&back);
        // A rule that was gone comes back as the last one.
        now.rules.values_mut().for_each(|rules| rules.sort_by(|a, b| b.filter.as_str().cmp(a.filter.as_str())));
        assert_eq!(now, before, "{changes:?}");
    }
}

#[test]
fn a_label_that_goes_takes_what_it_is_on_along_and_brings_it_back() {
    let mut now = kept();
    let back = now.apply(&[Change::Remove("stale".into())]);
    assert!(!now.labels.iter().any(|label| &*label.name == "stale"));
    // The note stays.
    assert_eq!(now.entry(ORIGIN, &repo(), &tag("a")), Entry { label: Chosen::ByRule, note: note("ask ops first") });
    assert_eq!(now.rules[ORIGIN].len(), 1);
    now.apply(&back);
    assert_eq!(now.entry(ORIGIN, &repo(), &tag("a")).label, Chosen::Is("stale".into()));
    assert_eq!((now.rules[ORIGIN].len(), now.labels.len()), (2, 4));
    // It was never there.
    assert!(now.apply(&[Change::Remove("no such".into())]).is_empty());
}

#[test]
fn a_renamed_label_keeps_its_tags_and_rules_and_takes_no_other_name() {
    let mut now = kept();
    assert!(now.apply(&[Change::Rename { from: "stale".into(), to: "keep".into() }]).is_empty());
    now.apply(&[Change::Rename { from: "stale".into(), to: "old".into() }]);
    assert_eq!(now.entry(ORIGIN, &repo(), &tag("a")).label, Chosen::Is("old".into()));
    assert_eq!(&*now.rules[ORIGIN][0].label, "old");
}

#[test]
fn what_was_chosen_wins_over_rules_and_the_first_rule_over_the_next() {
    let labels = Labels::new(&Configured::default(), &kept(), ORIGIN, &repo());
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let old = Field::Is("2026-01-01T00:00:00Z".parse().unwrap());
    let ask = |name: &str, created| {
        let row = Row { name, created, ..Row::default() };
        match labels.of(&tag(name), &row, now) {
            Field::Is(given) => format!("{} {}", given.label, given.by.unwrap_or("chosen")),
            Field::Absent => "none".to_owned(),
            Field::NotLoaded => "?".to_owned(),
        }
    };
    assert_eq!(ask("a", old), "stale chosen");
    assert_eq!(ask("pr-1", Field::NotLoaded), "stale pr-*");
    assert_eq!(ask("x", Field::NotLoaded), "?");
    assert_eq!(ask("x", old), "broken age>30d");
    assert_eq!(ask("x", Field::Is(now)), "none");
    assert!(labels.needs_details() && !Labels::default().needs_details());
    assert_eq!((labels.note(&tag("a")), labels.note(&tag("b"))), (Some("ask ops first"), None));
    let mut none = kept();
    none.apply(&[put("pr-1", Chosen::None)]);
    let labels = Labels::new(&Configured::default(), &none, ORIGIN, &repo());
    assert_eq!(labels.of(&tag("pr-1"), &Row { name: "pr-1", ..Row::default() }, now), Field::Absent);
    assert_eq!(Labels::new(&Configured::default(), &none, "https://other.example", &repo()).tags.len(), 0);
}

#[test]
fn the_config_wins_and_letters_differ() {
    let configured = [Label::new("stale", 'S', Colour::Ansi(1)), Label::new("kept", 'K', Colour::Ansi(2))];
    let all = palette(&configured, &Label::built_in());
    let shown: Vec<_> = all.iter().map(|label| (label.letter, &*label.name)).collect();
    assert_eq!(shown, [('S', "stale"), ('K', "kept"), ('E', "keep"), ('R', "release"), ('B', "broken")]);
    assert_eq!(all[0].colour, Colour::Ansi(1));
}

#[test]
fn nonsense_is_no_label() {
    for bad in ["", "  ", "none", "NONE", "a\"b", "a\u{202e}b", "a\nb", &"x".repeat(25)] {
        assert!(name(bad).is_err(), "{bad:?}");
    }
    assert_eq!(name(" two words ").as_deref(), Ok("two words"));
    for bad in ["", "ab", "é", "-", " "] {
        assert!(letter(bad).is_err(), "{bad:?}");
    }
    for bad in ["", " ", "~(", "label:stale", "!note:x", "age>"] {
        assert!(LabelRule::parse(bad, "stale").is_err(), "{bad:?}");
    }
    assert_eq!(note(" \u{1b}[31mred\n ").as_deref(), Some("␛[31mred"));
    assert_eq!(note(&"x".repeat(1000)).map(|n| n.len()), Some(NOTE_MOST));
    assert_eq!(note(" \t "), None);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut now = kept();
    let many: Vec<_> = (0..TAGS_MOST).map(|n| say(&format!("t{n}"), "x")).collect();
    assert!(now.check(&many).is_err());
    // A label and a note on one tag are one tag, and those that have one already count once.
    assert!(now.check(&many[..TAGS_MOST - 2]).is_ok());
    assert!(now.check(&[say("n", "x"), put("n", Chosen::None)]).is_ok());
    now.apply(&many[..TAGS_MOST - 2]);
    assert!(now.check(&[say("one-more", "x")]).is_err() && now.check(&[say("a", "y")]).is_ok());
    let label = |n: usize| Change::Put(Label::new(&format!("l{n}"), 'x', Colour::Ansi(1)));
    assert!(now.check(&(0..LABELS_MOST).map(label).collect::<Vec<_>>()).is_err());
    let rules: Vec<_> = (0..RULES_MOST).map(|n| rule(&format!("r{n}"), Some("stale"))).collect();
    assert!(now.check(&rules).is_err() && now.check(&rules[..RULES_MOST - 2]).is_ok());
}
