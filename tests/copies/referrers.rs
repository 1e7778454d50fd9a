//! Signatures and SBOMs go along when asked for, and are found at the target however it lists them.

use tagboat::demo::{OciOptions, OciServer, Push, Store};
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::transfer::{Transfer, fallback_tag};

use super::{Pair, is_done, plan};
use crate::support::cleanup::{REPO, store};
use crate::support::client::repo;
use crate::support::walk::anonymous;

/// `b` with an SBOM, a signature of that SBOM, and a signature under cosign's tag.
fn signed() -> (Store, Digest) {
    let mut store = store();
    let image = store.resolve(REPO, "b").expect("a tag");
    let add = |store: &mut Store, subject: &Digest, kind: &str| {
        let media_type = store.repositories[REPO].manifests[subject].media_type.to_string();
        let config = store.add_blob(REPO, b"{}".to_vec());
        let layer = store.add_blob(REPO, kind.as_bytes().to_vec());
        let size = store.repositories[REPO].manifests[subject].bytes.len();
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": kind,
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config.to_string(), "size": 2},
            "layers": [{"mediaType": kind, "digest": layer.to_string(), "size": kind.len()}],
            "subject": {"mediaType": media_type, "digest": subject.to_string(), "size": size},
        });
        store.add_manifest(REPO, "application/vnd.oci.image.manifest.v1+json", manifest.to_string().into_bytes())
    };
    let sbom = add(&mut store, &image, "application/spdx+json");
    add(&mut store, &sbom, "application/vnd.dev.cosign.artifact.sig.v1+json");
    let mut push = Push::to(&mut store, REPO);
    let attached = push.image(&tagboat::demo::Image {
        created: "2026-03-04T05:06:07Z".to_owned(),
        platform: "linux/amd64".to_owned(),
        layers: vec![("signature".to_owned(), 30)],
        labels: Vec::new(),
        docker: false,
    });
    let name = fallback_tag(&image, ".sig").expect("sha256");
    push.tag(&[name.as_str()], &attached);
    (store, image)
}

async fn pair(api: bool) -> (Pair, Digest) {
    let (store, image) = signed();
    let with = |api| OciOptions { referrers: Some(api), ..OciOptions::default() };
    (Pair::of(store, with(true), with(api)).await, image)
}

async fn prepared(pair: &Pair, referrers: bool) -> Transfer {
    plan(&pair.source(), "b", &pair.target(), "1", referrers).await.expect("a transfer")
}

/// Digests that refer to this, as a client finds them.
async fn found(server: &OciServer, name: &str, digest: &Digest) -> Vec<String> {
    let found = anonymous(&server.url).referrers(&repo(name), digest).await.expect("referrers");
    let mut found: Vec<String> = found.list.iter().map(|one| one.descriptor.digest.to_string()).collect();
    found.sort();
    found
}

#[tokio::test]
async fn they_are_found_at_the_target_by_its_api_or_by_the_fall_back_tag() {
    for api in [true, false] {
        let (pair, image) = pair(api).await;
        let transfer = prepared(&pair, true).await;
        let fallbacks = transfer.tags.iter().filter(|one| fallback_tag(&image, "").as_ref() == Some(&one.tag)).count();
        assert_eq!(fallbacks, usize::from(!api));
        let (from, to) = (pair.source(), pair.target());
        is_done(&pair.run(&from, &to, transfer).await.0);
        let here = found(&pair.from, REPO, &image).await;
        assert_eq!(here.len(), 2, "the SBOM and cosign's signature");
        assert_eq!(found(&pair.to, "mirror/app", &image).await, here, "api: {api}");
        for digest in here {
            let digest = Digest::parse(&digest).expect("a digest");
            assert_eq!(found(&pair.to, "mirror/app", &digest).await, found(&pair.from, REPO, &digest).await);
            let there = anonymous(&pair.to.url).resolve(&repo("mirror/app"), &Reference::Digest(digest)).await;
            assert!(there.is_ok());
        }
        let again = prepared(&pair, true).await;
        is_done(&pair.run(&from, &to, again).await.0);
    }
}

#[tokio::test]
async fn they_stay_where_they_are_unless_asked_for() {
    let (pair, image) = pair(true).await;
    let transfer = prepared(&pair, false).await;
    assert_eq!(transfer.pieces.len(), 1);
    let (from, to) = (pair.source(), pair.target());
    is_done(&pair.run(&from, &to, transfer).await.0);
    assert_eq!(found(&pair.to, "mirror/app", &image).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_others_have_signed_there_is_kept() {
    let (pair, image) = pair(false).await;
    let theirs = {
        let mut store = pair.to.store();
        let index = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
        let index = store.add_manifest("mirror/app", "application/vnd.oci.image.index.v1+json", index.to_vec());
        store.tag("mirror/app", fallback_tag(&image, ".sig").expect("one").as_str(), &index);
        store.tag("mirror/app", fallback_tag(&image, "").expect("one").as_str(), &index);
        index
    };
    let transfer = prepared(&pair, true).await;
    assert!(transfer.warnings.iter().any(|text| text.as_str().contains("stays as it is")), "{:?}", transfer.warnings);
    let merged = transfer.tags.iter().find(|one| one.before == Some(theirs.clone())).expect("the fall-back tag");
    assert_eq!(Some(&merged.tag), fallback_tag(&image, "").as_ref());
    let (from, to) = (pair.source(), pair.target());
    is_done(&pair.run(&from, &to, transfer).await.0);
    let sig = fallback_tag(&image, ".sig").expect("one");
    assert_eq!(pair.to.store().resolve("mirror/app", sig.as_str()), Some(theirs));
}
