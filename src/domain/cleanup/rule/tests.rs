use super::*;
use jiff::SignedDuration;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn name(text: &str) -> TagName {
    TagName::parse(text).unwrap()
}

fn filters(texts: &[&str]) -> Vec<Filter> {
    texts.iter().map(|text| Filter::parse(text).unwrap()).collect()
}

fn aged(tag: &TagName, days: i64) -> Candidate<'_> {
    let created = Field::Is(now() - SignedDuration::from_hours(24 * days));
    let row = Row { name: tag.as_str(), created, state: Some(RowState::Ok), ..Row::default() };
    Candidate { tag, row, pushed: Field::Absent }
}

fn apply(rules: &Rules, rows: &[Candidate<'_>]) -> Marked {
    rules.apply(rows, now())
}

fn texts(tags: &[TagName]) -> Vec<&str> {
    tags.iter().map(TagName::as_str).collect()
}

/// Marks everything and keeps what `keep` says; the tags that are marked.
fn kept(n: usize, by: KeepBy, per: Option<&str>, tags: &[&str]) -> Vec<String> {
    let per = per.map(|text| Per::parse(text).unwrap());
    let rules = Rules { mark: filters(&["*"]), keep: Some(Keep { n, by, per }), ..Rules::default() };
    let tags: Vec<TagName> = tags.iter().map(|text| name(text)).collect();
    let rows: Vec<_> = tags.iter().enumerate().map(|(days, tag)| aged(tag, days as i64)).collect();
    apply(&rules, &rows).tags.iter().map(ToString::to_string).collect()
}

#[test]
fn any_filter_marks_and_any_exclusion_wins() {
    let rules = Rules {
        mark: filters(&["pr-* age>30d", "tmp-*"]),
        exclude: filters(&["keep", "!age<100d"]),
        ..Rules::default()
    };
    let tags = ["pr-1", "pr-2", "tmp-1", "tmp-keep", "tmp-old", "main"].map(name);
    let rows: Vec<_> = tags.iter().zip([31, 3, 1, 1, 101, 50]).map(|(tag, days)| aged(tag, days)).collect();
    let marked = apply(&rules, &rows);
    assert_eq!(texts(&marked.tags), ["pr-1", "tmp-1"]);
    let why: Vec<_> = marked.kept.iter().map(|(tag, why)| (tag.as_str(), why.as_str())).collect();
    assert_eq!(why, [("tmp-keep", "excluded by “keep”"), ("tmp-old", "excluded by “!age<100d”")]);
    assert!(!rules.is_empty() && Rules::default().is_empty());
}

#[test]
fn what_is_not_read_marks_nothing_and_is_told() {
    let rules = Rules { mark: filters(&["age>30d", "tmp-*"]), ..Rules::default() };
    let tags = ["a", "tmp-1", "no-date"].map(name);
    let mut rows: Vec<_> = tags.iter().map(|tag| aged(tag, 50)).collect();
    rows[0].row.created = Field::NotLoaded;
    rows[1].row.created = Field::NotLoaded;
    rows[2].row.created = Field::Absent;
    let marked = apply(&rules, &rows);
    assert_eq!((texts(&marked.tags), texts(&marked.unknown)), (vec!["tmp-1"], vec!["a"]));
    assert!(rules.needs_details() && !Rules { mark: filters(&["tmp-*"]), ..Rules::default() }.needs_details());
}

#[test]
fn an_exclusion_that_cannot_be_checked_excludes() {
    let rules = Rules { mark: filters(&["*"]), exclude: filters(&["age<7d"]), ..Rules::default() };
    let tag = name("a");
    for unknown in [Field::NotLoaded, Field::Absent] {
        let mut row = aged(&tag, 50);
        row.row.created = unknown;
        let marked = apply(&rules, &[row]);
        assert_eq!((marked.tags.len(), marked.kept.len()), (0, 1));
    }
}

#[test]
fn the_newest_of_what_is_marked_stay() {
    // The first is the youngest.
    assert_eq!(kept(2, KeepBy::Created, None, &["a", "b", "c", "d"]), ["c", "d"]);
    assert_eq!(kept(2, KeepBy::Name, None, &["b-9", "b-10", "b-2"]), ["b-2"]);
    assert_eq!(kept(0, KeepBy::Created, None, &["a"]), ["a"]);
    assert_eq!(kept(9, KeepBy::Created, None, &["a"]), [""; 0]);
}

#[test]
fn versions_stay_by_their_numbers_and_what_is_no_version_stays() {
    let tags = ["1.9.0", "1.10.0-rc.1", "latest", "1.10.0", "0.1"];
    assert_eq!(kept(2, KeepBy::Semver, None, &tags), ["1.9.0", "0.1"]);
}

#[test]
fn so_many_stay_of_each_release_line_or_captured_group() {
    let tags = ["1.1.0", "1.1.2", "1.1.10", "1.2.0", "2.0.0", "2.0.1"];
    assert_eq!(kept(1, KeepBy::Semver, Some("minor"), &tags), ["1.1.0", "1.1.2", "2.0.0"]);
    assert_eq!(kept(1, KeepBy::Semver, Some("major"), &tags), ["1.1.0", "1.1.2", "1.1.10", "2.0.0"]);
    let tags = ["api-3", "api-2", "web-9", "web-1", "other", "another"];
    assert_eq!(kept(1, KeepBy::Name, Some("^(api|web)-"), &tags), ["api-2", "web-1", "another"]);
}

#[test]
fn a_date_that_is_not_known_may_be_the_newest() {
    let rules =
        Rules { mark: filters(&["*"]), keep: Some(Keep { n: 1, by: KeepBy::Created, per: None }), ..Rules::default() };
    let tags = ["a", "b", "c", "d"].map(name);
    let mut rows: Vec<_> = tags.iter().map(|tag| aged(tag, 50)).collect();
    rows[0].row.created = Field::Absent;
    rows[1].row.created = Field::NotLoaded;
    let marked = apply(&rules, &rows);
    assert_eq!((texts(&marked.tags), texts(&marked.unknown)), (vec!["c"], vec!["b"]));
    let kept: Vec<_> = marked.kept.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(kept, ["a", "d"], "of two that are as old, the larger name stays");
}

#[test]
fn names_and_dangling_tags_are_marked_and_absent_names_told() {
    let rules = Rules {
        dangling: true,
        names: ["a", "gone"].map(name).into(),
        keep: Some(Keep { n: 1, by: KeepBy::Created, per: None }),
        ..Rules::default()
    };
    let tags = ["a", "b", "hollow"].map(name);
    let mut rows: Vec<_> = tags.iter().map(|tag| aged(tag, 50)).collect();
    rows[2].row.state = Some(RowState::Dangling);
    rows[2].row.created = Field::Absent;
    let marked = apply(&rules, &rows);
    assert_eq!((texts(&marked.tags), texts(&marked.absent)), (vec!["hollow"], vec!["gone"]));
    assert_eq!(marked.kept[0].0.as_str(), "a");
}

#[test]
fn a_filter_does_not_mark_the_signatures_of_an_image_that_is_there() {
    let (there, gone) = (Digest::of(b"there"), Digest::of(b"gone"));
    let sign = |digest: &Digest, suffix: &str| name(&format!("{}{suffix}", digest.to_string().replace(':', "-")));
    let tags = [name("app"), sign(&there, ".sig"), sign(&there, ""), sign(&gone, ".sig")];
    let mut rows: Vec<_> = tags.iter().map(|tag| aged(tag, 50)).collect();
    rows[0].row.digest = Some(&there);
    let rules = Rules { mark: filters(&["sha256-*"]), names: [tags[2].clone()].into(), ..Rules::default() };
    let marked = apply(&rules, &rows);
    assert_eq!(marked.tags, [tags[2].clone(), tags[3].clone()]);
    assert_eq!(marked.kept.len(), 1);
    assert!(marked.kept[0].1.as_str().starts_with("it belongs to the image "));
}

#[test]
fn a_group_needs_something_to_capture() {
    assert!(Per::parse("^(v)").is_ok());
    assert!(Per::parse("^v").unwrap_err().0.as_str().contains("major or minor"));
    assert!(Per::parse("(").unwrap_err().0.as_str().contains("not a regular expression"));
    assert_eq!(Per::parse("(a)"), Per::parse("(a)"));
    assert!(KeepBy::ALL.into_iter().all(|by| KeepBy::from_word(by.word()) == Some(by)));
}
