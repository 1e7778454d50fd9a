//! Which tags are protected: by the config's patterns or by hand, and not where that was lifted.

use super::cache::{TagList, TagRow};
use super::pane::{Pane, Place, tags};
use super::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Confirm, Protection, Rules};
use crate::domain::filter::FilterError;
use crate::domain::label::Labels;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

/// What the config says of clean-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleanup {
    pub confirm: Confirm,
    /// Patterns for every registry.
    pub protect: Vec<String>,
    /// With their names.
    pub rules: Vec<(String, Rules)>,
    /// The config could not be read: what it protects is not known.
    pub unread: bool,
}

impl State {
    /// The patterns of the config that hold in a registry.
    fn patterns(&self, id: RegistryId) -> impl Iterator<Item = &str> {
        let own = &self.registry(id).profile.protect;
        self.cleanup.protect.iter().chain(own).map(String::as_str)
    }

    /// What a plan has to respect. The config was read strictly, so an error here is a fault; then nothing is planned.
    pub fn protection(&self, id: RegistryId, repo: &RepoName) -> Result<Protection, FilterError> {
        let guarded = self.guarded.get(&(id, repo.clone()));
        let by_hand: Vec<String> = guarded
            .into_iter()
            .flatten()
            // Of what a tag may consist of, only the dot means something in an expression.
            .map(|name| format!("~^{}$", name.as_str().replace('.', "\\.")))
            .collect();
        Protection::parse(self.patterns(id).chain(by_hand.iter().map(String::as_str)))
    }

    /// The pattern that protects a row, lifted or not.
    pub fn protected_by(&self, id: RegistryId, row: &TagRow, list: &TagList) -> Option<Clean> {
        let sharing = |info: &crate::domain::tag::DigestInfo| list.sharing(&info.digest);
        let pattern = match Protection::parse(self.patterns(id)) {
            Ok(protection) => {
                let Place::Tags(_, repo) = &self.pane().place else { return None };
                let labels = self.labels(id, repo);
                clean::line(protection.of(&tags::facts(row, sharing, &labels, self.now), self.now)?)
            }
            Err(error) => clean::line(&error.message),
        };
        Some(pattern)
    }
}

/// For the rows on screen, where patterns are parsed once for all of them.
pub struct Shield<'a> {
    state: &'a State,
    pane: &'a Pane,
    /// `None`: a pattern cannot be read, and everything counts as protected.
    patterns: Option<Protection>,
    labels: Labels,
    place: (RegistryId, RepoName),
}

impl<'a> Shield<'a> {
    pub fn new(state: &'a State, pane: &'a Pane) -> Option<Self> {
        let Place::Tags(id, repo) = &pane.place else { return None };
        let patterns = Protection::parse(state.patterns(*id)).ok();
        let labels = state.labels(*id, repo);
        Some(Self { state, pane, patterns, labels, place: (*id, repo.clone()) })
    }

    /// Whether a deletion would leave this row alone.
    pub fn covers(&self, row: &TagRow, list: &TagList) -> bool {
        let Some(name) = tags::name(row) else { return false };
        if self.state.guarded.get(&self.place).is_some_and(|guarded| guarded.contains(name)) {
            return true;
        }
        let Some(patterns) = &self.patterns else { return true };
        let sharing = |info: &crate::domain::tag::DigestInfo| list.sharing(&info.digest);
        let facts = tags::facts(row, sharing, &self.labels, self.state.now);
        !self.pane.lifted.contains(name) && patterns.of(&facts, self.state.now).is_some()
    }
}
