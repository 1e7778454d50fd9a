//! Making images: configs, manifests, indexes and what hangs on them, with true digests and sizes.

use serde_json::{Map, Value, json};

use super::store::{DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Store};
use crate::domain::reference::Digest;

/// 2026-11-01T09:00:00Z. The demo's dates do not move with the clock, so that digests are the same every day.
const NOW: i64 = 1_793_523_600;

/// A moment that many hours before the demo's present.
pub(super) fn ago(hours: u32) -> String {
    jiff::Timestamp::from_second(NOW - i64::from(hours) * 3600).unwrap_or_default().to_string()
}

/// An image to be made. Layers are names with about the sizes they shall have: a name used twice is a layer shared.
#[derive(Clone, Debug)]
pub struct Image {
    pub created: String,
    /// `os/architecture[/variant]`
    pub platform: String,
    pub layers: Vec<(String, u64)>,
    pub labels: Vec<(String, String)>,
    /// Docker's media types instead of OCI's.
    pub docker: bool,
}

/// Something that was pushed.
#[derive(Clone, Debug)]
pub struct Made {
    pub digest: Digest,
    pub media_type: &'static str,
    pub size: usize,
    platform: Value,
}

impl Made {
    fn descriptor(&self) -> Value {
        let mut entry = json!({"mediaType": self.media_type, "digest": self.digest.to_string(), "size": self.size});
        if self.platform.is_object() {
            entry["platform"] = self.platform.clone();
        }
        entry
    }
}

fn platform(text: &str) -> Value {
    let mut parts = text.split('/');
    let mut platform = Map::new();
    for key in ["os", "architecture", "variant"] {
        if let Some(part) = parts.next() {
            platform.insert(key.to_owned(), part.into());
        }
    }
    platform.into()
}

/// Pushes into one repository.
pub struct Push<'a> {
    pub store: &'a mut Store,
    pub repository: &'a str,
}

impl<'a> Push<'a> {
    pub fn to(store: &'a mut Store, repository: &'a str) -> Self {
        Self { store, repository }
    }

    pub fn tag(&mut self, tags: &[&str], made: &Made) {
        for tag in tags {
            self.store.tag(self.repository, tag, &made.digest);
        }
    }

    fn manifest(&mut self, media_type: &'static str, body: &Value, platform: Value) -> Made {
        let bytes = body.to_string();
        let size = bytes.len();
        let digest = self.store.add_manifest(self.repository, media_type, bytes);
        Made { digest, media_type, size, platform }
    }

    pub fn image(&mut self, image: &Image) -> Made {
        let (layer_type, config_type, manifest_type) = if image.docker {
            (
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "application/vnd.docker.container.image.v1+json",
                DOCKER_MANIFEST,
            )
        } else {
            ("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.config.v1+json", OCI_MANIFEST)
        };
        let (mut layers, mut diff_ids) = (Vec::new(), Vec::new());
        for (name, size) in &image.layers {
            let layer = self.store.add_layer(self.repository, name, *size);
            layers.push(json!({"mediaType": layer_type, "digest": layer.digest.to_string(), "size": layer.size}));
            diff_ids.push(layer.diff_id.to_string());
        }
        let config = config(image, diff_ids).to_string();
        let config_size = config.len();
        let config_digest = self.store.add_blob(self.repository, config);
        let body = json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": {"mediaType": config_type, "digest": config_digest.to_string(), "size": config_size},
            "layers": layers,
        });
        self.manifest(manifest_type, &body, platform(&image.platform))
    }

    /// An index of what was made; Docker's kind when the children are.
    pub fn index(&mut self, children: &[Made]) -> Made {
        let docker = children.iter().any(|child| child.media_type == DOCKER_MANIFEST);
        let entries: Vec<Value> = children.iter().map(Made::descriptor).collect();
        self.index_of(if docker { DOCKER_LIST } else { OCI_INDEX }, &entries)
    }

    pub fn index_of(&mut self, media_type: &'static str, entries: &[Value]) -> Made {
        let body = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": entries});
        self.manifest(media_type, &body, Value::Null)
    }

    /// An index as BuildKit pushes it: every image followed by the attestations about it (§7).
    pub fn attested_index(&mut self, children: &[Made]) -> Made {
        let mut entries: Vec<Value> = children.iter().map(Made::descriptor).collect();
        for child in children {
            let mut entry = self.attestation(child).descriptor();
            entry["annotations"] = json!({
                "vnd.docker.reference.digest": child.digest.to_string(),
                "vnd.docker.reference.type": "attestation-manifest",
            });
            entries.push(entry);
        }
        self.index_of(OCI_INDEX, &entries)
    }

    fn attestation(&mut self, child: &Made) -> Made {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": self.repository, "digest": {"sha256": child.digest.to_string().split_off(7)}}],
            "predicate": {"builder": {"id": ""}, "buildType": "https://mobyproject.org/buildkit@v1"},
        })
        .to_string();
        let size = statement.len();
        let layer = self.store.add_blob(self.repository, statement);
        let config =
            json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [layer.to_string()]}})
                .to_string();
        let config_size = config.len();
        let config = self.store.add_blob(self.repository, config);
        let body = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": config.to_string(),
                "size": config_size,
            },
            "layers": [{
                "mediaType": "application/vnd.in-toto+json",
                "digest": layer.to_string(),
                "size": size,
                "annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"},
            }],
        });
        self.manifest(OCI_MANIFEST, &body, platform("unknown/unknown"))
    }

    /// A manifest that is no image: a signature, an SBOM, a chart. `config` is its type and content.
    pub fn artifact(
        &mut self,
        artifact_type: Option<&str>,
        config: (&str, &str),
        layer: (&str, &str),
        subject: Option<&Made>,
        annotations: &Value,
    ) -> Made {
        let config_digest = self.store.add_blob(self.repository, config.1.to_owned());
        let layer_digest = self.store.add_blob(self.repository, layer.1.to_owned());
        let mut body = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": config.0, "digest": config_digest.to_string(), "size": config.1.len()},
            "layers": [{"mediaType": layer.0, "digest": layer_digest.to_string(), "size": layer.1.len()}],
        });
        if let Some(artifact_type) = artifact_type {
            body["artifactType"] = artifact_type.into();
        }
        if let Some(subject) = subject {
            let mut descriptor = subject.descriptor();
            descriptor.as_object_mut().map(|fields| fields.remove("platform"));
            body["subject"] = descriptor;
        }
        if annotations.is_object() {
            body["annotations"] = annotations.clone();
        }
        self.manifest(OCI_MANIFEST, &body, Value::Null)
    }
}

/// A config whose history fits its layers: one entry per layer, and one that made none.
fn config(image: &Image, diff_ids: Vec<String>) -> Value {
    let mut config = platform(&image.platform);
    let labels: Map<String, Value> =
        image.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let step = |(name, _): &(String, u64)| json!({"created": image.created, "created_by": format!("COPY {name} / # buildkit"), "comment": "buildkit.dockerfile.v0"});
    let mut history: Vec<Value> = image.layers.iter().map(step).collect();
    history.push(json!({"created": image.created, "created_by": "CMD [\"/app\"]", "empty_layer": true}));
    config["created"] = image.created.as_str().into();
    config["config"] = json!({
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        "Cmd": ["/app"],
        "WorkingDir": "/",
        "Labels": labels,
    });
    config["rootfs"] = json!({"type": "layers", "diff_ids": diff_ids});
    config["history"] = history.into();
    config
}
