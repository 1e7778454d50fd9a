//! The second pane: what a registry holds.

mod groups;
mod summary;
mod tree;

pub use groups::{heading, is_heading, of as group};
pub use summary::{Summary, summary};
pub use tree::{Tree, counts, folder, is_inside, parent};

use crate::app::arrange::{self, View};
use crate::app::cache::{Catalog, RepoRow, Row as _, Rows, TagCount, Telling, Told};
use crate::app::list::{Column, Sort};
use crate::app::pane::Pane;
use crate::app::state::State;
use crate::domain::filter::{Field, Filter, Row, Verdict};
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::repository::{Elsewhere, RepoInfo};

/// What the list can be sorted by: names, the number of tags, and what the system says.
pub fn columns(told: Told) -> Vec<Column> {
    let said = [
        (Telling::Images, Column::Images),
        (Telling::Stars, Column::Stars),
        (Telling::Pulls, Column::Pulls),
        (Telling::Pushes, Column::Pushes),
        (Telling::Updated, Column::Updated),
        (Telling::Pushed, Column::Pushed),
        (Telling::Pulled, Column::Pulled),
        (Telling::Public, Column::Public),
        (Telling::InUse, Column::InUse),
    ];
    let said = said.into_iter().filter(|(what, _)| told.has(*what)).map(|(_, column)| column);
    [Column::Name, Column::Tags].into_iter().chain(said).collect()
}

/// The text of a row: a valid name, or what the server sent instead of one.
pub fn text(row: &RepoRow) -> &str {
    row.text()
}

pub fn name(row: &RepoRow) -> Option<&RepoName> {
    match &row.name {
        Listed::Valid(name) => Some(name),
        Listed::Invalid(_) => None,
    }
}

/// As docker is told to pull it: from where its images are, which some systems only know of.
pub fn reference(state: &State, id: RegistryId, repo: &RepoName) -> String {
    let row = state.cache.catalogs.get(&id).and_then(|catalog| catalog.named(repo.as_str()));
    let there = row.and_then(|row| row.info.as_ref()?.elsewhere.as_ref());
    there.map_or_else(|| format!("{}/{repo}", state.registry(id).profile.host()), Elsewhere::reference)
}

/// Whether a row is known to be meant by a filter: what is not read yet may turn out to be something else.
pub fn surely_matches(row: &RepoRow, filter: &Filter, now: jiff::Timestamp) -> bool {
    filter.matches(&facts(row), now) == Verdict::Yes
}

/// How many are marked, and how many of these are not among the rows shown.
pub fn count_marks(catalog: &Catalog, pane: &Pane) -> (usize, usize) {
    if pane.repos.is_empty() {
        return (0, 0);
    }
    let shown = pane.list.shown.iter().filter_map(|row| name(catalog.rows.get(*row as usize)?));
    let seen = shown.filter(|name| pane.repos.contains(*name)).count();
    (pane.repos.len(), pane.repos.len() - seen)
}

/// Whether the rows are a tree now: what a filter lets through is a flat list, with names in full.
pub fn as_tree(pane: &Pane) -> bool {
    let all = pane.group.is_none() && !pane.only_favourites && !pane.only_marked;
    pane.tree.on && all && pane.list.filter.filter.is_none()
}

/// Whether headings of groups stand among the rows. Above one group alone the title is its heading.
pub fn has_headings(catalog: &Catalog, pane: &Pane) -> bool {
    catalog.told.has(Telling::Group) && pane.group.is_none() && !as_tree(pane)
}

/// The rows to show: favourites first, then pinned ones, then by the sort. `order` is that of the names.
pub fn arrange(rows: &Rows<RepoRow>, order: &[u32], view: &View) -> Vec<u32> {
    let wanted = |row: &RepoRow| {
        if view.only_favourites && !row.favourite {
            return false;
        }
        if view.group.is_some() && view.group != row.info.as_ref().and_then(|info| info.group.clone()) {
            return false;
        }
        if let Some(marked) = &view.repos
            && !name(row).is_some_and(|name| marked.contains(name))
        {
            return false;
        }
        let Some(filter) = &view.filter else { return true };
        filter.matches(&facts(row), view.now) != Verdict::No
    };
    let mut shown = arrange::wanted(rows, order, wanted);
    let Sort { column, reverse } = view.sort;
    if let Some(tree) = &view.tree {
        return tree::fold(rows, tree, &shown, reverse && column == Column::Name);
    }
    match column {
        Column::Name if reverse => shown.reverse(),
        Column::Name => {}
        // What is not known stays last, whichever way round. The sorts are stable, so names decide what is left.
        _ => {
            let value = |at: &u32| value(rows.at(*at), column);
            if reverse {
                shown.sort_by_key(|at| (value(at).is_none(), std::cmp::Reverse(value(at))));
            } else {
                shown.sort_by_key(|at| (value(at).is_none(), value(at)));
            }
        }
    }
    shown.sort_by_key(|at| (!rows.at(*at).favourite, !rows.at(*at).pinned));
    match &view.groups {
        Some(closed) => groups::grouped(rows, &shown, closed),
        None => shown,
    }
}

/// What a sort compares: more comes later, and what happened longer ago; what is private or used before what is not.
fn value(row: &RepoRow, column: Column) -> Option<i64> {
    let of = |part: fn(&RepoInfo) -> Option<u64>| {
        let count = row.info.as_deref().and_then(part)?;
        Some(i64::try_from(count).unwrap_or(i64::MAX))
    };
    let ago = |part: fn(&RepoInfo) -> Option<jiff::Timestamp>| Some(-row.info.as_deref().and_then(part)?.as_second());
    match column {
        Column::Tags => match row.tags {
            TagCount::Known(n) => Some(n as i64),
            _ => None,
        },
        Column::Images => of(|info| info.images),
        Column::Stars => of(|info| info.stars),
        Column::Pulls => of(|info| info.pulls),
        Column::Pushes => of(|info| info.pushes),
        Column::Updated => ago(|info| info.updated),
        Column::Pushed => ago(|info| info.pushed),
        Column::Pulled => ago(|info| info.pulled),
        Column::Public => of(|info| info.public.map(u64::from)),
        Column::InUse => of(|info| info.in_use.map(|used| u64::from(!used))),
        _ => None,
    }
}

/// What filters see of a row.
fn facts(row: &RepoRow) -> Row<'_> {
    let tags = match row.tags {
        TagCount::Known(n) => Field::Is(n as u64),
        TagCount::NotAsked | TagCount::Asked => Field::NotLoaded,
        TagCount::Failed(_) => Field::Absent,
    };
    let info = row.info.as_deref();
    let created = info.and_then(|info| info.created).map_or(Field::Absent, Field::Is);
    Row { name: row.text(), favourite: row.favourite, tags, created, info, label: Field::Absent, ..Row::default() }
}

#[cfg(test)]
mod tests;
