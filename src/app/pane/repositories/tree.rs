//! The list of repositories as a tree: path segments fold.
//!
//! A folder is a row number, too, so that cursor, scrolling and marks need not know of it: its depth and the first
//! repository inside it. Such a number says the same folder as long as the catalogue only grows.

use std::collections::{BTreeSet, HashMap};

use super::text;
use crate::app::cache::{RepoRow, Rows};
use crate::domain::order;

pub(super) const FOLDER: u32 = 1 << 31;
const DEPTH_AT: u32 = 26;
pub(super) const ROWS: u32 = (1 << DEPTH_AT) - 1;
/// Folders below this one are rows of their own.
const DEEPEST: u32 = 31;

#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub on: bool,
    /// Paths of the folders that are open.
    pub open: BTreeSet<String>,
    /// Groups of the list that are closed.
    pub closed: BTreeSet<String>,
}

/// The path of a folder's row; `None` for rows of the catalogue.
pub fn folder(rows: &Rows<RepoRow>, row: u32) -> Option<&str> {
    if row & FOLDER == 0 {
        return None;
    }
    let depth = (row >> DEPTH_AT) & DEEPEST;
    let name = text(rows.get((row & ROWS) as usize)?);
    let end = name.match_indices('/').nth(depth.checked_sub(1)? as usize)?.0;
    Some(&name[..end])
}

/// Whether a repository is in this folder, at whatever depth.
pub fn is_inside(row: &RepoRow, folder: &str) -> bool {
    text(row).strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// How many repositories each of the shown folders holds, by path.
pub fn counts<'a>(rows: &'a Rows<RepoRow>, shown: &[u32]) -> HashMap<&'a str, usize> {
    let mut counts: HashMap<&str, usize> = shown.iter().filter_map(|row| Some((folder(rows, *row)?, 0))).collect();
    if counts.is_empty() {
        return counts;
    }
    for row in rows {
        let name = text(row);
        for (at, _) in name.match_indices('/') {
            if let Some(count) = counts.get_mut(&name[..at]) {
                *count += 1;
            }
        }
    }
    counts
}

/// The rows of the tree, from the rows of the list.
pub fn fold(rows: &Rows<RepoRow>, tree: &Tree, shown: &[u32], reverse: bool) -> Vec<u32> {
    let mut out = Vec::new();
    level(rows, tree, shown, 0, reverse, &mut out);
    out
}

/// The folder a row is in.
pub fn parent<'a>(rows: &'a Rows<RepoRow>, row: u32) -> Option<&'a str> {
    let path: &'a str = match folder(rows, row) {
        Some(path) => path,
        None => text(rows.get(row as usize)?),
    };
    path.rsplit_once('/').map(|(parent, _)| parent)
}

