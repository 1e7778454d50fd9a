//! A registry that puts hostile text into every field there is.

use serde_json::{Map, Value, json};

use super::corpus::{TRACE, joined, texts};
use crate::support::images::digest;
use crate::support::listener::{Listener, Seen};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const REPO: &str = "evil/app";

/// Every text once, as values under hostile keys.
fn map() -> Value {
    let entries = texts().into_iter().enumerate().map(|(n, text)| (format!("k{n}{}", joined()), json!(text)));
    let mut map: Map<String, Value> = entries.collect();
    for key in ["description", "title", "source", "url", "authors", "created", "version", "licenses"] {
        map.insert(format!("org.opencontainers.image.{key}"), json!(joined()));
    }
    map.into()
}

struct Documents {
    index: Value,
    manifest: Value,
    config: Value,
    referrers: Value,
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn documents() -> Documents {
    let history: Vec<Value> = texts()
        .into_iter()
        .map(|text| json!({"created": text, "created_by": text, "author": text, "comment": text, "empty_layer": true}))
        .chain([json!({"created": "2026-01-02T03:04:05Z", "created_by": joined(), "comment": joined()})])
        .collect();
    let list: Vec<Value> = texts().into_iter().map(Value::from).collect();
    let config = json!({
        "created": "2026-01-02T03:04:05Z", "author": joined(), "os": joined(), "architecture": joined(),
        "variant": joined(), "os.version": joined(), "os.features": list,
        "config": {
            "User": joined(), "WorkingDir": joined(), "StopSignal": joined(), "Env": list, "Entrypoint": list,
            "Cmd": list, "Labels": map(), "ExposedPorts": {joined(): {}}, "Volumes": {joined(): {}}
        },
        "rootfs": {"type": joined(), "diff_ids": [digest(b"layer")]},
        "history": history
    });
    let layer = json!({
        "mediaType": joined(), "digest": digest(b"layer"), "size": 5, "annotations": map(), "urls": list
    });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": joined(), "annotations": map(),
        "config": {"mediaType": CONFIG, "digest": digest(&bytes(&config)), "size": bytes(&config).len()},
        "layers": [layer]
    });
    let platform = json!({
        "os": joined(), "architecture": joined(), "variant": joined(), "os.version": joined(), "os.features": list
    });
    let child = json!({
        "mediaType": MANIFEST, "digest": digest(&bytes(&manifest)), "size": bytes(&manifest).len(),
        "platform": platform, "annotations": map(), "artifactType": joined()
    });
    let index = json!({
        "schemaVersion": 2, "mediaType": INDEX, "manifests": [child], "annotations": map(), "artifactType": joined()
    });
    let mut referrer = json!({
        "mediaType": joined(), "digest": digest(b"signature"), "size": 9, "artifactType": joined(), "annotations": map()
    });
    let mut second = referrer.clone();
    second["artifactType"] = json!("application/spdx+json");
    referrer["digest"] = json!(digest(b"other"));
    let referrers =
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [referrer, second], "annotations": map()});
    Documents { index, manifest, config, referrers }
}

/// A header's value may not hold controls, but it may hold bytes above ASCII: C1 in Latin-1.
fn answer(status: u16, kind: &str, head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: {kind}\r\n").into_bytes();
    out.extend_from_slice(b"docker-distribution-api-version: registry/2.0 trc\x9b31m\x9d0;t\x9c\r\n");
    out.extend_from_slice(b"warning: 299 - \"trc\x9b31m\x9d52;c;eA==\x9c \xe2\x80\xae\xe2\x80\x8b\"\r\n");
    out.extend_from_slice(b"server: trc\x9b2J\r\n");
    out.extend_from_slice(head);
    out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(body);
    out
}

fn refusal(status: u16, head: &[u8]) -> Vec<u8> {
    let errors: Vec<Value> =
        texts().into_iter().map(|text| json!({"code": text, "message": text, "detail": {joined(): text}})).collect();
    answer(status, "application/json", head, &bytes(&json!({"errors": errors})))
}

pub fn start() -> Listener {
    let documents = documents();
    Listener::start(move |seen| respond(&documents, seen))
}

fn respond(documents: &Documents, seen: &Seen) -> Vec<u8> {
    let target = seen.line.split(' ').nth(1).unwrap_or("");
    let path = target.split('?').next().unwrap_or("");
    let json = |value: &Value| answer(200, "application/json", b"", &bytes(value));
    let manifest = |kind: &str, value: &Value| {
        let body = bytes(value);
        let head = format!("docker-content-digest: {}\r\netag: \"{TRACE}\"\r\n", digest(&body));
        let whole = answer(200, kind, head.as_bytes(), &body);
        let end = whole.len() - if seen.line.starts_with("HEAD") { body.len() } else { 0 };
        whole[..end].to_vec()
    };
    let of = |value: &Value| digest(&bytes(value));
    match path {
        "/v2/" => json(&json!({})),
        "/v2/_catalog" => {
            let mut names = texts();
            names.extend([REPO, "evil/denied", "evil/broken", "evil/secret"].map(str::to_owned));
            json(&json!({"repositories": names}))
        }
        "/v2/evil/denied/tags/list" => refusal(403, b""),
        "/v2/evil/broken/tags/list" => refusal(500, b"retry-after: \x9b31m\r\n"),
        "/v2/evil/secret/tags/list" => {
            refusal(401, b"www-authenticate: Basic realm=\"trc\x9b31m\x9d0;t\x9c\xe2\x80\xae\"\r\n")
        }
        "/v2/evil/app/tags/list" => {
            let mut names = texts();
            names.extend(["latest", "latest\u{200b}", "child"].map(str::to_owned));
            json(&json!({"name": joined(), "tags": names}))
        }
        _ if path.contains("/referrers/") => answer(200, INDEX, b"", &bytes(&documents.referrers)),
        "/v2/evil/app/manifests/latest" => manifest(INDEX, &documents.index),
        "/v2/evil/app/manifests/child" => manifest(MANIFEST, &documents.manifest),
        _ if path.ends_with(&of(&documents.index)) => manifest(INDEX, &documents.index),
        _ if path.ends_with(&of(&documents.manifest)) => manifest(MANIFEST, &documents.manifest),
        _ if path.ends_with(&of(&documents.config)) => manifest(CONFIG, &documents.config),
        _ => refusal(404, b""),
    }
}
