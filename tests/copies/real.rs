//! Debian's `docker-registry` on both sides: an index with an attestation, linked, sent, and over a line that breaks.

use serde_json::{Value, json};
use tagboat::domain::outcome::Outcome;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::transfer::Way;
use tagboat::runtime::batch::Event;
use tagboat::runtime::copy::{Copy, Finished, LINKED};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::cutter::Cutter;
use super::{End, is_done, plan};
use crate::support::cleanup::drained;
use crate::support::client::tag;
use crate::support::images::{Image, OCI_INDEX, OCI_MANIFEST, digest, index};
use crate::support::registry::{Options, Registry};

/// Two platforms and what BuildKit says of one; the index is `1`.
async fn pushed(registry: &Registry) -> Digest {
    let (amd, arm) = (Image::new(OCI_MANIFEST, "two", "amd64"), Image::new(OCI_MANIFEST, "two", "arm64"));
    let attestation = Image::attestation();
    for image in [&amd, &arm, &attestation] {
        registry.push("app", image, &[]).await;
    }
    let bytes = index(&[&amd, &arm], &attestation);
    registry.push_manifest("app", "1", OCI_INDEX, &bytes).await;
    Digest::of(&bytes)
}

async fn run(from: &End, to: &End, new: &str) -> (Finished, Vec<Event>) {
    let transfer = plan(from, "1", to, new, false).await.expect("a transfer");
    let home = tempfile::tempdir().expect("a directory");
    let (events, receiver) = mpsc::channel(64);
    let copy = Copy {
        from: from.backend.clone(),
        to: to.backend.clone(),
        origins: (from.spot.origin.clone(), to.spot.origin.clone()),
        account: None,
        transfer: transfer.into(),
        journals: Journals::new(home.path(), HistorySettings::default()),
        events,
        stop: CancellationToken::new(),
    };
    drained(copy.run(), receiver).await
}

/// What another client reads there: the digest of the index, and each entry with every blob of it.
async fn is_whole(end: &End, name: &str, root: &Digest) {
    let at = Reference::Tag(tag(name));
    assert_eq!(end.backend.resolve(&end.spot.repo, &at).await.expect("the tag").digest, *root);
    let manifest = end.backend.manifest(&end.spot.repo, &at).await.expect("the index");
    assert_eq!(manifest.children.len(), 3);
    for child in &manifest.children {
        let image = end.backend.manifest(&end.spot.repo, &Reference::Digest(child.digest.clone())).await.expect("one");
        assert_eq!(Digest::of(&image.raw), child.digest);
        for blob in image.layers.iter().chain(&image.config) {
            let there = end.backend.has_blob(&end.spot.repo, &blob.digest).await.expect("an answer");
            assert!(there, "{}", blob.digest);
        }
    }
}

#[tokio::test]
async fn an_index_with_an_attestation_goes_everywhere() {
    let (source, target) = (Registry::start(Options::default()), Registry::start(Options::default()));
    let root = pushed(&source).await;
    let from = End::new(&source.url, "app");
    for (to, way) in [
        (End::new(&source.url, "app"), Way::Tag),
        (End::new(&source.url, "mirror/app"), Way::Mount),
        (End::new(&target.url, "mirror/app"), Way::Stream),
    ] {
        let (finished, _) = run(&from, &to, "new").await;
        is_done(&finished);
        is_whole(&to, "new", &root).await;
        let said = |why: &str| {
            finished.report.items.iter().filter(|one| one.why.as_ref().is_some_and(|one| one.as_str() == why)).count()
        };
        assert_eq!(said(LINKED) > 0, way == Way::Mount, "{:?}", finished.report);
        let (again, _) = run(&from, &to, "new").await;
        is_done(&again);
    }
}

#[tokio::test]
async fn a_line_that_breaks_within_a_blob_costs_only_that_blob() {
    let (source, target) = (Registry::start(Options::default()), Registry::start(Options::default()));
    // Bytes that no layer of a disk shares.
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut image = Image::new(OCI_MANIFEST, "large", "amd64");
    let large: Vec<u8> = std::iter::repeat_with(&mut byte).take(6 << 20).collect();
    let mut manifest: Value = serde_json::from_slice(&image.manifest).expect("JSON");
    let layer = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(&large), "size": large.len(),
    });
    manifest["layers"].as_array_mut().expect("layers").push(layer);
    image.manifest = serde_json::to_vec(&manifest).expect("JSON");
    image.blobs.push(large);
    source.push("app", &image, &["1"]).await;
    let cutter = Cutter::start(&target.url, 2 << 20, 2);
    let (from, to) = (End::new(&source.url, "app"), End::new(&cutter.url, "app"));
    let (finished, events) = run(&from, &to, "1").await;
    is_done(&finished);
    assert_eq!(cutter.cuts_left(), 0, "it broke twice");
    let waits: Vec<usize> = events
        .iter()
        .filter_map(|event| if let Event::Waiting { at, .. } = event { Some(*at) } else { None })
        .collect();
    assert_eq!(waits.len(), 2, "{events:?}");
    assert!(waits.iter().all(|at| *at == waits[0]), "the same blob: {waits:?}");
    let direct = End::new(&target.url, "app");
    let there = direct.backend.resolve(&direct.spot.repo, &Reference::Tag(tag("1"))).await.expect("the tag");
    assert_eq!(there.digest.to_string(), image.digest());
    assert!(finished.report.items.iter().all(|ended| ended.outcome == Outcome::Done));
}
