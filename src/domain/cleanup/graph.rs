//! Who uses what in a snapshot: tags on digests, indexes above entries, referrers beside images. Built once, in one
//! pass over everything, so that a plan of a long list looks into tables and never scans.

use std::sync::Arc;

use hashbrown::HashMap;

use super::mentions::Mentions;
use super::nodes::{Lists, Node, Nodes, Table};
use super::referrer_tag;
use super::snapshot::{Found, ManifestFact, Snapshot, TagFact, Target};
use crate::domain::clean::{self, Clean};
use crate::domain::image::ManifestKind;
use crate::domain::reference::{Digest, TagName};
use crate::domain::text;

pub(super) struct Graph<'a> {
    pub snapshot: &'a Snapshot,
    pub nodes: Nodes<'a>,
    by_name: HashMap<&'a TagName, usize>,
    /// By the place of the tag.
    targets: Vec<Option<Node>>,
    images: Vec<Option<Node>>,
    found: Table<Option<&'a Found>>,
    /// In the order they are kept in, which is the fast one.
    facts: Vec<(Node, &'a ManifestFact)>,
    on: Lists<usize>,
    children: Lists<Node>,
    indexes: Lists<Node>,
    referrers: Lists<Node>,
    subjects: Lists<Node>,
    /// Tags that attach something to a digest.
    attached: Lists<usize>,
    /// Why nobody can say for certain what uses a manifest.
    pub unsure: Option<Clean>,
    /// Why nobody can say for certain which tags are on a digest.
    pub unsure_tags: Option<Clean>,
}

impl<'a> Graph<'a> {
    /// `images`: the digests that tags attach something to (`attached_to`), kept by the caller.
    pub fn new(snapshot: &'a Snapshot, images: &'a [(usize, Digest)]) -> Self {
        let mut mentions = Mentions::new(snapshot, images);
        let (nodes, ranks) = mentions.numbering.ranked();
        mentions.targets.iter_mut().flatten().for_each(|node| *node = ranks[*node]);
        mentions.images.iter_mut().flatten().for_each(|node| *node = ranks[*node]);
        for (one, other) in mentions.children.iter_mut().chain(&mut mentions.refers) {
            (*one, *other) = (ranks[*one], ranks[*other]);
        }
        let mut found = nodes.table(None);
        let mut named = nodes.table(false);
        let mut facts = Vec::with_capacity(mentions.found.len());
        for (node, one) in mentions.found {
            let node = ranks[node];
            (found[node], named[node]) = (Some(one), true);
            facts.extend(one.fact().map(|fact| (node, fact)));
        }
        mentions.listed.iter().for_each(|node| named[ranks[*node]] = true);
        mentions.children.iter().for_each(|(_, child)| named[*child] = true);
        mentions.targets.iter().flatten().for_each(|node| named[*node] = true);
        let turned = |pairs: &[(Node, Node)]| pairs.iter().map(|(one, other)| (*other, *one)).collect();
        let mut graph = Self {
            snapshot,
            by_name: snapshot.tags.iter().enumerate().map(|(at, tag)| (&tag.name, at)).collect(),
            on: nodes.lists(&placed(&mentions.targets)),
            attached: nodes.lists(&placed(&mentions.images)),
            indexes: nodes.sets(turned(&mentions.children)),
            children: nodes.lists(&mentions.children),
            referrers: nodes.sets(turned(&mentions.refers)),
            subjects: nodes.sets(mentions.refers),
            targets: mentions.targets,
            images: mentions.images,
            found,
            facts,
            nodes,
            unsure: None,
            unsure_tags: None,
        };
        (graph.unsure, graph.unsure_tags) = graph.why_unsure(&named);
        graph
    }

