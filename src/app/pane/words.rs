//! Words for what manifests say in codes.

use jiff::Timestamp;

use crate::app::state::State;
use crate::domain::clean;
use crate::domain::colour::Colour;
use crate::domain::filter::{Field, Row};
use crate::domain::image::{Descriptor, Referrer};
use crate::domain::label::Labels;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::RegistryId;
use crate::domain::text;

pub fn moment(time: Timestamp, utc: bool) -> String {
    let zone = if utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    time.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

pub fn age(created: Option<Timestamp>, now: Timestamp) -> String {
    created.map_or_else(|| "-".to_owned(), |t| text::age(t, now))
}

pub fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), text::size)
}

/// What tells an image from others, with its name: a digest, or the id that a system without digests has.
pub fn identity(digest: &Digest) -> (&'static str, String) {
    match digest.as_image_id() {
        Some(id) => ("image", id.to_owned()),
        None if digest.is_of_content() => ("digest", digest.to_string()),
        None => ("image", "this registry does not say which".to_owned()),
    }
}

/// Where the images are of a system that keeps their tags alone.
pub fn images_elsewhere(state: &State, id: RegistryId, repo: &RepoName) -> String {
    let row = state.cache.catalogs.get(&id).and_then(|catalog| catalog.named(repo.as_str()));
    let place = row.and_then(|row| row.info.as_ref()).and_then(|info| info.elsewhere.as_ref());
    match place {
        Some(place) => format!(
            "This system keeps tags, not images: the images are at {}, as {}.",
            clean::identifier(&place.url),
            clean::identifier(&place.repository)
        ),
        None => "This system keeps tags, not images.".to_owned(),
    }
}

/// What an image is called by its registry: by a digest, or by an id.
pub fn named_by(digest: &Digest) -> &'static str {
    if digest.is_of_content() { "digest" } else { "image" }
}

pub fn media_type(media_type: &str) -> String {
    match media_type {
        "application/vnd.oci.image.index.v1+json" => "OCI index".to_owned(),
        "application/vnd.oci.image.manifest.v1+json" => "OCI manifest".to_owned(),
        "application/vnd.docker.distribution.manifest.list.v2+json" => "Docker manifest list".to_owned(),
        "application/vnd.docker.distribution.manifest.v2+json" => "Docker manifest, schema 2".to_owned(),
        "application/vnd.docker.distribution.manifest.v1+prettyjws"
        | "application/vnd.docker.distribution.manifest.v1+json" => "Docker manifest, schema 1 (legacy)".to_owned(),
        other => clean::line(other).to_string(),
    }
}

/// The label of a tag, with the rule that gives it, and the note: what, in words, and in which colour.
pub fn labelled(
    labels: &Labels,
    tag: &TagName,
    row: &Row<'_>,
    now: Timestamp,
) -> Vec<(&'static str, String, Option<Colour>)> {
    let mut lines = Vec::new();
    if let Field::Is(given) = labels.of(tag, row, now) {
        let label = labels.find(given.label);
        let letter = label.map_or('?', |label| label.letter);
        let rule = given.by.map(|rule| format!("  (rule: {})", clean::line(rule.trim()))).unwrap_or_default();
        lines.push(("label", format!("{letter} {}{rule}", given.label), label.map(|label| label.colour)));
    }
    if let Some(note) = labels.note(tag) {
        lines.push(("note", note.to_owned(), None));
    }
    lines
}

/// `tar+gzip` and the like; of other things the last part of their type.
pub fn layer_type(media_type: &str) -> String {
    let foreign = media_type.contains("foreign") || media_type.contains("nondistributable");
    let word = match media_type {
        t if t.ends_with("tar.gzip") || t.ends_with("tar+gzip") => "tar+gzip",
        t if t.ends_with("tar+zstd") || t.ends_with("tar.zstd") => "tar+zstd",
        t if t.ends_with(".tar") => "tar",
        t => {
            let t = t.strip_prefix("application/").unwrap_or(t);
            return t.strip_prefix("vnd.").unwrap_or(t).to_owned();
        }
    };
    if foreign { format!("{word} foreign") } else { word.to_owned() }
}

