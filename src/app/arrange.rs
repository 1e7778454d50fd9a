//! Which rows are shown, and in which order: a pure function over a snapshot. Short lists are arranged at once; long ones
//! on another thread, and the answer carries the ticket of the question.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::cache::{Kept, RepoRow, Row, Rows, TagRow};
use super::list::Sort;
use super::pane::{repositories, tags};
use crate::domain::clean::Clean;
use crate::domain::filter::Filter;
use crate::domain::label::Labels;
use crate::domain::order;
use crate::domain::reference::{RepoName, TagName};

/// Which arrangement an answer belongs to. One that is not the pane's newest is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub u64);

/// What the user wants to see of a list.
#[derive(Clone, Debug)]
pub struct View {
    pub sort: Sort,
    pub filter: Option<Filter>,
    /// Only these.
    pub marked: Option<BTreeSet<TagName>>,
    /// Only these, of repositories.
    pub repos: Option<BTreeSet<RepoName>>,
    pub only_favourites: bool,
    /// Only repositories that live at this registry.
    pub group: Option<Clean>,
    /// Repositories as a tree.
    pub tree: Option<repositories::Tree>,
    /// Repositories below the headings of their groups; which of them are closed.
    pub groups: Option<BTreeSet<String>>,
    /// Tags that belong to an image are rows of their own.
    pub unfold: bool,
    /// What the operator put on tags.
    pub labels: Labels,
    /// What the system keeps of tags.
    pub kept: Arc<Kept>,
    pub now: Timestamp,
}

