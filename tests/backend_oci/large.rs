//! Manifests and configs above 4 MiB: refused, unless somebody asks for that one explicitly.

use serde_json::{Value, json};
use tagboat::demo::{OCI_MANIFEST, Store};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::image::{ChildState, ManifestKind};
use tagboat::domain::reference::{Digest, Reference};

use super::{APP, Pair, push};
use crate::support::client::{repo, tag};
use crate::support::walk::by_tag;

const MIB: usize = 1 << 20;
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The same document, as long as this.
fn padded(document: &Value, length: usize) -> Vec<u8> {
    let mut bytes = document.to_string().into_bytes();
    assert!(bytes.len() <= length);
    bytes.resize(length, b' ');
    bytes
}

fn manifest_of(store: &Store, name: &str) -> Value {
    let digest = store.resolve(APP, name).expect("pushed");
    store.repositories[APP].manifests[&digest].json()
}

/// `large`: a manifest of this length.
fn with_manifest(pair: &Pair, length: usize) -> Digest {
    let mut store = pair.server.store();
    let bytes = padded(&manifest_of(&store, "v1"), length);
    let digest = store.add_manifest(APP, OCI_MANIFEST, bytes);
    store.tag(APP, "large", &digest);
    digest
}

/// `large`: a manifest whose config has this length, and says so or not.
fn with_config(pair: &Pair, bytes: Vec<u8>, size: Option<usize>) {
    let mut store = pair.server.store();
    let mut manifest = manifest_of(&store, "v1");
    let digest = store.add_blob(APP, bytes);
    manifest["config"] = json!({"mediaType": CONFIG, "digest": digest.to_string(), "size": size});
    let digest = store.add_manifest(APP, OCI_MANIFEST, manifest.to_string());
    store.tag(APP, "large", &digest);
}

#[tokio::test]
async fn a_manifest_of_each_size() {
    let pair = Pair::start().await;
    for (length, unasked, asked) in
        [(4 * MIB, true, true), (4 * MIB + 1, false, true), (32 * MIB, false, true), (32 * MIB + 1, false, false)]
    {
        let digest = with_manifest(&pair, length);
        for reference in [by_tag("large"), Reference::Digest(digest.clone())] {
            // First: what was read in spite of its size must not serve the reads that nobody asked for.
            match pair.backend.large_image(&repo(APP), &reference, None).await {
                Ok(image) => {
                    assert!(asked, "{length}");
                    assert_eq!((image.manifest.raw.len(), &image.manifest.digest), (length, &digest));
                    assert!(image.config.is_some() && image.manifest.kind == ManifestKind::Manifest, "{length}");
                }
                Err(error) => {
                    assert!(!asked, "{length}: {error}");
                    pair.is_clear(&error, ErrorKind::BadAnswer, &["more than the 32 MiB"]);
                }
            }
            match pair.backend.image(&repo(APP), &reference, None).await {
                Ok(_) => assert!(unasked, "{length}"),
                Err(error) => {
                    assert!(!unasked, "{length}: {error}");
                    pair.is_clear(&error, ErrorKind::TooLarge, &["more than the 4 MiB"]);
                }
            }
        }
        let row = pair.backend.tag_info(&repo(APP), &tag("large")).await;
        assert_eq!(row.is_ok(), unasked, "{length}: a row of a list");
    }
    pair.still_works().await;
}

