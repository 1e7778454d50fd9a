//! The running order: what was marked, then entries of indexes, then referrers; and nothing before what uses it, since
//! some registries refuse to delete what an index still lists (zot, Google's; oci-distribution.md §11.1).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::Graph;
use super::item::Role;
use super::items::Draft;
use super::nodes::{Node, Table};

/// One item comes before another, by their places.
struct Before {
    first: usize,
    then: usize,
    /// An index before its entries, and tags before what they are on. What refers to something comes after it as well,
    /// where it can: an index may refer to one of its own entries; then the entry comes after it.
    must: bool,
}

/// Puts the items in order, and notes for each what has to be gone before it.
pub(super) fn arrange(graph: &Graph<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let before = before(graph, &drafts);
    let order = sorted(&drafts, &before);
    let mut place = vec![0; drafts.len()];
    order.iter().enumerate().for_each(|(n, at)| place[*at] = n);
    let mut after: Vec<Vec<Node>> = vec![Vec::new(); drafts.len()];
    for Before { first, then, .. } in before {
        if place[first] < place[then] {
            after[place[then]].extend(drafts[first].deletes());
        }
    }
    let mut arranged: Vec<Option<Draft>> = drafts.iter().map(|_| None).collect();
    for (mut draft, place) in drafts.into_iter().zip(place) {
        let mut after = std::mem::take(&mut after[place]);
        after.sort_unstable();
        after.dedup();
        draft.item.after = after.into_iter().map(|node| graph.digest(node).clone()).collect();
        arranged[place] = Some(draft);
    }
    arranged.into_iter().flatten().collect()
}

fn before(graph: &Graph<'_>, drafts: &[Draft]) -> Vec<Before> {
    let mut deleting: Table<Option<usize>> = graph.nodes.table(None);
    let mut untagging: Vec<Option<usize>> = vec![None; graph.snapshot.tags.len()];
    for (place, draft) in drafts.iter().enumerate() {
        match (draft.deletes(), draft.at) {
            (Some(node), _) => deleting[node] = Some(place),
            (None, Some(at)) => untagging[at] = Some(place),
            (None, None) => {}
        }
    }
    let mut before = Vec::new();
    for (then, draft) in drafts.iter().enumerate() {
        let mut add = |first: Option<usize>, must| before.extend(first.map(|first| Before { first, then, must }));
        if let Some(node) = draft.deletes() {
            graph.indexes(node).iter().for_each(|index| add(deleting[*index], true));
            graph.on(node).iter().for_each(|at| add(untagging[*at], true));
        }
        if let (Role::Referrer | Role::Child | Role::Untagged, Some(node)) = (draft.item.role, draft.node) {
            graph.subjects(node).iter().for_each(|image| add(deleting[*image], false));
        }
    }
    before
}

/// The first in line whose turn has come, again and again.
fn sorted(drafts: &[Draft], before: &[Before]) -> Vec<usize> {
    if before.is_empty() {
        let mut order: Vec<usize> = (0..drafts.len()).collect();
        order.sort_by_key(|at| drafts[*at].item.role);
        return order;
    }
    let mut must = vec![0_usize; drafts.len()];
    let mut should = vec![0_usize; drafts.len()];
    let mut then: Vec<Vec<(usize, bool)>> = vec![Vec::new(); drafts.len()];
    for one in before {
        then[one.first].push((one.then, one.must));
        if one.must { must[one.then] += 1 } else { should[one.then] += 1 }
    }
    let key = |at: usize| Reverse((drafts[at].item.role, at));
    // Whatever may come next, and of these what nothing speaks against. What is placed from one heap stays in the other.
    let free = || (0..drafts.len()).filter(|at| must[*at] == 0);
    let mut possible: BinaryHeap<_> = free().map(key).collect();
    let mut ready: BinaryHeap<_> = free().filter(|at| should[*at] == 0).map(key).collect();
    let mut placed = vec![false; drafts.len()];
    let mut order = Vec::with_capacity(drafts.len());
    while let Some(Reverse((_, at))) = ready.pop().or_else(|| possible.pop()) {
        if std::mem::replace(&mut placed[at], true) {
            continue;
        }
        order.push(at);
        for (other, hard) in std::mem::take(&mut then[at]) {
            let waits = if hard { &mut must[other] } else { &mut should[other] };
            *waits -= 1;
            if must[other] == 0 && !placed[other] {
                if hard {
                    possible.push(key(other));
                }
                if should[other] == 0 {
                    ready.push(key(other));
                }
            }
        }
    }
    // What lists each other in a circle was never checked against its digest; it still must not fall out of the plan.
    order.extend((0..drafts.len()).filter(|at| !placed[*at]));
    order
}
