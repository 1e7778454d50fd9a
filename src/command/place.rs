//! Where a command that changes something works: the registry, whether it may be written to, where it is recorded.

use std::sync::Arc;

use super::{Failure, Io, Stop};
use crate::backend::Backend;
use crate::domain::cleanup::Protection;
use crate::domain::reference::{Reference, RepoName};
use crate::domain::registry::{Mode, RegistryProfile};
use crate::runtime::account::Watched;
use crate::runtime::world::World;
use crate::store::config::{parse_registry_argument, parse_target};
use crate::store::journal::Journals;

/// A connection that knows as whom it works.
pub(super) struct Opened {
    pub backend: Arc<dyn Backend>,
    watched: Arc<Watched>,
}

impl Opened {
    pub fn new(world: &World, profile: &RegistryProfile) -> Result<Self, Stop> {
        let source = Arc::new(world.credentials.source(profile));
        let watched = Arc::new(Watched::new(source, profile.host().to_owned()));
        let backend = world.open_as(profile, watched.clone())?;
        Ok(Self { backend, watched })
    }

    /// For the journal. Anonymous is none.
    pub fn account(&self) -> Option<String> {
        self.watched.account_now().filter(|name| !name.is_empty())
    }
}

pub(super) fn repository(world: &World, text: &str) -> Result<(RegistryProfile, RepoName), Stop> {
    match parse_target(text, &world.config)? {
        (profile, Some(repository), None) => Ok((profile, repository)),
        _ => Err(Failure::usage("a repository is wanted, without a tag", "Write REGISTRY/REPO.").into()),
    }
}

pub(super) fn image(world: &World, text: &str) -> Result<(RegistryProfile, RepoName, Option<Reference>), Stop> {
    match parse_target(text, &world.config)? {
        (profile, Some(repository), reference) => Ok((profile, repository, reference)),
        _ => Err(Failure::usage("an image is wanted", "Write REGISTRY/REPO[:TAG|@DIGEST].").into()),
    }
}

/// With the workspace that the system tells, where the config says none: what is kept or planned belongs to that one.
pub(super) async fn settled(profile: RegistryProfile, backend: &dyn Backend) -> Result<RegistryProfile, Stop> {
    if !profile.leaves_scope_open() {
        return Ok(profile);
    }
    let scope = backend.connect().await?.scope;
    Ok(profile.with_scope(scope.map(|scope| scope.id.clone())))
}

/// The registry that something was planned or done for: the one of that name if it still has that address, else the
/// address itself. What is done there must be done nowhere else (safety.md F6).
pub(super) fn of_origin(world: &World, name: &str, origin: &str) -> Result<RegistryProfile, Stop> {
    if let Some(profile) = world.config.registry(name) {
        // In another namespace or workspace than that of the config it is still there.
        let scope = origin.split_once('#').map(|(_, scope)| scope.to_owned());
        let there = profile.with_scope(scope);
        if there.origin() == origin {
            return Ok(there);
        }
        let message = format!("this is for {name} at {origin}, and {name} is at {} by now", profile.origin());
        return Err(Failure::refused(&message, "Nothing was sent. Plan again, or correct the config.").into());
    }
    if let Some(profile) = world.config.registries.iter().find(|profile| profile.origin() == origin) {
        return Ok(profile.clone());
    }
    let profile = parse_registry_argument(origin, &world.config)?;
    if profile.origin() != origin {
        let message = format!("this is for {origin}, which is {} here", profile.origin());
        return Err(Failure::refused(&message, "Nothing was sent. Plan again.").into());
    }
    Ok(profile)
}

/// Checked before anything leaves; the transport refuses as well.
pub(super) fn writable(world: &World, profile: &RegistryProfile) -> Result<(), Stop> {
    let why = if world.settings.read_only {
        "this run is read-only (--read-only)".to_owned()
    } else if profile.mode == Mode::ReadOnly {
        format!("the registry {} is read-only in the config (mode = \"ro\")", profile.name)
    } else {
        return Ok(());
    };
    Err(Failure::refused(&why, "Nothing was sent.").into())
}

pub(super) fn protection(world: &World, profile: &RegistryProfile) -> Result<Protection, Stop> {
    let patterns = profile.protect.iter().chain(&world.config.protect).map(String::as_str);
    Protection::parse(patterns).map_err(|error| {
        Failure::usage(&format!("a pattern of “protect” is wrong: {error}"), "Correct the config.").into()
    })
}

pub(super) fn is_production(profile: &RegistryProfile) -> bool {
    profile.env.as_deref().is_some_and(|env| env.eq_ignore_ascii_case("PROD"))
}

/// `None` where there is no place for them.
pub(super) fn journals(world: &World) -> Option<Journals> {
    world.places.state_dir.as_deref().map(|dir| Journals::new(dir, world.config.history))
}

/// What cannot be recorded is not done.
pub(super) fn record(world: &World) -> Result<Journals, Stop> {
    journals(world).ok_or_else(|| {
        Failure::refused(
            "there is no place to record what is done, so nothing is done",
            "Set HOME, or use --state-dir DIR.",
        )
        .into()
    })
}

/// What somebody types at the terminal; `None` where nobody is there.
pub(super) async fn typed(question: &str, io: &mut Io<'_>) -> Result<Option<String>, Stop> {
    use std::io::IsTerminal as _;
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    io.out.flush()?;
    let stop = io.stop.clone();
    tokio::select! {
        line = super::prompt::line(question) => Ok(Some(line?)),
        () = stop.cancelled() => Ok(None),
    }
}

/// Asks at the terminal. A script says yes beforehand.
pub(super) async fn agreed(yes: bool, question: &str, io: &mut Io<'_>) -> Result<(), Stop> {
    use std::io::IsTerminal as _;
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let message = format!("nobody is there to answer: {question}");
        return Err(Failure::refused(&message, "Nothing was sent. --yes answers it in scripts.").into());
    }
    io.out.flush()?;
    let stop = io.stop.clone();
    let answer = tokio::select! {
        answer = super::prompt::yes(question) => answer?,
        () = stop.cancelled() => false,
    };
    if answer { Ok(()) } else { Err(Failure::refused("not confirmed", "Nothing was sent.").into()) }
}
