//! What takes the place of a tag: a manifest nobody else has, so that its deletion takes nothing else along.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::json;

use crate::domain::reference::Digest;

/// A manifest and its blobs.
#[derive(Clone, Debug)]
pub struct Content {
    pub config: Bytes,
    pub layer: Bytes,
    pub manifest: Bytes,
    pub media_type: &'static str,
    pub digest: Digest,
}

impl Content {
    /// Of the same family as what the tag was on, since some registries take only one of them.
    pub fn new(like: &str, salt: [u8; 16]) -> Self {
        let docker = like.starts_with("application/vnd.docker.");
        let (media_type, config_type, layer_type) = match docker {
            true => (
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            ),
            false => (
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar+gzip",
            ),
        };
        let layer = Bytes::from_static(b"{}");
        let label = URL_SAFE_NO_PAD.encode(salt);
        let config = json!({
            "architecture": "unknown", "os": "unknown",
            "config": {"Labels": {"tagboat.placeholder": label}},
            "rootfs": {"type": "layers", "diff_ids": [Digest::of(&layer).to_string()]},
        });
        let config = Bytes::from(config.to_string());
        let descriptor = |media_type: &str, bytes: &Bytes| json!({"mediaType": media_type, "digest": Digest::of(bytes).to_string(), "size": bytes.len()});
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media_type,
            "config": descriptor(config_type, &config), "layers": [descriptor(layer_type, &layer)],
        });
        let manifest = Bytes::from(manifest.to_string());
        let digest = Digest::of(&manifest);
        Self { config, layer, manifest, media_type, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_another_and_of_the_family_asked_for() {
        let oci = Content::new("application/vnd.oci.image.index.v1+json", [1; 16]);
        let docker = Content::new("application/vnd.docker.distribution.manifest.list.v2+json", [1; 16]);
        assert!(oci.media_type.contains("oci") && docker.media_type.contains("docker"));
        assert_ne!(oci.digest, Content::new("application/vnd.oci.image.index.v1+json", [2; 16]).digest);
        for content in [oci, docker] {
            let manifest: serde_json::Value = serde_json::from_slice(&content.manifest).unwrap();
            assert_eq!(manifest["config"]["digest"], Digest::of(&content.config).to_string());
            assert_eq!(manifest["layers"][0]["size"], 2);
            assert_eq!(manifest["mediaType"], content.media_type);
        }
    }
}
