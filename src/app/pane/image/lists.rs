//! The lists of an image: platforms, layers, history, referrers.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{Row, Tab, Weight, untold};
use crate::app::cache::Remote;
use crate::app::pane::{Pane, Place, preview, tags, words};
use crate::app::state::State;
use crate::domain::error::ErrorKind;
use crate::domain::image::{Child, ChildState, Descriptor, HistoryEntry, Image, Referrers};
use crate::domain::reference::{Digest, RepoName};
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::text;

/// Tags on the same digest that are listed by name.
const NAMED: usize = 20;

pub fn child_name(descriptor: &Descriptor) -> String {
    match (&descriptor.attests, &descriptor.platform) {
        (Some(_), _) => "attestation".to_owned(),
        (None, Some(platform)) => platform.to_string(),
        (None, None) => descriptor.artifact_type.as_ref().unwrap_or(&descriptor.media_type).to_string(),
    }
}

/// Columns: sign, platform, digest, size, layers.
pub fn platforms(image: &Image, state: &State, pane: &Pane) -> Vec<Row> {
    // Its system has no manifests: what is shown in their place is a document of its own.
    let untold = super::kind(state, pane) != BackendKind::Oci;
    let mut rows: Vec<Row> = image.children.iter().map(|child| platform(child, pane, image)).collect();
    if image.children.is_empty() {
        let platform = image.config.as_ref().and_then(|c| c.platform.as_ref());
        let digest = image.manifest.digest.clone();
        rows.push(Row {
            cells: vec![
                String::new(),
                platform.map_or_else(|| "-".to_owned(), ToString::to_string),
                digest.short(),
                words::size(image.size),
                if untold && image.layers.is_empty() { "-".to_owned() } else { image.layers.len().to_string() },
            ],
            value: words::identity(&digest).1,
            ..Row::default()
        });
    }
    let missing = image.children.iter().filter(|c| c.state == ChildState::Missing).count();
    if missing > 0 {
        let text = format!("{missing} missing: the index names it, the registry does not have it");
        rows.push(Row::line(text, Weight::Warn));
    }
    rows.push(Row::note(""));
    let kind = words::media_type(&image.manifest.media_type);
    let bytes = text::size(image.manifest.raw.len() as u64);
    let document = if untold { format!("{bytes} of JSON") } else { format!("{kind}, {bytes} of JSON") };
    rows.push(Row::note(document).copying(&*image.manifest.media_type));
    let (label, identity) = words::identity(&image.manifest.digest);
    let shown = if label == "digest" { identity.clone() } else { format!("{label} {identity}") };
    rows.push(Row::note(shown).copying(identity));
    if let Place::Image(id, repo, _) = &pane.place {
        rows.extend(tags_here(state, *id, repo, &image.manifest.digest));
    }
    rows
}

fn platform(child: &Child, pane: &Pane, image: &Image) -> Row {
    let descriptor = &child.descriptor;
    let (bytes, layers) = match child.state {
        ChildState::Present { size, layers } => (words::size(size), layers.to_string()),
        ChildState::Missing => ("missing".to_owned(), "-".to_owned()),
        ChildState::Unread => ("not read".to_owned(), "-".to_owned()),
    };
    // What was picked counts before it is there.
    let shown = pane.image.picked.as_ref().or(image.shown.as_ref()) == Some(&descriptor.digest);
    Row {
        cells: vec![
            if shown { "+" } else { "" }.to_owned(),
            child_name(descriptor),
            descriptor.digest.short(),
            bytes,
            layers,
        ],
        weight: if child.state == ChildState::Missing { Weight::Warn } else { Weight::Plain },
        value: descriptor.digest.to_string(),
        platform: matches!(child.state, ChildState::Present { .. }).then(|| descriptor.digest.clone()),
        layer: None,
    }
}

/// The tags of the list that are known to point here.
fn tags_here(state: &State, id: RegistryId, repo: &RepoName, digest: &Digest) -> Vec<Row> {
    let Some(list) = state.tags(id, repo) else { return Vec::new() };
    let all = list.sharing(digest) as usize;
    if all == 0 {
        return Vec::new();
    }
    let unread = preview::unread(list);
    let caveat =
        if unread > 0 { format!(" ({} of the list not read yet)", text::count(unread)) } else { String::new() };
    let mut rows = vec![Row::note(format!("Tags on this {}: {all}{caveat}", words::named_by(digest)))];
    let same = list.rows.iter().filter(|row| row.state.info().is_some_and(|info| info.digest == *digest));
    let line = |row| Row::line(format!("  {}", tags::text(row)), Weight::Plain).copying(tags::text(row));
    // Not one row more than there are: the list may be long.
    rows.extend(same.take(all.min(NAMED)).map(line));
    if all > NAMED {
        rows.push(Row::note(format!("  and {} more", all - NAMED)));
    }
    rows
}