/// One level: folders and repositories together, by name.
fn level(rows: &Rows<RepoRow>, tree: &Tree, shown: &[u32], depth: u32, reverse: bool, out: &mut Vec<u32>) {
    let mut leaves: Vec<(&str, u32)> = Vec::new();
    let mut folders: HashMap<&str, Vec<u32>> = HashMap::new();
    for row in shown {
        let Some(name) = rows.get(*row as usize).map(text) else { continue };
        let mut rest = name.splitn(depth as usize + 2, '/').skip(depth as usize);
        match (rest.next(), rest.next()) {
            (Some(segment), Some(_)) if depth < DEEPEST => folders.entry(segment).or_default().push(*row),
            (segment, _) => leaves.push((segment.unwrap_or(name), *row)),
        }
    }
    let mut entries: Vec<(&str, Option<Vec<u32>>, u32)> = leaves.into_iter().map(|(s, row)| (s, None, row)).collect();
    entries.extend(folders.into_iter().map(|(segment, inside)| {
        let first = inside.iter().min().copied().unwrap_or(0) & ROWS;
        (segment, Some(inside), FOLDER | ((depth + 1) << DEPTH_AT) | first)
    }));
    entries.sort_by(|a, b| {
        // Folders first; of the same name, too.
        let by_kind = a.1.is_none().cmp(&b.1.is_none());
        let by_name = order::compare(a.0, b.0);
        by_kind.then(if reverse { by_name.reverse() } else { by_name })
    });
    for (_, inside, row) in entries {
        out.push(row);
        if let Some(inside) = inside
            && folder(rows, row).is_some_and(|path| tree.open.contains(path))
        {
            level(rows, tree, &inside, depth + 1, reverse, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::cache::Row as _;
    use crate::domain::page::Listed;
    use crate::domain::reference::RepoName;

    fn catalog(names: &[&str]) -> Rows<RepoRow> {
        let mut rows = Rows::default();
        for name in names {
            rows.push(RepoRow::new(Listed::Valid(RepoName::parse(name).unwrap())));
        }
        rows
    }

    fn shown(catalog: &Rows<RepoRow>, open: &[&str]) -> Vec<String> {
        let tree = Tree { on: true, open: open.iter().map(|s| (*s).to_owned()).collect(), ..Tree::default() };
        let rows: Vec<u32> = (0..catalog.len() as u32).collect();
        let word = |row: &u32| match folder(catalog, *row) {
            Some(path) => format!("{path}/"),
            None => text(catalog.at(*row)).to_owned(),
        };
        fold(catalog, &tree, &rows, false).iter().map(word).collect()
    }

    #[test]
    fn folders_fold() {
        let catalog = catalog(&["team/api", "alpine", "team/web/ui", "team", "ci/lint", "team/web/edge"]);
        assert_eq!(shown(&catalog, &[]), ["ci/", "team/", "alpine", "team"]);
        assert_eq!(shown(&catalog, &["team"]), ["ci/", "team/", "team/web/", "team/api", "alpine", "team"]);
        assert_eq!(
            shown(&catalog, &["team", "team/web"]),
            ["ci/", "team/", "team/web/", "team/web/edge", "team/web/ui", "team/api", "alpine", "team"]
        );
        // Open, but inside a folder that is not.
        assert_eq!(shown(&catalog, &["team/web"]), shown(&catalog, &[]));
    }

    #[test]
    fn a_folder_keeps_its_number_while_names_arrive() {
        let few = catalog(&["a/b/c"]);
        let more = catalog(&["a/b/c", "a/a", "0/x"]);
        let tree = Tree::default();
        let [row] = fold(&few, &tree, &[0], false)[..] else { panic!("one folder") };
        assert!(fold(&more, &tree, &[0, 1, 2], false).contains(&row));
        assert_eq!((folder(&few, row), folder(&more, row)), (Some("a"), Some("a")));
    }

    #[test]
    fn counts_and_parents() {
        let catalog = catalog(&["a/b/c", "a/d", "e"]);
        let tree = Tree { on: true, open: ["a".to_owned()].into(), ..Tree::default() };
        let rows = fold(&catalog, &tree, &[0, 1, 2], false);
        let counts = counts(&catalog, &rows);
        assert_eq!((counts["a"], counts["a/b"]), (2, 1));
        let parents: Vec<_> = rows.iter().map(|row| parent(&catalog, *row)).collect();
        assert_eq!(parents, [None, Some("a"), Some("a"), None]);
        assert!(is_inside(catalog.at(0), "a") && !is_inside(catalog.at(2), "a"));
    }

    #[test]
    fn paths_deeper_than_a_number_holds_are_rows() {
        let name = ["d"; 60].join("/");
        let catalog = catalog(&[&name]);
        let open = (1..60).map(|n| ["d"; 60][..n].join("/")).collect();
        let rows = fold(&catalog, &Tree { on: true, open, ..Tree::default() }, &[0], false);
        assert_eq!(rows.len(), 32);
        assert_eq!(rows.last(), Some(&0));
    }
}
