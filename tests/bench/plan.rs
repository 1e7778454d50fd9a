//! Plans of long lists.

use std::collections::HashMap;

use divan::Bencher;
use jiff::Timestamp;
use tagboat::domain::capability::Support;
use tagboat::domain::cleanup::{
    Blob, Choices, Deletes, Found, ManifestFact, Marks, Protection, Snapshot, TagFact, Target, plan,
};
use tagboat::domain::image::ManifestKind;
use tagboat::domain::reference::{Digest, RepoName, TagName};
use tagboat::domain::registry::BackendKind;

use super::lists::name;

const TAGS: usize = 100_000;
/// Some tags share a digest, as they do where a release has several.
const DIGESTS: usize = 80_000;

fn image(n: usize) -> Digest {
    Digest::of(&n.to_le_bytes())
}

fn blob(n: usize) -> Blob {
    Blob { digest: Digest::of(format!("layer {n}").as_bytes()), size: Some(1_000 + n as u64) }
}

fn snapshot() -> Snapshot {
    let fact = |n: usize| ManifestFact {
        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
        kind: ManifestKind::Manifest,
        size: 500,
        children: [].into(),
        blobs: [blob(n % 100), blob(n % 1_000), blob(n), blob(n + 1)].into(),
        subject: None,
        warnings: Vec::new(),
    };
    let tags = (0..TAGS).map(|n| TagFact {
        name: TagName::parse(&name(n)).unwrap(),
        target: Target::At(image(n % DIGESTS)),
        info: None,
        label: None,
        note: None,
        pushed: None,
    });
    Snapshot {
        registry: "demo".to_owned(),
        origin: "https://r.example".to_owned(),
        kind: BackendKind::Oci,
        repo: RepoName::parse("team/api").unwrap(),
        time: Timestamp::UNIX_EPOCH,
        tags: tags.collect(),
        complete: true,
        deep: true,
        manifests: (0..DIGESTS).map(|n| (image(n), Found::Read(fact(n)))).collect(),
        referrers: HashMap::new(),
        referrers_known: true,
        deletes: Deletes { tag: Support::Yes, manifest: Support::Yes, ..Deletes::default() },
        protection: Protection::parse(["latest", "v*.*.*-keep"]).unwrap(),
    }
}

/// `untag`: tags alone; else with their manifests, entries and referrers.
#[divan::bench(args = [(500, true), (500, false), (50_000, true), (50_000, false)], sample_count = 10)]
fn plan_100k(bencher: Bencher<'_, '_>, (marked, untag): (usize, bool)) {
    let snapshot = snapshot();
    let tags = snapshot.tags.iter().step_by(TAGS / marked).map(|tag| tag.name.clone()).collect();
    let marks = Marks { tags, ..Marks::default() };
    let choices = Choices { children: !untag, referrers: !untag, ..Choices::default() };
    bencher.bench_local(|| plan(&snapshot, &marks, &choices));
}
