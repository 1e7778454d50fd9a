//! `tagboat tag`: another tag on an image, by the bytes its manifest has.

use bytes::Bytes;
use serde_json::json;

use super::{DONE, Failure, Io, Outcome, Stop, heard, place};
use crate::backend::Backend;
use crate::cli::cleanup::Tag;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::runtime::world::World;

pub(super) async fn run(world: &World, asked: &Tag, io: &mut Io<'_>) -> Outcome {
    let (profile, repository, reference) = place::image(world, &asked.source)?;
    let Some(reference) = reference else {
        return Err(
            Failure::usage("which image is not said", "Write REGISTRY/REPO:TAG or REGISTRY/REPO@DIGEST.").into()
        );
    };
    let new = new_tag(world, &asked.new, &profile, &repository)?;
    if !asked.dry_run {
        place::writable(world, &profile)?;
    }
    let opened = place::Opened::new(world, &profile)?;
    let backend = &*opened.backend;
    // By digest it may come from the cache; that the registry still has it is seen when it is put there.
    let manifest = backend.manifest(&repository, &reference).await?;
    let before = at(backend, &repository, &new).await?;
    let change = Change { profile: &profile, repository: &repository, tag: &new, digest: &manifest.digest, before };
    if change.before.as_ref() == Some(&manifest.digest) {
        change.say("there already", false, io)?;
        return Ok(DONE);
    }
    if asked.dry_run {
        change.say("nothing was sent", false, io)?;
        return Ok(DONE);
    }
    if let Some(was) = &change.before {
        let question =
            format!("{new} points at {} and would be moved to {}. Move it?", was.short(), manifest.digest.short());
        place::agreed(asked.yes, &question, io).await?;
        // Somebody may have been quicker than the answer.
        let now = at(backend, &repository, &new).await?;
        if now != change.before {
            let message = format!("{new} was moved by somebody else meanwhile");
            return Err(Failure::refused(&message, "Nothing was sent. Look again.").into());
        }
    }
    let bytes = Bytes::copy_from_slice(&manifest.raw);
    let put = backend.put_manifest(&repository, &Reference::Tag(new.clone()), &manifest.media_type, bytes).await;
    if let Err(error) = put
        && !error.outcome_unknown()
    {
        return Err(error.into());
    }
    // The answer is not believed, and may not have come: what the tag points at now tells.
    match at(backend, &repository, &new).await? {
        Some(now) if now == manifest.digest => change.say("done", true, io)?,
        now => {
            let now = now.map_or("nothing".to_owned(), |now| now.short());
            let message = format!("{new} points at {now} after it was tagged, not at {}", manifest.digest.short());
            return Err(
                Failure { code: 5, kind: "bad-answer", ..Failure::refused(&message, "Look at the registry.") }.into()
            );
        }
    }
    heard(backend, io);
    Ok(DONE)
}

/// A name; a whole reference only where it says the same repository.
fn new_tag(world: &World, text: &str, profile: &RegistryProfile, repository: &RepoName) -> Result<TagName, Stop> {
    if text.contains(['/', '@']) {
        let (there, path, reference) = place::image(world, text)?;
        return match reference {
            Some(Reference::Tag(tag)) if there.url == profile.url && path == *repository => Ok(tag),
            _ => Err(Failure::usage("the new tag is in the same repository", "Write its name alone.").into()),
        };
    }
    TagName::parse(text).map_err(|error| Failure::usage(&error.to_string(), "Write the new tag's name.").into())
}

async fn at(backend: &dyn Backend, repository: &RepoName, tag: &TagName) -> Result<Option<Digest>, Stop> {
    match backend.resolve(repository, &Reference::Tag(tag.clone())).await {
        Ok(resolved) => Ok(Some(resolved.digest)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

struct Change<'a> {
    profile: &'a RegistryProfile,
    repository: &'a RepoName,
    tag: &'a TagName,
    digest: &'a Digest,
    before: Option<Digest>,
}

impl Change<'_> {
    fn say(&self, how: &str, done: bool, io: &mut Io<'_>) -> Result<(), Stop> {
        let Self { profile, repository, tag, digest, before } = self;
        if io.json {
            io.print_json(&json!({
                "registry": profile.name, "repository": repository.to_string(), "tag": tag.to_string(),
                "digest": digest.to_string(), "before": before.as_ref().map(ToString::to_string), "changed": done,
            }))?;
            return Ok(());
        }
        let place = format!("{}/{repository}", profile.name);
        match before {
            Some(was) if was != *digest => {
                writeln!(io.out, "{place}:{tag} -> {digest} (was {was}): {how}.")?;
                if done {
                    writeln!(io.out, "To move it back: tagboat tag {place}@{was} {tag} --yes")?;
                }
            }
            _ => writeln!(io.out, "{place}:{tag} -> {digest}: {how}.")?,
        }
        Ok(())
    }
}