/// Columns: number, size, type, command, how many manifests use it.
pub fn layers(image: &Image, state: &State, pane: &Pane) -> Vec<Row> {
    if image.layers.is_empty() {
        return vec![Row::note(untold::words(super::kind(state, pane), Tab::Layers))];
    }
    let (read, uses) = uses(state, pane);
    let mut rows: Vec<Row> = Vec::with_capacity(image.layers.len() + 3);
    for (n, layer) in image.layers.iter().enumerate() {
        let descriptor = &layer.descriptor;
        // In the first protocol every layer is an image, with a document of its own.
        let is_image = descriptor.digest.as_image_id().is_some();
        let used = uses.get(&descriptor.digest).copied().unwrap_or(0);
        rows.push(Row {
            cells: vec![
                (n + 1).to_string(),
                words::size(descriptor.size),
                if is_image { "image".to_owned() } else { words::layer_type(descriptor.media_type.as_str()) },
                layer.created_by.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
                if read > 1 { format!("={used}") } else { "?".to_owned() },
            ],
            value: words::identity(&descriptor.digest).1,
            layer: is_image.then(|| descriptor.digest.clone()),
            ..Row::default()
        });
    }
    if image.history_mismatch {
        let text = "The history does not fit the layers, so no command is shown beside them.";
        rows.push(Row::line(text, Weight::Warn));
    }
    rows.push(Row::note(""));
    if image.layers.iter().any(|layer| layer.descriptor.digest.as_image_id().is_some()) {
        rows.push(Row::note("Each layer is an image itself: Enter shows its JSON."));
    }
    rows.push(Row::note(match read {
        0 | 1 => "SHARED ?: no other manifest of this repository was read in full yet.".to_owned(),
        n => format!("SHARED =N: N of the {n} manifests read in full here use the layer."),
    }));
    rows
}

/// How many manifests of the repository were read in full in this run, and how many of them use each layer.
fn uses<'a>(state: &'a State, pane: &Pane) -> (usize, HashMap<&'a Digest, usize>) {
    let Place::Image(id, repo, _) = &pane.place else { return (0, HashMap::new()) };
    let mut seen = HashSet::new();
    let mut uses: HashMap<&Digest, usize> = HashMap::new();
    for (key, value) in &state.cache.images {
        let Remote::Here(image) = value else { continue };
        let Some(shown) = &image.shown else { continue };
        if (key.0, &key.1) != (*id, repo) || !seen.insert(shown) {
            continue;
        }
        let layers: HashSet<&Digest> = image.layers.iter().map(|layer| &layer.descriptor.digest).collect();
        for layer in layers {
            *uses.entry(layer).or_default() += 1;
        }
    }
    (seen.len(), uses)
}

/// Columns: number, age, command, whether it made no layer.
pub fn history(image: &Image, kind: BackendKind, now: Timestamp) -> Vec<Row> {
    let entries = image.config.as_ref().map_or(&[][..], |config| &config.history);
    if entries.is_empty() {
        return vec![Row::note(untold::words(kind, Tab::History))];
    }
    let row = |(n, entry): (usize, &HistoryEntry)| {
        let command = if entry.created_by.is_empty() { &entry.comment } else { &entry.created_by };
        Row {
            cells: vec![
                (n + 1).to_string(),
                words::age(entry.created, now),
                command.to_string(),
                if entry.empty_layer { "(empty)" } else { "" }.to_owned(),
            ],
            value: command.to_string(),
            ..Row::default()
        }
    };
    entries.iter().enumerate().map(row).collect()
}

/// Columns: type, digest, size.
pub fn referrers(attached: Option<&Remote<Referrers>>, kind: BackendKind) -> Vec<Row> {
    let found = match attached {
        Some(Remote::Here(found)) => found,
        Some(Remote::Failed(report)) if report.kind == ErrorKind::Unsupported => {
            return vec![Row::note(untold::words(kind, Tab::Referrers))];
        }
        Some(Remote::Failed(report)) => {
            return vec![
                Row::line(report.what.to_string(), Weight::Bad),
                Row::line(report.hint.to_string(), Weight::Plain),
            ];
        }
        _ => return super::reading(),
    };
    let incomplete = found.incomplete.as_ref().map(|note| Row::line(note.to_string(), Weight::Bad));
    if found.list.is_empty() && kind != BackendKind::Oci {
        return vec![Row::note(untold::words(kind, Tab::Referrers))];
    }
    if found.list.is_empty() {
        return vec![incomplete.unwrap_or_else(|| Row::note("Nothing refers to this image."))];
    }
    let mut rows: Vec<Row> = incomplete.into_iter().collect();
    for referrer in &found.list {
        let descriptor = &referrer.descriptor;
        rows.push(Row {
            cells: vec![words::referrer(referrer), descriptor.digest.short(), words::size(descriptor.size)],
            value: descriptor.digest.to_string(),
            ..Row::default()
        });
        let note = |(key, value)| Row::note(format!("  {key}={value}")).copying(format!("{value}"));
        rows.extend(descriptor.annotations.iter().map(note));
    }
    rows.push(Row::note(""));
    rows.push(Row::note(match found.list.len() {
        1 => "Deleting the image would orphan it.".to_owned(),
        n => format!("Deleting the image would orphan these {n}."),
    }));
    rows
}
