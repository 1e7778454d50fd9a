use std::collections::BTreeMap;

use super::*;
use crate::domain::clean::{self, Clean};
use crate::domain::image::Platform;

fn blob(name: u8, size: Option<u64>) -> Descriptor {
    Descriptor {
        digest: Digest::of(&[name]),
        size,
        media_type: Clean::default(),
        artifact_type: None,
        platform: None,
        annotations: BTreeMap::new(),
        attests: None,
    }
}

fn image(name: u8, layers: Vec<Descriptor>) -> Manifest {
    Manifest {
        digest: Digest::of(&[name]),
        media_type: "".into(),
        kind: ManifestKind::Manifest,
        raw: Arc::default(),
        children: Vec::new(),
        config: Some(blob(100 + name, Some(10))),
        layers,
        subject: None,
        artifact_type: None,
        annotations: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

fn node(name: u8, platform: Option<(&str, &str)>, content: Content) -> Node {
    let platform = platform.map(|(os, architecture)| Platform {
        os: clean::identifier(os),
        architecture: clean::identifier(architecture),
        variant: None,
        os_version: None,
    });
    Node { descriptor: Descriptor { platform, ..blob(name, Some(1)) }, content }
}

fn read(name: u8) -> Content {
    Content::Read(Arc::new(image(name, vec![blob(50, Some(1000)), blob(name, Some(1))])))
}

#[test]
fn a_blob_counts_once() {
    let layer = || blob(50, Some(7));
    assert_eq!(size([&image(1, vec![layer(), layer()])]), Some(17));
    assert_eq!(size([&image(1, vec![blob(50, None)])]), None);
    assert_eq!(size([&image(1, vec![blob(1, Some(u64::MAX)), blob(2, Some(5))])]), None);
    assert_eq!(tree_size(&[node(1, None, read(1)), node(2, None, read(2))]), Some(1000 + 2 + 20));
}

#[test]
fn a_missing_child_leaves_the_size_open_and_an_attestation_does_not() {
    let mut attestation = node(3, Some(("unknown", "unknown")), Content::Unread);
    attestation.descriptor.attests = Some(Digest::of(&[1]));
    assert_eq!(tree_size(&[node(1, None, read(1)), attestation]), Some(1011));
    assert_eq!(tree_size(&[node(1, None, read(1)), node(2, None, Content::Missing)]), None);
}

#[test]
fn linux_amd64_is_shown_else_the_first_image() {
    let shown = |nodes: &[Node]| pick(nodes).map(|node| node.descriptor.digest.clone());
    let arm = || node(1, Some(("linux", "arm64")), read(1));
    let amd = || node(2, Some(("linux", "amd64")), read(2));
    assert_eq!(shown(&[arm(), amd()]), Some(Digest::of(&[2])));
    assert_eq!(shown(&[node(9, Some(("unknown", "unknown")), read(9)), arm()]), Some(Digest::of(&[1])));
    assert_eq!(shown(&[node(2, Some(("linux", "amd64")), Content::Missing), arm()]), Some(Digest::of(&[1])));
    assert_eq!(shown(&[]), None);
}
