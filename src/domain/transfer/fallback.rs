//! Tags that say what refers to an image, where the registry has no API that does (oci-distribution.md §8, §10).

use serde_json::{Map, Value, json};

use crate::domain::reference::{Digest, TagName};

/// Suffixes of cosign's tags.
pub const ATTACHED: [&str; 3] = [".sig", ".att", ".sbom"];

/// `sha256-<hex>`, with one of `ATTACHED` or nothing behind it.
pub fn fallback_tag(digest: &Digest, suffix: &str) -> Option<TagName> {
    let hex = digest.to_string().strip_prefix("sha256:")?.to_owned();
    TagName::parse(&format!("sha256-{hex}{suffix}")).ok()
}

/// The index of a fall-back tag with these manifests added. `None`: what is there is no index, or has them all.
pub fn merged(existing: Option<&[u8]>, added: &[(&Digest, &str, &[u8])]) -> Option<Vec<u8>> {
    let mut index: Map<String, Value> = match existing {
        Some(bytes) => serde_json::from_slice(bytes).ok()?,
        None => {
            let media_type = "application/vnd.oci.image.index.v1+json";
            Map::from_iter([
                ("schemaVersion".to_owned(), json!(2)),
                ("mediaType".to_owned(), json!(media_type)),
                ("manifests".to_owned(), json!([])),
            ])
        }
    };
    let entries = index.get_mut("manifests")?.as_array_mut()?;
    let before = entries.len();
    for (digest, media_type, bytes) in added {
        let text = digest.to_string();
        if !entries.iter().any(|entry| entry["digest"].as_str() == Some(&text)) {
            entries.push(descriptor(&text, media_type, bytes));
        }
    }
    if entries.len() == before { None } else { serde_json::to_vec(&index).ok() }
}

/// With the artifact's type and annotations, as the API would answer it (distribution-spec 1.1, "listing referrers").
fn descriptor(digest: &str, media_type: &str, bytes: &[u8]) -> Value {
    let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let mut entry = json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() });
    let own = manifest["artifactType"].as_str().filter(|kind| !kind.is_empty());
    if let Some(kind) = own.or_else(|| manifest["config"]["mediaType"].as_str()) {
        entry["artifactType"] = json!(kind);
    }
    if let Some(annotations) = manifest["annotations"].as_object() {
        entry["annotations"] = Value::Object(annotations.clone());
    }
    entry
}
