//! `tagboat tag` and `tagboat copy`: another tag on an image, here or elsewhere, with the digest it has.

mod say;

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{DONE, Failure, Io, Outcome, Stop, heard, place};
use crate::cli::cleanup::{Copy as CopyArgs, Tag as TagArgs};
use crate::domain::outcome::Outcome as Ending;
use crate::domain::reference::{Reference, RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::transfer::{Consent, Painting, Spot, Transfer, Way};
use crate::runtime::batch;
use crate::runtime::copy::{Copy, Finished, Wanted, prepare};
use crate::runtime::world::World;
use crate::store::config::parse_target;

/// Events on their way; what is lost of them is said by the next one.
const EVENTS: usize = 16;

/// What both commands come down to.
struct Asked<'a> {
    from: (RegistryProfile, RepoName, Reference),
    to: (RegistryProfile, RepoName, TagName),
    referrers: bool,
    yes: bool,
    confirm: Option<&'a str>,
    dry_run: bool,
}

pub(super) async fn tag(world: &World, asked: &TagArgs, io: &mut Io<'_>) -> Outcome {
    let from = source(world, &asked.source)?;
    let (profile, repository, _) = &from;
    let new = new_tag(world, &asked.new, profile, repository)?;
    let to = (profile.clone(), repository.clone(), new);
    let confirm = asked.consent.confirm.as_deref();
    let (yes, dry_run) = (asked.consent.yes, asked.consent.dry_run);
    perform(world, &Asked { from, to, referrers: false, yes, confirm, dry_run }, io).await
}

pub(super) async fn copy(world: &World, asked: &CopyArgs, io: &mut Io<'_>) -> Outcome {
    let from = source(world, &asked.source)?;
    let to = target(world, &asked.target, &from)?;
    let confirm = asked.consent.confirm.as_deref();
    let (yes, dry_run) = (asked.consent.yes, asked.consent.dry_run);
    perform(world, &Asked { from, to, referrers: asked.referrers, yes, confirm, dry_run }, io).await
}

fn source(world: &World, text: &str) -> Result<(RegistryProfile, RepoName, Reference), Stop> {
    match place::image(world, text)? {
        (profile, repository, Some(reference)) => Ok((profile, repository, reference)),
        _ => Err(Failure::usage("which image is not said", "Write REGISTRY/REPO:TAG or REGISTRY/REPO@DIGEST.").into()),
    }
}

/// A name; a whole reference only where it says the same repository.
fn new_tag(world: &World, text: &str, profile: &RegistryProfile, repository: &RepoName) -> Result<TagName, Stop> {
    if text.contains(['/', '@']) {
        let (there, path, reference) = place::image(world, text)?;
        return match reference {
            Some(Reference::Tag(tag)) if there.origin() == profile.origin() && path == *repository => Ok(tag),
            _ => {
                let hint = "Write its name alone; `tagboat copy` brings an image elsewhere.";
                Err(Failure::usage("the new tag is in the same repository", hint).into())
            }
        };
    }
    TagName::parse(text).map_err(|error| Failure::usage(&error.to_string(), "Write the new tag's name.").into())
}

/// What is left out is as it is at the source.
fn target(
    world: &World,
    text: &str,
    (_, repository, reference): &(RegistryProfile, RepoName, Reference),
) -> Result<(RegistryProfile, RepoName, TagName), Stop> {
    let (profile, path, wanted) = parse_target(text, &world.config)?;
    let tag = match (wanted, reference) {
        (Some(Reference::Tag(tag)), _) => tag,
        (None, Reference::Tag(tag)) => tag.clone(),
        (Some(Reference::Digest(_)), _) => {
            let hint = "Write REGISTRY/REPO:TAG; the digest is the same there anyway.";
            return Err(Failure::usage("the target is a tag", hint).into());
        }
        (None, Reference::Digest(_)) => {
            let hint = "Write REGISTRY/REPO:TAG; the source has no tag to go by.";
            return Err(Failure::usage("the target's tag is not said", hint).into());
        }
    };
    Ok((profile, path.unwrap_or_else(|| repository.clone()), tag))
}

