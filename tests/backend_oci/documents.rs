//! Manifests in forms that two programs could read in two ways, or that nobody should read at all.

use tagboat::demo::OCI_MANIFEST;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::image::{ChildState, Manifest, ManifestKind};
use tagboat::domain::reference::{Digest, Reference};

use super::{APP, Pair, typed};
use crate::support::client::{repo, tag};
use crate::support::walk::by_tag;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn descriptor(digest: &Digest) -> String {
    format!(r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{digest}","size":7}}"#)
}

/// Reads a document by tag, and that the client is well afterwards.
async fn read(media_type: &str, text: impl AsRef<[u8]>) -> Manifest {
    let pair = Pair::start().await;
    pair.fault("/manifests/v1", typed(media_type, text.as_ref()));
    let manifest = pair.backend.manifest(&repo(APP), &by_tag("v1")).await.expect("a document");
    assert_eq!(&*manifest.raw, text.as_ref(), "the raw view has the bytes that were hashed");
    pair.still_works().await;
    manifest
}

#[tokio::test]
async fn ambiguous_documents_yield_nothing() {
    let entry = descriptor(&Digest::of(b"x"));
    let cases = [
        (OCI_MANIFEST, format!(r#"{{"manifests":[{entry}],"layers":[{entry}]}}"#), "both"),
        (INDEX, format!(r#"{{"manifests":[{entry}],"config":{entry}}}"#), "both"),
        ("application/json", format!(r#"{{"manifests":[{entry}],"fsLayers":[{entry}]}}"#), "both"),
        (OCI_MANIFEST, format!(r#"{{"mediaType":"{INDEX}","layers":[{entry}]}}"#), "calls itself"),
        (INDEX, format!(r#"{{"mediaType":"{OCI_MANIFEST}","manifests":[{entry}]}}"#), "calls itself"),
        (OCI_MANIFEST, format!(r#"{{"layers":[],"layers":[{entry}]}}"#), "twice"),
        (OCI_MANIFEST, format!(r#"{{"layers":[],"\u006cayers":[{entry}]}}"#), "twice"),
    ];
    for (media_type, text, word) in cases {
        let manifest = read(media_type, &text).await;
        assert_eq!(manifest.kind, ManifestKind::Unknown, "{text}");
        assert!(manifest.children.is_empty() && manifest.layers.is_empty() && manifest.config.is_none(), "{text}");
        let told = |w: &tagboat::domain::clean::Clean| w.as_str().contains("ambiguous") && w.as_str().contains(word);
        assert!(manifest.warnings.iter().any(told), "{:?}", manifest.warnings);
    }
}

#[tokio::test]
async fn a_type_that_says_nothing_is_guessed() {
    let entry = descriptor(&Digest::of(b"x"));
    let schema1 = r#"{"schemaVersion":1,"fsLayers":[]}"#.to_owned();
    for (text, kind) in [
        (format!(r#"{{"mediaType":"{INDEX}","manifests":[{entry}]}}"#), ManifestKind::Index),
        (format!(r#"{{"manifests":[{entry}]}}"#), ManifestKind::Index),
        (format!(r#"{{"config":{entry},"layers":[]}}"#), ManifestKind::Manifest),
        (schema1, ManifestKind::Schema1),
        (r#"{"other":1}"#.to_owned(), ManifestKind::Unknown),
    ] {
        for generic in ["application/json", "text/plain; charset=utf-8", "application/octet-stream", ""] {
            assert_eq!(read(generic, &text).await.kind, kind, "{generic}: {text}");
        }
    }
}

#[tokio::test]
async fn unknown_types_are_shown_not_refused() {
    let manifest = read("application/vnd.example.thing+json; v=1", r#"{"a":1}"#).await;
    assert_eq!((manifest.kind, &*manifest.media_type), (ManifestKind::Unknown, "application/vnd.example.thing+json"));
    let manifest = read("application/vnd.example.binary", b"\x00\xff\xfe").await;
    assert_eq!((manifest.kind, manifest.raw.len()), (ManifestKind::Unknown, 3));
}

#[tokio::test]
async fn numbers_out_of_range_spoil_only_their_field() {
    let digest = Digest::of(b"x");
    for number in ["1e400", "-5", "9223372036854775808", "1.5", "\"7\"", "null", "[]"] {
        let layer = format!(r#"{{"mediaType":"x","digest":"{digest}","size":{number}}}"#);
        let fine = format!(r#"{{"mediaType":"y","digest":"{digest}","size":7}}"#);
        let manifest = read(OCI_MANIFEST, format!(r#"{{"schemaVersion":2,"layers":[{layer},{fine}]}}"#)).await;
        let sizes: Vec<_> = manifest.layers.iter().map(|layer| layer.size).collect();
        assert_eq!(sizes, [None, Some(7)], "{number}");
        assert!(manifest.warnings.iter().any(|w| w.as_str().contains("invalid size")), "{number}");
    }
    // NaN is no JSON at all.
    let pair = Pair::start().await;
    pair.fault("/manifests/v1", typed(OCI_MANIFEST, r#"{"schemaVersion":NaN}"#));
    let error = pair.backend.manifest(&repo(APP), &by_tag("v1")).await.expect_err("not JSON");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["not JSON"]);
}

#[tokio::test]
async fn depth_has_an_end() {
    let nested = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(OCI_MANIFEST, nested(63)).await.warnings.is_empty());
    for levels in [64, 100_000] {
        let manifest = read(OCI_MANIFEST, nested(levels)).await;
        assert_eq!(manifest.kind, ManifestKind::Unknown);
        assert!(manifest.warnings.iter().any(|w| w.as_str().contains("64 levels")), "{:?}", manifest.warnings);
    }
}

#[tokio::test]
async fn text_that_is_no_utf8_is_no_manifest() {
    let pair = Pair::start().await;
    pair.fault("/manifests/v1", typed(OCI_MANIFEST, b"{\"annotations\":{\"a\":\"\xff\"}}"));
    let error = pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect_err("not UTF-8");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["not JSON"]);
    pair.still_works().await;
}

#[tokio::test]
async fn digests_that_are_none_are_not_asked_for() {
    let long = format!("sha256:{}", "a".repeat(10_000));
    let bad = ["sha256:../../x", "sha256:%2e%2e", "", long.as_str(), "sha256:abc", "SHA256:00"];
    let entries: Vec<String> =
        bad.iter().map(|digest| format!(r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{digest}","size":1}}"#)).collect();
    let pair = Pair::start().await;
    pair.fault("/manifests/v1", typed(INDEX, format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","))));
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an index");
    assert!(image.children.is_empty());
    assert_eq!(image.manifest.warnings.len(), bad.len(), "{:?}", image.manifest.warnings);
    assert_eq!(pair.server.log().len(), 1, "{:?}", pair.server.log());
    pair.fault(
        "/manifests/v2",
        typed(OCI_MANIFEST, format!(r#"{{"config":{},"layers":[{}]}}"#, entries[0], entries[3])),
    );
    pair.backend.image(&repo(APP), &by_tag("v2"), None).await.expect("a manifest");
    assert_eq!(pair.server.log().len(), 2, "{:?}", pair.server.log());
}

/// Indexes in indexes: four levels are read, the fifth is named.
#[tokio::test]
async fn nesting_of_indexes_has_an_end() {
    let pair = Pair::start().await;
    let mut digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    let mut media_type = OCI_MANIFEST;
    for _ in 0..7 {
        let size = pair.server.store().repositories[APP].manifests[&digest].bytes.len();
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}]}}"#
        );
        digest = pair.server.store().add_manifest(APP, INDEX, text);
        media_type = INDEX;
    }
    let image = pair.backend.image(&repo(APP), &Reference::Digest(digest), None).await.expect("an index");
    assert_eq!(image.children.len(), 4);
    assert_eq!(image.children[3].state, ChildState::Unread);
    assert_eq!((image.size, pair.asked("/manifests/")), (None, 5));
}

#[tokio::test]
async fn an_index_of_too_many_is_read_in_part() {
    let pair = Pair::start().await;
    let digests: Vec<String> = (0..1_300).map(|n| descriptor(&Digest::of(format!("{n}").as_bytes()))).collect();
    let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, digests.join(","));
    pair.fault("/manifests/v1", typed(INDEX, text));
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an index");
    assert_eq!(image.children.len(), 1_300, "every entry is shown");
    let missing = image.children.iter().filter(|child| child.state == ChildState::Missing).count();
    assert_eq!((missing, pair.asked("/manifests/sha256")), (1_000, 1_000));
}

/// An index that holds itself, and the same child many times.
#[tokio::test]
async fn nothing_is_read_twice() {
    let pair = Pair::start().await;
    let child = pair.server.store().resolve(APP, "v1").expect("pushed");
    let entry = descriptor(&child);
    let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, vec![entry; 50].join(","));
    pair.fault("/manifests/many", typed(INDEX, text));
    let image = pair.backend.image(&repo(APP), &by_tag("many"), None).await.expect("an index");
    assert_eq!((image.children.len(), pair.asked("/manifests/sha256")), (1, 1));
}
