//! Who uses what in a snapshot: tags on digests, indexes above entries, referrers beside images. Built once, in one
//! pass over everything, so that a plan of a long list asks maps and never scans.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::referrer_tag;
use super::snapshot::{Found, ManifestFact, Snapshot, TagFact, Target};
use crate::domain::clean::{self, Clean};
use crate::domain::image::ManifestKind;
use crate::domain::reference::{Digest, TagName};
use crate::domain::text;

pub(super) struct Graph<'a> {
    pub snapshot: &'a Snapshot,
    by_name: HashMap<&'a TagName, usize>,
    on: HashMap<&'a Digest, Vec<usize>>,
    parents: HashMap<&'a Digest, Vec<&'a Digest>>,
    referrers: HashMap<&'a Digest, Vec<&'a Digest>>,
    subjects: HashMap<&'a Digest, Vec<&'a Digest>>,
    /// Tags that attach something to a digest.
    attached: HashMap<&'a Digest, Vec<usize>>,
    /// Why nobody can say for certain what uses a manifest.
    pub unsure: Option<Clean>,
    /// Why nobody can say for certain which tags are on a digest.
    pub unsure_tags: Option<Clean>,
}

impl<'a> Graph<'a> {
    /// `images`: the digests that tags attach something to (`attached_to`), kept by the caller.
    pub fn new(snapshot: &'a Snapshot, images: &'a [Option<Digest>]) -> Self {
        let mut graph = Self {
            snapshot,
            by_name: HashMap::with_capacity(snapshot.tags.len()),
            on: HashMap::with_capacity(snapshot.tags.len()),
            parents: HashMap::new(),
            referrers: HashMap::new(),
            subjects: HashMap::new(),
            attached: HashMap::new(),
            unsure: None,
            unsure_tags: None,
        };
        for (at, tag) in snapshot.tags.iter().enumerate() {
            graph.by_name.insert(&tag.name, at);
            if let Target::At(digest) = &tag.target {
                graph.on.entry(digest).or_default().push(at);
            }
            if let Some(image) = &images[at] {
                graph.attached.entry(image).or_default().push(at);
                if let Target::At(digest) = &tag.target {
                    graph.refers(digest, image);
                }
            }
        }
        for (digest, found) in &snapshot.manifests {
            let Found::Read(fact) = found else { continue };
            for child in fact.children.iter() {
                graph.parents.entry(child).or_default().push(digest);
            }
            if let Some(subject) = &fact.subject {
                graph.refers(digest, subject);
            }
        }
        for (image, list) in &snapshot.referrers {
            for referrer in list {
                // Anybody who can push can write a fall-back index; a manifest itself says what it refers to.
                let own = snapshot.fact(referrer).and_then(|fact| fact.subject.as_ref());
                if own.is_none_or(|own| own == image) {
                    graph.refers(referrer, image);
                }
            }
        }
        // Maps have no order, and the same facts make the same plan.
        let lists = [&mut graph.parents, &mut graph.referrers, &mut graph.subjects];
        for list in lists.into_iter().flat_map(HashMap::values_mut) {
            list.sort_unstable();
            list.dedup();
        }
        (graph.unsure, graph.unsure_tags) = graph.why_unsure();
        graph
    }

    fn refers(&mut self, referrer: &'a Digest, image: &'a Digest) {
        if referrer != image {
            self.referrers.entry(image).or_default().push(referrer);
            self.subjects.entry(referrer).or_default().push(image);
        }
    }

