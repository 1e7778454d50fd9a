//! What an operator put on tags: by hand, and by rules.

use super::list::{Column, List};
use super::state::State;
use crate::domain::label::{Change, Configured, Favourite, Held, Kept, Labels};
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::text;

#[derive(Clone, Debug, Default)]
pub struct Book {
    /// By the config.
    pub configured: Configured,
    /// By whoever ran tagboat here.
    pub kept: Kept,
}

impl State {
    /// What holds in a repository.
    pub fn labels(&self, id: RegistryId, repo: &RepoName) -> Labels {
        Labels::new(&self.book.configured, &self.book.kept, &self.registry(id).profile.origin(), repo)
    }
}

/// Whether a list of tags can be arranged only when labels are known.
pub fn decide(list: &List) -> bool {
    list.sort.column == Column::Label || list.filter.filter.as_ref().is_some_and(|filter| filter.asks_labels())
}

/// What of a file is new here: changes of labels, and favourites.
pub fn merged(state: &State, held: &Held) -> (Vec<Change>, Vec<Favourite>) {
    let known = |one: &&Favourite| state.favourites.contains(&(one.registry.clone(), one.repository.clone()));
    (state.book.kept.merge(&held.0), held.1.iter().filter(|one| !known(one)).cloned().collect())
}

/// What changes do: `the label of 3 tags, 1 rule`.
pub fn words(changes: &[Change], favourites: usize) -> String {
    let count = |which: fn(&Change) -> bool| changes.iter().filter(|change| which(change)).count();
    let parts = [
        (count(|c| matches!(c, Change::Label { .. })), "the label of", "tag"),
        (count(|c| matches!(c, Change::Note { .. })), "the note of", "tag"),
        (count(|c| matches!(c, Change::Rule { .. })), "", "rule"),
        (count(|c| matches!(c, Change::Put(_) | Change::Rename { .. } | Change::Remove(_))), "", "label"),
        (favourites, "", "favourite"),
    ];
    let part = |(n, of, what): (usize, &str, &str)| {
        let plural = if n == 1 { "" } else { "s" };
        (n > 0).then(|| format!("{of} {} {what}{plural}", text::count(n)).trim_start().to_owned())
    };
    parts.into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
}
