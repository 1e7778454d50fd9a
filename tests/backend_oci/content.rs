//! Digests: computed, whatever the server says.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use tagboat::demo::{Fault, OCI_MANIFEST, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::image::ChildState;
use tagboat::domain::reference::{Digest, Reference, hex};

use super::{APP, Pair, image, push, typed};
use crate::support::client::{repo, tag};
use crate::support::walk::by_tag;

fn by_digest(digest: &Digest) -> Reference {
    Reference::Digest(digest.clone())
}

#[tokio::test]
async fn a_header_that_lies_is_a_warning_by_tag_and_no_matter_by_digest() {
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    pair.fault("/manifests/", Fault::WrongDigest);
    let manifest = pair.backend.manifest(&repo(APP), &by_tag("v1")).await.expect("the content is right");
    assert_eq!(manifest.digest, digest, "the computed one is the truth");
    assert!(manifest.warnings.iter().any(|w| w.as_str().contains("ba".repeat(32).as_str())), "{manifest:?}");
    let manifest = pair.backend.manifest(&repo(APP), &by_digest(&digest)).await.expect("the content is right");
    assert_eq!(manifest.digest, digest);
}

#[tokio::test]
async fn content_that_is_not_its_digests_is_refused() {
    let pair = Pair::start().await;
    let other = push(&mut pair.server.store(), "v2");
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    let document = |digest: &Digest| pair.server.store().repositories[APP].manifests[digest].bytes.clone();
    let right = document(&digest);
    for (name, bytes) in [
        ("a newline more", [&right[..], b"\n"].concat()),
        ("cut", right[..right.len() - 1].to_vec()),
        ("swapped", document(&other.digest).to_vec()),
    ] {
        pair.server.faults().add(Rule::on("/manifests/sha256", typed(OCI_MANIFEST, &bytes)).times(1));
        let error = pair.backend.manifest(&repo(APP), &by_digest(&digest)).await.expect_err(name);
        let got = Digest::of(&bytes).to_string();
        pair.is_clear(&error, ErrorKind::BadAnswer, &[&digest.to_string(), &got]);
    }
    assert_eq!(pair.asked("/manifests/"), 3, "nothing was asked for twice");
    pair.backend.manifest(&repo(APP), &by_digest(&digest)).await.expect("the right one");
    pair.still_works().await;
}

#[tokio::test]
async fn a_head_for_another_digest_is_refused() {
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    pair.fault("/manifests/", Fault::WrongDigest);
    let error = pair.backend.resolve(&repo(APP), &by_digest(&digest)).await.expect_err("another digest");
    pair.is_clear(&error, ErrorKind::BadAnswer, &[&digest.to_string()]);
    pair.still_works().await;
}

#[tokio::test]
async fn a_head_that_does_not_say_is_followed_by_a_get() {
    for fault in [
        Fault::Header("docker-content-digest".to_owned(), None),
        Fault::Header("docker-content-digest".to_owned(), Some("sha256:../../x".to_owned())),
        Fault::Header("docker-content-digest".to_owned(), Some("a".repeat(7000))),
        Fault::status(405),
        Fault::status(400),
        Fault::status(404),
        Fault::status(403),
    ] {
        let pair = Pair::start().await;
        let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
        pair.server.faults().add(Rule::on("/manifests/", fault.clone()).method("HEAD"));
        let resolved = pair.backend.resolve(&repo(APP), &by_tag("v1")).await.expect("by GET");
        assert_eq!((resolved.digest, &*resolved.media_type), (digest, OCI_MANIFEST), "{fault:?}");
        assert_eq!((pair.asked_by("HEAD", "/manifests/"), pair.asked_by("GET", "/manifests/")), (1, 1), "{fault:?}");
    }
}

