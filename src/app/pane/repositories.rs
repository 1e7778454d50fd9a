//! The second pane: what a registry holds.

mod summary;
mod tree;

pub use summary::{Summary, summary};
pub use tree::{Tree, counts, folder, is_inside, parent};

use crate::app::arrange::{self, View};
use crate::app::cache::{RepoRow, Row as _, Rows, TagCount};
use crate::app::list::{Column, Sort};
use crate::app::pane::Pane;
use crate::domain::filter::{Row, Verdict};

pub const COLUMNS: &[Column] = &[Column::Name, Column::Tags];

/// The text of a row: a valid name, or what the server sent instead of one.
pub fn text(row: &RepoRow) -> &str {
    row.text()
}

/// Whether the rows are a tree now: what a filter lets through is a flat list, with names in full.
pub fn as_tree(pane: &Pane) -> bool {
    pane.tree.on && pane.list.filter.filter.is_none() && !pane.only_favourites
}

/// The rows to show: favourites first, then pinned ones, then by the sort. `order` is that of the names.
pub fn arrange(rows: &Rows<RepoRow>, order: &[u32], view: &View) -> Vec<u32> {
    let wanted = |row: &RepoRow| {
        if view.only_favourites && !row.favourite {
            return false;
        }
        let Some(filter) = &view.filter else { return true };
        filter.matches(&Row { name: row.text(), favourite: row.favourite, ..Row::default() }, view.now) != Verdict::No
    };
    let mut shown = arrange::wanted(rows, order, wanted);
    let Sort { column, reverse } = view.sort;
    if let Some(tree) = &view.tree {
        return tree::fold(rows, tree, &shown, reverse && column == Column::Name);
    }
    let count = |at: &u32| match rows.at(*at).tags {
        TagCount::Known(n) => Some(n),
        _ => None,
    };
    match column {
        // Unknown counts stay last, whichever way round. The sorts are stable, so names decide what is left.
        Column::Tags if reverse => shown.sort_by_key(|at| (count(at).is_none(), std::cmp::Reverse(count(at)))),
        Column::Tags => shown.sort_by_key(|at| (count(at).is_none(), count(at))),
        _ if reverse => shown.reverse(),
        _ => {}
    }
    shown.sort_by_key(|at| (!rows.at(*at).favourite, !rows.at(*at).pinned));
    shown
}