#[tokio::test]
async fn a_config_of_each_size() {
    let pair = Pair::start().await;
    let document = json!({"os": "linux", "architecture": "riscv64"});
    for (length, unasked, asked) in
        [(4 * MIB, true, true), (4 * MIB + 1, false, true), (32 * MIB, false, true), (32 * MIB + 1, false, false)]
    {
        // What the manifest leaves out shows when the bytes come.
        for size in [Some(length), None] {
            with_config(&pair, padded(&document, length), size);
            let name = by_tag("large");
            let image = pair.backend.large_image(&repo(APP), &name, None).await.expect("the rest of it");
            let kind = image.config_error.as_ref().map(|report| report.kind);
            assert_eq!((image.config.is_some(), kind), (asked, (!asked).then_some(ErrorKind::BadAnswer)), "{length}");
            let words = image.config_error.map(|report| report.what.to_string()).unwrap_or_default();
            assert_eq!(words.contains("the 32 MiB"), !asked, "{length}: {words}");
            let image = pair.backend.image(&repo(APP), &name, None).await.expect("the rest of it");
            let kind = image.config_error.as_ref().map(|report| report.kind);
            assert_eq!(
                (image.config.is_some(), kind),
                (unasked, (!unasked).then_some(ErrorKind::TooLarge)),
                "{length}"
            );
            let words = image.config_error.map(|report| report.what.to_string()).unwrap_or_default();
            assert_eq!(words.contains("the 4 MiB"), !unasked, "{length}: {words}");
        }
    }
}

#[tokio::test]
async fn a_platform_that_is_too_large_is_shown_when_asked_for() {
    let pair = Pair::start().await;
    let child = with_manifest(&pair, 4 * MIB + 1);
    let other = push(&mut pair.server.store(), "other");
    let entry = |digest: &Digest, size: usize, architecture: &str| {
        json!({"mediaType": OCI_MANIFEST, "digest": digest.to_string(), "size": size,
            "platform": {"os": "linux", "architecture": architecture}})
    };
    let entries = [entry(&child, 4 * MIB + 1, "arm64"), entry(&other.digest, other.size, "amd64")];
    let index = json!({"schemaVersion": 2, "manifests": entries}).to_string();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let digest = Reference::Digest(pair.server.store().add_manifest(APP, media_type, index));
    let image = pair.backend.large_image(&repo(APP), &digest, None).await.expect("an index");
    assert_eq!((&image.children[0].state, image.shown.as_ref()), (&ChildState::Unread, Some(&other.digest)));
    let error = pair.backend.image(&repo(APP), &digest, Some(&child)).await.expect_err("too large");
    pair.is_clear(&error, ErrorKind::TooLarge, &["more than the 4 MiB"]);
    let image = pair.backend.large_image(&repo(APP), &digest, Some(&child)).await.expect("asked for");
    assert_eq!(image.shown, Some(child));
    assert!(image.config.is_some() && !image.layers.is_empty(), "{image:?}");
}

/// 32 MiB are sixteen million values, each of which costs more memory than its bytes.
#[tokio::test]
async fn what_has_too_many_values_is_not_taken_apart() {
    let pair = Pair::start().await;
    for (count, taken) in [(99_990, true), (100_001, false)] {
        let entries = vec![json!({"created_by": "x".repeat(20)}); count / 2];
        let document = json!({"os": "linux", "architecture": "amd64", "history": entries});
        let bytes = padded(&document, 8 * MIB);
        with_config(&pair, bytes.clone(), Some(8 * MIB));
        let image = pair.backend.large_image(&repo(APP), &by_tag("large"), None).await.expect("the rest of it");
        assert_eq!((image.config.is_some(), image.config_error.is_none()), (taken, taken), "{count}");
        let digest = pair.server.store().add_manifest(APP, OCI_MANIFEST, bytes);
        let digest = Reference::Digest(digest);
        let image = pair.backend.large_image(&repo(APP), &digest, None).await.expect("its bytes");
        let warned = image.manifest.warnings.iter().any(|text| text.as_str().contains("only the raw view"));
        assert_eq!((warned, image.manifest.kind == ManifestKind::Unknown), (!taken, !taken), "{count}");
    }
    with_config(&pair, vec![0xff; 5 * MIB], Some(5 * MIB));
    let image = pair.backend.large_image(&repo(APP), &by_tag("large"), None).await.expect("the rest of it");
    let words = image.config_error.expect("no text").what.to_string();
    assert!(words.contains("is no text"), "{words}");
}
