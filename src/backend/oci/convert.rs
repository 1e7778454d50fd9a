//! From the bytes of a manifest to what it says (oci-distribution.md §5.2, 5.4, 5.5).

use std::collections::BTreeMap;

use crate::backend::http::limits;
use crate::backend::json::{self, Flaw, Object};
use crate::backend::platform;
use crate::domain::clean::{self, Clean};
use crate::domain::image::{Descriptor, Manifest, ManifestKind};
use crate::domain::reference::{Digest, Reference};

pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const SCHEMA1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";
const ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";

/// Whether a config of this type is an image's.
pub(super) fn is_image_config(media_type: &str) -> bool {
    matches!(media_type, "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json")
}

/// Lower case, without parameters.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn kind_of(media_type: &str) -> ManifestKind {
    match media_type {
        OCI_INDEX | DOCKER_LIST => ManifestKind::Index,
        OCI_MANIFEST | DOCKER_MANIFEST => ManifestKind::Manifest,
        SCHEMA1_SIGNED | SCHEMA1 => ManifestKind::Schema1,
        ARTIFACT => ManifestKind::Artifact,
        _ => ManifestKind::Unknown,
    }
}

/// Types that say nothing about the content.
fn is_generic(media_type: &str) -> bool {
    matches!(media_type, "" | "application/json" | "text/plain" | "application/octet-stream" | "text/json")
}

/// A manifest as it came: what was asked for, and what the server said about its answer.
pub(super) struct Received<'a> {
    pub asked: &'a Reference,
    pub content_type: &'a str,
    /// `Docker-Content-Digest`.
    pub header_digest: Option<&'a str>,
    pub body: &'a [u8],
}

/// Why content is not taken. Whoever asked for it knows from whom it came, and makes the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// No manifest: a web page, no JSON.
    Shape,
    /// Not what its digest says.
    Mismatch { asked: Digest, got: Digest },
}

/// Checks the digest and reads the content. Fails where the content is not what its digest says, or no manifest at all.
pub(super) fn manifest(received: &Received<'_>) -> Result<Manifest, Unfit> {
    let stated = essence(received.content_type);
    if stated == "text/html" {
        return Err(Unfit::Shape);
    }
    let text = std::str::from_utf8(received.body).ok();
    let flaw = text.and_then(json::flaw);
    let document = match (text, flaw) {
        (Some(text), None | Some(Flaw::DuplicateKey)) => Object::parse(text),
        _ => None,
    };
    let media_type = if is_generic(&stated) { document.as_ref().map_or(stated.clone(), guess) } else { stated.clone() };
    let mut kind = kind_of(&media_type);
    let ambiguity = document.as_ref().and_then(|d| ambiguity(d, &stated, flaw));
    let is_json = document.is_some();
    let readable = document.filter(|_| ambiguity.is_none());
    let is_signed = kind == ManifestKind::Schema1 && readable.as_ref().is_some_and(is_signed_schema1);
    let mut warnings = Vec::new();
    let digest = verify(received, is_signed, &mut warnings)?;

    if flaw == Some(Flaw::TooDeep) {
        warnings.push(Clean::fixed("nested more than 64 levels deep: only the raw view is available"));
    } else if flaw == Some(Flaw::TooMany) {
        let most = limits::LARGE_VALUES;
        warnings.push(clean::line(&format!(
            "larger than usual, with {most} values or more: only the raw view is available"
        )));
    } else if !is_json && (kind != ManifestKind::Unknown || is_generic(&stated)) {
        return Err(Unfit::Shape);
    }
    warnings.extend(ambiguity);
    if readable.is_none() {
        kind = ManifestKind::Unknown;
    }
    let mut manifest = Manifest {
        digest,
        media_type: media_type.into(),
        kind,
        raw: received.body.into(),
        children: Vec::new(),
        config: None,
        layers: Vec::new(),
        subject: None,
        artifact_type: None,
        annotations: BTreeMap::new(),
        warnings,
    };
    if let Some(document) = readable {
        fill(&mut manifest, &document);
    }
    Ok(manifest)
}

/// The type of content that came under a type that says nothing.
fn guess(document: &Object<'_>) -> String {
    if let Some(own) = document.some_text("mediaType") {
        return essence(&own);
    }
    let word = if document.has("manifests") {
        OCI_INDEX
    } else if document.number("schemaVersion") == Some(1) {
        if document.has("signatures") { SCHEMA1_SIGNED } else { SCHEMA1 }
    } else if document.has("config") || document.has("layers") {
        OCI_MANIFEST
    } else {
        "application/json"
    };
    word.to_owned()
}

/// Its digest leaves the signatures out, so the bytes do not have it (§5.4). That is no excuse for content that only
/// comes under such a type.
fn is_signed_schema1(document: &Object<'_>) -> bool {
    document.number("schemaVersion") == Some(1) && !document.array("signatures").is_empty()
}

