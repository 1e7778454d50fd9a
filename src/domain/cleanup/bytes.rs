//! What a plan frees: every blob counted once, and only when nothing that stays holds it.

use hashbrown::HashMap;

use super::graph::Graph;
use super::items::Draft;
use super::nodes::{Lists, Node, Table};
use super::plan::Bytes;
use super::snapshot::ManifestFact;
use crate::domain::reference::Digest;

/// The blobs of manifests that may go, themselves included. Those of all others are looked up and not kept: mostly a
/// plan is about a small part of a repository.
struct Ledger {
    blobs: Vec<Held>,
    /// By manifest that the plan deletes, each blob once.
    holds: Lists<usize>,
}

#[derive(Clone, Copy)]
struct Held {
    /// How many of the manifests that are there hold it.
    by: usize,
    /// `None` where it is not told, or told in two ways.
    size: Option<u64>,
    /// The manifest that was counted last.
    last: Node,
    /// A manifest that stays even where what has no tag is collected holds it.
    stays: bool,
}

/// The manifests there are after the registry collected what has no tag, and those that are gone.
struct Collected {
    /// By the plan itself.
    lost: Table<bool>,
    stays: Table<bool>,
    gone: Table<bool>,
}

/// Fills in what each item frees, and says what all of them do.
pub(super) fn count(graph: &Graph<'_>, drafts: &mut [Draft]) -> Bytes {
    // A list of layers that could not be read in full may hold any blob.
    if graph.unsure.is_some() || graph.facts().any(|(_, fact)| !fact.is_sound()) {
        return Bytes::default();
    }
    let collected = Collected::new(graph, drafts);
    let mut ledger = Ledger::new(graph, &collected);
    let at_most = ledger.at_most();
    let mut known = true;
    let mut at_least = 0_u64;
    for draft in drafts {
        if let Some(node) = draft.deletes() {
            known &= ledger.knows(node);
            draft.item.frees = ledger.release(node);
            at_least = at_least.saturating_add(draft.item.frees);
        }
    }
    Bytes { at_least, at_most, exact: known && at_most == Some(at_least) }
}

/// What a manifest holds, itself included; some twice.
fn holds<'a>(graph: &Graph<'a>, node: Node, fact: &'a ManifestFact) -> impl Iterator<Item = (&'a Digest, Option<u64>)> {
    let own = (graph.digest(node), Some(fact.size));
    fact.blobs.iter().map(|blob| (&blob.digest, blob.size)).chain([own])
}

impl Ledger {
    fn new(graph: &Graph<'_>, collected: &Collected) -> Self {
        let going = collected.gone.iter().filter(|(_, gone)| **gone).count();
        // Most images have a few layers of their own, and a config.
        let (mut places, mut blobs) = (HashMap::with_capacity(going * 3), Vec::<Held>::with_capacity(going * 3));
        let mut held = Vec::new();
        for (node, fact) in graph.facts().filter(|(node, _)| collected.gone[*node]) {
            for (blob, size) in holds(graph, node, fact) {
                // The digest itself and not a way to it: that would be one more wait for memory each time.
                let place = *places.entry(blob.clone()).or_insert(blobs.len());
                let another = place == blobs.len();
                if another {
                    blobs.push(Held { by: 1, size, last: node, stays: false });
                }
                if (another || blobs[place].count(node, size)) && collected.lost[node] {
                    held.push((node, place));
                }
            }
        }
        let all = if places.is_empty() { None } else { Some(graph.facts()) };
        for (node, fact) in all.into_iter().flatten().filter(|(node, _)| !collected.gone[*node]) {
            for (blob, size) in holds(graph, node, fact) {
                if let Some(place) = places.get(blob) {
                    blobs[*place].count(node, size);
                    blobs[*place].stays |= collected.stays[node];
                }
            }
        }
        Self { blobs, holds: graph.nodes.lists(&held) }
    }

    /// Takes a manifest out; what nothing holds any more is free.
    fn release(&mut self, node: Node) -> u64 {
        let mut freed = 0_u64;
        for place in self.holds.of(node) {
            let held = &mut self.blobs[*place];
            held.by -= 1;
            if held.by == 0 {
                freed = freed.saturating_add(held.size.unwrap_or(0));
            }
        }
        freed
    }

    fn knows(&self, node: Node) -> bool {
        self.holds.of(node).iter().all(|place| self.blobs[*place].size.is_some())
    }

    /// With everything gone that no tag leads to any more, whether the registry counts referrers as a way or not.
    fn at_most(&self) -> Option<u64> {
        let mut freed = self.blobs.iter().filter(|held| !held.stays);
        freed.try_fold(0_u64, |sum, held| Some(sum.saturating_add(held.size?)))
    }
}

impl Held {
    /// Another manifest holds it. `false`: the same one, once more.
    fn count(&mut self, by: Node, size: Option<u64>) -> bool {
        self.size = self.size.filter(|known| Some(*known) == size);
        let another = self.last != by;
        self.last = by;
        self.by += usize::from(another);
        another
    }
}

impl Collected {
    fn new(graph: &Graph<'_>, drafts: &[Draft]) -> Self {
        let (mut lost, none) = (graph.nodes.table(false), graph.nodes.table(false));
        let mut taken = vec![false; graph.snapshot.tags.len()];
        for draft in drafts {
            match draft.deletes() {
                Some(node) => lost[node] = true,
                None => draft.at.into_iter().for_each(|at| taken[at] = true),
            }
        }
        // Every tag on a manifest goes along with it.
        let on_stay = |at: &usize| !taken[*at] && graph.target(*at).is_some_and(|node| !lost[node]);
        let staying: Vec<Node> = (0..taken.len()).filter(on_stay).filter_map(|at| graph.target(at)).collect();
        let (narrow, wide) = [false, true].map(|beside| graph.reach(staying.iter().copied(), beside, &lost)).into();
        let (old_narrow, old_wide) = [false, true].map(|beside| graph.reach(graph.tagged(), beside, &none)).into();
        let mut gone = lost.clone();
        for node in graph.nodes.all() {
            gone[node] |= (old_narrow[node] && !narrow[node]) || (old_wide[node] && !wide[node]);
        }
        Self { lost, stays: narrow, gone }
    }
}
