//! What a manifest needs to be there before it can be put somewhere.

use serde::Deserialize;

use super::reference::Digest;

/// Read from bytes that have their digest, so they are what they claim to be, whatever they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Each once.
    pub blobs: Vec<Part>,
    /// Layers that are elsewhere by design; registries do not ask for them either.
    pub foreign: Vec<Digest>,
    pub children: Vec<Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub digest: Digest,
    /// Bytes, where it says so with a number that can be one.
    pub size: Option<u64>,
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
    #[serde(default)]
    size: Option<serde_json::Number>,
    #[serde(default)]
    urls: Option<Vec<String>>,
}

impl Entry {
    fn part(&self) -> Option<Part> {
        let digest = Digest::parse(self.digest.as_deref()?).ok()?;
        Some(Part { digest, size: self.size.as_ref().and_then(serde_json::Number::as_u64) })
    }
}

impl Parts {
    /// Nothing where the bytes are no manifest: then the registry is the one to say so.
    pub fn of(bytes: &[u8]) -> Self {
        let fields: Fields = serde_json::from_slice(bytes).unwrap_or_default();
        let mut parts = Self::default();
        let lists = [fields.config.map(|config| vec![config]), fields.layers, fields.blobs, fields.fs_layers];
        for entry in lists.into_iter().flatten().flatten() {
            let Some(part) = entry.part() else { continue };
            match entry.urls.as_ref().is_none_or(Vec::is_empty) {
                true => parts.blobs.push(part),
                false => parts.foreign.push(part.digest),
            }
        }
        parts.blobs.sort_unstable();
        parts.blobs.dedup_by(|a, b| a.digest == b.digest);
        let children = fields.manifests.unwrap_or_default();
        parts.children = children.iter().filter_map(Entry::part).map(|part| part.digest).collect();
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_manifest_names_its_parts() {
        let digest = |n: u8| Digest::of(&[n]);
        let image = format!(
            r#"{{"config":{{"digest":"{}","size":7}},"layers":[{{"digest":"{}","size":-1}},{{"digest":"{}","urls":["x"]}},{{"digest":"junk"}}]}}"#,
            digest(1),
            digest(2),
            digest(3)
        );
        let mut want = vec![Part { digest: digest(1), size: Some(7) }, Part { digest: digest(2), size: None }];
        want.sort_unstable();
        let parts = Parts { blobs: want, foreign: vec![digest(3)], children: Vec::new() };
        assert_eq!(Parts::of(image.as_bytes()), parts);
        let index = format!(r#"{{"manifests":[{{"digest":"{}"}}],"config":null}}"#, digest(4));
        assert_eq!(Parts::of(index.as_bytes()).children, [digest(4)]);
        let old = format!(r#"{{"fsLayers":[{{"blobSum":"{0}"}},{{"blobSum":"{0}"}}]}}"#, digest(5));
        assert_eq!(Parts::of(old.as_bytes()).blobs, [Part { digest: digest(5), size: None }]);
        assert_eq!(Parts::of(b"no manifest"), Parts::default());
    }
}
