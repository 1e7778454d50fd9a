//! From what the API says to what is shown. Everything goes through `clean` here.

use std::sync::Arc;

use serde_json::Value;

use super::assumed;
use super::wire;
use crate::backend::image_config;
use crate::backend::json;
use crate::domain::clean::{self, Clean};
use crate::domain::colour::Colour;
use crate::domain::image::{Image, ImageConfig, Manifest, ManifestKind};
use crate::domain::reference::{Digest, TagName};
use crate::domain::repository::{RepoInfo, Scope, TagFacts};
use crate::domain::tag::DigestInfo;

/// There are no manifests here: what is shown in their place is the JSON of the image's attributes.
const MEDIA_TYPE: &str = "application/json";

fn fact(name: &str, value: Option<String>) -> Option<(Clean, Clean)> {
    Some((clean::line(name), clean::line(&value?)))
}

/// The ready command lines, to be copied and never run.
fn commands(all: &[(String, String)]) -> impl Iterator<Item = (Clean, Clean)> {
    all.iter().filter_map(|(name, text)| fact(&format!("command {name}"), Some(text.clone())))
}

pub(super) fn repository(it: &wire::Repository<'_>) -> RepoInfo {
    let recent = it.recent.as_ref();
    let digest = recent.and_then(|image| image.digest.as_ref());
    let facts = [
        fact("full name", it.full_name.clone()),
        fact("id", Some(it.id.to_string())),
        fact("recent image", digest.map(Digest::to_string)),
    ];
    RepoInfo {
        description: it.description.as_deref().map(clean::line),
        full_description: it.description.as_deref().filter(|text| text.contains('\n')).map(clean::block),
        favourite: it.favourite,
        tags: Some(it.tags),
        images: it.images,
        created: it.created,
        updated: it.updated,
        pushed: recent.and_then(|image| image.pushed),
        pulled: recent.and_then(|image| image.pulled),
        labels: it.labels.iter().map(|label| clean::line(label)).collect(),
        more: facts.into_iter().flatten().chain(commands(&it.commands)).collect(),
        ..RepoInfo::default()
    }
}

pub(super) fn tag_facts(it: &wire::Tag, image: &wire::Image<'_>) -> TagFacts {
    let facts = [
        fact("full name", it.full_name.clone()),
        fact("image pushed", image.pushed.map(|time| time.to_string())),
        fact("image pulled", image.pulled.map(|time| time.to_string())),
    ];
    let more = facts.into_iter().flatten().chain(commands(&it.commands)).chain(commands(&image.commands));
    let (colour_text, colour) = colour(it);
    TagFacts { colour_text, colour, pushed: it.pushed, pulled: it.pulled, signed: it.signed, more: more.collect() }
}

/// The colour of a tag as it came, and what can be shown of it.
pub(super) fn colour(it: &wire::Tag) -> (Option<Clean>, Option<Colour>) {
    (it.colour.as_deref().map(clean::line), it.colour.as_deref().and_then(assumed::colour))
}

pub(super) fn info(it: &wire::Image<'_>, digest: Digest) -> DigestInfo {
    DigestInfo {
        digest,
        media_type: MEDIA_TYPE.into(),
        kind: ManifestKind::Unknown,
        created: it.created.or(it.pushed),
        size: it.size,
        platforms: it.platform.iter().cloned().collect(),
        artifact: None,
    }
}

/// An image without a digest that is one: told apart by the tag.
pub(super) fn digest(it: &wire::Image<'_>, tag: &TagName) -> Digest {
    it.digest.clone().unwrap_or_else(|| Digest::untold(tag))
}

pub(super) fn image(it: &wire::Image<'_>, digest: Digest) -> Image {
    let raw: Arc<[u8]> = pretty(it.attrs).into_bytes().into();
    let config = image_config::image_config(it.attrs.as_bytes());
    let known = config.platform.is_some() || config.created.is_some() || it.attrs.len() > 2;
    Image {
        manifest: Manifest {
            digest,
            media_type: MEDIA_TYPE.into(),
            kind: ManifestKind::Unknown,
            raw: Arc::clone(&raw),
            children: Vec::new(),
            config: None,
            layers: Vec::new(),
            subject: None,
            artifact_type: None,
            annotations: Default::default(),
            warnings: Vec::new(),
        },
        children: Vec::new(),
        config: known.then_some(ImageConfig { raw, ..config }),
        config_error: None,
        shown: None,
        layers: Vec::new(),
        history_mismatch: false,
        size: it.size,
    }
}

/// In lines, for people; as it came where it is nested too deep to take apart.
fn pretty(attrs: &str) -> String {
    let value = json::flaw(attrs).is_none().then(|| serde_json::from_str::<Value>(attrs).ok()).flatten();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| attrs.to_owned())
}

/// The object as it came, but for the attributes of its newest image: two fifths of it, and to be had at the image.
pub(super) fn raw(text: &str) -> Option<Arc<str>> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    if let Some(recent) = value.get_mut("recent_image").and_then(Value::as_object_mut) {
        recent.remove("extra_attrs");
    }
    serde_json::to_string_pretty(&value).ok().map(Arc::from)
}

pub(super) fn scope(it: &wire::Workspace) -> Scope {
    let more = it.more.iter().filter_map(|(name, value)| fact(name, Some(value.clone())));
    Scope { id: it.id.to_string(), name: clean::line(&it.name), more: more.collect() }
}
