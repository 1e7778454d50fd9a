//! Schema 1: what images looked like before 2016, and what distribution 2.8 still turns them into when asked badly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::store::{Blob, Document, SCHEMA_1, Store};
use crate::domain::reference::Digest;

/// The document with its signature, and its digest, which is over the payload alone (§5.4).
pub(super) fn document(name: &str, tag: &str, architecture: &str, layers: &[Digest]) -> (Digest, Document) {
    let fs: Vec<Value> = layers.iter().rev().map(|digest| json!({"blobSum": digest.to_string()})).collect();
    let history: Vec<Value> = (0..layers.len()).rev().map(|at| json!({"v1Compatibility": compatibility(at)})).collect();
    let body = json!({
        "schemaVersion": 1,
        "name": name,
        "tag": tag,
        "architecture": architecture,
        "fsLayers": fs,
        "history": history,
    });
    let payload = format!("{body:#}");
    // The payload is what is left when the signatures are cut out, so both end with the same two bytes.
    let head = payload.strip_suffix("\n}").unwrap_or(&payload);
    let protected = json!({"formatLength": head.len(), "formatTail": "Cn0", "time": "2016-02-11T09:30:00Z"});
    let signature = json!([{
        "header": {"jwk": {"crv": "P-256", "kid": "DEMO:DEMO", "kty": "EC", "x": "AA", "y": "AA"}, "alg": "ES256"},
        "signature": URL_SAFE_NO_PAD.encode(Digest::of(head.as_bytes()).to_string()),
        "protected": URL_SAFE_NO_PAD.encode(protected.to_string()),
    }]);
    let signed = format!("{head},\n  \"signatures\": {signature}\n}}");
    let document = Document { media_type: SCHEMA_1.into(), bytes: signed.into() };
    (Digest::of(payload.as_bytes()), document)
}

fn compatibility(layer: usize) -> String {
    let parent = layer.checked_sub(1).map(|parent| format!("{parent:064x}"));
    json!({
        "id": format!("{layer:064x}"),
        "parent": parent,
        "created": "2016-02-11T09:30:00Z",
        "container_config": {"Cmd": [format!("/bin/sh -c #(nop) step {layer}")]},
    })
    .to_string()
}

/// A schema 2 image as a schema 1 image, with a digest that exists nowhere in the registry.
pub(super) fn convert(store: &Store, name: &str, tag: &str, image: &Document) -> (Digest, Document) {
    let json = image.json();
    let digest = |entry: &Value| entry["digest"].as_str().and_then(|text| Digest::parse(text).ok());
    let layers: Vec<Digest> = json["layers"].as_array().into_iter().flatten().filter_map(digest).collect();
    let config = digest(&json["config"]).and_then(|digest| match store.blob(name, &digest) {
        Some(Blob::Bytes(bytes)) => serde_json::from_slice::<Value>(bytes).ok(),
        _ => None,
    });
    let config = config.unwrap_or_default();
    document(name, tag, config["architecture"].as_str().unwrap_or("amd64"), &layers)
}
