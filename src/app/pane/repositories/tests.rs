//! How lists of repositories are put in order by what is said of them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::app::arrange::{Job, Source, View};
use crate::app::cache::{Catalog, Row as _, Told};
use crate::app::list::{Column, Sort};
use crate::app::pane::repositories;
use crate::domain::clean::Clean;
use crate::domain::filter::{Filter, Of};
use crate::domain::reference::RepoName;
use crate::domain::repository::RepoInfo;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn days_ago(days: i64) -> Option<Timestamp> {
    Some(NOW - SignedDuration::from_hours(24 * days))
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let mut tell = |name: &str, info: RepoInfo| catalog.tell(RepoName::parse(name).unwrap(), info.into());
    let labels = vec![Clean::fixed("prod"), Clean::fixed("GPU")];
    tell("a", RepoInfo { pulls: Some(7), public: Some(true), pulled: days_ago(40), labels, ..RepoInfo::default() });
    tell("b", RepoInfo { pulls: Some(1200), public: Some(false), tags: Some(3), ..RepoInfo::default() });
    let text = Some(Clean::fixed("A Database"));
    tell("c", RepoInfo { pulled: days_ago(2), tags: Some(90), description: text, ..RepoInfo::default() });
    tell("d", RepoInfo { favourite: Some(true), in_use: Some(false), ..RepoInfo::default() });
    catalog.pin(&RepoName::parse("e").unwrap());
    catalog
}

fn shown(filter: &str, column: Column, reverse: bool) -> String {
    let catalog = catalog();
    let filter = (!filter.is_empty()).then(|| Filter::of(Of::Repositories, filter).unwrap());
    let view = View::plain(Sort { column, reverse }, filter);
    let source = Source::Repositories(catalog.rows.clone());
    let arranged = Job { source, order: Arc::default(), view }.run();
    arranged.shown.iter().map(|at| catalog.rows.at(*at).text()).collect()
}

#[test]
fn what_is_said_is_sorted_by_and_what_is_not_said_comes_last() {
    for (column, up, down) in [
        (Column::Name, "deabc", "decba"),
        (Column::Pulls, "deabc", "debac"),
        (Column::Pulled, "decab", "deacb"),
        (Column::Public, "debac", "deabc"),
        (Column::Tags, "debca", "decba"),
        // Nobody says it of any.
        (Column::Stars, "deabc", "deabc"),
    ] {
        assert_eq!((shown("", column, false), shown("", column, true)), (up.to_owned(), down.to_owned()), "{column:?}");
    }
}

#[test]
fn what_is_said_is_filtered_by() {
    for (filter, found) in [
        ("pulls>100", "b"),
        ("pulls<=7", "a"),
        ("pulls>1,000", "b"),
        ("public:no", "b"),
        ("!public:no", "a"),
        ("used:no", "d"),
        ("pulled>30d", "a"),
        ("pulled<1w", "c"),
        ("about:data", "c"),
        ("label:gpu", "a"),
        ("is:favourite", "d"),
        // Of the pinned one, and of two others, nobody knows yet how many there are.
        ("tags>10", "deac"),
        ("!label:gpu", "debc"),
    ] {
        assert_eq!(shown(filter, Column::Name, false), found, "{filter}");
    }
}

#[test]
fn only_what_is_said_can_be_sorted_by() {
    let columns = repositories::columns(catalog().told);
    use Column::{InUse, Name, Public, Pulled, Pulls, Tags};
    assert_eq!(columns, [Name, Tags, Pulls, Pulled, Public, InUse]);
    assert_eq!(repositories::columns(Told::default()), [Name, Tags]);
}