#[cfg(test)]
impl View {
    /// Everything that the filter leaves, one row each.
    pub fn plain(sort: Sort, filter: Option<Filter>) -> Self {
        Self {
            sort,
            filter,
            marked: None,
            repos: None,
            only_favourites: false,
            group: None,
            tree: None,
            groups: None,
            unfold: false,
            labels: Labels::default(),
            kept: Arc::default(),
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Source {
    Repositories(Rows<RepoRow>),
    Tags(Rows<TagRow>),
}

#[derive(Clone, Debug)]
pub struct Job {
    pub source: Source,
    /// The first rows, in the order of their names.
    pub order: Arc<Vec<u32>>,
    pub view: View,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arranged {
    pub shown: Vec<u32>,
    /// All rows in the order of their names, for the next time.
    pub order: Arc<Vec<u32>>,
}

impl Job {
    pub fn run(self) -> Arranged {
        match &self.source {
            Source::Repositories(rows) => {
                let order = by_name(rows, self.order);
                Arranged { shown: repositories::arrange(rows, &order, &self.view), order }
            }
            Source::Tags(rows) => {
                let order = by_name(rows, self.order);
                Arranged { shown: tags::arrange(rows, &order, &self.view), order }
            }
        }
    }
}

/// All rows in the order of their names, where `known` is that order of the first ones. The key of a name costs more
/// than finding its place, so only the new names get one, and those they are compared with.
fn by_name<R: Row>(rows: &Rows<R>, known: Arc<Vec<u32>>) -> Arc<Vec<u32>> {
    if known.len() == rows.len() {
        return known;
    }
    let new = known.len()..rows.len();
    let many = new.len() * 8 > known.len();
    let first = if many { 0 } else { new.start };
    let mut keyed: Vec<_> = (first..new.end).map(|at| (order::key(rows.at(at as u32).text()), at as u32)).collect();
    keyed.sort_unstable();
    if many {
        return Arc::new(keyed.into_iter().map(|(_, at)| at).collect());
    }
    let mut merged = Vec::with_capacity(rows.len());
    let mut rest = &known[..];
    for (key, at) in keyed {
        let smaller = rest.partition_point(|old| order::key(rows.at(*old).text()) < key);
        merged.extend_from_slice(&rest[..smaller]);
        merged.push(at);
        rest = &rest[smaller..];
    }
    merged.extend_from_slice(rest);
    Arc::new(merged)
}

/// The rows for which `wanted` holds, in the order of their names. Rows are asked in the order in which they lie in
/// memory: over a million of them that is several times faster than in any other.
pub fn wanted<R: Row>(rows: &Rows<R>, order: &[u32], wanted: impl Fn(&R) -> bool) -> Vec<u32> {
    let bits: Vec<bool> = rows.iter().map(wanted).collect();
    order.iter().copied().filter(|at| bits[*at as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::list::Column;
    use crate::domain::filter::Of;
    use crate::domain::page::Listed;

    fn rows(names: &[String]) -> Rows<TagRow> {
        let mut rows = Rows::default();
        for name in names {
            rows.push(TagRow::new(Listed::Valid(TagName::parse(name).unwrap())));
        }
        rows
    }

    fn only(filter: &str) -> View {
        View::plain(Sort::default(), Some(Filter::parse(filter).unwrap()))
    }

    fn texts(rows: &Rows<TagRow>, shown: &[u32]) -> Vec<String> {
        shown.iter().map(|at| rows.at(*at).text().to_owned()).collect()
    }

    #[test]
    fn what_is_sorted_stays_sorted_however_the_rest_arrives() {
        let names: Vec<String> = (0..997_u32).map(|n| format!("v1.{}.{}", n * 7919 % 31, n * 104_729 % 997)).collect();
        let mut expected = names.clone();
        order::sort_by_name(&mut expected, |name| name);
        for steps in [vec![997], vec![1, 997], vec![900, 901, 950, 997], vec![10, 600, 997]] {
            let mut order = Arc::default();
            for until in steps {
                order = by_name(&rows(&names[..until]), order);
                assert_eq!(order.len(), until);
            }
            assert_eq!(texts(&rows(&names), &order), expected);
        }
    }

    #[test]
    fn a_filter_keeps_the_order() {
        let names: Vec<String> = (0..5_000_u32).map(|n| format!("build-{}", n * 3571 % 5_000)).collect();
        let rows = rows(&names);
        let job = Job { source: Source::Tags(rows.clone()), order: Arc::default(), view: only("99") };
        let arranged = job.run();
        assert_eq!(arranged.order.len(), 5_000);
        let texts = texts(&rows, &arranged.shown);
        assert_eq!((texts.len(), texts[0].as_str(), texts[1].as_str()), (95, "build-99", "build-199"));
        let mut backwards = only("99");
        backwards.sort.reverse = true;
        let job = Job { source: Source::Tags(rows), order: arranged.order, view: backwards };
        assert!(job.run().shown.iter().eq(arranged.shown.iter().rev()));
    }

    #[test]
    fn rows_without_details_come_last_in_the_order_of_their_names() {
        let rows = rows(&["b".to_owned(), "a".to_owned()]);
        for reverse in [false, true] {
            let mut view = View::plain(Sort::default(), None);
            view.sort = Sort { column: Column::Size, reverse };
            let arranged = Job { source: Source::Tags(rows.clone()), order: Arc::default(), view }.run();
            assert_eq!(arranged.shown, [1, 0]);
        }
    }

    #[test]
    fn tags_are_sorted_and_filtered_by_what_the_system_keeps_of_them() {
        use crate::domain::clean;
        use crate::domain::colour::Colour;
        use crate::domain::repository::TagFacts;
        let facts = |colour: &str, pushed: Option<i64>| TagFacts {
            colour_text: Some(clean::line(colour)),
            colour: Colour::parse(colour),
            pushed: pushed.map(|second| Timestamp::from_second(second).unwrap()),
            ..TagFacts::default()
        };
        let all = [
            ("a", facts("#2E86C1", Some(1))),
            ("b", facts("#C0392B", None)),
            ("c", facts("#2E86C0", Some(3))),
            ("d", facts("", Some(2))),
        ];
        let rows = rows(&["a", "b", "c", "d", "e"].map(str::to_owned));
        let kept: Kept = all.into_iter().map(|(tag, kept)| (TagName::parse(tag).unwrap(), kept.into())).collect();
        let kept = Arc::new(kept);
        let shown = |column, reverse, filter: &str| {
            let filter = Filter::of(Of::Tags, filter).ok().filter(|filter| !filter.is_empty());
            let view = View { kept: Arc::clone(&kept), ..View::plain(Sort { column, reverse }, filter) };
            let job = Job { source: Source::Tags(rows.clone()), order: Arc::default(), view };
            texts(&rows, &job.run().shown).concat()
        };
        // The latest first; what is not told stays last, whichever way round.
        assert_eq!(
            (shown(Column::Pushed, false, ""), shown(Column::Pushed, true, "")),
            ("cdabe".into(), "adcbe".into())
        );
        assert_eq!(shown(Column::Pulled, false, ""), "abcde");
        // What looks alike is together; a tag without a colour is last.
        assert_eq!(
            (shown(Column::Colour, false, ""), shown(Column::Colour, true, "")),
            ("bcade".into(), "acbde".into())
        );
        assert_eq!(
            (shown(Column::Name, false, "colour:red"), shown(Column::Pushed, false, "colour:#2e")),
            ("b".into(), "ca".into())
        );
    }
}
