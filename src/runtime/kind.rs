//! What speaks at an address that a system named: asked without any credential.

use super::world::World;
use crate::app::msg::Event;
use crate::backend;
use crate::domain::registry::{CredentialPlace, RegistryProfile};

pub fn find(world: &World, profile: &RegistryProfile) -> impl Future<Output = Event> + Send + 'static {
    let profile = RegistryProfile { credential: CredentialPlace::None, ..profile.clone() };
    let context = world.context(&profile);
    async move { Event::Kind(backend::detect(&profile, &context).await.map_err(|error| error.report())) }
}
