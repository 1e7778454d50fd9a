//! The third pane: the tags of a repository.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::app::cache::{TagList, TagRow};
use crate::app::list::{Column, Sort};
use crate::app::pane::Pane;
use crate::domain::filter::{Field, Filter, Row, RowState, Verdict};
use crate::domain::order;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, TagName};
use crate::domain::tag::TagState;

pub const COLUMNS: &[Column] =
    &[Column::Name, Column::Digest, Column::Shared, Column::Age, Column::Size, Column::Platforms];

/// The text of a row: a valid name, or what the server sent instead of one.
pub fn text(row: &TagRow) -> &str {
    match &row.name {
        Listed::Valid(name) => name.as_str(),
        Listed::Invalid(clean) => clean.as_str(),
    }
}

/// The name of a row that can be acted on.
pub fn name(row: &TagRow) -> Option<&TagName> {
    match &row.name {
        Listed::Valid(name) => Some(name),
        Listed::Invalid(_) => None,
    }
}

/// The rows to show, and how many of them match only perhaps because a detail the filter needs is not known yet.
pub fn arrange(list: &TagList, pane: &Pane, now: jiff::Timestamp) -> Vec<u32> {
    let rows = &list.rows;
    let mut shown: Vec<u32> = (0..rows.len() as u32).filter(|n| wanted(list, &rows[*n as usize], pane, now)).collect();
    let Sort { column, reverse } = pane.list.sort;
    if column == Column::Name {
        shown.sort_by(|a, b| {
            let by_name = order::compare(text(&rows[*a as usize]), text(&rows[*b as usize]));
            if reverse { by_name.reverse() } else { by_name }
        });
        return shown;
    }
    shown.sort_by(|a, b| {
        let (a, b) = (&rows[*a as usize], &rows[*b as usize]);
        // Rows without details stay last, whichever way round.
        match (a.state.info(), b.state.info()) {
            (Some(x), Some(y)) => {
                let by_column = match column {
                    Column::Digest => x.digest.cmp(&y.digest),
                    Column::Shared => list.sharing(&x.digest).cmp(&list.sharing(&y.digest)),
                    Column::Age => y.created.cmp(&x.created),
                    Column::Size => x.size.cmp(&y.size),
                    Column::Platforms => x.platforms.cmp(&y.platforms),
                    _ => Ordering::Equal,
                };
                if reverse { by_column.reverse() } else { by_column }
            }
            (x, y) => y.is_some().cmp(&x.is_some()),
        }
        .then_with(|| order::compare(text(a), text(b)))
    });
    shown
}

fn wanted(list: &TagList, row: &TagRow, pane: &Pane, now: jiff::Timestamp) -> bool {
    if row.attached_to.is_some() && !pane.unfold && pane.list.filter.filter.is_none() {
        return false;
    }
    if pane.only_marked && !name(row).is_some_and(|n| pane.marks.contains(n)) {
        return false;
    }
    let Some(filter) = &pane.list.filter.filter else { return true };
    matches(list, row, filter, now) != Verdict::No
}

pub fn matches(list: &TagList, row: &TagRow, filter: &Filter, now: jiff::Timestamp) -> Verdict {
    let mut view = Row { name: text(row), ..Row::default() };
    match &row.state {
        TagState::NotAsked => {}
        TagState::Dangling => view.state = Some(RowState::Dangling),
        TagState::Failed(_) => view.state = Some(RowState::Error),
        TagState::Known(info) => {
            view.state = Some(RowState::Ok);
            view.created = info.created.map_or(Field::Absent, Field::Is);
            view.size = info.size.map_or(Field::Absent, Field::Is);
            view.digest = Some(&info.digest);
            view.platforms = Some(&info.platforms);
            view.shared = Some(list.sharing(&info.digest) as usize);
        }
    }
    filter.matches(&view, now)
}

/// The digests of the marked tags that are known.
pub fn marked_digests(list: &TagList, pane: &Pane) -> HashSet<Digest> {
    pane.marks.iter().filter_map(|name| Some(list.row(name)?.state.info()?.digest.clone())).collect()
}

/// What the foot of the list says of the marks: tags, digests, and other tags on those digests.
pub struct MarkCount {
    pub tags: usize,
    pub digests: usize,
    pub sharing: usize,
    /// Marked tags whose digest is not known yet.
    pub unread: usize,
    pub hidden: usize,
}

pub fn count_marks(list: &TagList, pane: &Pane) -> MarkCount {
    let digests = marked_digests(list, pane);
    let on_them: usize = digests.iter().map(|d| list.sharing(d) as usize).sum();
    let known = pane.marks.iter().filter(|n| list.row(n).is_some_and(|r| r.state.info().is_some())).count();
    let shown: HashSet<&TagName> = pane.list.shown.iter().filter_map(|n| name(list.rows.get(*n as usize)?)).collect();
    MarkCount {
        tags: pane.marks.len(),
        digests: digests.len(),
        sharing: on_them.saturating_sub(known),
        unread: pane.marks.iter().filter(|n| list.row(n).is_some_and(|r| r.state == TagState::NotAsked)).count(),
        hidden: pane.marks.iter().filter(|n| !shown.contains(n)).count(),
    }
}

/// The tags whose details to ask for next: those on screen first, then, when the sort or the filter needs all of
/// them, the rest in the order shown. Marks them as asked.
pub fn next_details(list: &mut TagList, pane: &Pane, all: bool, most: usize) -> Vec<TagName> {
    let mut wanted = Vec::new();
    let visible = pane.list.on_screen().iter();
    let ahead = pane.list.shown.iter().skip(pane.list.offset + pane.list.room).take(pane.list.room);
    let rest = pane.list.shown.iter().filter(|_| all);
    for position in visible.chain(ahead).chain(rest) {
        if wanted.len() >= most {
            break;
        }
        let Some(row) = list.rows.get_mut(*position as usize) else { continue };
        if row.asked || row.fresh {
            continue;
        }
        let Listed::Valid(tag) = &row.name else { continue };
        wanted.push(tag.clone());
        row.asked = true;
    }
    wanted
}
