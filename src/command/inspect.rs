//! `tagboat inspect`

use std::io::Write;

use serde_json::{Value, json};

use super::{DONE, Failure, Io, Outcome, PARTLY, json::time};
use crate::app::pane::words;
use crate::domain::error::ErrorKind;
use crate::domain::image::{ChildState, Descriptor, Image, LayerRow, ManifestKind, Platform, Referrers};
use crate::domain::reference::{Digest, Reference, TagName};
use crate::domain::text;
use crate::runtime::world::World;
use crate::store::config::parse_target;

mod siblings;

pub(super) async fn run(world: &World, image: &str, large: bool, io: &mut Io<'_>) -> Outcome {
    let (profile, repository, reference) = parse_target(image, &world.config)?;
    let Some(repository) = repository else {
        return Err(Failure::usage("an image is wanted", "Write REGISTRY/REPO[:TAG|@DIGEST].").into());
    };
    let reference = reference.or_else(|| TagName::parse("latest").ok().map(Reference::Tag));
    let Some(reference) = reference else { return Err(Failure::usage("no tag", "Write REGISTRY/REPO:TAG.").into()) };
    let backend = world.open(&profile)?;
    let found = match large {
        false => backend.image(&repository, &reference, None).await?,
        true => backend.large_image(&repository, &reference, None).await?,
    };
    let mut code = DONE;
    if let Some(report) = &found.config_error {
        let advice = if report.kind == ErrorKind::TooLarge { "; --large reads up to 32 MiB" } else { "" };
        io.note(&format!("The config could not be read: {}{advice}", report.what));
        code = PARTLY;
    }
    let referrers = match backend.referrers(&repository, &found.manifest.digest).await {
        Ok(referrers) => {
            if let Some(note) = &referrers.incomplete {
                io.note(&format!("Referrers {note}"));
                code = PARTLY;
            }
            Some(referrers)
        }
        Err(error) => {
            if error.kind != ErrorKind::Unsupported {
                io.note(&format!("The referrers could not be read: {}", error.what));
                code = PARTLY;
            }
            None
        }
    };
    let tags = siblings::tags(backend.as_ref(), &repository, &found.manifest.digest, io).await;
    let separator = if matches!(reference, Reference::Digest(_)) { '@' } else { ':' };
    let shown = format!("{}/{repository}{separator}{reference}", profile.name);
    if io.json {
        io.print_json(&to_json(&shown, &found, referrers.as_ref(), tags.as_deref()))?;
    } else {
        to_text(io.out, &shown, &found, referrers.as_ref(), tags.as_deref())?;
    }
    for warning in &found.manifest.warnings {
        io.note(warning.as_str());
    }
    super::heard(&*backend, io);
    Ok(code)
}

/// Platform, digest and size of everything that runs.
fn platforms(image: &Image) -> Vec<(Option<&Platform>, &Digest, Option<u64>)> {
    if image.manifest.kind != ManifestKind::Index {
        let platform = image.config.as_ref().and_then(|config| config.platform.as_ref());
        return platform.map(|platform| (Some(platform), &image.manifest.digest, image.size)).into_iter().collect();
    }
    let size = |descriptor: &Descriptor| {
        let child = image.children.iter().find(|child| child.descriptor.digest == descriptor.digest)?;
        match child.state {
            ChildState::Present { size, .. } => size,
            ChildState::Missing | ChildState::Unread => None,
        }
    };
    image.manifest.platforms().map(|child| (child.platform.as_ref(), &child.digest, size(child))).collect()
}