/// The digest the content goes by. Computed, whatever the server says (CVE-2025-24882).
fn verify(received: &Received<'_>, is_signed: bool, warnings: &mut Vec<Clean>) -> Result<Digest, Unfit> {
    let header = received.header_digest.and_then(|text| Digest::parse(text).ok());
    match received.asked {
        Reference::Digest(asked) => {
            match asked.matches(received.body) {
                Some(true) => {}
                _ if is_signed => warnings.push(Clean::fixed("schema 1 (legacy): its digest is not verified")),
                Some(false) => return Err(Unfit::Mismatch { asked: asked.clone(), got: Digest::of(received.body) }),
                None => warnings.push(Clean::fixed("unverified: the digest's algorithm is not known here")),
            }
            Ok(asked.clone())
        }
        Reference::Tag(_) => {
            let computed = Digest::of(received.body);
            let Some(header) = header else {
                if received.header_digest.is_some() {
                    warnings.push(Clean::fixed("the registry's digest header is no valid digest"));
                }
                return Ok(computed);
            };
            match header.matches(received.body) {
                Some(true) => Ok(header),
                _ if is_signed => {
                    warnings.push(Clean::fixed("schema 1 (legacy): its digest is not verified"));
                    Ok(header)
                }
                _ => {
                    warnings.push(clean::line(&format!(
                        "the registry says this is {header}, but its content is {computed}"
                    )));
                    Ok(computed)
                }
            }
        }
    }
}

/// Why nothing may be derived from a document that two programs could read in two ways (CVE-2021-41190).
fn ambiguity(document: &Object<'_>, stated: &str, flaw: Option<Flaw>) -> Option<Clean> {
    let reason = if flaw == Some(Flaw::DuplicateKey) {
        "a key occurs twice".to_owned()
    } else if document.has("manifests") && ["layers", "config", "fsLayers"].iter().any(|name| document.has(name)) {
        "both an index and a manifest".to_owned()
    } else {
        let own = essence(&document.some_text("mediaType")?);
        if is_generic(stated) || own == stated {
            return None;
        }
        format!("sent as {stated}, but calls itself {own}")
    };
    Some(clean::line(&format!("ambiguous content: {reason}")))
}

fn fill(manifest: &mut Manifest, document: &Object<'_>) {
    let mut list = |name: &str| {
        let all = document.objects(name);
        all.iter().filter_map(|entry| descriptor(entry, &mut manifest.warnings)).collect::<Vec<_>>()
    };
    match manifest.kind {
        ManifestKind::Index => manifest.children = list("manifests"),
        ManifestKind::Manifest => manifest.layers = list("layers"),
        ManifestKind::Artifact => manifest.layers = list("blobs"),
        ManifestKind::Schema1 => {
            // Schema 1 lists the newest layer first, by digest alone.
            manifest.layers = document.objects("fsLayers").iter().rev().filter_map(schema1_layer).collect();
            return;
        }
        ManifestKind::Unknown => return,
    }
    let mut one = |name: &str| document.object(name).and_then(|entry| descriptor(&entry, &mut manifest.warnings));
    if manifest.kind == ManifestKind::Manifest {
        manifest.config = one("config");
    }
    manifest.subject = one("subject");
    manifest.annotations = annotations(document);
    let config_type = manifest.config.as_ref().map(|config| config.media_type.clone());
    manifest.artifact_type = document
        .some_text("artifactType")
        .map(|text| clean::line(&text))
        .or(config_type.filter(|text| !text.is_empty() && !is_image_config(text.as_str())));
}

fn descriptor(entry: &Object<'_>, warnings: &mut Vec<Clean>) -> Option<Descriptor> {
    let text = entry.some_text("digest").unwrap_or_default();
    let Ok(digest) = Digest::parse(&text) else {
        warnings.push(clean::line(&format!("an entry has no valid digest: “{text}”")));
        return None;
    };
    let size = entry.number("size");
    if size.is_none() {
        warnings.push(clean::line(&format!("invalid size of {}", digest.short())));
    }
    let marks = entry.object("annotations").unwrap_or_default();
    let attests = (marks.text("vnd.docker.reference.type").as_deref() == Some("attestation-manifest"))
        .then(|| marks.text("vnd.docker.reference.digest"))
        .flatten()
        .and_then(|text| Digest::parse(&text).ok());
    Some(Descriptor {
        digest,
        size,
        media_type: clean::line(&essence(&entry.text("mediaType").unwrap_or_default())),
        artifact_type: entry.some_text("artifactType").map(|text| clean::line(&text)),
        platform: entry.object("platform").as_ref().and_then(platform::platform),
        annotations: annotations(entry),
        attests,
    })
}

fn schema1_layer(entry: &Object<'_>) -> Option<Descriptor> {
    Some(Descriptor {
        digest: Digest::parse(&entry.text("blobSum")?).ok()?,
        size: None,
        media_type: Clean::default(),
        artifact_type: None,
        platform: None,
        annotations: BTreeMap::new(),
        attests: None,
    })
}

fn annotations(of: &Object<'_>) -> BTreeMap<Clean, Clean> {
    of.pairs("annotations").iter().map(|(key, value)| (clean::line(key), clean::block(value))).collect()
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
