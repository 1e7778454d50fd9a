//! What a manifest needs to be there before it can be put back.

use serde::Deserialize;

use crate::domain::reference::Digest;

/// Read from bytes that have their digest, so they are what was deleted, whatever they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub blobs: Vec<Digest>,
    pub children: Vec<Digest>,
}

#[derive(Deserialize, Default)]
struct Fields {
    #[serde(default)]
    config: Option<Entry>,
    #[serde(default)]
    layers: Option<Vec<Entry>>,
    /// Of the withdrawn artifact manifest.
    #[serde(default)]
    blobs: Option<Vec<Entry>>,
    #[serde(default)]
    manifests: Option<Vec<Entry>>,
    /// Of schema 1.
    #[serde(default, rename = "fsLayers")]
    fs_layers: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, alias = "blobSum")]
    digest: Option<String>,
    /// Layers that are elsewhere by design; registries do not ask for them either.
    #[serde(default)]
    urls: Option<Vec<String>>,
}

impl Parts {
    /// Nothing where the bytes are no manifest: then the registry is the one to say so.
    pub fn of(bytes: &[u8]) -> Self {
        let fields: Fields = serde_json::from_slice(bytes).unwrap_or_default();
        let here = |entry: &Entry| entry.urls.as_ref().is_none_or(Vec::is_empty);
        let digests = |list: Option<Vec<Entry>>| {
            let entries = list.unwrap_or_default().into_iter().filter(here);
            entries.filter_map(|entry| Digest::parse(&entry.digest?).ok()).collect::<Vec<_>>()
        };
        let mut blobs = digests(fields.config.map(|config| vec![config]));
        for list in [fields.layers, fields.blobs, fields.fs_layers] {
            blobs.extend(digests(list));
        }
        blobs.sort_unstable();
        blobs.dedup();
        Self { blobs, children: digests(fields.manifests) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_manifest_names_its_parts() {
        let digest = |n: u8| Digest::of(&[n]);
        let image = format!(
            r#"{{"config":{{"digest":"{}"}},"layers":[{{"digest":"{}"}},{{"digest":"{}","urls":["x"]}},{{"digest":"junk"}}]}}"#,
            digest(1),
            digest(2),
            digest(3)
        );
        let mut want = vec![digest(1), digest(2)];
        want.sort_unstable();
        assert_eq!(Parts::of(image.as_bytes()), Parts { blobs: want, children: Vec::new() });
        let index = format!(r#"{{"manifests":[{{"digest":"{}"}}],"config":null}}"#, digest(4));
        assert_eq!(Parts::of(index.as_bytes()).children, [digest(4)]);
        let old = format!(r#"{{"fsLayers":[{{"blobSum":"{0}"}},{{"blobSum":"{0}"}}]}}"#, digest(5));
        assert_eq!(Parts::of(old.as_bytes()).blobs, [digest(5)]);
        assert_eq!(Parts::of(b"no manifest"), Parts::default());
    }
}