fn to_json(reference: &str, image: &Image, referrers: Option<&Referrers>, tags: Option<&[String]>) -> Value {
    let manifest = &image.manifest;
    let clean = |text: &crate::domain::clean::Clean| Some(text.to_string()).filter(|text| !text.is_empty());
    let platforms: Vec<Value> = platforms(image)
        .into_iter()
        .map(|(platform, digest, size)| {
            let mut row = json!({
                "os": platform.map(|p| p.os.as_str()),
                "architecture": platform.map(|p| p.architecture.as_str()),
                "variant": platform.and_then(|p| p.variant.as_ref()).map(|v| v.as_str()),
                "digest": of_content(digest),
                "size": size,
            });
            put_id(&mut row, digest);
            row
        })
        .collect();
    let layer = |layer: &LayerRow| {
        let mut row = json!({
            "digest": of_content(&layer.descriptor.digest),
            "size": layer.descriptor.size,
            "media_type": clean(&layer.descriptor.media_type),
            "created_by": layer.created_by.as_ref().and_then(clean),
        });
        put_id(&mut row, &layer.descriptor.digest);
        row
    };
    let history = image.config.as_ref().map(|config| {
        let entry = |entry: &crate::domain::image::HistoryEntry| {
            json!({
                "created": entry.created.map(time),
                "created_by": clean(&entry.created_by),
                "comment": clean(&entry.comment),
                "empty_layer": entry.empty_layer,
            })
        };
        config.history.iter().map(entry).collect::<Vec<_>>()
    });
    let referrers = referrers.map(|referrers| {
        let entry = |referrer: &crate::domain::image::Referrer| {
            json!({
                "digest": referrer.descriptor.digest.to_string(),
                "what": referrer.what.as_str(),
                "artifact_type": referrer.descriptor.artifact_type.as_ref().and_then(clean),
                "media_type": clean(&referrer.descriptor.media_type),
                "size": referrer.descriptor.size,
            })
        };
        referrers.list.iter().map(entry).collect::<Vec<_>>()
    });
    let config = image.config.as_ref().and_then(|config| serde_json::from_slice::<Value>(&config.raw).ok());
    let mut all = json!({
        "reference": reference,
        "digest": of_content(&manifest.digest),
        "media_type": &*manifest.media_type,
        "kind": manifest.kind.word(),
        "size": image.size,
        "platforms": platforms,
        "config": config,
        "layers": image.layers.iter().map(layer).collect::<Vec<_>>(),
        "history": history,
        "referrers": referrers,
        "tags": tags,
    });
    put_id(&mut all, &manifest.digest);
    all
}

/// A digest, where it is one.
fn of_content(digest: &Digest) -> Option<String> {
    digest.is_of_content().then(|| digest.to_string())
}

/// What a system without digests has in their place, as in `tags`.
fn put_id(row: &mut Value, digest: &Digest) {
    if let Some(id) = digest.as_image_id() {
        row["image_id"] = id.into();
    }
}

fn to_text(
    out: &mut dyn Write,
    reference: &str,
    image: &Image,
    referrers: Option<&Referrers>,
    tags: Option<&[String]>,
) -> Result<(), std::io::Error> {
    let size = |size: Option<u64>| size.map_or("-".to_owned(), text::size);
    let manifest = &image.manifest;
    writeln!(out, "Reference:   {reference}")?;
    let (label, identity) = words::identity(&manifest.digest);
    if label == "digest" {
        writeln!(out, "Digest:      {identity}")?;
    } else {
        writeln!(out, "Image:       {identity}")?;
    }
    writeln!(out, "Media type:  {}", crate::domain::clean::line(&manifest.media_type))?;
    writeln!(out, "Kind:        {}", manifest.kind.word())?;
    writeln!(out, "Size:        {}", size(image.size))?;
    if let Some(config) = &image.config {
        writeln!(out, "Created:     {}", config.created.map_or("-".to_owned(), time))?;
    }
    if let Some(tags) = tags {
        writeln!(out, "Tags:        {}", tags.join(" "))?;
    }
    writeln!(out, "\nPlatforms:")?;
    for (platform, digest, bytes) in platforms(image) {
        let platform = platform.map_or("unknown".to_owned(), ToString::to_string);
        writeln!(out, "  {platform:<16} {:>8}  {}", size(bytes), words::identity(digest).1)?;
    }
    if let Some(config) = &image.config {
        let list =
            |all: &[crate::domain::clean::Clean]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        writeln!(out, "\nConfig:")?;
        writeln!(out, "  Entrypoint  {}", list(&config.entrypoint))?;
        writeln!(out, "  Command     {}", list(&config.cmd))?;
        for (key, value) in &config.labels {
            writeln!(out, "  Label       {key}={value}")?;
        }
    }
    if !image.layers.is_empty() {
        writeln!(out, "\nLayers:")?;
        for layer in &image.layers {
            let made = layer.created_by.as_ref().map_or("", |made| made.as_str());
            let identity = words::identity(&layer.descriptor.digest).1;
            writeln!(out, "  {:>8}  {identity}  {made}", size(layer.descriptor.size))?;
        }
    }
    if let Some(referrers) = referrers.filter(|referrers| !referrers.list.is_empty()) {
        writeln!(out, "\nReferrers:")?;
        for referrer in &referrers.list {
            writeln!(out, "  {:<12} {}", referrer.what, referrer.descriptor.digest)?;
        }
    }
    Ok(())
}