/// What a referrer is, and of which make: `cosign signature`, `spdx sbom`, `slsa provenance`.
pub fn referrer(referrer: &Referrer) -> String {
    let Descriptor { artifact_type, annotations, .. } = &referrer.descriptor;
    let Some(artifact) = artifact_type.as_ref().map(|a| a.as_str().to_ascii_lowercase()) else {
        // Found by a tag with cosign's suffix.
        let known = ["signature", "attestation", "sbom"].contains(&referrer.what.as_str());
        return if known { format!("cosign {}", referrer.what) } else { referrer.what.to_string() };
    };
    // BuildKit and sigstore say which statement it is.
    let predicate = annotations
        .iter()
        .find(|(key, _)| matches!(key.as_str(), "in-toto.io/predicate-type" | "dev.sigstore.bundle.predicateType"));
    let predicate = predicate.map_or("", |(_, value)| value.as_str());
    let makes = [
        ("cosign.artifact.sig", "cosign signature"),
        ("cncf.notary.signature", "notation signature"),
        ("cyclonedx", "cyclonedx sbom"),
        ("syft", "syft sbom"),
        ("spdx", "spdx sbom"),
        ("cosign.artifact.sbom", "cosign sbom"),
    ];
    if predicate.contains("slsa.dev/provenance") {
        return "slsa provenance".to_owned();
    }
    let make = |text: &str| makes.iter().find(|(part, _)| text.contains(part)).map(|(_, words)| (*words).to_owned());
    make(&artifact).or_else(|| make(&predicate.to_ascii_lowercase())).unwrap_or_else(|| referrer.what.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn of(artifact: Option<&str>, what: &str, predicate: &str) -> String {
        let mut annotations = BTreeMap::new();
        if !predicate.is_empty() {
            annotations.insert(clean::line("in-toto.io/predicate-type"), clean::line(predicate));
        }
        let descriptor = Descriptor {
            digest: Digest::of(b"x"),
            size: None,
            media_type: clean::line("application/vnd.oci.image.manifest.v1+json"),
            artifact_type: artifact.map(clean::line),
            platform: None,
            annotations,
            attests: None,
        };
        referrer(&Referrer { descriptor, what: clean::line(what) })
    }

    #[test]
    fn referrers_have_words() {
        assert_eq!(of(Some("application/spdx+json"), "sbom", ""), "spdx sbom");
        assert_eq!(of(Some("application/vnd.dev.cosign.artifact.sig.v1+json"), "signature", ""), "cosign signature");
        assert_eq!(of(Some("application/vnd.cncf.notary.signature"), "signature", ""), "notation signature");
        let slsa = "https://slsa.dev/provenance/v1";
        assert_eq!(of(Some("application/vnd.in-toto+json"), "attestation", slsa), "slsa provenance");
        assert_eq!(of(Some("application/vnd.in-toto+json"), "attestation", ""), "attestation");
        assert_eq!(of(None, "signature", ""), "cosign signature");
        assert_eq!(of(None, "application/x", ""), "application/x");
    }

    #[test]
    fn ids_of_images_are_not_shown_as_digests() {
        let hex = "4f2a".repeat(16);
        assert_eq!(identity(&Digest::image_id(&hex).unwrap()), ("image", hex));
        let own = Digest::of(b"x");
        assert_eq!(identity(&own), ("digest", own.to_string()));
        let untold = Digest::untold(&TagName::parse("a").unwrap());
        assert_eq!(identity(&untold), ("image", "this registry does not say which".to_owned()));
        assert_eq!([named_by(&own), named_by(&untold)], ["digest", "image"]);
    }

    #[test]
    fn layers_have_words() {
        assert_eq!(layer_type("application/vnd.oci.image.layer.v1.tar+gzip"), "tar+gzip");
        assert_eq!(layer_type("application/vnd.docker.image.rootfs.diff.tar.gzip"), "tar+gzip");
        assert_eq!(layer_type("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), "tar+gzip foreign");
        assert_eq!(layer_type("application/vnd.oci.image.layer.v1.tar"), "tar");
        assert_eq!(layer_type("application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "tar+gzip");
        assert_eq!(layer_type("application/vnd.wasm.content.layer.v1+wasm"), "wasm.content.layer.v1+wasm");
    }
}
