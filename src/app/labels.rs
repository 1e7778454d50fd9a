//! What an operator put on tags: by hand, and by rules.

use super::list::{Column, List};
use super::state::State;
use crate::domain::label::{Configured, Kept, Labels};
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

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
        Labels::new(&self.book.configured, &self.book.kept, &self.registry(id).profile.url, repo)
    }
}

/// Whether a list of tags can be arranged only when labels are known.
pub fn decide(list: &List) -> bool {
    list.sort.column == Column::Label || list.filter.filter.as_ref().is_some_and(|filter| filter.asks_labels())
}
