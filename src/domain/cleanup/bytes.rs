//! What a plan frees: every blob counted once, and only when nothing that stays holds it.

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::item::Item;
use super::plan::Bytes;
use super::snapshot::Target;
use crate::domain::reference::Digest;

/// Blobs and manifests with their sizes, and how many of the manifests that are there hold each.
struct Ledger<'a> {
    held: HashMap<&'a Digest, Held>,
}

#[derive(Clone, Copy)]
struct Held {
    by: usize,
    /// `None` where it is not told, or told in two ways.
    size: Option<u64>,
}

/// Fills in what each item frees, and says what all of them do.
pub(super) fn count(graph: &Graph<'_>, items: &mut [Item]) -> Bytes {
    let facts = graph.snapshot.manifests.keys().filter(|digest| graph.snapshot.fact(digest).is_some());
    // A list of layers that could not be read in full may hold any blob.
    if graph.unsure.is_some() || facts.into_iter().any(|digest| graph.sound(digest).is_none()) {
        return Bytes::default();
    }
    let mut ledger = Ledger::new(graph);
    let mut at_least = 0_u64;
    for item in items.iter_mut() {
        item.frees = item.deletes().map_or(0, |digest| ledger.release(graph, digest));
        at_least = at_least.saturating_add(item.frees);
    }
    let at_most = ledger.at_most(graph, items);
    let known = items.iter().filter_map(Item::deletes).all(|digest| ledger.knows(graph, digest));
    Bytes { at_least, at_most, exact: known && at_most == Some(at_least) }
}

/// What a manifest holds, itself included, each digest once.
fn holds<'a>(graph: &Graph<'a>, digest: &'a Digest) -> Vec<(&'a Digest, Option<u64>)> {
    let Some(fact) = graph.snapshot.fact(digest) else { return Vec::new() };
    let mut all: Vec<_> = fact.blobs.iter().map(|blob| (&blob.digest, blob.size)).collect();
    all.push((digest, Some(fact.size)));
    all.sort_unstable();
    all.dedup_by_key(|(digest, _)| *digest);
    all
}

impl<'a> Ledger<'a> {
    fn new(graph: &Graph<'a>) -> Self {
        let mut held: HashMap<&Digest, Held> = HashMap::with_capacity(graph.snapshot.manifests.len() * 4);
        for digest in graph.snapshot.manifests.keys() {
            for (blob, size) in holds(graph, digest) {
                let entry = held.entry(blob).or_insert(Held { by: 0, size });
                entry.by += 1;
                entry.size = entry.size.filter(|known| Some(*known) == size);
            }
        }
        Self { held }
    }

    /// Takes a manifest out; what nothing holds any more is free.
    fn release(&mut self, graph: &Graph<'a>, digest: &Digest) -> u64 {
        let Some((digest, _)) = graph.snapshot.manifests.get_key_value(digest) else { return 0 };
        let mut freed = 0_u64;
        for (blob, _) in holds(graph, digest) {
            if let Some(held) = self.held.get_mut(blob) {
                held.by -= 1;
                if held.by == 0 {
                    freed = freed.saturating_add(held.size.unwrap_or(0));
                }
            }
        }
        freed
    }

    fn knows(&self, graph: &Graph<'a>, digest: &Digest) -> bool {
        let Some((digest, _)) = graph.snapshot.manifests.get_key_value(digest) else { return false };
        holds(graph, digest).iter().all(|(blob, _)| self.held.get(blob).is_some_and(|held| held.size.is_some()))
    }

    /// With everything gone that no tag leads to any more, whether the registry counts referrers as a way or not.
    fn at_most(&self, graph: &Graph<'a>, items: &[Item]) -> Option<u64> {
        let lost: HashSet<&Digest> = items.iter().filter_map(Item::deletes).collect();
        let taken: HashSet<_> = items.iter().flat_map(Item::takes).collect();
        let tags = graph.snapshot.tags.iter().filter(|tag| !taken.contains(&tag.name));
        let stays: Vec<&Digest> = tags
            .filter_map(|tag| match &tag.target {
                Target::At(digest) => Some(digest),
                Target::Dangling | Target::Unknown(_) => None,
            })
            .collect();
        let none = HashSet::new();
        let narrow = graph.reach(stays.iter().copied(), false, &lost);
        let wide = graph.reach(stays, true, &lost);
        let known = graph.snapshot.manifests.keys();
        let mut gone: HashSet<&Digest> = known.filter(|digest| lost.contains(digest)).collect();
        gone.extend(graph.reach(graph.tagged(), false, &none).difference(&narrow));
        gone.extend(graph.reach(graph.tagged(), true, &none).difference(&wide));
        let kept: HashSet<&Digest> =
            narrow.iter().flat_map(|digest| holds(graph, digest)).map(|(blob, _)| blob).collect();
        let freed: HashSet<&Digest> = gone
            .iter()
            .flat_map(|digest| holds(graph, digest))
            .map(|(blob, _)| blob)
            .filter(|blob| !kept.contains(blob))
            .collect();
        freed.into_iter().try_fold(0_u64, |sum, blob| Some(sum.saturating_add(self.held.get(blob)?.size?)))
    }
}