    pub fn tag(&self, at: usize) -> &'a TagFact {
        &self.snapshot.tags[at]
    }

    pub fn find(&self, name: &TagName) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub fn on(&self, digest: &Digest) -> &[usize] {
        self.on.get(digest).map_or(&[], Vec::as_slice)
    }

    pub fn indexes(&self, digest: &Digest) -> &[&'a Digest] {
        self.parents.get(digest).map_or(&[], Vec::as_slice)
    }

    pub fn referrers(&self, digest: &Digest) -> &[&'a Digest] {
        self.referrers.get(digest).map_or(&[], Vec::as_slice)
    }

    pub fn subjects(&self, digest: &Digest) -> &[&'a Digest] {
        self.subjects.get(digest).map_or(&[], Vec::as_slice)
    }

    pub fn attached(&self, image: &Digest) -> &[usize] {
        self.attached.get(image).map_or(&[], Vec::as_slice)
    }

    /// A manifest something can be planned from.
    pub fn sound(&self, digest: &Digest) -> Option<&'a ManifestFact> {
        self.snapshot.fact(digest).filter(|fact| fact.warnings.is_empty() && fact.kind != ManifestKind::Unknown)
    }

    /// It is known not to be there.
    pub fn is_missing(&self, digest: &Digest) -> bool {
        self.on(digest).is_empty() && self.snapshot.manifests.get(digest) == Some(&Found::Missing)
    }

    /// What it lists is not known: it may be an index of anything.
    fn is_opaque(&self, digest: &Digest) -> bool {
        match self.snapshot.manifests.get(digest) {
            Some(Found::Read(fact)) => match fact.kind {
                ManifestKind::Unknown => true,
                ManifestKind::Index => !fact.warnings.is_empty(),
                ManifestKind::Manifest | ManifestKind::Schema1 | ManifestKind::Artifact => false,
            },
            Some(Found::Missing) => !self.on(digest).is_empty(),
            Some(Found::Unreadable(_)) | None => true,
        }
    }

    fn why_unsure(&self) -> (Option<Clean>, Option<Clean>) {
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
            why.push("its manifests were not read".to_owned());
            return (unknown_of(&why), tags);
        }
        let facts = snapshot.manifests.keys().filter_map(|digest| snapshot.fact(digest));
        let named = self.on.keys().copied().chain(facts.flat_map(|fact| fact.children.iter()));
        let named = named.chain(snapshot.manifests.keys()).chain(snapshot.referrers.values().flatten());
        let opaque: HashSet<&Digest> = named.filter(|digest| self.is_opaque(digest)).collect();
        if !opaque.is_empty() {
            why.push(format!("{} could not be read", counted(opaque.len(), "manifest")));
        }
        (unknown_of(&why), tags)
    }

    /// What these manifests lead to, themselves included: entries of indexes, and referrers if `beside`; but not through
    /// those that are `gone`.
    pub fn reach(
        &self,
        from: impl IntoIterator<Item = &'a Digest>,
        beside: bool,
        gone: &HashSet<&Digest>,
    ) -> HashSet<&'a Digest> {
        let mut open: Vec<&Digest> = from.into_iter().collect();
        let mut found = HashSet::with_capacity(open.len());
        while let Some(digest) = open.pop() {
            if gone.contains(digest) || !found.insert(digest) {
                continue;
            }
            open.extend(self.snapshot.fact(digest).into_iter().flat_map(|fact| fact.children.iter()));
            if beside {
                open.extend(self.referrers(digest));
            }
        }
        found
    }

    /// The digests that have a tag.
    pub fn tagged(&self) -> impl Iterator<Item = &'a Digest> {
        self.on.keys().copied()
    }
}

fn unknown_of(why: &[String]) -> Option<Clean> {
    let all = || clean::line(&format!("not everything is known of this repository: {}", why.join(", ")));
    (!why.is_empty()).then(all)
}

/// For each tag the image it attaches something to.
pub(super) fn attached_to(snapshot: &Snapshot) -> Vec<Option<Digest>> {
    snapshot.tags.iter().map(|tag| referrer_tag::subject(&tag.name)).collect()
}

pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", text::count(n), if n == 1 { "" } else { "s" })
}

pub(super) fn owned(list: &[&Digest]) -> Arc<[Digest]> {
    list.iter().map(|digest| (*digest).clone()).collect()
}
