//! The second pane: what a registry holds.

use crate::app::cache::{Catalog, RepoRow, TagCount};
use crate::app::list::{Column, Sort};
use crate::app::pane::Pane;
use crate::domain::filter::{Row, Verdict};
use crate::domain::order;
use crate::domain::page::Listed;

pub const COLUMNS: &[Column] = &[Column::Name, Column::Tags];

/// The text of a row: a valid name, or what the server sent instead of one.
pub fn text(row: &RepoRow) -> &str {
    match &row.name {
        Listed::Valid(name) => name.as_str(),
        Listed::Invalid(clean) => clean.as_str(),
    }
}

/// The rows to show: favourites first, then pinned ones, then by the sort.
pub fn arrange(catalog: &Catalog, pane: &Pane, now: jiff::Timestamp) -> Vec<u32> {
    let wanted = |row: &RepoRow| {
        if pane.only_favourites && !row.favourite {
            return false;
        }
        let Some(filter) = &pane.list.filter.filter else { return true };
        filter.matches(&Row { name: text(row), favourite: row.favourite, ..Row::default() }, now) != Verdict::No
    };
    let rows = &catalog.rows;
    let mut shown: Vec<u32> = (0..rows.len() as u32).filter(|n| wanted(&rows[*n as usize])).collect();
    let Sort { column, reverse } = pane.list.sort;
    shown.sort_by(|a, b| {
        let (a, b) = (&rows[*a as usize], &rows[*b as usize]);
        let count = |row: &RepoRow| match &row.tags {
            TagCount::Known(n) => Some(*n),
            _ => None,
        };
        let name = || order::compare(text(a), text(b));
        let by_column = match column {
            // Unknown counts stay last, whichever way round.
            Column::Tags => match (count(a), count(b)) {
                (Some(a), Some(b)) if reverse => b.cmp(&a).then_with(name),
                (Some(a), Some(b)) => a.cmp(&b).then_with(name),
                (a, b) => b.is_some().cmp(&a.is_some()).then_with(name),
            },
            _ if reverse => name().reverse(),
            _ => name(),
        };
        b.favourite.cmp(&a.favourite).then(b.pinned.cmp(&a.pinned)).then(by_column)
    });
    shown
}