async fn perform(world: &World, asked: &Asked<'_>, io: &mut Io<'_>) -> Outcome {
    let (profile, repository, tag) = &asked.to;
    if !asked.dry_run {
        place::writable(world, profile)?;
    }
    let from = place::Opened::new(world, &asked.from.0)?;
    // One connection, one sign-in.
    let other = if asked.from.0 == *profile { None } else { Some(place::Opened::new(world, profile)?) };
    let to = other.as_ref().unwrap_or(&from);
    let source = place::settled(asked.from.0.clone(), &*from.backend).await?;
    let profile = &place::settled(profile.clone(), &*to.backend).await?;
    let spot = |profile: &RegistryProfile, repo: &RepoName| Spot {
        registry: profile.name.clone(),
        origin: profile.origin(),
        repo: repo.clone(),
    };
    let wanted = Wanted {
        from: spot(&source, &asked.from.1),
        source: asked.from.2.clone(),
        to: spot(profile, repository),
        tag: tag.clone(),
        referrers: asked.referrers,
        colour: Painting::AsItIs,
        protection: place::protection(world, profile)?,
    };
    let transfer = prepare(&*from.backend, &*to.backend, &wanted).await?;
    for warning in &transfer.warnings {
        io.note(warning.as_str());
    }
    // Of an image elsewhere a tag on the right digest does not show that all of it is there; its pieces are looked at.
    if asked.dry_run || (transfer.is_done() && transfer.way == Way::Tag) {
        let how = if transfer.is_done() { "there already" } else { "nothing was sent" };
        say::done(&transfer, None, how, io)?;
        return Ok(DONE);
    }
    agreed(&transfer, asked, io).await?;
    let journals = place::record(world)?;
    let (events, mut told) = mpsc::channel(EVENTS);
    let transfer = Arc::new(transfer);
    let copy = Copy {
        from: from.backend.clone(),
        to: to.backend.clone(),
        origins: (source.origin(), profile.origin()),
        account: to.account(),
        transfer: Arc::clone(&transfer),
        journals,
        events,
        stop: io.stop.clone(),
    };
    let watching = async {
        let mut watched = say::Watched::new(&transfer);
        while let Some(event) = told.recv().await {
            watched.tell(event, io);
        }
    };
    let (finished, ()) = tokio::join!(copy.run(), watching);
    io.clear();
    for one in [Some(&from), other.as_ref()].into_iter().flatten() {
        heard(&*one.backend, io);
    }
    ended(&transfer, finished, world.config.history.enabled, io)
}

/// What is taken away is agreed to; by its name where the config says that it matters (ux.md §8).
async fn agreed(transfer: &Transfer, asked: &Asked<'_>, io: &mut Io<'_>) -> Result<(), Stop> {
    let (Some(wanted), Some(was)) = (transfer.wanted(), transfer.replaces()) else { return Ok(()) };
    let (tag, to) = (&wanted.tag, &transfer.to);
    let moved = format!("{tag} points at {} and would be moved to {}", was.short(), wanted.digest.short());
    match transfer.consent(place::is_production(&asked.to.0)) {
        Consent::Free => Ok(()),
        Consent::Yes => place::agreed(asked.yes, &format!("{moved}. Move it?"), io).await,
        Consent::Name => {
            let why = match &transfer.protected {
                Some(pattern) => format!("{tag} is protected by “{pattern}”"),
                None => format!("{} is marked PROD", to.registry),
            };
            let typed = match asked.confirm {
                Some(typed) => Some(typed.to_owned()),
                None => place::typed(&format!("{moved}; {why}. Type {} to move it: ", to.repo), io).await?,
            };
            if typed.as_deref() == Some(to.repo.as_str()) {
                return Ok(());
            }
            let hint = format!("Nothing was sent. --confirm {} moves it all the same.", to.repo);
            Err(Failure::refused(&format!("{moved}, and {why}"), &hint).into())
        }
    }
}

fn ended(transfer: &Transfer, finished: Finished, history: bool, io: &mut Io<'_>) -> Outcome {
    let Finished { report, error } = finished;
    for said in &report.said {
        io.note(said.as_str());
    }
    let Some(stop) = &report.stopped else {
        let how = if say::changed(&report) { "done" } else { "there already" };
        say::done(transfer, Some((&report, history)), how, io)?;
        return Ok(DONE);
    };
    if let Some(error) = error {
        return Err(error.into());
    }
    let tag = transfer.wanted().map(|wanted| wanted.tag.to_string()).unwrap_or_default();
    let why = report.items.last().and_then(|ended| ended.why.clone()).unwrap_or_else(|| stop.why());
    let last = report.items.last().map(|ended| ended.outcome);
    let failure = match (stop, last) {
        (batch::Stop::Cancelled, _) => {
            let message = format!("stopped; {tag} was not set");
            let hint = "What has been brought is there and is not brought again: begin anew to go on.";
            Failure { code: super::PARTLY, kind: "cancelled", ..Failure::refused(&message, hint) }
        }
        (batch::Stop::Journal(why), _) => Failure::internal(why.as_str(), "Make room, then try again."),
        (batch::Stop::Plan(why), _) => Failure::refused(why.as_str(), "Nothing was sent. Try again."),
        (_, Some(Ending::Changed)) => Failure::refused(why.as_str(), "It was left as it is. Look again."),
        _ => {
            let message = format!("{tag} was not set as it should be: {why}");
            Failure { code: 5, kind: "bad-answer", ..Failure::refused(&message, "Look at the registry.") }
        }
    };
    Err(failure.into())
}
