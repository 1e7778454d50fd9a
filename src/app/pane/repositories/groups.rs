//! Headings above the repositories of one group: Docker Cloud's entries live at several registries.
//!
//! A heading is a row number, too, as folders are: it has the first of the shown repositories below it.

use std::collections::{BTreeSet, HashMap};

use super::tree::{FOLDER, ROWS};
use crate::app::cache::{RepoRow, Rows};
use crate::domain::order;

/// The group of a heading's row; `None` for rows of the catalogue, and for folders.
pub fn heading(rows: &Rows<RepoRow>, row: u32) -> Option<&str> {
    if !is_heading(row) {
        return None;
    }
    of(rows.get((row & ROWS) as usize)?)
}

pub fn is_heading(row: u32) -> bool {
    row & !ROWS == FOLDER
}

/// The group a repository is in.
pub fn of(row: &RepoRow) -> Option<&str> {
    row.info.as_ref()?.group.as_ref().map(|group| group.as_str())
}

/// Those rows with a heading above each group; of closed groups only the heading. Groups come in the order of their
/// names, what is in none comes last, and within a group the order stays.
pub fn grouped(rows: &Rows<RepoRow>, shown: &[u32], closed: &BTreeSet<String>) -> Vec<u32> {
    let mut groups: HashMap<Option<&str>, Vec<u32>> = HashMap::new();
    for row in shown {
        groups.entry(of(rows.at(*row))).or_default().push(*row);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, _), (b, _)| {
        let names = order::compare(a.unwrap_or_default(), b.unwrap_or_default());
        a.is_none().cmp(&b.is_none()).then(names)
    });
    let mut out = Vec::with_capacity(shown.len() + groups.len());
    for (group, inside) in groups {
        if let Some(group) = group {
            let first = inside.iter().min().copied().unwrap_or(0) & ROWS;
            out.push(FOLDER | first);
            if closed.contains(group) {
                continue;
            }
        }
        out.extend(inside);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::cache::{Catalog, Row as _};
    use crate::domain::clean;
    use crate::domain::reference::RepoName;
    use crate::domain::repository::RepoInfo;

    fn catalog(entries: &[(&str, Option<&str>)]) -> Catalog {
        let mut catalog = Catalog::default();
        for (name, group) in entries {
            let info = RepoInfo { group: group.map(clean::line), ..RepoInfo::default() };
            catalog.tell(RepoName::parse(name).unwrap(), info.into());
        }
        catalog
    }

    fn words(catalog: &Catalog, closed: &[&str]) -> Vec<String> {
        let all: Vec<u32> = (0..catalog.rows.len() as u32).collect();
        let closed = closed.iter().map(|group| (*group).to_owned()).collect();
        let word = |row: &u32| match heading(&catalog.rows, *row) {
            Some(group) => format!("[{group}]"),
            None => catalog.rows.at(*row).text().to_owned(),
        };
        grouped(&catalog.rows, &all, &closed).iter().map(word).collect()
    }

    #[test]
    fn each_group_stands_below_its_heading() {
        let catalog = catalog(&[("x", None), ("b", Some("quay.io")), ("c", Some("gcr.io")), ("a", Some("quay.io"))]);
        assert_eq!(words(&catalog, &[]), ["[gcr.io]", "c", "[quay.io]", "b", "a", "x"]);
        assert_eq!(words(&catalog, &["quay.io", "other"]), ["[gcr.io]", "c", "[quay.io]", "x"]);
        let all = grouped(&catalog.rows, &[0, 1, 2, 3], &BTreeSet::new());
        assert!(all.iter().all(|row| super::super::folder(&catalog.rows, *row).is_none()), "no heading is a folder");
        assert_eq!(all.iter().filter(|row| is_heading(**row)).count(), 2);
    }
}
