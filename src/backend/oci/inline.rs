//! Content that a descriptor brings along in its `data` field (oci-distribution.md §5.4): a request less, where it is
//! what the descriptor says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::backend::json::Object;
use crate::domain::reference::Digest;

/// A piece of content that came inside another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inline {
    pub digest: Digest,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// The config of a manifest and the children of an index, as far as size and digest are right. Layers are never read,
/// so their data is none of our business.
pub(super) fn contents(manifest: &[u8]) -> Vec<Inline> {
    let Some(document) = std::str::from_utf8(manifest).ok().and_then(Object::parse) else { return Vec::new() };
    let mut entries = document.objects("manifests");
    entries.extend(document.object("config"));
    entries.iter().filter_map(inline).collect()
}

fn inline(entry: &Object<'_>) -> Option<Inline> {
    let bytes = STANDARD.decode(entry.text("data")?).ok()?;
    let digest = Digest::parse(&entry.text("digest")?).ok()?;
    let right = entry.number("size") == Some(bytes.len() as u64) && digest.matches(&bytes) == Some(true);
    right.then(|| Inline { digest, media_type: entry.text("mediaType").unwrap_or_default(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_true_is_taken() {
        let digest = Digest::of(b"{}");
        let of = |data: &str, size: &str| {
            let text = format!(r#"{{"config":{{"mediaType":"m","digest":"{digest}","size":{size},"data":"{data}"}}}}"#);
            contents(text.as_bytes())
        };
        let want = Inline { digest: digest.clone(), media_type: "m".to_owned(), bytes: b"{}".to_vec() };
        assert_eq!(of("e30=", "2"), [want]);
        for (data, size) in [("e30=", "3"), ("e30=", "-2"), ("e31=", "2"), ("W10=", "2"), ("%%%", "2"), ("", "0")] {
            assert_eq!(of(data, size), [], "{data} {size}");
        }
        assert_eq!(contents(b"\xff"), []);
    }

    #[test]
    fn children_come_too_and_layers_do_not() {
        let digest = Digest::of(b"{}");
        let entry = format!(r#"{{"digest":"{digest}","size":2,"data":"e30="}}"#);
        assert_eq!(contents(format!(r#"{{"manifests":[null,{entry}]}}"#).as_bytes()).len(), 1);
        assert_eq!(contents(format!(r#"{{"layers":[{entry}]}}"#).as_bytes()), []);
    }
}