    pub fn tag(&self, at: usize) -> &'a TagFact {
        &self.snapshot.tags[at]
    }

    pub fn find(&self, name: &TagName) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// What a tag is on.
    pub fn target(&self, at: usize) -> Option<Node> {
        self.targets[at]
    }

    /// What a tag attaches something to.
    pub fn image(&self, at: usize) -> Option<Node> {
        self.images[at]
    }

    pub fn digest(&self, node: Node) -> &'a Digest {
        self.nodes.digest(node)
    }

    pub fn on(&self, node: Node) -> &[usize] {
        self.on.of(node)
    }

    pub fn indexes(&self, node: Node) -> &[Node] {
        self.indexes.of(node)
    }

    pub fn referrers(&self, node: Node) -> &[Node] {
        self.referrers.of(node)
    }

    pub fn subjects(&self, node: Node) -> &[Node] {
        self.subjects.of(node)
    }

    pub fn attached(&self, image: Node) -> &[usize] {
        self.attached.of(image)
    }

    /// The entries of an index, as it lists them.
    pub fn children(&self, node: Node) -> &[Node] {
        self.children.of(node)
    }

    /// What asking for it gave.
    pub fn found(&self, node: Node) -> Option<&'a Found> {
        self.found[node]
    }

    /// What was read of it.
    pub fn fact(&self, node: Node) -> Option<&'a ManifestFact> {
        self.found[node].and_then(Found::fact)
    }

    /// Everything that was read, in no order.
    pub fn facts(&self) -> impl Iterator<Item = (Node, &'a ManifestFact)> {
        self.facts.iter().copied()
    }

    /// A manifest something can be planned from.
    pub fn is_sound(&self, node: Node) -> bool {
        self.fact(node).is_some_and(ManifestFact::is_sound)
    }

    /// It is known not to be there.
    pub fn is_missing(&self, node: Node) -> bool {
        self.on(node).is_empty() && matches!(self.found[node], Some(Found::Missing))
    }

    /// What it lists is not known: it may be an index of anything.
    fn is_opaque(&self, node: Node) -> bool {
        match self.found[node] {
            Some(Found::Read(fact)) => match fact.kind {
                ManifestKind::Unknown => true,
                ManifestKind::Index => !fact.warnings.is_empty(),
                ManifestKind::Manifest | ManifestKind::Schema1 | ManifestKind::Artifact => false,
            },
            Some(Found::Missing) => !self.on(node).is_empty(),
            Some(Found::Unreadable(_)) | None => true,
        }
    }

    /// `named`: what a tag, an index or a list of referrers names, or was asked for.
    fn why_unsure(&self, named: &Table<bool>) -> (Option<Clean>, Option<Clean>) {
        let snapshot = self.snapshot;
        let mut why = Vec::new();
        if !snapshot.complete {
            why.push("the list of tags is not complete".to_owned());
        }
        let unknown = snapshot.tags.iter().filter(|tag| matches!(tag.target, Target::Unknown(_))).count();
        if unknown > 0 {
            why.push(format!("{} could not be resolved", counted(unknown, "tag")));
        }
        let tags = unknown_of(&why);
        if !snapshot.deep {
            why.push(format!("its {} were not read", snapshot.kind.words().things));
            return (unknown_of(&why), tags);
        }
        let opaque = named.iter().filter(|(node, named)| **named && self.is_opaque(*node)).count();
        if opaque > 0 {
            why.push(format!("{} could not be read", snapshot.kind.words().count(opaque)));
        }
        (unknown_of(&why), tags)
    }

    /// What these manifests lead to, themselves included: entries of indexes, and referrers if `beside`; but not through
    /// those that are `gone`.
    pub fn reach(&self, from: impl IntoIterator<Item = Node>, beside: bool, gone: &Table<bool>) -> Table<bool> {
        let mut open: Vec<Node> = from.into_iter().collect();
        let mut found = self.nodes.table(false);
        while let Some(node) = open.pop() {
            if gone[node] || std::mem::replace(&mut found[node], true) {
                continue;
            }
            open.extend(self.children(node));
            if beside {
                open.extend(self.referrers(node));
            }
        }
        found
    }

    /// What the tags are on; a digest with several tags several times.
    pub fn tagged(&self) -> impl Iterator<Item = Node> {
        self.targets.iter().copied().flatten()
    }

    pub fn owned(&self, list: &[Node]) -> Arc<[Digest]> {
        // An empty list that is collected has memory of its own.
        if list.is_empty() { Arc::default() } else { list.iter().map(|node| self.digest(*node).clone()).collect() }
    }
}

fn unknown_of(why: &[String]) -> Option<Clean> {
    let all = || clean::line(&format!("not everything is known of this repository: {}", why.join(", ")));
    (!why.is_empty()).then(all)
}

/// The tags that attach something to an image, by place, and the image.
pub(super) fn attached_to(snapshot: &Snapshot) -> Vec<(usize, Digest)> {
    let tags = snapshot.tags.iter().enumerate();
    tags.filter_map(|(at, tag)| Some((at, referrer_tag::subject(&tag.name)?))).collect()
}

pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", text::count(n), if n == 1 { "" } else { "s" })
}

fn placed(nodes: &[Option<Node>]) -> Vec<(Node, usize)> {
    nodes.iter().enumerate().filter_map(|(at, node)| Some(((*node)?, at))).collect()
}
