//! Which columns the list of repositories has: those that the system says something for, as far as there is room.

use crate::app::cache::{Telling, Told};
use crate::domain::text;
use crate::ui::pane::table::{Column, column};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Name,
    Tags,
    Images,
    Pulls,
    Stars,
    Access,
    InUse,
    Size,
    Newest,
    Pushed,
    Updated,
    Pulled,
    About,
}

/// Cells that a name needs to be told from others, before anything but the most important stands beside it.
const NAME: usize = 26;
/// Cells below which a description says nothing.
const ABOUT: usize = 20;

/// The columns of a list this wide, from left to right. `tags`: its repositories have tags here.
pub fn of(told: Told, tags: bool, width: usize) -> Vec<(Show, Column)> {
    let name = (Show::Name, column("REPOSITORY", 0, false, 0));
    if told.is_empty() && tags {
        return vec![
            name,
            (Show::Tags, column("TAGS", 9, true, 1)),
            (Show::Size, column("SIZE", 8, true, 3)),
            (Show::Newest, column("NEWEST", 6, true, 2)),
        ];
    }
    let has = |what| told.has(what);
    let dated = has(Telling::Pushed) || has(Telling::Updated);
    // What only the tags themselves tell, and has to be read from them.
    let read = tags && !dated;
    let all = [
        (tags || has(Telling::Tags), Show::Tags, column("TAGS", 6, true, 1)),
        (has(Telling::Images), Show::Images, column("IMAGES", 6, true, 5)),
        (has(Telling::Pulls), Show::Pulls, column("PULLS", 7, true, 3)),
        (has(Telling::Stars), Show::Stars, column("STARS", 6, true, 6)),
        (has(Telling::Public), Show::Access, column("ACCESS", 7, false, 4)),
        (has(Telling::InUse), Show::InUse, column("IN USE", 6, false, 2)),
        (read, Show::Size, column("SIZE", 8, true, 8)),
        (read, Show::Newest, column("NEWEST", 6, true, 2)),
        (has(Telling::Pushed), Show::Pushed, column("PUSHED", 6, true, 2)),
        (has(Telling::Updated) && !has(Telling::Pushed), Show::Updated, column("UPDATED", 7, true, 2)),
        (has(Telling::Pulled), Show::Pulled, column("PULLED", 6, true, 7)),
    ];
    let mut shown: Vec<_> = all.into_iter().filter(|(is, ..)| *is).map(|(_, show, column)| (show, column)).collect();
    let used = |shown: &[(Show, Column)]| shown.iter().map(|(_, column)| column.width + 1).sum::<usize>();
    while shown.len() > 1 && used(&shown) + NAME > width {
        let last = shown.iter().enumerate().max_by_key(|(_, (_, column))| column.rank).map(|(at, _)| at);
        shown.remove(last.unwrap_or_default());
    }
    let rest = width.saturating_sub(used(&shown) + 1);
    let about = rest.saturating_sub(rest.div_ceil(2).max(NAME) + 1);
    if has(Telling::Description) && about >= ABOUT {
        shown.push((Show::About, column("ABOUT", about, false, 9)));
    }
    shown.insert(0, name);
    shown
}

/// A number in six cells: exact as long as it fits.
pub fn number(n: u64) -> String {
    let exact = text::count(usize::try_from(n).unwrap_or(usize::MAX));
    if exact.len() <= 6 {
        return exact;
    }
    let units = [("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000)];
    for (unit, size) in units {
        let (whole, tenths) = (n / size, n % size * 10 / size);
        match whole {
            0..10 => return format!("{whole}.{tenths}{unit}"),
            10..1000 => return format!("{whole}{unit}"),
            _ => {}
        }
    }
    "many".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clean::Clean;
    use crate::domain::repository::RepoInfo;

    fn titles(told: Told, tags: bool, width: usize) -> Vec<&'static str> {
        of(told, tags, width).into_iter().map(|(_, column)| column.title).collect()
    }

    #[test]
    fn numbers_fit_their_column() {
        for (n, shown) in [
            (0, "0"),
            (99_999, "99,999"),
            (100_000, "100K"),
            (1_234_567, "1.2M"),
            (12_345_678, "12M"),
            (9_876_543_210, "9.8G"),
            (u64::MAX, "many"),
        ] {
            assert_eq!(number(n), shown);
        }
    }

    #[test]
    fn a_registry_that_says_nothing_has_the_columns_it_always_had() {
        assert_eq!(titles(Told::default(), true, 72), ["REPOSITORY", "TAGS", "SIZE", "NEWEST"]);
        assert_eq!(titles(Told::default(), false, 72), ["REPOSITORY"]);
    }

    #[test]
    fn columns_leave_one_after_the_other_as_it_gets_narrow() {
        let at = Some(jiff::Timestamp::UNIX_EPOCH);
        let mut told = Told::default();
        told.hear(&RepoInfo {
            description: Some(Clean::fixed("x")),
            stars: Some(1),
            pulls: Some(1),
            public: Some(true),
            pushed: at,
            pulled: at,
            updated: at,
            ..RepoInfo::default()
        });
        let all = ["REPOSITORY", "TAGS", "PULLS", "STARS", "ACCESS", "PUSHED", "PULLED"];
        assert_eq!(titles(told, true, 112), [&all[..], &["ABOUT"]].concat());
        assert_eq!(titles(told, true, 72), all);
        assert_eq!(titles(told, true, 54), ["REPOSITORY", "TAGS", "PULLS", "PUSHED"]);
        assert_eq!(titles(told, true, 34), ["REPOSITORY", "TAGS"]);
        // What is kept elsewhere has no tags to be counted, and nothing read of them.
        let mut external = Told::default();
        external.hear(&RepoInfo { in_use: Some(true), ..RepoInfo::default() });
        assert_eq!(titles(external, false, 72), ["REPOSITORY", "IN USE"]);
        assert_eq!(titles(external, true, 72), ["REPOSITORY", "TAGS", "IN USE", "SIZE", "NEWEST"]);
    }
}
