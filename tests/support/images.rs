//! Small images, the same bytes every time.

use serde_json::{Value, json};
use tagboat::domain::reference::Digest;

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const CREATED: &str = "2026-05-06T07:08:09Z";

/// An image: its manifest and the blobs it needs.
pub struct Image {
    pub media_type: &'static str,
    pub manifest: Vec<u8>,
    pub blobs: Vec<Vec<u8>>,
    pub platform: Value,
}

impl Image {
    /// Two layers of `salt` and three history entries, one of them empty.
    pub fn new(media_type: &'static str, salt: &str, architecture: &str) -> Self {
        let layers =
            [format!("base of {salt}").into_bytes(), format!("program of {salt} on {architecture}").into_bytes()];
        let docker = media_type == DOCKER_MANIFEST;
        let (config_type, layer_type) = match docker {
            true => {
                ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip")
            }
            false => ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"),
        };
        let config = json!({
            "created": CREATED, "os": "linux", "architecture": architecture,
            "config": {"Entrypoint": ["/bin/run"], "Env": ["PATH=/bin"], "Labels": {"who": salt}},
            "rootfs": {"type": "layers", "diff_ids": layers.each_ref().map(|layer| digest(layer))},
            "history": [
                {"created": CREATED, "created_by": "/bin/sh -c #(nop) ADD file:base in / "},
                {"created": CREATED, "created_by": "/bin/sh -c #(nop)  ENV PATH=/bin", "empty_layer": true},
                {"created": CREATED, "created_by": "/bin/sh -c make install"}
            ]
        });
        let config = serde_json::to_vec(&config).expect("JSON");
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media_type,
            "config": descriptor(config_type, &config),
            "layers": layers.each_ref().map(|layer| descriptor(layer_type, layer))
        });
        let mut blobs = Vec::from(layers);
        blobs.push(config);
        let manifest = serde_json::to_vec(&manifest).expect("JSON");
        Self { media_type, manifest, blobs, platform: json!({"os": "linux", "architecture": architecture}) }
    }

    /// What BuildKit adds to an index: a statement about `subject`.
    pub fn attestation() -> Self {
        let statement = b"{\"_type\":\"https://in-toto.io/Statement/v0.1\"}".to_vec();
        let config = b"{\"os\":\"unknown\",\"architecture\":\"unknown\"}".to_vec();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.in-toto+json", &statement)]
        });
        let manifest = serde_json::to_vec(&manifest).expect("JSON");
        let platform = json!({"os": "unknown", "architecture": "unknown"});
        Self { media_type: OCI_MANIFEST, manifest, blobs: vec![statement, config], platform }
    }

    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }

    /// Config and layers, as a tag's size counts them.
    pub fn size(&self) -> u64 {
        self.blobs.iter().map(|blob| blob.len() as u64).sum()
    }
}

/// An index of these images; the attestation is about the first.
pub fn index(images: &[&Image], attestation: &Image) -> Vec<u8> {
    let entry = |image: &Image| {
        let mut entry = descriptor(image.media_type, &image.manifest);
        entry["platform"] = image.platform.clone();
        entry
    };
    let mut entries: Vec<Value> = images.iter().map(|image| entry(image)).collect();
    let mut about = entry(attestation);
    about["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": images[0].digest()
    });
    entries.push(about);
    serde_json::to_vec(&json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})).expect("JSON")
}

pub fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}