/// With fewer types distribution 2.8 sends another document than the tag's (oci-distribution.md §5.1).
#[tokio::test]
async fn every_request_for_a_manifest_takes_all_types() {
    const TYPES: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
        application/vnd.docker.distribution.manifest.list.v2+json, \
        application/vnd.docker.distribution.manifest.v2+json, \
        application/vnd.docker.distribution.manifest.v1+prettyjws, \
        application/vnd.docker.distribution.manifest.v1+json, application/vnd.oci.artifact.manifest.v1+json";
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    pair.backend.resolve(&repo(APP), &by_tag("v1")).await.expect("a digest");
    pair.backend.manifest(&repo(APP), &by_digest(&digest)).await.expect("a manifest");
    pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("a tag");
    pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image");
    pair.backend.referrers(&repo(APP), &digest).await.expect("none");
    let asked: Vec<_> = pair.server.log().into_iter().filter(|seen| seen.path.contains("/manifests/")).collect();
    for method in ["HEAD", "GET"] {
        assert!(asked.iter().any(|seen| seen.method == method), "{asked:?}");
    }
    for seen in asked {
        assert_eq!(seen.header("accept"), Some(TYPES), "{} {}", seen.method, seen.path);
        assert_eq!(seen.header("accept-encoding"), Some("identity"), "{} {}", seen.method, seen.path);
    }
}

#[tokio::test]
async fn head_and_get_that_disagree_do_not_mix() {
    let pair = Pair::start().await;
    let old = pair.server.store().resolve(APP, "v1").expect("pushed");
    let new = push(&mut pair.server.store(), "v2");
    // Warm the client, so that tags are read by HEAD; then the HEAD names what the GET does not bring.
    pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("a tag");
    pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("a tag");
    let header = Fault::Header("docker-content-digest".to_owned(), Some(new.digest.to_string()));
    pair.server.faults().add(Rule::on("/manifests/v1", header).method("HEAD"));
    let info = pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("what the HEAD named");
    assert_eq!(info.digest, new.digest);
    let manifest = pair.backend.manifest(&repo(APP), &by_tag("v1")).await.expect("what the GET brings");
    assert_eq!(manifest.digest, old);
}

#[tokio::test]
async fn sha512_is_verified_and_strangers_are_marked() {
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    let bytes = pair.server.store().repositories[APP].manifests[&digest].bytes.clone();
    let sha512 = Digest::parse(&format!("sha512:{}", hex(&Sha512::digest(&bytes)))).expect("a digest");
    pair.fault("/manifests/sha512:", typed(OCI_MANIFEST, &bytes));
    let manifest = pair.backend.manifest(&repo(APP), &by_digest(&sha512)).await.expect("verified");
    assert_eq!((&manifest.digest, manifest.warnings.len()), (&sha512, 0));
    // Named in a header by tag, it is the digest the registry goes by.
    let header = Fault::Header("docker-content-digest".to_owned(), Some(sha512.to_string()));
    pair.fault("/manifests/v1", header);
    let info = pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("a tag");
    assert_eq!(info.digest, sha512);

    let wrong = Digest::parse(&format!("sha512:{}", "0".repeat(128))).expect("a digest");
    pair.server.faults().clear();
    pair.fault("/manifests/sha512:", typed(OCI_MANIFEST, &bytes));
    let error = pair.backend.manifest(&repo(APP), &by_digest(&wrong)).await.expect_err("another content");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["does not match"]);
    let strange = Digest::parse("blake3:abcdef").expect("well formed");
    pair.fault("/manifests/blake3:", typed(OCI_MANIFEST, &bytes));
    let manifest = pair.backend.manifest(&repo(APP), &by_digest(&strange)).await.expect("unverified");
    assert!(manifest.warnings.iter().any(|w| w.as_str().contains("unverified")), "{manifest:?}");
}

#[tokio::test]
async fn a_child_whose_size_is_a_lie_is_not_read_from() {
    let pair = Pair::start().await;
    let child = push(&mut pair.server.store(), "child");
    let entry = |size: usize| {
        json!({"mediaType": OCI_MANIFEST, "digest": child.digest.to_string(), "size": size,
        "platform": {"os": "linux", "architecture": "amd64"}})
    };
    for (size, read) in [(child.size, true), (child.size + 1, false), (0, false)] {
        let index = json!({"schemaVersion": 2, "manifests": [entry(size)]}).to_string();
        let media_type = "application/vnd.oci.image.index.v1+json";
        let digest = pair.server.store().add_manifest(APP, media_type, index);
        let image = pair.backend.image(&repo(APP), &by_digest(&digest), None).await.expect("an index");
        let state = &image.children[0].state;
        assert_eq!(matches!(state, ChildState::Present { .. }), read, "{size}: {state:?}");
        assert_eq!(image.size.is_some(), read, "{size}");
    }
}

