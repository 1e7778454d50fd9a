//! One pass over a snapshot that numbers every digest of it, and notes where each appeared.

use super::nodes::{Node, Numbering};
use super::snapshot::{Found, Snapshot};
use crate::domain::reference::Digest;

pub(super) struct Mentions<'a> {
    pub numbering: Numbering<'a>,
    pub targets: Vec<Option<Node>>,
    pub images: Vec<Option<Node>>,
    pub found: Vec<(Node, &'a Found)>,
    /// Index and entry.
    pub children: Vec<(Node, Node)>,
    /// Referrer and image.
    pub refers: Vec<(Node, Node)>,
    /// By lists of referrers.
    pub listed: Vec<Node>,
}

impl<'a> Mentions<'a> {
    pub fn new(snapshot: &'a Snapshot, images: &'a [(usize, Digest)]) -> Self {
        let mut all = Self {
            numbering: Numbering::with_capacity(snapshot.tags.len().max(snapshot.manifests.len())),
            targets: Vec::new(),
            images: vec![None; snapshot.tags.len()],
            found: Vec::with_capacity(snapshot.manifests.len()),
            children: Vec::new(),
            refers: Vec::new(),
            listed: Vec::new(),
        };
        let numbering = &mut all.numbering;
        let targets = snapshot.tags.iter().map(|tag| tag.target.digest());
        all.targets = targets.map(|digest| digest.map(|digest| numbering.number(digest))).collect();
        for (at, image) in images {
            let image = numbering.number(image);
            all.images[*at] = Some(image);
            all.refers.extend(all.targets[*at].map(|referrer| (referrer, image)));
        }
        for (digest, found) in &snapshot.manifests {
            let node = numbering.number(digest);
            all.found.push((node, found));
            let Found::Read(fact) = found else { continue };
            all.children.extend(fact.children.iter().map(|child| (node, numbering.number(child))));
            all.refers.extend(fact.subject.as_ref().map(|subject| (node, numbering.number(subject))));
        }
        for (image, list) in &snapshot.referrers {
            let node = numbering.number(image);
            for referrer in list {
                let other = numbering.number(referrer);
                all.listed.push(other);
                // Anybody who can push can write a fall-back index; a manifest itself says what it refers to.
                let own = snapshot.fact(referrer).and_then(|fact| fact.subject.as_ref());
                if own.is_none_or(|own| own == image) {
                    all.refers.push((other, node));
                }
            }
        }
        all.refers.retain(|(referrer, image)| referrer != image);
        all
    }
}
