//! Labels and notes of tags, for the commands that show or ask them.

use super::{Failure, Stop};
use crate::domain::label::Labels;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryProfile;
use crate::runtime::world::World;
use crate::store::state::StateStore;

pub(super) fn store(world: &World) -> Result<StateStore, Stop> {
    let opened = StateStore::open(world.places.state_dir.as_deref());
    Ok(opened.map_err(|error| Failure::internal(&error.to_string(), "Try --state-dir DIR."))?)
}

/// What holds in a repository.
pub(super) fn here(world: &World, profile: &RegistryProfile, repo: &RepoName) -> Result<Labels, Stop> {
    Ok(Labels::new(&world.config.labels, &store(world)?.labels(), &profile.url, repo))
}