#[tokio::test]
async fn inline_data_is_used_when_it_is_what_it_says() {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let config = br#"{"os":"linux","architecture":"riscv64"}"#;
    let cases = [
        ("right", encode(config), config.len(), 0),
        ("other bytes", encode(br#"{"os":"linux","architecture":"sparc64"}"#), config.len(), 1),
        ("another size", encode(config), config.len() + 1, 1),
        ("no base64", "!!!".to_owned(), config.len(), 1),
    ];
    for (name, data, size, asked) in cases {
        let pair = Pair::start().await;
        let digest = pair.server.store().add_blob(APP, config.to_vec());
        let kind = "application/vnd.oci.image.config.v1+json";
        let entry = json!({"mediaType": kind, "digest": digest.to_string(), "size": size, "data": data});
        let body = json!({"schemaVersion": 2, "config": entry, "layers": Value::Array(Vec::new())}).to_string();
        let made = pair.server.store().add_manifest(APP, OCI_MANIFEST, body);
        pair.server.store().tag(APP, "inline", &made);
        let image = pair.backend.image(&repo(APP), &by_tag("inline"), None).await.expect("an image");
        assert_eq!(pair.asked("/blobs/"), asked, "{name}");
        let platform = image.config.and_then(|config| config.platform).map(|platform| platform.to_string());
        let known = size == config.len();
        assert_eq!(platform.as_deref(), known.then_some("linux/riscv64"), "{name}");
    }
}

#[tokio::test]
async fn the_urls_of_a_layer_are_never_asked() {
    let other = tagboat::demo::start_oci(tagboat::demo::Store::new(), Default::default()).await.expect("a free port");
    let pair = Pair::start().await;
    let made = {
        let mut store = pair.server.store();
        let mut push = tagboat::demo::Push::to(&mut store, APP);
        push.image(&image("base", "linux/amd64"))
    };
    let mut body: Value = pair.server.store().repositories[APP].manifests[&made.digest].json();
    body["layers"][0]["mediaType"] = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into();
    body["layers"][0]["urls"] = json!([format!("{}/layer", other.url), "http://169.254.169.254/"]);
    let made = pair.server.store().add_manifest(APP, OCI_MANIFEST, body.to_string());
    pair.server.store().tag(APP, "foreign", &made);
    let image = pair.backend.image(&repo(APP), &by_tag("foreign"), None).await.expect("an image");
    assert_eq!(image.layers.len(), 1);
    pair.backend.tag_info(&repo(APP), &tag("foreign")).await.expect("a tag");
    assert!(other.log().is_empty(), "{:?}", other.log());
    let blobs = pair.asked("/blobs/");
    assert_eq!(blobs, 1, "the config, and no layer");
}

/// The length is right and the digest is not: only the digest shows it.
#[tokio::test]
async fn a_config_that_is_not_its_digests_is_left_out() {
    let pair = Pair::start().await;
    let manifest = pair.backend.manifest(&repo(APP), &by_tag("v1")).await.expect("a manifest");
    let config = manifest.config.expect("an image");
    let length = usize::try_from(config.size.expect("a size")).expect("a small one");
    let path = format!("/blobs/{}", config.digest);
    pair.fault(&path, typed("application/octet-stream", " ".repeat(length)));
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("the rest of it");
    assert!(image.config.is_none(), "{:?}", image.config);
    pair.server.faults().clear();
    let image = pair.backend.image(&repo(APP), &by_tag("v1"), None).await.expect("an image");
    assert_eq!(image.config.map(|config| Digest::of(&config.raw)), Some(config.digest), "nothing wrong was kept");
}
