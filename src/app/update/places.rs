//! Where `-` goes, also from one run to the next.

use crate::app::pane::Place;
use crate::app::state::State;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;

/// A place in words that hold in the next run, too: names instead of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub registry: String,
    pub repository: Option<String>,
    /// A tag or a digest.
    pub reference: Option<String>,
}

/// The place to go back to in the next run: the one on screen, or the last one when that is the list of registries.
pub fn last_place(state: &State) -> Option<Remembered> {
    let shown = state.panes.iter().rev().map(|pane| &pane.place).find(|place| place.is_content())?;
    let place = match (shown, &state.last_place) {
        (Place::Registries, Some(places)) => places.iter().rev().find(|place| place.is_content())?,
        (place, _) => place,
    };
    let name = |id: &RegistryId| state.registry(*id).profile.kept_as();
    let (registry, repository, reference) = match place {
        Place::Registries | Place::Jobs | Place::History => return None,
        Place::Repositories(id) => (name(id), None, None),
        Place::Tags(id, repo) => (name(id), Some(repo), None),
        Place::Image(id, repo, reference) => (name(id), Some(repo), Some(reference)),
    };
    let text = |reference: &Reference| match reference {
        Reference::Tag(tag) => tag.to_string(),
        Reference::Digest(digest) => digest.to_string(),
    };
    Some(Remembered { registry, repository: repository.map(ToString::to_string), reference: reference.map(text) })
}

/// Makes the last run's place the one that `-` goes to, if its registry is still known.
pub fn from_last_run(state: &mut State, last: &Remembered) {
    let named = |n: &usize| state.registries[*n].profile.kept_as() == last.registry;
    let Some(id) = (0..state.registries.len()).find(named).map(|n| RegistryId(n as u32)) else { return };
    let mut places = vec![Place::Registries, Place::Repositories(id)];
    if let Some(repo) = last.repository.as_deref().and_then(|text| RepoName::loose(text).ok()) {
        places.push(Place::Tags(id, repo.clone()));
        let reference = last.reference.as_deref().and_then(|text| {
            let digest = Digest::parse(text).ok().map(Reference::Digest);
            digest.or_else(|| TagName::parse(text).ok().map(Reference::Tag))
        });
        places.extend(reference.map(|reference| Place::Image(id, repo, reference)));
    }
    state.last_place = Some(places);
}
